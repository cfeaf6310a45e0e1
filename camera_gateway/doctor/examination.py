"""The whole examination of one address that a person typed: by ONVIF where it speaks that, and its stream.

Needs no hub, no Redis, no uvloop; on its caller's loop. The stream is opened once. A password that was refused by RTSP
is not offered to ONVIF as well: accounts lock after about five.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from typing import Final

from camera_gateway.doctor.checks import Check, ok, unknown
from camera_gateway.doctor.device import DeviceExamination, examine_device
from camera_gateway.doctor.firmware import FirmwareList, load
from camera_gateway.doctor.stream import Look, look
from camera_gateway.doctor.watched import Watched
from camera_gateway.onvif.choice import Reason
from camera_gateway.onvif.client import OnvifClient
from camera_gateway.onvif.known_paths import find_path
from camera_gateway.onvif.service import Service
from camera_gateway.onvif.wire import OnvifWire
from camera_gateway.sources.rtsp.client import Handshake
from camera_gateway.sources.rtsp.connection import Timeouts
from hub.address_url import CAMERA_SCHEMES, DEFAULT_PORTS, parse, split_credentials
from hub.addresses import AddressPolicy, PinnedAddress
from hub.clock import Clock
from hub.contracts.device import DeviceFace, DeviceFacts, StreamProfile
from hub.contracts.verdict import Verdict, VerdictStatus, worst
from hub.errors import ErrorKind, HubError

# Where makers put ONVIF: most; TP-Link; Xiongmai; many that have their page on 80; Hikvision's SDK beside it; Hipcam.
ONVIF_PORTS: Final = (80, 2020, 8899, 8080, 8000, 10080)
RTSP_PORTS: Final = frozenset({554, 8554, 10554})
_NO_ONVIF: Final = unknown(Check.ONVIF, "found_no_onvif")
_BARE: Final = re.compile(r"[^/?#\s]+(?:/.*)?\Z")


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found of one address. `stream_url` is the stream that was, or is to be, pulled; no password anywhere."""

    address: str
    verdicts: tuple[Verdict, ...]
    profiles: tuple[StreamProfile, ...] = ()
    reasons: tuple[Reason, ...] = ()
    facts: DeviceFacts | None = None
    face: DeviceFace | None = None
    stream_url: str | None = None

    @property
    def well(self) -> bool:
        """Nothing failed."""
        return worst(self.verdicts) is not VerdictStatus.FAIL

    @property
    def failed(self) -> Verdict | None:
        """The first check that failed."""
        return next((one for one in self.verdicts if one.status is VerdictStatus.FAIL), None)


class Doctor:
    """Examines one address after the other; `wire` is its owner's."""

    def __init__(
        self,
        policy: AddressPolicy,
        clock: Clock,
        wire: OnvifWire,
        *,
        typed_by_person: bool = True,
        watch_s: float = 6.0,
        timeouts: Timeouts | None = None,
        listed: FirmwareList | None = None,
        onvif_ports: tuple[int, ...] = ONVIF_PORTS,
    ) -> None:
        self._policy = policy
        self._clock = clock
        self._wire = wire
        self._by_person = typed_by_person
        self._watch_s = watch_s
        self._timeouts = timeouts
        self._listed = listed
        self._onvif_ports = onvif_ports

    async def examine(self, address: str, username: str | None = None, password: str | None = None) -> Examination:
        """All verdicts on `address`: an RTSP URL, an ONVIF address, or a host with or without a port.

        Raises HubError INVALID for what can be no address, and nothing that a camera can cause.
        """
        bare, inner_username, inner_password = split_credentials(_with_scheme(address))
        if username is None:
            username, password = inner_username, inner_password
        shown = bare.removeprefix("any://")
        try:
            if bare.lower().startswith(tuple(f"{scheme}://" for scheme in CAMERA_SCHEMES)):
                return await self._from_stream(shown, username, password)
            return await self._from_device(bare, shown, username, password)
        except HubError as error:
            if error.kind is ErrorKind.INVALID:
                raise
            return Examination(shown, _all([Verdict.of_error(Check.ADDRESS, error)]))

    async def _from_stream(self, url: str, username: str | None, password: str | None) -> Examination:
        """The stream that was typed, then whatever its host says by ONVIF."""
        host = await self._policy.resolve(url, typed_by_person=self._by_person)
        seen = await self._look(url, username, password)
        if seen.failed is Check.LOGIN:
            username = password = None  # once is enough
        device = await self._device(host, self._onvif_ports, username, password, needed=False)
        if device is None:
            return Examination(url, _all([*seen.verdicts(), _NO_ONVIF]), stream_url=url)
        return _together(url, url, seen, device)

    async def _from_device(self, bare: str, shown: str, username: str | None, password: str | None) -> Examination:
        """The device that was typed, then the stream that it tells of; or one that is found where it tells of none."""
        scheme, typed_port = _scheme_and_port(bare)
        url = bare if scheme else f"http://{bare.removeprefix('any://')}"
        host = await self._policy.resolve(url, typed_by_person=self._by_person, schemes=("http", "https"))
        by_rtsp = typed_port in RTSP_PORTS and not scheme
        ports = (host.port,) if typed_port is not None and not by_rtsp else self._onvif_ports
        device = await self._device(host, (host.port,) if scheme else ports, username, password, needed=bool(scheme))
        if device is not None and (device.speaks or scheme):
            pulled = device.choice.pulled if device.choice is not None else None
            if pulled is None or pulled.url is None:
                here = [ok(Check.ADDRESS), ok(Check.REACHABLE)] if device.speaks else [ok(Check.ADDRESS)]
                return _without_stream(shown, device, here)
            return _together(shown, pulled.url, await self._look(pulled.url, username, password), device)
        rtsp = replace(host, scheme="rtsp", port=typed_port if by_rtsp and typed_port else DEFAULT_PORTS["rtsp"])
        return await self._by_known_path(shown, rtsp, username, password, device)

    async def _by_known_path(
        self,
        shown: str,
        rtsp: PinnedAddress,
        username: str | None,
        password: str | None,
        device: DeviceExamination | None,
    ) -> Examination:
        """No ONVIF: the paths that makers use are tried."""
        more = device.verdicts if device is not None else [_NO_ONVIF]
        try:
            found = await find_path(rtsp, username, password, self._clock)
        except HubError as error:
            seen = Look(Handshake(), Watched(0.0), error)
            return Examination(shown, _all(seen.verdicts() + more))
        seen = await self._look(found.address.url, username, password)
        told = ok(Check.PATH, "found_known_path", path=found.address.path, maker=found.maker, tried=found.tried)
        verdicts = [
            told if one.check == Check.PATH and one.status is VerdictStatus.OK else one for one in seen.verdicts()
        ]
        return Examination(shown, _all(verdicts + more), stream_url=found.address.url)

    async def _device(
        self,
        host: PinnedAddress,
        ports: tuple[int, ...],
        username: str | None,
        password: str | None,
        *,
        needed: bool,
    ) -> DeviceExamination | None:
        """The first of `ports` that speaks ONVIF, examined; None where none does and none is `needed`."""
        path = host.path if host.scheme in ("http", "https") and host.path != "/" else "/onvif/device_service"
        scheme = host.scheme if host.scheme in ("http", "https") else "http"
        clients = [
            OnvifClient(
                replace(host, scheme=scheme, port=port, path=path), username, password, wire=self._wire,
                policy=self._policy, clock=self._clock, typed_by_person=self._by_person,
            )
            for port in ports
        ]  # fmt: skip
        speaking = await asyncio.gather(*(speaks_onvif(client) for client in clients))
        found = next((client for client, speaks in zip(clients, speaking, strict=True) if speaks), None)
        if found is None and not needed:
            return None
        return await examine_device(found or clients[0], self._listed or load(), needed=needed)

    async def _look(self, url: str, username: str | None, password: str | None) -> Look:
        return await look(
            url, username, password, policy=self._policy, clock=self._clock, typed_by_person=self._by_person,
            watch_s=self._watch_s, timeouts=self._timeouts,
        )  # fmt: skip


async def speaks_onvif(client: OnvifClient) -> bool:
    """Whether what listens there answers SOAP; asked without a password."""
    try:
        await client.call_as_nobody(Service.DEVICE, "GetSystemDateAndTime")
    except HubError as error:
        return (
            error.kind in (ErrorKind.REFUSED, ErrorKind.UNSUPPORTED, ErrorKind.INVALID)
            and "no_service" not in error.code
        )
    return True


def _together(shown: str, url: str, seen: Look, device: DeviceExamination) -> Examination:
    declared = profile_of(url, device)
    verdicts = seen.verdicts(declared)
    choice = device.choice
    pulled = choice.pulled if choice is not None else None
    if seen.failed in (Check.PATH, Check.REACHABLE) and pulled is not None and pulled.url and pulled.url != url:
        # The device itself knows where its stream is.
        verdicts = [
            one.model_copy(
                update={"remedy": "camera_gateway.remedy_onvif_path", "params": {**one.params, "url": pulled.url}}
            )
            if one.check == seen.failed
            else one
            for one in verdicts
        ]
    return Examination(
        shown,
        _all(verdicts + device.verdicts),
        choice.profiles if choice is not None else (),
        choice.reasons if choice is not None else (),
        device.facts,
        device.face,
        url,
    )


def _without_stream(shown: str, device: DeviceExamination, more: list[Verdict]) -> Examination:
    choice = device.choice
    return Examination(
        shown, _all(more + device.verdicts), choice.profiles if choice else (), choice.reasons if choice else (),
        device.facts, device.face,
    )  # fmt: skip


def profile_of(url: str, device: DeviceExamination | None) -> StreamProfile | None:
    """The profile whose stream `url` is, by its path."""
    if device is None or device.choice is None:
        return None
    path = parse(url, CAMERA_SCHEMES).path
    return next(
        (one for one in device.choice.profiles if one.url and parse(one.url, CAMERA_SCHEMES).path == path), None
    )


def _all(verdicts: list[Verdict]) -> tuple[Verdict, ...]:
    """One for each check, in their order; what was not looked at is unknown."""
    found = {one.check: one for one in reversed(verdicts)}
    return tuple(found.get(check) or unknown(check) for check in Check)


def _with_scheme(address: str) -> str:
    """`any://host[:port]` for an address that names no scheme; the parser of addresses says what is wrong with it."""
    text = address.strip()
    return f"any://{text}" if "://" not in text and _BARE.match(text) else text


def _scheme_and_port(bare: str) -> tuple[str | None, int | None]:
    scheme, _, rest = bare.partition("://")
    port = re.search(r":(\d{1,5})(?=[/?#]|\Z)", rest)
    return (None if scheme == "any" else scheme), int(port[1]) if port else None
