"""What an H.264 sequence parameter set says of the picture (ITU-T H.264, 7.3.2.1.1 and Annex E). Pure.

The bytes come from a camera: every loop has an end, every figure a limit, and only ValueError ever comes out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from camera_gateway.sources.rtsp.bits import Bits

SIDE_MAX_PX: Final = 16_384
_HIGH_PROFILES: Final = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
_EXTENDED_ASPECT: Final = 255  # two numbers follow


@dataclass(frozen=True, slots=True)
class SequenceParameters:
    """The part of a sequence parameter set that anybody here needs."""

    profile_idc: int
    constraint_flags: int
    level_idc: int
    width_px: int  # cropping applied
    height_px: int
    frames_only: bool  # no interlaced fields
    frame_rate: float | None  # VUI timing; None: absent or absurd
    reorder_frames: int | None  # how far output and decoding order may differ; None: not told, 0: not at all
    chroma_format: int = 1  # 1: 4:2:0 (table 6-1)
    luma_bits: int = 8
    chroma_bits: int = 8

    @property
    def codec_string(self) -> str:
        """RFC 6381, e.g. `avc1.4d401f`."""
        return f"avc1.{self.profile_idc:02x}{self.constraint_flags:02x}{self.level_idc:02x}"


def parse_sps(nal: bytes) -> SequenceParameters:
    """Read a sequence parameter set, a NAL unit with its header byte. Raises ValueError where it makes no sense."""
    if len(nal) < 5 or nal[0] & 0x1F != 7:
        raise ValueError("no sequence parameter set")
    bits = Bits(nal, 1)
    profile, constraints, level = bits.u(8), bits.u(8), bits.u(8)
    bits.ue()  # seq_parameter_set_id
    chroma, luma_bits, chroma_bits = _chroma_format(bits) if profile in _HIGH_PROFILES else (1, 8, 8)
    bits.ue()  # log2_max_frame_num_minus4
    order_type = _picture_order(bits)
    bits.ue()  # max_num_ref_frames
    bits.flag()  # gaps_in_frame_num_value_allowed_flag
    width, height = (bits.ue() + 1) * 16, (bits.ue() + 1) * 16
    frames_only = bits.flag()
    if not frames_only:
        height *= 2
        bits.flag()  # mb_adaptive_frame_field_flag
    bits.flag()  # direct_8x8_inference_flag
    if bits.flag():
        unit_x, unit_y = (2 if chroma in (1, 2) else 1), (2 if chroma == 1 else 1) * (1 if frames_only else 2)
        width -= (bits.ue() + bits.ue()) * unit_x
        height -= (bits.ue() + bits.ue()) * unit_y
    if not (0 < width <= SIDE_MAX_PX and 0 < height <= SIDE_MAX_PX):
        raise ValueError("a picture size that makes no sense")
    frame_rate, reorder = _usability(bits)
    if profile == 66 or order_type == 2:  # Baseline has no B slices; type 2 is decoding order (8.2.1.3)
        reorder = 0
    return SequenceParameters(
        profile, constraints, level, width, height, frames_only, frame_rate, reorder, chroma, luma_bits, chroma_bits
    )


def _chroma_format(bits: Bits) -> tuple[int, int, int]:
    """The chroma format and the bits of a sample of luma and of chroma."""
    chroma = bits.ue()
    if chroma > 3:
        raise ValueError("an unknown chroma format")
    if chroma == 3:
        bits.flag()  # separate_colour_plane_flag
    luma_bits, chroma_bits = 8 + bits.ue_below(7), 8 + bits.ue_below(7)
    bits.flag()  # qpprime_y_zero_transform_bypass_flag
    if bits.flag():
        for index in range(12 if chroma == 3 else 8):
            if bits.flag():
                _skip_scaling_list(bits, 16 if index < 6 else 64)
    return chroma, luma_bits, chroma_bits


def _skip_scaling_list(bits: Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.se()) % 256
        last = following or last


def _picture_order(bits: Bits) -> int:
    kind = bits.ue()
    if kind == 0:
        bits.ue()  # log2_max_pic_order_cnt_lsb_minus4
    elif kind == 1:
        bits.flag()
        bits.se()
        bits.se()
        count = bits.ue()
        if count > 255:
            raise ValueError("a picture order cycle without end")
        for _ in range(count):
            bits.se()
    elif kind > 2:
        raise ValueError("an unknown picture order")
    return kind


def pass_display(bits: Bits) -> None:
    """Read past how a VUI says that pictures are to be shown: the same in H.264 and H.265 (E.2.1 of both)."""
    if bits.flag() and bits.u(8) == _EXTENDED_ASPECT:
        bits.u(32)
    if bits.flag():  # overscan
        bits.flag()
    if bits.flag():  # video signal type
        bits.u(4)
        if bits.flag():
            bits.u(24)
    if bits.flag():  # chroma location
        bits.ue()
        bits.ue()


def _usability(bits: Bits) -> tuple[float | None, int | None]:
    """(frame rate, reorder frames) of the VUI. Many cameras cut it short or fill it with noise: then None."""
    frame_rate: float | None = None
    try:
        if not bits.flag():
            return None, None
        pass_display(bits)
        if bits.flag():  # timing
            units, scale = bits.u(32), bits.u(32)
            bits.flag()
            rate = scale / (2 * units) if units else 0.0
            frame_rate = round(rate, 3) if 0.1 <= rate <= 240.0 else None
        return frame_rate, _reorder_frames(bits)
    except ValueError:
        return frame_rate, None


def _reorder_frames(bits: Bits) -> int | None:
    has_model = False
    for _ in range(2):  # nal_hrd, vcl_hrd
        if bits.flag():
            has_model = True
            count = bits.ue() + 1
            if count > 32:
                raise ValueError("too many buffer models")
            bits.u(8)
            for _ in range(count):
                bits.ue()
                bits.ue()
                bits.flag()
            bits.u(20)
    if has_model:
        bits.flag()  # low_delay_hrd_flag
    bits.flag()  # pic_struct_present_flag
    if not bits.flag():  # bitstream_restriction_flag
        return None
    bits.flag()
    for _ in range(4):
        bits.ue()
    reorder = bits.ue()
    return reorder if reorder <= 16 else None
