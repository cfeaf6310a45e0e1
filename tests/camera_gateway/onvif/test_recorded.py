"""Devices that are not ours, served from what they were recorded to answer, with their faults."""

from __future__ import annotations

from datetime import timedelta

import pytest

from camera_gateway.onvif.answer import parse_xml
from camera_gateway.onvif.choice import choose
from camera_gateway.onvif.device import device_facts, scope_value, scopes
from camera_gateway.onvif.faults import response_of
from camera_gateway.onvif.profiles import stream_profiles
from camera_gateway.onvif.service import Service
from camera_gateway.onvif.wire import Reply
from hub.errors import HubError
from tests.support.material import material_file
from tests.support.onvif_device import OnvifDevice, client_of, recorded

pytestmark = pytest.mark.material


def simple_server(login: str = "digest") -> OnvifDevice:
    """onvif_simple_server: a wrong password is HTTP 400 with ter:NotAuthorized, XAddrs are of another place."""
    device = OnvifDevice(login=login, refuses_by="400", time_error=timedelta(minutes=-55))
    device.answers.update(recorded(material_file("onvif/captures/onvif_simple_server")))
    folder = material_file("onvif/captures/onvif_simple_server")
    device.answers["GetStreamUri"] = lambda body: (
        folder / f"GetStreamUri_Profile_{'1' if 'Profile_1' in body else '0'}.xml"
    ).read_bytes()
    device.answers["PullMessages"] = (folder / "PullMessages_on.xml").read_bytes()
    del device.answers["GetSystemDateAndTime"]  # the recorded time is that of the recording: tested in test_answer
    return device


async def test_a_recorded_device_is_understood_from_end_to_end() -> None:
    device = simple_server()
    async with client_of(device) as client:
        facts = await device_facts(client)
        assert (facts.manufacturer, facts.model, facts.serial, facts.mac) == (
            "roleoroleo",
            "SimCam-1",
            "SN1234567890",
            None,
        )
        assert scope_value(await scopes(client), "name") == "SimCam-1"
        choice = choose(await stream_profiles(client))
        assert [one.url for one in choice.profiles] == [
            "rtsp://127.0.0.1:8554/stream1",
            "rtsp://127.0.0.1:8554/stream2",
        ]
        assert choice.pull == "Profile_1"
        assert all(one.ptz for one in choice.profiles)
        assert client.login.label == "PasswordDigest"
        made = await client.call(Service.EVENTS, "CreatePullPointSubscription", {"InitialTerminationTime": "PT60S"})
        endpoint = client.endpoint(made.at("SubscriptionReference"))
        assert endpoint.located.url == f"http://127.0.0.1:{device.port}/onvif/events_service?sub=1"
        pulled = await client.call(
            Service.PULLPOINT, "PullMessages", {"Timeout": "PT1S", "MessageLimit": 9}, to=endpoint, timeout_s=3.0
        )
        assert [one.text for one in pulled.deep("Topic")] == ["tns1:VideoSource/MotionAlarm"]
    assert device.wrong_passwords == 0


async def test_its_wrong_password_by_400_is_a_refusal() -> None:
    device = simple_server()
    async with client_of(device, password="wrong") as client:
        with pytest.raises(HubError, match="login_refused"):
            await device_facts(client)
    assert device.wrong_passwords <= 3


async def test_all_answers_of_the_mock_up_are_read_by_the_operations_that_they_answer() -> None:
    """agsh/onvif's mock-up: all 78, each by its own operation where the answer is one."""
    answers = recorded(material_file("onvif/fixtures/agsh_v0x/test/serverMockup"))
    device = OnvifDevice()
    device.answers.update(answers)
    asked = 0
    async with client_of(device) as client:
        assert (await device_facts(client)).mac is not None
        choice = choose(await stream_profiles(client))
        assert choice.pull is not None
        assert (await client.services())[Service.PTZ].said == "http://192.168.68.111/onvif/services"
        for operation in (
            *("GetNodes", "GetConfigurations", "GetPresets", "GetStatus"),
            *("GetVideoSources", "GetVideoSourceConfigurations"),
            *("GetHostname", "GetNTP", "GetDNS", "GetUsers", "GetNetworkDefaultGateway", "GetZeroConfiguration"),
        ):
            service = (
                Service.PTZ if operation in ("GetNodes", "GetConfigurations", "GetPresets", "GetStatus")
                else Service.MEDIA if operation.startswith("GetVideo") else Service.DEVICE
            )  # fmt: skip
            params = {"ProfileToken": "main"} if operation in ("GetPresets", "GetStatus") else {}
            assert (await client.call(service, operation, params)).name == f"{operation}Response"
            asked += 1
    assert asked == 12


def test_every_one_of_the_78_answers_is_taken_as_what_its_operation_asked_for() -> None:
    folder = material_file("onvif/fixtures/agsh_v0x/test/serverMockup")
    taken = 0
    for path in sorted(folder.iterdir()):
        body = parse_xml(path.read_bytes()).at("Body")
        if not (body.children and body.children[0].name.endswith("Response")):
            assert path.name in ("Error.xml", "Probe.xml")
            continue
        operation = body.children[0].name.removesuffix("Response")
        answer = response_of(Reply(200, path.read_bytes(), "text/xml"), Service.DEVICE, operation)
        assert answer.name == f"{operation}Response"
        taken += 1
    assert taken == 76
    error = (folder / "Error.xml").read_bytes()
    with pytest.raises(HubError, match="onvif_refused") as caught:
        response_of(Reply(500, error, "text/xml"), Service.DEVICE, "GetUsers")
    assert caught.value.params["reason"] == "fault reason"


async def test_http_200_with_an_empty_body_says_that_nothing_came() -> None:
    device = OnvifDevice()
    empty = material_file("onvif/captures/daniela_empty_body/http200_empty_soap_body.xml").read_bytes()
    device.answers.update({"GetServices": empty, "GetDeviceInformation": empty, "GetCapabilities": empty})
    async with client_of(device) as client:
        with pytest.raises(HubError, match="onvif_empty"):
            await device_facts(client)
        with pytest.raises(HubError, match="onvif_empty"):
            await stream_profiles(client)
