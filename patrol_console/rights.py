"""Who may do what, and where: roles are held on areas and inherited downward. Pure; the one place that knows.

Every route, list, event and file asks `may`; a list asks it of the database with `within`, made from the same table.
An area's path is `/<id>/<id>/`, so that "below" is "begins with".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import ColumnElement, false, or_
from sqlalchemy.orm import InstrumentedAttribute

from hub.errors import ErrorKind, HubError


class Role(StrEnum):
    """管理员 技术员 操作员 值班员; the others are names for later and allow nothing yet."""

    ADMINISTRATOR = "administrator"
    TECHNICIAN = "technician"
    OPERATOR = "operator"
    DUTY_OFFICER = "duty_officer"
    GRID_WORKER = "grid_worker"
    HOUSEHOLD = "household"
    AUDITOR = "auditor"
    PARTNER = "partner"


class Action(StrEnum):
    """What a role can allow; each route declares one."""

    EVENT_FOLLOW = "event.follow"
    AREA_SEE = "area.see"
    AREA_CONFIGURE = "area.configure"
    CAMERA_SEE = "camera.see"
    CAMERA_LIVE = "camera.live"
    CAMERA_LISTEN = "camera.listen"
    CAMERA_SNAPSHOT = "camera.snapshot"
    CAMERA_CONFIGURE = "camera.configure"
    CAMERA_TEST = "camera.test"
    CAMERA_PTZ = "camera.ptz"
    SWEEP_ORDER = "sweep.order"
    REGISTER_SEE = "register.see"
    ALERT_SEE = "alert.see"
    ALERT_ACKNOWLEDGE = "alert.acknowledge"
    ALERT_DISMISS = "alert.dismiss"
    USER_CONFIGURE = "user.configure"
    MACHINE_SEE = "machine.see"


_LOOK = frozenset({Action.EVENT_FOLLOW, Action.AREA_SEE, Action.CAMERA_SEE, Action.CAMERA_LIVE, Action.CAMERA_SNAPSHOT})
ALLOWED: dict[Role, frozenset[Action]] = {
    Role.ADMINISTRATOR: frozenset(Action),
    Role.TECHNICIAN: _LOOK
    | {
        Action.CAMERA_PTZ,
        Action.CAMERA_CONFIGURE,
        Action.CAMERA_TEST,
        Action.SWEEP_ORDER,
        Action.MACHINE_SEE,
    },
    Role.OPERATOR: _LOOK | {Action.CAMERA_PTZ, Action.SWEEP_ORDER, Action.ALERT_SEE, Action.ALERT_ACKNOWLEDGE},
    Role.DUTY_OFFICER: _LOOK
    | {
        Action.CAMERA_LISTEN,
        Action.CAMERA_PTZ,
        Action.SWEEP_ORDER,
        Action.ALERT_SEE,
        Action.ALERT_ACKNOWLEDGE,
        Action.ALERT_DISMISS,
        Action.REGISTER_SEE,
    },
    Role.GRID_WORKER: frozenset(),
    Role.HOUSEHOLD: frozenset(),
    Role.AUDITOR: frozenset(),
    Role.PARTNER: frozenset(),
}


# Of the hub as a whole, not of an area: whoever holds the role on a root area only.
OF_THE_HUB = frozenset({Action.MACHINE_SEE})


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held on an area and on all below it."""

    role: Role
    area_id: str
    area_name: str
    area_path: str

    def allows(self, action: Action) -> bool:
        """Whether the role allows it somewhere: on its area, or of the hub where the area is a root."""
        return action in ALLOWED[self.role] and (action not in OF_THE_HUB or self.area_path.count("/") <= 2)


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who asks. `session_id` is None for a terminal on this machine (`hub.local_access`)."""

    user_id: str
    username: str
    display_name: str
    unit_id: str | None
    language: str
    grants: tuple[Grant, ...]
    session_id: str | None = None


class InArea(Protocol):
    """A thing that lies in an area."""

    @property
    def area_path(self) -> str:
        """`/<id>/<id>/`."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """An area as such."""

    area_path: str


EVERYWHERE = Place("/")  # above every root: only the terminal of this machine holds a role here


def may(actor: Actor, action: Action, thing: InArea | None = None) -> bool:
    """Whether `actor` may do `action` to `thing`; without a thing: whether anywhere at all."""
    return any(
        grant.allows(action) and (thing is None or thing.area_path.startswith(grant.area_path))
        for grant in actor.grants
    )


def require(actor: Actor, action: Action, thing: InArea, *, see: Action, missing: HubError) -> None:
    """Raise `missing` where the actor may not even know of the thing, FORBIDDEN where only the action is not theirs."""
    if not may(actor, see, thing):
        raise missing
    if not may(actor, action, thing):
        raise HubError(ErrorKind.FORBIDDEN, "patrol_console.not_allowed")


def within(actor: Actor, action: Action, path: InstrumentedAttribute[str] | ColumnElement[Any]) -> ColumnElement[bool]:
    """The same question as `may`, asked of a column that holds area paths."""
    held = [grant.area_path for grant in actor.grants if action in ALLOWED[grant.role]]
    return or_(*(path.startswith(prefix, autoescape=True) for prefix in held)) if held else false()


def actions_of(grants: Sequence[Grant]) -> list[Action]:
    """All that these grants allow somewhere, in the order of `Action`."""
    return [action for action in Action if any(grant.allows(action) for grant in grants)]
