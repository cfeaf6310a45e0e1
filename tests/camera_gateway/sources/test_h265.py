"""RTP to H.265 access units: packings, pictures that need what is not there, cameras' oddities (RFC 7798)."""

from __future__ import annotations

from fractions import Fraction

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from camera_gateway.annexb import annexb
from camera_gateway.simulator.clip import split_annexb
from camera_gateway.sources.rtsp.access_units import UNIT_MAX_BYTES
from camera_gateway.sources.rtsp.h265 import H265Depacketiser
from tests.support.clock import FakeClock
from tests.support.rtp import H265_PPS, H265_SETS, H265_SPS, H265_VPS, ap, fu, prefixed, rtp
from tests.support.sink import KeepingSink


def slice_of(kind: int, *, first: bool = True, size: int = 40, layer: int = 0) -> bytes:
    """A slice that nobody can decode, with a true header."""
    return bytes((kind << 1 | layer >> 5, (layer & 31) << 3 | 1, 0xAF if first else 0x2F)) + bytes(range(1, size))


TRAIL, RADL, RASL, BLA, IDR, CRA = (slice_of(kind) for kind in (1, 7, 9, 16, 19, 21))
DELIMITER, SEI, SUFFIX_SEI = b"\x46\x01\x50", b"\x4e\x01\x05\x01\xaa\x80", b"\x50\x01\x84\x01\xaa\x80"
KEY = prefixed(*H265_SETS, IDR)


class Track:
    """A depacketiser fed by hand; numbers the packets by itself."""

    def __init__(self, sets: tuple[bytes, ...] = H265_SETS) -> None:
        self.clock = FakeClock()
        self.sink = KeepingSink()
        self.media = H265Depacketiser(self.sink, self.clock, payload_type=96, parameter_sets=sets)
        self.sequence = 65_530
        self.counters = self.media.counters

    def send(self, timestamp: int, *payloads: bytes, marker: bool = True) -> None:
        """Packets of one timestamp; the marker stands on the last."""
        for index, payload in enumerate(payloads):
            self.raw(rtp(self.sequence, timestamp, payload, marker=marker and index == len(payloads) - 1))

    def raw(self, packet: bytes) -> None:
        self.media.packet(b"junk" + packet + b"more", 4, 4 + len(packet))
        self.sequence += 1

    @property
    def datas(self) -> list[bytes]:
        return [unit.data for unit in self.sink.units]


def test_a_keyframe_begins_with_the_sets_of_the_description() -> None:
    track = Track()
    track.send(0, IDR)
    track.send(3600, TRAIL)
    assert track.datas == [KEY, prefixed(TRAIL)]
    assert [unit.keyframe for unit in track.sink.units] == [True, False]
    fmt = track.sink.formats[0]
    assert (fmt.codec, fmt.codec_string, fmt.parameter_sets) == ("h265", "hvc1.1.6.L60.90", H265_SETS)
    assert (fmt.width_px, fmt.height_px, fmt.frame_rate) == (320, 180, 10.0)


PACKINGS = [
    # how parameter sets and a keyframe come, as payloads of one timestamp
    pytest.param([*H265_SETS, IDR], id="single"),
    pytest.param([ap(*H265_SETS, IDR)], id="aggregated"),
    pytest.param([ap(*H265_SETS), *fu(IDR, 9)], id="aggregated, then fragments"),
    pytest.param([*fu(H265_VPS, 5), *fu(H265_SPS, 11), H265_PPS, *fu(IDR, 1)], id="sets in fragments"),
    pytest.param([*H265_SETS, *fu(IDR, 1400)], id="one fragment with start and end"),
    pytest.param([b"\x00\x00\x00\x01".join((*H265_SETS, IDR))], id="start codes between"),
    pytest.param([b"\x00\x00\x00\x01" + nal for nal in (*H265_SETS, IDR)], id="a start code before each"),
    pytest.param(fu(b"\x00\x00\x01".join((*H265_SETS, IDR)), 13), id="start codes inside fragments"),
    pytest.param([DELIMITER, *H265_SETS, IDR], id="with a delimiter"),
]


@pytest.mark.parametrize("payloads", PACKINGS)
def test_a_keyframe_comes_whole_however_it_is_packed(payloads: list[bytes]) -> None:
    track = Track(())
    track.send(0, *payloads)
    track.send(3600, TRAIL)
    assert track.datas == [KEY, prefixed(TRAIL)]
    assert track.counters.dropped_units == 0


def test_a_fragment_with_start_and_end_is_a_whole_nal_unit() -> None:  # OpenIPC, retina#131
    (piece,) = fu(IDR, 1400)
    assert piece[2] & 0xC0 == 0xC0
    track = Track()
    track.send(0, piece)
    assert track.datas == [KEY]


def test_the_type_of_the_first_fragment_holds_where_later_ones_differ() -> None:  # retina#121, moonfire#344
    pieces = fu(IDR, 10)
    pieces[1:] = [piece[:2] + bytes((piece[2] & 0xC0 | 1,)) + piece[3:] for piece in pieces[1:]]
    track = Track()
    track.send(0, *pieces)
    assert track.datas == [KEY]


def test_a_marker_ends_a_fragment_that_lacks_its_end_bit() -> None:
    pieces = fu(IDR, 20)
    pieces[-1] = pieces[-1][:2] + bytes((pieces[-1][2] & 0xBF,)) + pieces[-1][3:]
    track = Track()
    track.send(0, *pieces)
    assert track.datas == [KEY]


@pytest.mark.parametrize("extension", [b"", b"\x01\x02\x03"])
def test_a_paci_packet_is_unwrapped(extension: bytes) -> None:  # RFC 7798, 4.4.4
    def paci(payload: bytes) -> bytes:
        fields = (payload[0] >> 1 & 0x3F) << 9 | len(extension) << 4
        return bytes((50 << 1, payload[1])) + fields.to_bytes(2, "big") + extension + payload[2:]

    track = Track()
    track.send(0, paci(IDR))
    track.send(3600, *(paci(piece) for piece in fu(TRAIL, 12)))
    track.send(7200, TRAIL)
    assert track.datas == [KEY, prefixed(TRAIL), prefixed(TRAIL)]
    assert (track.counters.packets, track.counters.lost_packets) == (1 + len(fu(TRAIL, 12)) + 1, 0)


def test_a_paci_packet_inside_a_paci_packet_is_refused() -> None:
    track = Track()
    track.send(0, bytes((100, 1)) + (50 << 9).to_bytes(2, "big") + bytes(20))
    track.send(3600, IDR)
    assert track.datas == [KEY]
    assert track.counters.refused_packets == 1


def test_an_aggregate_that_promises_more_than_it_holds_costs_its_picture_only() -> None:
    track = Track()
    track.send(0, ap(*H265_SETS, IDR)[:-1])
    track.send(3600, IDR)
    assert track.datas == [KEY]


@pytest.mark.parametrize("kind", [16, 17, 18, 19, 20, 21])
def test_each_picture_that_needs_no_other_is_a_keyframe(kind: int) -> None:
    track = Track()
    track.send(0, TRAIL)
    track.send(3600, slice_of(kind))
    track.send(7200, TRAIL)
    assert [unit.keyframe for unit in track.sink.units] == [True, False]


def test_leading_pictures_that_need_what_is_not_there_are_dropped_where_the_stream_begins() -> None:
    track = Track()
    track.send(9000, CRA)
    track.send(3600, SEI, RASL, slice_of(9, first=False))
    track.send(5400, RADL)
    track.send(12_600, TRAIL)
    assert track.datas == [prefixed(*H265_SETS, CRA), prefixed(RADL), prefixed(TRAIL)]
    assert track.counters.dropped_units == 1
    track.send(21_600, CRA)
    track.send(16_200, RASL)  # what it needs has come by now
    track.send(25_200, TRAIL)
    assert track.datas[3:] == [prefixed(*H265_SETS, CRA), prefixed(RASL), prefixed(TRAIL)]
    assert [unit.refers_back for unit in track.sink.units] == [False, False, False, False, True, False]


def test_leading_pictures_are_dropped_after_a_loss_and_after_a_broken_link() -> None:
    track = Track()
    track.send(0, IDR)
    track.sequence += 1
    track.send(9000, CRA)
    track.send(3600, RASL)
    track.send(21_600, BLA)
    track.send(16_200, RASL)
    track.send(25_200, TRAIL)
    assert track.datas[1:] == [prefixed(*H265_SETS, CRA), prefixed(*H265_SETS, BLA), prefixed(TRAIL)]


def test_slices_of_one_picture_stay_together_and_a_first_slice_begins_the_next() -> None:
    track = Track()
    later = slice_of(19, first=False)
    track.send(0, IDR, later, marker=False)
    track.send(0, TRAIL, marker=False)  # the same timestamp, another picture
    track.send(3600, TRAIL)
    assert track.datas == [prefixed(*H265_SETS, IDR, later), prefixed(TRAIL), prefixed(TRAIL)]
    times = [unit.media_time for unit in track.sink.units]
    assert times == sorted(set(times))


LATER = slice_of(19, first=False)
BETWEEN_SLICES = [
    # payloads by timestamp, the marker on the last or nowhere; the units that they make
    # the sets before each slice segment, as GStreamer's rtph265pay repeats them
    pytest.param([(0, True, *H265_SETS, IDR, *H265_SETS, LATER), (1, True, TRAIL)],
                 [prefixed(*H265_SETS, IDR, LATER), prefixed(TRAIL)], id="sets before each segment"),
    # all timestamps 0 and no markers: first_slice_segment_in_pic_flag begins the next picture
    pytest.param([(0, False, *H265_SETS, IDR, ap(*H265_SETS), *fu(LATER, 9), TRAIL, *H265_SETS, IDR), (9, True, TRAIL)],
                 [prefixed(*H265_SETS, IDR, LATER), prefixed(TRAIL), KEY, prefixed(TRAIL)], id="all timestamps 0"),
    pytest.param([(0, False, IDR, SEI), (1, True, TRAIL)], [KEY, prefixed(SEI, TRAIL)], id="an SEI of the next"),
    pytest.param([(0, True, IDR, SEI, DELIMITER, LATER)], [prefixed(*H265_SETS, IDR, LATER)], id="an SEI between"),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "units"), BETWEEN_SLICES)
def test_what_stands_between_slices_ends_no_picture(sent: list[tuple[int, bool, bytes]], units: list[bytes]) -> None:
    track = Track()
    for number, marker, *payloads in sent:
        track.send(number * 3600, *payloads, marker=marker)
    assert track.datas == units
    assert track.counters.dropped_units == 0


def test_markers_on_each_slice_are_not_believed_twice() -> None:
    later = slice_of(1, first=False)
    track = Track()
    track.send(0, IDR)
    for timestamp in (3600, 7200):
        track.send(timestamp, TRAIL)
        track.send(timestamp, later)
    track.send(10_800, IDR)
    track.send(14_400, TRAIL)
    track.send(14_400, later)
    track.send(18_000, TRAIL)
    assert track.datas == [KEY, prefixed(TRAIL), KEY, prefixed(TRAIL, later)]


def test_parameter_sets_and_sei_with_a_marker_belong_to_the_next_picture() -> None:  # retina#13, moonfire#352
    track = Track(())
    for nal in H265_SETS:
        track.send(0, nal)
    track.send(3600, SEI)
    track.send(3600, IDR)
    assert track.datas == [prefixed(*H265_SETS, SEI, IDR)]


def test_parameter_sets_under_the_old_timestamp_belong_to_the_next_picture() -> None:
    track = Track()
    track.send(0, IDR)
    track.send(3600, TRAIL, marker=False)
    track.send(3600, *H265_SETS, marker=False)
    track.send(7200, IDR)
    assert track.datas == [KEY, prefixed(TRAIL), KEY]


def test_a_suffix_sei_stays_with_its_picture_and_alone_makes_none() -> None:
    track = Track()
    track.send(0, IDR, SUFFIX_SEI)
    track.send(0, SUFFIX_SEI)
    track.send(3600, TRAIL)
    assert track.datas == [prefixed(*H265_SETS, IDR, SUFFIX_SEI), prefixed(TRAIL)]


def test_a_keyframe_without_all_three_sets_is_not_given() -> None:
    track = Track(())
    track.send(0, H265_SPS, H265_PPS, IDR)
    assert not track.sink.units
    track.send(3600, H265_VPS, IDR)
    assert track.datas == [KEY]


def test_a_lost_packet_drops_all_up_to_the_next_keyframe() -> None:
    track = Track()
    pieces = fu(IDR, 10)
    track.send(0, IDR)
    track.send(3600, *pieces[:2], marker=False)
    track.sequence += 1
    track.send(3600, *pieces[3:])
    track.send(7200, TRAIL)
    track.send(10_800, IDR)
    assert track.datas == [KEY, KEY]
    assert (track.counters.lost_packets, track.counters.dropped_units) == (1, 2)


def test_what_is_not_of_the_base_layer_is_passed_over() -> None:
    track = Track()
    track.send(0, IDR)
    track.send(3600, TRAIL, slice_of(1, layer=1), *fu(slice_of(1, layer=33), 12))
    assert track.datas == [KEY, prefixed(TRAIL)]


def test_new_parameters_are_announced_before_their_keyframe() -> None:
    larger = bytes.fromhex("42010101600000030090000003000003003fa005020169659596e4c2e68080000003008000000c84")
    track = Track()
    track.send(0, IDR)
    track.send(3600, H265_VPS, larger, H265_PPS, IDR)
    track.send(7200, IDR)
    assert [(fmt.width_px, fmt.height_px) for fmt in track.sink.formats] == [(320, 180), (640, 360)]
    assert track.datas[1:] == [prefixed(H265_VPS, larger, H265_PPS, IDR)] * 2


def test_padding_extension_and_contributors_are_taken_off() -> None:
    track = Track()
    plain = rtp(track.sequence, 0, b"", marker=True)
    extension = b"\xbe\xde\x00\x01" + bytes(4)
    track.raw(bytes((0x80 | 0x20 | 0x10 | 2,)) + plain[1:] + bytes(8) + extension + IDR + b"\x00\x00\x03")
    assert track.datas == [KEY]


def test_a_picture_without_end_is_given_up() -> None:
    track = Track()
    piece = bytes(60_000)
    track.raw(rtp(track.sequence, 0, b"\x62\x01\x93\xaf" + piece))
    for _ in range(UNIT_MAX_BYTES // len(piece) + 2):
        track.raw(rtp(track.sequence, 0, b"\x62\x01\x13" + piece))
    assert track.media._size <= UNIT_MAX_BYTES + len(piece)
    track.send(3600, IDR)
    assert track.datas == [KEY]


@pytest.mark.parametrize("joined_at", [0, 1, 2])
def test_a_real_stream_of_open_groups_is_decoded_whole_wherever_it_begins(joined_at: int) -> None:
    context = av.CodecContext.create("libx265", "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt = 192, 108, "yuv420p"
    context.framerate, context.time_base = Fraction(25), Fraction(1, 25)
    params = (
        "open-gop=1:keyint=10:min-keyint=10:scenecut=0:bframes=3:b-adapt=0:log-level=none:pools=none:frame-threads=1"
    )
    context.options = {"preset": "ultrafast", "x265-params": params}
    coded = []
    for number in [*range(40), None]:
        frame = None if number is None else av.VideoFrame(192, 108, "yuv420p")
        if frame is not None:
            frame.pts = number
        coded += [(packet.pts or 0, list(split_annexb(bytes(packet)))) for packet in context.encode(frame)]
    kinds = [{nal[0] >> 1 for nal in nals} for _, nals in coded]
    assert any(21 in kind for kind in kinds), "the encoder made no CRA picture"
    assert any(kind & {8, 9} for kind in kinds), "nor one that needs what is before it"
    keys = [place for place, kind in enumerate(kinds) if kind & set(range(16, 22))]

    track = Track(())
    for pts, nals in coded[keys[joined_at] :]:
        track.send(pts * 3600, *(piece for nal in nals for piece in (fu(nal, 1300) if len(nal) > 1300 else [nal])))
    decoder = av.CodecContext.create("hevc", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    shown = [frame for one in track.sink.units for frame in decoder.decode(av.Packet(annexb(one.data)))]
    shown += decoder.decode(None)
    assert len(shown) == len(track.sink.units)  # the decoder threw none away
    assert not any(frame.is_corrupt for frame in shown)
    leading = sum(1 for kind in kinds[keys[joined_at] : keys[joined_at] + 4] if kind & {8, 9})
    assert track.counters.dropped_units == (leading if joined_at else 0)
    assert len(track.sink.units) == len(coded) - keys[joined_at] - track.counters.dropped_units
    presented = [one.media_time + one.presentation_offset for one in track.sink.units]
    assert len(set(presented)) == len(presented)


_PAYLOADS = st.one_of(
    st.binary(max_size=80),
    st.sampled_from([*H265_SETS, IDR, CRA, RASL, TRAIL, SEI, *fu(IDR, 10), ap(*H265_SETS)]),
    st.binary(max_size=40).map(lambda body: b"\x64\x01" + body),  # PACI
    st.binary(max_size=40).map(lambda body: b"\x60\x01" + body),
    st.binary(max_size=40).map(lambda body: b"\x62\x01" + body),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(_PAYLOADS, st.booleans(), st.booleans()), max_size=40))
def test_no_payload_raises_or_makes_an_unmarked_unit(payloads: list[tuple[bytes, bool, bool]]) -> None:
    track = Track()
    for index, (payload, marker, gap) in enumerate(payloads):
        track.sequence += gap
        track.raw(rtp(track.sequence, index * 3600, payload, marker=marker))
    for unit in track.sink.units:
        at = 0
        while at < len(unit.data):
            size = int.from_bytes(unit.data[at : at + 4], "big")
            assert size
            at += 4 + size
        assert at == len(unit.data)
    times = [unit.media_time for unit in track.sink.units]
    assert times == sorted(set(times))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=40))
def test_no_packet_of_any_shape_raises(data: bytes) -> None:
    track = Track()
    track.media.packet(data, 0, len(data))
