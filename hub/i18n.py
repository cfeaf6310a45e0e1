"""Sentences that people read, by code and language; the files are `hub/messages/<lang>/<package>.yaml`.

Chinese first, English beside it; a test holds the two to the same keys and parameters. Pure and cached: any thread.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

import yaml

from hub.plain import plain

LANGUAGES = ("zh", "en")


def text(code: str, lang: str = "zh", /, **params: object) -> str:
    """The sentence of `code` (`<package>.<name>`) in `lang`, its braces filled from `params`.

    An unknown code is returned as it is, so that a missing sentence never hides the failure behind it.
    """
    package, _, name = code.partition(".")
    sentence = catalogue(lang if lang in LANGUAGES else "zh", package).get(name)
    return (
        code
        if sentence is None
        else sentence.format_map(_Params({name: _plain(value) for name, value in params.items()}))
    )


@cache
def catalogue(lang: str, package: str) -> dict[str, str]:
    """All sentences of one package in one language; empty where it has none."""
    file = resources.files("hub").joinpath("messages", lang, f"{package}.yaml")
    if not file.is_file():
        return {}
    return {str(k): str(v) for k, v in (yaml.safe_load(file.read_text("utf-8")) or {}).items()}


class _Params(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def _plain(value: object) -> object:
    """What is filled in may be a camera's own words, and a sentence goes to terminals and pages: no escapes, no turned
    direction of writing."""
    if not isinstance(value, str):
        return value if isinstance(value, int | float) else _plain(str(value))
    return plain(value)
