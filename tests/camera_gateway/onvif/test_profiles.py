"""What devices say of their streams, in either service and in wrong ways; which stream is taken for what, and why."""

from __future__ import annotations

import pytest

from camera_gateway.onvif.answer import parse_xml
from camera_gateway.onvif.choice import StreamChoice, choose
from camera_gateway.onvif.profiles import MOST_PROFILES, read_profiles, stream_profiles
from hub.contracts.device import StreamProfile, StreamRole
from hub.errors import HubError
from tests.camera_gateway.onvif.test_client import services
from tests.support.onvif_device import OnvifDevice, client_of, fault, soap


def media1(
    token: str, encoding: str, size: str = "1920x1080", inner: str = "", extra: str = "", rate: str = "25"
) -> str:
    """One profile of Media as cameras write it."""
    width, height = size.split("x")
    return (
        f'<trt:Profiles token="{token}" fixed="true" {extra}><tt:Name>{token}</tt:Name><tt:VideoSourceConfiguration>'
        f"<tt:SourceToken>v0</tt:SourceToken></tt:VideoSourceConfiguration>"
        f'<tt:VideoEncoderConfiguration token="e_{token}">'
        f"<tt:Encoding>{encoding}</tt:Encoding><tt:Resolution><tt:Width>{width}</tt:Width><tt:Height>{height}</tt:Height>"
        f"</tt:Resolution><tt:RateControl><tt:FrameRateLimit>{rate}</tt:FrameRateLimit><tt:BitrateLimit>2048"
        f"</tt:BitrateLimit></tt:RateControl>{inner}</tt:VideoEncoderConfiguration></trt:Profiles>"
    )


def told(*profiles: str) -> bytes:
    return soap(f"<trt:GetProfilesResponse>{''.join(profiles)}</trt:GetProfilesResponse>")


def read(*profiles: str) -> list[StreamProfile]:
    return read_profiles(parse_xml(told(*profiles)).at("Body/GetProfilesResponse"))


MEDIA2 = soap(
    '<tr2:GetProfilesResponse><tr2:Profiles token="p1"><tr2:Name>Main</tr2:Name><tr2:Configurations><tr2:VideoEncoder '
    'token="e1" GovLength="50" Profile="Main"><tt:Encoding>H265</tt:Encoding><tt:Resolution><tt:Width>2560</tt:Width>'
    '<tt:Height>1440</tt:Height></tt:Resolution><tt:RateControl ConstantBitRate="true"><tt:FrameRateLimit>25'
    "</tt:FrameRateLimit><tt:BitrateLimit>4096</tt:BitrateLimit></tt:RateControl></tr2:VideoEncoder><tr2:AudioEncoder>"
    "<tt:Encoding>PCMU</tt:Encoding></tr2:AudioEncoder><tr2:PTZ/></tr2:Configurations></tr2:Profiles>"
    "</tr2:GetProfilesResponse>"
)


def test_case_23_h265_in_media1_is_h265_whatever_encoding_says() -> None:
    inner = "<tt:H265><tt:GovLength>50</tt:GovLength><tt:H265Profile>Main</tt:H265Profile></tt:H265>"
    (first, second) = read(media1("a", "H265", inner=inner), media1("b", "H264", inner=inner))
    assert (first.codec, first.gop_frames) == ("h265", 50)
    assert second.codec == "h265"


def test_case_23_extra_attributes_and_numbers_that_are_none_do_no_harm() -> None:
    (one,) = read(media1("a", "H264", rate="NAN", extra='type="tt:Profile" xsi:type="tt:Profile"'))
    assert (one.codec, one.frame_rate, one.width_px, one.encoder_token) == ("h264", None, 1920, "e_a")


def test_a_profile_without_video_and_an_nvr_without_end_are_borne() -> None:
    assert read('<trt:Profiles token="x"><tt:Name>audio</tt:Name></trt:Profiles>', media1("", "H264")) == []
    assert len(read(*(media1(f"p{n}", "H264") for n in range(200)))) == MOST_PROFILES


async def test_media2_is_asked_first_and_tells_h265() -> None:
    uri = soap("<tr2:GetStreamUriResponse><tr2:Uri>\n rtsp://10.0.0.9:554/main \n</tr2:Uri></tr2:GetStreamUriResponse>")
    answers = {
        "GetServices": services("ver10/media", "http://10.0.0.9/m", "ver20/media", "http://10.0.0.9/m2"),
        "GetProfiles": MEDIA2,
        "GetStreamUri": uri,
    }
    device = OnvifDevice()
    device.answers.update(answers)
    async with client_of(device) as client:
        client.location.learn("http://10.0.0.9/")
        (one,) = await stream_profiles(client)
    assert (one.codec, one.gop_frames, one.constant_bit_rate, one.audio_codec, one.ptz) == (
        "h265",
        50,
        True,
        "pcmu",
        True,
    )
    assert (one.url, one.said_url, one.snapshot_url) == (
        "rtsp://127.0.0.1/main",
        "rtsp://10.0.0.9:554/main",
        None,
    )
    assert any('<q:GetProfiles xmlns:q="http://www.onvif.org/ver20/media/wsdl"' in body for body in device.bodies)


async def test_a_device_whose_media2_fails_is_asked_by_media() -> None:
    device = OnvifDevice({"GetServices": services("ver10/media", "http://c/m", "ver20/media", "http://c/m2")})
    device.answers["GetProfiles"] = lambda body: (
        fault("ActionNotSupported") if "ver20" in body else told(media1("a", "H264"))
    )
    async with client_of(device) as client:
        client.location.learn("http://c/")
        assert [one.token for one in await stream_profiles(client)] == ["a"]


async def test_a_device_that_tells_no_profiles_says_so() -> None:
    async with client_of(OnvifDevice({"GetServices": services("ver10/media", "http://c/m")})) as client:
        client.location.learn("http://c/")
        with pytest.raises(HubError, match="onvif_no_operation"):
            await stream_profiles(client)


def stream(
    token: str, codec: str | None, width: int | None, height: int | None, rate: float | None = 25.0
) -> StreamProfile:
    return StreamProfile(token=token, name=token, codec=codec, width_px=width, height_px=height, frame_rate=rate)


def codes(choice: StreamChoice) -> list[str]:
    return [reason.code.rpartition("choice_")[2] for reason in choice.reasons]


@pytest.mark.parametrize(
    ("streams", "main", "pull", "why"),
    [
        # the usual camera: a sub of about 640×360
        ([("m", "h265", 2560, 1440), ("s", "h264", 640, 360)], "m", "s", ["sub"]),
        # written in the other order
        ([("s", "h264", 704, 576), ("m", "h264", 1920, 1080)], "m", "s", ["sub"]),
        # a sub in H.265: the main stream in H.264 is too dear, yet every browser plays it
        ([("m", "h264", 1280, 720), ("s", "h265", 640, 360)], "m", "m", ["main", "h264_first"]),
        # an H.265 sub beside an H.265 main
        ([("m", "h265", 3840, 2160), ("s", "h265", 640, 480)], "m", "s", ["sub", "no_h264"]),
        # three streams: neither the largest nor the smallest
        ([("m", "h264", 3840, 2160), ("s", "h264", 640, 360), ("t", "h264", 160, 120)], "m", "s", ["sub"]),
        ([("m", "h264", 1920, 1080)], "m", "m", ["only", "too_large"]),
        ([("m", "mjpeg", 640, 480)], "m", "m", ["only", "cannot"]),
        ([("m", "h264", 1920, 1080), ("s", None, None, None)], "m", "m", ["main", "too_large"]),
    ],
)
def test_the_stream_for_the_wall_is_chosen_and_explained(
    streams: list[tuple[str, str | None, int | None, int | None]], main: str, pull: str, why: list[str]
) -> None:
    choice = choose([stream(*one) for one in streams])
    assert [one.token for one in choice.profiles if one.role is StreamRole.MAIN] == [main]
    assert (choice.pull, codes(choice)) == (pull, why)
    assert all("{" not in reason.text(lang) for reason in choice.reasons for lang in ("zh", "en"))


def test_a_substream_of_few_frames_is_said_to_be_so() -> None:
    choice = choose([stream("m", "h265", 2560, 1440), stream("s", "h264", 640, 360, 4.0)])
    assert choice.pull == "s"
    assert codes(choice) == ["sub", "few_frames"]


def test_of_an_nvr_one_channel_is_looked_at() -> None:
    channels = [
        stream(f"{n}{kind}", "h264", size, size).model_copy(update={"source": f"v{n}"})
        for n in (1, 2)
        for kind, size in (("m", 1920), ("s", 480))
    ]
    assert choose(channels).pull == "1s"
    second = choose(channels, "v2")
    assert second.pull == "2s"
    assert [one.role for one in second.profiles][:2] == [StreamRole.OTHER, StreamRole.OTHER]


def test_no_streams_give_no_choice() -> None:
    assert choose([]).pull is None
