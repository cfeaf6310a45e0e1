"""The command: models, and the two roles as processes that start, answer, and end at SIGTERM."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from hub.bus import Bus, Topic
from hub.clock import SystemClock
from hub.contracts.alert import AlertRaised
from hub.settings import Settings
from probe.cli import main
from tests.analytics.makers import frame, keyframe, rule, scene, spec

MATERIAL = Path(os.environ.get("PROBE_MATERIAL", "/nonexistent"))
needs_material = pytest.mark.skipif(not MATERIAL.is_dir(), reason="PROBE_MATERIAL is not set")


def answered(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["--lang", "en", *arguments])
    said = capsys.readouterr()
    return status, said.out, said.err


@pytest.fixture(autouse=True)
def quiet_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROBE_LANGUAGE", "en")
    for name in [
        name for name in os.environ if name.startswith("PROBE_") and name not in ("PROBE_LANGUAGE", "PROBE_MATERIAL")
    ]:
        monkeypatch.delenv(name)


def test_models_list_says_which_is_in_use_and_why(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status, out, _ = answered(capsys, "models", "list", "--data", str(tmp_path))
    assert status == 0
    assert "yolox-nano" in out
    assert "In use: hog+motion" in out
    assert "probe models pull yolox-nano" in out


def test_models_list_in_json_is_one_object(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    _, out, _ = answered(capsys, "models", "list", "--data", str(tmp_path), "--json")
    told = json.loads(out)
    assert {model["state"] for model in told["models"]} == {"not_present"}
    assert told["in_use"]["name"] == "hog+motion"


@pytest.mark.material
@needs_material
def test_a_model_is_pulled_tested_and_then_in_use(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    data = ("--data", str(tmp_path))
    assert answered(capsys, "models", "pull", *data)[0] == 0
    _, out, _ = answered(capsys, "models", "test", "--json", *data)
    assert json.loads(out)["ms"] > 0
    _, out, _ = answered(capsys, "models", "list", "--json", *data)
    assert json.loads(out)["in_use"]["name"] == "openvino:yolox-nano"


@pytest.mark.parametrize(
    ("arguments", "status", "word"),
    [
        (("models", "pull", "no-such-model"), 1, "no-such-model"),
        (("models", "add", "/no/such/file"), 1, "/no/such/file"),
        (("models", "add", __file__), 2, "SHA-256"),
        (
            (
                "models",
                "test",
            ),
            1,
            "probe models pull",
        ),
        (("analytics", "run", "--role", "dance"), 2, "dance"),
        (("analytics", "run", "--role", "judge"), 2, "PROBE_REDIS_URL"),
    ],
)
def test_what_does_not_work_is_one_sentence_and_a_status(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    arguments: tuple[str, ...],
    status: int,
    word: str,
) -> None:
    monkeypatch.setenv("PROBE_DATA_DIR", str(tmp_path))
    got, _, error = answered(capsys, *arguments)
    assert (got, word in error, "Traceback" in error) == (status, True, False), error


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def roles(redis_settings: Settings) -> Iterator[dict[str, tuple[subprocess.Popen[bytes], int]]]:
    assert redis_settings.redis_url is not None
    assert redis_settings.frames_redis_url is not None
    ports = {"detect": free_port(), "judge": free_port()}
    environment = {
        **os.environ,
        "PROBE_DATA_DIR": str(redis_settings.data_dir),
        "PROBE_REDIS_URL": redis_settings.redis_url.get_secret_value(),
        "PROBE_FRAMES_REDIS_URL": redis_settings.frames_redis_url.get_secret_value(),
        "PROBE_REDIS_PREFIX": redis_settings.redis_prefix,
        "PROBE_ANALYTICS__DETECTOR": "motion",
        "PROBE_ANALYTICS__DETECT_PORT": str(ports["detect"]),
        "PROBE_ANALYTICS__JUDGE_PORT": str(ports["judge"]),
    }
    started = {
        role: (
            subprocess.Popen(
                [sys.executable, "-m", "probe.cli", "analytics", "run", "--role", role],
                env=environment,
                stderr=subprocess.PIPE,
            ),
            port,
        )
        for role, port in ports.items()
    }
    yield started
    for process, _ in started.values():
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=10)


def fetched(port: int, path: str) -> bytes:
    with urlopen(f"http://127.0.0.1:{port}/{path}", timeout=2) as answer:
        return bytes(answer.read())


async def ready(port: int, within_s: float = 20.0) -> None:
    def ask() -> bool:
        try:
            return fetched(port, "readyz") == b"ready\n"
        except OSError:
            return False

    end = time.monotonic() + within_s
    while not await asyncio.to_thread(ask):
        assert time.monotonic() < end, "not ready"
        await asyncio.sleep(0.1)


async def test_frames_in_an_alert_with_its_picture_out_and_a_clean_end_at_sigterm(
    redis_settings: Settings, roles: dict[str, tuple[subprocess.Popen[bytes], int]]
) -> None:
    clock = SystemClock()
    bus = await Bus.open(redis_settings, clock)
    try:
        await bus.put_spec(spec(rules=(rule(labels=("person", "motion"), least_time_s=0.5),)))
        for _, port in roles.values():
            await ready(port)
        begun = clock.monotonic()
        found: list[AlertRaised] = []
        for place in range(40):
            picture = scene(None if place < 2 else 100 + 4 * place)
            await bus.publish(Topic.FRAMES, frame(0, captured_at=clock.now()), keyframe(picture))
            await asyncio.sleep(0.2)
            found += [delivery.parse(AlertRaised) for delivery in await bus.read(Topic.ALERTS, "t", "t", block_ms=1)]
            if found:
                break
        assert found, "no alert"
        assert clock.monotonic() - begun < 10
        assert found[0].evidence_key is not None
        assert await bus.picture(found[0].evidence_key) is not None
        told = await asyncio.to_thread(fetched, roles["judge"][1], "metrics")
        assert b'probe_judge_alerts_total{evidence="ready"} 1.0' in told
    finally:
        await bus.close()
    for process, _ in roles.values():
        process.send_signal(signal.SIGTERM)
    for role, (process, _) in roles.items():
        _, said = await asyncio.to_thread(process.communicate, timeout=5)
        assert process.returncode == 0, said.decode()
        assert b"service.stopped" in said
        assert all(json.loads(line) for line in said.splitlines()), role
        assert b"Traceback" not in said


async def test_a_second_judge_takes_over_and_the_first_ends_with_a_sentence(
    redis_settings: Settings, roles: dict[str, tuple[subprocess.Popen[bytes], int]]
) -> None:
    from analytics.judge import Judge
    from tests.analytics.makers import look, person

    first, port = roles["judge"]
    await ready(port)
    bus = await Bus.open(redis_settings, SystemClock())
    try:
        await bus.put_spec(spec())
        second = Judge(bus, SystemClock(), redis_settings)
        await second.begin()
        await bus.publish(Topic.RESULTS, look(0, [person()]))
        _, said = await asyncio.to_thread(first.communicate, timeout=10)
        assert first.returncode == 1
        assert "judge" in said.decode().splitlines()[-1]
    finally:
        await bus.close()
