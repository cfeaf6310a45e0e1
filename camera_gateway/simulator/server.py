"""Many simulated cameras behind one RTSP port, each at its own path, in the event loop that starts them.

`async with SimulatedFleet([SimulatedCamera(...)]) as fleet: fleet.url(0)`. Sessions end when their time-out
passes. Faults change while it runs. Sends only to those who asked, on the address it listens on (loopback unless told).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

from camera_gateway.simulator.black_hole import BlackHole
from camera_gateway.simulator.clip import Clip, moving_bar
from camera_gateway.simulator.connection import Connection
from camera_gateway.simulator.faults import Fault, FaultName, FaultSet
from camera_gateway.simulator.login import Login, LoginScheme
from camera_gateway.simulator.packetiser import SharedLoop
from camera_gateway.simulator.playing import Playing
from camera_gateway.simulator.sound import Sound
from camera_gateway.simulator.wheel import Wheel
from hub.clock import Clock, SystemClock

_SWEEP_S: Final = 0.25
_IDLE_S: Final = 60.0  # a connection that sets up no session


@dataclass(frozen=True, slots=True)
class SimulatedCamera:
    """What one camera is. Without `clip` it plays a small test pattern. `path` defaults to /cam1, /cam2, …"""

    name: str = "camera"
    clip: Clip | None = None
    path: str | None = None
    start_s: float = 0.0  # where in the loop it begins
    username: str | None = None
    password: str = ""
    scheme: LoginScheme = LoginScheme.DIGEST
    nonce_s: float = 300.0
    session_timeout_s: int = 60
    sound: bool = False  # G.711 A-law, on a second track
    faults: tuple[Fault | str, ...] = ()
    own_port: bool = False  # a port of its own, so that `refuse` can be real


@dataclass(frozen=True, slots=True)
class MediaCounts:
    """Pictures due = sent + dropped (the client did not read)."""

    sessions: int = 0
    sent: int = 0
    dropped: int = 0

    def __add__(self, other: MediaCounts) -> MediaCounts:
        return MediaCounts(self.sessions + other.sessions, self.sent + other.sent, self.dropped + other.dropped)


@dataclass(slots=True, eq=False)
class CameraState:
    """One camera while it runs."""

    camera: SimulatedCamera
    path: str
    clip: Clip
    faults: FaultSet
    login: Login | None
    any_login: Login
    ssrc: int
    held_until: float = 0.0  # loop time; a session that nobody ended
    port: int = 0
    server: asyncio.Server | None = None
    hole: BlackHole | None = None
    playing: list[Playing] = field(default_factory=list)
    ended: MediaCounts = MediaCounts()
    passwords_refused: int = 0  # by the fault `login`; what a real camera counts before it locks the account
    methods: deque[str] = field(default_factory=lambda: deque(maxlen=1000))


class SimulatedFleet:
    """The server. `port` 0: any free one; see `url`."""

    def __init__(
        self,
        cameras: Sequence[SimulatedCamera],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Clock | None = None,
        pace: float = 1.0,
    ) -> None:
        """`pace` 20: pictures come twenty times as fast as their RTP times say, for tests that need many."""
        self._host, self._port = host, port
        self._pace = pace
        self._clock = clock or SystemClock()
        self._server: asyncio.Server | None = None
        self._connections: set[Connection] = set()
        self._loops: dict[tuple[int, int], SharedLoop] = {}
        self._wheels: dict[int, Wheel] = {}
        self._paused = False
        self._sweeping: asyncio.TimerHandle | None = None
        pattern = moving_bar() if any(c.clip is None for c in cameras) else None
        self._cameras = [
            CameraState(
                camera=camera,
                path=camera.path or f"/cam{number}",
                clip=camera.clip or pattern or moving_bar(),
                faults=FaultSet(camera.faults),
                login=Login(camera.username, camera.password, camera.scheme, camera.nonce_s)
                if camera.username is not None
                else None,
                any_login=Login("", "", camera.scheme),
                ssrc=0x5061_7472,
            )
            for number, camera in enumerate(cameras, 1)
        ]
        self._by_path = {state.path: state for state in self._cameras}

    # life

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, e: BaseException | None, t: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self, None), self._host, self._port, backlog=1024)
        self._port = self._server.sockets[0].getsockname()[1]
        for state in self._cameras:
            if state.camera.own_port or FaultName.REFUSE in state.faults:
                await self._listen_alone(state)
        self._sweeping = loop.call_later(_SWEEP_S, self._sweep)

    async def stop(self) -> None:
        """Close all and return when the connections are gone."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        servers = [s for s in (self._server, *(c.server for c in self._cameras)) if s is not None]
        for server in servers:
            server.close()
        for state in self._cameras:
            if state.hole is not None:
                state.hole.close()
        for connection in tuple(self._connections):
            connection.reset()
        for wheel in self._wheels.values():
            wheel.stop()
        for server in servers:
            await server.wait_closed()
        for _ in range(100):
            if not self._connections:
                break
            await asyncio.sleep(0.01)

    async def _listen_alone(self, state: CameraState) -> None:
        """The camera's own port: found, and open unless it refuses."""
        loop = asyncio.get_running_loop()
        state.server = await loop.create_server(lambda: Connection(self, state), self._host, state.port)
        state.port = state.server.sockets[0].getsockname()[1]
        if FaultName.REFUSE in state.faults:
            state.server.close()
            await state.server.wait_closed()
            state.server = None

    # what a test or a bench asks

    def url(self, index: int, *, login: bool = False) -> str:
        """The address of camera `index`; `login=True` puts its user name and password in."""
        state = self._cameras[index]
        who = f"{state.camera.username}:{state.camera.password}@" if login and state.login is not None else ""
        return f"rtsp://{who}{self._host}:{state.port or self._port}{state.path}"

    @property
    def port(self) -> int:
        """The port that the cameras share."""
        return self._port

    def clip(self, index: int) -> Clip:
        """What camera `index` plays."""
        return self._cameras[index].clip

    def set_clip(self, index: int, clip: Clip) -> None:
        """Camera `index` plays this from the next session on."""
        self._cameras[index].clip = clip

    def methods(self, index: int) -> list[str]:
        """The requests that camera `index` got, the last thousand."""
        return list(self._cameras[index].methods)

    async def set_faults(self, index: int, *faults: Fault | str) -> None:
        """Camera `index` has these faults from now on, and no others."""
        state = self._cameras[index]
        state.faults.replace(faults)
        for playing in state.playing:
            playing.faults_changed()
        refuses, hole = FaultName.REFUSE in state.faults, FaultName.BLACK_HOLE in state.faults
        if refuses:
            for connection in [c for c in self._connections if c.camera is state]:
                connection.reset()
        if state.hole is not None and not hole:
            state.hole.close()
            state.hole = None
        if state.port and (refuses or hole) and state.server is not None:
            state.server.close()
            await asyncio.sleep(0)
            state.server = None
        elif state.port and not refuses and not hole and state.server is None:
            await self._listen_alone(state)
        if state.port and hole and state.hole is None:
            state.hole = await BlackHole.open(self._host, state.port)

    def passwords_refused(self, index: int) -> int:
        """How many requests with a password camera `index` answered with 401 by its fault `login`."""
        return self._cameras[index].passwords_refused

    def drop_connections(self, index: int) -> None:
        """Reset all connections of camera `index`; it takes new ones."""
        for connection in [c for c in self._connections if c.camera is self._cameras[index]]:
            connection.reset()

    def counts(self, index: int | None = None) -> MediaCounts:
        """Pictures since the start, of one camera or of all; `sessions` are those that play now."""
        total = MediaCounts()
        for state in self._cameras if index is None else [self._cameras[index]]:
            total += state.ended
            for playing in state.playing:
                total += MediaCounts(1, playing.sent, playing.dropped)
        return total

    def pause(self) -> None:
        """All cameras stop sending; connections stay."""
        self._paused = True
        for wheel in self._wheels.values():
            wheel.pause()

    def resume(self) -> None:
        """They go on with the next picture."""
        self._paused = False
        for wheel in self._wheels.values():
            wheel.resume()

    # what a connection asks

    def now(self) -> float:
        """Loop time."""
        return asyncio.get_running_loop().time()

    def joined(self, connection: Connection) -> None:
        """A client connected."""
        self._connections.add(connection)

    def left(self, connection: Connection) -> None:
        """A client is gone."""
        self._connections.discard(connection)

    def find(self, path: str) -> CameraState | None:
        """The camera whose path this is."""
        return self._by_path.get(path)

    def knows(self, camera: CameraState, path: str) -> bool:
        """Whether `path` is that of `camera`."""
        return path == camera.path

    def others_in_session(self, camera: CameraState, connection: Connection) -> bool:
        """Whether another client has a session with `camera`, or left one behind."""
        return self.now() < camera.held_until or any(
            c.in_session and c.camera is camera and c is not connection for c in self._connections
        )

    def play(
        self, camera: CameraState, transport: asyncio.Transport, channel: int, sound_channel: int | None = None
    ) -> Playing:
        """A session begins; it is sent to from `turn` on."""
        clip = camera.clip
        shared = self._loops.get((id(clip), channel))
        if shared is None:
            shared = self._loops[id(clip), channel] = SharedLoop(clip, ssrc=camera.ssrc, channel=channel)
        position = self._wheel(clip).turn + round(camera.camera.start_s * clip.fps)
        sound = Sound(clip.fps, sound_channel) if sound_channel is not None else None
        playing = Playing(shared, camera.faults, transport, position, channel, self._clock, sound)
        camera.playing.append(playing)
        return playing

    def turn(self, camera: CameraState, playing: Playing) -> None:
        """Send to it from now on."""
        self._wheel(camera.clip).add(playing)

    def stop_playing(self, camera: CameraState, playing: Playing) -> None:
        """Send to it no more and keep its counts."""
        self._wheel(camera.clip).remove(playing)
        if playing in camera.playing:
            camera.playing.remove(playing)
            camera.ended += MediaCounts(0, playing.sent, playing.dropped)

    def _wheel(self, clip: Clip) -> Wheel:
        wheel = self._wheels.get(id(clip))
        if wheel is None:
            wheel = self._wheels[id(clip)] = Wheel(asyncio.get_running_loop(), clip.fps * self._pace)
            if self._paused:
                wheel.pause()
        return wheel

    def _sweep(self) -> None:
        now = self.now()
        for connection in tuple(self._connections):
            connection.forget_in_time(now)
            camera = connection.camera
            limit = camera.camera.session_timeout_s if camera is not None and connection.in_session else _IDLE_S
            if now - connection.heard_at > limit:
                connection.drop()
        self._sweeping = asyncio.get_running_loop().call_later(_SWEEP_S, self._sweep)
