"""What an H.265 sequence parameter set says of the picture (ITU-T H.265, 7.3.2.2 and Annex E). Pure.

The bytes come from a camera: every loop has an end, every figure a limit, and only ValueError ever comes out. What
stands after the picture size is believed where it makes sense and left out where it does not: cameras cut it short.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from camera_gateway.sources.rtsp.bits import Bits
from camera_gateway.sources.rtsp.sps import SIDE_MAX_PX, pass_display

_SPS: Final = 33


@dataclass(frozen=True, slots=True)
class H265SequenceParameters:
    """The part of a sequence parameter set that anybody here needs."""

    profile_space: int
    tier: int
    profile_idc: int
    compatibility: int  # 32 flags, the first in the highest bit
    constraints: bytes  # 6 bytes of flags
    level_idc: int
    temporal_layers: int
    temporal_nesting: bool
    chroma_format: int  # 1: 4:2:0
    luma_bits: int
    chroma_bits: int
    width_px: int  # conformance window applied
    height_px: int
    reorder_frames: int | None  # sps_max_num_reorder_pics of the highest layer; None: the set ends before
    frame_rate: float | None  # VUI timing; None: absent or absurd
    frames_only: bool = True  # a coded picture is always one picture, a field too (7.4.2.4.4)

    @property
    def codec_string(self) -> str:
        """RFC 6381 as ISO/IEC 14496-15, E.3 fills it, e.g. `hvc1.1.6.L93.B0`."""
        space = ("", "A", "B", "C")[self.profile_space]
        backwards = int(f"{self.compatibility:032b}"[::-1], 2)
        parts = [f"hvc1.{space}{self.profile_idc}", f"{backwards:X}", f"{'LH'[self.tier]}{self.level_idc}"]
        parts += [f"{byte:X}" for byte in self.constraints.rstrip(b"\x00")]
        return ".".join(parts)


def parse_h265_sps(nal: bytes) -> H265SequenceParameters:
    """Read one, a NAL unit with its two header bytes. Raises ValueError where it makes no sense."""
    if len(nal) < 15 or nal[0] >> 1 != _SPS:
        raise ValueError("no sequence parameter set")
    bits = Bits(nal, 2)
    bits.u(4)  # sps_video_parameter_set_id
    sub_layers = bits.u(3)
    if sub_layers > 6:
        raise ValueError("too many sub-layers")
    nesting = bits.flag()
    space, tier, profile, compatibility = bits.u(2), bits.u(1), bits.u(5), bits.u(32)
    constraints, level = bits.u(48).to_bytes(6, "big"), bits.u(8)
    _skip_sub_layers(bits, sub_layers)
    bits.ue()  # sps_seq_parameter_set_id
    chroma = bits.ue_below(4)
    if chroma == 3:
        bits.flag()  # separate_colour_plane_flag
    width, height = bits.ue(), bits.ue()
    if bits.flag():
        unit_x, unit_y = (2 if chroma in (1, 2) else 1), (2 if chroma == 1 else 1)
        width -= (bits.ue() + bits.ue()) * unit_x
        height -= (bits.ue() + bits.ue()) * unit_y
    if not (0 < width <= SIDE_MAX_PX and 0 < height <= SIDE_MAX_PX):
        raise ValueError("a picture size that makes no sense")
    luma_bits, chroma_bits = 8 + bits.ue_below(9), 8 + bits.ue_below(9)
    reorder, frame_rate = _order_and_rate(bits, sub_layers)
    return H265SequenceParameters(
        profile_space=space,
        tier=tier,
        profile_idc=profile,
        compatibility=compatibility,
        constraints=constraints,
        level_idc=level,
        temporal_layers=sub_layers + 1,
        temporal_nesting=nesting,
        chroma_format=chroma,
        luma_bits=luma_bits,
        chroma_bits=chroma_bits,
        width_px=width,
        height_px=height,
        reorder_frames=reorder,
        frame_rate=frame_rate,
    )


def _skip_sub_layers(bits: Bits, sub_layers: int) -> None:
    """The rest of profile_tier_level (7.3.3)."""
    present = [(bits.flag(), bits.flag()) for _ in range(sub_layers)]
    if sub_layers:
        bits.u(2 * (8 - sub_layers))
    for profile, level in present:
        bits.u(88 * profile + 8 * level)


def _order_and_rate(bits: Bits, sub_layers: int) -> tuple[int | None, float | None]:
    reorder: int | None = None
    try:
        poc_bits = 4 + bits.ue_below(13)
        for _ in range(sub_layers + 1 if bits.flag() else 1):
            bits.ue()  # sps_max_dec_pic_buffering_minus1
            reorder = bits.ue_below(17)
            bits.ue()  # sps_max_latency_increase_plus1
        _skip_coding_tools(bits)
        _skip_reference_sets(bits, poc_bits)
        bits.u(2)  # sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag
        return reorder, _frame_rate(bits) if bits.flag() else None
    except ValueError:
        return reorder, None


def _skip_coding_tools(bits: Bits) -> None:
    for _ in range(6):  # sizes of coding and transform blocks
        bits.ue()
    if bits.flag() and bits.flag():
        _skip_scaling_lists(bits)
    bits.u(2)  # amp_enabled_flag, sample_adaptive_offset_enabled_flag
    if bits.flag():  # pcm
        bits.u(8)
        bits.ue()
        bits.ue()
        bits.flag()


def _skip_scaling_lists(bits: Bits) -> None:
    """scaling_list_data (7.3.4)."""
    for size in range(4):
        for _ in range(0, 6, 3 if size == 3 else 1):
            if not bits.flag():
                bits.ue()  # scaling_list_pred_matrix_id_delta
                continue
            if size > 1:
                bits.se()  # scaling_list_dc_coef_minus8
            for _ in range(min(64, 1 << (4 + (size << 1)))):
                bits.se()


def _skip_reference_sets(bits: Bits, poc_bits: int) -> None:
    """The short-term sets (7.3.7) and the long-term pictures."""
    deltas = 0  # NumDeltaPocs of the set before
    for index in range(bits.ue_below(65)):
        if index and bits.flag():  # inter_ref_pic_set_prediction_flag
            bits.flag()  # delta_rps_sign
            bits.ue()  # abs_delta_rps_minus1
            # Not used by the current picture, and not to be kept either: gone from the set.
            deltas = sum(1 for _ in range(deltas + 1) if bits.flag() or bits.flag())
        else:
            deltas = bits.ue_below(17) + bits.ue_below(17)
            for _ in range(deltas):
                bits.ue()
                bits.flag()
    if bits.flag():
        for _ in range(bits.ue_below(33)):
            bits.u(poc_bits + 1)


def _frame_rate(bits: Bits) -> float | None:
    """Of the VUI (E.2.1); without the factor 2 that H.264 has."""
    pass_display(bits)
    bits.u(3)  # neutral_chroma_indication_flag, field_seq_flag, frame_field_info_present_flag
    if bits.flag():  # default display window
        for _ in range(4):
            bits.ue()
    if not bits.flag():
        return None
    units, scale = bits.u(32), bits.u(32)
    rate = scale / units if units else 0.0
    return round(rate, 3) if 0.1 <= rate <= 240.0 else None
