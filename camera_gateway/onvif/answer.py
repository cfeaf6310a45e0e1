"""What a camera answered, as a plain tree: names without prefixes, text trimmed; nothing of any library. Pure.

Read with patience where schemas are strict: elements that should not be there, numbers that are none and times in
wrong forms are met in the field. Bounded in depth and number; never follows an entity or an address.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from lxml import etree

from camera_gateway.onvif.moment import parse_moment
from camera_gateway.onvif.repair import mended, readable
from hub.errors import ErrorKind, HubError

DEEPEST: Final = 48
MOST_ELEMENTS: Final = 40_000
_TRUE: Final = frozenset({"true", "1", "yes", "on"})
_FALSE: Final = frozenset({"false", "0", "no", "off"})
_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.A)


@dataclass(frozen=True, slots=True)
class Answer:
    """One element. An absent one is empty and false, so that paths may be asked for without looking first."""

    name: str = ""
    namespace: str = ""
    text: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: tuple[Answer, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.name)

    def all(self, path: str) -> list[Answer]:
        """The elements at `path` (`Profiles/VideoEncoderConfiguration`), in their order."""
        found = [self]
        for name in path.split("/"):
            found = [child for one in found for child in one.children if child.name == name]
        return found

    def at(self, path: str) -> Answer:
        """The first of them."""
        return next(iter(self.all(path)), _ABSENT)

    def deep(self, name: str) -> list[Answer]:
        """All beneath it called `name`."""
        return [one for one in _beneath(self) if one.name == name]

    def value(self, path: str) -> str | None:
        """Its text; None where it is absent or empty."""
        return self.at(path).text or None

    def number(self, path: str) -> float | None:
        """A finite number; None for none, for NaN and for infinity (onvif_srvd#39)."""
        text = self.at(path).text
        made = float(text) if len(text) <= 40 and _NUMBER.fullmatch(text) else math.nan
        return made if math.isfinite(made) else None

    def whole(self, path: str) -> int | None:
        """A number without a fraction."""
        made = self.number(path)
        return None if made is None or abs(made) > 2**53 else int(made)

    def flag(self, path: str) -> bool | None:
        """True or false in any of the ways that are written."""
        text = self.at(path).text.lower()
        return True if text in _TRUE else False if text in _FALSE else None

    def moment(self, path: str) -> datetime | None:
        """UTC."""
        return parse_moment(self.at(path).text)

    def attribute(self, name: str, path: str = "") -> str | None:
        """An attribute of the element at `path`, or of this one."""
        return (self.at(path) if path else self).attributes.get(name) or None


_ABSENT: Final = Answer()


def _beneath(one: Answer) -> Iterator[Answer]:
    for child in one.children:
        yield child
        yield from _beneath(child)


def parse_xml(data: bytes) -> Answer:
    """The root of a SOAP message, mended where it must be.

    Raises HubError PROTOCOL `camera_gateway.onvif_empty`, `onvif_not_soap`, `onvif_garbled`, `answer_too_large`.
    """
    text = readable(data)
    root = _tree(text, recover=False)
    if root is None:
        text = mended(text)
        root = _tree(text, recover=False)
    if root is None:
        root = _tree(text, recover=True)
    if root is None:
        raise HubError(ErrorKind.PROTOCOL, "camera_gateway.onvif_garbled")
    return _Reading().read(root, 0)


def _tree(text: str, *, recover: bool) -> Any:
    """lxml's element, or None; the one place where it is asked."""
    parser = etree.XMLParser(
        recover=recover,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


class _Reading:
    def __init__(self) -> None:
        self._elements = 0

    def read(self, node: Any, depth: int) -> Answer:
        self._elements += 1
        if self._elements > MOST_ELEMENTS:
            raise HubError(ErrorKind.PROTOCOL, "camera_gateway.answer_too_large")
        namespace, name = _split(node.tag)
        texts = [node.text or ""]
        children = []
        for child in node:
            texts.append(child.tail or "")
            if isinstance(child.tag, str) and depth < DEEPEST:
                children.append(self.read(child, depth + 1))
        attributes = {_split(key)[1]: str(value).strip() for key, value in node.attrib.items()}
        return Answer(name, namespace, "".join(texts).strip(), attributes, tuple(children))


def _split(tag: Any) -> tuple[str, str]:
    """Namespace and name; a prefix that nobody declared is cut off."""
    namespace, brace, name = str(tag).rpartition("}")
    return (namespace[1:] if brace else "", name.rpartition(":")[2])
