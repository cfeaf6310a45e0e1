"""Each oddity that the field reported (the material's list, 1 to 16) is held by a test that names its report."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.gstreamer import material

TESTS = Path(__file__).parent.parent.parent
ITEM = re.compile(r"(\d+)\. ")
REPORT = re.compile(r"([A-Za-z][\w-]*)(?:#| PR ?#?)(\d+)")
LINES = range(1, 17)


@pytest.mark.material
@pytest.mark.parametrize("number", LINES)
def test_each_report_is_named_by_a_test(number: int) -> None:
    listed = (material() / "README.md").read_text("utf-8").partition("### RTSP / SDP / RTP")[2].partition("\n### ")[0]
    lines = {int(found[1]): line for line in listed.splitlines() if (found := ITEM.match(line))}
    assert sorted(lines) == list(LINES)
    written = "\n".join(path.read_text("utf-8") for path in sorted(TESTS.rglob("test_*.py")) if path != Path(__file__))
    lacking = [f"{name}#{report}" for name, report in REPORT.findall(lines[number]) if not names(written, name, report)]
    assert lacking == []


def names(written: str, name: str, report: str) -> bool:
    """By number, or by the name of a description that the material keeps (`moonfire213_…`)."""
    pattern = rf"{re.escape(name)}(#| PR ){report}\b|\b{name.lower()}(_[a-z]+)?{report}_"
    return re.search(pattern, written, re.IGNORECASE) is not None
