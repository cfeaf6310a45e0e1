"""The states of an alert and the verbs between them: the one table everything asks (DESIGN §7). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from patrol_console.rights import Action


class AlertGroup(StrEnum):
    """待我处理, 处置中, 已结."""

    WAITING = "waiting"
    HANDLING = "handling"
    DONE = "done"


class AlertState(StrEnum):
    """待签收 → 已签收 → 已派发 → 已接单 → 已到场 → 已反馈 → 已核查 → 办结; aside: 误报, 挂账."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    DISPATCHED = "dispatched"
    ACCEPTED = "accepted"
    ON_SITE = "on_site"
    REPORTED = "reported"
    VERIFIED = "verified"
    CLOSED = "closed"
    DISMISSED = "dismissed"
    SUSPENDED = "suspended"

    @property
    def group(self) -> AlertGroup:
        """Where the queue shows it."""
        if self is AlertState.RAISED:
            return AlertGroup.WAITING
        return AlertGroup.DONE if self in (AlertState.CLOSED, AlertState.DISMISSED) else AlertGroup.HANDLING

    @property
    def is_open(self) -> bool:
        """Whether a person still has something to do."""
        return self.group is not AlertGroup.DONE


class Verb(StrEnum):
    """What can be done to an alert; `raise` is how it began."""

    RAISE = "raise"
    ACKNOWLEDGE = "acknowledge"
    DISPATCH = "dispatch"
    ACCEPT = "accept"
    ARRIVE = "arrive"
    REPORT = "report"
    VERIFY = "verify"
    CLOSE = "close"
    DISMISS = "dismiss"
    RETURN = "return"
    FORWARD = "forward"
    ESCALATE = "escalate"
    SUSPEND = "suspend"
    RESUME = "resume"
    REOPEN = "reopen"
    RECOVER = "recover"  # the machine's: what the alert told of is over
    JOIN = "join"  # the machine's: more of the same


@dataclass(frozen=True, slots=True)
class Step:
    """From where a verb is allowed and where it leads; `action` is None for verbs that nobody can use yet."""

    sources: frozenset[AlertState]
    target: AlertState
    action: Action | None = None


def _step(target: AlertState, *sources: AlertState, action: Action | None = None) -> Step:
    return Step(frozenset(sources), target, action)


S = AlertState
STEPS: dict[Verb, Step] = {
    Verb.ACKNOWLEDGE: _step(S.ACKNOWLEDGED, S.RAISED, action=Action.ALERT_ACKNOWLEDGE),
    Verb.DISMISS: _step(S.DISMISSED, S.RAISED, S.ACKNOWLEDGED, action=Action.ALERT_DISMISS),
    # Declared, and offered to nobody before dispatch exists.
    Verb.DISPATCH: _step(S.DISPATCHED, S.ACKNOWLEDGED),
    Verb.ACCEPT: _step(S.ACCEPTED, S.DISPATCHED),
    Verb.ARRIVE: _step(S.ON_SITE, S.ACCEPTED),
    Verb.REPORT: _step(S.REPORTED, S.ON_SITE),
    Verb.VERIFY: _step(S.VERIFIED, S.REPORTED),
    Verb.CLOSE: _step(S.CLOSED, S.VERIFIED),
    Verb.RETURN: _step(S.ACKNOWLEDGED, S.DISPATCHED, S.ACCEPTED, S.ON_SITE, S.REPORTED),
    Verb.FORWARD: _step(S.DISPATCHED, S.DISPATCHED, S.ACCEPTED),
    Verb.ESCALATE: _step(S.RAISED, S.RAISED, S.ACKNOWLEDGED),
    Verb.SUSPEND: _step(S.SUSPENDED, S.ACKNOWLEDGED, S.DISPATCHED, S.ACCEPTED, S.ON_SITE, S.REPORTED),
    Verb.RESUME: _step(S.ACKNOWLEDGED, S.SUSPENDED),
    Verb.REOPEN: _step(S.ACKNOWLEDGED, S.CLOSED, S.DISMISSED),
    # The machine's own: offered to nobody. What somebody has in hand stays in hand.
    Verb.RECOVER: _step(S.CLOSED, S.RAISED),
}


def states_of(group: AlertGroup) -> tuple[AlertState, ...]:
    """The states that the queue shows under `group`."""
    return tuple(state for state in AlertState if state.group is group)
