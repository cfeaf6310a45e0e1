"""Which depacketiser a track gets, and that a camera which names the wrong codec is understood (go2rtc#1598)."""

from __future__ import annotations

import asyncio

import pytest

from camera_gateway.annexb import annexb
from camera_gateway.simulator.clip import Coding, moving_bar
from camera_gateway.simulator.codec import H264 as H264_CODEC
from camera_gateway.simulator.codec import H265 as H265_CODEC
from camera_gateway.simulator.codec import Codec
from camera_gateway.sources.rtsp import sdp
from camera_gateway.sources.rtsp.client import RtspSource
from camera_gateway.sources.rtsp.connection import Timeouts
from camera_gateway.sources.rtsp.depacketiser import Track, codec_of
from hub.addresses import AddressPolicy
from hub.clock import SystemClock
from hub.errors import HubError
from hub.picture import decode_keyframe
from tests.support.clock import FakeClock
from tests.support.rtp import H265_SETS, IDR, PPS, SEI, SPS, P, ap, fu, fu_a, interleaved, prefixed, rtp, stap_a
from tests.support.rtsp_server import SDP, RtspServer, reply
from tests.support.sink import KeepingSink

H265_IDR = b"\x26\x01\xaf" + bytes(range(1, 60))
H265_P = b"\x02\x01\xd0" + bytes(range(1, 30))
H265_KEY, KEY = prefixed(*H265_SETS, H265_IDR), prefixed(SPS, PPS, IDR)


def media(codec: str, fmtp: str = "") -> sdp.MediaDescription:
    lines = f"m=video 0 RTP/AVP 96\na=rtpmap:96 {codec}/90000\n" + (f"a=fmtp:96 {fmtp}\n" if fmtp else "")
    (found,) = sdp.parse(lines.encode()).media
    return found


class Fed:
    """A track and what came of it. `packet` is taken once, as a client does."""

    def __init__(self, codec: str) -> None:
        self.sink = KeepingSink()
        self.track = Track(media(codec), self.sink, FakeClock())
        self.packet = self.track.packet
        self.sequence = 0

    def send(self, timestamp: int, *payloads: bytes) -> None:
        for index, payload in enumerate(payloads):
            data = rtp(self.sequence, timestamp, payload, marker=index == len(payloads) - 1, ssrc=77)
            self.packet(data, 0, len(data))
            self.sequence += 1

    @property
    def datas(self) -> list[bytes]:
        return [unit.data for unit in self.sink.units]


CROSSED = [
    # announced, payloads of the first keyframe, its unit, a picture, the codec found
    pytest.param("H264", [*H265_SETS, H265_IDR], H265_KEY, H265_P, "h265", id="H.265 as H.264"),
    pytest.param("H264", [ap(*H265_SETS), *fu(H265_IDR, 20)], H265_KEY, H265_P, "h265", id="aggregated H.265"),
    pytest.param("H265", [SPS, PPS, IDR], KEY, P, "h264", id="H.264 as H.265"),
    pytest.param("H265", [stap_a(SPS, PPS), *fu_a(IDR, 20)], KEY, P, "h264", id="aggregated H.264"),
    pytest.param("H264", [SEI, SPS, PPS, IDR], prefixed(SPS, PPS, SEI, IDR), P, "h264", id="H.264 as H.264"),
    pytest.param("HEVC", [*H265_SETS, H265_IDR], H265_KEY, H265_P, "h265", id="H.265 as HEVC"),
]


@pytest.mark.parametrize(("told", "keyframe", "unit", "picture", "found"), CROSSED)
def test_what_is_sent_counts_and_not_its_name(
    told: str, keyframe: list[bytes], unit: bytes, picture: bytes, found: str
) -> None:
    fed = Fed(told)
    for start in (0, 36_000):
        fed.send(start, *keyframe)
        fed.send(start + 3600, picture)
        fed.send(start + 7200, picture)
    # Where the switch falls into the first keyframe, that one may be lost; nothing after it is.
    assert fed.datas[-3:] == [unit, prefixed(picture), prefixed(picture)]
    assert fed.sink.formats[0].codec == found
    assert len(fed.datas) == 6
    counters = fed.track.counters
    assert (counters.packets, counters.units, counters.lost_packets) == (fed.sequence, 6, 0)
    assert fed.track.ssrc == 77
    assert fed.track.last_unit_s == fed.track.last_whole_s > 0


@pytest.mark.parametrize("codec", [H264_CODEC, H265_CODEC], ids=["H.265 as H.264", "H.264 as H.265"])
async def test_a_camera_that_names_the_wrong_codec_is_shown_over_a_real_connection(codec: Codec) -> None:
    sent = H265_CODEC if codec is H264_CODEC else H264_CODEC
    clip = moving_bar(seconds=1, coding=Coding(codec=sent))
    wire, sequence = b"", 0
    for number, picture in enumerate(clip.pictures * 2):
        payloads = list(sent.payloads(picture.nals))
        for index, payload in enumerate(payloads):
            wire += interleaved(rtp(sequence, number * 9000, payload, marker=index == len(payloads) - 1))
            sequence += 1
    described = SDP.replace("H264", codec.rtpmap).partition("a=fmtp")[0] + "a=control:track1\r\n"
    sink = KeepingSink()
    async with RtspServer({"DESCRIBE": lambda asked: reply(asked, body=described)}, media=wire) as server:
        address = await AddressPolicy(allow=["127.0.0.0/8"]).resolve(server.url)
        source = RtspSource(address, None, None, SystemClock(), Timeouts())
        running = asyncio.ensure_future(source.run(sink))
        await sink.has(20)
        running.cancel()
        await asyncio.wait({running})
    assert sink.formats[0].codec == sent.name
    assert source.handshake.codec == codec.rtpmap
    assert (source.counters.packets, source.counters.units) == (sequence, 20)
    assert all(
        decode_keyframe(annexb(one.data), sent.name).shape == (180, 320, 3) for one in sink.units if one.keyframe
    )


def test_a_stray_nal_unit_of_the_other_codec_changes_nothing() -> None:
    fed = Fed("H264")
    fed.send(0, H265_SETS[1], SPS, PPS, IDR)
    fed.send(3600, H265_SETS[0], H265_SETS[2], P)
    assert fed.datas == [KEY, prefixed(P)]


def test_the_other_codec_that_cannot_be_read_is_said_so() -> None:
    fed = Fed("H264")
    fed.send(0, b"\x40\x01\x0c")
    with pytest.raises(HubError) as caught:
        fed.send(0, b"\x42\x01\x01")
    assert caught.value.code == "camera_gateway.codec_differs"
    assert caught.value.params == {"told": "H.264", "found": "H.265"}


@pytest.mark.parametrize(
    ("codec", "fmtp", "told"),
    [("JPEG", "", "MJPEG"), ("VP9", "", "VP9"), ("", "", "?"), ("H265", "sprop-max-don-diff=2", "H.265 (DONL)")],
)
def test_a_codec_that_nobody_joins_is_refused_by_name(codec: str, fmtp: str, told: str) -> None:
    with pytest.raises(HubError) as caught:
        codec_of(media(codec, fmtp))
    assert (caught.value.code, caught.value.params) == ("camera_gateway.codec_unsupported", {"codec": told})


def test_a_difference_of_numbers_that_is_zero_is_no_interleaving() -> None:
    assert codec_of(media("H265", "sprop-max-don-diff=0")) == "H265"
