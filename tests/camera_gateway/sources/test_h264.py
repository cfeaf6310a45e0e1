"""RTP to access units: what cameras do to NAL units, markers and timestamps (RFC 6184; material list 12 to 15)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from camera_gateway.sources.rtsp.access_units import UNIT_MAX_BYTES
from camera_gateway.sources.rtsp.h264 import H264Depacketiser
from tests.support.clock import FakeClock
from tests.support.rtp import DELIMITER, IDR, PPS, SEI, SPS, SPS_960P, P, fu_a, prefixed, rtp, stap_a
from tests.support.sink import KeepingSink


class Track:
    """A depacketiser fed by hand; numbers the packets by itself."""

    def __init__(self, sets: tuple[bytes, ...] = (SPS, PPS)) -> None:
        self.clock = FakeClock()
        self.sink = KeepingSink()
        self.media = H264Depacketiser(self.sink, self.clock, payload_type=96, parameter_sets=sets)
        self.sequence = 65_530  # wraps within the first packets
        self.counters = self.media.counters

    def send(self, timestamp: int, *payloads: bytes, marker: bool = True) -> None:
        """Packets of one timestamp; the marker stands on the last."""
        for index, payload in enumerate(payloads):
            packet = rtp(self.sequence, timestamp, payload, marker=marker and index == len(payloads) - 1)
            self.raw(packet)

    def raw(self, packet: bytes) -> None:
        self.media.packet(b"junk" + packet + b"more", 4, 4 + len(packet))
        self.sequence += 1

    @property
    def datas(self) -> list[bytes]:
        return [unit.data for unit in self.sink.units]


KEY = prefixed(SPS, PPS, IDR)


def test_a_keyframe_begins_with_the_sets_of_the_description() -> None:
    track = Track()
    track.send(0, IDR)
    track.send(3600, P)
    assert track.datas == [KEY, prefixed(P)]
    assert [unit.keyframe for unit in track.sink.units] == [True, False]
    assert track.sink.formats[0].codec_string == "avc1.42001e"
    assert (track.sink.formats[0].width_px, track.sink.formats[0].height_px) == (1280, 720)


def test_sets_come_from_the_stream_where_the_description_has_none() -> None:
    track = Track(())
    track.send(0, SPS, PPS, IDR)
    assert track.datas == [KEY]


def test_a_set_that_the_description_lacks_is_taken_from_the_stream() -> None:  # FFmpeg PR 181: no PPS
    track = Track((SPS,))
    track.send(0, IDR)
    track.send(3600, PPS, IDR)
    assert track.datas == [KEY]


def test_a_keyframe_without_any_sets_is_not_given() -> None:
    track = Track(())
    track.send(0, IDR)
    track.send(1, P)
    assert not track.sink.units
    assert track.counters.dropped_units == 2


def test_pictures_before_the_first_keyframe_are_dropped() -> None:
    track = Track()
    track.send(0, P)
    track.send(3600, P)
    track.send(7200, IDR)
    assert track.datas == [KEY]


def test_stap_a_comes_apart() -> None:
    track = Track(())
    track.send(0, stap_a(SPS, PPS, IDR))
    assert track.datas == [KEY]


def test_a_stap_a_that_promises_more_than_it_holds_costs_its_picture_only() -> None:
    track = Track()
    track.send(0, stap_a(SPS, PPS, IDR)[:-1])
    track.send(3600, IDR)
    assert track.datas == [KEY]


@pytest.mark.parametrize("size", [1, 2, 7, 1400])
def test_fragments_are_joined(size: int) -> None:
    track = Track()
    track.send(0, *fu_a(IDR, size))
    track.send(3600, *fu_a(P, size))
    assert track.datas == [KEY, prefixed(P)]


def test_a_fragment_with_start_and_end_is_a_whole_nal_unit() -> None:  # OpenIPC, retina#131
    track = Track()
    track.send(0, fu_a(IDR, 1400)[0])
    assert fu_a(IDR, 1400)[0][1] & 0xC0 == 0xC0
    assert track.datas == [KEY]


def test_a_marker_ends_a_fragment_that_lacks_its_end_bit() -> None:
    track = Track()
    pieces = fu_a(IDR, 20)
    pieces[-1] = bytes((pieces[-1][0], pieces[-1][1] & 0xBF)) + pieces[-1][2:]
    track.send(0, *pieces)
    assert track.datas == [KEY]


def test_a_lost_packet_drops_all_up_to_the_next_keyframe() -> None:
    track = Track()
    track.send(0, IDR)
    track.sequence += 1
    track.send(3600, P)
    track.send(7200, P)
    track.send(10_800, IDR)
    track.send(14_400, P)
    assert [unit.keyframe for unit in track.sink.units] == [True, True, False]
    assert track.counters.lost_packets == 1
    assert track.counters.dropped_units == 2


def test_a_loss_inside_a_keyframe_drops_that_keyframe() -> None:
    track = Track()
    pieces = fu_a(IDR, 10)
    for index, piece in enumerate(pieces):
        if index != 2:
            track.raw(rtp(track.sequence, 0, piece, marker=index == len(pieces) - 1))
        else:
            track.sequence += 1
    track.send(3600, P)
    track.send(7200, IDR)
    assert track.datas == [KEY]


def test_a_keyframe_that_lost_its_first_slice_is_not_given() -> None:
    track = Track()
    track.send(0, IDR)
    track.sequence += 1
    later_slice = b"\x65\x08" + bytes(20)  # first_mb_in_slice is not 0
    track.send(3600, later_slice)
    track.send(7200, IDR)
    assert track.datas == [KEY, KEY]


def test_a_repeated_packet_is_not_a_loss() -> None:
    track = Track()
    track.send(0, IDR)
    track.sequence -= 1
    track.send(0, IDR)
    track.send(3600, P)
    assert track.datas == [KEY, prefixed(P)]
    assert track.counters.lost_packets == 0


def test_without_markers_a_new_timestamp_ends_the_picture() -> None:
    track = Track()
    for timestamp, nal in ((0, IDR), (3600, P), (7200, P)):
        track.send(timestamp, nal, marker=False)
    assert track.datas == [KEY, prefixed(P)]


def test_all_timestamps_zero_still_gives_pictures_that_grow_in_time() -> None:  # moonfire#300
    track = Track()
    for nal in (IDR, P, P, P):
        track.send(0, nal, marker=False)
    track.send(0, SPS, PPS, IDR, marker=False)  # only this tells that the last of them was whole
    assert track.datas == [KEY, prefixed(P), prefixed(P), prefixed(P)]
    times = [unit.media_time for unit in track.sink.units]
    assert times == sorted(set(times))


def test_parameter_sets_with_a_marker_belong_to_the_next_picture() -> None:  # Reolink RLC-822A, retina#13
    track = Track(())
    track.send(0, SPS)
    track.send(0, PPS)
    track.send(3600, IDR)
    assert track.datas == [KEY]


def test_parameter_sets_under_the_old_timestamp_belong_to_the_next_picture() -> None:  # retina#13
    track = Track()
    track.send(0, IDR)
    track.send(3600, P, marker=False)
    track.send(3600, SPS, PPS, marker=False)
    track.send(7200, IDR)
    assert track.datas == [KEY, prefixed(P), KEY]


def test_sei_with_a_marker_makes_no_picture_of_its_own() -> None:  # moonfire#352
    track = Track()
    track.send(36_000, SEI)
    track.send(36_000, IDR)
    track.send(72_000, SEI)
    track.send(72_000, P)
    assert track.datas == [prefixed(SPS, PPS, SEI, IDR), prefixed(SEI, P)]


def test_delimiters_and_filler_are_dropped() -> None:
    track = Track()
    track.send(0, DELIMITER, IDR, b"\x0c" + b"\xff" * 50)
    assert track.datas == [KEY]


def test_several_nal_units_in_one_with_start_codes_come_apart() -> None:  # WebRTC#391, retina#68
    track = Track(())
    track.send(0, SPS + b"\x00\x00\x00\x01" + PPS + b"\x00\x00\x01" + IDR)
    big = b"\x00\x00\x00\x01".join((SPS, PPS, IDR))
    track.send(3600, *fu_a(big, 9))
    assert track.datas == [KEY, KEY]


def test_a_payload_that_begins_with_a_start_code_is_understood() -> None:
    track = Track(())
    for timestamp, nals in ((0, (SPS, PPS, IDR)), (3600, (P,))):
        track.send(timestamp, *(b"\x00\x00\x00\x01" + nal for nal in nals))
    assert track.datas == [KEY, prefixed(P)]


def test_slices_of_one_picture_stay_together() -> None:
    track = Track()
    second = b"\x65\x08" + bytes(range(9))
    track.send(0, IDR, second)
    assert track.datas == [prefixed(SPS, PPS, IDR, second)]


KEY_SLICE, P_SLICE = b"\x65\x08" + bytes(range(20)), b"\x41\x08" + bytes(range(20))  # first_mb_in_slice is not 0
KEY_OF_TWO = prefixed(SPS, PPS, IDR, KEY_SLICE)
BETWEEN_SLICES = [
    # payloads by timestamp, the marker on the last or nowhere; the units that they make
    # GStreamer rtph264pay config-interval=-1 repeats the sets before each IDR slice of a picture (x264 zerolatency)
    pytest.param([(0, True, SPS, PPS, IDR, SPS, PPS, KEY_SLICE), (1, True, P, P_SLICE)],
                 [KEY_OF_TWO, prefixed(P, P_SLICE)], id="sets before each slice"),
    pytest.param([(0, True, *[part for nal in (IDR, KEY_SLICE) for part in (stap_a(SPS, PPS), *fu_a(nal, 9))])],
                 [KEY_OF_TWO], id="the same, aggregated and in fragments"),
    # no markers: the next slice's timestamp tells
    pytest.param([(0, False, SPS, PPS, IDR, SPS, PPS, KEY_SLICE), (1, False, P, P_SLICE), (2, True, P)],
                 [KEY_OF_TWO, prefixed(P, P_SLICE), prefixed(P)], id="without markers"),
    # all timestamps 0 and no markers (moonfire#300): a slice of the first macroblock begins the next picture
    pytest.param([(0, False, SPS, PPS, IDR, SPS, PPS, KEY_SLICE, P, P_SLICE, SPS, PPS, IDR), (9, False, P)],
                 [KEY_OF_TWO, prefixed(P, P_SLICE), KEY], id="all timestamps 0"),
    # sets under the timestamp of the picture before (retina#13), with the marker on them
    pytest.param([(0, True, IDR), (1, True, P, SPS_960P, PPS), (2, True, IDR)],
                 [KEY, prefixed(P), prefixed(SPS_960P, PPS, IDR)], id="sets of the next picture, marked"),
    # the same after a keyframe: its own sets are those from before it
    pytest.param([(0, False, IDR, SPS_960P, PPS), (1, True, IDR)],
                 [KEY, prefixed(SPS_960P, PPS, IDR)], id="other sets after a keyframe"),
    # an SEI that follows a slice is the next picture's; between two slices it says nothing
    pytest.param([(0, False, IDR, SEI), (1, True, P)], [KEY, prefixed(SEI, P)], id="an SEI of the next picture"),
    pytest.param([(0, True, IDR, SEI, DELIMITER, KEY_SLICE)], [KEY_OF_TWO], id="an SEI between slices"),
    # a prefix NAL unit (type 14) before each slice, as scalable encoders send it
    pytest.param([(0, True, b"\x6e\x40\x80", IDR, b"\x6e\x40\x80", KEY_SLICE)], [KEY_OF_TWO], id="prefix units"),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "units"), BETWEEN_SLICES)
def test_what_stands_between_slices_ends_no_picture(sent: list[tuple[int, bool, bytes]], units: list[bytes]) -> None:
    track = Track()
    for number, marker, *payloads in sent:
        track.send(number * 3600, *payloads, marker=marker)
    assert track.datas == units
    assert track.counters.dropped_units == 0


def test_sets_between_slices_survive_a_loss() -> None:
    track = Track(())
    track.send(0, IDR, SPS, PPS, marker=False)
    track.sequence += 1
    track.send(3600, IDR)
    assert track.datas == [KEY]


def test_units_without_end_between_slices_end_the_picture() -> None:
    track = Track()
    track.send(0, IDR, *[SEI] * 100, marker=False)
    assert track.datas == [KEY]
    assert len(track.media._held) <= 64


def test_markers_on_each_slice_are_not_believed_twice() -> None:
    second = b"\x41\x08" + bytes(range(9))
    track = Track()
    track.send(0, IDR)
    for timestamp in (3600, 7200):
        track.send(timestamp, P)
        track.send(timestamp, second)
    track.send(10_800, IDR)
    track.send(14_400, P)
    track.send(14_400, second)
    track.send(18_000, P)
    assert track.datas == [KEY, prefixed(P), KEY, prefixed(P, second)]


def test_start_codes_inside_an_sei_that_lead_to_no_nal_unit_are_data() -> None:
    sei = b"\x06\x05\x08\x00\x00\x01\xff\xee\x80"
    track = Track()
    track.send(0, sei, IDR)
    assert track.datas == [prefixed(SPS, PPS, sei, IDR)]


def test_a_packet_of_padding_alone_is_no_loss() -> None:
    track = Track()
    track.send(0, IDR)
    track.raw(b"\xa0" + rtp(track.sequence, 0, bytes(7) + b"\x08")[1:])
    track.send(3600, P)
    assert track.datas == [KEY, prefixed(P)]
    assert track.counters.lost_packets == 0


def test_new_parameters_are_announced_before_their_keyframe() -> None:  # moonfire#217
    track = Track()
    track.send(0, IDR)
    track.send(3600, SPS, PPS, IDR)
    track.send(7200, SPS_960P, PPS, IDR)
    track.send(10_800, IDR)
    assert [fmt.height_px for fmt in track.sink.formats] == [720, 960]
    assert track.datas[2:] == [prefixed(SPS_960P, PPS, IDR)] * 2


def test_an_open_gop_begins_at_an_intra_picture_that_comes_with_sets() -> None:
    intra = b"\x41\x88" + bytes(20)  # first_mb 0, slice_type 7 (I)
    track = Track(())
    track.send(0, SPS, PPS, intra)
    track.send(3600, P)
    assert [unit.keyframe for unit in track.sink.units] == [True, False]


def test_other_payload_types_are_passed_over() -> None:
    track = Track()
    track.send(0, IDR)
    track.raw(rtp(7, 0, P, marker=True, payload_type=97))
    track.sequence -= 1
    track.send(3600, P)
    assert track.datas == [KEY, prefixed(P)]
    assert track.counters.refused_packets == 1


def test_interleaved_modes_are_refused_and_cost_the_pictures_to_the_next_keyframe() -> None:
    track = Track()
    track.send(0, IDR)
    track.send(3600, b"\x19\x00\x00" + P)  # STAP-B
    track.send(7200, P)
    track.send(10_800, IDR)
    assert track.datas == [KEY, KEY]


def test_padding_extension_and_contributors_are_taken_off() -> None:
    track = Track()
    plain = rtp(track.sequence, 0, b"", marker=True)
    extension = b"\xbe\xde\x00\x01" + bytes(4)
    track.raw(bytes((0x80 | 0x20 | 0x10 | 2,)) + plain[1:] + bytes(8) + extension + IDR + b"\x00\x00\x03")
    assert track.datas == [KEY]


def test_a_picture_without_end_is_given_up() -> None:
    track = Track()
    piece = bytes(60_000)
    track.raw(rtp(track.sequence, 0, b"\x7c\x85\x88" + piece))
    for _ in range(UNIT_MAX_BYTES // len(piece) + 2):
        track.raw(rtp(track.sequence, 0, b"\x7c\x05" + piece))
    assert track.media._size <= UNIT_MAX_BYTES + len(piece)
    track.send(3600, IDR)
    assert track.datas == [KEY]


def test_the_time_of_receipt_follows_the_wall_clock_at_each_keyframe() -> None:
    track = Track()
    track.send(0, IDR)
    track.clock.step(3600)
    track.send(3600, P)
    track.send(7200, IDR)
    first, second, third = (unit.captured_at_us for unit in track.sink.units)
    assert second == first
    assert third - first == 3_600_000_000


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.binary(max_size=80), st.booleans(), st.booleans()), max_size=40))
def test_no_payload_raises_or_makes_an_unmarked_unit(
    payloads: list[tuple[bytes, bool, bool]],
) -> None:
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
