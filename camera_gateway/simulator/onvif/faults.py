"""What can be wrong with a simulated camera's ONVIF face: each fault by name, with its argument and what it means.

Data only; beside `simulator/faults.py`, which holds those of RTSP. Written `NAME` or `NAME:ARGUMENT`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hub.errors import ErrorKind, HubError


class OnvifFaultName(StrEnum):
    """One way of being wrong."""

    SILENT = "silent"
    SLOW = "slow"
    ZERO_HOST = "zero-host"
    FOREIGN_HOST = "foreign-host"
    LOOPBACK_HOST = "loopback-host"
    TWO_XADDRS = "two-xaddrs"
    CLOCK_OFF = "clock-off"
    LOCAL_AS_UTC = "local-as-utc"
    NO_CLOCK = "no-clock"
    CLOCK_BEHIND_LOGIN = "clock-behind-login"
    CLOCK_DASH = "clock-dash"
    STRICT_CLOCK = "strict-clock"
    LOGIN = "login"
    NOT_PERMITTED = "not-permitted"
    NO_SERVICES = "no-services"
    ONLY_MEDIA2 = "only-media2"
    ONLY_MEDIA1 = "only-media1"
    EMPTY_BODY = "empty-body"
    HTML = "html"
    AMPERSAND = "ampersand"
    UNDECLARED_PREFIX = "undeclared-prefix"
    BLANK_BEFORE_URI = "blank-before-uri"
    SNAPSHOT_DEAD = "snapshot-dead"
    NO_SNAPSHOT = "no-snapshot"
    ENCODER_REFUSED = "encoder-refused"
    ENCODER_IGNORED = "encoder-ignored"
    NO_MOVE_STATUS = "no-move-status"
    NO_STOP_AFTER_TIMEOUT = "no-stop-after-timeout"
    SUBSCRIPTION_PORT = "subscription-port"
    SUBSCRIPTION_DEAD = "subscription-dead"
    SUBSCRIPTION_RELATIVE = "subscription-relative"
    SUBSCRIPTION_FORGOTTEN = "subscription-forgotten"
    NEEDS_TERMINATION = "needs-termination"
    PULL_CLOSES = "pull-closes"
    NO_RENEW = "no-renew"
    REPEATS_EVENTS = "repeats-events"


@dataclass(frozen=True, slots=True)
class OnvifFaultKind:
    """One row of the table. `default` is its argument when none is given; None: it takes none."""

    meaning: str
    default: str | None = None


ONVIF_FAULTS: Final[dict[OnvifFaultName, OnvifFaultKind]] = {
    OnvifFaultName.SILENT: OnvifFaultKind("takes the request and never answers"),
    OnvifFaultName.SLOW: OnvifFaultKind("each answer comes after so many seconds", "2"),
    OnvifFaultName.ZERO_HOST: OnvifFaultKind("all its addresses say 0.0.0.0"),
    OnvifFaultName.FOREIGN_HOST: OnvifFaultKind("all its addresses say this host (behind NAT)", "192.168.1.88"),
    OnvifFaultName.LOOPBACK_HOST: OnvifFaultKind("all its addresses say 127.0.1.1"),
    OnvifFaultName.TWO_XADDRS: OnvifFaultKind("service addresses come in pairs, link-local first (Axis)"),
    OnvifFaultName.CLOCK_OFF: OnvifFaultKind("its clock is off by so many hours", "-8"),
    OnvifFaultName.LOCAL_AS_UTC: OnvifFaultKind("tells its local time, so many hours ahead, as UTC (OpenIPC)", "8"),
    OnvifFaultName.NO_CLOCK: OnvifFaultKind("knows no GetSystemDateAndTime (HiKam)"),
    OnvifFaultName.CLOCK_BEHIND_LOGIN: OnvifFaultKind("asks for a login even for its clock (Axis)"),
    OnvifFaultName.CLOCK_DASH: OnvifFaultKind("writes moments with a dash: 2024-08-17-12:30:45Z (Hikvision)"),
    OnvifFaultName.STRICT_CLOCK: OnvifFaultKind("refuses a token that is so many seconds off", "5"),
    OnvifFaultName.LOGIN: OnvifFaultKind("refuses whatever the password"),
    OnvifFaultName.NOT_PERMITTED: OnvifFaultKind("the account may look and not set: no Set…, no PTZ"),
    OnvifFaultName.NO_SERVICES: OnvifFaultKind("knows no GetServices, only GetCapabilities"),
    OnvifFaultName.ONLY_MEDIA2: OnvifFaultKind("no Media of the first version"),
    OnvifFaultName.ONLY_MEDIA1: OnvifFaultKind("no Media of the second version"),
    OnvifFaultName.EMPTY_BODY: OnvifFaultKind("200 with an empty Body to all but the clock"),
    OnvifFaultName.HTML: OnvifFaultKind("a page of HTML to all but the clock"),
    OnvifFaultName.AMPERSAND: OnvifFaultKind("an & in addresses that is not escaped (Xiongmai)"),
    OnvifFaultName.UNDECLARED_PREFIX: OnvifFaultKind("prefixes wsa: and wsnt: that nothing declares"),
    OnvifFaultName.BLANK_BEFORE_URI: OnvifFaultKind("blanks and line breaks around addresses (Dahua)"),
    OnvifFaultName.SNAPSHOT_DEAD: OnvifFaultKind("the snapshot's address answers 404"),
    OnvifFaultName.NO_SNAPSHOT: OnvifFaultKind("knows no GetSnapshotUri"),
    OnvifFaultName.ENCODER_REFUSED: OnvifFaultKind("refuses to change its encoder"),
    OnvifFaultName.ENCODER_IGNORED: OnvifFaultKind("says yes to a change of its encoder and changes nothing"),
    OnvifFaultName.NO_MOVE_STATUS: OnvifFaultKind("MoveStatus is IDLE while it moves (Hikvision)"),
    OnvifFaultName.NO_STOP_AFTER_TIMEOUT: OnvifFaultKind("moves on after the Timeout of ContinuousMove"),
    OnvifFaultName.SUBSCRIPTION_PORT: OnvifFaultKind("the subscription lives on another port (Tapo)"),
    OnvifFaultName.SUBSCRIPTION_DEAD: OnvifFaultKind("the subscription's address is on a port that nobody serves"),
    OnvifFaultName.SUBSCRIPTION_RELATIVE: OnvifFaultKind("the subscription's address has no host"),
    OnvifFaultName.SUBSCRIPTION_FORGOTTEN: OnvifFaultKind("forgets a subscription after so many seconds", "1"),
    OnvifFaultName.NEEDS_TERMINATION: OnvifFaultKind("500 to a subscription without InitialTerminationTime (Tapo)"),
    OnvifFaultName.PULL_CLOSES: OnvifFaultKind("closes the connection of a pull after so many seconds (Tapo)", "10"),
    OnvifFaultName.NO_RENEW: OnvifFaultKind("knows no Renew"),
    OnvifFaultName.REPEATS_EVENTS: OnvifFaultKind("tells each event twice"),
}
_WORDS: Final = {OnvifFaultName.FOREIGN_HOST}  # whose argument is no number


@dataclass(frozen=True, slots=True)
class OnvifFault:
    """One fault with its argument."""

    name: OnvifFaultName
    argument: str = ""

    @classmethod
    def parse(cls, text: str) -> OnvifFault:
        """`NAME` or `NAME:ARGUMENT`. Raises HubError INVALID `simulator.fault_unknown | onvif_fault_argument`."""
        name, _, argument = text.strip().partition(":")
        try:
            known = OnvifFaultName(name.lower().replace("_", "-"))
        except ValueError:
            names = " ".join(OnvifFaultName)
            raise HubError(ErrorKind.INVALID, "simulator.fault_unknown", name=name, known=names) from None
        default = ONVIF_FAULTS[known].default
        fault = cls(known, argument or default or "")
        if default is not None and known not in _WORDS:
            try:
                float(fault.argument)
            except ValueError:
                raise HubError(
                    ErrorKind.INVALID, "simulator.onvif_fault_argument", name=str(known), argument=argument
                ) from None
        return fault


class OnvifFaults:
    """The faults that a camera has now; changed while it runs."""

    def __init__(self, faults: Iterable[OnvifFault | str] = ()) -> None:
        self._faults: dict[OnvifFaultName, OnvifFault] = {}
        self.replace(faults)

    def replace(self, faults: Iterable[OnvifFault | str]) -> None:
        """These, and no others."""
        parsed = [OnvifFault.parse(one) if isinstance(one, str) else one for one in faults]
        self._faults = {one.name: one for one in parsed}

    def drop(self, *names: OnvifFaultName) -> None:
        """It is mended."""
        for name in names:
            self._faults.pop(name, None)

    def __contains__(self, name: OnvifFaultName) -> bool:
        return name in self._faults

    def number(self, name: OnvifFaultName) -> float | None:
        """The argument of this fault; None: the camera does not have it."""
        fault = self._faults.get(name)
        return None if fault is None else float(fault.argument or ONVIF_FAULTS[name].default or 0)

    def word(self, name: OnvifFaultName) -> str | None:
        """The argument as text."""
        fault = self._faults.get(name)
        return None if fault is None else fault.argument or ONVIF_FAULTS[name].default
