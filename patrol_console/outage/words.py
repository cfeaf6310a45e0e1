"""The sentences of outages and offline cameras, in the hub's language: a timeline is written once, for all readers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from hub import i18n
from patrol_console.outage.grouping import Scope

_NAMED = 8  # cameras named in one line; the page lists them all


class Words:
    """Says things in one language."""

    def __init__(self, language: str) -> None:
        self._language = language

    def duration(self, lasted: timedelta) -> str:
        """12 分."""
        seconds = max(0, int(lasted.total_seconds()))
        minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
        if minutes == 0:
            return self._say("duration_s", s=seconds)
        if hours == 0:
            return self._say("duration_min", min=minutes)
        if days == 0:
            return self._say("duration_h", h=hours, min=minutes % 60)
        return self._say("duration_d", d=days, h=hours % 24)

    def outage(self, scope: Scope, name: str, count: int, *, whole: bool, silent: bool) -> str:
        """同一网段 192.168.3.0/24 的 12 台."""
        code = "outage_silent" if silent else f"outage_{scope.value}{'_whole' if whole else ''}"
        return self._say(code, name=name, count=count)

    def joined(self, names: Sequence[str]) -> str:
        """More cameras of the same outage."""
        return self._say("outage_joined", count=len(names), names=self._names(names))

    def over(self, lasted: timedelta, still: Sequence[str]) -> str:
        """An outage is over, perhaps not for all."""
        if not still:
            return self._say("outage_over", duration=self.duration(lasted))
        return self._say("outage_over_but", duration=self.duration(lasted), count=len(still), names=self._names(still))

    def offline(self, lasted: timedelta, cause: str) -> str:
        """One camera has been dark for so long."""
        said = self._say(f"cause_{cause}")
        said = self._say("cause_none") if said == f"patrol_console.cause_{cause}" else said
        return self._say("offline_raised", duration=self.duration(lasted), cause=said)

    def back(self, lasted: timedelta, *, set_aside: bool) -> str:
        """It is back, or nobody waits for it any more."""
        return self._say("offline_set_aside" if set_aside else "offline_over", duration=self.duration(lasted))

    def _names(self, names: Sequence[str]) -> str:
        named = self._say("names_joint").join(names[:_NAMED])
        return named if len(names) <= _NAMED else self._say("names_and_more", names=named, count=len(names))

    def _say(self, code: str, **params: object) -> str:
        return i18n.text(f"patrol_console.{code}", self._language, **params)
