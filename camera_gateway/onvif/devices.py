"""One ONVIF client for each camera of this gateway that has a face, made when it is first wanted, kept while it holds.

On the gateway's loop. A client whose address or login was changed is made anew; it holds no socket and no task, so that
nothing is to be closed. The wire is the gateway's one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from camera_gateway.onvif.client import OnvifClient
from camera_gateway.onvif.wire import OnvifWire
from hub.addresses import AddressPolicy
from hub.clock import Clock
from hub.contracts.camera import CameraSpec
from hub.errors import ErrorKind, HubError

Access = tuple[str | None, ...]


def access_of(spec: CameraSpec) -> Access:
    """What a client stands on."""
    return (None if spec.onvif is None else spec.onvif.url, spec.username, spec.sealed_password)


class Devices:
    """By camera."""

    def __init__(
        self,
        wire: OnvifWire,
        policy: AddressPolicy,
        clock: Clock,
        open_password: Callable[[CameraSpec], str | None],
    ) -> None:
        self._wire, self._policy, self._clock = wire, policy, clock
        self._open_password = open_password
        self._clients: dict[str, tuple[Access, OnvifClient]] = {}
        self._opening: dict[str, asyncio.Lock] = {}

    async def client(self, spec: CameraSpec) -> OnvifClient:
        """The camera's client.

        Raises HubError UNSUPPORTED `camera_gateway.onvif_unregistered`, and as `OnvifClient.open` does.
        """
        if spec.onvif is None:
            raise HubError(ErrorKind.UNSUPPORTED, "camera_gateway.onvif_unregistered")
        wanted = access_of(spec)
        async with self._opening.setdefault(spec.camera_id, asyncio.Lock()):
            known = self._clients.get(spec.camera_id)
            if known is not None and known[0] == wanted:
                return known[1]
            client = await OnvifClient.open(
                spec.onvif.url,
                spec.username,
                self._open_password(spec),
                wire=self._wire,
                policy=self._policy,
                clock=self._clock,
            )
            self._clients[spec.camera_id] = (wanted, client)
            return client

    def renew(self, camera_id: str) -> None:
        """Its name may stand for another address by now, its services elsewhere: the next call finds them anew."""
        self._clients.pop(camera_id, None)

    def forget(self, camera_id: str) -> None:
        """The camera is gone."""
        self._clients.pop(camera_id, None)
        self._opening.pop(camera_id, None)
