"""One demo for the whole session, and a Chromium that may speak to loopback only."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Request, sync_playwright

from tests.support.demo import DemoProcess, User

CHROMIUM = Path(os.environ.get("PROBE_CHROMIUM", "/usr/bin/chromium"))
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:  # a demo is started, browsers are slow: the limit of a single test is another one here
        if HERE in item.path.parents and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(240))


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    with DemoProcess(tmp_path_factory.mktemp("demo"), "--cameras", "9") as running:
        yield running


@pytest.fixture
def as_it_was(demo: DemoProcess) -> Iterator[None]:
    """Cameras that a test adds to the demo of all tests are gone after it."""
    yield
    technician = demo.sign_in("technician")
    own = {camera.id for camera in demo.line.cameras}
    for camera in technician.http.get("/api/cameras?limit=500").json()["items"]:
        if camera["id"] not in own:
            assert technician.http.delete(f"/api/cameras/{camera['id']}").status_code == 204


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    if not CHROMIUM.is_file():
        pytest.skip(f"no Chromium at {CHROMIUM} (apt install chromium, or PROBE_CHROMIUM)")
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = launch(playwright, CHROMIUM)
    yield browser
    browser.close()


def launch(playwright: Playwright, program: Path) -> Browser:
    """A Chromium without a window; `program` may be a script that becomes it."""
    return playwright.chromium.launch(executable_path=str(program), args=["--no-sandbox", "--disable-dev-shm-usage"])


class Seat:
    """A browser of one person: its page, and every request that did not stay on this machine."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.url = url
        self.strayed: list[str] = []
        self.faults: list[str] = []
        self.context = context
        context.on("request", self._watch)
        self.page: Page = context.new_page()
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("websocket", lambda socket: self._watch_url(socket.url))

    def sign_in(self, user: User) -> Page:
        self.page.goto(f"{self.url}/")
        self.page.get_by_test_id("sign-in-username").fill(user.name)
        self.page.get_by_test_id("sign-in-password").fill(user.password)
        self.page.get_by_test_id("sign-in-submit").click()
        return self.page

    def _watch(self, request: Request) -> None:
        self._watch_url(request.url)

    def _watch_url(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in ("127.0.0.1", "localhost"):
            self.strayed.append(url)


@pytest.fixture
def seats(chromium: Browser, demo: DemoProcess) -> Iterator[list[Seat]]:
    """Append with `take`; each is closed at the end, and none may have strayed off loopback or thrown."""
    taken: list[Seat] = []
    yield taken
    for seat in taken:
        seat.context.close()
    assert [url for seat in taken for url in seat.strayed] == []
    assert [fault for seat in taken for fault in seat.faults] == []


class Take:
    """`take("duty_officer")`: a fresh browser context, signed in as that role, in Chinese."""

    def __init__(self, seats: list[Seat], chromium: Browser, demo: DemoProcess) -> None:
        self._seats, self._chromium, self._demo = seats, chromium, demo

    def __call__(self, role: str, *, locale: str = "zh-CN", signed_in: bool = True) -> Page:
        context = self._chromium.new_context(locale=locale, viewport={"width": 1920, "height": 1080})
        context.set_default_timeout(20_000)
        seat = Seat(context, self._demo.line.url)
        self._seats.append(seat)
        if not signed_in:
            seat.page.goto(f"{self._demo.line.url}/")
            return seat.page
        page = seat.sign_in(self._demo.line.user(role))
        page.get_by_test_id("account").wait_for()
        return page


@pytest.fixture
def take(seats: list[Seat], chromium: Browser, demo: DemoProcess) -> Take:
    return Take(seats, chromium, demo)
