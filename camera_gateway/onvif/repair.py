"""What cameras send for XML made into XML: decoded, cleaned, and mended where no parser takes it. Pure.

Entities and document types are refused whatever they say; nothing outside the text is ever looked at.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from hub.errors import ErrorKind, HubError

_MOST_PREFIXES: Final = 64
# Not allowed in XML 1.0 (2.2), however they are written.
_NOT_XML: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]|&#(?:x0*(?:[0-8bcef]|1[0-9a-f])|0*(?:[0-8]|1[124-9]|2\\d|3[01]));",
    re.I,
)
_DECLARATION: Final = re.compile(r"\s*<\?xml[^>]{0,200}\?>", re.I)
_DOCTYPE: Final = re.compile(r"<!\s*(?:DOCTYPE|ENTITY)", re.I)
_ENVELOPE: Final = re.compile(r"<(?:[\w.-]+:)?Envelope[\s>]")
_BARE_AMPERSAND: Final = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)")
_ENTITY_BY_NAME: Final = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)(?=[A-Za-z])")
_START_TAG: Final = re.compile(r"<[A-Za-z_][\w.-]*(?::[\w.-]+)?(?=[\s>/])")
_PREFIX: Final = re.compile(r"(?:</?|\s)([A-Za-z_][\w.-]{0,63}):[A-Za-z_]")
_DECLARED: Final = re.compile(r"\sxmlns:([A-Za-z_][\w.-]{0,63})\s*=")
_LEADING_JUNK: Final = 64  # e.g. the size of a chunk that was left standing


def readable(data: bytes) -> str:
    """A SOAP message as text without its declaration, characters that XML forbids taken out.

    Raises HubError PROTOCOL `camera_gateway.onvif_empty` for none, `onvif_not_soap` for something else (a web page),
    `onvif_garbled` for one that brings a document type or entities.
    """
    text = _NOT_XML.sub("", _decoded(data))
    if not text.strip():
        raise HubError(ErrorKind.PROTOCOL, "camera_gateway.onvif_empty")
    if not _ENVELOPE.search(text):
        raise HubError(ErrorKind.PROTOCOL, "camera_gateway.onvif_not_soap")
    if _DOCTYPE.search(text):
        raise HubError(ErrorKind.PROTOCOL, "camera_gateway.onvif_garbled")
    begin = text.find("<")
    if 0 < begin <= _LEADING_JUNK:
        text = text[begin:]
    return text[found.end() :].lstrip() if (found := _DECLARATION.match(text)) else text.lstrip()


def _decoded(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Chinese makers name UTF-8 and write a name in GB 18030.
        return data.decode("gb18030", "replace")


def mended(text: str) -> str:
    """`text` with bare ampersands escaped, undeclared prefixes declared, and nothing behind its end.

    Xiongmai writes `&onvif=0.sdp?real_stream` into a Uri (ZoneMinder#3767); others use `wsa:` and `wsnt:` without
    declaring them (home-assistant.io#40942).
    """
    text = _BARE_AMPERSAND.sub("&amp;", text)
    text = _ENTITY_BY_NAME.sub("&amp;", text)
    end = text.rfind("Envelope>")
    if end > 0:
        text = text[: end + len("Envelope>")]
    root = _START_TAG.search(text)
    if root is None:
        return text
    close = text.find(">", root.end())
    declared = set(_DECLARED.findall(text, root.start(), close + 1 if close > 0 else len(text)))
    used = dict.fromkeys(_PREFIX.findall(text))
    missing = [prefix for prefix in used if prefix not in declared and not prefix.lower().startswith("xml")]
    extra = "".join(f' xmlns:{prefix}="urn:undeclared:{prefix}"' for prefix in missing[:_MOST_PREFIXES])
    return text[: root.end()] + extra + text[root.end() :]
