"""What FIELD §3 tells of others' holes, tried on this console."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from hub.errors import HubError
from patrol_console.app import create_app
from patrol_console.console import Console
from patrol_console.page_files import PageFiles
from patrol_console.pictures import Pictures
from tests.patrol_console.people import Person, Town

TRAVERSALS = ["..%2f..%2fetc%2fpasswd", "....//....//etc/passwd", "%2e%2e/%2e%2e/etc/passwd", "pic_%00", "a%5c..%5cb"]


@pytest.mark.parametrize("name", TRAVERSALS)
async def test_no_path_leads_out_of_the_picture_store(name: str, asgi: httpx.ASGITransport, town: Town) -> None:
    admin = await Person.sign_in(asgi, "admin")
    for way in (f"/api/alerts/{name}/evidence.jpg", f"/api/cameras/{name}/snapshot.jpg", f"/assets/{name}"):
        answer = await admin.ask("GET", way)
        assert answer.status_code in (404, 503), way
        assert b"root:" not in answer.content


async def test_a_picture_id_is_never_a_path(tmp_path: Path) -> None:
    pictures = Pictures(tmp_path / "pictures")
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    for name in ("../secret", "/etc/passwd", "pic_../../secret", "pic_" + "a" * 39 + "/", "pic_" + "A" * 40):
        with pytest.raises(HubError, match="no_picture"):
            await pictures.load(name, "0" * 64)


async def test_a_picture_is_for_this_user_alone_and_damage_is_noticed(tmp_path: Path) -> None:
    pictures = Pictures(tmp_path / "pictures")
    picture_id = await pictures.keep(b"\xff\xd8\xffjpeg")
    (file,) = [path for path in (tmp_path / "pictures").rglob("*") if path.is_file()]
    assert file.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "pictures").stat().st_mode & 0o777 == 0o700
    file.write_bytes(b"\xff\xd8\xffother")
    with pytest.raises(HubError, match="no_picture"):
        await pictures.load(picture_id, "0" * 64)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "concat:/etc/passwd",
        "exec:rm -rf /",
        "rtsp://169.254.169.254/latest",
        "rtsp://8.8.8.8/x",
        "rtsp://127.0.0.1:8554/a\r\nb",
        "rtsp://[::1]/x",
        "http://10.0.0.1/x",
        "rtsp://0x7f000001/x",
        "",
        "rtsp://",
    ],
)
async def test_an_address_that_no_camera_may_have_is_refused_in_a_sentence(
    url: str, asgi: httpx.ASGITransport, town: Town
) -> None:
    admin = await Person.sign_in(asgi, "admin")
    body = {"name": "n", "area_id": town.east, "url": url}
    for answer in (
        await admin.ask("POST", "/api/cameras", body),
        await admin.ask("PATCH", f"/api/cameras/{town.cameras['east']}", {"url": url}),
    ):
        assert answer.status_code in (403, 422), answer.text
        assert answer.json()["detail"]
        assert "Traceback" not in answer.text


async def test_no_password_and_no_trace_in_any_answer(asgi: httpx.ASGITransport, town: Town) -> None:
    admin = await Person.sign_in(asgi, "admin")
    bad = await admin.ask("POST", "/api/cameras", {"name": "n", "area_id": town.east, "url": "ftp://u:pa55word@h/x"})
    assert "pa55word" not in bad.text
    wrong = await admin.ask("POST", "/api/cameras", {"name": "", "url": ["rtsp://u:pa55word@h"], "password": {"a": 1}})
    assert wrong.status_code == 422
    assert "pa55word" not in wrong.text
    assert {error["field"] for error in wrong.json()["errors"]} == {"name", "url", "area_id", "password"}


async def test_moving_a_camera_to_another_host_does_not_take_its_password_along(
    asgi: httpx.ASGITransport, town: Town
) -> None:
    technician = await Person.sign_in(asgi, "technician")
    way = f"/api/cameras/{town.cameras['east']}"
    same = await technician.ask("PATCH", way, {"url": "rtsp://10.0.0.7/sub"})
    assert same.json()["has_password"] is True
    moved = await technician.ask("PATCH", way, {"url": "rtsp://10.66.66.66/sub"})
    assert moved.json()["has_password"] is False


async def test_too_much_is_refused_before_it_is_read(asgi: httpx.ASGITransport, town: Town) -> None:
    async with httpx.AsyncClient(transport=asgi, base_url="http://console") as client:
        assert (await client.post("/api/session", content=b"x" * 1_000_001)).status_code == 413
        lying = await client.post("/api/session", content=b"{}", headers={"Content-Length": "2000000000"})
        assert lying.status_code == 413


@pytest.mark.parametrize("query", ["limit=0", "limit=100000", "cursor=bad", "cursor=WzFd", "cursor=WyJhIiwiYiJd"])
async def test_a_made_up_cursor_or_limit_is_a_sentence(query: str, asgi: httpx.ASGITransport, town: Town) -> None:
    admin = await Person.sign_in(asgi, "admin")
    assert (await admin.ask("GET", f"/api/alerts?{query}")).status_code == 422


async def test_what_is_typed_into_a_search_is_text(asgi: httpx.ASGITransport, town: Town) -> None:
    admin = await Person.sign_in(asgi, "admin")
    for text in ("%25", "_", "' OR 1=1 --", '"', "\\", "gate%00"):
        answer = await admin.ask("GET", f"/api/cameras?q={text}")
        assert answer.status_code in (200, 404), answer.text
        if answer.status_code == 200:
            assert len(answer.json()["items"]) == (2 if text == "_" else 0), text


async def test_the_page_is_served_strictly(console: Console, tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<p>page</p>")
    (dist / "assets" / "a-1f3.js").write_text("1")
    (dist / "leak").symlink_to("/etc/passwd")
    transport = httpx.ASGITransport(create_app(console, PageFiles(dist)))
    async with httpx.AsyncClient(transport=transport, base_url="http://h:8600") as client:
        for deep in ("/", "/alerts/alert_1", "/wall"):
            page = await client.get(deep)
            assert page.text == "<p>page</p>"
            assert page.headers["cache-control"] == "no-cache"
        policy = page.headers["content-security-policy"]
        assert "ws://h:8601" in policy
        assert "script-src 'self';" in policy
        hashed = await client.get("/assets/a-1f3.js")
        assert "immutable" in hashed.headers["cache-control"]
        assert hashed.headers["content-type"].startswith("text/javascript")
        assert (await client.get("/leak")).text == "<p>page</p>"
        for gone in ("/assets/none.js", "/api/none", "/../../etc/passwd.x"):
            assert (await client.get(gone)).status_code == 404
        hostile = await client.get("/", headers={"Host": "x; script-src *"})
        assert "script-src *" not in hostile.headers["content-security-policy"]


async def test_metrics_are_for_this_machine_and_not_for_whom_a_proxy_on_it_serves(console: Console) -> None:
    app = create_app(console)
    for peer, header, status in (
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("10.0.0.9", {}, 404),
        ("10.0.0.9", {"X-Forwarded-For": "127.0.0.1"}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 404),
        ("127.0.0.1", {"Forwarded": "for=10.0.0.9"}, 404),
    ):
        transport = httpx.ASGITransport(app, client=(peer, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://console") as client:
            assert (await client.get("/metrics", headers=header)).status_code == status, (peer, header)
            told = (await client.get("/readyz", headers=header)).json()
            assert ("database" in told) == (status == 200), (peer, header)
