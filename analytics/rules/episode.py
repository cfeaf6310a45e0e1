"""An episode: something has been in a zone, look after look, from when it came until it was gone for long enough.

Frozen values and pure functions over times; nothing here knows boxes, Redis or the clock. The judge keeps episodes in
Redis as JSON, so fields may be added with defaults and never renamed.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from hub.contracts.base import Contract, UtcTime

MOST_MISSES = 1
"""Empty looks in a row that a stay survives: a detector misses one now and then, and does not miss two."""

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, as in hub.ids


class Episode(Contract):
    """`stayed_from`: begin of the unbroken stay that counts for the least time; `raised_at`: None until the alert."""

    alert_id: str
    started_at: UtcTime
    stayed_from: UtcTime
    last_occupied_at: UtcTime
    misses: int = 0
    raised_at: UtcTime | None = None


class Timing(Contract):
    """What a rule asks of time. `most_gap_s`: two looks further apart say nothing about the time between them."""

    least_time_s: float
    clear_after_s: float
    most_gap_s: float


def opened(camera_id: str, rule_id: str, at: datetime) -> Episode:
    """A new one. Its alert's id is made here and follows from what it is about, so judging twice makes it once."""
    return Episode(alert_id=_alert_id(camera_id, rule_id, at), started_at=at, stayed_from=at, last_occupied_at=at)


def seen(episode: Episode | None, at: datetime, timing: Timing) -> Episode | None:
    """The episode at a look that found the zone occupied; None: the old one is over (or there was none), open anew."""
    if episode is None or _since(episode, at) > max(timing.clear_after_s, timing.most_gap_s):
        return None
    broken = _since(episode, at) > timing.most_gap_s or episode.misses > MOST_MISSES
    return episode.model_copy(
        update={"last_occupied_at": at, "misses": 0, "stayed_from": at if broken else episode.stayed_from}
    )


def missed(episode: Episode | None, at: datetime, timing: Timing) -> Episode | None:
    """The episode at a look that found the zone empty; None: it is over."""
    if episode is None or _since(episode, at) >= timing.clear_after_s:
        return None
    return episode.model_copy(update={"misses": episode.misses + 1})


def is_due(episode: Episode, at: datetime, timing: Timing) -> bool:
    """Whether the alert is to be raised now: never raised, and stayed long enough."""
    return episode.raised_at is None and at - episode.stayed_from >= timedelta(seconds=timing.least_time_s)


def _since(episode: Episode, at: datetime) -> float:
    return (at - episode.last_occupied_at).total_seconds()


def _alert_id(camera_id: str, rule_id: str, at: datetime) -> str:
    """Sorts by time as `hub.ids` does; the rest is a digest instead of chance."""
    digest = hashlib.blake2s(f"{camera_id}\0{rule_id}\0{at.isoformat()}".encode(), digest_size=11).digest()
    stamp = int(at.timestamp() * 1000)
    head = "".join(_ALPHABET[stamp >> shift & 31] for shift in range(40, -1, -5))
    return f"alert_{head}{''.join(_ALPHABET[byte & 31] for byte in digest)}"
