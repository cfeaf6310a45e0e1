"""One camera's ONVIF: any operation of any service, by a login that was found once, as a plain tree or one HubError.

Used by any number of tasks of one loop. Has no task and no socket of its own (the wire has): nothing is to be closed.
Connects to the pinned address of the typed host alone. Each exchange is bounded; never asks more than a few times with
a password that is refused.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self

from camera_gateway.onvif import envelope as soap
from camera_gateway.onvif.answer import Answer
from camera_gateway.onvif.device_clock import DeviceClock, read_clock
from camera_gateway.onvif.faults import UnauthorisedError, response_of
from camera_gateway.onvif.location import WEB, Located, Location
from camera_gateway.onvif.login import LoginKind, LoginState, offers_any, offers_digest
from camera_gateway.onvif.service import BY_SUBSCRIPTION, NAMESPACES, PRE_AUTH, Service
from camera_gateway.onvif.wire import OnvifWire, Reply
from camera_gateway.onvif.wsdl import WSDL, Params, Written
from hub.address_url import split_credentials
from hub.addresses import AddressPolicy, PinnedAddress
from hub.clock import Clock
from hub.errors import ErrorKind, HubError

TIMEOUT_S: Final = 6.0
# What may be done twice: repeated where a kept connection was closed under it. Not PullMessages, which some cameras
# close after ten seconds (Tapo): whoever pulls asks for less then, and a token that was seen would be refused.
_TWICE: Final = ("Get", "Stop", "Renew", "ContinuousMove")
_CLOCK_WAS_SET_S: Final = 1.0
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where something lives that is no service: a subscription. `reference` is given back with each call to it."""

    located: Located
    reference: tuple[Answer, ...] = ()


class OnvifClient:
    """See the head. `login` and `device_clock` may be read at any time, and are changed here alone."""

    def __init__(
        self,
        typed: PinnedAddress,
        username: str | None,
        password: str | None,
        *,
        wire: OnvifWire,
        policy: AddressPolicy,
        clock: Clock,
        typed_by_person: bool = False,
    ) -> None:
        self.location = Location(typed)
        self.login = LoginState(clock, username, password)
        self.device_clock: DeviceClock | None = None  # None: not asked yet
        self._wire = wire
        self._policy = policy
        self._clock = clock
        self._by_person = typed_by_person
        self._services: dict[Service, Located] | None = None
        self._finding = asyncio.Lock()  # the services
        self._climbing = asyncio.Lock()  # the login: one climb at a time, or wrong passwords would add up

    @classmethod
    async def open(
        cls,
        url: str,
        username: str | None = None,
        password: str | None = None,
        *,
        wire: OnvifWire,
        policy: AddressPolicy,
        clock: Clock,
        typed_by_person: bool = False,
    ) -> Self:
        """A client of the device service at `url`; the host is resolved and pinned, the device asked nothing yet.

        Raises HubError as `AddressPolicy.resolve` does.
        """
        bare, inner_username, inner_password = split_credentials(url)
        if username is None:
            username, password = inner_username, inner_password
        typed = await policy.resolve(bare, typed_by_person=typed_by_person, schemes=WEB)
        if typed.path in ("", "/"):
            typed = replace(typed, path="/onvif/device_service")
        return cls(typed, username, password, wire=wire, policy=policy, clock=clock, typed_by_person=typed_by_person)

    async def call(
        self,
        service: Service,
        operation: str,
        params: Params | None = None,
        *,
        to: Endpoint | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> Answer:
        """The response to one operation. `params` nests as the request does; `@name` is an attribute.

        Raises HubError UNREACHABLE, TIMEOUT, REFUSED (`login_needed`, `login_refused`, `onvif_not_permitted`),
        UNSUPPORTED (`onvif_no_service`, `onvif_no_operation`), INVALID `onvif_argument`, FORBIDDEN, PROTOCOL.
        """
        written = await WSDL.write(service, operation, params or {})
        located = to.located if to is not None else await self._locate(service)
        asking = _Asking(service, operation, written, located.address, to, timeout_s)
        if operation in PRE_AUTH and not self.login.proven:
            with contextlib.suppress(UnauthorisedError):
                return await self._ask(asking, LoginKind.NONE)
        await self.read_clock()
        if self.login.proven:
            return await self._ask_as_before(asking)
        if not self.login.username:  # nothing to be found out: a pull of thirty seconds holds up no other call
            return await self._climb(asking)
        async with self._climbing:
            return await (self._ask_as_before(asking) if self.login.is_proven() else self._climb(asking))

    async def call_as_nobody(self, service: Service, operation: str, params: Params | None = None) -> Answer:
        """The same without any login: what anybody on the network would get. Spends no password.

        Raises HubError REFUSED `camera_gateway.login_needed` where a login is asked for.
        """
        written = await WSDL.write(service, operation, params or {})
        located = await self._locate(service)
        try:
            return await self._ask(
                _Asking(service, operation, written, located.address, None, TIMEOUT_S), LoginKind.NONE
            )
        except UnauthorisedError as error:
            raise HubError(ErrorKind.REFUSED, "camera_gateway.login_needed") from error

    def endpoint(self, reference: Answer) -> Endpoint:
        """Where a SubscriptionReference leads: on the typed host, perhaps on another port (Tapo).

        Raises HubError PROTOCOL `camera_gateway.onvif_address`.
        """
        located = self.location.find(reference.value("Address") or "", WEB)
        return Endpoint(located, reference.at("ReferenceParameters").children)

    async def services(self) -> Mapping[Service, Located]:
        """Where each service is: by GetServices, or by GetCapabilities where a device has no such."""
        async with self._finding:
            if self._services is None:
                self._services = await self._find_services()
            return self._services

    async def supports(self, service: Service) -> bool:
        """Whether the device has it."""
        return service in await self.services()

    async def read_clock(self, *, anew: bool = False) -> DeviceClock:
        """The device's clock, asked without a login; a device that does not tell it has `known=False`.

        Raises HubError UNREACHABLE or TIMEOUT alone.
        """
        if self.device_clock is not None and not anew:
            return self.device_clock
        operation = "GetSystemDateAndTime"
        written = await WSDL.write(Service.DEVICE, operation, {})
        asking = _Asking(Service.DEVICE, operation, written, self.location.typed, None, TIMEOUT_S)
        # A token would be dated by a clock that is not known yet.
        hidden = self.device_clock is not None and self.device_clock.needs_login and self.login.proven
        found = DeviceClock()
        before = self._clock.now()
        try:
            answer = await self._ask(asking, self.login.kind if hidden else LoginKind.NONE)
            found = read_clock(answer, before + (self._clock.now() - before) / 2)
        except UnauthorisedError:
            found = DeviceClock(needs_login=True)
        except HubError as error:
            if error.kind in (ErrorKind.UNREACHABLE, ErrorKind.TIMEOUT):
                raise
        self.device_clock = found
        return found

    def device_now(self) -> datetime:
        """Now by the device's clock, as far as it is known."""
        clock = self.device_clock
        return self._clock.now() + timedelta(seconds=clock.offset_s if clock is not None else 0.0)

    async def fetch(self, located: Located, *, most_bytes: int, timeout_s: float = TIMEOUT_S) -> Reply:
        """A snapshot or the like by HTTP, with the same account; Digest where it is asked for.

        Raises HubError; REFUSED `camera_gateway.login_refused` is final for that address only.
        """
        headers: dict[str, str] = {}
        login = LoginState(self._clock, self.login.username, self.login.password).http
        address = self._checked(located.address)
        for _ in range(3):
            reply = await self._wire.get(address, headers, timeout_s=timeout_s, most_bytes=most_bytes)
            if reply.status != 401:
                return reply
            login.challenged(reply.challenges)
            headers = {"Authorization": login.header("GET", address.path) or ""}
        raise HubError(ErrorKind.REFUSED, "camera_gateway.login_refused")

    async def _find_services(self) -> dict[Service, Located]:
        try:
            answer = await self.call(Service.DEVICE, "GetServices", {"IncludeCapability": False})
            said = {one.at("Namespace").text: one.at("XAddr").text for one in answer.all("Service")}
            named = {service: said[name] for service, name in NAMESPACES.items() if said.get(name)}
        except HubError as error:
            if error.kind in (ErrorKind.UNREACHABLE, ErrorKind.TIMEOUT, ErrorKind.REFUSED):
                raise
            named = {}
        if not named.keys() - {Service.DEVICE}:
            named = await self._find_capabilities()
        if own := named.get(Service.DEVICE):
            self.location.learn(own)
        found = {Service.DEVICE: Located(self.location.typed, named.get(Service.DEVICE, self.location.typed.url))}
        for service, said_address in named.items():
            if service is not Service.DEVICE and service not in BY_SUBSCRIPTION:
                try:
                    found[service] = self.location.find(said_address, WEB)
                except HubError:
                    continue  # a service whose address makes no sense is none
        return found

    async def _find_capabilities(self) -> dict[Service, str]:
        answer = await self.call(Service.DEVICE, "GetCapabilities", {"Category": "All"})
        told = answer.at("Capabilities")
        places = {
            Service.DEVICE: "Device/XAddr",
            Service.MEDIA: "Media/XAddr",
            Service.PTZ: "PTZ/XAddr",
            Service.IMAGING: "Imaging/XAddr",
            Service.EVENTS: "Events/XAddr",
            Service.ANALYTICS: "Analytics/XAddr",
            Service.DEVICE_IO: "Extension/DeviceIO/XAddr",
        }
        return {service: said for service, path in places.items() if (said := told.value(path))}

    async def _locate(self, service: Service) -> Located:
        if service is Service.DEVICE:
            return Located(self.location.typed, self.location.typed.url)
        found = (await self.services()).get(Service.EVENTS if service in BY_SUBSCRIPTION else service)
        if found is None:
            raise HubError(ErrorKind.UNSUPPORTED, "camera_gateway.onvif_no_service", service=service.value)
        return found

    async def _ask_as_before(self, asking: _Asking) -> Answer:
        """By the way that was taken before. A token that is refused may only be dated wrongly: the clock was set."""
        kind = self.login.kind
        try:
            answer = await self._ask(asking, kind)
        except UnauthorisedError as refused:
            before = self.device_clock.offset_s if self.device_clock else 0.0
            if (
                kind is LoginKind.DIGEST
                and abs((await self.read_clock(anew=True)).offset_s - before) > _CLOCK_WAS_SET_S
            ):
                with contextlib.suppress(UnauthorisedError):
                    return await self._ask(asking, kind)
            self.login.refused()
            asked = {"operation": asking.operation, "subcode": refused.subcode}
            raise HubError(ErrorKind.REFUSED, "camera_gateway.onvif_not_permitted", **asked) from refused
        self.login.held()
        return answer

    async def _climb(self, asking: _Asking) -> Answer:
        """One way after the other until one is taken; each refusal counts."""
        login = self.login
        if not login.username:
            try:
                return await self._ask(asking, LoginKind.NONE)
            except UnauthorisedError as error:
                raise HubError(ErrorKind.REFUSED, "camera_gateway.login_needed") from error
        login.may_try()
        offset_s = self.device_clock.offset_s if self.device_clock is not None else 0.0
        challenges: tuple[str, ...] = ()
        for kind in login.ways(offset_s):
            try:
                answer = await self._ask(asking, kind)
            except UnauthorisedError as error:
                challenges = error.challenges
                login.refused()
                if offers_digest(challenges):
                    break
                continue
            login.taken(kind)
            return answer
        if not offers_any(challenges):
            raise login.given_up()
        login.http.challenged(challenges)
        try:
            answer = await self._ask(asking, LoginKind.HTTP)
        except UnauthorisedError as error:
            raise login.given_up() from error
        login.taken(LoginKind.HTTP)
        return answer

    async def _ask(self, asking: _Asking, kind: LoginKind) -> Answer:
        """One exchange; two where the nonce of HTTP Digest was old. Raises UnauthorisedError."""
        headers = {"Content-Type": soap.content_type(asking.written)}
        address = self._checked(asking.address)
        body = self._message(asking, kind)
        for again in (True, False):
            if kind is LoginKind.HTTP:
                headers["Authorization"] = self.login.http.header("POST", address.path) or ""
            reply = await self._post(asking, address, body, headers)
            if kind is not LoginKind.HTTP or reply.status != 401 or not again:
                break
            self._renew(reply.challenges)
            body = self._message(asking, kind)
        answer = response_of(reply, asking.service, asking.operation)
        if kind is LoginKind.HTTP:
            self.login.http.accepted()
        return answer

    def _renew(self, challenges: tuple[str, ...]) -> None:
        """An old nonce for a new one; a password that is refused is not offered again."""
        try:
            self.login.http.challenged(challenges)
        except HubError as error:
            raise self.login.given_up() from error

    async def _post(self, asking: _Asking, address: PinnedAddress, body: bytes, headers: dict[str, str]) -> Reply:
        again = asking.operation.startswith(_TWICE)
        reply = await self._wire.post(address, body, headers, timeout_s=asking.timeout_s, again=again)
        if reply.status not in _REDIRECTS or not reply.location:
            return reply
        target = self._policy.beside(address, reply.location, WEB)
        reply = await self._wire.post(target, body, headers, timeout_s=asking.timeout_s, again=again)
        if reply.status in _REDIRECTS:
            raise HubError(ErrorKind.FORBIDDEN, "hub.address_redirect", host=address.host)
        return reply

    def _checked(self, address: PinnedAddress) -> PinnedAddress:
        """A device may name any port of its host, but none that is ours."""
        return address if self._by_person else self._policy.beside(address, address.url, WEB)

    def _message(self, asking: _Asking, kind: LoginKind) -> bytes:
        login, headers = self.login, []
        if asking.written.addressed:
            said = asking.to.located.said if asking.to is not None else asking.address.url
            headers.append(soap.addressing(asking.written, said, asking.to.reference if asking.to else ()))
        if kind is LoginKind.DIGEST:
            headers.append(soap.password_digest(login.username, login.password, self.device_now()))
        elif kind is LoginKind.DIGEST_OUR_TIME:
            headers.append(soap.password_digest(login.username, login.password, self._clock.now()))
        elif kind is LoginKind.TEXT:
            headers.append(soap.password_text(login.username, login.password))
        return soap.envelope(asking.written, *headers)


@dataclass(frozen=True, slots=True)
class _Asking:
    service: Service
    operation: str
    written: Written
    address: PinnedAddress
    to: Endpoint | None
    timeout_s: float
