"""SOAP 1.2 from the camera's side: a call read into plain nodes, an answer written from plain elements.

The one file of the simulator that touches lxml. Pure. Written apart from the gateway's own reader, so that one mistake
does not hide behind its twin.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from lxml import etree

ENVELOPE: Final = "http://www.w3.org/2003/05/soap-envelope"
SECURITY: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
NAMESPACES: Final[Mapping[str, str]] = {
    "s": ENVELOPE,
    "wsa": "http://www.w3.org/2005/08/addressing",
    "wsnt": "http://docs.oasis-open.org/wsn/b-2",
    "tt": "http://www.onvif.org/ver10/schema",
    "tds": "http://www.onvif.org/ver10/device/wsdl",
    "trt": "http://www.onvif.org/ver10/media/wsdl",
    "tr2": "http://www.onvif.org/ver20/media/wsdl",
    "tptz": "http://www.onvif.org/ver20/ptz/wsdl",
    "tev": "http://www.onvif.org/ver10/events/wsdl",
    "ter": "http://www.onvif.org/ver10/error",
    "tns1": "http://www.onvif.org/ver10/topics",
    "d": "http://schemas.xmlsoap.org/ws/2005/04/discovery",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "dn": "http://www.onvif.org/ver10/network/wsdl",
}
_DURATION: Final = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")


@dataclass(frozen=True, slots=True)
class Element:
    """What is written: a name with its prefix, attributes, and either text or children."""

    name: str
    attributes: tuple[tuple[str, str], ...] = ()
    text: str | None = None
    children: tuple[Element, ...] = ()


def el(name: str, *content: Element | str | float | bool | None, **attributes: str | float | bool) -> Element:
    """`el("tt:Name", "front door", token="p1")`. None is left out."""
    children = tuple(one for one in content if isinstance(one, Element))
    texts = [_text(one) for one in content if one is not None and not isinstance(one, Element)]
    return Element(name, tuple((key, _text(value)) for key, value in attributes.items()), "".join(texts), children)


def _text(value: str | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True, slots=True)
class Node:
    """What was read: names without prefixes."""

    name: str = ""
    namespace: str = ""
    text: str = ""
    attributes: Mapping[str, str] | None = None
    children: tuple[Node, ...] = ()

    def at(self, path: str) -> Node:
        """The first node at `A/B` below; an empty one where there is none."""
        node = self
        for name in path.split("/"):
            node = next((child for child in node.children if child.name == name), Node())
        return node

    def all(self, name: str) -> list[Node]:
        """All children of this name."""
        return [child for child in self.children if child.name == name]

    def value(self, path: str) -> str | None:
        """The text at `A/B`; None where there is none."""
        return self.at(path).text or None

    def number(self, path: str) -> float | None:
        """The number at `A/B`. Raises SoapFault where it is none."""
        text = self.value(path)
        return None if text is None else number_of(text)

    def attribute(self, name: str, path: str | None = None) -> str | None:
        """An attribute of this node, or of the one at `path`."""
        node = self if path is None else self.at(path)
        return (node.attributes or {}).get(name)

    def __bool__(self) -> bool:
        return bool(self.name)


@dataclass(frozen=True, slots=True)
class Call:
    """One request: its operation (the Body's first child) and its Header."""

    operation: Node
    header: Node


class SoapFault(Exception):  # noqa: N818 - SOAP's own word
    """The camera says no. `subcode` is of the namespace `ter`."""

    def __init__(self, subcode: str, reason: str, *, status: int = 400, deeper: str | None = None) -> None:
        super().__init__(reason)
        self.subcode, self.reason, self.status, self.deeper = subcode, reason, status, deeper

    def element(self) -> Element:
        """As it stands in a Body (ONVIF Core, 5.8.2)."""
        side = "s:Receiver" if self.status >= 500 or self.subcode == "ActionNotSupported" else "s:Sender"
        deeper = None if self.deeper is None else el("s:Subcode", el("s:Value", f"ter:{self.deeper}"))
        subcode = el("s:Subcode", el("s:Value", f"ter:{self.subcode}"), deeper)
        reason = Element("s:Text", (("xml:lang", "en"),), self.reason)
        return el("s:Fault", el("s:Code", el("s:Value", side), subcode), el("s:Reason", reason))


def invalid(reason: str, deeper: str | None = None) -> SoapFault:
    """An argument that is wrong."""
    return SoapFault("InvalidArgVal", reason, deeper=deeper)


def number_of(text: str) -> float:
    """A finite number. Raises SoapFault."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if value != value or abs(value) > 1e12:
        raise invalid(f"not a number: {text[:32]}")
    return value


def read(data: bytes) -> Call:
    """A call. Raises SoapFault where it is none."""
    try:
        root = _node(etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True)))
    except etree.XMLSyntaxError as error:
        raise SoapFault("WellFormed", str(error)[:200]) from None
    operations = root.at("Body").children
    if root.name != "Envelope" or not operations:
        raise SoapFault("WellFormed", "no operation in the Body")
    return Call(operations[0], root.at("Header"))


def _node(element: etree._Element) -> Node:
    name = etree.QName(element)
    children = tuple(_node(child) for child in element if isinstance(child.tag, str))
    attributes = {etree.QName(key).localname: str(value) for key, value in element.attrib.items()}
    return Node(name.localname, name.namespace or "", (element.text or "").strip(), attributes, children)


def envelope(body: Element | None, *header: Element) -> bytes:
    """The whole message; None: an empty Body."""
    parts = [el("s:Header", *header)] if header else []
    return render(el("s:Envelope", *parts, el("s:Body", *([body] if body is not None else []))))


def render(element: Element) -> bytes:
    """As XML with a declaration."""
    root = _written(element, None)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _written(element: Element, parent: etree._Element | None) -> etree._Element:
    name = _qualified(element.name)
    made = etree.Element(name, nsmap=dict(NAMESPACES)) if parent is None else etree.SubElement(parent, name)
    for key, value in element.attributes:
        made.set(_qualified(key), value)
    made.text = element.text or None
    for child in element.children:
        _written(child, made)
    return made


def _qualified(name: str) -> str:
    prefix, colon, local = name.partition(":")
    if not colon:
        return name
    namespace = "http://www.w3.org/XML/1998/namespace" if prefix == "xml" else NAMESPACES[prefix]
    return f"{{{namespace}}}{local}"


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    yield node
    for child in node.children:
        yield from walk(child)


def duration_s(text: str) -> float:
    """Seconds of an xs:duration without months. Raises SoapFault."""
    match = _DURATION.fullmatch(text.strip())
    if match is None or not any(match.groups()):
        raise invalid(f"not a duration: {text[:32]}")
    days, hours, minutes, seconds = (float(group or 0) for group in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds).total_seconds()


def moment(at: datetime) -> str:
    """An xs:dateTime in UTC, as cameras write it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
