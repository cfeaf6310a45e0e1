"""Makes the pictures of the documents from a running demo: `python -m tests.e2e.screenshots docs/images`.

Drawn scenes on purpose: nine different places, nobody's licence, the same on every machine.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.e2e.conftest import CHROMIUM, Seat
from tests.support.demo import DemoProcess

SIZE: ViewportSize = {"width": 1600, "height": 900}


def main(folder: Path) -> None:
    """Write wall.png, alert.png, camera.png and cameras.png into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="probe-pictures-") as place:
        demo = DemoProcess(Path(place), "--cameras", "9", PROBE_MATERIAL="", PROBE_OFFLINE="1")
        with demo, sync_playwright() as playwright:
            arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
            try:
                take_all(demo, browser, folder)
            finally:
                browser.close()


def take_all(demo: DemoProcess, browser: Browser, folder: Path) -> None:
    """Each picture, when what it is to show is there."""
    page = sign_in(demo, browser, "administrator")
    page.goto(f"{demo.line.url}/alerts")
    page.get_by_test_id("alert-row").first.click(timeout=60_000)
    page.wait_for_function("() => document.querySelector('img[data-testid=evidence]')?.naturalWidth > 100")
    wait_for_live(page, 1)
    shoot(page, folder / "alert.png")

    page.goto(f"{demo.line.url}/wall")
    wait_for_live(page, 9)
    shoot(page, folder / "wall.png")

    page.goto(f"{demo.line.url}/cameras")
    page.get_by_test_id(f"camera-row-{demo.line.cameras[0].id}").wait_for()
    shoot(page, folder / "cameras.png")

    page.goto(f"{demo.line.url}/cameras/{demo.line.cameras[1].id}")
    page.get_by_test_id("zone-editor").wait_for()
    wait_for_live(page, 1)
    shoot(page, folder / "camera.png")


def sign_in(demo: DemoProcess, browser: Browser, role: str) -> Page:
    """A page of that person, in Chinese."""
    seat = Seat(browser.new_context(locale="zh-CN", viewport=SIZE), demo.line.url)
    seat.sign_in(demo.line.user(role))
    seat.page.get_by_test_id("account").wait_for()
    return seat.page


def wait_for_live(page: Page, count: int) -> None:
    """Until so many pictures are live and have moved."""
    page.wait_for_function(
        "n => [...document.querySelectorAll('video')].filter(v => Number(v.dataset.frames ?? 0) > 20).length >= n",
        arg=count,
        timeout=60_000,
    )


def shoot(page: Page, file: Path) -> None:
    """The page as it is, with the pointer out of the way."""
    page.mouse.move(0, 0)
    page.wait_for_timeout(600)
    page.screenshot(path=str(file))
    with Image.open(file) as taken:  # 256 colours are enough on paper, and the repository stays small
        small = taken.convert("RGB").quantize(256, dither=Image.Dither.FLOYDSTEINBERG)
    small.save(file, optimize=True)
    sys.stdout.write(f"{file}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images"))
