"""One loop of coded video that a simulated camera plays for ever: made once, kept on disk, instant the second time.

Encoding is synchronous and takes seconds: call it from a thread or before the server runs. H.264 without B-frames where
nobody asks for else; a keyframe begins with its parameter sets, and the first unit is one. Never talks to a network.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Final, Literal

import av
import cv2
import numpy as np
from av.video.frame import PictureType
from numpy.typing import NDArray

from camera_gateway.simulator.codec import CODECS, H264, Codec
from hub.errors import ErrorKind, HubError

Picture = NDArray[np.uint8]  # (height, width, 3), BGR

GOP_S: Final = 2.0
LONGEST_S: Final = 600.0  # of a file; the rest is not played
LONGEST_SIDE_PX: Final = 768
SHORTEST_SIDE_PX: Final = 432
HIGHEST_FPS: Final = 25.0
_KEPT_AS: Final = 4  # raise it when what is encoded changes


@dataclass(frozen=True, slots=True)
class CodedPicture:
    """The NAL units of one picture, without start codes; parameter sets only in front of a keyframe."""

    nals: tuple[bytes, ...]
    keyframe: bool
    later: int = 0  # shown so many pictures after its place in the stream; negative for most B-frames


@dataclass(frozen=True, slots=True)
class Clip:
    """A closed loop: after the last picture comes the first again."""

    width_px: int
    height_px: int
    fps: float
    pictures: tuple[CodedPicture, ...]
    codec: Codec = H264
    label: str = "clip"
    keyframes: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        if not self.pictures or not self.pictures[0].keyframe:
            raise ValueError("a clip begins with a keyframe")
        object.__setattr__(self, "keyframes", tuple(i for i, p in enumerate(self.pictures) if p.keyframe))

    @property
    def parameter_sets(self) -> tuple[bytes, ...]:
        """Those of the first keyframe, without start codes."""
        return tuple(n for n in self.pictures[0].nals if self.codec.kind_of(n) in self.codec.sets)

    @property
    def sps(self) -> bytes:
        """The sequence parameter set, without start code."""
        return self.parameter_sets[-2]

    @property
    def pps(self) -> bytes:
        """The picture parameter set, without start code."""
        return self.parameter_sets[-1]

    @property
    def seconds(self) -> float:
        """How long one lap lasts."""
        return len(self.pictures) / self.fps

    def keyframe_before(self, picture: int) -> int:
        """Absolute number of the last keyframe at or before absolute picture number `picture` (laps counted)."""
        lap, index = divmod(picture, len(self.pictures))
        return lap * len(self.pictures) + max(k for k in self.keyframes if k <= index)


@dataclass(frozen=True, slots=True)
class Coding:
    """How pictures are coded. Constant quality, so that packet sizes tell motion, unless `kbps` is given."""

    crf: float = 25
    kbps: int | None = None  # constant bit rate
    qp: int | None = None  # constant quantiser: a picture that stands still costs nothing
    gop_s: float = GOP_S
    preset: str = "superfast"
    profile: str = "main"
    codec: Codec = H264
    b_frames: int = 0  # between two others; from 3 on some of them are referred to


def encode(
    pictures: Iterable[Picture | av.VideoFrame],
    width_px: int,
    height_px: int,
    fps: float,
    coding: Coding | None = None,
) -> Clip:
    """Code `pictures` (each height x width x 3, BGR, or frames as PyAV decodes them; sides even) as one loop."""
    coding = coding or Coding()
    rate = Fraction(fps).limit_denominator(1000)
    gop = max(1, round(coding.gop_s * fps))
    codec = coding.codec
    context = _context(codec.encoder, "w")
    context.width, context.height, context.pix_fmt = width_px, height_px, "yuv420p"
    context.framerate, context.time_base, context.gop_size = rate, 1 / rate, gop
    shared = f"keyint={gop}:min-keyint={gop}:scenecut=0:open-gop=0:bframes={coding.b_frames}:b-adapt=0"
    own = "threads=1:sliced-threads=0" if codec is H264 else "pools=none:frame-threads=1:log-level=none"
    options = {
        "preset": coding.preset,
        "profile": coding.profile,
        codec.encoder.removeprefix("lib") + "-params": f"{shared}:rc-lookahead={coding.b_frames and gop}:{own}",
    }
    if coding.qp is not None:
        options["qp"] = str(coding.qp)
    elif coding.kbps is None:
        options["crf"] = str(coding.crf)
    else:
        context.bit_rate = coding.kbps * 1000
        options |= {"maxrate": f"{coding.kbps}k", "bufsize": f"{coding.kbps}k"}
    context.options = options
    coded: list[CodedPicture] = []
    for number, picture in enumerate(pictures):
        frame = picture if isinstance(picture, av.VideoFrame) else _frame(picture)
        if (frame.width, frame.height, frame.format.name) != (width_px, height_px, "yuv420p"):
            frame = frame.reformat(width_px, height_px, "yuv420p")
        frame.pts, frame.time_base, frame.pict_type = number, 1 / rate, PictureType.NONE
        coded += [_coded(packet, codec) for packet in context.encode(frame)]
    coded += [_coded(packet, codec) for packet in context.encode(None)]
    placed = tuple(replace(picture, later=picture.later - place) for place, picture in enumerate(coded))
    return Clip(width_px, height_px, fps, placed, codec)


def _context(name: str, mode: Literal["r", "w"]) -> av.VideoCodecContext:
    context = av.CodecContext.create(name, mode)
    assert isinstance(context, av.VideoCodecContext)  # noqa: S101 - for the type checker: all names are video
    return context


def _frame(picture: Picture) -> av.VideoFrame:
    planes = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), np.uint8)
    return av.VideoFrame.from_ndarray(planes, format="yuv420p")


def _coded(packet: av.Packet[av.VideoStream], codec: Codec) -> CodedPicture:
    """`later` is still the place in the order of showing."""
    nals = tuple(n for n in split_annexb(bytes(packet)) if codec.kept(n))
    return CodedPicture(nals, any(codec.kind_of(n) in codec.keys for n in nals), packet.pts or 0)


def split_annexb(data: bytes) -> Iterator[bytes]:
    """The NAL units of an Annex B byte stream (ITU-T H.264, B.1)."""
    for part in data.split(b"\x00\x00\x01"):
        if nal := part.rstrip(b"\x00"):
            yield nal


def from_file(file: Path, cache: Path | None = None, coding: Coding | None = None) -> Clip:
    """A video file as a loop: any file that PyAV opens, coded anew, with a keyframe every 2 s.

    Larger pictures are made smaller (768x432 at most), faster ones slower (25 a second), longer ones cut at 10 min.
    Kept under `cache` by the hash of the file's content. Raises HubError INVALID `simulator.clip_unreadable`.
    """
    try:
        key = hashlib.sha256(file.read_bytes() + (repr(coding).encode() if coding else b"")).hexdigest()
    except OSError as error:
        raise HubError(ErrorKind.INVALID, "simulator.clip_unreadable", file=file.name) from error
    if (kept := load(cache, key)) is not None:
        return kept
    try:
        with av.open(str(file), options={"protocol_whitelist": "file"}) as container:
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            fps = min(HIGHEST_FPS, float(stream.average_rate or stream.guessed_rate or 25))
            width, height = _fitting(stream.width, stream.height)
            clip = encode(_resampled(container.decode(stream), fps), width, height, fps, coding)
    except (av.FFmpegError, IndexError, ValueError) as error:
        raise HubError(ErrorKind.INVALID, "simulator.clip_unreadable", file=file.name) from error
    keep(clip, cache, key)
    return clip


def _fitting(width: int, height: int) -> tuple[int, int]:
    shrink = min(1.0, LONGEST_SIDE_PX / max(width, height), SHORTEST_SIDE_PX / min(width, height))
    return max(2, round(width * shrink / 2) * 2), max(2, round(height * shrink / 2) * 2)


def _resampled(frames: Iterable[av.VideoFrame], fps: float) -> Iterator[av.VideoFrame]:
    due = 0
    for number, frame in enumerate(frames):
        at_s = frame.time if frame.time is not None else number / fps
        if at_s > LONGEST_S:
            return
        # Too fast: some are left out. A gap in the file's own time: the same picture again, at most for a second.
        for _ in range(min(round(fps), int((at_s + 1e-3) * fps) - due + 1)):
            due += 1
            yield frame


def changed_size(clip: Clip) -> Clip:
    """The same loop at half the size: what a camera sends when somebody changes its resolution."""
    width, height = (max(32, side // 4 * 2) for side in (clip.width_px, clip.height_px))
    pictures = (np.asarray(cv2.resize(p, (width, height)), np.uint8) for p in decode(clip.pictures, clip.codec))
    return encode(pictures, width, height, clip.fps, Coding(codec=clip.codec))


def frozen(clip: Clip, picture: int) -> Clip:
    """One GOP in which picture number `picture` of `clip` stands still."""
    start = clip.keyframe_before(picture % len(clip.pictures))
    still = decode(clip.pictures[start : picture % len(clip.pictures) + 1], clip.codec)[-1]
    coding = Coding(qp=27, codec=clip.codec)
    return encode([still] * round(GOP_S * clip.fps), clip.width_px, clip.height_px, clip.fps, coding)


def decode(pictures: Sequence[CodedPicture], codec: Codec) -> list[Picture]:
    """Pictures of a run of coded ones that begins with a keyframe."""
    context = _context(codec.decoder, "r")
    context.thread_count = 1
    frames: list[av.VideoFrame] = []
    for coded in pictures:
        packet = av.Packet(b"".join(b"\x00\x00\x00\x01" + nal for nal in coded.nals))
        frames += context.decode(packet)
    frames += context.decode(None)
    return [np.asarray(frame.to_ndarray(format="bgr24"), np.uint8) for frame in frames]


def moving_bar(
    seconds: float = 4.0, width_px: int = 320, height_px: int = 180, fps: float = 10.0, coding: Coding | None = None
) -> Clip:
    """A bar that wanders over grey: coded in milliseconds, for tests of protocols."""

    def pictures() -> Iterator[Picture]:
        count = round(seconds * fps)
        for number in range(count):
            picture = np.full((height_px, width_px, 3), 96, np.uint8)
            left = number * (width_px - 24) // count
            picture[:, left : left + 24] = (40, 200, 240)
            yield picture

    return encode(pictures(), width_px, height_px, fps, coding)


def load(cache: Path | None, key: str) -> Clip | None:
    """The clip kept under `key`, or None."""
    if cache is None:
        return None
    try:
        header, _, body = (cache / f"{key[:32]}.clip").read_bytes().partition(b"\n")
        about = json.loads(header)
        if about["kept_as"] != _KEPT_AS:
            return None
        pictures, at = [], 0
        for sizes, keyframe, later in about["pictures"]:
            nals = []
            for size in sizes:
                nals.append(body[at : at + size])
                at += size
            pictures.append(CodedPicture(tuple(nals), bool(keyframe), int(later)))
        codec = CODECS[about["codec"]]
        whole = at == len(body)
        return Clip(about["width_px"], about["height_px"], about["fps"], tuple(pictures), codec) if whole else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(clip: Clip, cache: Path | None, key: str) -> None:
    """Write `clip` under `key`, whole or not at all; a full disk only costs the next start its speed."""
    if cache is None:
        return
    about = {
        "kept_as": _KEPT_AS,
        "width_px": clip.width_px,
        "height_px": clip.height_px,
        "fps": clip.fps,
        "codec": clip.codec.name,
        "pictures": [[[len(n) for n in p.nals], int(p.keyframe), p.later] for p in clip.pictures],
    }
    body = b"".join(nal for picture in clip.pictures for nal in picture.nals)
    part = cache / f"{key[:32]}.{os.getpid()}.part"
    try:
        cache.mkdir(parents=True, exist_ok=True, mode=0o700)
        part.write_bytes(json.dumps(about).encode() + b"\n" + body)
        part.replace(cache / f"{key[:32]}.clip")
    except OSError:
        part.unlink(missing_ok=True)
