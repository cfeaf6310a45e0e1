"""A camera as the services know it: what it is (the console's word, downwards), how it does (upwards)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from hub.contracts.base import Contract, Message, Polygon, UtcTime
from hub.contracts.device import DeviceFace
from hub.contracts.rule import IntrusionRule
from hub.contracts.share import PartnerShare
from hub.contracts.uplink import Uplink
from hub.contracts.watch import Watch
from hub.contracts.zone import Zone


class CameraKind(StrEnum):
    """Whose camera it is; households' need a consent in force."""

    PUBLIC = "public"
    PARTNER = "partner"
    HOUSEHOLD = "household"


class CameraState(StrEnum):
    """在线 异常 离线 主人暂停 停用."""

    ONLINE = "online"
    DEGRADED = "degraded"
    OFFLINE = "offline"
    PAUSED = "paused"
    OFF = "off"


class Cause(StrEnum):
    """Why a camera is in its state."""

    NONE = "none"
    STARTING = "starting"  # not yet tried
    UNREACHABLE = "unreachable"
    LOGIN_REFUSED = "login_refused"
    NO_MEDIA = "no_media"
    CODEC = "codec"
    PROTOCOL = "protocol"
    NOT_FOUND = "not_found"  # the path does not exist on the camera
    FORBIDDEN_ADDRESS = "forbidden_address"
    REDIRECTED = "redirected"
    NO_CONSENT = "no_consent"
    DISABLED = "disabled"
    GATEWAY_SILENT = "gateway_silent"  # its gateway has said nothing for a while
    CLOCK = "clock"  # the camera's own clock jumps or is far off
    SESSION_LIMIT = "session_limit"  # it serves no more sessions now
    WAITING = "waiting"  # for a place on an uplink whose budget is used up
    RESTING = "resting"  # reachable, and not pulled now: `watch` says every N minutes or on request


class LiveMode(StrEnum):
    """Whether the live picture may be shown."""

    ON = "on"
    MASKED = "masked"  # drawn anew with its masks, within the transcoding budget
    OFF = "off"


class Transport(StrEnum):
    """How RTP comes."""

    TCP = "tcp"  # interleaved in the RTSP connection
    UDP = "udp"


class CameraSpec(Message):
    """All that a gateway, a detector and the judge must know of one camera. `revision` grows with each change."""

    camera_id: str
    revision: int
    name: str
    area_id: str
    area_path: tuple[str, ...] = ()
    gateway_id: str
    kind: CameraKind = CameraKind.PUBLIC
    enabled: bool = True
    url: str  # without credentials
    username: str | None = None
    sealed_password: str | None = Field(default=None, repr=False)  # hub.secrets; opened by the gateway alone
    consent_from: UtcTime | None = None
    consent_until: UtcTime | None = None
    masks: tuple[Polygon, ...] = ()
    zones: tuple[Zone, ...] = ()
    rules: tuple[IntrusionRule, ...] = ()
    simulated: bool = False  # a drawn scene; the page says so
    watch: Watch = Watch()
    uplinks: tuple[Uplink, ...] = ()  # every line that its picture comes over: village, partner; all budgets hold
    transport: Transport = Transport.TCP
    audio: bool = False  # its sound may be heard by those who hold the right
    onvif: DeviceFace | None = None  # None: not known to speak it
    shares: tuple[PartnerShare, ...] = ()  # the partner units that may pull it; of a household's camera none

    def consent_in_force(self, now: datetime) -> bool:
        """Whether the owner allows it now; always so for a camera that is no household's."""
        if self.kind is not CameraKind.HOUSEHOLD:
            return True
        if self.consent_from is None or now < self.consent_from:
            return False
        return self.consent_until is None or now < self.consent_until

    @property
    def live(self) -> LiveMode:
        """What its live picture is at best; a gateway without a transcoding budget shows none that has masks."""
        return LiveMode.MASKED if self.masks else LiveMode.ON


class StreamFacts(Contract):
    """What the gateway saw of the stream; None where it does not know."""

    codec: str | None = None  # "h264"
    width_px: int | None = None
    height_px: int | None = None
    frame_rate: float | None = None
    bit_rate_kbps: float | None = None
    gop_s: float | None = None
    audio_codec: str | None = None  # "pcma", "pcmu", "aac"; None: no sound, or it is off


class CameraStatus(Message):
    """How one camera does; sent when it changes and at least once a minute."""

    camera_id: str
    gateway_id: str
    state: CameraState
    cause: Cause = Cause.NONE
    detail: str | None = None  # an i18n code, e.g. camera_gateway.login_refused
    since: UtcTime
    at: UtcTime
    last_media_at: UtcTime | None = None
    facts: StreamFacts = StreamFacts()
