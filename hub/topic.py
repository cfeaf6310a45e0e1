"""The topics between the services, and one entry of a topic as a reader gets it.

Pure data. A durable topic survives and is acknowledged; a lossy one is memory only and keeps the newest.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from pydantic import ValidationError

from hub.contracts.base import Message
from hub.errors import ErrorKind, HubError

M = TypeVar("M", bound=Message)


class Topic(StrEnum):
    """What travels; the value is the last part of its key."""

    FRAMES = "frames"
    RESULTS = "results"
    ALERTS = "alerts"
    STATUS = "status"
    VIEWINGS = "viewings"
    SPECS = "specs"
    EVENTS = "events"

    @property
    def durable(self) -> bool:
        """Whether it lives on the durable Redis."""
        return self is not Topic.FRAMES

    @property
    def most_entries(self) -> int:
        """About how many entries are kept; the oldest go first."""
        return _MOST_ENTRIES[self]


_MOST_ENTRIES = {
    Topic.FRAMES: 1_200,  # 600 cameras, a keyframe every 2 s: four seconds of pictures
    Topic.RESULTS: 100_000,  # 300/s: five minutes with the judge away
    Topic.ALERTS: 1_000_000,  # half a gigabyte; at 200/s more than an hour with the console away
    Topic.STATUS: 100_000,
    Topic.VIEWINGS: 500_000,  # the access register stands on it
    Topic.SPECS: 100_000,
    Topic.EVENTS: 100_000,  # 600 cameras whose motion sensor chatters: half an hour with the console away
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """One entry: its `id` (for `ack`), the message as JSON, and the bytes that travelled beside it."""

    id: str
    body: bytes
    data: bytes | None = None

    def parse(self, model: type[M]) -> M:
        """The message; raises HubError PROTOCOL `hub.bus_message` where it is none or of a later version.

        Whoever reads a durable topic acknowledges such an entry all the same: it never gets better.
        """
        try:
            message = model.model_validate_json(self.body)
        except ValidationError as error:
            reason = f"{error.error_count()} field(s) wrong"
            raise HubError(ErrorKind.PROTOCOL, "hub.bus_message", name=model.__name__, reason=reason) from error
        known = int(model.model_fields["version"].default)
        if message.version > known:
            reason = f"version {message.version} > {known}"
            raise HubError(ErrorKind.PROTOCOL, "hub.bus_message", name=model.__name__, reason=reason)
        return message
