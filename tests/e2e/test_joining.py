"""A technician joins what is on the network, in the page: found, registered with one login, live, another stream."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Take
from tests.support.demo import ROOT, DemoProcess

pytestmark = pytest.mark.usefixtures("as_it_was")
HOST = "127.0.0.31"  # an address of their own: the demo's cameras are elsewhere on loopback
PASSWORD = "pa ss/1"


@pytest.fixture
def network(tmp_path: Path) -> Iterator[list[dict[str, str]]]:
    """Three cameras that speak ONVIF and answer a search; the third refuses whatever the password."""
    command = [sys.executable, "-m", "probe.cli", "sim", "--onvif", "--cameras", "3", "--host", HOST, "--json"]
    command += ["--user", "admin", "--discovery", "unicast", "--onvif-fault", "3=login", "--cache", str(tmp_path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, "PROBE_SIM_PASSWORD": PASSWORD}
    ) as running:
        assert running.stdout is not None
        yield json.loads(running.stdout.readline())["cameras"]
        running.terminate()


def found(page: Page) -> None:
    page.get_by_test_id("rail-cameras").click()
    page.get_by_test_id("camera-discover").click()
    page.get_by_test_id("discovery-where").get_by_text("地址范围").click()
    page.get_by_test_id("discovery-range").fill(HOST)
    page.get_by_test_id("discovery-range").press("Enter")
    expect(page.get_by_test_id("discovery-page")).to_have_attribute("data-state", "done", timeout=30_000)
    expect(page.get_by_test_id("discovery-said")).to_have_text("共找到 3 台")


def test_found_registered_live_and_another_stream_pulled(
    demo: DemoProcess, take: Take, network: list[dict[str, str]]
) -> None:
    page = take("technician")
    found(page)
    page.get_by_test_id("found-devices").get_by_role("checkbox").first.check()  # all of them
    page.get_by_test_id("register-username").fill("admin")
    page.get_by_test_id("register-password").locator("input").or_(page.get_by_test_id("register-password")).last.fill(
        PASSWORD
    )
    page.get_by_test_id("register-go").click()
    expect(page.get_by_test_id("register-said")).to_contain_text("已接入 2 台，未成功 1 台", timeout=90_000)
    expect(page.get_by_text(re.compile("摄像机拒绝了用户名或密码"))).to_be_visible()
    assert PASSWORD not in demo.log.read_text("utf-8")

    page.get_by_test_id("found-devices").get_by_role("link", name=re.compile("村口东")).click()
    expect(page.get_by_test_id("camera-page")).to_have_attribute("data-state", "online", timeout=30_000)
    expect(page.get_by_test_id("live-view").first).to_have_attribute("data-state", "live", timeout=30_000)
    profiles = page.get_by_test_id("profiles")
    expect(profiles.locator("[data-pulled=true]")).to_have_count(1)
    profiles.get_by_role("button", name="改取这一路").first.click()
    expect(page.get_by_text("已改为取这一路")).to_be_visible()
    expect(profiles.get_by_text("由人选定")).to_be_visible()
    expect(page.get_by_test_id("live-view").first).to_have_attribute("data-state", "live", timeout=30_000)

    page.get_by_test_id("rail-cameras").click()
    page.get_by_test_id("camera-discover").click()  # the search is found again, and what is registered is known
    expect(page.get_by_test_id("found-which")).to_contain_text("未接入 1")


def test_rows_are_changed_together_and_put_back(take: Take, demo: DemoProcess) -> None:
    page = take("technician")
    page.get_by_test_id("rail-cameras").click()
    boxes = page.get_by_test_id("camera-table").get_by_role("checkbox")
    boxes.nth(1).check()
    boxes.nth(2).check()
    page.get_by_test_id("bulk-edit").click()
    page.get_by_test_id("bulk-add-tags").locator("input").fill("汛期，")
    page.get_by_test_id("bulk-apply").click()
    expect(page.get_by_text("已修改 2 台")).to_be_visible()
    expect(page.get_by_test_id("camera-table").get_by_text("汛期")).to_have_count(2)
    page.get_by_test_id("bulk-undo").click()
    expect(page.get_by_test_id("camera-table").get_by_text("汛期")).to_have_count(0)


def test_a_place_is_chosen_on_the_plan_and_by_keys(take: Take, demo: DemoProcess) -> None:
    technician = demo.sign_in("technician")
    for index, camera in enumerate(demo.line.cameras[1:4]):
        body = {"longitude": 119.92 + index / 500, "latitude": 28.45 + index / 900}
        assert technician.http.patch(f"/api/cameras/{camera.id}", json=body).status_code == 200
    page = take("technician")
    page.goto(f"{demo.line.url}/cameras/{demo.line.cameras[0].id}")
    page.get_by_test_id("camera-edit").click()
    page.get_by_test_id("camera-form-plan").click()
    plan = page.get_by_test_id("plan")
    expect(page.get_by_test_id("plan-scale")).to_contain_text("米")
    box = plan.bounding_box()
    assert box is not None
    plan.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    middle = float(page.get_by_test_id("plan-longitude").input_value())
    assert 119.919 < middle < 119.926, "the plan opens on the cameras of its area"
    plan.press("Shift+ArrowRight")
    assert float(page.get_by_test_id("plan-longitude").input_value()) > middle
    page.get_by_test_id("plan-take").click()
    page.get_by_test_id("camera-form-save").click()
    expect(page.get_by_text("已保存")).to_be_visible()
    saved = technician.http.get(f"/api/cameras/{demo.line.cameras[0].id}").json()
    assert saved["longitude"] > middle
