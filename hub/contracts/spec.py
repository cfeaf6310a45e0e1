"""What travels down on topic `specs`: a camera changed, a camera is gone, a right was withdrawn."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from hub.contracts.base import Message, UtcTime
from hub.contracts.camera import CameraSpec


class SpecChanged(Message):
    """The camera is now like this (also when it is new)."""

    kind: Literal["changed"] = "changed"
    spec: CameraSpec


class SpecRemoved(Message):
    """The camera is gone: close it, forget it."""

    kind: Literal["removed"] = "removed"
    camera_id: str


class Revoked(Message):
    """Streams open now under any of the names given end within 2 s, and tickets made before `at` no longer open."""

    kind: Literal["revoked"] = "revoked"
    camera_id: str | None = None
    user_id: str | None = None
    ticket_id: str | None = None
    at: UtcTime


SpecMessage = Annotated[SpecChanged | SpecRemoved | Revoked, Field(discriminator="kind")]
spec_message: TypeAdapter[SpecMessage] = TypeAdapter(SpecMessage)
