"""Everything that can be set, read once and frozen: a YAML file (`PROBE_CONFIG`), then `PROBE_*` variables over it.

`configs/hub.example.yaml` shows each key with its unit, default and reason; a test holds the two together. A nested
key is reached by two underscores: `PROBE_GATEWAY__PORT=8601`. Nothing here is ever changed in place: build a new one,
compare, apply.
"""

from __future__ import annotations

import os
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    YamlConfigSettingsSource,
)

from hub.errors import ErrorKind, HubError

Port = Annotated[int, Field(ge=0, le=65535)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AddressSettings(_Section):
    """Which addresses a camera may have besides private networks (RFC 1918, RFC 4193)."""

    allow: tuple[str, ...] = ()  # "host", "address", "network/len", each also with ":port"


class GatewaySettings(_Section):
    """camera_gateway."""

    id: str = "gateway-1"
    host: str = "127.0.0.1"
    port: Port = 8601
    public_url: str | None = None  # as browsers reach it; None: the console's own host name with this port
    takeover: bool = False  # another process stands by under the same id: only the one that holds the lease pulls
    lease_s: float = Field(15.0, ge=8)  # after so long without a word of the holder another takes over
    internal_url: str | None = None  # as consoles reach this process; None: `http://host:port`. Counts for takeover
    takeover_urls: tuple[str, ...] = ()  # as browsers reach each of the processes; the page may connect to no other
    opens_per_s: float = Field(40.0, gt=0)
    opens_per_address_s: float = Field(2.0, gt=0)
    reconnect_first_s: float = Field(0.5, gt=0)
    reconnect_cap_s: float = Field(30.0, gt=0)
    connect_timeout_s: float = Field(5.0, gt=0)
    media_timeout_s: float = Field(10.0, gt=0)  # no access unit for so long: the source is given up
    stale_after_s: float = Field(3.0, gt=0)
    offline_after_s: float = Field(10.0, gt=0)
    gop_max_bytes: int = Field(8_000_000, gt=0)
    heartbeat_s: float = Field(10.0, gt=0)  # the longest time a camera goes without a look
    look_interval_s: float = Field(1.5, gt=0)  # the shortest time between two looks at one camera
    viewer_queue_units: int = Field(100, gt=0)
    viewers: int = Field(400, gt=0)  # live pictures at once, over all cameras
    viewers_per_camera: int = Field(32, gt=0)
    viewers_per_user: int = Field(96, gt=0)
    restart_grace_s: float = Field(90.0, ge=0)  # after a start nothing is called offline for so long
    knock_s: float = Field(5.0, gt=0)  # between two tries whether a long-dark camera accepts connections again
    linger_s: float = Field(15.0, ge=0)  # an on-request camera stays open so long after the last viewer
    sweep_at_once: int = Field(64, ge=1, le=200)  # cameras that a sweep has open, or opens, at once
    uplink_mbit_s: float | None = Field(None, gt=0)  # of all this gateway's cameras; None: not limited
    uplink_connections: int | None = Field(None, gt=0)
    webrtc_port: Port = 8605  # UDP, one for all viewers; 0: no WebRTC
    webrtc_addresses: tuple[str, ...] = ()  # as browsers reach it; empty: the address the browser asked by
    rtsps_verify: bool = False  # a camera's certificate must be valid and known; most make their own
    firmware_list: Path | None = None  # of known holes; None: the one that comes along
    republish_port: Port = 0  # RTSP for partner units; 0: none, 8554 where it is wanted
    republish_host: str | None = None  # None: as `host`
    transcode_mpixel_s: float = Field(30.0, ge=0)  # megapixels a second decoded and encoded anew, all pictures together

    @field_validator("webrtc_addresses")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            ip_address(text)  # raises ValueError: no name is ever looked up
        return value


class AnalyticsSettings(_Section):
    """analytics."""

    detector: Literal["auto", "motion", "hog", "openvino"] = "auto"
    model: str = "yolox-nano"
    models_dir: Path | None = None  # None: <data_dir>/models
    least_confidence: float = Field(0.35, ge=0, le=1)
    batch: int = Field(8, ge=1)
    threads: int = Field(1, ge=1)
    gate_pixel_difference: int = Field(18, ge=1, le=255)  # grey levels at 160x90
    gate_least_share: float = Field(0.004, ge=0, le=1)  # of the pixels
    detect_port: Port = 8602
    judge_port: Port = 8603


class OfflineAlertSettings(_Section):
    """How long a camera is offline before an alert is raised, by the severity of its place."""

    red: float = Field(300.0, gt=0)
    orange: float = Field(300.0, gt=0)
    yellow: float = Field(300.0, gt=0)
    blue: float = Field(300.0, gt=0)


class ConsoleSettings(_Section):
    """patrol_console."""

    host: str = "127.0.0.1"
    port: Port = 8600
    public_url: str | None = None  # None: as the browser asked
    session_hours: float = Field(12.0, gt=0)
    secure_cookie: bool = False  # True where TLS stands in front
    trusted_proxies: tuple[str, ...] = ()  # addresses or networks whose X-Forwarded-For is believed
    login_tries: int = Field(5, ge=1)  # wrong ones before the account and the address wait
    login_wait_s: float = Field(60.0, gt=0)
    ticket_s: float = Field(60.0, gt=0)
    stun_servers: tuple[str, ...] = ()  # "stun:host:port", given to the page; none by default
    watermark: Literal["none", "household", "all"] = "none"  # whose live pictures carry the viewer's name and the time
    offline_alert_s: OfflineAlertSettings = OfflineAlertSettings()
    outage_cameras: int = Field(5, ge=2)  # so many of one gateway, subnet or village …
    outage_window_s: float = Field(60.0, gt=0)  # … gone within so long are one outage
    state_history_days: int = Field(400, ge=1)  # how long it is kept in which states a camera was

    event_history_days: int = Field(30, ge=1)  # how long device events are kept

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            ip_network(text)  # raises ValueError
        return value


class LogSettings(_Section):
    """Structured lines on standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "text"] = "json"


class Settings(BaseSettings):
    """All of it. URLs that carry a password are secret strings.

    Making one raises HubError INVALID `hub.settings_invalid`: one sentence that names the first thing that is wrong.
    """

    model_config = SettingsConfigDict(
        env_prefix="PROBE_",
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
        nested_model_default_partial_update=True,
    )

    data_dir: Path = Path.home() / ".local/share/probe-patrol"
    key_file: Path | None = None  # None: <data_dir>/master.key
    redis_prefix: str = "probe:"  # of every key; two hubs on one server need two
    redis_url: SecretStr | None = None  # None: one of our own
    frames_redis_url: SecretStr | None = None
    frames_memory_mb: int = Field(256, ge=16)
    database_url: SecretStr | None = None  # None: <data_dir>/patrol.sqlite
    timezone: str = "Asia/Shanghai"
    language: Literal["zh", "en"] = "zh"
    centre_name: str = "综治中心"
    addresses: AddressSettings = AddressSettings()
    gateway: GatewaySettings = GatewaySettings()
    analytics: AnalyticsSettings = AnalyticsSettings()
    console: ConsoleSettings = ConsoleSettings()
    log: LogSettings = LogSettings()

    if not TYPE_CHECKING:  # type checkers know the fields' names and types by the plugin

        def __init__(self, **given: object) -> None:
            try:
                super().__init__(**given)
            except (ValidationError, SettingsError, yaml.YAMLError) as error:
                raise _told(error) from None  # the cause repeats the values, and one may be a password

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("no such time zone") from error
        return value

    @field_validator("console")
    @classmethod
    def _can_be_marked(cls, value: ConsoleSettings, read: ValidationInfo) -> ConsoleSettings:
        gateway = read.data.get("gateway")  # absent where it is wrong itself
        if value.watermark != "none" and gateway is not None and not gateway.transcode_mpixel_s:
            raise ValueError("watermark needs gateway.transcode_mpixel_s above 0")
        return value

    @field_validator("data_dir", "key_file")
    @classmethod
    def _at_home(cls, value: Path | None) -> Path | None:
        return None if value is None else value.expanduser()

    @field_validator("redis_url", "frames_redis_url", "database_url")
    @classmethod
    def _empty_is_none(cls, value: SecretStr | None) -> SecretStr | None:
        return value if value is not None and value.get_secret_value() else None

    @property
    def key_path(self) -> Path:
        """Where the master key lies."""
        return self.key_file or self.data_dir / "master.key"

    @property
    def models_path(self) -> Path:
        """Where weights lie."""
        return self.analytics.models_dir or self.data_dir / "models"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments over the environment over the file."""
        file = os.environ.get("PROBE_CONFIG")
        if file and not Path(file).is_file():
            raise HubError(ErrorKind.INVALID, "hub.settings_invalid", detail=f"PROBE_CONFIG: {file} ?")
        sources = (init_settings, env_settings)
        return (*sources, YamlConfigSettingsSource(settings_cls, yaml_file=file)) if file else sources


def _told(error: Exception) -> HubError:
    if isinstance(error, ValidationError):
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        detail = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    elif isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        detail = f"{os.environ.get('PROBE_CONFIG')}:{error.problem_mark.line + 1}: {error.problem}"
    else:
        detail = str(error)
    return HubError(ErrorKind.INVALID, "hub.settings_invalid", detail=detail)
