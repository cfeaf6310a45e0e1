"""A camera mended by ONVIF: what is wished, what was and is, what puts it back. No password stands in any of it."""

from __future__ import annotations

import ipaddress
import re
from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from hub.contracts.base import Contract, Message
from hub.contracts.device import Reason

_LABEL: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?", re.A)
_LONGEST_NAME: Final = 253


def is_time_server(text: str) -> bool:
    """Whether `text` is an IP address or a host name and nothing besides.

    A camera may put it on a command line (PTZOptics, CVE-2024-8956), so nothing else ever reaches one. The zone of an
    IPv6 address (`%eth0`) may be any text: refused.
    """
    if "%" in text:
        return False
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        labels = text.removesuffix(".").split(".")
        named = all(_LABEL.fullmatch(label) for label in labels) and not labels[-1].isdigit()
        return named and len(text) <= _LONGEST_NAME
    return not (address.is_unspecified or address.is_multicast or address.is_loopback)


def _time_server(text: str) -> str:
    if not is_time_server(text):
        raise ValueError("no host name and no IP address")
    return text


class FixWish(Contract):
    """What the substream is to be, and whose time the camera keeps; what is None stays as it is."""

    codec: Literal["h264", "h265"] | None = None
    width_px: Annotated[int, Field(ge=64, le=8192)] | None = None
    height_px: Annotated[int, Field(ge=64, le=8192)] | None = None
    frame_rate: Annotated[float, Field(ge=1, le=120)] | None = None
    gop_s: Annotated[float, Field(ge=0.1, le=60)] | None = None
    bit_rate_kbps: Annotated[int, Field(ge=16, le=65_536)] | None = None
    ntp: Annotated[str, Field(min_length=1, max_length=_LONGEST_NAME), AfterValidator(_time_server)] | None = None

    @model_validator(mode="after")
    def _has_both_sides(self) -> Self:
        if (self.width_px is None) != (self.height_px is None):
            raise ValueError("a size has a width and a height")
        return self

    @property
    def of_encoder(self) -> bool:
        """Whether anything of the substream is wished."""
        given = (self.codec, self.width_px, self.frame_rate, self.gop_s, self.bit_rate_kbps)
        return any(one is not None for one in given)

    @property
    def empty(self) -> bool:
        """Whether nothing at all is."""
        return not self.of_encoder and self.ntp is None


class Setting(StrEnum):
    """What of a camera is changed."""

    CODEC = "codec"
    PROFILE = "profile"  # of the codec: Main, High, …
    SIZE = "size"  # "640x360"
    FRAME_RATE = "frame_rate"  # a second
    FRAME_SKIP = "frame_skip"  # Media1's EncodingInterval: one of so many frames is encoded
    GOP = "gop"  # frames from one keyframe to the next
    BIT_RATE = "bit_rate"  # kbit/s, a limit
    NTP = "ntp"  # the time servers, or "DHCP"
    TIME_SOURCE = "time_source"  # "NTP" or "Manual"


class Change(Contract):
    """One setting, as it is written for people: before and after; `wanted` where the camera does not offer that."""

    setting: Setting
    before: str | None
    after: str | None
    wanted: str | None = None


XmlName = Annotated[str, Field(pattern=r"^[\p{L}_][\w.\-]*$", max_length=128)]


class XmlTree(Contract):
    """A piece of a camera's own answer, kept so that all of it can be given back, also what we do not know."""

    name: XmlName
    namespace: Annotated[str, Field(max_length=512)] = ""
    text: Annotated[str, Field(max_length=4096)] = ""
    attributes: Annotated[dict[XmlName, Annotated[str, Field(max_length=4096)]], Field(max_length=64)] = Field(
        default_factory=dict
    )
    children: Annotated[tuple[XmlTree, ...], Field(max_length=256)] = ()


class UndoKind(StrEnum):
    """Which operation puts it back."""

    ENCODER = "encoder"
    NTP = "ntp"
    TIME_SOURCE = "time_source"


class UndoStep(Contract):
    """What stood in the camera before one operation; `service` is the one that it was read from."""

    kind: UndoKind
    service: Literal["media", "media2", "device"]
    token: Annotated[str, Field(max_length=64)] = ""
    before: XmlTree


class Outcome(StrEnum):
    """How it ended."""

    DONE = "done"
    UNCHANGED = "unchanged"  # it is as was wished already
    PLANNED = "planned"  # a dry run: this would be changed
    FAILED = "failed"  # and nothing was changed
    PUT_BACK = "put_back"  # it failed, and all is as it was
    NOT_PUT_BACK = "not_put_back"  # it failed, and what was changed could not be put back


class FixOrder(Message):
    """`POST /fix/{camera_id}` of the gateway: a wish, or the steps of an earlier one to be put back."""

    wish: FixWish = FixWish()
    dry_run: bool = False
    undo: Annotated[tuple[UndoStep, ...], Field(max_length=16)] = ()


class FixResult(Message):
    """What became of one camera. `problem` is there when it failed; two cameras with one code failed the same way."""

    outcome: Outcome
    changes: tuple[Change, ...] = ()
    problem: Reason | None = None
    notes: tuple[Reason, ...] = ()  # what a person should know besides
    undo: tuple[UndoStep, ...] = ()  # what puts it back, the first change first
    profile_token: str | None = None  # of the substream
    stream_url: str | None = None

    @property
    def failed(self) -> bool:
        """Whether it did not come to what was wished."""
        return self.outcome in (Outcome.FAILED, Outcome.PUT_BACK, Outcome.NOT_PUT_BACK)
