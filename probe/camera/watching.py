"""How closely a camera is watched and what else is known of it, as the options say it and as the console takes it."""

from __future__ import annotations

from pydantic import JsonValue

from hub.contracts.camera import Transport
from hub.contracts.severity import Severity
from hub.contracts.watch import Watch, WatchMode
from hub.errors import ErrorKind, HubError


def watching(
    watch: WatchMode | None,
    every: int | None,
    transport: Transport | None,
    audio: bool | None,
    importance: Severity | None,
) -> dict[str, JsonValue]:
    """The fields that were given, and no others. Raises INVALID where minutes are given for what has none."""
    body: dict[str, JsonValue] = {}
    if every is not None and watch is None:
        watch = WatchMode.INTERVAL
    if every is not None and watch is not WatchMode.INTERVAL:
        raise HubError(ErrorKind.INVALID, "probe.every_needs_interval")
    if watch is not None:
        made = Watch(mode=watch) if every is None else Watch(mode=watch, every_min=every)
        body["watch"] = made.model_dump(mode="json")
    if transport is not None:
        body["transport"] = transport.value
    if audio is not None:
        body["audio"] = audio
    if importance is not None:
        body["importance"] = importance.value
    return body


def described(
    code: str | None, longitude: float | None, latitude: float | None, recordings: str | None, tags: list[str] | None
) -> dict[str, JsonValue]:
    """The fields that were given, and no others."""
    given: dict[str, JsonValue] = {
        "national_code": code,
        "longitude": longitude,
        "latitude": latitude,
        "recordings": recordings,
        "tags": list[JsonValue](tags) if tags else None,
    }
    return {name: value for name, value in given.items() if value is not None}
