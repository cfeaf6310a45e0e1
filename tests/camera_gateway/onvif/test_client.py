"""One client: each way of login, one error for every failure, addresses on the typed host, passwords spared."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from aiohttp import web

from camera_gateway.onvif.client import OnvifClient
from camera_gateway.onvif.login import REST_S, LoginKind
from camera_gateway.onvif.service import Service
from camera_gateway.onvif.wire import OnvifWire
from hub.addresses import AddressPolicy
from hub.errors import ErrorKind, HubError
from tests.support.clock import FakeClock
from tests.support.onvif_device import PASSWORD, USER, OnvifDevice, client_of, fault, serving, soap
from tests.support.partner import free_port

FACTS = soap("<tds:GetDeviceInformationResponse><tds:Model>X1</tds:Model></tds:GetDeviceInformationResponse>")


def services(*places: str) -> bytes:
    """GetServices: namespace and address in turn."""
    return soap(
        "<tds:GetServicesResponse>"
        + "".join(
            f"<tds:Service><tds:Namespace>http://www.onvif.org/{name}/wsdl</tds:Namespace><tds:XAddr>{said}</tds:XAddr>"
            "</tds:Service>"
            for name, said in zip(places[::2], places[1::2], strict=True)
        )
        + "</tds:GetServicesResponse>"
    )


async def facts(client: OnvifClient) -> str | None:
    return (await client.call(Service.DEVICE, "GetDeviceInformation")).value("Model")


@pytest.mark.parametrize(
    ("login", "label", "wrong"),
    [
        ("digest", "PasswordDigest", 0),
        ("text", "PasswordText", 1),
        ("http-md5", "HTTP Digest MD5", 1),
        ("http-sha256", "HTTP Digest SHA-256", 1),
        ("basic", "HTTP Basic", 2),
    ],
)
@pytest.mark.parametrize("refuses_by", ["401", "400"])
async def test_each_way_of_login_is_found_and_then_taken_at_once(
    login: str, label: str, wrong: int, refuses_by: str
) -> None:
    device = OnvifDevice({"GetDeviceInformation": FACTS}, login=login, refuses_by=refuses_by)
    async with client_of(device) as client:
        assert await facts(client) == "X1"
        assert client.login.label == label
        before = len(device.asked)
        assert await facts(client) == "X1"
        assert len(device.asked) == before + 1
    assert device.wrong_passwords == wrong


@pytest.mark.parametrize("login", ["digest", "text", "http-md5", "basic"])
async def test_a_wrong_password_is_offered_three_times_at_most_and_then_not_for_half_an_hour(login: str) -> None:
    clock = FakeClock()
    device = OnvifDevice({"GetDeviceInformation": FACTS}, login=login, time_error=timedelta(hours=8))
    async with client_of(device, password="wrong", clock=clock) as client:
        for _ in range(5):
            with pytest.raises(HubError, match="login_refused"):
                await facts(client)
        assert 0 < device.wrong_passwords <= 3
        before = device.wrong_passwords
        await clock.advance(REST_S + 1)
        with pytest.raises(HubError, match="login_refused"):
            await facts(client)
        assert device.wrong_passwords > before


async def test_many_tasks_at_once_climb_once() -> None:
    device = OnvifDevice({"GetDeviceInformation": FACTS}, login="text")
    async with client_of(device) as client:
        assert await asyncio.gather(*(facts(client) for _ in range(12))) == ["X1"] * 12
    assert device.wrong_passwords == 1


@pytest.mark.parametrize("error", [timedelta(days=-180), timedelta(minutes=-55), timedelta(seconds=40)])
async def test_a_token_is_dated_by_the_clock_of_the_device(error: timedelta) -> None:
    device = OnvifDevice({"GetDeviceInformation": FACTS}, login="digest", time_error=error)
    async with client_of(device) as client:
        assert await facts(client) == "X1"
        assert client.login.kind is LoginKind.DIGEST
    assert device.wrong_passwords == 0
    assert all("+00:00" not in body for body in device.bodies)


async def test_case_21_local_time_told_as_utc_is_found_by_our_own_clock() -> None:
    device = OnvifDevice({"GetDeviceInformation": FACTS}, login="digest", tells_local_time=timedelta(hours=10))
    async with client_of(device) as client:
        assert await facts(client) == "X1"
        assert client.login.kind is LoginKind.DIGEST_OUR_TIME
        assert client.device_clock is not None
        assert client.device_clock.zone_taken_for_utc
    assert device.wrong_passwords == 1


@pytest.mark.parametrize(
    "reply", [soap("<tds:GetSystemDateAndTimeResponse/>"), fault("ActionNotSupported"), b"", b"<a>"]
)
async def test_case_21_a_device_that_tells_no_time_is_logged_in_by_ours(reply: bytes) -> None:
    device = OnvifDevice({"GetDeviceInformation": FACTS, "GetSystemDateAndTime": reply}, login="digest")
    async with client_of(device) as client:
        assert await facts(client) == "X1"
        assert client.device_clock is not None
        assert not client.device_clock.known


async def test_a_device_whose_clock_was_set_meanwhile_is_dated_anew() -> None:
    device = OnvifDevice({"GetDeviceInformation": FACTS}, login="digest", time_error=timedelta(days=-180))
    async with client_of(device) as client:
        assert await facts(client) == "X1"
        device.time_error = timedelta()
        assert await facts(client) == "X1"
    assert device.wrong_passwords == 1


async def test_a_login_that_is_known_already_is_dated_by_the_clock_of_the_device_all_the_same() -> None:
    device = OnvifDevice({"GetDeviceInformation": FACTS}, login="digest", time_error=timedelta(minutes=-55))
    async with client_of(device) as client:
        await facts(client)
        policy = AddressPolicy(["127.0.0.0/8"])
        async with OnvifWire() as wire:
            again = await OnvifClient.open(device.url, USER, PASSWORD, wire=wire, policy=policy, clock=FakeClock())
            again.login = client.login
            assert await facts(again) == "X1"
    assert device.wrong_passwords == 0


async def test_an_operation_that_the_account_may_not_is_told_from_a_wrong_password() -> None:
    device = OnvifDevice({"GetDeviceInformation": FACTS, "GetUsers": web.Response(status=403)}, login="digest")
    async with client_of(device) as client:
        await facts(client)
        with pytest.raises(HubError, match="onvif_not_permitted"):
            await client.call(Service.DEVICE, "GetUsers")
        assert await facts(client) == "X1"


async def test_without_a_user_name_nothing_is_offered_and_a_login_is_asked_for() -> None:
    device = OnvifDevice({"GetDeviceInformation": FACTS}, login="digest")
    async with client_of(device, None, None) as client:
        with pytest.raises(HubError, match="login_needed"):
            await facts(client)
    assert not any("UsernameToken" in body for body in device.bodies)


@pytest.mark.parametrize(
    ("reply", "kind", "code"),
    [
        (b"", ErrorKind.PROTOCOL, "onvif_empty"),
        (soap(""), ErrorKind.PROTOCOL, "onvif_empty"),
        (b"<!DOCTYPE html><html><body>login</body></html>", ErrorKind.PROTOCOL, "onvif_not_soap"),
        (soap("<tds:GetScopesResponse/>"), ErrorKind.PROTOCOL, "onvif_garbled"),
        (b"<Envelope" + b"<" * 50, ErrorKind.PROTOCOL, "onvif_"),
        (soap("x" * 3_000_000), ErrorKind.PROTOCOL, "answer_too_large"),
        (fault("NoProfile", "no such"), ErrorKind.INVALID, "onvif_argument"),
        (fault("SomethingElse", "no such"), ErrorKind.INVALID, "onvif_argument"),
        (soap("<s:Fault><faultcode>s:Server</faultcode></s:Fault>"), ErrorKind.PROTOCOL, "onvif_refused"),
        (web.Response(status=404, text="no"), ErrorKind.UNSUPPORTED, "onvif_no_service"),
        (web.Response(status=302, headers={"Location": "http://192.0.2.1/"}), ErrorKind.FORBIDDEN, "address_redirect"),
    ],
)
async def test_each_failure_becomes_one_error(reply: bytes | web.Response, kind: ErrorKind, code: str) -> None:
    async with client_of(OnvifDevice({"GetDeviceInformation": reply})) as client:
        with pytest.raises(HubError, match=code) as caught:
            await facts(client)
    assert caught.value.kind is kind
    assert PASSWORD not in repr(caught.value.params)


async def test_a_device_that_is_not_there_is_unreachable_and_one_that_is_silent_runs_out_of_time() -> None:
    policy = AddressPolicy(["127.0.0.0/8"])
    async with OnvifWire() as wire:
        url = f"http://127.0.0.1:{free_port()}/"
        client = await OnvifClient.open(url, USER, PASSWORD, wire=wire, policy=policy, clock=FakeClock())
        with pytest.raises(HubError, match="unreachable") as caught:
            await facts(client)
        assert caught.value.kind is ErrorKind.UNREACHABLE

    ended = asyncio.Event()

    async def says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1000):
            pass
        writer.close()
        ended.set()

    async with await asyncio.start_server(says_nothing, "127.0.0.1", 0) as server:
        async with OnvifWire() as wire:
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
            client = await OnvifClient.open(url, USER, PASSWORD, wire=wire, policy=policy, clock=FakeClock())
            with pytest.raises(HubError, match="onvif_no_answer"):
                await client.call(Service.DEVICE, "GetServices", {"IncludeCapability": False}, timeout_s=0.2)
        await ended.wait()


async def test_services_are_on_the_typed_host_and_ports_that_the_device_sees_differently_are_the_typed_one() -> None:
    told = services(
        *("ver10/device", "http://192.168.1.88:8080/onvif/device_service"),
        *("ver10/media", "http://192.168.1.88:8080/onvif/media"),
        *("ver10/events", "http://192.168.1.88:1024/event"),
    )
    async with client_of(OnvifDevice({"GetServices": told})) as client:
        found = await client.services()
        typed = client.location.typed
        assert found[Service.MEDIA].url == f"http://127.0.0.1:{typed.port}/onvif/media"
        assert found[Service.MEDIA].said == "http://192.168.1.88:8080/onvif/media"
        assert found[Service.EVENTS].url == "http://127.0.0.1:1024/event"
        with pytest.raises(HubError, match="onvif_no_service"):
            await client.call(Service.PTZ, "GetNodes")


async def test_a_device_without_get_services_is_asked_for_its_capabilities() -> None:
    told = soap(
        "<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Media><tt:XAddr>http://0.0.0.0/m</tt:XAddr></tt:Media>"
        "<tt:PTZ><tt:XAddr/></tt:PTZ></tds:Capabilities></tds:GetCapabilitiesResponse>"
    )
    async with client_of(OnvifDevice({"GetCapabilities": told})) as client:
        assert await client.supports(Service.MEDIA)
        assert not await client.supports(Service.PTZ)


async def test_case_22_a_subscription_is_asked_on_its_own_port_with_its_own_parameters() -> None:
    device = OnvifDevice({"PullMessages": soap("<tev:PullMessagesResponse/>")})
    async with client_of(device) as client, serving(OnvifDevice()) as other:
        made = soap(
            "<tev:CreatePullPointSubscriptionResponse><tev:SubscriptionReference>"
            f"<wsa:Address>http://10.0.0.9:{other.port}/event-0_2020?Idx=1&amp;x=2</wsa:Address><wsa:ReferenceParameters>"
            '<d:SubscriptionId xmlns:d="http://www.axis.com/2009/event">7</d:SubscriptionId></wsa:ReferenceParameters>'
            "</tev:SubscriptionReference></tev:CreatePullPointSubscriptionResponse>"
        )
        device.answers |= {
            "CreatePullPointSubscription": made,
            "GetServices": services("ver10/events", "http://127.0.0.1/e").replace(
                b"127.0.0.1/e", f"127.0.0.1:{device.port}/e".encode()
            ),
        }
        other.answers["PullMessages"] = device.answers["PullMessages"]
        answer = await client.call(Service.EVENTS, "CreatePullPointSubscription", {"InitialTerminationTime": "PT60S"})
        endpoint = client.endpoint(answer.at("SubscriptionReference"))
        pull = {"Timeout": "PT1S", "MessageLimit": 10}
        assert (await client.call(Service.PULLPOINT, "PullMessages", pull, to=endpoint)).name == "PullMessagesResponse"
        assert "PullMessages" not in device.asked
        assert '<SubscriptionId xmlns="http://www.axis.com/2009/event">7<' in other.bodies[-1]
        assert "PullPointSubscription/PullMessagesRequest" in other.bodies[-1]


async def test_a_device_may_not_send_us_to_a_port_of_our_own() -> None:
    async with serving(OnvifDevice()) as device, OnvifWire() as wire:
        policy = AddressPolicy(["127.0.0.0/8"], own_ports=[6379])
        client = await OnvifClient.open(device.url, USER, PASSWORD, wire=wire, policy=policy, clock=FakeClock())
        device.answers["GetServices"] = services("ver20/ptz", "http://127.0.0.1:6379/ptz")
        with pytest.raises(HubError, match="address_own_port"):
            await client.call(Service.PTZ, "GetNodes")


async def test_anybody_is_told_from_an_account() -> None:
    async with client_of(OnvifDevice({"GetDeviceInformation": FACTS}, login="digest")) as client:
        with pytest.raises(HubError, match="login_needed"):
            await client.call_as_nobody(Service.DEVICE, "GetDeviceInformation")
    async with client_of(OnvifDevice({"GetDeviceInformation": FACTS})) as client:
        assert (await client.call_as_nobody(Service.DEVICE, "GetDeviceInformation")).value("Model") == "X1"


def test_the_library_leaves_logging_and_proxies_as_they_were_and_asks_no_network() -> None:
    script = """
import asyncio, json, logging, os, socket, sys
asked = []
real = socket.getaddrinfo
socket.getaddrinfo = lambda *a, **k: asked.append(a[0]) or real(*a, **k)
from camera_gateway.onvif.wsdl import WSDL
from camera_gateway.onvif.service import Service
early = "zeep" in sys.modules
for one, name in ((Service.PTZ, "Stop"), (Service.MEDIA, "GetProfiles"), (Service.EVENTS, "GetEventProperties")):
    asyncio.run(WSDL.write(one, name, {"ProfileToken": "p"} if name == "Stop" else {}))
root = logging.getLogger()
print(json.dumps([early, len(root.handlers), root.level, os.environ.get("http_proxy"), asked]))
"""
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, env={**os.environ, "http_proxy": "http://p:1"}
    )
    assert json.loads(ran.stdout) == [False, 0, logging.WARNING, "http://p:1", []]
