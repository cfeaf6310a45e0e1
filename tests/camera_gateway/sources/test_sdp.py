"""The 13 descriptions of the material, and the addresses that cameras make of them (material list 1 to 9)."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from camera_gateway.sources.rtsp import addressing, sdp
from camera_gateway.sources.rtsp.parameter_sets import H265 as H265_CODING
from camera_gateway.sources.rtsp.parameter_sets import ParameterSets
from tests.support.rtp import H265_SETS

URL = "rtsp://192.168.1.10:554/live"
# file, payload type, control of the video, sets found, frame rate told, size from the sets
BODIES = [
    ("ffmpeg181_hik_sprop_without_pps", 96, "track0", 1, None, (960, 576)),  # fmtp stands under the audio
    ("go2rtc2316_negative_port_binary_c_line", 96, "track1", 0, None, None),
    ("go2rtc679_no_session_header_at_all", 96, "trackID=0", 0, None, None),
    ("go2rtc771_cv_rtsphandler_sendonly_live_tracks", 99, "trackID=1", 2, None, (1920, 1080)),
    ("go2rtc_reolink_three_tracks_backchannel_no_final_newline", 96, "track1", 2, None, (2560, 1920)),
    ("go2rtc_tplink_mercury_media_type_application_slash", 96, "track1", 2, None, (640, 480)),
    ("go2rtc_webrtc417_dup_s_i_lines", 96, "track0", 2, None, (1280, 720)),
    ("go2rtc_webrtc419_fmtp_on_wrong_track_and_rtpmap_pt_mismatch", 96, "track0", 2, None, (1280, 720)),
    ("gortsplib88_hik_no_sprop", 96, "trackID=video", 0, None, None),
    ("mediamtx861_empty_sprop", 96, "track0", 0, None, None),
    ("mediamtx95_absolute_control_glued_recvonly_multirange", 96, "", 2, None, (720, 480)),
    ("moonfire213_rtpmap_trailing_space_framerate_0S", 96, "trackID=1", 2, 25.0, (1280, 960)),
    ("moonfire213_sprop_with_annexb_startcodes", 96, "trackID=0", 2, None, (1280, 720)),
]


def body(name: str) -> bytes:
    material = os.environ.get("PROBE_MATERIAL")
    if not material:
        pytest.skip("PROBE_MATERIAL does not name the material")
    return (Path(material) / f"rtsp/sdp/{name}.sdp").read_bytes()


@pytest.mark.material
@pytest.mark.parametrize(("name", "payload_type", "control", "sets", "rate", "size"), BODIES)
def test_a_body_of_a_real_camera_is_understood(
    name: str, payload_type: int, control: str, sets: int, rate: float | None, size: tuple[int, int] | None
) -> None:
    found = sdp.parse(body(name))
    video = found.video
    assert video is not None
    assert (video.codec, video.payload_type, video.clock_rate) == ("H264", payload_type, 90_000)
    assert video.control == control
    assert video.frame_rate == rate
    parameter_sets = sdp.parameter_sets(video)
    assert len(parameter_sets) == sets
    announced = ParameterSets(parameter_sets, None).announce()
    assert (announced and (announced.width_px, announced.height_px)) == size


@pytest.mark.material
def test_the_bodies_of_the_material_are_all_in_the_table() -> None:
    names = {row[0] for row in BODIES}
    assert {path.stem for path in (Path(os.environ.get("PROBE_MATERIAL") or ".") / "rtsp/sdp").glob("*.sdp")} in (
        names,
        set(),
    )


@pytest.mark.material
def test_a_control_with_an_attribute_glued_to_it_is_cut() -> None:  # mediamtx#95
    found = sdp.parse(body("mediamtx95_absolute_control_glued_recvonly_multirange"))
    assert addressing.control_url(URL, found.control) == "rtsp://192.168.1.10:554/streams/video"


def test_an_origin_of_another_century_is_no_matter() -> None:  # mediamtx#231
    body = b"v=0\r\no=-2208991488 2208991488 IN IP4 10.0.0.1\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    video = sdp.parse(body).video
    assert video is not None
    assert video.codec == "H264"


def test_the_first_h264_video_is_taken_before_another_codec() -> None:
    both = b"m=video 0 RTP/AVP 97\na=rtpmap:97 H265/90000\nm=video 0 RTP/AVP 96\na=rtpmap:96 h264/90000\na=control:b\n"
    video = sdp.parse(both).video
    assert video is not None
    assert (video.codec, video.control) == ("H264", "b")


H265 = b"m=video 0 RTP/AVP 98\na=rtpmap:98 H265/90000\na=fmtp:98 "
KINDS = (b"vps", b"sps", b"pps")
VPS, SPS, PPS = (b"sprop-%s=%s" % (name, base64.b64encode(nal)) for name, nal in zip(KINDS, H265_SETS, strict=True))


@pytest.mark.parametrize(
    ("fmtp", "count"),
    [
        (b"profile-id=1; " + b"; ".join((VPS, SPS, PPS)), 3),
        (b";".join((PPS, SPS, VPS)), 3),
        (b";".join((SPS, PPS)), 0),  # two of three: none
        (b";".join((VPS, SPS, b"sprop-pps=")), 0),
        (b";".join((VPS, SPS, b"sprop-pps=RAHB*")), 0),
        (b";".join((VPS, SPS.replace(b"sps", b"pps"))), 0),  # an SPS is no PPS
        (b"", 0),
    ],
)
def test_the_three_sets_of_h265_are_taken_together_or_not_at_all(fmtp: bytes, count: int) -> None:
    (media,) = sdp.parse(H265 + fmtp).media
    found = sdp.parameter_sets(media)
    assert found == list(H265_SETS)[:count]
    assert ParameterSets(found, None, H265_CODING).complete == bool(count)


def test_h265_is_taken_before_a_codec_that_nobody_joins() -> None:
    video = sdp.parse(b"m=video 0 RTP/AVP 26\n" + H265).video
    assert video is not None
    assert video.codec == "H265"


def test_sets_of_h265_without_an_rtpmap_name_their_codec() -> None:
    video = sdp.parse(b"m=video 0 RTP/AVP 98\na=fmtp:98 " + SPS).video
    assert video is not None
    assert video.codec == "H265"


def test_a_static_payload_type_needs_no_rtpmap() -> None:
    video = sdp.parse(b"m=video 0 RTP/AVP 26\r\n").video
    assert video is not None
    assert video.codec == "JPEG"


@given(st.one_of(st.binary(max_size=400), st.text(alphabet="m=video 0RTP/AVP96a:fmtp;\r\nsprop-", max_size=400)))
def test_no_body_raises(data: bytes | str) -> None:
    found = sdp.parse(data if isinstance(data, bytes) else data.encode())
    for media in found.media:
        sdp.parameter_sets(media)


CONTENT_BASES = [
    ("rtsp://rtsp://turret2-cam.lan:554/stream1/", "rtsp://192.168.1.10:554/stream1/track1"),  # go2rtc#208, go2rtc#830
    ("192.168.1.10:554/stream0/", "rtsp://192.168.1.10:554/live/track1"),  # moonfire#356
    ("192.168.253.220:1935/", "rtsp://192.168.1.10:554/live/track1"),  # go2rtc#1852, mediamtx#6167
    ("", "rtsp://192.168.1.10:554/live/track1"),  # mediamtx#825
    ("/", "rtsp://192.168.1.10:554/live/track1"),  # monibuca#58
    ("rtsp://::ffff:192.168.1.123/onvif/profile.1/", "rtsp://192.168.1.10:554/onvif/profile.1/track1"),  # WebRTC#395
    ("rtsp://192.168.1.10/", "rtsp://192.168.1.10:554/track1"),
    ("rtsp://10.0.0.5:8554/live/", "rtsp://192.168.1.10:554/live/track1"),  # behind NAT: our own authority
    ("rtsp://192.168.1.10:554/cam?channel=1&subtype=0/", "rtsp://192.168.1.10:554/cam?channel=1&subtype=0/track1"),
    ("rtsp://192.168.1.10/a b/", "rtsp://192.168.1.10:554/live/track1"),
]


@pytest.mark.parametrize(("content_base", "expected"), CONTENT_BASES)
def test_set_up_goes_to_the_asked_authority_whatever_content_base_says(content_base: str, expected: str) -> None:
    assert addressing.control_url(addressing.base_url(URL, content_base), "track1") == expected


CONTROLS = [
    ("rtsp://192.168.101.22/", "/media/1/video/1", "rtsp://192.168.101.22/media/1/video/1"),  # Verint, go2rtc#1236
    (URL, "*", URL),
    (URL, "", URL),
    (URL, "rtsp://evil.example/live/track1", "rtsp://192.168.1.10:554/live/track1"),
    (URL, "RTSP://192.168.1.10:554/live/track1", "rtsp://192.168.1.10:554/live/track1"),
    (URL, "track 1", "rtsp://192.168.1.10:554/live/track%201"),
]


@pytest.mark.parametrize(("base", "control", "expected"), CONTROLS)
def test_a_control_becomes_an_address(base: str, control: str, expected: str) -> None:
    assert addressing.control_url(base, control) == expected


def test_an_ipv6_host_stands_in_brackets_and_the_query_stays() -> None:
    assert addressing.request_url("fd00::5", 8554, "/a?b=c&d=e") == "rtsp://[fd00::5]:8554/a?b=c&d=e"
    assert addressing.request_url("h", 554, "/摄像机") == "rtsp://h:554/%E6%91%84%E5%83%8F%E6%9C%BA"
