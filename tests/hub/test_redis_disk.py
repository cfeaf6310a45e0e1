"""What the durable Redis wrote is put on the disk from outside: all of it, nothing else, and whatever the disk says."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis

from hub.clock import SystemClock
from hub.redis_disk import RedisDisk
from tests.support.redis import OwnRedis, binaries


class Disk:
    """Remembers which files were put down, by name; fails when it is told to."""

    def __init__(self) -> None:
        self.files: list[str] = []
        self.broken = False

    def __call__(self, file: int) -> None:
        if self.broken:
            raise OSError(errno.EIO, "Input/output error")
        self.files.append(Path(f"/proc/self/fd/{file}").readlink().name)
        os.fdatasync(file)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture(params=binaries(), ids=lambda path: path.parent.name)
def client(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Redis]:
    with OwnRedis(tmp_path / "redis", binary=request.param) as server:
        made = Redis.from_url(server.url, protocol=2)
        yield made
        made.close()


def disk_of(folder: Path, told: Disk, every_s: float = 0.02) -> RedisDisk:
    return RedisDisk(folder / "redis", SystemClock(), every_s=every_s, sync=told)


def test_what_was_written_is_put_down_once_and_again_only_when_there_is_more(client: Redis, tmp_path: Path) -> None:
    told = Disk()
    disk = disk_of(tmp_path, told)
    client.set("a", "1")
    assert disk.once() == 1
    assert disk.once() == 0
    client.set("a", "2")
    assert disk.once() == 1
    assert [name for name in told.files if not name.startswith("appendonly.aof")] == []


def test_after_a_rewrite_the_new_file_is_put_down(client: Redis, tmp_path: Path) -> None:
    disk = disk_of(tmp_path, Disk())
    client.set("a", "1")
    disk.once()
    client.bgrewriteaof()
    until(lambda: "'aof_rewrite_in_progress': 0" in str(client.info("persistence")))
    client.set("a", "2")
    assert disk.once() == 1
    assert disk.once() == 0


def test_it_works_by_itself_ends_and_can_begin_again(client: Redis, tmp_path: Path) -> None:
    told = Disk()
    disk = disk_of(tmp_path, told)
    for number in (1, 2):
        disk.start()
        client.set("a", number)
        until(lambda wanted=number: len(told.files) >= wanted)  # type: ignore[misc]
        disk.stop()
    had = len(told.files)
    client.set("a", 3)
    time.sleep(0.1)
    assert len(told.files) == had


def test_before_the_server_has_a_file_there_is_nothing_to_do(tmp_path: Path) -> None:
    assert disk_of(tmp_path, Disk()).once() == 0


def test_a_disk_that_fails_is_told_once_and_asked_again(
    client: Redis, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told = Disk()
    told.broken = True
    disk = disk_of(tmp_path, told)
    client.set("a", "1")
    disk.start()
    time.sleep(0.2)
    told.broken = False
    until(lambda: bool(told.files))
    disk.stop()
    assert len([record for record in caplog.records if "redis.disk_failed" in record.getMessage()]) == 1
