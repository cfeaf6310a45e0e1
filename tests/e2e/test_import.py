"""Many cameras in a real browser: a file is tried, then imported, left and found again; a note stands in the record."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Take
from tests.support.demo import DemoProcess

pytestmark = pytest.mark.usefixtures("as_it_was")
ROWS = 40


@pytest.fixture
def file(tmp_path: Path, demo: DemoProcess) -> Path:
    """Cameras that are not there, in an area that is; two of them wrong."""
    lines = ["名称,地址,密码,区域,国标编码,标签,录像存放,备注"]
    for number in range(ROWS):
        code = f"44010200001320{number:06d}"
        lines.append(f"批量{number:02d},rtsp://127.0.0.1:9/{number},pa55,上坝村,{code},重点、河道,村部录像机,x")
    lines += ["=1+1,rtsp://127.0.0.1:9/a,,上坝村,,,,", "批量错,rtsp://127.0.0.1:9/b,,没有的村,,,,"]
    made = tmp_path / "石桥镇台账.csv"
    made.write_text("\n".join(lines), "gb18030")
    return made


def choose(page: Page, file: Path) -> None:
    page.get_by_test_id("import-file").set_input_files(str(file))


def test_a_file_is_tried_then_imported_and_found_again(demo: DemoProcess, take: Take, file: Path) -> None:
    page = take("administrator")
    page.get_by_test_id("rail-cameras").click()
    page.get_by_test_id("camera-import").click()
    choose(page, file)
    result = page.get_by_test_id("import-result")
    expect(result).to_have_attribute("data-state", "done", timeout=30_000)
    expect(result).to_have_attribute("data-dry", "true")
    expect(result).to_contain_text("备注")
    expect(page.get_by_test_id("import-lines")).to_contain_text("没有叫“没有的村”的区域")
    page.get_by_test_id("import-do").click()
    expect(result).to_have_attribute("data-dry", "false")
    page.get_by_test_id("rail-wall").click()  # leave it
    page.go_back()
    expect(result).to_have_attribute("data-state", "done", timeout=30_000)
    expect(page.get_by_test_id("import-outcomes")).to_contain_text(re.compile(rf"新增 {ROWS}"))
    expect(page.get_by_test_id("import-history")).to_contain_text("石桥镇台账.csv")
    choose(page, file)
    expect(page.get_by_test_id("import-outcomes")).to_contain_text(re.compile(rf"不变 {ROWS}"), timeout=30_000)
    page.get_by_test_id("rail-cameras").click()
    page.get_by_test_id("camera-search").fill("44010200001320000007")
    page.get_by_text("批量07").click()
    record = page.get_by_test_id("record")
    record.get_by_text("维修").click()
    record.get_by_test_id("repair-note").fill("擦了镜头")
    record.get_by_test_id("repair-save").click()
    expect(record.get_by_test_id("repairs")).to_contain_text("擦了镜头")
