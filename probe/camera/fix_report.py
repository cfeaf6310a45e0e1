"""What became of a camera, as a table before/after for a person or as JSON for a program. Standard output."""

from __future__ import annotations

from pydantic import JsonValue

from hub import i18n
from hub.contracts.cure import Change, FixResult, Outcome
from hub.contracts.device import Reason
from probe import language
from probe.printer import print_line, print_table


def tell(name: str, /, **params: object) -> str:
    """The sentence `name` of `hub/messages/<lang>/cure.yaml` in the chosen language."""
    return i18n.text(f"cure.{name}", language.current(), **params)


def outcome_text(result: FixResult, *, undoing: bool = False) -> str:
    """In few words."""
    return tell(f"{'undone' if undoing and result.outcome is not Outcome.PUT_BACK else 'outcome'}_{result.outcome}")


def reason_text(reason: Reason) -> str:
    """The sentence; the name of a setting in it is translated."""
    if isinstance(said := reason.params.get("says"), str):  # the console's own sentence
        return said
    params: dict[str, object] = dict(reason.params)
    if isinstance(setting := params.get("setting"), str):
        params["setting"] = tell(f"setting_{setting}")
    if isinstance(settings := params.get("settings"), str):
        params["settings"] = ", ".join(tell(f"setting_{one}") for one in settings.split())
    return i18n.text(reason.code, language.current(), **params)


def print_changes(changes: tuple[Change, ...]) -> None:
    """The table."""
    if changes:
        headings = [tell("head_setting"), tell("head_before"), tell("head_after")]
        print_table(headings, [(tell(f"setting_{one.setting}"), one.before or "–", _after(one)) for one in changes])


def print_result(result: FixResult, *, undoing: bool = False) -> None:
    """All of one camera."""
    print_changes(result.changes)
    for note in result.notes:
        print_line(f"! {reason_text(note)}")
    if result.problem is not None:
        print_line(f"✗ {reason_text(result.problem)}")
    print_line(outcome_text(result, undoing=undoing))


def as_json(result: FixResult, **besides: JsonValue) -> dict[str, JsonValue]:
    """Without what puts it back: that stands in the undo file, or in the record."""
    made: dict[str, JsonValue] = {
        **besides,
        "outcome": result.outcome.value,
        "changes": [one.model_dump(mode="json") for one in result.changes],
        "problem": None if result.problem is None else _reason_json(result.problem),
        "notes": [_reason_json(note) for note in result.notes],
        "profile_token": result.profile_token,
        "stream_url": result.stream_url,
    }
    return made


def _reason_json(reason: Reason) -> JsonValue:
    return {"code": reason.code, "text": reason_text(reason)}


def _after(change: Change) -> str:
    return (change.after or "–") + (tell("wanted", wanted=change.wanted) if change.wanted else "")
