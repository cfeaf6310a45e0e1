"""What can be wrong with a simulated camera, in one table: each fault by name, with its argument and what it means.

Data only. `connection.py` acts on those of signalling, `playing.py` on those of media. A fault is written
`NAME` or `NAME:ARGUMENT`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hub.errors import ErrorKind, HubError


class FaultName(StrEnum):
    """One way of being wrong."""

    REFUSE = "refuse"
    SILENT = "silent"
    BLACK_HOLE = "black-hole"
    SLOW = "slow"
    NOT_FOUND = "not-found"
    LOGIN = "login"
    REDIRECT = "redirect"
    HUGE = "huge"
    ONE_SESSION = "one-session"
    NO_TCP = "no-tcp"
    DEAF = "deaf"
    UNWILLING = "unwilling"
    CLOSES = "closes"
    FORGETS = "forgets"
    KEEPS_SESSION = "keeps-session"
    LOGIN_EXPIRES = "login-expires"
    NO_SOUND = "no-sound"
    EARLY_MEDIA = "early-media"
    CHANNELS = "channels"
    NO_SPROP = "no-sprop"
    NO_INBAND = "no-inband"
    MISNAMED = "misnamed"
    GARBAGE = "garbage"
    DRIP = "drip"
    STALL = "stall"
    RTCP_ONLY = "rtcp-only"
    FREEZE = "freeze"
    RESET = "reset"
    LOSS = "loss"
    SPS_CHANGE = "sps-change"
    TIME_JUMP = "time-jump"
    TIME_WRAP = "time-wrap"
    NO_KEYFRAME = "no-keyframe"


class Part(StrEnum):
    """Where a fault acts."""

    SIGNALLING = "signalling"
    MEDIA = "media"


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One row of the table. `default` is its argument when none is given; None: it takes none."""

    part: Part
    meaning: str
    default: str | None = None


FAULTS: Final[dict[FaultName, FaultKind]] = {
    FaultName.REFUSE: FaultKind(Part.SIGNALLING, "no listener: the connection is refused"),
    FaultName.SILENT: FaultKind(Part.SIGNALLING, "takes the connection and never answers"),
    FaultName.BLACK_HOLE: FaultKind(
        Part.MEDIA, "no packet is answered, whatever was open goes silent (own port, Linux)"
    ),
    FaultName.SLOW: FaultKind(Part.SIGNALLING, "each answer comes after so many seconds", "2"),
    FaultName.NOT_FOUND: FaultKind(Part.SIGNALLING, "404 Stream Not Found"),
    FaultName.LOGIN: FaultKind(Part.SIGNALLING, "401 whatever the password"),
    FaultName.REDIRECT: FaultKind(Part.SIGNALLING, "302 to this address", "rtsp://203.0.113.9:554/elsewhere"),
    FaultName.HUGE: FaultKind(Part.SIGNALLING, "Content-Length of so many bytes that never come", "2147483648"),
    FaultName.ONE_SESSION: FaultKind(Part.SIGNALLING, "453 Not Enough Bandwidth while another one plays"),
    FaultName.NO_TCP: FaultKind(Part.SIGNALLING, "461 for interleaved transport: a camera that knows only UDP"),
    FaultName.DEAF: FaultKind(Part.SIGNALLING, "never answers GET_PARAMETER (Hipcam)"),
    FaultName.UNWILLING: FaultKind(Part.SIGNALLING, "501 to GET_PARAMETER, though its Public names it"),
    FaultName.CLOSES: FaultKind(Part.SIGNALLING, "closes the connection on GET_PARAMETER"),
    FaultName.FORGETS: FaultKind(Part.SIGNALLING, "forgets the session after so many seconds: no media, 454", "3"),
    FaultName.KEEPS_SESSION: FaultKind(
        Part.SIGNALLING, "with one-session: holds it until its time-out when the client is gone without TEARDOWN"
    ),
    FaultName.LOGIN_EXPIRES: FaultKind(
        Part.SIGNALLING, "a session outlives its password: 401 after so many seconds", "3"
    ),
    FaultName.NO_SOUND: FaultKind(Part.SIGNALLING, "500 to the SETUP of its sound"),
    FaultName.EARLY_MEDIA: FaultKind(Part.SIGNALLING, "media before the answer to PLAY (Reolink)"),
    FaultName.CHANNELS: FaultKind(Part.SIGNALLING, "plays on channels from this one, whatever was asked", "4"),
    FaultName.NO_SPROP: FaultKind(Part.SIGNALLING, "no parameter sets in the description, only in the stream"),
    FaultName.NO_INBAND: FaultKind(Part.MEDIA, "parameter sets only in the description"),
    FaultName.MISNAMED: FaultKind(Part.SIGNALLING, "the description names the other codec (go2rtc#1598)"),
    FaultName.GARBAGE: FaultKind(Part.MEDIA, "random bytes instead of media"),
    FaultName.DRIP: FaultKind(Part.MEDIA, "media at so many bytes a second", "1"),
    FaultName.STALL: FaultKind(Part.MEDIA, "media stops after so many seconds, the connection stays", "3"),
    FaultName.RTCP_ONLY: FaultKind(Part.MEDIA, "sender reports go on, pictures do not"),
    FaultName.FREEZE: FaultKind(Part.MEDIA, "the picture stands still after so many seconds", "3"),
    FaultName.RESET: FaultKind(Part.MEDIA, "the connection is reset after so many seconds", "3"),
    FaultName.LOSS: FaultKind(Part.MEDIA, "every so manieth packet is missing", "50"),
    FaultName.SPS_CHANGE: FaultKind(Part.MEDIA, "half the size after so many seconds", "3"),
    FaultName.TIME_JUMP: FaultKind(Part.MEDIA, "RTP time falls back by an hour after so many seconds", "3"),
    FaultName.TIME_WRAP: FaultKind(Part.MEDIA, "RTP time passes 2^32 after so many seconds", "3"),
    FaultName.NO_KEYFRAME: FaultKind(Part.MEDIA, "no keyframe in the first so many seconds", "10"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault with its argument."""

    name: FaultName
    argument: str = ""

    @classmethod
    def parse(cls, text: str) -> Fault:
        """`NAME` or `NAME:ARGUMENT`. Raises HubError INVALID `simulator.fault_unknown | fault_argument`."""
        name, _, argument = text.strip().partition(":")
        try:
            known = FaultName(name.lower().replace("_", "-"))
        except ValueError:
            raise HubError(ErrorKind.INVALID, "simulator.fault_unknown", name=name, known=" ".join(FaultName)) from None
        default = FAULTS[known].default
        fault = cls(known, argument or default or "")
        if default is not None and known is not FaultName.REDIRECT:
            try:
                valid = fault.number >= 0
            except ValueError:
                valid = False
            if not valid:
                raise HubError(ErrorKind.INVALID, "simulator.fault_argument", name=str(known), argument=argument)
        return fault

    @property
    def number(self) -> float:
        """The argument as a number."""
        return float(self.argument or FAULTS[self.name].default or 0)


class FaultSet:
    """The faults that a camera has now; changed while it runs."""

    def __init__(self, faults: Iterable[Fault | str] = ()) -> None:
        self._faults: dict[FaultName, Fault] = {}
        self.replace(faults)

    def replace(self, faults: Iterable[Fault | str]) -> None:
        """These, and no others."""
        parsed = [Fault.parse(f) if isinstance(f, str) else f for f in faults]
        self._faults = {f.name: f for f in parsed}

    def get(self, name: FaultName) -> Fault | None:
        """The fault of this name, if the camera has it."""
        return self._faults.get(name)

    def __contains__(self, name: FaultName) -> bool:
        return name in self._faults

    @property
    def of_media(self) -> bool:
        """Whether media is touched: such a session cannot share its bytes."""
        return any(FAULTS[name].part is Part.MEDIA for name in self._faults)
