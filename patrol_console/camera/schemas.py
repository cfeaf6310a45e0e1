"""Cameras as the API has them. A password goes in (in the body or inside the URL) and never comes out."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from hub.contracts.base import Polygon, UtcTime
from hub.contracts.camera import CameraKind, CameraState, Cause, LiveMode, StreamFacts, Transport
from hub.contracts.device import DeviceFacts, StreamProfile
from hub.contracts.rule import IntrusionRule
from hub.contracts.severity import Severity
from hub.contracts.watch import Watch
from hub.contracts.zone import Zone
from patrol_console.plain import ID, ONE_LINE, TAG

Name = Field(min_length=1, max_length=64, pattern=ONE_LINE)
Url = Field(min_length=1, max_length=1024)
LiveReason = Literal["masks", "no_consent", "disabled"]
MOST_TAGS = 16


def _sorted(tags: list[str]) -> list[str]:
    return sorted(set(tags))


Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=32, pattern=TAG)]
Tags = Annotated[list[Tag], Field(max_length=MOST_TAGS), AfterValidator(_sorted)]
NationalCode = Annotated[str, Field(max_length=20, pattern=ONE_LINE)]  # `national_code.check` says what is wrong
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Recordings = Annotated[str, Field(max_length=128, pattern=ONE_LINE)]


class LineName(BaseModel):
    """A line that the camera's picture comes over, by its name."""

    uplink_id: str
    name: str


class CameraFace(BaseModel):
    """How the camera is spoken to by ONVIF. `url` is null for those who may not configure it."""

    url: str | None
    profile_token: str | None
    ptz: bool
    events: bool
    home_after_s: int | None  # unmoved for so long: it goes home
    home_preset: str | None  # token; null: the camera's own home


class CameraProfile(StreamProfile):
    """码流, with why it is the one that is pulled in the reader's language."""

    pulled: bool
    why_text: list[str]


class ReadingProblem(BaseModel):
    """Why the camera could not be read over ONVIF, in the reader's language."""

    at: UtcTime
    code: str
    text: str


class Camera(BaseModel):
    """A camera. `url`, `username` and `has_password` are null for those who may not configure it."""

    id: str
    name: str
    area_id: str
    area_name: str
    kind: CameraKind
    enabled: bool
    url: str | None
    username: str | None
    has_password: bool | None
    place: str | None
    consent_from: UtcTime | None
    consent_until: UtcTime | None
    simulated: bool
    revision: int
    state: CameraState
    cause: Cause
    cause_text_code: str | None  # a code of hub/messages, when the gateway gave one
    since: UtcTime | None
    last_media_at: UtcTime | None
    facts: StreamFacts
    live: LiveMode
    live_reason: LiveReason | None
    masks: list[Polygon]
    zones: list[Zone]
    rules: list[IntrusionRule]
    open_alerts: int
    watch: Watch
    transport: Transport
    audio: bool
    importance: Severity
    unit_id: str | None
    unit_name: str | None
    uplinks: list[LineName]
    outage_id: str | None  # the outage that it is part of now
    onvif: CameraFace | None
    device: DeviceFacts
    profiles: list[CameraProfile]  # as last read, empty in lists; addresses only for those who may configure
    channels: list[str]  # of the recorder that it is one of; one for a camera by itself
    reading_problem: ReadingProblem | None
    national_code: str | None  # GB/T 28181
    longitude: float | None  # WGS 84
    latitude: float | None
    recordings: str | None  # where its recordings lie
    tags: list[str]


class CameraList(BaseModel):
    """GET /api/cameras."""

    items: list[Camera]
    next: str | None = None


class CameraCreate(BaseModel):
    """POST /api/cameras; credentials inside `url` are split off and never stored with it.

    With `address` (a host, host:port, an ONVIF or RTSP URL) instead of `url` the device is asked what it is first.
    """

    model_config = ConfigDict(extra="forbid")
    name: str = Name
    area_id: str = Field(pattern=ID)
    url: str | None = Field(default=None, min_length=1, max_length=1024)
    address: str | None = Field(default=None, min_length=1, max_length=1024, pattern=ONE_LINE)
    profile_token: str | None = Field(default=None, max_length=128, pattern=ONE_LINE)  # of what `address` offers
    channel: str | None = Field(default=None, max_length=128, pattern=ONE_LINE)  # of a recorder at `address`
    username: str | None = Field(default=None, max_length=128, pattern=ONE_LINE)
    password: SecretStr | None = Field(default=None, max_length=256)
    kind: CameraKind = CameraKind.PUBLIC
    place: str | None = Field(default=None, max_length=256, pattern=ONE_LINE)
    consent_from: UtcTime | None = None
    consent_until: UtcTime | None = None
    enabled: bool = True
    simulated: bool = False
    watch: Watch = Watch()
    transport: Transport = Transport.TCP
    audio: bool = False
    importance: Severity = Severity.YELLOW
    unit_id: str | None = Field(default=None, pattern=ID)
    national_code: NationalCode | None = None
    longitude: Longitude | None = None
    latitude: Latitude | None = None
    recordings: Recordings | None = None
    tags: Tags = []


class CameraChange(BaseModel):
    """PATCH /api/cameras/{id}; what is absent stays, null empties."""

    model_config = ConfigDict(extra="forbid")
    name: str | None = Field(default=None, min_length=1, max_length=64, pattern=ONE_LINE)
    area_id: str | None = Field(default=None, pattern=ID)
    url: str | None = Field(default=None, min_length=1, max_length=1024)
    username: str | None = Field(default=None, max_length=128, pattern=ONE_LINE)
    password: SecretStr | None = Field(default=None, max_length=256)
    kind: CameraKind | None = None
    place: str | None = Field(default=None, max_length=256, pattern=ONE_LINE)
    consent_from: UtcTime | None = None
    consent_until: UtcTime | None = None
    enabled: bool | None = None
    watch: Watch | None = None
    transport: Transport | None = None
    audio: bool | None = None
    importance: Severity | None = None
    unit_id: str | None = Field(default=None, pattern=ID)
    national_code: NationalCode | None = None
    longitude: Longitude | None = None
    latitude: Latitude | None = None
    recordings: Recordings | None = None
    tags: Tags | None = None


class DescribeWish(BaseModel):
    """POST /api/cameras/describe: what stands at an address?"""

    model_config = ConfigDict(extra="forbid")
    address: str = Field(min_length=1, max_length=1024, pattern=ONE_LINE)
    username: str | None = Field(default=None, max_length=128, pattern=ONE_LINE)
    password: SecretStr | None = Field(default=None, max_length=256)


class Described(BaseModel):
    """What a device said. `profile_token` is of the stream that would be pulled; its profile says why."""

    url: str
    onvif: str | None  # address of its device service; null: it speaks no ONVIF
    ptz: bool
    device: DeviceFacts
    profiles: list[CameraProfile]
    profile_token: str | None


class CameraReading(BaseModel):
    """POST /api/cameras/{id}/describe: read it anew, or only pull another of its streams."""

    model_config = ConfigDict(extra="forbid")
    profile_token: str | None = Field(default=None, min_length=1, max_length=128, pattern=ONE_LINE)


class ZoneDraft(BaseModel):
    """A zone as drawn; without `zone_id` it is a new one."""

    model_config = ConfigDict(extra="forbid")
    zone_id: str | None = Field(default=None, max_length=64, pattern=r"^[\w-]+$")
    name: str = Name
    polygon: Polygon


class ZonesChange(BaseModel):
    """PUT /api/cameras/{id}/zones: all of them."""

    model_config = ConfigDict(extra="forbid")
    zones: list[ZoneDraft] = Field(max_length=16)


class MasksChange(BaseModel):
    """PUT /api/cameras/{id}/masks: all of them."""

    model_config = ConfigDict(extra="forbid")
    masks: list[Polygon] = Field(max_length=16)


class RulesChange(BaseModel):
    """PUT /api/cameras/{id}/rules: all of them; each names a zone that the camera has."""

    model_config = ConfigDict(extra="forbid")
    rules: list[IntrusionRule] = Field(max_length=16)


class TicketWish(BaseModel):
    """POST /api/cameras/{id}/tickets: why somebody looks stands in the access register."""

    model_config = ConfigDict(extra="forbid")
    purpose: Literal["wall", "alert", "detail", "setup", "patrol"]
    reference: str | None = Field(default=None, max_length=64, pattern=ONE_LINE)
    audio: bool = False  # its sound too, where the person and the camera have it


class TicketGiven(BaseModel):
    """Where to open the picture, once, by one of the two ways, before `expires_at`."""

    ticket_id: str
    whep_url: str | None = None  # null: WebRTC is switched off
    stun_servers: list[str] = []  # for the browser's ICE; none unless set
    mse_url: str
    audio: bool = False  # whether sound comes with it
    expires_at: UtcTime


class Verdict(BaseModel):
    """One thing the gateway checked about the camera; `detail` and `remedy` are sentences.

    Their codes with `params`, where they are given, let a record say them in another reader's language.
    """

    check: str
    name: str | None = None
    status: Literal["ok", "warn", "fail", "unknown"]
    detail: str | None = None
    remedy: str | None = None
    detail_code: str | None = None
    remedy_code: str | None = None
    params: dict[str, str | int | float | bool | None] = {}


class Verdicts(BaseModel):
    """POST /api/cameras/{id}/test."""

    verdicts: list[Verdict]
