"""One camera's picture on its way to one partner's player: prepared, opened, ended, and written into the register.

Runs on the gateway's loop. Holds the camera open from the first question on, for one that rests has no description
before; a picture leaves only after the register has its line. What was prepared is for the spec of then: when the
camera changed meanwhile nothing is shown, and the player asks anew.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from camera_gateway.camera import Camera
from camera_gateway.demand import Hold, Want
from camera_gateway.live.broadcast import Broadcast
from camera_gateway.live.mse import CLOSED_BECAUSE
from camera_gateway.live.seats import Seats
from camera_gateway.live.transcode import Transcodings
from camera_gateway.live.viewer import End, Wire
from camera_gateway.republish.reader import PartnerReader
from camera_gateway.sources.base import VideoFormat
from camera_gateway.viewing import Register
from hub.clock import Clock
from hub.contracts.camera import CameraKind, CameraSpec
from hub.contracts.share import PartnerShare
from hub.contracts.ticket import Ticket
from hub.errors import HubError
from hub.ids import new_id
from hub.settings import GatewaySettings

PURPOSE: Final = "partner"
FIRST_PICTURE_S: Final = 15.0  # a camera at rest is opened; as long as a snapshot may take
_LOOK_S: Final = 0.05
_PLAYS: Final = frozenset({"h264", "h265"})
_LIFE: Final = timedelta(minutes=1)  # of a ticket that nobody but this process sees

NOT_FOUND: Final = "404 Not Found"
NOT_NOW: Final = "503 Service Unavailable"
NO_ROOM: Final = "453 Not Enough Bandwidth"
_FULL: Final = frozenset({End.LIMIT, End.TRANSCODE_LIMIT, End.UPLINK_FULL})


class RefusedError(Exception):
    """What is asked for is not given; `status` is the answer's."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all showings of a gateway share."""

    settings: GatewaySettings
    clock: Clock
    seats: Seats
    register: Register
    transcodings: Transcodings
    watermark: bool  # whether the unit's name is drawn on its pictures


def shared_with(spec: CameraSpec, share: PartnerShare) -> bool:
    """Whether the unit may have this camera now, by the login it came with; a household's never."""
    return spec.kind is not CameraKind.HOUSEHOLD and share in spec.shares


class Showing:
    """From DESCRIBE or SETUP to the end of the connection, or of the interest in this camera."""

    def __init__(self, around: Surroundings, camera_id: str, share: PartnerShare, address: str) -> None:
        self.camera_id = camera_id
        self.share = share
        self.reader: PartnerReader | None = None
        self._around = around
        self._address = address
        self._camera: Camera | None = None
        self._spec: CameraSpec | None = None
        self._hold: Hold | None = None
        self._shown: Broadcast | None = None
        self._seat = ExitStack()

    async def prepare(self) -> VideoFormat:
        """Open the camera and say what comes. Raises RefusedError."""
        around = self._around
        camera = around.seats.find(self.camera_id)
        if camera is None or not shared_with(camera.spec, self.share):
            raise RefusedError(NOT_FOUND)
        self._refuse(around.seats.refusal(self.camera_id, self._user_id))
        self._camera, self._spec = camera, camera.spec
        self._hold = camera.want(Want.LIVE)
        watermark = self.share.unit_name if around.watermark else None
        shown = around.transcodings.open(camera, watermark, _PLAYS)
        if isinstance(shown, End):
            raise RefusedError(NO_ROOM)
        self._shown = shown
        deadline_s = around.clock.monotonic() + FIRST_PICTURE_S
        while (fmt := shown.partners.fmt) is None:
            if not self.allowed:
                raise RefusedError(NOT_FOUND)
            if camera.unlikely() is not None or around.clock.monotonic() > deadline_s:
                raise RefusedError(NOT_NOW)
            await around.clock.sleep(_LOOK_S)
        return fmt

    async def open(self, wire: Wire, channels: tuple[int, int], on_end: Callable[[End], None]) -> PartnerReader:
        """Written down, seated, joined; nothing is sent before `begin`. Raises RefusedError."""
        around, shown = self._around, self._shown
        fmt = None if shown is None else shown.partners.fmt
        if shown is None or fmt is None:
            raise RefusedError(NOT_NOW)
        settings = around.settings
        limits = settings.viewer_queue_units, settings.gop_max_bytes
        reader = PartnerReader(self._ticket(), wire, fmt.codec, channels, limits, on_end)
        try:
            await around.register.opened(reader.ticket, reader)
        except HubError as error:
            raise RefusedError(NO_ROOM) from error
        # Writing it down took a moment, in which the right may have gone, or the first mask been drawn.
        because = "revoked"
        try:
            if not self.allowed:
                raise RefusedError(NOT_FOUND)
            because = "camera"
            if self._camera is None or self._camera.spec is not self._spec or shown.partners.fmt != fmt:
                raise RefusedError(NOT_NOW)
            self._refuse(around.seats.refusal(self.camera_id, self._user_id))
        except RefusedError:
            around.register.closed(reader.ticket, because)
            raise
        self._seat.enter_context(around.seats.taken_by(self._user_id))
        shown.partners.join(reader)
        self.reader = reader
        return reader

    def first_time(self) -> int | None:
        """The RTP time of what `begin` sends first, where it is known."""
        if self._shown is None or self.reader is None or (first := self._shown.partners.first) is None:
            return None
        return self.reader.rtp_time(first)

    def begin(self) -> None:
        """The kept GOP, then the live edge."""
        if self._shown is not None and self.reader is not None:
            self._shown.partners.show(self.reader)

    @property
    def allowed(self) -> bool:
        """Whether the unit may still have it: asked again and again while it is open."""
        camera = self._around.seats.find(self.camera_id)
        return camera is not None and camera is self._camera and shared_with(camera.spec, self.share)

    def review(self) -> None:
        """End what is no longer allowed."""
        if self.reader is not None and not self.allowed:
            self.reader.end(End.REVOKED)

    def close(self) -> None:
        """It is over; harmless a second time."""
        reader, shown = self.reader, self._shown
        if reader is not None and shown is not None:
            shown.partners.leave(reader)
            because = "viewer" if reader.ended is None else CLOSED_BECAUSE.get(reader.ended, "camera")
            self._around.register.closed(reader.ticket, because)
        if shown is not None:
            self._around.transcodings.leave(shown)
        self._shown = self.reader = None
        self._seat.close()
        if self._hold is not None:
            self._hold.release()

    @property
    def _user_id(self) -> str:
        return f"unit:{self.share.unit_id}"

    def _ticket(self) -> Ticket:
        now = self._around.clock.now()
        return Ticket(
            ticket_id=new_id("tkt", now),
            user_id=self._user_id,
            unit_id=self.share.unit_id,
            camera_id=self.camera_id,
            purpose=PURPOSE,
            reference=self._address[:64],
            expires_at=now + _LIFE,
        )

    def _refuse(self, why: End | None) -> None:
        if why is not None:
            raise RefusedError(NO_ROOM if why in _FULL else NOT_NOW)
