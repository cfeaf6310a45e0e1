"""The page about the command names every command, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from probe import cli

PAGE = Path(__file__).resolve().parents[2] / "docs/ref/cli.md"


def test_the_page_names_each_command_and_no_other() -> None:
    text = PAGE.read_text("utf-8")
    named = set(re.findall(r"`(?:probe )?([a-z]+)(?= [a-z]+[` ]| \[|`)", text)) & set(cli.COMMANDS)
    assert named == set(cli.COMMANDS)


def test_the_page_shows_the_exit_statuses_that_the_command_has() -> None:
    text = PAGE.read_text("utf-8")
    assert all(f"| {status} |" in text for status in (cli.DONE, cli.UNWELL, cli.WRONG_USE, cli.INTERRUPTED))
