"""The real gateway as it runs in a hub, with a Redis pair of its own and as many camera specs as asked, for a bench.

Everything in a temporary folder; the parent's side only: starts the processes, waits, reads `/metrics`, ends them.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import httpx
from pydantic import SecretStr

from hub.bus import Bus
from hub.clock import SystemClock
from hub.contracts.camera import CameraSpec
from hub.contracts.sweep import SweepOrder, SweptCamera
from hub.contracts.ticket import Ticket, TicketAction
from hub.contracts.watch import Watch
from hub.ids import new_id
from hub.redis_server import RedisServer
from hub.secrets import MasterKey
from hub.settings import Settings
from hub.tickets import TicketSigner

_READY_S: Final = 30.0
_ANSWER_S: Final = 30.0  # of `/metrics`, on a machine that is busy with other things
_METRIC: Final = re.compile(r"^(probe_gateway_\w+)(?:\{([^}]*)\})? ([0-9.eE+-]+)$", re.MULTILINE)


class GatewayUnderTest:
    """`async with GatewayUnderTest(folder, urls) as gateway: gateway.pid, await gateway.metric(...)`."""

    def __init__(
        self,
        folder: Path,
        urls: Sequence[str],
        *,
        opens_per_s: float = 100.0,
        webrtc_port: int = 0,
        logins: Mapping[int, tuple[str, str]] | None = None,
        environment: Mapping[str, str] | None = None,
        watch: Watch | None = None,
    ) -> None:
        """`logins`: user name and password of the cameras (by their place in `urls`) that ask for one."""
        self._folder, self._urls, self._opens, self._webrtc_port = folder, urls, opens_per_s, webrtc_port
        self._logins, self._environment = logins or {}, environment or {}
        self._watch = watch or Watch()
        self._servers: list[RedisServer] = []
        self._redis: list[asyncio.subprocess.Process] = []
        self._process: asyncio.subprocess.Process | None = None
        self._bus: Bus | None = None
        self._client = httpx.AsyncClient(trust_env=False, timeout=_ANSWER_S)
        self._address = ""

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(self, k: type[BaseException] | None, e: BaseException | None, t: TracebackType | None) -> None:
        await self._stop()

    @property
    def pid(self) -> int:
        """Of the gateway."""
        assert self._process is not None  # noqa: S101 - entered
        return self._process.pid

    @property
    def bus(self) -> Bus:
        """Its two Redis servers, as a console has them."""
        assert self._bus is not None  # noqa: S101 - entered
        return self._bus

    @property
    def address(self) -> str:
        """Of its HTTP face, `http://127.0.0.1:…`."""
        return self._address

    @property
    def key_path(self) -> Path:
        """Where its master key lies: who has it makes tickets."""
        return self._folder / "master.key"

    @property
    def redis_pids(self) -> list[int]:
        """Of its two Redis servers."""
        return [process.pid for process in self._redis]

    async def metric(self, name: str, label: str = "") -> float:
        """One figure of the gateway's `/metrics`, e.g. `units_received_total`, `cameras` with `state="online"`."""
        text = (await self._client.get(f"{self._address}/metrics")).text
        for found, labels, value in _METRIC.findall(text):
            if found == f"probe_gateway_{name}" and label in labels:
                return float(value)
        raise KeyError(name)

    def ticket(self, number: int = 1) -> str:
        """A fresh ticket for the live picture of camera `number`, as the console would sign it."""
        return self._signed(f"cam-{number:04d}", TicketAction.LIVE)

    async def sweep(self, order: SweepOrder) -> AsyncGenerator[SweptCamera, None]:
        """Each camera as the gateway has done with it."""
        ticket = self._signed("gateway:gateway-1", TicketAction.SWEEP)
        way, body = f"{self._address}/sweep", order.model_dump_json()
        async with self._client.stream("POST", way, params={"ticket": ticket}, content=body) as answer:
            answer.raise_for_status()
            async for line in answer.aiter_lines():
                if line:
                    yield SweptCamera.model_validate_json(line)

    def _signed(self, camera: str, action: TicketAction) -> str:
        clock = SystemClock()
        signer = TicketSigner(MasterKey.load(self._folder / "master.key").derive(b"tickets"), clock)
        now = clock.now()
        return signer.sign(
            Ticket(
                ticket_id=new_id("tkt", now),
                user_id="bench",
                camera_id=camera,
                action=action,
                purpose="wall",
                expires_at=now + timedelta(seconds=60),
            )
        )

    async def wait_online(self, cameras: int, timeout_s: float) -> None:
        """Until so many cameras are on line. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while await self.metric("cameras", 'state="online"') < cameras:  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.3)

    async def _start(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for durable in (True, False):
            server = RedisServer(self._folder / ("durable" if durable else "frames"), durable=durable)
            server.prepare()
            self._servers.append(server)
            self._redis.append(await self._start_redis(server))
        async with asyncio.timeout(_READY_S):
            for server in self._servers:
                while not await server.answers():  # noqa: ASYNC110 - another process
                    await asyncio.sleep(0.05)
        durable_url, frames_url = (server.url for server in self._servers)
        key = MasterKey.load(self.key_path, create=True)
        settings = Settings(
            data_dir=self._folder, redis_url=SecretStr(durable_url), frames_redis_url=SecretStr(frames_url)
        )
        self._bus = await Bus.open(settings, SystemClock())
        gateway_id = settings.gateway.id
        await self._bus.replace_specs([self._spec(index, key, gateway_id) for index in range(len(self._urls))])
        await self._start_gateway(durable_url, frames_url)

    def _spec(self, index: int, key: MasterKey, gateway_id: str) -> CameraSpec:
        name, password = self._logins.get(index, (None, ""))
        return CameraSpec(
            camera_id=camera_id(index),
            revision=1,
            name=f"bench {index + 1}",
            area_id="bench",
            gateway_id=gateway_id,
            url=self._urls[index],
            watch=self._watch,
            username=name,
            sealed_password=None if name is None else key.seal(password, camera_id(index)),
        )

    async def redis_away(self, server: int, seconds: float) -> None:
        """Kill one of its Redis servers (0: durable, 1: frames) and start it again after so long."""
        self._redis[server].kill()
        await self._redis[server].wait()
        await asyncio.sleep(seconds)
        self._servers[server].prepare()
        self._redis[server] = await self._start_redis(self._servers[server])

    async def _start_redis(self, server: RedisServer) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *server.argv, cwd=server.folder, pass_fds=server.pass_fds, stdout=asyncio.subprocess.DEVNULL
        )

    async def _start_gateway(self, durable_url: str, frames_url: str) -> None:
        port = _free_port()
        self._address = f"http://127.0.0.1:{port}"
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PROBE_")} | {
            "PROBE_DATA_DIR": str(self._folder),
            "PROBE_REDIS_URL": durable_url,
            "PROBE_FRAMES_REDIS_URL": frames_url,
            "PROBE_GATEWAY__PORT": str(port),
            "PROBE_GATEWAY__WEBRTC_PORT": str(self._webrtc_port),
            "PROBE_GATEWAY__OPENS_PER_S": str(self._opens),
            "PROBE_GATEWAY__OPENS_PER_ADDRESS_S": str(self._opens),
            "PROBE_ADDRESSES__ALLOW": '["127.0.0.1"]',
            "PROBE_LOG__LEVEL": "warning",
            **self._environment,
        }
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "probe.cli", "gateway", "run"), env=environment
        )
        async with asyncio.timeout(_READY_S):
            while True:
                try:
                    await self.metric("opens_total")
                    return
                except (httpx.HTTPError, KeyError):
                    if self._process.returncode is not None:
                        raise ChildProcessError("the gateway ended") from None
                    await asyncio.sleep(0.1)

    async def _stop(self) -> None:
        await self._client.aclose()
        if self._bus is not None:
            await self._bus.close()
        for process in [p for p in (self._process, *self._redis) if p is not None and p.returncode is None]:
            process.terminate()
            try:
                async with asyncio.timeout(6):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
        for server in self._servers:
            server.release()


def camera_id(index: int) -> str:
    """Of the camera at this place in `urls`."""
    return f"cam-{index + 1:04d}"


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
