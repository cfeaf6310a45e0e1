"""What a device is, before it is one of ours: its ONVIF face, its facts, its streams, and the one that is pulled.

Asks by an ONVIF client on its caller's loop; keeps nothing. Of an address without a port the usual ports of ONVIF are
tried, several at once and each once: a wrong password is told to one of them only. Where no ONVIF answers, an RTSP
address is taken as it is, and the paths that makers use are tried.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from camera_gateway.doctor.examination import ONVIF_PORTS, RTSP_PORTS
from camera_gateway.onvif.choice import choose
from camera_gateway.onvif.client import OnvifClient
from camera_gateway.onvif.device import device_facts
from camera_gateway.onvif.known_paths import find_path
from camera_gateway.onvif.profiles import stream_profiles
from camera_gateway.onvif.service import Service
from camera_gateway.onvif.wire import OnvifWire
from hub.address_url import CAMERA_SCHEMES, DEFAULT_PORTS, AddressUrl, parse, with_scheme
from hub.addresses import AddressPolicy
from hub.clock import Clock
from hub.contracts.device import CHOSEN_BY_PERSON, DeviceFace, DeviceFacts, Reason, StreamProfile
from hub.contracts.joining import Description
from hub.errors import ErrorKind, HubError

DEVICE_SERVICE: Final = "/onvif/device_service"
_KNOCK_S: Final = 2.0
_AWAY: Final = frozenset({ErrorKind.UNREACHABLE, ErrorKind.TIMEOUT})
# Nobody speaks ONVIF there, whatever else: an RTSP address may still be good.
_NO_ONVIF: Final = frozenset(
    {ErrorKind.UNREACHABLE, ErrorKind.TIMEOUT, ErrorKind.PROTOCOL, ErrorKind.UNSUPPORTED, ErrorKind.INVALID}
)


@dataclass(frozen=True, slots=True)
class Login:
    """Of the device; None for one that asks for none."""

    username: str | None
    password: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which stream of a device is to be pulled; None: the one that suits."""

    profile_token: str | None = None
    source: str | None = None  # the channel of a recorder


ANY: Final = Wanted()


class Describer:
    """Holds what all questions share; `wire` is the process's one."""

    def __init__(self, wire: OnvifWire, policy: AddressPolicy, clock: Clock) -> None:
        self._wire = wire
        self._policy = policy
        self._clock = clock

    async def describe(self, address: str, login: Login, wanted: Wanted = ANY) -> Description:
        """What stands at `address`: a host, host:port, an ONVIF or an RTSP URL, without credentials.

        Raises HubError as `OnvifClient.call`, INVALID `hub.address_*`, `camera_gateway.profile_unknown`,
        UNSUPPORTED `camera_gateway.no_onvif`, NOT_FOUND `camera_gateway.no_known_path`.
        """
        typed = parse(with_scheme(address), tuple(DEFAULT_PORTS))
        by_rtsp = typed.scheme in CAMERA_SCHEMES
        try:
            client = await self._client(address, typed, login)
            found = await self._ask(client, wanted)
            # Behind forwarded ports the usual ones may lead to another camera: the address that was typed is meant.
            if by_rtsp and typed.path != "/" and all(_port(one.url) != typed.port for one in found.profiles):
                return _bare(address, wanted)
            return found
        except HubError as error:
            if error.kind not in _NO_ONVIF or error.code == "camera_gateway.profile_unknown":
                raise
            if by_rtsp and typed.path != "/":
                return _bare(address, wanted)
            return await self._by_path(typed, login, error)

    async def _by_path(self, typed: AddressUrl, login: Login, why: HubError) -> Description:
        """By the paths that makers use, where ONVIF is off; `why` stands where nothing speaks RTSP there either."""
        by_web = typed.scheme not in CAMERA_SCHEMES and typed.port not in RTSP_PORTS
        if by_web and (typed.path != "/" or typed.port != DEFAULT_PORTS[typed.scheme]):
            raise why  # an ONVIF service was typed, or its port
        place = f"[{typed.host}]" if ":" in typed.host else typed.host
        port = DEFAULT_PORTS["rtsp"] if by_web else typed.port
        host = await self._policy.resolve(f"rtsp://{place}:{port}/")
        try:
            known = await find_path(host, login.username, login.password, self._clock)
        except HubError as error:
            if error.kind in _AWAY:
                raise why from error
            raise
        reason = Reason(code="camera_gateway.choice_known_path", params={"maker": known.maker})
        profile = StreamProfile(token="path", url=known.address.url, why=(reason,))  # noqa: S106 - a name, no secret
        return Description(device=DeviceFacts(), profiles=(profile,), url=known.address.url)

    async def _client(self, address: str, typed: AddressUrl, login: Login) -> OnvifClient:
        """On the port that was typed, or on the first usual one where a device answers what time it is."""
        if "://" in address and typed.scheme not in CAMERA_SCHEMES:
            whole = typed.path != "/"
            return await self._open(address if whole else _service(typed.scheme, typed.host, typed.port), login)
        if "://" not in address and _says_port(address) and typed.port not in RTSP_PORTS:
            return await self._open(_service("http", typed.host, typed.port), login)
        return await self._first(typed.host, ONVIF_PORTS, login)

    async def _first(self, host: str, ports: Sequence[int], login: Login) -> OnvifClient:
        """The clock needs no login (ONVIF Core, PRE_AUTH): no password goes to a port that is no camera's."""

        async def refusal(port: int) -> HubError | None:
            client = await self._open(_service("http", host, port), Login(None, None))
            try:
                await client.call(Service.DEVICE, "GetSystemDateAndTime", timeout_s=_KNOCK_S)
            except HubError as error:
                return None if error.kind is ErrorKind.REFUSED else error  # some want a login even for this
            return None

        await self._open(_service("http", host, ports[0]), login)  # an address that may not be asked at all
        refusals = await asyncio.gather(*(refusal(port) for port in ports))
        for port, refused in zip(ports, refusals, strict=True):
            if refused is None:
                return await self._open(_service("http", host, port), login)
        away = [one for one in refusals if one is not None and one.kind in _AWAY]
        if len(away) == len(refusals):  # not there, or no port of these is open
            raise away[0]
        raise HubError(ErrorKind.UNSUPPORTED, "camera_gateway.no_onvif", host=host)

    async def _open(self, url: str, login: Login) -> OnvifClient:
        return await OnvifClient.open(
            url, login.username, login.password, wire=self._wire, policy=self._policy, clock=self._clock
        )

    async def _ask(self, client: OnvifClient, wanted: Wanted) -> Description:
        facts = await device_facts(client)
        profiles = await stream_profiles(client, wanted.source)
        token, source = wanted.profile_token, wanted.source
        if token is not None:
            named = next((profile for profile in profiles if profile.token == token), None)
            if named is None:
                raise HubError(ErrorKind.INVALID, "camera_gateway.profile_unknown", token=token)
            source = named.source
        elif source is not None and all(profile.source != source for profile in profiles):
            raise HubError(ErrorKind.INVALID, "camera_gateway.profile_unknown", token=source)
        choice = choose([one for one in profiles if one.url], source)
        pulled = next((one for one in choice.profiles if one.token == (token or choice.pull)), None)
        if pulled is None or pulled.url is None:
            raise HubError(ErrorKind.UNSUPPORTED, "camera_gateway.choice_none")
        why = (
            (Reason(code=CHOSEN_BY_PERSON),)
            if token is not None
            else tuple(Reason(code=one.code, params=_sendable(one.params)) for one in choice.reasons)
        )
        # Those without an address are kept too: they tell which channels a recorder has.
        rest = [one for one in profiles if not one.url]
        told = tuple(one.model_copy(update={"why": why}) if one is pulled else one for one in (*choice.profiles, *rest))
        ptz = pulled.ptz and await client.supports(Service.PTZ)
        face = DeviceFace(url=client.location.typed.url, profile_token=pulled.token, ptz=ptz)
        return Description(face=face, device=facts, profiles=told, profile_token=pulled.token, url=pulled.url)


def _sendable(params: object) -> dict[str, str | int | float]:
    found = dict(params) if isinstance(params, dict) else {}
    return {str(key): value if isinstance(value, int | float) else str(value) for key, value in found.items()}


def _bare(url: str, wanted: Wanted) -> Description:
    """An RTSP address whose device speaks no ONVIF."""
    if wanted != ANY:
        missing = wanted.profile_token or wanted.source
        raise HubError(ErrorKind.INVALID, "camera_gateway.profile_unknown", token=missing)
    why = (Reason(code="camera_gateway.choice_typed"),)
    profile = StreamProfile(token="typed", url=url, why=why)  # noqa: S106 - a name, no secret
    return Description(device=DeviceFacts(), profiles=(profile,), url=url)


def _service(scheme: str, host: str, port: int) -> str:
    place = f"[{host}]" if ":" in host else host
    return f"{scheme}://{place}{'' if port == DEFAULT_PORTS[scheme] else f':{port}'}{DEVICE_SERVICE}"


def _port(url: str | None) -> int | None:
    return None if url is None else parse(url, CAMERA_SCHEMES).port


def _says_port(address: str) -> bool:
    authority = address.partition("/")[0]
    return authority.rpartition("]")[2].rpartition(":")[1] == ":"
