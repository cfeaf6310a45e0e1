"""A change on its way to browsers, with what decides who may hear of it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from hub.contracts.severity import Severity
from patrol_console.alert.state import AlertState
from patrol_console.event.schemas import Change, Noun
from patrol_console.rights import Action, Actor, Place, may

_SEEN_WITH = {
    "alert": Action.ALERT_SEE,
    "camera": Action.CAMERA_SEE,
    "area": Action.AREA_SEE,
    "outage": Action.CAMERA_SEE,
    "camera_event": Action.CAMERA_SEE,
    "uplink": Action.CAMERA_CONFIGURE,
    "sweep": Action.SWEEP_ORDER,
}


class Notice(BaseModel):
    """Kept in the outbox and sent between consoles; a browser gets the `Change` in it."""

    model_config = ConfigDict(frozen=True)
    noun: Noun
    id: str
    change: Literal["created", "updated", "removed"]
    severity: Severity | None = None
    camera_id: str | None = None
    state: AlertState | None = None
    area_path: str | None = None
    user_id: str | None = None  # of a session, a layout, a screen, a discovery: whose

    def ends(self, actor: Actor) -> bool:
        """Whether it tells that this actor's session is over."""
        return self.noun == "session" and self.change == "removed" and self.id == actor.session_id

    def concerns_rights_of(self, actor: Actor) -> bool:
        """Whether what this actor may do has changed."""
        return self.noun == "session" and self.user_id == actor.user_id

    def for_actor(self, actor: Actor) -> Change | None:
        """What this actor may hear of it; None: nothing."""
        if self.noun == "session":
            mine = self.user_id == actor.user_id and self.id in (actor.session_id, actor.user_id)
            return Change(noun="session", id=actor.user_id, change=self.change) if mine else None
        if self.noun == "layout" or self.noun == "screen" or self.noun == "discovery":
            mine = self.user_id == actor.user_id
            return Change(noun=self.noun, id=self.id, change=self.change) if mine else None
        if self.area_path is None or not may(actor, _SEEN_WITH[self.noun], Place(self.area_path)):
            return None
        return Change(
            noun=self.noun,
            id=self.id,
            change=self.change,
            severity=self.severity,
            camera_id=self.camera_id,
            state=self.state,
        )
