"""The whole doctor, against a device with a simulated stream: what is told, and what is not asked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from camera_gateway.doctor.checks import Check
from camera_gateway.doctor.examination import Doctor, Examination
from camera_gateway.onvif import known_paths
from camera_gateway.onvif.wire import OnvifWire
from camera_gateway.simulator.server import SimulatedCamera, SimulatedFleet
from camera_gateway.sources.rtsp.connection import Timeouts
from hub.addresses import AddressPolicy
from hub.clock import SystemClock
from hub.contracts.verdict import Verdict
from hub.errors import HubError
from tests.camera_gateway.onvif.test_client import services
from tests.camera_gateway.onvif.test_profiles import media1, told
from tests.support.onvif_device import PASSWORD, PRE_AUTH, USER, OnvifDevice, serving, soap
from tests.support.partner import free_port

QUICK = Timeouts(connect_s=2.0, answer_s=2.0, media_s=3.0, keyframe_s=5.0, goodbye_s=0.5)
FACTS = soap(
    "<tds:GetDeviceInformationResponse><tds:Manufacturer>HIKVISION</tds:Manufacturer><tds:Model>DS-2CD2032-I</tds:Model>"
    "<tds:FirmwareVersion>V5.4.0 build 160530</tds:FirmwareVersion></tds:GetDeviceInformationResponse>"
)
SUBSCRIPTION = soap(
    "<tev:CreatePullPointSubscriptionResponse><tev:SubscriptionReference><wsa:Address>http://192.168.1.88/e?s=1"
    "</wsa:Address></tev:SubscriptionReference></tev:CreatePullPointSubscriptionResponse>"
)


def uri(operation: str, address: str) -> bytes:
    escaped = address.replace("&", "&amp;")
    return soap(
        f"<trt:{operation}Response><trt:MediaUri><tt:Uri>{escaped}</tt:Uri></trt:MediaUri></trt:{operation}Response>"
    )


@asynccontextmanager
async def camera(login: str = "digest", path: str = "cam1") -> AsyncIterator[tuple[OnvifDevice, str]]:
    """A device that calls itself 192.168.1.88, its stream by the simulator; gives the stream's real address."""
    async with SimulatedFleet([SimulatedCamera(username=USER, password=PASSWORD)]) as fleet:
        stream = fleet.url(0)
        port = stream.split(":")[2].split("/")[0]
        device = OnvifDevice(login=login, world=SystemClock().now())
        device.answers.update(
            {
                "GetServices": services(
                    *(
                        "ver10/device",
                        "http://192.168.1.88/onvif/device_service",
                        "ver10/media",
                        "http://192.168.1.88/m",
                    ),
                    *("ver10/events", "http://192.168.1.88/e", "ver20/ptz", "http://192.168.1.88/p"),
                ),
                "GetDeviceInformation": FACTS,
                "GetProfiles": told(media1("main", "H265"), media1("sub", "H264", "640x360")),
                "GetStreamUri": lambda body: uri(
                    "GetStreamUri", f"rtsp://192.168.1.88:{port}/{path if '>sub<' in body else 'other'}"
                ),
                "GetSnapshotUri": uri("GetSnapshotUri", "http://192.168.1.88/snap.jpg?a=1&b=2"),
                "": lambda body: web.Response(body=b"\xff\xd8\xff" + bytes(5000), content_type="image/jpeg"),
                "GetNodes": soap("<tptz:GetNodesResponse/>"),
                # Case 22: Tapo answers 500 where no time is asked for.
                "CreatePullPointSubscription": lambda body: (
                    SUBSCRIPTION if "InitialTerminationTime" in body else web.Response(status=500)
                ),
                "Unsubscribe": soap("<wsnt:UnsubscribeResponse/>"),
            }
        )
        device.open_to_all = device.open_to_all | {""}
        async with serving(device):
            yield device, stream


async def examine(
    address: str, username: str | None = USER, password: str | None = PASSWORD, ports: tuple[int, ...] = ()
) -> tuple[Examination, dict[str, Verdict]]:
    async with OnvifWire() as wire:
        doctor = Doctor(
            AddressPolicy(), SystemClock(), wire, watch_s=1.2, timeouts=QUICK, onvif_ports=ports or (free_port(),)
        )
        found = await doctor.examine(address, username, password)
    assert [one.check for one in found.verdicts] == list(Check)
    for verdict in found.verdicts:
        for lang in ("zh", "en"):
            texts = (verdict.name_text(lang), verdict.detail_text(lang), verdict.remedy_text(lang))
            assert not any("{" in text or text.startswith(("camera_gateway.", "hub.")) for text in texts)
        assert PASSWORD not in verdict.model_dump_json()
    return found, {one.check: one for one in found.verdicts}


async def test_a_device_is_examined_from_its_onvif_address_to_its_picture() -> None:
    async with camera() as (device, stream):
        found, verdicts = await examine(f"127.0.0.1:{device.port}")
    assert found.well
    assert found.stream_url == stream.replace("localhost", "127.0.0.1")
    assert [one.role for one in found.profiles] == ["main", "sub"]
    assert found.facts is not None
    assert found.facts.model == "DS-2CD2032-I"
    assert found.face is not None
    assert (found.face.profile_token, found.face.events) == ("sub", True)
    warned = {check: one.detail for check, one in verdicts.items() if one.status == "warn"}
    assert warned.pop(Check.FIRMWARE) == "camera_gateway.found_firmware_hole"
    assert warned.pop(Check.RIGHT_ADDRESS) == "camera_gateway.found_other_address"
    assert verdicts[Check.RIGHT_ADDRESS].params["said"].split(":")[0] == "192.168.1.88"  # type: ignore[union-attr]
    assert verdicts[Check.ONVIF_LOGIN].params == {"kind": "PasswordDigest"}
    for check in (
        Check.CLOCK,
        Check.SNAPSHOT,
        Check.EVENTS,
        Check.LOGIN,
        Check.MEDIA,
        Check.PTZ,
        Check.DEFAULT_PASSWORD,
    ):
        assert verdicts[check].status == "ok", verdicts[check]
    assert device.wrong_passwords == 0
    assert device.asked.count("Unsubscribe") == 1


async def test_a_wrong_path_is_mended_by_what_the_device_says() -> None:
    async with camera() as (device, stream):
        found, verdicts = await examine(stream.replace("cam1", "wrong"), ports=(device.port,))
    assert not found.well
    assert verdicts[Check.PATH].status == "fail"
    assert verdicts[Check.PATH].params["url"] == stream
    assert stream in verdicts[Check.PATH].remedy_text("zh")


async def test_a_password_that_rtsp_refused_is_not_offered_to_onvif() -> None:
    async with camera() as (device, stream):
        _, verdicts = await examine(stream, password="wrong", ports=(device.port,))
    assert verdicts[Check.LOGIN].detail == "camera_gateway.login_refused"
    assert verdicts[Check.ONVIF].status == "ok"
    assert verdicts[Check.ONVIF_LOGIN].detail == "camera_gateway.login_needed"
    assert device.wrong_passwords == 0


async def test_a_device_that_refuses_the_login_is_told_so_and_its_stream_is_not_tried() -> None:
    async with camera() as (device, _):
        found, verdicts = await examine(device.url, password="wrong")
    assert verdicts[Check.ONVIF_LOGIN].detail == "camera_gateway.login_refused"
    assert verdicts[Check.LOGIN].status == "unknown"
    assert found.failed is verdicts[Check.ONVIF_LOGIN]
    assert device.wrong_passwords <= 3


async def test_a_device_that_anybody_may_ask_and_a_factory_password_are_warned_of() -> None:
    async with camera(login="none") as (device, _):
        _, verdicts = await examine(device.url, "admin", "12345")
    assert verdicts[Check.ONVIF_LOGIN].detail == "camera_gateway.found_onvif_open"
    assert verdicts[Check.DEFAULT_PASSWORD].status == "warn"
    assert verdicts[Check.LOGIN].status == "fail"  # the stream has another password


async def test_an_onvif_address_where_nothing_speaks_it_fails_and_says_how_to_switch_it_on() -> None:
    _, verdicts = await examine(f"http://127.0.0.1:{free_port()}/onvif/device_service")
    assert verdicts[Check.REACHABLE].detail == "camera_gateway.unreachable"
    device = OnvifDevice(dict.fromkeys(PRE_AUTH, b"<html>login</html>"))
    async with serving(device):
        _, verdicts = await examine(device.url)
    assert verdicts[Check.ONVIF].detail == "camera_gateway.onvif_not_soap"


async def test_where_onvif_is_off_the_paths_of_makers_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    async with SimulatedFleet([SimulatedCamera(username=USER, password=PASSWORD)]) as fleet:
        port = int(fleet.url(0).split(":")[2].split("/")[0])
        monkeypatch.setattr(
            known_paths, "paths", lambda server="", channel=1: [("a", "/no"), ("b", "/none"), ("c", "/cam1")]
        )
        monkeypatch.setattr("camera_gateway.doctor.examination.RTSP_PORTS", frozenset({port}))
        found, verdicts = await examine(f"127.0.0.1:{port}")
        assert found.stream_url == f"rtsp://127.0.0.1:{port}/cam1"
        assert verdicts[Check.PATH].params == {"path": "/cam1", "maker": "c", "tried": 3}
        assert verdicts[Check.ONVIF].detail == "camera_gateway.found_no_onvif"
        _, verdicts = await examine(f"127.0.0.1:{port}", password="wrong")
        assert verdicts[Check.LOGIN].detail == "camera_gateway.login_refused"
        monkeypatch.setattr(known_paths, "paths", lambda server="", channel=1: [("a", "/no")])
        _, verdicts = await examine(f"127.0.0.1:{port}")
        assert verdicts[Check.PATH].detail == "camera_gateway.no_known_path"


def test_the_paths_of_the_maker_that_is_recognised_come_first() -> None:
    assert known_paths.paths()[0][0] == "hikvision"
    assert known_paths.paths("Login to 3K0123")[0] == ("dahua", "/cam/realmonitor?channel=1&subtype=1")
    assert known_paths.paths("Hipcam RealServer/V1.0", channel=2)[0] == ("hipcam", "/12")
    assert ("hikvision", "/Streaming/Channels/202") in known_paths.paths(channel=2)
    assert len(known_paths.paths()) <= known_paths.MOST_TRIED
    assert not any("password" in path for _, path in known_paths.paths())


@pytest.mark.parametrize("address", ["", "not an address", "file:///etc/passwd", "host:99999", "rtsp://a/\nb", "cam|x"])
async def test_what_can_be_no_address_is_refused_at_once(address: str) -> None:
    async with OnvifWire() as wire:
        with pytest.raises(HubError, match=r"hub\.address_"):
            await Doctor(AddressPolicy(), SystemClock(), wire).examine(address)
