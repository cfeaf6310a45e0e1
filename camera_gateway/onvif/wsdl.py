"""Requests written by zeep from the WSDL that onvif-zeep-async brings: the one file that imports either.

A document is parsed once a process, in a thread, and serves all cameras; nothing is fetched from outside, no cache file
is opened. Answers are not read by zeep: schemas are stricter than cameras (docs/decisions/0012). Media2 has no WSDL
there; its requests are written here, and so is one that gives a piece of a camera's own answer back. The import's side
effects (a handler on the root logger) are taken back.
"""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from camera_gateway.onvif.answer import Answer
from camera_gateway.onvif.service import SCHEMA, Service
from hub.errors import ErrorKind, HubError

Params = Mapping[str, object]

_LIBRARY: Final = {
    Service.DEVICE: "devicemgmt",
    Service.MEDIA: "media",
    Service.PTZ: "ptz",
    Service.IMAGING: "imaging",
    Service.EVENTS: "events",
    Service.PULLPOINT: "pullpoint",
    Service.SUBSCRIPTION: "subscription",
    Service.ANALYTICS: "analytics",
    Service.DEVICE_IO: "deviceio",
}
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_WSN: Final = "http://docs.oasis-open.org/wsn/"
_NO_VALUES: Final = frozenset({"type", "nil", "schemaLocation", "lang"})


@dataclass(frozen=True, slots=True)
class Written:
    """A request: what stands in the SOAP body, the action it is, and whether WS-Addressing headers belong to it."""

    body: str
    action: str
    addressed: bool


class Wsdl:
    """All documents of this process; `WSDL` is the one to use. Any thread; parsing happens under a lock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bindings: dict[Service, Any] = {}
        self._documents: dict[str, Any] = {}

    async def write(self, service: Service, operation: str, params: Params) -> Written:
        """The request. Raises HubError BROKEN `camera_gateway.onvif_request` for one that the WSDL does not know."""
        if service is Service.MEDIA2 or any(isinstance(value, Answer) for value in params.values()):
            binding: Any = None
        else:
            binding = self._bindings.get(service) or await asyncio.to_thread(self._load, service)
        try:
            if binding is None:
                body = _written(operation, params, service.namespace)
                return Written(body, f"{service.namespace}/{operation}", addressed=False)
            asked = binding.get(operation)
            content = asked.create(**_without_at(params)).content
        except (TypeError, ValueError, KeyError, AttributeError, _zeep_error()) as error:
            raise HubError(ErrorKind.BROKEN, "camera_gateway.onvif_request", operation=operation) from error
        action = asked.abstract.wsa_action or asked.soapaction or ""
        addressed = bool(asked.abstract.wsa_action) or action.startswith(_WSN)
        return Written(_text_of(content[-1][0]), action, addressed)

    def _load(self, service: Service) -> Any:
        with self._lock:
            if service not in self._bindings:
                _import_quietly()
                import onvif
                from onvif.definition import SERVICES
                from onvif.settings import DEFAULT_SETTINGS
                from onvif.transport import ASYNC_TRANSPORT
                from zeep.wsdl import Document

                place = SERVICES[_LIBRARY[service]]
                file = str(Path(str(onvif.__file__)).parent / "wsdl" / place["wsdl"])
                if file not in self._documents:
                    self._documents[file] = Document(file, ASYNC_TRANSPORT, settings=DEFAULT_SETTINGS)
                self._bindings[service] = self._documents[file].bindings[f"{{{place['ns']}}}{place['binding']}"]
            return self._bindings[service]


WSDL: Final = Wsdl()


def _import_quietly() -> None:
    """onvif-zeep-async calls `logging.basicConfig(level=INFO)` when it is imported (its client.py)."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    import onvif  # noqa: F401

    for handler in list(root.handlers):
        if handler not in handlers:
            root.removeHandler(handler)
    root.setLevel(level)


def _zeep_error() -> type[Exception]:
    from zeep.exceptions import Error

    made: type[Exception] = Error
    return made


def _without_at(value: Any) -> Any:
    """`@name` is an attribute; zeep finds out by itself which names are."""
    if isinstance(value, Mapping):
        return {str(key).removeprefix("@"): _without_at(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_at(item) for item in value]
    return value


def _text_of(element: Any) -> str:
    from zeep.wsdl.utils import etree_to_string

    written: Any = etree_to_string  # untyped
    text = bytes(written(element)).decode()
    return text.partition("?>")[2].lstrip() if text.startswith("<?xml") else text


def _written(operation: str, params: Params, namespace: str) -> str:
    """A request without a WSDL: its own children in the service's namespace, all beneath in ONVIF's schema."""
    inner = "".join(_element("q", name, value) for name, value in params.items())
    return f'<q:{operation} xmlns:q="{namespace}" xmlns:tt="{SCHEMA}">{inner}</q:{operation}>'


def _element(prefix: str, name: str, value: object) -> str:
    if isinstance(value, Answer):
        return _given_back(f"{prefix}:{name}", value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "".join(_element(prefix, name, item) for item in value)
    if not isinstance(value, Mapping):
        return f"<{prefix}:{name}>{escape(_plain(value))}</{prefix}:{name}>"
    attributes = "".join(f" {k[1:]}={quoteattr(_plain(v))}" for k, v in value.items() if k.startswith("@"))
    inner = "".join(_element("tt", str(k), v) for k, v in value.items() if not k.startswith("@"))
    return f"<{prefix}:{name}{attributes}>{inner}</{prefix}:{name}>"


def _given_back(tag: str, told: Answer) -> str:
    """A piece of an answer, each element in the namespace that it had. Attributes that are no values (xsi:type)
    stay out."""
    attributes = "".join(
        f" {name}={quoteattr(_plain(value))}" for name, value in told.attributes.items() if name not in _NO_VALUES
    )
    inner = "".join(
        _given_back(f"tt:{child.name}", child)
        if child.namespace in ("", SCHEMA)
        else _given_back(f"v:{child.name} xmlns:v={quoteattr(_plain(child.namespace))}", child)
        for child in told.children
    )
    return f"<{tag}{attributes}>{escape(_plain(told.text))}{inner}</{tag.partition(' ')[0]}>"


def _plain(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if _NOT_XML.search(text):
        raise ValueError("a character that XML forbids")  # as lxml does for the other services
    return text
