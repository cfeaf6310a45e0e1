"""What of an encoder is to be changed for a wish, to values that the camera offers. Pure: decides, asks nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from camera_gateway.cure.encoder import Encoder, number_text, size_text, with_values
from camera_gateway.cure.options import CodecOptions, EncoderOptions
from hub.contracts.cure import Change, FixWish, Setting
from hub.contracts.device import Reason
from hub.errors import ErrorKind, HubError

# High needs the least bits, Main is what every decoder and browser has; cameras that offer neither have Baseline.
_PROFILES: Final = ("Main", "High", "Baseline")
# Where a camera does not say at which rate it runs: what cameras here are delivered with (PAL).
_USUAL_RATE: Final = 25.0
# What a camera may make of a number without having disobeyed.
TOLERANCE: Final = 0.25


@dataclass(frozen=True, slots=True)
class EncoderPlan:
    """`after` is `before` where nothing is to be done."""

    before: Encoder
    after: Encoder
    changes: tuple[Change, ...]
    notes: tuple[Reason, ...]


def plan_encoder(encoder: Encoder, options: EncoderOptions, wish: FixWish) -> EncoderPlan:
    """The changes. Raises HubError UNSUPPORTED `cure.codec_not_offered`."""
    codec = wish.codec or encoder.codec or ""
    new_codec = codec != encoder.codec
    if new_codec and options and codec not in options:
        offered = " ".join(sorted(options))
        raise HubError(ErrorKind.UNSUPPORTED, "cure.codec_not_offered", codec=codec, offered=offered)
    offers = options.get(codec, CodecOptions())
    wanted: dict[Setting, str | None] = {Setting.CODEC: wish.codec}
    chosen: dict[Setting, str | None] = {Setting.CODEC: codec}
    size = (wish.width_px, wish.height_px) if wish.width_px and wish.height_px else None
    wanted[Setting.SIZE] = size_text(size)
    if (target := size or (encoder.size if new_codec else None)) is not None:
        chosen[Setting.SIZE] = size_text(offers.nearest_size(target))
    rate = wish.frame_rate or (encoder.frame_rate if new_codec else None)
    wanted[Setting.FRAME_RATE] = number_text(wish.frame_rate)
    if rate is not None:
        chosen[Setting.FRAME_RATE] = number_text(offers.nearest_frame_rate(rate))
    if wish.frame_rate is not None and (encoder.frame_skip or 1) > 1:
        chosen[Setting.FRAME_SKIP] = "1"
    gop = _gop(encoder, wish, chosen)
    wanted[Setting.GOP] = number_text(gop) if wish.gop_s is not None else None
    if (frames := gop or (encoder.gop_frames if new_codec else None)) is not None:
        chosen[Setting.GOP] = number_text(offers.nearest_gop(frames))
    kbps = wish.bit_rate_kbps or (encoder.bit_rate_kbps if new_codec else None)
    wanted[Setting.BIT_RATE] = number_text(wish.bit_rate_kbps)
    if kbps is not None:
        chosen[Setting.BIT_RATE] = number_text(offers.nearest_bit_rate(kbps))
    if new_codec and (profile := _profile(codec, offers)) is not None:
        chosen[Setting.PROFILE] = profile
    return _made(encoder, chosen, wanted, told=bool(options))


def _gop(encoder: Encoder, wish: FixWish, chosen: dict[Setting, str | None]) -> int | None:
    """Frames, at the rate that it will have."""
    if wish.gop_s is None:
        return None
    rate = float(chosen.get(Setting.FRAME_RATE) or encoder.frame_rate or _USUAL_RATE)
    skip = 1 if Setting.FRAME_SKIP in chosen else max(encoder.frame_skip or 1, 1)
    return max(1, round(wish.gop_s * rate / skip))


def _profile(codec: str, offers: CodecOptions) -> str | None:
    if codec == "h264" and not offers.profiles:
        return _PROFILES[0]
    return next((one for one in _PROFILES if one in offers.profiles), next(iter(offers.profiles), None))


def _made(
    encoder: Encoder, chosen: dict[Setting, str | None], wanted: dict[Setting, str | None], *, told: bool
) -> EncoderPlan:
    before = encoder.values
    values = {name: value for name, value in chosen.items() if value is not None and value != before[name]}
    if Setting.CODEC in values:  # these stand inside the codec's own element, or go with it
        written = values | {name: v for name in (Setting.PROFILE, Setting.GOP) if (v := chosen.get(name)) is not None}
    else:
        written = values
    after = with_values(encoder, written) if written else encoder
    changes = tuple(
        Change(setting=name, before=before[name], after=values[name], wanted=_other(wanted.get(name), values[name]))
        for name in Setting
        if name in values
    )
    notes = [
        Reason(code="cure.rounded", params={"setting": name.value, "wanted": asked, "given": given})
        for name, asked in wanted.items()
        if asked is not None and (given := chosen.get(name)) is not None and given != asked
    ]
    if not told:
        notes.append(Reason(code="cure.options_unknown"))
    return EncoderPlan(encoder, after, changes, tuple(notes))


def _other(wanted: str | None, given: str) -> str | None:
    return wanted if wanted is not None and wanted != given else None


def disobeyed(plan: EncoderPlan, now: Encoder) -> HubError | None:
    """What the camera has not made of what it accepted; None where it did, or nearly.

    PROTOCOL `cure.ignored` (all is as before) or `cure.took_other`.
    """
    found = now.values
    wrong = [one for one in plan.changes if not _taken(one, found[one.setting])]
    if not wrong:
        return None
    if all(found[one.setting] == one.before for one in wrong):
        names = " ".join(one.setting.value for one in wrong)
        return HubError(ErrorKind.PROTOCOL, "cure.ignored", settings=names)
    one = next(one for one in wrong if found[one.setting] != one.before)
    told = {"setting": one.setting.value, "wanted": one.after or "", "found": found[one.setting] or "?"}
    return HubError(ErrorKind.PROTOCOL, "cure.took_other", **told)


def as_taken(plan: EncoderPlan, now: Encoder) -> tuple[tuple[Change, ...], tuple[Reason, ...]]:
    """The changes with what the camera made of them, also what it changed by itself; and what is to be said of that."""
    found, before = now.values, plan.before.values
    planned = {one.setting: one for one in plan.changes}
    changes, notes = [], []
    for setting, value in found.items():
        one = planned.get(setting)
        if one is not None and value != one.after:
            told = {"setting": setting.value, "wanted": one.after or "", "given": value or "?"}
            notes.append(Reason(code="cure.rounded_by_camera", params=told))
        if one is None and value != before[setting]:
            told = {"setting": setting.value, "before": before[setting] or "?", "after": value or "?"}
            notes.append(Reason(code="cure.changed_besides", params=told))
        if one is not None or value != before[setting]:
            changes.append(
                Change(setting=setting, before=before[setting], after=value, wanted=one.wanted if one else None)
            )
    return tuple(changes), tuple(notes)


def _taken(change: Change, found: str | None) -> bool:
    """Exactly; or nearly, for a number. One that stands where it stood was ignored, however near that is."""
    if change.after == found or change.setting is Setting.PROFILE:  # which profile it makes of it harms nobody
        return True
    if found == change.before or change.setting in (Setting.CODEC, Setting.SIZE):
        return False
    if change.after is None or found is None:
        return False
    wanted, is_now = float(change.after), float(found)
    return abs(is_now - wanted) <= TOLERANCE * wanted
