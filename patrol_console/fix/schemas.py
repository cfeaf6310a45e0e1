"""What is ordered of a cure and what became of it, as the API has it."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict

from hub import i18n
from hub.contracts.cure import Change, FixResult, FixWish, Outcome
from hub.contracts.device import Reason


class FixOrdered(FixWish):
    """POST /api/cameras/{id}/fix: what the substream and the clock are to be; what is absent stays."""

    model_config = ConfigDict(extra="forbid")
    dry_run: bool = False


class UndoOrdered(BaseModel):
    """POST /api/cameras/{id}/fix/undo: the last fix that was not undone yet."""

    model_config = ConfigDict(extra="forbid")
    dry_run: bool = False


class Sentence(Reason):
    """A code with its parameters, and the sentence in the reader's language."""

    text: str

    @classmethod
    def said(cls, reason: Reason, lang: str) -> Self:
        """In `lang`; names of settings in it too."""
        params: dict[str, object] = dict(reason.params)
        for name in ("setting", "settings"):
            if isinstance(told := params.get(name), str):
                params[name] = ", ".join(i18n.text(f"cure.setting_{one}", lang) for one in told.split())
        return cls(code=reason.code, params=reason.params, text=i18n.text(reason.code, lang, **params))


class Fixed(BaseModel):
    """What became of it. What puts it back stays in the camera's record."""

    outcome: Outcome
    changes: list[Change]
    problem: Sentence | None
    notes: list[Sentence]
    profile_token: str | None  # of the substream
    stream_url: str | None  # of the substream, without credentials
    can_undo: bool

    @classmethod
    def of(cls, result: FixResult, lang: str, *, can_undo: bool) -> Self:
        """For a reader of `lang`."""
        return cls(
            outcome=result.outcome,
            changes=list(result.changes),
            problem=None if result.problem is None else Sentence.said(result.problem, lang),
            notes=[Sentence.said(note, lang) for note in result.notes],
            profile_token=result.profile_token,
            stream_url=result.stream_url,
            can_undo=can_undo,
        )
