"""The language that this command answers in: `--lang`, else `PROBE_LANGUAGE`, else Chinese.

Chosen once by `probe.cli.main`, before any command is imported, so that the help of a command is in it too. It travels
to the children of `probe up` in the environment. Main thread only.
"""

from __future__ import annotations

import os

from hub import i18n

_VARIABLE = "PROBE_LANGUAGE"


def choose(language: str) -> None:
    """Answer in `language` (`zh` or `en`) from now on, here and in the processes that are started from here."""
    os.environ[_VARIABLE] = language


def current() -> str:
    """`zh` or `en`."""
    chosen = os.environ.get(_VARIABLE, "")
    return chosen if chosen in i18n.LANGUAGES else i18n.LANGUAGES[0]


def say(name: str, /, **params: object) -> str:
    """The sentence `name` of `hub/messages/<lang>/probe.yaml` in the chosen language."""
    return i18n.text(f"probe.{name}", current(), **params)
