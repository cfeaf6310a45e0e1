"""What a stream that was watched says of itself, held against what its profile declares. Pure."""

from __future__ import annotations

from typing import Final

from camera_gateway.doctor.checks import Check, ok, unknown, warn
from camera_gateway.doctor.watched import Watched
from camera_gateway.sources.base import VideoFormat
from hub.contracts.device import StreamProfile
from hub.contracts.verdict import Verdict

LONG_GOP_S: Final = 4.5  # a viewer who comes late and a sweep both wait for a keyframe (DESIGN 5: 4 s)
VERY_LONG_GOP_S: Final = 9.0  # no camera is set so by hand: H.264+ and H.265+ stretch it to 10 s and more
UNEVEN_GOP: Final = 1.5  # the longest over the shortest; an encoder that is set to 50 frames keeps to them
LOW_FRAME_RATE: Final = 4.0
RATE_KEPT: Final = 0.7  # of what is declared
BIT_RATE_OVER: Final = 1.5  # times what is declared: an uplink that was reckoned by it is too small
CLOCK_RUNS: Final = 0.15  # timestamps that go so much faster or slower than time
ODD_TIMES: Final = 3
_CODECS: Final = {"h264": "H.264", "h265": "H.265"}


def codec(fmt: VideoFormat | None, watched: Watched, declared: StreamProfile | None) -> Verdict:
    """H.264 or H.265; whether it is what the profile says; B-frames."""
    if fmt is None:
        return ok(Check.CODEC)
    name = _CODECS.get(fmt.codec, fmt.codec)
    told = {"codec": name, "codec_string": fmt.codec_string}
    if declared is not None and declared.codec in _CODECS and declared.codec != fmt.codec:
        said = _CODECS[declared.codec]
        return warn(Check.CODEC, "found_codec_other", "remedy_codec_other", declared=said, **told)
    if watched.b_frames > 1:
        return warn(Check.CODEC, "found_b_frames", "remedy_b_frames", **told)
    if fmt.codec == "h265":
        return ok(Check.CODEC, "found_h265", codec_string=fmt.codec_string)
    return ok(Check.CODEC, "found_codec", **told)


def media(watched: Watched) -> Verdict:
    """That pictures came at all."""
    return ok(Check.MEDIA, "found_media", units=watched.units, kbps=round(watched.kbps))


def frame_rate(watched: Watched, declared: StreamProfile | None) -> Verdict:
    """Too few, or fewer than are declared: at night many halve it to expose longer."""
    rate = watched.frame_rate
    if rate is None:
        return unknown(Check.FRAME_RATE)
    said = declared.frame_rate if declared is not None else None
    if rate < LOW_FRAME_RATE:
        return warn(Check.FRAME_RATE, "found_frame_rate", "remedy_frame_rate", rate=f"{rate:.1f}")
    if said is not None and rate < said * RATE_KEPT:
        told = {"rate": f"{rate:.1f}", "declared": f"{said:g}"}
        return warn(Check.FRAME_RATE, "found_frame_rate_less", "remedy_frame_rate_less", **told)
    return ok(Check.FRAME_RATE, "found_frame_rate", rate=f"{rate:.1f}")


def keyframe_interval(watched: Watched) -> Verdict:
    """How long the GOP is."""
    check, remedy = Check.KEYFRAME_INTERVAL, "remedy_keyframe_interval"
    gops = watched.gops_s
    if not gops:
        if watched.seconds < LONG_GOP_S:
            return unknown(check)
        return warn(check, "found_one_keyframe", remedy, seconds=f"{watched.seconds:.1f}")
    if max(gops) > LONG_GOP_S:
        return warn(check, "found_keyframe_interval", remedy, seconds=f"{max(gops):.1f}")
    return ok(check, "found_keyframe_interval", seconds=f"{max(gops):.1f}")


def smart_codec(watched: Watched, declared: StreamProfile | None) -> Verdict:
    """H.264+ and H.265+ ("Smart codec"): the GOP varies, is far longer than is declared, or does not end.

    A camera that adds a keyframe when the scene changes varies by a frame or two only while nothing changes, so a
    single short one is no proof: two lengths of three must differ.
    """
    check, remedy = Check.SMART_CODEC, "remedy_smart_codec"
    frames, seconds = watched.gops_frames, watched.gops_s
    if not frames:
        if watched.seconds < VERY_LONG_GOP_S:
            return unknown(check)
        return warn(check, "found_smart_codec_long", remedy, seconds=f"{watched.seconds:.1f}")
    if max(seconds) > VERY_LONG_GOP_S:
        return warn(check, "found_smart_codec_long", remedy, seconds=f"{max(seconds):.1f}")
    said = declared.gop_frames if declared is not None else None
    if said is not None and max(frames) > said * UNEVEN_GOP:
        return warn(check, "found_smart_codec_declared", remedy, frames=max(frames), declared=said)
    if len(frames) > 1 and max(frames) > min(frames) * UNEVEN_GOP and max(frames) - min(frames) > 2:
        return warn(check, "found_smart_codec_uneven", remedy, shortest=min(frames), longest=max(frames))
    return ok(check, "found_even_gop", frames=max(frames)) if len(frames) > 1 else unknown(check)


def bit_rate(watched: Watched, declared: StreamProfile | None) -> Verdict:
    """Against what the profile declares; without a declaration what came is said."""
    if watched.seconds < 1.0:
        return unknown(Check.BIT_RATE)
    kbps, said = round(watched.kbps), declared.bit_rate_kbps if declared is not None else None
    if said is None:
        return ok(Check.BIT_RATE, "found_bit_rate", kbps=kbps)
    told: dict[str, int] = {"kbps": kbps, "declared": round(said)}
    if kbps > said * BIT_RATE_OVER:
        return warn(Check.BIT_RATE, "found_bit_rate_of", "remedy_bit_rate", **told)
    return ok(Check.BIT_RATE, "found_bit_rate_of", **told)


def timestamps(watched: Watched, odd_times: int, clock_steps: int) -> Verdict:
    """Whether they grow as time does. `odd_times` repeat, step back or jump; `clock_steps`: the clock was set."""
    check, remedy = Check.TIMESTAMPS, "remedy_timestamps"
    if watched.seconds < 1.0:
        return unknown(check)
    if odd_times > ODD_TIMES:
        return warn(check, "found_timestamps_odd", remedy, count=odd_times)
    if clock_steps:
        return warn(check, "found_timestamps_steps", remedy, count=clock_steps)
    runs = watched.media_seconds / watched.seconds
    if watched.seconds >= 2.0 and abs(runs - 1.0) > CLOCK_RUNS:
        return warn(check, "found_timestamps_run", remedy, percent=round(runs * 100))
    return ok(check, "found_timestamps")


def size(fmt: VideoFormat | None, declared: StreamProfile | None) -> Verdict:
    """What is sent, and whether the profile says the same."""
    if fmt is None:
        return unknown(Check.SIZE)
    told = {"width": fmt.width_px, "height": fmt.height_px}
    said = (declared.width_px, declared.height_px) if declared is not None else (None, None)
    if said[0] and said[1] and said != (fmt.width_px, fmt.height_px):
        declared_size = f"{said[0]}×{said[1]}"
        return warn(Check.SIZE, "found_size_other", "remedy_size_other", declared=declared_size, **told)
    return ok(Check.SIZE, "found_size", **told)
