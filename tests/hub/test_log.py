"""The log: what is secret stays out of it, wherever it was put in; the same error is said once and counted."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from hub import log
from hub.settings import LogSettings
from tests.support.clock import FakeClock

SECRET = "Geheim@1:2/3"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    text = io.StringIO()
    log.configure(LogSettings(format="json"), "gateway", text)
    yield text
    root.handlers[:] = before
    root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize(
    "text",
    [
        "rtsp://admin:Geheim@10.0.0.1/1",
        "open rtsp://admin:p@Geheim@10.0.0.1:554/Streaming failed",
        "postgresql+asyncpg://u:Geheim@db/x",
        "unix:///run/redis.sock?password=Geheim",
        "redis://:Geheim@10.0.0.1/0",
        "GET /mse/cam_1?ticket=t1.Geheim.Geheim&x=1",
        "Authorization: Basic Geheim",
        'Authorization: Digest username="Geheim", response="Geheim"',
        "WWW-Authenticate: Digest realm=\"Geheim\", nonce='Geheim'",
        "{'Authorization': 'Bearer Geheim1'}",
        "Bearer Geheim.Geheim",
        "password=Geheim",
        "password: 'Geheim und mehr'",
        '{"password": "Geheim"}',
        '"pwd":"Geheim"',
        "passwd=Geheim;host=1",
        "Cookie: session=Geheim",
        "token=Geheim",
    ],
)
def test_no_secret_is_left_in_a_text(text: str) -> None:
    assert "Geheim" not in log.redact(text)
    assert log.redact(log.redact(text)) == log.redact(text)


@pytest.mark.parametrize(
    "text",
    ["rtsp://10.0.0.1/1", "camera cam_1 at 10.0.0.1", "user@example.com wrote", "http://a/b?page=2", "摄像机离线"],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert log.redact(text) == text


def test_secrets_are_kept_out_by_name_and_by_form_however_deep(stream: io.StringIO) -> None:
    log.get("t").info(
        "x",
        password=SECRET,
        headers={"Authorization": SECRET, "X": ["rtsp://a:Geheim@h/"]},
        items=[{"sealed_password": SECRET}, ("ticket", "rtsp://a:Geheim@h/")],
        error=ValueError("rtsp://a:Geheim@h/"),
        ticket_id="tk_1",
        tokens_used=3,
        jpeg=b"Geheim",
    )
    assert "Geheim" not in stream.getvalue()
    (line,) = lines(stream)
    assert line["ticket_id"] == "tk_1"
    assert line["service"] == "gateway"
    assert line["event"] == "x"


def test_exceptions_and_the_standard_library_go_the_same_way(stream: io.StringIO) -> None:
    try:
        raise RuntimeError("cannot open rtsp://admin:Geheim@10.0.0.1/")
    except RuntimeError:
        log.get("t").exception("failed")
        logging.getLogger("aiohttp.server").exception("oops %s", "password=Geheim")
    assert "Geheim" not in stream.getvalue()
    first, second = lines(stream)
    assert "RuntimeError" in str(first["exception"])
    assert second["logger"] == "aiohttp.server"
    assert "\n" not in stream.getvalue().splitlines()[0]


def test_a_line_break_in_a_value_makes_no_second_line(stream: io.StringIO) -> None:
    log.get("t").info("x", name='a\n{"event": "forged"}')
    assert len(stream.getvalue().splitlines()) == 1


def test_the_level_is_kept_and_text_is_for_people() -> None:
    text = io.StringIO()
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    log.configure(LogSettings(format="text", level="warning"), "x", text)
    log.get("t").info("quiet")
    log.get("t").warning("loud", url="rtsp://a:Geheim@h/")
    root.handlers[:] = before
    root.setLevel(level)
    assert "quiet" not in text.getvalue()
    assert "loud" in text.getvalue()
    assert "Geheim" not in text.getvalue()


async def test_the_same_error_is_said_at_once_and_then_once_a_second_with_its_count(
    stream: io.StringIO, clock: FakeClock
) -> None:
    errors = log.RepeatedErrors(log.get("t"), clock)
    for _ in range(100):
        errors.error("camera.failed", key="cam_1", code="x")
        await clock.advance(0.025)
    errors.error("camera.failed", key="cam_2", code="x")
    errors.flush()
    said = lines(stream)
    first = [line for line in said if line["code"] == "x"]
    assert 3 <= len(first) <= 6
    assert "repeated" not in first[0]
    assert sum(int(str(line.get("repeated", 1))) for line in said) == 101


def test_errors_without_end_are_not_remembered_without_end(stream: io.StringIO, clock: FakeClock) -> None:
    errors = log.RepeatedErrors(log.get("t"), clock, most=10)
    for number in range(1000):
        errors.error("x", key=str(number))
    assert len(errors._seen) == 10
