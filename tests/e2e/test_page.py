"""The page in a real browser: the wall moves, an alert comes and is acknowledged for everybody, zones are drawn."""

from __future__ import annotations

import re
import time

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Take
from tests.support.demo import DemoProcess

NINE = range(9)


def frames(page: Page) -> list[int]:
    """How many frames each pane's player has shown."""
    shown: list[int] = page.evaluate(
        "() => [...document.querySelectorAll('[data-testid^=\"pane-\"] video')].map(v => Number(v.dataset.frames ?? 0))"
    )
    return shown


def positions(page: Page) -> list[float]:
    shown: list[float] = page.evaluate(
        "() => [...document.querySelectorAll('[data-testid^=\"pane-\"] video')].map(v => v.currentTime)"
    )
    return shown


def wait_until_nine_move(page: Page, within_s: float = 20.0) -> float:
    """Seconds until nine panes show ever more frames; fails with what they showed."""
    begin = time.monotonic()
    shown: list[int] = []
    while time.monotonic() - begin < within_s:
        before = frames(page)
        page.wait_for_timeout(700)
        shown = frames(page)
        moving = sum(later > earlier for earlier, later in zip(before, shown, strict=False))
        if len(before) == len(shown) and moving >= len(NINE):
            return time.monotonic() - begin
    raise AssertionError(f"frames shown in {within_s:.0f} s: {shown}")


def open_first_waiting_alert(page: Page) -> Locator:
    page.get_by_test_id("rail-alerts").click()
    page.get_by_test_id("alert-row").first.click(timeout=40_000)
    detail = page.get_by_test_id("alert-detail")
    expect(detail).to_be_visible()
    return detail


def test_signing_in_in_chinese_leads_to_a_wall_where_nine_of_nine_move(demo: DemoProcess, take: Take) -> None:
    page = take("operator")
    took = wait_until_nine_move(page)
    print(f"9 of 9 panes moved {took:.1f} s after the wall was opened")
    cameras = {page.get_by_test_id(f"pane-{n}").get_attribute("data-camera-id") for n in NINE}
    assert cameras == {camera.id for camera in demo.line.cameras}
    before = positions(page)
    page.wait_for_timeout(2000)
    after = positions(page)
    assert all(later - earlier > 1.0 for earlier, later in zip(before, after, strict=True)), (before, after)
    expect(page.locator("html")).to_have_attribute("lang", re.compile("^zh"))


def test_a_wrong_password_is_a_sentence_on_the_page(demo: DemoProcess, take: Take) -> None:
    page = take("operator", signed_in=False)
    page.get_by_test_id("sign-in-username").fill("operator")
    page.get_by_test_id("sign-in-password").fill("not-the-password")
    page.get_by_test_id("sign-in-submit").click()
    expect(page.get_by_test_id("sign-in-error")).to_contain_text(re.compile("密码"))


def test_an_alert_acknowledged_in_one_browser_is_seen_in_another_within_a_second(demo: DemoProcess, take: Take) -> None:
    officer, operator = take("duty_officer"), take("operator")
    detail = open_first_waiting_alert(officer)
    alert_id = detail.get_attribute("data-alert-id")
    expect(detail.get_by_test_id("evidence")).to_be_visible()
    officer.wait_for_function(
        "() => { const i = document.querySelector('img[data-testid=evidence]');"
        " return i?.complete && i.naturalWidth > 100; }"
    )
    operator.goto(f"{demo.line.url}/alerts/{alert_id}")
    other = operator.get_by_test_id("alert-detail")
    expect(other).to_have_attribute("data-state", "raised")
    begin = time.monotonic()
    officer.get_by_test_id("acknowledge").click()
    expect(other).to_have_attribute("data-state", "acknowledged", timeout=5_000)
    took = time.monotonic() - begin
    print(f"acknowledged in one browser, seen in the other after {took * 1000:.0f} ms")
    assert took <= 1.0
    expect(detail).to_have_attribute("data-state", "acknowledged")
    assert detail.get_by_test_id("timeline").locator("li").count() >= 2


def test_dismissing_asks_for_a_reason_and_takes_the_alert_out_of_the_queue(demo: DemoProcess, take: Take) -> None:
    page = take("duty_officer")
    detail = open_first_waiting_alert(page)
    page.get_by_test_id("dismiss").click()
    expect(page.get_by_test_id("dismiss-confirm")).to_be_disabled()
    page.locator("[data-testid^=reason-]").first.click()
    note = page.get_by_test_id("dismiss-note")
    if note.is_visible():
        note.fill("演练，人员为工作人员")
    page.get_by_test_id("dismiss-confirm").click()
    expect(detail).to_have_attribute("data-state", "dismissed")


def test_a_zone_drawn_on_the_picture_is_kept(demo: DemoProcess, take: Take) -> None:
    page = take("technician")
    camera = demo.line.cameras[4]
    page.goto(f"{demo.line.url}/cameras/{camera.id}")
    editor = page.get_by_test_id("zone-editor")
    expect(editor).to_be_visible()
    page.get_by_test_id("zone-draw").click()
    box = editor.bounding_box()
    assert box is not None
    for x, y in ((0.2, 0.2), (0.5, 0.2), (0.5, 0.6), (0.2, 0.6)):
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
    page.keyboard.press("Enter")
    page.get_by_test_id("zone-save").click()
    page.wait_for_timeout(500)
    seen = demo.sign_in("technician").get(f"/api/cameras/{camera.id}")
    assert isinstance(seen, dict)
    zones = seen["zones"]
    assert isinstance(zones, list)
    assert len(zones) == 2


def test_a_zone_can_be_drawn_without_a_mouse(demo: DemoProcess, take: Take) -> None:
    page = take("technician")
    page.goto(f"{demo.line.url}/cameras/{demo.line.cameras[5].id}")
    page.get_by_test_id("zone-draw").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("zone-editor")).to_be_focused()
    for key in (None, "Shift+ArrowRight", "Shift+ArrowDown"):
        if key:
            page.keyboard.press(key)
            page.keyboard.press(key)
        page.keyboard.press("Space")
    page.keyboard.press("Enter")
    name = page.get_by_test_id("zone-name-1")
    expect(name).to_be_focused()
    page.keyboard.type("水边")
    expect(name).to_have_value("水边")
    expect(page.get_by_test_id("zone-save")).to_be_enabled()


def test_the_language_changes_at_once_and_stays(demo: DemoProcess, take: Take) -> None:
    page = take("operator")
    expect(page.get_by_test_id("rail-alerts")).to_contain_text("预警")
    page.get_by_test_id("language").click()
    expect(page.get_by_test_id("rail-alerts")).to_contain_text(re.compile("alert", re.IGNORECASE))
    page.reload()
    expect(page.get_by_test_id("rail-alerts")).to_contain_text(re.compile("alert", re.IGNORECASE))
    page.get_by_test_id("language").click()
    expect(page.get_by_test_id("rail-alerts")).to_contain_text("预警")


def test_the_camera_table_shows_all_and_finds_one_by_its_name(demo: DemoProcess, take: Take) -> None:
    page = take("technician")
    page.get_by_test_id("rail-cameras").click()
    for camera in demo.line.cameras:
        expect(page.get_by_test_id(f"camera-row-{camera.id}")).to_be_visible()
    page.get_by_test_id("camera-search").fill(demo.line.cameras[1].name)
    expect(page.get_by_test_id(f"camera-row-{demo.line.cameras[0].id}")).to_be_hidden()
    expect(page.get_by_test_id(f"camera-row-{demo.line.cameras[1].id}")).to_be_visible()
