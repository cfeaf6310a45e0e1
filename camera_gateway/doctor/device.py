"""What a device says of itself by ONVIF, held against what it should say: the checks before those of its stream.

By its client, on its loop. Asks and changes nothing; the subscription by which events are tried is ended at once.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import Final

from camera_gateway.doctor.checks import OF_DEVICE, Check, fail, ok, unknown, warn
from camera_gateway.doctor.factory_login import factory_login_verdict
from camera_gateway.doctor.firmware import FirmwareList, firmware_verdict
from camera_gateway.onvif.choice import StreamChoice, choose, codec_name, size_name
from camera_gateway.onvif.client import OnvifClient
from camera_gateway.onvif.device import device_facts
from camera_gateway.onvif.device_clock import DeviceClock
from camera_gateway.onvif.location import WEB
from camera_gateway.onvif.login import LoginKind
from camera_gateway.onvif.profiles import stream_profiles
from camera_gateway.onvif.service import Service
from hub.contracts.device import DeviceFace, DeviceFacts
from hub.contracts.verdict import Verdict
from hub.errors import ErrorKind, HubError

CLOCK_NEAR_S: Final = 5.0
LIMIT_S: Final = 30.0
SNAPSHOT_MAX_BYTES: Final = 8_000_000
_PICTURES: Final = (b"\xff\xd8\xff", b"\x89PNG")
_GONE: Final = frozenset({ErrorKind.UNREACHABLE, ErrorKind.TIMEOUT})
_ADVICE: Final = frozenset({"choice_no_h264", "choice_cannot", "choice_too_large", "choice_few_frames"})


@dataclass(slots=True)
class DeviceExamination:
    """What came of it. `face` and `choice` are None where the device did not get so far."""

    verdicts: list[Verdict] = field(default_factory=list)
    facts: DeviceFacts | None = None
    choice: StreamChoice | None = None
    face: DeviceFace | None = None

    @property
    def speaks(self) -> bool:
        """Whether it speaks ONVIF at all, let in or not."""
        return any(one.check == Check.ONVIF and one.status == "ok" for one in self.verdicts)

    @property
    def login_refused(self) -> bool:
        """Whether the password was refused: it is not to be tried in another way."""
        return any(one.detail == "camera_gateway.login_refused" for one in self.verdicts)


async def examine_device(
    client: OnvifClient,
    listed: FirmwareList,
    *,
    needed: bool,
    source: str | None = None,
    limit_s: float = LIMIT_S,
) -> DeviceExamination:
    """All checks of the device. Raises nothing that a camera can cause.

    With `needed` a device without ONVIF fails; else its stream alone may do, and it is a warning. `source` is the video
    source to look at, of an NVR. What is not through after `limit_s` is unknown.
    """
    found = DeviceExamination()
    try:
        async with asyncio.timeout(limit_s):
            await _examine(client, listed, found, source)
    except TimeoutError:
        if not found.verdicts:
            found.verdicts.append(unknown(Check.ONVIF, "found_onvif_slow"))
    except HubError as error:
        _ended(found, error, needed=needed)
    done = {one.check for one in found.verdicts}
    found.verdicts += [unknown(check) for check in OF_DEVICE if check not in done]
    found.verdicts.sort(key=lambda one: list(Check).index(Check(one.check)))
    return found


def _ended(found: DeviceExamination, error: HubError, *, needed: bool) -> None:
    """Where it went no further: at the login, or before."""
    if not found.verdicts:
        if needed and error.code in ("camera_gateway.unreachable", "camera_gateway.connect_timeout"):
            found.verdicts.append(Verdict.of_error(Check.REACHABLE, error))
        elif needed:
            found.verdicts.append(Verdict.of_error(Check.ONVIF, error))
        else:
            found.verdicts.append(warn(Check.ONVIF, "found_no_onvif", "remedy_no_onvif"))
    elif error.kind is ErrorKind.REFUSED:
        found.verdicts.append(Verdict.of_error(Check.ONVIF_LOGIN, error))
    else:
        done = {one.check for one in found.verdicts}
        check = next((one for one in OF_DEVICE if one not in done), Check.ONVIF)
        found.verdicts.append(Verdict.of_error(check, error))


async def _examine(client: OnvifClient, listed: FirmwareList, found: DeviceExamination, source: str | None) -> None:
    clock = await client.read_clock()
    services = await client.services()
    names = ", ".join(sorted(service.value for service in services))
    verdicts = found.verdicts
    verdicts.append(ok(Check.ONVIF, "found_onvif", services=names))
    verdicts.append(_clock(clock))
    facts = found.facts = await device_facts(client)
    verdicts.append(await _login(client))
    login = client.login
    verdicts.append(factory_login_verdict(login.username, login.password, taken=login.proven))
    verdicts.append(_device(facts))
    verdicts.append(firmware_verdict(facts, listed))
    choice = found.choice = choose(await stream_profiles(client), source)
    verdicts.append(_profiles(choice))
    verdicts.append(_right_address(client, choice))
    verdicts.append(await _snapshot(client, choice))
    ptz = await _ptz(client, choice)
    verdicts.append(ptz)
    events = await _events(client)
    verdicts.append(events)
    found.face = DeviceFace(
        url=client.location.typed.url,
        profile_token=choice.pull,
        ptz=ptz.detail == "camera_gateway.found_ptz",
        events=events.status == "ok",
    )


def _clock(clock: DeviceClock) -> Verdict:
    check = Check.CLOCK
    if not clock.known:
        return unknown(check, "found_clock_hidden" if clock.needs_login else "found_no_clock")
    off = round(abs(clock.offset_s))
    if clock.zone_taken_for_utc:
        return warn(check, "found_clock_zone", "remedy_clock_zone", hours=f"{clock.offset_s / 3600:+.1f}")
    if off > CLOCK_NEAR_S:
        return warn(check, "found_clock_off", "remedy_clock", seconds=off)
    if clock.by_ntp is False:
        return ok(check, "found_clock_manual", seconds=off)
    return ok(check, "found_clock", seconds=off)


async def _login(client: OnvifClient) -> Verdict:
    """Which way was taken, and whether anybody gets in without one. That is asked without a password."""
    check = Check.ONVIF_LOGIN
    try:
        await client.call_as_nobody(Service.DEVICE, "GetDeviceInformation")
        return warn(check, "found_onvif_open", "remedy_onvif_open")
    except HubError as error:
        if error.kind in _GONE:
            raise
    label = client.login.label
    if client.login.kind is LoginKind.TEXT or label == "HTTP Basic":
        return warn(check, "found_login", "remedy_plain_login", kind=label)
    return ok(check, "found_login", kind=label)


def _device(facts: DeviceFacts) -> Verdict:
    told = [facts.manufacturer, facts.model, facts.firmware, facts.serial, facts.mac]
    return ok(Check.DEVICE, "found_device", told=" · ".join(one for one in told if one) or "–")


def _profiles(choice: StreamChoice) -> Verdict:
    pulled = choice.pulled
    if pulled is None:
        return fail(Check.PROFILES, "found_no_profiles", "choice_none")
    streams = ", ".join(f"{one.name} {codec_name(one.codec)} {size_name(one)}" for one in choice.profiles[:6])
    params = {"streams": streams, "name": pulled.name, "codec": codec_name(pulled.codec), "size": size_name(pulled)}
    advice = next((one for one in choice.reasons if one.code.rpartition(".")[2] in _ADVICE), None)
    if advice is not None:
        told = {name: str(value) for name, value in advice.params.items()}
        return warn(Check.PROFILES, "found_profiles", advice.code.rpartition(".")[2], **{**told, **params})
    return ok(Check.PROFILES, "found_profiles", **params)


def _right_address(client: OnvifClient, choice: StreamChoice) -> Verdict:
    """Whether the device names its addresses as it was reached; by ours it works all the same."""
    moved = next((one for one in choice.profiles if one.said_url and one.url), None)
    if moved is not None:
        return warn(
            Check.RIGHT_ADDRESS, "found_other_address", "remedy_other_address",
            said=_host(moved.said_url), used=client.location.typed.host,
        )  # fmt: skip
    if not any(one.url for one in choice.profiles):
        return unknown(Check.RIGHT_ADDRESS)
    return ok(Check.RIGHT_ADDRESS, "found_right_address", used=client.location.typed.host)


def _host(said: str | None) -> str:
    """Of an address as a device wrote it, without what may be a login in it."""
    return (said or "").partition("://")[2].partition("/")[0].rpartition("@")[2][:80]


async def _snapshot(client: OnvifClient, choice: StreamChoice) -> Verdict:
    check = Check.SNAPSHOT
    ordered = sorted(choice.profiles, key=lambda one: one.token != choice.pull)
    url = next((one.snapshot_url for one in ordered if one.snapshot_url), None)
    if url is None:
        return ok(check, "found_no_snapshot")
    try:
        reply = await client.fetch(client.location.find(url, WEB), most_bytes=SNAPSHOT_MAX_BYTES)
    except HubError as error:
        return warn(check, "found_snapshot_failed", "remedy_snapshot", why=error.code.rpartition(".")[2])
    if reply.status != 200 or not reply.body.startswith(_PICTURES):
        return warn(check, "found_snapshot_failed", "remedy_snapshot", why=f"HTTP {reply.status} {reply.media_type}")
    return ok(check, "found_snapshot", kilobytes=max(1, len(reply.body) // 1000))


async def _ptz(client: OnvifClient, choice: StreamChoice) -> Verdict:
    """A camera that does not move is none the worse."""
    if not await client.supports(Service.PTZ):
        return ok(Check.PTZ, "found_no_ptz")
    token = next((one.token for one in choice.profiles if one.ptz), None)
    try:
        nodes = (await client.call(Service.PTZ, "GetNodes")).all("PTZNode")
        if not nodes or token is None:
            return ok(Check.PTZ, "found_no_ptz")
        presets = (await client.call(Service.PTZ, "GetPresets", {"ProfileToken": token})).all("Preset")
    except HubError as error:
        if error.kind in _GONE:
            raise
        return warn(Check.PTZ, "found_ptz_failed", "remedy_ptz", why=error.code.rpartition(".")[2])
    return ok(Check.PTZ, "found_ptz", presets=len(presets))


async def _events(client: OnvifClient) -> Verdict:
    """Whether a PullPoint comes about; it is ended at once, for cameras have few."""
    check, remedy = Check.EVENTS, "remedy_events"
    if not await client.supports(Service.EVENTS):
        return ok(check, "found_no_events")
    try:
        asked = {"InitialTerminationTime": "PT60S"}  # without it Tapo answers 500 (python-onvif-zeep-async PR 13)
        made = await client.call(Service.EVENTS, "CreatePullPointSubscription", asked)
        endpoint = client.endpoint(made.at("SubscriptionReference"))
    except HubError as error:
        if error.kind in _GONE:
            raise
        return warn(check, "found_events_failed", remedy, why=error.code.rpartition(".")[2])
    with contextlib.suppress(HubError):
        await client.call(Service.SUBSCRIPTION, "Unsubscribe", {}, to=endpoint)
    return ok(check, "found_events")
