"""An actor as the API shows a person."""

from __future__ import annotations

from typing import Literal

from patrol_console.rights import Actor, actions_of
from patrol_console.user.schemas import HeldRole, User


def person(actor: Actor) -> User:
    """What the page needs to know of who is signed in."""
    return User(
        id=actor.user_id,
        username=actor.username,
        display_name=actor.display_name,
        unit_id=actor.unit_id,
        language=language_of(actor.language),
        roles=[HeldRole(role=g.role, area_id=g.area_id, area_name=g.area_name) for g in actor.grants],
        can=actions_of(actor.grants),
    )


def language_of(text: str) -> Literal["zh", "en"]:
    """A kept language, or Chinese."""
    return "en" if text == "en" else "zh"
