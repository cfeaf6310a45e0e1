"""The columns of an import by name, and the words that people write for them (`words.yaml`). Pure, read once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib import resources

import yaml


class Column(StrEnum):
    """In the order of the template; the names are those of the API's fields, `area` and `unit` are names there."""

    NAME = "name"
    URL = "url"
    USERNAME = "username"
    PASSWORD = "password"  # noqa: S105 - a heading
    AREA = "area"
    PLACE = "place"
    LONGITUDE = "longitude"
    LATITUDE = "latitude"
    NATIONAL_CODE = "national_code"
    KIND = "kind"
    WATCH = "watch"
    RECORDINGS = "recordings"
    TAGS = "tags"
    IMPORTANCE = "importance"
    UNIT = "unit"
    CONSENT_FROM = "consent_from"
    CONSENT_UNTIL = "consent_until"
    ENABLED = "enabled"

    @property
    def head_code(self) -> str:
        """The code of its heading in hub/messages."""
        return f"camera_import.head_{self.value}"


def column_of(heading: str) -> Column | None:
    """The column that somebody means by a heading; None for none of ours."""
    return _headings().get(bare(heading))


def value_of(kind: str, text: str) -> str | None:
    """What a word of a cell means (`value_of("importance", "红")` is `red`); None for no word of ours."""
    return _values(kind).get(bare(text))


def is_every(rest: str) -> bool:
    """Whether this is what `每 10 分钟` is without its number."""
    return bare(rest) in _every()


def bare(text: str) -> str:
    """A word without what people write differently: width, case, spaces, a star, brackets and what is in them."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"\([^()]*\)|\[[^\[\]]*\]|[\s*:_/-]", "", folded)


@cache
def _words() -> Mapping[str, Mapping[str, object]]:
    text = resources.files("patrol_console.camera_import").joinpath("words.yaml").read_text("utf-8")
    found: Mapping[str, Mapping[str, object]] = yaml.safe_load(text)
    return found


@cache
def _headings() -> Mapping[str, Column]:
    return {bare(word): Column(name) for name, words in _words()["headings"].items() for word in _listed(words)}


@cache
def _values(kind: str) -> Mapping[str, str]:
    held = _words()["values"][kind]
    assert isinstance(held, dict)  # noqa: S101 - our own file
    return {bare(word): value for value, words in held.items() for word in _listed(words)}


@cache
def _every() -> frozenset[str]:
    return frozenset(map(bare, _listed(_words()["values"]["every"])))


def _listed(words: object) -> list[str]:
    assert isinstance(words, list)  # noqa: S101 - our own file
    return [str(word) for word in words]
