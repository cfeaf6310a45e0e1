"""Whether a device's firmware is on the list of those with known holes. The list is data and can be replaced. Pure.

The list that comes along is `firmware.yaml` beside this file. Nothing is fetched; a newer file is handed in by path.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from camera_gateway.doctor.checks import Check, ok, unknown, warn
from hub.contracts.device import DeviceFacts
from hub.contracts.verdict import Verdict
from hub.errors import ErrorKind, HubError

_LIST_MAX_BYTES: Final = 1_000_000
_VERSION: Final = re.compile(r"\d{1,6}(?:\.\d{1,10}){1,5}", re.A)
# Hikvision writes build 160530, Dahua build 2021-01-29, others build 20210129.
_BUILD: Final = re.compile(r"build\D{0,8}(?:(\d{4})-(\d{2})-(\d{2})|(?:20)?(\d{2})(\d{2})(\d{2})(?!\d))", re.I | re.A)


class KnownHole(BaseModel):
    """One entry of the list."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    id: str = Field(max_length=80)
    see: str = Field("", max_length=120)
    maker: str = Field(max_length=120)
    model: str | None = Field(None, max_length=200)
    from_version: str | None = Field(None, alias="from", max_length=40)
    to_version: str | None = Field(None, alias="to", max_length=40)
    before: date | None = None
    holds: str = Field("", max_length=200)

    @field_validator("maker", "model")
    @classmethod
    def _is_expression(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                re.compile(value, re.I)
            except re.error as error:
                raise ValueError("no regular expression") from error
        return value


class FirmwareList(BaseModel):
    """The whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    list_version: str = Field(max_length=40)
    entries: tuple[KnownHole, ...] = Field(max_length=5_000)


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that holds for a device; `certain` is False where the device does not tell its build."""

    hole: KnownHole
    certain: bool


def load(path: Path | None = None) -> FirmwareList:
    """The list at `path`, or the one that comes along. Raises HubError INVALID `camera_gateway.firmware_list`."""
    return _bundled() if path is None else _read(path)


@cache
def _bundled() -> FirmwareList:
    return _read(Path(__file__).with_name("firmware.yaml"))


def _read(path: Path) -> FirmwareList:
    try:
        if path.stat().st_size > _LIST_MAX_BYTES:
            raise ValueError("too large")
        return FirmwareList.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except (OSError, ValueError, yaml.YAMLError, ValidationError) as error:
        raise HubError(ErrorKind.INVALID, "camera_gateway.firmware_list", file=path.name) from error


def matches(facts: DeviceFacts, listed: FirmwareList) -> list[Match]:
    """The entries that hold for a device that says this of itself."""
    return [found for hole in listed.entries if (found := _match(facts, hole)) is not None]


def firmware_verdict(facts: DeviceFacts | None, listed: FirmwareList) -> Verdict:
    """As a verdict; UNKNOWN where the device does not say what it is."""
    if facts is None or facts.firmware is None:
        return unknown(Check.FIRMWARE)
    found = matches(facts, listed)
    told = {"firmware": facts.firmware, "list": listed.list_version}
    if not found:
        return ok(Check.FIRMWARE, "found_firmware", **told)
    certain = [one for one in found if one.certain]
    named = ", ".join(one.hole.id for one in (certain or found))
    sentence = "found_firmware_hole" if certain else "found_firmware_maybe"
    return warn(Check.FIRMWARE, sentence, "remedy_firmware", holes=named, **told)


def _match(facts: DeviceFacts, hole: KnownHole) -> Match | None:
    if not re.search(hole.maker, facts.manufacturer or "", re.I):
        return None
    if hole.model is not None and not re.search(hole.model, facts.model or "", re.I):
        return None
    version, build = version_of(facts.firmware or ""), build_of(facts.firmware or "")
    certain = True
    if hole.from_version or hole.to_version:
        if version is None:
            certain = False
        elif _outside(version, hole):
            return None
    if hole.before is not None:
        if build is None:
            certain = False
        elif build >= hole.before:
            return None
    return Match(hole, certain)


def _outside(version: Sequence[int], hole: KnownHole) -> bool:
    low = version_of(hole.from_version or "")
    high = version_of(hole.to_version or "")
    return (low is not None and tuple(version) < low) or (high is not None and tuple(version[: len(high)]) > high)


def version_of(text: str) -> tuple[int, ...] | None:
    """`V5.4.0 build 160530` is (5, 4, 0); None where there is none."""
    found = _VERSION.search(text)
    return tuple(int(part) for part in found[0].split(".")) if found else None


def build_of(text: str) -> date | None:
    """The day on which it was built, as far as it is told."""
    found = _BUILD.search(text)
    if not found:
        return None
    year, month, day = (found[1], found[2], found[3]) if found[1] else (f"20{found[4]}", found[5], found[6])
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
