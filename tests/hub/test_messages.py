"""Sentences of the hub: both languages, the same parameters, and one for each code that the code raises."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

from hub import i18n

ROOT = Path(__file__).parents[2]


def names(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_each_sentence_stands_in_both_languages_with_the_same_parameters() -> None:
    zh, en = i18n.catalogue("zh", "hub"), i18n.catalogue("en", "hub")
    assert set(zh) == set(en)
    assert {k: names(v) for k, v in zh.items()} == {k: names(v) for k, v in en.items()}


def test_each_code_that_is_raised_has_a_sentence_and_none_is_left_over() -> None:
    source = "".join(path.read_text("utf-8") for package in ("hub", "probe") for path in (ROOT / package).rglob("*.py"))
    others = "".join(
        path.read_text("utf-8")
        for package in ("camera_gateway", "analytics", "patrol_console")
        for path in (ROOT / package).rglob("*.py")
    )
    raised = set(re.findall(r'"hub\.([a-z_]*[a-z])"', source))
    known = set(i18n.catalogue("zh", "hub"))
    loggers = set(re.findall(r'log\.get\("hub\.([a-z_]+)"\)', source))
    assert raised - known - loggers == set()
    assert known - raised - set(re.findall(r'"hub\.([a-z_]+)"', others)) == set()
