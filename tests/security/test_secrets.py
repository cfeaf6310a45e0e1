"""A camera's password: typed once, sealed, and then nowhere to be read: no file, no answer, no log, no terminal."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from camera_gateway.simulator.server import SimulatedCamera, SimulatedFleet
from camera_gateway.sources.rtsp.message import parse_head
from camera_gateway.sources.rtsp.sps import parse_sps
from hub import log
from hub.contracts.camera import CameraState, Cause
from hub.secrets import MasterKey
from hub.settings import LogSettings, Settings
from patrol_console.camera.spec import all_specs
from patrol_console.console import Console
from tests.patrol_console.people import Person, Town
from tests.support.gateway import gateway_settings, running_gateway, spec_of, until

WORD = "Tr0ub4dor-wört"


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that this process logs, at its most talkative."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    text = io.StringIO()
    log.configure(LogSettings(level="debug"), "test", text)
    yield text
    root.handlers[:] = before
    root.setLevel(level)


def holds(text: str | bytes) -> bool:
    data = text if isinstance(text, bytes) else text.encode()
    forms = (WORD, WORD.encode("unicode_escape").decode(), "Tr0ub4dor-w%C3%B6rt")
    return any(form.encode() in data for form in forms)


def files_that_hold_it(folder: Path) -> list[str]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert files
    return [file.name for file in files if holds(file.read_bytes())]


async def test_a_cameras_password_is_in_no_answer_no_file_and_no_message(
    console: Console, asgi: httpx.ASGITransport, town: Town, tmp_path: Path, logged: io.StringIO
) -> None:
    admin = await Person.sign_in(asgi, "admin")
    body = {"name": "n", "area_id": town.east, "url": "rtsp://10.0.0.8/x", "username": "root", "password": WORD}
    answers = [await admin.ask("POST", "/api/cameras", body)]
    inside = {"name": "m", "area_id": town.east, "url": f"rtsp://root:{WORD}@10.0.0.8/y"}
    answers.append(await admin.ask("POST", "/api/cameras", inside))
    assert [answer.status_code for answer in answers] == [201, 201]
    for answer in tuple(answers):
        way = f"/api/cameras/{answer.json()['id']}"
        assert answer.json()["has_password"] is True
        answers += [await admin.ask("GET", way), await admin.ask("PATCH", way, {"name": "other"})]
        answers.append(await admin.ask("PATCH", way, {"url": f"rtsp://root:{WORD}@8.8.8.8/x"}))
        answers.append(await admin.ask("PATCH", way, {"url": f"gopher://root:{WORD}@10.0.0.8/x"}))
    answers.append(await admin.ask("GET", "/api/cameras"))
    answers.append(await admin.ask("POST", "/api/cameras", {**body, "password": {"was": WORD}, "name": ""}))
    assert not [answer.text for answer in answers if holds(answer.content)]
    async with console.database.reading() as session:
        specs = [spec.model_dump_json() for spec in await all_specs(session)]
    assert len(specs) == 4
    assert not any(map(holds, specs)), "what goes to Redis is sealed"
    assert not files_that_hold_it(tmp_path)
    assert not holds(logged.getvalue())


async def test_a_camera_that_refuses_the_login_makes_nobody_say_the_password(
    redis_settings: Settings, logged: io.StringIO
) -> None:
    async with (
        SimulatedFleet([SimulatedCamera(username="root", password="another")]) as fleet,
        running_gateway(gateway_settings(redis_settings)) as running,
    ):
        key = MasterKey.load(redis_settings.key_path)
        sealed = key.seal(WORD, "cam_1")
        await running.bus.put_spec(spec_of("cam_1", fleet.url(0), username="root", sealed_password=sealed))
        cameras = running.gateway.manager.cameras
        await until(lambda: "cam_1" in cameras and cameras["cam_1"].condition.cause is Cause.LOGIN_REFUSED)
        status = cameras["cam_1"].status().model_dump_json()
        assert cameras["cam_1"].condition.state is CameraState.OFFLINE
    assert "login_refused" in logged.getvalue()
    assert not holds(logged.getvalue())
    assert not holds(status)


def test_what_a_camera_says_is_no_escape_in_the_log_either(logged: io.StringIO) -> None:
    log.get("camera").error("odd", reason="red\x1b[31m \x9b2J a\u202eb", more={"a\u2028": "\x07"})
    assert not any(each in logged.getvalue() for each in "\x1b\x9b\u202e\u2028\x07")
    log.configure(LogSettings(format="text"), "test", logged)
    log.get("camera").error("odd", reason="red\x1b[31m \x9b2J a\u202eb")
    assert not any(each in logged.getvalue() for each in "\x1b\x9b\u202e")


@pytest.mark.parametrize("status", ["9" * 5000, "-1", "²", "200x", "1e3", ""])
def test_a_status_that_is_no_number_is_zero(status: str) -> None:
    message, _ = parse_head(f"RTSP/1.0 {status} OK".encode())
    assert message.status == 0


@pytest.mark.parametrize(
    "nal",
    [
        bytes((0x67, 66, 0, 30)) + bytes(4000),
        bytes((0x67, 66, 0, 30)) + b"\xff" * 4000,
        bytes((0x67, 100, 0, 51)) + b"\x00\x00\x01" * 2000,
        bytes((0x67, 66, 0, 30)) + b"\x00" * 7 + b"\x01" + b"\xff" * 100,
    ],
)
def test_a_parameter_set_of_no_sense_is_refused_and_takes_no_memory(nal: bytes) -> None:
    try:
        parsed = parse_sps(nal)
    except ValueError:
        return
    assert parsed.width_px <= 16_384
    assert parsed.height_px <= 16_384
