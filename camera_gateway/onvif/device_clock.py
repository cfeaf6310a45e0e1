"""A device's own clock: how far it is from ours, and whether its UTC is really local time. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from camera_gateway.onvif.answer import Answer
from camera_gateway.onvif.moment import moment_of, parse_moment

ZONE_STEP_S: Final = 900.0  # zones differ by quarters of an hour
ZONE_NEAR_S: Final = 120.0  # off by a zone but for so much: the zone is the fault
FARTHEST_ZONE_S: Final = 14 * 3600.0


@dataclass(frozen=True, slots=True)
class DeviceClock:
    """What GetSystemDateAndTime told. `offset_s` is added to our time to have the device's."""

    offset_s: float = 0.0
    known: bool = False  # False: it told none that can be read
    by_ntp: bool | None = None
    zone: str | None = None  # POSIX, as it says: CST-8:00:00
    needs_login: bool = False  # it tells the time to those alone who are logged in (Axis)

    @property
    def zone_taken_for_utc(self) -> bool:
        """Whether its UTC looks like local time (OpenIPC majestic-webui#292): off by a zone, and by nothing else."""
        off = abs(self.offset_s)
        if not self.known or not ZONE_STEP_S * 2 - ZONE_NEAR_S <= off <= FARTHEST_ZONE_S + ZONE_NEAR_S:
            return False
        beside = off % ZONE_STEP_S
        return min(beside, ZONE_STEP_S - beside) <= ZONE_NEAR_S


def read_clock(answer: Answer, now: datetime) -> DeviceClock:
    """The clock in GetSystemDateAndTimeResponse, met at `now`; `known` is False where nothing in it is a time."""
    told = answer.at("SystemDateAndTime")
    zone = told.value("TimeZone/TZ")
    kind = (told.value("DateTimeType") or "").lower()
    by_ntp = {"ntp": True, "manual": False}.get(kind)
    at = _moment(told.at("UTCDateTime")) or _moment(told.at("LocalDateTime"))
    if at is None:
        return DeviceClock(by_ntp=by_ntp, zone=zone)
    return DeviceClock((at - now).total_seconds(), True, by_ntp, zone)


def _moment(told: Answer) -> datetime | None:
    """Fields, as the schema wants them; or a text in their place, as some write it."""
    if not told.children:
        return parse_moment(told.text)
    date = [told.whole(f"Date/{name}") for name in ("Year", "Month", "Day")]
    time = [told.whole(f"Time/{name}") for name in ("Hour", "Minute", "Second")]
    year, month, day = date
    hour, minute, second = time
    if year is None or month is None or day is None or hour is None or minute is None:
        return None
    return moment_of(year, month, day, hour, minute, second or 0)
