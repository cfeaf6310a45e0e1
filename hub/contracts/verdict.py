"""诊断结论: what the doctor found about one camera, a verdict a check, as codes that any language is made of."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from hub import i18n
from hub.contracts.base import Contract
from hub.errors import HubError

Param = str | int | float | bool | None


class VerdictStatus(StrEnum):
    """How a check went. A warning is of a camera that works and should be mended."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"  # a check before it failed, or the time was too short


_BAD_FIRST = (VerdictStatus.FAIL, VerdictStatus.WARN, VerdictStatus.OK, VerdictStatus.UNKNOWN)


class Verdict(Contract):
    """One check. `detail` and `remedy` are codes of sentences in `hub/messages`, `params` fills the braces of both.

    A failed check may have no remedy apart: the sentence of its error says what to do.
    """

    check: Annotated[str, Field(max_length=40)]  # camera_gateway.doctor.checks.Check
    status: VerdictStatus
    detail: Annotated[str, Field(max_length=80)] | None = None
    remedy: Annotated[str, Field(max_length=80)] | None = None
    params: dict[str, Param] = Field(default_factory=dict)

    @classmethod
    def of_error(cls, check: str, error: HubError, status: VerdictStatus = VerdictStatus.FAIL) -> Verdict:
        """A check that ended in an error."""
        params = {name: _plain(value) for name, value in error.params.items()}
        return cls(check=check, status=status, detail=error.code, params=params)

    def name_text(self, lang: str = "zh") -> str:
        """What was checked."""
        return i18n.text(f"camera_gateway.check_{self.check}", lang)

    def detail_text(self, lang: str = "zh") -> str:
        """What was found; empty for nothing."""
        return i18n.text(self.detail, lang, **self.params) if self.detail else ""

    def remedy_text(self, lang: str = "zh") -> str:
        """What to do; empty for nothing."""
        return i18n.text(self.remedy, lang, **self.params) if self.remedy else ""


def worst(verdicts: Iterable[Verdict]) -> VerdictStatus:
    """Of them all; UNKNOWN for none."""
    found = {one.status for one in verdicts}
    return next((status for status in _BAD_FIRST if status in found), VerdictStatus.UNKNOWN)


def _plain(value: object) -> Param:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
