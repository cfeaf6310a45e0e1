"""One address, described: recorded and misbehaving devices, with their port and without, with ONVIF and without."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from camera_gateway import describing
from camera_gateway.describing import Describer, Login, Wanted
from camera_gateway.onvif.wire import OnvifWire
from hub.addresses import AddressPolicy
from hub.contracts.device import CHOSEN_BY_PERSON
from hub.errors import ErrorKind, HubError
from tests.support.clock import FakeClock
from tests.support.material import material_file
from tests.support.onvif_device import PASSWORD, USER, OnvifDevice, recorded, serving, soap

RIGHT = Login(USER, PASSWORD)


@pytest.fixture
async def describer() -> AsyncIterator[Describer]:
    async with OnvifWire() as wire:
        yield Describer(wire, AddressPolicy(["127.0.0.0/8"]), FakeClock())


@pytest.fixture
async def device() -> AsyncIterator[OnvifDevice]:
    folder = material_file("onvif/captures/onvif_simple_server")
    made = OnvifDevice(login="digest")
    made.answers.update(recorded(folder))
    made.answers["GetStreamUri"] = lambda body: (
        folder / f"GetStreamUri_Profile_{'1' if 'Profile_1' in body else '0'}.xml"
    ).read_bytes()
    del made.answers["GetSystemDateAndTime"]
    async with serving(made):
        yield made


@pytest.mark.material
@pytest.mark.parametrize("typed", ["127.0.0.1:{port}", "http://127.0.0.1:{port}", "{url}"])
async def test_a_device_is_described_however_its_address_was_typed(
    typed: str, device: OnvifDevice, describer: Describer
) -> None:
    told = await describer.describe(typed.format(port=device.port, url=device.url), RIGHT)
    assert told.device.model == "SimCam-1"
    assert told.face is not None
    assert (told.face.url, told.face.profile_token, told.face.ptz) == (device.url, "Profile_1", True)
    assert told.url == "rtsp://127.0.0.1:8554/stream2"
    assert [(one.token, one.role.value) for one in told.profiles] == [("Profile_0", "main"), ("Profile_1", "sub")]
    (main, sub) = told.profiles
    assert main.why == ()
    assert [reason.code for reason in sub.why] == ["camera_gateway.choice_sub"]
    assert PASSWORD not in told.model_dump_json()
    assert device.wrong_passwords == 0


@pytest.mark.material
async def test_the_stream_that_somebody_chose_is_the_one_that_is_pulled(
    device: OnvifDevice, describer: Describer
) -> None:
    told = await describer.describe(device.url, RIGHT, Wanted("Profile_0"))
    assert (told.profile_token, told.url) == ("Profile_0", "rtsp://127.0.0.1:8554/stream1")
    assert [reason.code for reason in told.profiles[0].why] == [CHOSEN_BY_PERSON]
    with pytest.raises(HubError, match="profile_unknown"):
        await describer.describe(device.url, RIGHT, Wanted("Profile_7"))


@pytest.mark.material
async def test_of_a_bare_host_the_usual_ports_are_asked_and_the_password_goes_to_one_alone(
    device: OnvifDevice, describer: Describer, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = OnvifDevice(login="digest")  # something else on the same host, which speaks no ONVIF
    other.answers["GetSystemDateAndTime"] = b"<html>a router</html>"
    async with serving(other):
        monkeypatch.setattr(describing, "ONVIF_PORTS", (other.port, device.port))
        told = await describer.describe("127.0.0.1", RIGHT)
    assert told.face is not None
    assert told.face.url == device.url
    assert not [body for body in other.bodies if "UsernameToken" in body]


@pytest.mark.material
async def test_a_wrong_password_is_refused_and_not_tried_until_the_account_is_locked(
    device: OnvifDevice, describer: Describer
) -> None:
    with pytest.raises(HubError, match="login_refused"):
        await describer.describe(device.url, Login(USER, "wrong"))
    assert device.wrong_passwords <= 3
    with pytest.raises(HubError, match="login_needed"):
        await describer.describe(device.url, Login(None, None))


async def test_an_rtsp_address_is_taken_as_it_is_where_onvif_is_off(
    describer: Describer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(describing, "ONVIF_PORTS", (1, 2))
    told = await describer.describe("rtsp://127.0.0.1:8554/live/ch1", RIGHT)
    assert (told.face, told.url, told.profile_token) == (None, "rtsp://127.0.0.1:8554/live/ch1", None)
    assert [reason.code for reason in told.profiles[0].why] == ["camera_gateway.choice_typed"]


@pytest.mark.material
async def test_behind_forwarded_ports_the_stream_that_was_typed_is_meant(
    device: OnvifDevice, describer: Describer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Port 80 of the router leads to the first camera; 10554 was typed and is the third one's."""
    monkeypatch.setattr(describing, "ONVIF_PORTS", (device.port,))
    assert (await describer.describe("rtsp://127.0.0.1:10554/s", RIGHT)).url == "rtsp://127.0.0.1:10554/s"
    assert (await describer.describe("rtsp://127.0.0.1:8554/s", RIGHT)).face is not None


async def test_a_camera_that_is_away_is_away_and_not_without_onvif(
    describer: Describer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one that is away the console asks again by and by; of one without ONVIF it does not."""
    monkeypatch.setattr(describing, "ONVIF_PORTS", (1, 2))
    with pytest.raises(HubError, match="unreachable") as raised:
        await describer.describe("127.0.0.77", RIGHT)
    assert raised.value.kind is ErrorKind.UNREACHABLE


async def test_what_speaks_no_onvif_is_told_with_what_to_do(
    describer: Describer, monkeypatch: pytest.MonkeyPatch
) -> None:
    router = OnvifDevice()
    router.answers["GetSystemDateAndTime"] = b"<html>a router</html>"
    async with serving(router):
        monkeypatch.setattr(describing, "ONVIF_PORTS", (router.port,))
        with pytest.raises(HubError, match="no_onvif") as raised:
            await describer.describe("127.0.0.1", RIGHT)
    assert "127.0.0.1" in raised.value.text("zh")


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "http://169.254.169.254/latest", "rtsp://1.1.1.1/x", "10.0.0.1\n", "::"]
)
async def test_no_address_outside_the_policy_is_asked_anything(address: str) -> None:
    async with OnvifWire() as wire:
        with pytest.raises(HubError, match=r"hub\.address"):
            await Describer(wire, AddressPolicy(), FakeClock()).describe(address, RIGHT)


async def test_of_a_recorder_the_channel_that_is_meant_is_pulled(describer: Describer) -> None:
    """Ten channels of two streams: more than are asked for their addresses at once."""
    recorder = OnvifDevice()
    recorder.answers["GetDeviceInformation"] = soap(
        "<tds:GetDeviceInformationResponse><tds:Model>NVR</tds:Model></tds:GetDeviceInformationResponse>"
    )
    recorder.answers["GetCapabilities"] = lambda body: soap(
        "<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Media><tt:XAddr>"
        f"http://127.0.0.1:{recorder.port}/onvif/media</tt:XAddr></tt:Media></tds:Capabilities></tds:GetCapabilitiesResponse>"
    )
    streams = "".join(_stream(channel, role) for channel in range(1, 11) for role in ("main", "sub"))
    recorder.answers["GetProfiles"] = soap(f"<trt:GetProfilesResponse>{streams}</trt:GetProfilesResponse>")
    recorder.answers["GetStreamUri"] = _stream_uri
    async with serving(recorder):
        first = await describer.describe(recorder.url, RIGHT)
        tenth = await describer.describe(recorder.url, RIGHT, Wanted(source="src10"))
        with pytest.raises(HubError, match="profile_unknown"):
            await describer.describe(recorder.url, RIGHT, Wanted(source="src11"))
    assert (first.url, tenth.url) == ("rtsp://127.0.0.1/1sub", "rtsp://127.0.0.1/10sub")
    assert len({profile.source for profile in first.profiles}) == 10, "all its channels are told of"


def _stream(channel: int, role: str) -> str:
    width, height = (1920, 1080) if role == "main" else (640, 360)
    return (
        f'<trt:Profiles token="{channel}{role}"><tt:Name>{role}</tt:Name><tt:VideoSourceConfiguration token="v">'
        f"<tt:SourceToken>src{channel}</tt:SourceToken></tt:VideoSourceConfiguration><tt:VideoEncoderConfiguration"
        f' token="e"><tt:Encoding>H264</tt:Encoding><tt:Resolution><tt:Width>{width}</tt:Width><tt:Height>{height}'
        "</tt:Height></tt:Resolution></tt:VideoEncoderConfiguration></trt:Profiles>"
    )


def _stream_uri(body: str) -> bytes:
    token = body.partition("ProfileToken>")[2].partition("<")[0]
    return soap(
        f"<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>rtsp://127.0.0.1/{token}</tt:Uri></trt:MediaUri>"
        "</trt:GetStreamUriResponse>"
    )
