"""What an init segment says of the codec: the `avcC` and `hvcC` records (ISO/IEC 14496-15, 5.3.3.1 and 8.3.3.1). Pure.

Filled from the parameter sets of a `VideoFormat`, which a source has parsed before. The sets stay in the keyframes too,
so that a decoder that joins late needs nothing else.
"""

from __future__ import annotations

from struct import pack

from camera_gateway.sources.rtsp.h265_sps import parse_h265_sps
from camera_gateway.sources.rtsp.sps import parse_sps

_MANY = 31  # five bits of avcC count the SPS; no camera has two
_VPS, _SPS, _PPS = 32, 33, 34


def avcc(parameter_sets: tuple[bytes, ...]) -> bytes:
    """AVCDecoderConfigurationRecord; NAL units after lengths of four bytes."""
    sps = [one for one in parameter_sets if one[0] & 31 == 7][:_MANY]
    pps = [one for one in parameter_sets if one[0] & 31 == 8][:_MANY]
    record = bytes((1, sps[0][1], sps[0][2], sps[0][3], 0xFF, 0xE0 | len(sps))) + _each(sps)
    record += bytes((len(pps),)) + _each(pps)
    if sps[0][1] in (100, 110, 122, 144, 244):
        record += _chroma_and_depth(sps[0])
    return record


def _chroma_and_depth(sps: bytes) -> bytes:
    """What High profiles tell once more."""
    try:
        parsed = parse_sps(sps)
    except ValueError:
        return bytes((0xFC | 1, 0xF8, 0xF8, 0))  # what surveillance cameras send: 4:2:0 at 8 bits
    return bytes((0xFC | parsed.chroma_format, 0xF8 | parsed.luma_bits - 8, 0xF8 | parsed.chroma_bits - 8, 0))


def hvcc(parameter_sets: tuple[bytes, ...]) -> bytes:
    """HEVCDecoderConfigurationRecord; NAL units after lengths of four bytes. Raises ValueError without a whole SPS."""
    kinds = [(kind, [one for one in parameter_sets if one[0] >> 1 == kind]) for kind in (_VPS, _SPS, _PPS)]
    sets = kinds[1][1]
    if not sets:
        raise ValueError("no sequence parameter set")
    sps = parse_h265_sps(sets[0])
    return (
        bytes((1, sps.profile_space << 6 | sps.tier << 5 | sps.profile_idc))
        + pack(">I", sps.compatibility)
        + sps.constraints
        + bytes((sps.level_idc, 0xF0, 0, 0xFC, 0xFC | sps.chroma_format))  # no word of segments and parallelism
        + bytes((0xF8 | sps.luma_bits - 8, 0xF8 | sps.chroma_bits - 8, 0, 0))  # nor of the average frame rate
        + bytes((sps.temporal_layers << 3 | sps.temporal_nesting << 2 | 3, len(kinds)))
        + b"".join(bytes((0x80 | kind,)) + pack(">H", len(nals)) + _each(nals) for kind, nals in kinds)
    )


def _each(nals: list[bytes]) -> bytes:
    return b"".join(pack(">H", len(one)) + one for one in nals)
