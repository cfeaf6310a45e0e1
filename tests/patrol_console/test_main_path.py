"""The main path through the API: sign in, see cameras, open one, an alert is acknowledged, the second is late."""

from __future__ import annotations

import httpx

from tests.patrol_console.people import JPEG, Person, Town


async def test_a_camera_is_added_and_its_password_never_comes_back(asgi: httpx.ASGITransport, town: Town) -> None:
    admin = await Person.sign_in(asgi, "admin")
    body = {"name": "Gate", "area_id": town.east, "url": "rtsp://joe:s%40cret@127.0.0.1:8554/a?b=1"}
    answer = await admin.ask("POST", "/api/cameras", body)
    assert answer.status_code == 201, answer.text
    camera = answer.json()
    assert camera["url"] == "rtsp://127.0.0.1:8554/a?b=1"
    assert camera["username"] == "joe"
    assert camera["has_password"] is True
    assert "s@cret" not in answer.text
    assert "s%40cret" not in answer.text
    assert camera["state"] == "offline"
    assert camera["cause"] == "starting"
    again = await admin.ask("GET", f"/api/cameras/{camera['id']}")
    assert again.json() == camera


async def test_the_queue_shows_an_alert_and_one_person_takes_it(asgi: httpx.ASGITransport, town: Town) -> None:
    officer = await Person.sign_in(asgi, "duty_officer")
    queue = (await officer.ask("GET", "/api/alerts?group=waiting")).json()
    assert [alert["id"] for alert in queue["items"]] == [town.alerts["east"]]
    assert queue["counts"]["waiting"] == {"red": 0, "orange": 1, "yellow": 0, "blue": 0}
    way = f"/api/alerts/{town.alerts['east']}"
    assert (await officer.ask("GET", f"{way}/evidence.jpg")).content == JPEG
    assert (await officer.ask("GET", way)).json()["verbs"] == ["acknowledge", "dismiss"]
    taken = await officer.ask("POST", f"{way}/acknowledge", {})
    assert taken.status_code == 200, taken.text
    assert taken.json()["state"] == "acknowledged"
    assert taken.json()["acknowledged_by"] == "Duty_Officer"
    assert [line["verb"] for line in taken.json()["timeline"]] == ["raise", "acknowledge"]
    operator = await Person.sign_in(asgi, "operator")
    late = await operator.ask("POST", f"{way}/acknowledge", {})
    assert late.status_code == 409
    assert late.headers["content-type"] == "application/problem+json"
    assert late.json()["code"] == "patrol_console.alert_already"
    assert "Duty_Officer" in late.json()["detail"]
    assert "09:00:00" in late.json()["detail"]


async def test_dismissing_needs_a_reason(asgi: httpx.ASGITransport, town: Town) -> None:
    officer = await Person.sign_in(asgi, "duty_officer")
    way = f"/api/alerts/{town.alerts['east']}/dismiss"
    without = await officer.ask("POST", way, {})
    assert without.status_code == 422
    assert without.json()["errors"] == [{"field": "reason", "detail": "required"}]
    done = await officer.ask("POST", way, {"reason": "a cat"})
    assert done.json()["state"] == "dismissed"
    assert done.json()["timeline"][-1]["note"] == "a cat"


async def test_a_ticket_opens_the_gateway_of_the_host_that_was_asked(asgi: httpx.ASGITransport, town: Town) -> None:
    operator = await Person.sign_in(asgi, "operator")
    way = f"/api/cameras/{town.cameras['east']}/tickets"
    answer = await operator.ask("POST", way, {"purpose": "wall", "reference": None})
    assert answer.status_code == 201, answer.text
    assert answer.json()["mse_url"].startswith(f"ws://console:8601/mse/{town.cameras['east']}?ticket=t1.")


async def test_snapshot_and_test_go_through_the_gateway(asgi: httpx.ASGITransport, town: Town) -> None:
    technician = await Person.sign_in(asgi, "technician")
    way = f"/api/cameras/{town.cameras['east']}"
    picture = await technician.ask("GET", f"{way}/snapshot.jpg")
    assert picture.headers["x-captured-at"] == "2026-03-02T01:00:00Z"
    assert (await technician.ask("POST", f"{way}/test")).json()["verdicts"][0]["status"] == "ok"
