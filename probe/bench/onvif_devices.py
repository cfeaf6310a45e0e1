"""Devices that speak ONVIF for the bench, in a process of their own: `python -m probe.bench.onvif_devices`.

One listener on all of loopback's addresses: each client has an address of its own, as cameras do. Answers what is
asked by name, asks for PasswordDigest and checks nothing of it: what a camera computes is not to be measured.
"""

from __future__ import annotations

import asyncio
import re
import time
from typing import Final

from probe.bench.json_child import Answer, serve

_NAMES: Final = (
    'xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:tt="http://www.onvif.org/ver10/schema" '
    'xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl" '
    'xmlns:tptz="http://www.onvif.org/ver20/ptz/wsdl"'
)
_OPERATION: Final = re.compile(rb"Body[^>]*>\s*<(?:[\w-]+:)?(\w+)")
_LENGTH: Final = re.compile(rb"content-length:\s*(\d+)", re.I)


def _services() -> str:
    places = {"device": "ver10/device", "media": "ver10/media", "ptz": "ver20/ptz", "events": "ver10/events"}
    return "".join(
        f"<tds:Service><tds:Namespace>http://www.onvif.org/{name}/wsdl</tds:Namespace><tds:XAddr>"
        f"http://192.168.1.64/onvif/{place}</tds:XAddr></tds:Service>"
        for place, name in places.items()
    )


def _profiles() -> str:
    return "".join(
        f'<trt:Profiles token="{token}" fixed="true"><tt:Name>{token}</tt:Name><tt:VideoSourceConfiguration token="v">'
        "<tt:SourceToken>v0</tt:SourceToken></tt:VideoSourceConfiguration><tt:VideoEncoderConfiguration "
        f'token="e{token}"><tt:Encoding>H264</tt:Encoding><tt:Resolution><tt:Width>{width}</tt:Width><tt:Height>{height}'
        "</tt:Height></tt:Resolution><tt:Quality>3</tt:Quality><tt:RateControl><tt:FrameRateLimit>25</tt:FrameRateLimit>"
        "<tt:EncodingInterval>1</tt:EncodingInterval><tt:BitrateLimit>2048</tt:BitrateLimit></tt:RateControl><tt:H264>"
        "<tt:GovLength>50</tt:GovLength><tt:H264Profile>Main</tt:H264Profile></tt:H264></tt:VideoEncoderConfiguration>"
        '<tt:PTZConfiguration token="z"/></trt:Profiles>'
        for token, width, height in (("main", 2560, 1440), ("sub", 640, 360), ("third", 1280, 720))
    )


def _clock() -> str:
    at = time.gmtime()
    return (
        "<tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType><tt:UTCDateTime><tt:Time>"
        f"<tt:Hour>{at.tm_hour}</tt:Hour><tt:Minute>{at.tm_min}</tt:Minute><tt:Second>{at.tm_sec}</tt:Second></tt:Time>"
        f"<tt:Date><tt:Year>{at.tm_year}</tt:Year><tt:Month>{at.tm_mon}</tt:Month><tt:Day>{at.tm_mday}</tt:Day>"
        "</tt:Date></tt:UTCDateTime></tds:SystemDateAndTime>"
    )


_INNER: Final = {
    "GetServices": ("tds", _services()),
    "GetDeviceInformation": (
        "tds",
        "<tds:Manufacturer>Bench</tds:Manufacturer><tds:Model>B-1</tds:Model>"
        "<tds:FirmwareVersion>V5.7.0 build 230101</tds:FirmwareVersion><tds:SerialNumber>1</tds:SerialNumber>",
    ),
    "GetNetworkInterfaces": (
        "tds",
        '<tds:NetworkInterfaces token="e"><tt:Info><tt:HwAddress>00:11:22:33:44:55</tt:HwAddress></tt:Info>'
        "</tds:NetworkInterfaces>",
    ),
    "GetProfiles": ("trt", _profiles()),
    "GetStreamUri": ("trt", "<trt:MediaUri><tt:Uri>rtsp://192.168.1.64:554/s</tt:Uri></trt:MediaUri>"),
    "GetSnapshotUri": ("trt", "<trt:MediaUri><tt:Uri>http://192.168.1.64/s.jpg</tt:Uri></trt:MediaUri>"),
    "GetPresets": ("tptz", '<tptz:Preset token="1"/>'),
}
_FREE: Final = frozenset({"GetSystemDateAndTime", "GetServices"})


def _answer(body: bytes) -> bytes:
    found = _OPERATION.search(body)
    operation = found[1].decode() if found else ""
    if operation not in _FREE and b"PasswordDigest" not in body:
        return b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"
    prefix, inner = _INNER.get(operation, ("tds", ""))
    if operation == "GetSystemDateAndTime":
        inner = _clock()
    text = (
        f"<?xml version='1.0'?><s:Envelope {_NAMES}><s:Body><{prefix}:{operation}Response>{inner}</{prefix}:{operation}"
    )
    content = f"{text}Response></s:Body></s:Envelope>".encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\nContent-Length: {len(content)}\r\n\r\n"
    return head.encode() + content


async def _handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = _LENGTH.search(head)
            body = await reader.readexactly(int(length[1]) if length else 0)
            writer.write(_answer(body))
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main() -> None:
    """Serve until the parent closes its end."""
    server = await asyncio.start_server(_handle, "0.0.0.0", 0, backlog=2048)  # noqa: S104 - all of 127.0.0.0/8
    port = server.sockets[0].getsockname()[1]

    async def nothing(question: Answer) -> Answer:
        return {}

    async with server:
        await serve({"port": port}, nothing)


if __name__ == "__main__":
    asyncio.run(main())
