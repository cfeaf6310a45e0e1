"""One camera's head as we know it: what it was told last, by which profile, and what it cannot do. Talks ONVIF PTZ.

On the gateway's loop; commands of one head go out one after another, the newest wish counts. Never waits for
MoveStatus: Hikvision does not update it. A camera that refuses the time-out of a move is moved without: then only our
Stop ends it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Final

from camera_gateway.onvif.client import OnvifClient
from camera_gateway.onvif.device import words
from camera_gateway.onvif.profiles import stream_profiles
from camera_gateway.onvif.service import Service
from camera_gateway.onvif.wsdl import Params
from hub.clock import Clock
from hub.contracts.device import DeviceFace
from hub.contracts.ptz import PtzPreset
from hub.errors import ErrorKind, HubError

TIMEOUT: Final = "PT2S"  # whole seconds: not all cameras read fractions
RESEND_S: Final = 0.8  # the same move is said again to the camera no oftener
_CALL_S: Final = 4.0
_MOST_PRESETS: Final = 300


@dataclass(frozen=True, slots=True)
class Velocity:
    """Speeds from -1 to 1."""

    pan: float = 0.0
    tilt: float = 0.0
    zoom: float = 0.0

    @property
    def still(self) -> bool:
        """Whether nothing is to move."""
        return not (self.pan or self.tilt or self.zoom)


@dataclass(slots=True)
class Head:
    """`moving` is what it was told and not yet untold; `renewed_s` when somebody last wished it."""

    clock: Clock
    moving: Velocity | None = None
    wanted: Velocity | None = None
    renewed_s: float = 0.0
    used_s: float | None = None  # when a person last moved it from where it was; None: it stands at home
    stops_failed: int = 0
    _sent_s: float = float("-inf")
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _profile: str | None = None
    _takes_timeout: bool = True

    async def move(self, client: OnvifClient, face: DeviceFace, velocity: Velocity) -> None:
        """Move on so. Returns at once where the camera was told the same a moment ago."""
        now_s = self.clock.monotonic()
        self.wanted, self.renewed_s = velocity, now_s
        if self.moving == velocity and now_s - self._sent_s < RESEND_S:
            return
        async with self._lock:
            if not self._wishes(velocity):
                return  # a newer wish came while another call was on its way
            before = self.moving
            self.moving, self._sent_s, self.stops_failed = velocity, self.clock.monotonic(), 0
            await self._continue(client, await self._token(client, face), velocity, before)

    async def stop(self, client: OnvifClient, face: DeviceFace) -> None:
        """Stand still."""
        self.wanted = None
        async with self._lock:
            if not self._wishes(None):
                return
            params = {"ProfileToken": await self._token(client, face), "PanTilt": True, "Zoom": True}
            await client.call(Service.PTZ, "Stop", params, timeout_s=_CALL_S)
            self.moving = None
            self.stops_failed = 0

    async def home(self, client: OnvifClient, face: DeviceFace) -> None:
        """To the preset that is set as home, or the device's own home."""
        if face.home_preset is not None:
            await self.go(client, face, face.home_preset)
        else:
            await self._plain(client, face, "GotoHomePosition", {})

    async def go(self, client: OnvifClient, face: DeviceFace, preset: str) -> None:
        """To a preset."""
        await self._plain(client, face, "GotoPreset", {"PresetToken": preset})

    async def remove(self, client: OnvifClient, face: DeviceFace, preset: str) -> None:
        """Forget a preset."""
        await self._plain(client, face, "RemovePreset", {"PresetToken": preset})

    async def keep(self, client: OnvifClient, face: DeviceFace, name: str | None, preset: str | None) -> str | None:
        """Where it looks now becomes a preset; its token."""
        params: dict[str, str] = {}
        if name is not None:
            params["PresetName"] = name
        if preset is not None:
            params["PresetToken"] = preset
        made = await client.call(
            Service.PTZ, "SetPreset", {"ProfileToken": await self._token(client, face), **params}, timeout_s=_CALL_S
        )
        return (made.value("PresetToken") or preset or "")[:64] or None

    async def presets(self, client: OnvifClient, face: DeviceFace) -> tuple[PtzPreset, ...]:
        """All that have a token; names on one line."""
        token = await self._token(client, face)
        answer = await client.call(Service.PTZ, "GetPresets", {"ProfileToken": token}, timeout_s=_CALL_S)
        found = []
        for one in answer.all("Preset")[:_MOST_PRESETS]:
            preset = one.attribute("token")
            if preset is not None and len(preset) <= 64:
                found.append(PtzPreset(token=preset, name=(words(one.value("Name")) or "")[:64]))
        return tuple(found)

    def _wishes(self, velocity: Velocity | None) -> bool:
        """Whether that is what is wanted now."""
        return self.wanted == velocity

    async def _plain(self, client: OnvifClient, face: DeviceFace, operation: str, params: dict[str, str]) -> None:
        async with self._lock:
            token = await self._token(client, face)
            await client.call(Service.PTZ, operation, {"ProfileToken": token, **params}, timeout_s=_CALL_S)

    async def _continue(self, client: OnvifClient, token: str, velocity: Velocity, before: Velocity | None) -> None:
        """ContinuousMove of the axes that are named now, or were in the move before and must end."""
        was = before or Velocity()
        axes: dict[str, Params] = {}
        if velocity.pan or velocity.tilt or was.pan or was.tilt:
            axes["PanTilt"] = {"@x": velocity.pan, "@y": velocity.tilt}
        if velocity.zoom or was.zoom:
            axes["Zoom"] = {"@x": velocity.zoom}
        params: dict[str, object] = {"ProfileToken": token, "Velocity": axes}
        if self._takes_timeout:
            try:
                await client.call(Service.PTZ, "ContinuousMove", {**params, "Timeout": TIMEOUT}, timeout_s=_CALL_S)
            except HubError as error:
                if error.kind is not ErrorKind.INVALID:
                    raise
                self._takes_timeout = False
            else:
                return
        await client.call(Service.PTZ, "ContinuousMove", params, timeout_s=_CALL_S)

    async def _token(self, client: OnvifClient, face: DeviceFace) -> str:
        """The profile that is moved: the one set, else the first that has a head."""
        if face.profile_token is not None:
            return face.profile_token
        if self._profile is None:
            found = await stream_profiles(client)
            with_head = [one.token for one in found if one.ptz] or [one.token for one in found]
            if not with_head:
                raise HubError(ErrorKind.UNSUPPORTED, "camera_gateway.no_ptz")
            self._profile = with_head[0]
        return self._profile
