"""The processes of a hub on one machine, as the supervisor starts them.

Two Redis servers (unless given), then the console, the gateway, the detector and the judge. Settings reach them by
the environment alone: no address with a password is ever on a command line. Main thread, before the loop or beside it.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Awaitable, Callable, Mapping

from pydantic import BaseModel, SecretStr

from hub.clock import SystemClock
from hub.errors import ErrorKind, HubError
from hub.redis_disk import RedisDisk
from hub.redis_server import RedisServer
from hub.runtime_dir import private_dir
from hub.secrets import MasterKey
from hub.settings import Settings
from probe.service import ServiceSpec

LEAST_FREE_MB = 200
_READY_TIMEOUT_S = 2.0


def hub_services(settings: Settings) -> list[ServiceSpec]:
    """All of a hub's services. Prepares the data directory and the master key.

    Raises HubError where the directory cannot be used, its disk is full, or there is no Redis to start.
    """
    prepare_data_dir(settings)
    specs: list[ServiceSpec] = []
    durable = settings.redis_url and settings.redis_url.get_secret_value()
    if not durable:
        server = RedisServer(settings.data_dir / "redis", durable=True)
        durable = server.url
        specs.append(_redis("redis", server))
    frames = settings.frames_redis_url and settings.frames_redis_url.get_secret_value()
    if not frames:
        server = RedisServer(settings.data_dir / "redis-frames", durable=False, memory_mb=settings.frames_memory_mb)
        frames = server.url
        specs.append(_redis("redis-frames", server))
    env = environment(settings, durable, frames)
    analytics = settings.analytics
    return [
        *specs,
        _ours("console", ("console", "run"), env, settings.console.host, settings.console.port),
        _ours("gateway", ("gateway", "run"), env, settings.gateway.host, settings.gateway.port),
        _ours("detect", ("analytics", "run", "--role", "detect"), env, "127.0.0.1", analytics.detect_port),
        _ours("judge", ("analytics", "run", "--role", "judge"), env, "127.0.0.1", analytics.judge_port),
    ]


def prepare_data_dir(settings: Settings) -> None:
    """The data directory (0700, with room on its disk) and the master key in its place.

    A key is made only where nothing can have been sealed yet: a hub with a database and without its key says so.
    """
    path = private_dir(settings.data_dir.absolute())
    free_mb = shutil.disk_usage(path).free // 1_000_000
    if free_mb < LEAST_FREE_MB:
        raise HubError(
            ErrorKind.UNAVAILABLE, "hub.data_dir_full", path=str(path), free_mb=free_mb, need_mb=LEAST_FREE_MB
        )
    MasterKey.load(settings.key_path, create=not (path / "patrol.sqlite").exists())


def environment(settings: Settings, redis_url: str, frames_redis_url: str) -> dict[str, str]:
    """The environment in which a child's `Settings()` is exactly `settings`, with these addresses of Redis."""
    names = {f"PROBE_{name.upper()}" for name in Settings.model_fields} | {"PROBE_CONFIG"}
    env = {key: value for key, value in os.environ.items() if key.upper().split("__")[0] not in names}
    for name in Settings.model_fields:
        value: object = getattr(settings, name)
        if value is None:
            continue
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        env[f"PROBE_{name.upper()}"] = value.model_dump_json() if isinstance(value, BaseModel) else str(value)
    env["PROBE_DATA_DIR"] = str(settings.data_dir.absolute())
    env["PROBE_REDIS_URL"] = redis_url
    env["PROBE_FRAMES_REDIS_URL"] = frames_redis_url
    env["PYTHONUNBUFFERED"] = "1"
    return env


def http_ready(
    host: str, port: int, path: str = "/readyz", *, any_answer: bool = False
) -> Callable[[], Awaitable[bool]]:
    """Asks `GET path` and says whether the answer was 200; with `any_answer`, whether there was one."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104 - compared, not bound

    async def ask() -> bool:
        try:
            async with asyncio.timeout(_READY_TIMEOUT_S):
                reader, writer = await asyncio.open_connection(host, port)
                try:
                    writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
                    line = await reader.readline()
                finally:
                    writer.close()
        except (OSError, TimeoutError, ValueError):
            return False
        return line.startswith(b"HTTP/") if any_answer else line.split(b" ", 2)[1:2] == [b"200"]

    return ask


def _redis(name: str, server: RedisServer) -> ServiceSpec:
    disk = RedisDisk(server.folder, SystemClock()) if server.durable else None

    def prepare() -> None:
        server.prepare()
        if disk is not None:
            disk.start()

    def ended() -> None:
        if disk is not None:
            disk.stop()
        server.release()

    return ServiceSpec(
        name=name,
        argv=tuple(server.argv),
        env={"PATH": os.environ.get("PATH", "/usr/bin:/bin")},
        cwd=server.folder,
        stage=0,
        prepare=prepare,
        pass_fds=lambda: server.pass_fds,
        ready=server.answers,
        explain=server.explain,
        ended=ended,
    )


def _ours(name: str, arguments: tuple[str, ...], env: Mapping[str, str], host: str, port: int) -> ServiceSpec:
    return ServiceSpec(
        name=name,
        argv=(sys.executable, "-m", "probe.cli", *arguments),
        env=env,
        ports=((host, port),),
        ready=http_ready(host, port),
        ready_within_s=90.0,
        alive=http_ready(host, port, "/healthz", any_answer=True),  # one that is too busy says so, and lives
    )
