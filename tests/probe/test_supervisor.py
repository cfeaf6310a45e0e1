"""The supervisor over real processes that die, hang, talk and refuse."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from redis.asyncio import Redis

from hub.clock import SystemClock
from hub.errors import ErrorKind, HubError
from hub.redis_server import RedisServer
from hub.settings import Settings
from probe.hub_services import environment, http_ready, hub_services
from probe.service import ServiceSpec
from probe.supervisor import Supervisor
from tests.support.clock import FakeClock

SLEEPER = "import time; print('up', flush=True); time.sleep(600)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"


def service(name: str, code: str, **changes: object) -> ServiceSpec:
    return replace(ServiceSpec(name=name, argv=(sys.executable, "-c", code)), **changes)  # type: ignore[arg-type]


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def until(condition: Callable[[], bool | Awaitable[bool]], within_s: float = 10.0) -> None:
    async with asyncio.timeout(within_s):
        while True:
            said = condition()
            if said if isinstance(said, bool) else await said:
                return
            await asyncio.sleep(0.02)


async def never() -> bool:
    return False


class Lines:
    """What the children said."""

    def __init__(self) -> None:
        self.all: list[tuple[str, str, str]] = []

    def __call__(self, service: str, stream: str, line: str) -> None:
        self.all.append((service, stream, line))

    def of(self, service: str) -> list[str]:
        return [line for name, _, line in self.all if name == service]


@contextlib.asynccontextmanager
async def running(supervisor: Supervisor) -> AsyncIterator[asyncio.Event]:
    stop, ready = asyncio.Event(), asyncio.Event()

    async def on_ready() -> None:
        ready.set()

    task = asyncio.create_task(supervisor.run(stop, on_ready))
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED, timeout=30)
    waiting.cancel()
    try:
        assert ready.is_set(), task
        yield stop
    finally:
        stop.set()
        async with asyncio.timeout(20):
            await task


async def test_what_is_killed_is_back_in_less_than_five_seconds_however_often() -> None:
    supervisor = Supervisor([service("a", SLEEPER), service("b", SLEEPER)], SystemClock(), Lines())
    async with running(supervisor):
        other = supervisor.pid("b")
        for _ in range(8):
            pid = supervisor.pid("a")
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            before = time.monotonic()
            await until(lambda pid=pid: supervisor.pid("a") not in (None, pid))  # type: ignore[misc]
            assert time.monotonic() - before < 2
        assert supervisor.pid("b") == other


async def test_stages_start_in_order_and_end_in_reverse(tmp_path: Path) -> None:
    code = (
        "import signal, sys, time, pathlib\n"
        f"log = pathlib.Path({str(tmp_path / 'log')!r})\n"
        "def say(word):\n"
        "    with log.open('a') as f: f.write(word + ' ' + sys.argv[1] + '\\n')\n"
        "def end(*_): say('end'); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "say('up')\n"
        "pathlib.Path(sys.argv[2]).touch()\n"
        "time.sleep(600)\n"
    )

    def staged(name: str, stage: int) -> ServiceSpec:
        mark = tmp_path / name

        async def ready() -> bool:
            return mark.exists()

        return ServiceSpec(name=name, argv=(sys.executable, "-c", code, name, str(mark)), stage=stage, ready=ready)

    async with running(Supervisor([staged("late", 2), staged("early", 0), staged("mid", 1)], SystemClock(), Lines())):
        pass
    said = (tmp_path / "log").read_text().splitlines()
    assert said == ["up early", "up mid", "up late", "end late", "end mid", "end early"]


async def test_a_service_that_refuses_to_start_is_one_sentence_with_its_last_line() -> None:
    code = "import sys; print('trace', flush=True); print('端口 8600 已被占用', file=sys.stderr); sys.exit(2)"
    fine = service("fine", SLEEPER, stage=0)
    supervisor = Supervisor([fine, service("bad", code, ready=never)], SystemClock(), Lines())
    with pytest.raises(HubError) as caught:
        async with asyncio.timeout(20):
            await supervisor.run(asyncio.Event())
    assert caught.value.code == "hub.service_gave_up"
    assert caught.value.params["line"] == "端口 8600 已被占用"
    assert supervisor.pid("fine") is None


async def test_a_service_that_never_becomes_ready_is_said_so() -> None:
    supervisor = Supervisor([service("slow", SLEEPER, ready=never, ready_within_s=0.5)], SystemClock(), Lines())
    with pytest.raises(HubError) as caught:
        async with asyncio.timeout(20):
            await supervisor.run(asyncio.Event())
    assert caught.value.code == "hub.service_did_not_start"
    assert caught.value.params["line"] == "up"


async def test_one_that_keeps_dying_waits_longer_each_time_and_never_five_seconds(tmp_path: Path) -> None:
    mark = tmp_path / "once"
    code = (
        f"import pathlib, sys, time; mark = pathlib.Path({str(mark)!r})\n"
        "if mark.exists(): print('broken for good'); sys.exit(3)\n"
        "mark.touch(); time.sleep(600)\n"
    )

    waits: list[float] = []

    class Hurried(SystemClock):
        async def sleep(self, seconds: float) -> None:
            waits.append(seconds)
            await asyncio.sleep(min(seconds, 0.05))

    async def ready() -> bool:
        return mark.exists() and "broken for good" not in lines.of("a")

    lines = Lines()
    supervisor = Supervisor([service("a", code, ready=ready)], Hurried(), lines)
    async with running(supervisor):
        pid = supervisor.pid("a")
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await until(lambda: lines.of("a").count("broken for good") >= 8, 20)
    grown = [wait for wait in waits if wait > 0.15]
    assert grown == sorted(grown)
    assert len(grown) >= 4
    assert grown[-1] < 5


async def test_a_service_that_ignores_sigterm_is_killed_with_its_whole_group() -> None:
    code = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {DEAF!r}]); print(p.pid, flush=True)\n"
    lines = Lines()
    supervisor = Supervisor([service("deaf", code + DEAF, stop_within_s=0.5)], SystemClock(), lines)
    async with running(supervisor):
        await until(lambda: any(line.isdigit() for line in lines.of("deaf")))
        pid = supervisor.pid("deaf")
    grandchild = int(next(line for line in lines.of("deaf") if line.isdigit()))
    assert pid is not None
    assert not alive(pid)
    await until(lambda: not alive(grandchild))


async def test_a_taken_port_is_a_sentence_before_anything_starts(tmp_path: Path) -> None:
    mark = tmp_path / "started"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        specs = [
            service("first", f"open({str(mark)!r}, 'w')", stage=0),
            service("second", SLEEPER, ports=(("127.0.0.1", port),)),
        ]
        with pytest.raises(HubError) as caught:
            await Supervisor(specs, SystemClock(), Lines()).run(asyncio.Event())
    assert caught.value.kind is ErrorKind.CONFLICT
    assert str(port) in caught.value.text("zh")
    assert "second" in caught.value.text("en")
    assert not mark.exists()


async def test_what_on_ready_raises_ends_everything_and_is_raised() -> None:
    async def on_ready() -> None:
        raise HubError(ErrorKind.BROKEN, "hub.settings_invalid", detail="x")

    lines = Lines()
    supervisor = Supervisor([service("a", SLEEPER)], SystemClock(), lines)
    with pytest.raises(HubError, match="settings"):
        async with asyncio.timeout(20):
            await supervisor.run(asyncio.Event(), on_ready)
    assert supervisor.pid("a") is None


async def test_cancelling_the_supervisor_leaves_no_child() -> None:
    supervisor = Supervisor([service("a", SLEEPER)], SystemClock(), Lines())
    task = asyncio.create_task(supervisor.run(asyncio.Event()))
    await until(lambda: supervisor.pid("a") is not None)
    pid = supervisor.pid("a")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert pid is not None
    assert not alive(pid)


async def test_lines_of_any_length_and_bytes_come_through_cut_and_readable() -> None:
    code = (
        "import sys, time; sys.stderr.buffer.write(b'x' * 99999 + b'\\n\\xff ok\\n'); sys.stderr.flush();"
        "print('y' * 1_100_000, flush=True); time.sleep(60)"
    )
    lines = Lines()
    async with running(Supervisor([service("a", code)], SystemClock(), lines)):
        await until(lambda: any("ok" in line for line in lines.of("a")))
        await until(lambda: any("yy" in line for line in lines.of("a")))
    assert max(len(line) for line in lines.of("a") if "x" in line) <= 16_384
    # An answer on standard output may be as long as the line of JSON of a large fleet of simulated cameras.
    assert 100_000 < max(len(line) for line in lines.of("a") if "y" in line) <= 1_048_576 + 65_536


async def test_an_output_that_is_gone_does_not_stop_a_child_that_talks_much() -> None:
    code = "import sys, time\nfor n in range(20000): print('line', n)\nprint('done', flush=True); time.sleep(60)"
    seen: list[str] = []

    def gone(service: str, stream: str, line: str) -> None:
        seen.append(line)
        raise BrokenPipeError

    async with running(Supervisor([service("a", code)], SystemClock(), gone)):
        await until(lambda: "done" in seen)


async def test_killing_the_supervisor_leaves_no_orphan(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys\n"
        "from hub.clock import SystemClock\n"
        "from probe.service import ServiceSpec\n"
        "from probe.supervisor import Supervisor\n"
        f"spec = ServiceSpec(name='a', argv=(sys.executable, '-c', {DEAF!r}))\n"
        "sup = Supervisor([spec], SystemClock(), lambda *a: None)\n"
        "async def ready(): print(sup.pid('a'), flush=True)\n"
        "asyncio.run(sup.run(asyncio.Event(), ready))\n"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    assert alive(pid)
    parent.kill()
    await parent.wait()
    await until(lambda: not alive(pid), 5)


async def test_redis_killed_under_the_supervisor_is_back_with_what_it_was_told(tmp_path: Path) -> None:
    services = hub_services(Settings(data_dir=tmp_path / "data"))
    specs = [spec for spec in services if spec.name.startswith("redis")]
    assert [spec.name for spec in specs] == ["redis", "redis-frames"]
    url = next((spec.env or {})["PROBE_REDIS_URL"] for spec in services if spec.name == "console")
    assert "password=" in url
    assert not [word for spec in services for word in spec.argv if "pass" in word]
    ready = specs[0].ready
    assert ready is not None
    supervisor = Supervisor(specs, SystemClock(), Lines())
    async with running(supervisor):
        async with Redis.from_url(url, protocol=2) as client:
            await client.set("kept", "1")
            pid = supervisor.pid("redis")
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            before = time.monotonic()
            await until(lambda: supervisor.pid("redis") not in (None, pid))
            await until(ready, 5)
            assert time.monotonic() - before < 5
        async with Redis.from_url(url, protocol=2) as client:
            assert await client.get("kept") == b"1"
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    again = RedisServer(tmp_path / "data" / "redis", durable=True)
    again.prepare()  # the lock is free again
    again.release()


def test_a_childs_settings_are_the_supervisors_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROBE_GATEWAY__PORT", "1")
    (tmp_path / "hub.yaml").write_text("language: en\n", "utf-8")
    monkeypatch.setenv("PROBE_CONFIG", str(tmp_path / "hub.yaml"))
    settings = Settings.model_validate(
        {
            "data_dir": tmp_path,
            "addresses": {"allow": ["127.0.0.1:8554"]},
            "gateway": {"port": 9601},
            "database_url": "postgresql://u:geheim@db/x",
            "centre_name": "某镇综治中心",
        }
    )
    env = environment(settings, "unix:///r?password=x", "unix:///f?password=y")
    for name in [name for name in os.environ if name.startswith("PROBE_")]:
        monkeypatch.delenv(name)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    read = Settings()
    assert read.gateway == settings.gateway
    assert read.language == "en"
    assert read.addresses == settings.addresses
    assert read.centre_name == settings.centre_name
    assert read.database_url == settings.database_url
    assert read.redis_url is not None
    assert read.redis_url.get_secret_value() == "unix:///r?password=x"


class Answers:
    """Whether a service answers, as a test says; counts how often it was asked."""

    def __init__(self, clock: FakeClock) -> None:
        self.answer = True
        self.after_s = 0.0
        self.asked = 0
        self._clock = clock

    async def __call__(self) -> bool:
        self.asked += 1
        await self._clock.sleep(self.after_s)
        return self.answer


async def test_a_service_that_hangs_is_killed_after_fifteen_seconds_and_starts_again() -> None:
    clock = FakeClock()
    answers = Answers(clock)
    supervisor = Supervisor([service("a", DEAF, alive=answers)], clock, Lines())
    async with running(supervisor):
        pid = supervisor.pid("a")
        assert pid is not None
        await clock.advance(60)
        assert supervisor.pid("a") == pid  # it answers
        answers.answer = False
        await clock.advance(14)
        answers.answer = True  # slow, and back in time
        await clock.advance(3)
        answers.answer = False
        await clock.advance(12)  # less than fifteen since it last answered, wherever in the three seconds that was
        assert supervisor.pid("a") == pid

        async def again() -> bool:
            await clock.advance(1)
            return supervisor.pid("a") not in (None, pid)

        await until(again)
        answers.answer = True
        assert not alive(pid)


async def test_one_question_asked_late_does_not_make_a_service_hung() -> None:
    clock = FakeClock()
    answers = Answers(clock)
    supervisor = Supervisor([service("a", SLEEPER, alive=answers)], clock, Lines())
    async with running(supervisor):
        pid = supervisor.pid("a")
        answers.answer, answers.after_s = False, 100.0
        await clock.advance(104)
        assert answers.asked == 1
        assert supervisor.pid("a") == pid


async def test_a_service_that_answers_that_it_is_too_busy_is_not_ready_and_lives() -> None:
    async def busy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(busy, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        assert not await http_ready("127.0.0.1", port)()
        assert await http_ready("127.0.0.1", port, any_answer=True)()
    await server.wait_closed()
    assert not await http_ready("127.0.0.1", port, any_answer=True)()
