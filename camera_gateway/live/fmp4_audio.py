"""AAC in fragmented MP4: what an init segment says of it, one frame a fragment, and frames of silence.

ISO/IEC 14496-12 (boxes), 14496-14 (5.6, `esds`) and 14496-3 (the frames). Pure, on any thread. Plain AAC-LC of one or
two channels, which every browser that plays AAC plays; anything else is not taken. Never decodes.
"""

from __future__ import annotations

from struct import Struct, pack
from typing import Final

from camera_gateway.live.boxes import box, full_box
from camera_gateway.sources.base import AudioFormat

CODEC: Final = "mp4a.40.2"
TRACK: Final = 2
_LC: Final = 2  # audio object type
_ESCAPED_RATE: Final = 15
# moof(mfhd, traf(tfhd, tfdt v1, trun)) and the header of mdat, as fmp4.py has it for the picture.
_FRAGMENT: Final = Struct(">I4s I4sII I4s I4sII I4sIQ I4sIII II I4s")
_MOOF_SIZE: Final = 96
# One element whose spectrum has no line (max_sfb 0), and the end: 14496-3, 4.4.2.1 and 4.4.2.7.
_SILENCE: Final = {1: bytes.fromhex("00000007"), 2: bytes.fromhex("2000000000000e")}


def frame_samples(fmt: AudioFormat) -> int | None:
    """Samples a frame, where it is AAC that goes by MSE; None where it is something else."""
    if fmt.codec != "aac" or fmt.channels not in _SILENCE or not 2 <= len(fmt.config) <= 64:
        return None
    bits = int.from_bytes(fmt.config.ljust(8, b"\0")[:8], "big")
    kind, rate = bits >> 59, bits >> 55 & 0xF
    rest = bits >> (50 - (24 if rate == _ESCAPED_RATE else 0))  # channels and frameLengthFlag lowest
    if kind != _LC or rest >> 1 & 0xF != fmt.channels:
        return None
    return 960 if rest & 1 else 1024


def silence(channels: int) -> bytes:
    """One frame in which nothing is heard."""
    return _SILENCE[channels]


def audio_track(fmt: AudioFormat) -> bytes:
    """The `trak` of an init segment; the time scale is the sample rate."""
    rate = fmt.sample_rate_hz
    entry = box(
        b"mp4a",
        bytes(6) + pack(">H", 1) + bytes(8),
        pack(">HHII", fmt.channels, 16, 0, rate << 16 if rate < 0x10000 else 0),
        full_box(b"esds", 0, 0, _descriptor(fmt.config)),
    )
    tables = b"".join(full_box(name, 0, 0, bytes(4)) for name in (b"stts", b"stsc")) + full_box(b"stsz", 0, 0, bytes(8))
    stbl = box(b"stbl", full_box(b"stsd", 0, 0, pack(">I", 1), entry), tables, full_box(b"stco", 0, 0, bytes(4)))
    dinf = box(b"dinf", full_box(b"dref", 0, 0, pack(">I", 1), full_box(b"url ", 0, 1)))
    minf = box(b"minf", full_box(b"smhd", 0, 0, bytes(4)), dinf, stbl)
    mdhd = full_box(b"mdhd", 0, 0, pack(">IIII HH", 0, 0, rate, 0, 0x55C4, 0))
    hdlr = full_box(b"hdlr", 0, 0, bytes(4) + b"soun" + bytes(12) + b"sound\0")
    matrix = pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    tkhd = full_box(b"tkhd", 0, 3, pack(">IIIII 8x hhhH", 0, 0, TRACK, 0, 0, 0, 1, 0x100, 0), matrix, pack(">II", 0, 0))
    return box(b"trak", tkhd, box(b"mdia", mdhd, hdlr, minf))


def audio_fragment(number: int, decode_time: int, duration: int, frame: bytes) -> bytes:
    """Fragment `number` of the whole, with one frame; times in samples."""
    size = len(frame)
    head = _FRAGMENT.pack(
        _MOOF_SIZE, b"moof",
        16, b"mfhd", 0, number,
        72, b"traf",
        16, b"tfhd", 0x020000, TRACK,
        20, b"tfdt", 0x01000000, decode_time,
        28, b"trun", 0x000301, 1, _MOOF_SIZE + 8,
        duration, size,
        size + 8, b"mdat",
    )  # fmt: skip
    return head + frame


def _descriptor(config: bytes) -> bytes:
    """ES_Descriptor, DecoderConfigDescriptor, the AudioSpecificConfig, SLConfigDescriptor (14496-1, 7.2.6)."""
    specific = _tagged(5, config)
    decoder = _tagged(4, bytes((0x40, 0x15)) + bytes(3 + 4 + 4) + specific)
    return _tagged(3, bytes((0, TRACK, 0)) + decoder + _tagged(6, b"\x02"))


def _tagged(tag: int, body: bytes) -> bytes:
    return bytes((tag, len(body))) + body
