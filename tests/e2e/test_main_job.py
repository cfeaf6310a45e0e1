"""The main job over REST, without a browser: a figure walks in, an alert comes with its picture, a person
acknowledges.
"""

from __future__ import annotations

import time
from datetime import datetime

import httpx
import pytest

from tests.support.demo import DemoProcess, Person, is_alive
from tests.support.events import Listening

ALERT_WITHIN_S = 30.0


def waiting_alerts(person: Person) -> list[dict[str, object]]:
    listed = person.get("/api/alerts?group=waiting")
    assert isinstance(listed, dict)
    items = listed["items"]
    assert isinstance(items, list)
    return [dict(item) for item in items if isinstance(item, dict)]


def first_alert_with_evidence(demo: DemoProcess, person: Person, within_s: float) -> dict[str, object]:
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        for alert in waiting_alerts(person):
            if alert["evidence"] == "ready":
                return alert
        time.sleep(0.2)
    raise AssertionError(f"no alert with evidence in {within_s:.0f} s; the log ends:\n{demo.tail()}")


def test_the_demo_is_ready_within_a_minute_and_says_it_in_one_line(demo: DemoProcess) -> None:
    assert demo.ready_s <= 60
    assert len(demo.line.cameras) == 9
    roles = {user.role for user in demo.line.users}
    assert roles == {"administrator", "technician", "operator", "duty_officer"}
    assert all(len(user.password) >= 12 for user in demo.line.users)
    assert all(camera.rtsp_url.startswith("rtsp://127.0.0.1:") for camera in demo.line.cameras)


def test_an_alert_with_evidence_comes_within_half_a_minute_of_ready(demo: DemoProcess) -> None:
    officer = demo.sign_in("duty_officer")
    alert = first_alert_with_evidence(demo, officer, ALERT_WITHIN_S)
    raised = datetime.fromisoformat(str(alert["raised_at"]))
    captured = datetime.fromisoformat(str(alert["captured_at"]))
    assert (raised - captured).total_seconds() < 5
    picture = officer.http.get(str(alert["evidence_url"]))
    assert picture.headers["content-type"] == "image/jpeg"
    assert picture.content.startswith(b"\xff\xd8\xff")


def test_what_one_acknowledges_another_hears_within_a_second(demo: DemoProcess) -> None:
    officer, operator = demo.sign_in("duty_officer"), demo.sign_in("operator")
    alert = first_alert_with_evidence(demo, officer, ALERT_WITHIN_S)
    path = f"/api/alerts/{alert['id']}"
    with Listening(operator) as ear:
        begin = time.monotonic()
        answer = officer.http.post(f"{path}/acknowledge", json={})
        assert answer.status_code == 200, answer.text
        heard = ear.wait_for("alert", str(alert["id"]), within_s=5, after=begin)
        assert heard is not None
        assert heard.at - begin <= 1.0
    seen = operator.get(path)
    assert isinstance(seen, dict)
    assert seen["state"] == "acknowledged"
    again = operator.http.post(f"{path}/acknowledge", json={})
    assert again.status_code == 409
    assert again.json()["code"] == "patrol_console.alert_already"


@pytest.mark.parametrize("path", ["/api/cameras", "/api/alerts", "/api/events", "/api/areas", "/api/users"])
def test_nobody_reads_without_signing_in(demo: DemoProcess, path: str) -> None:
    assert httpx.get(f"{demo.line.url}{path}", trust_env=False).status_code == 401


def test_every_camera_is_online_and_one_household_has_its_consent_in_force(demo: DemoProcess) -> None:
    listed = demo.sign_in("technician").get("/api/cameras?limit=50")
    assert isinstance(listed, dict)
    cameras = listed["items"]
    assert isinstance(cameras, list)
    assert {c["state"] for c in cameras if isinstance(c, dict)} == {"online"}
    households = [c for c in cameras if isinstance(c, dict) and c["kind"] == "household"]
    assert households
    assert all(c["consent_until"] for c in households)


def test_ready_and_health_answer_on_each_port_and_metrics_are_prometheus(demo: DemoProcess) -> None:
    console_port = int(demo.line.url.rpartition(":")[2])
    for port in range(console_port, console_port + 4):
        base = f"http://127.0.0.1:{port}"
        assert httpx.get(f"{base}/healthz", trust_env=False).status_code == 200, port
        assert httpx.get(f"{base}/readyz", trust_env=False).status_code == 200, port
        assert "# HELP" in httpx.get(f"{base}/metrics", trust_env=False).text, port


def test_no_secret_stands_in_the_log_or_on_a_command_line(demo: DemoProcess) -> None:
    said = demo.log.read_text("utf-8", "replace") + "\n".join(demo.children().values())
    for log in demo.data_dir.rglob("*.log"):
        said += log.read_text("utf-8", "replace")
    assert [user.name for user in demo.line.users if user.password in said] == []
    assert "ticket=" not in said.replace("ticket=***", "")
    assert is_alive(demo.pid)
