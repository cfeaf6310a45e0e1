"""The HTTP of all cameras of a process: one session, addresses pinned, answers bounded, redirects not followed.

Runs on its owner's loop. Connects to the pinned IP and names the typed host; asks no proxy, no resolver, no cookie jar.
A camera's certificate is never checked: nearly all are the maker's own. Never retries but what may be done twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

import aiohttp
from yarl import URL

from camera_gateway.sources.rtsp import tls
from hub.addresses import PinnedAddress
from hub.errors import ErrorKind, HubError

CONNECT_S: Final = 4.0
ANSWER_MAX_BYTES: Final = 2_000_000  # real ones stay under 200 kB
CONNECTIONS: Final = 2_048  # of all cameras; a pull for events holds one
_CONNECTIONS_EACH: Final = 4
_KEPT_S: Final = 5.0  # cameras have few sockets
_CHUNK_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, whatever its status."""

    status: int
    body: bytes
    media_type: str
    challenges: tuple[str, ...] = ()  # WWW-Authenticate
    location: str | None = None


class OnvifWire:
    """`post` and `get`; `close` at the end, or use it as a context."""

    def __init__(self, connect_s: float = CONNECT_S) -> None:
        self._connect_s = connect_s
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def post(
        self, address: PinnedAddress, body: bytes, headers: Mapping[str, str], *, timeout_s: float, again: bool = False
    ) -> Reply:
        """Post `body`. With `again` it is repeated once where a kept connection turns out to be closed.

        Raises HubError UNREACHABLE `unreachable` | `connection_lost`, TIMEOUT `connect_timeout` | `onvif_no_answer`,
        PROTOCOL `onvif_not_http` | `onvif_tls` | `answer_too_large`.
        """
        try:
            return await self._ask("POST", address, body, headers, timeout_s, ANSWER_MAX_BYTES)
        except _GoneError:
            if not again:
                raise
        return await self._ask("POST", address, body, headers, timeout_s, ANSWER_MAX_BYTES)

    async def get(
        self, address: PinnedAddress, headers: Mapping[str, str], *, timeout_s: float, most_bytes: int
    ) -> Reply:
        """Fetch something, a snapshot; raises as `post` does."""
        return await self._ask("GET", address, None, headers, timeout_s, most_bytes)

    async def _ask(
        self,
        method: str,
        address: PinnedAddress,
        body: bytes | None,
        headers: Mapping[str, str],
        timeout_s: float,
        most_bytes: int,
    ) -> Reply:
        host = f"[{address.ip}]" if ":" in address.ip else address.ip
        url = URL(f"{address.scheme}://{host}:{address.port}{address.path}", encoded=True)
        # Nothing compressed: what is unpacked has no bound on the way.
        sent = {"Host": address.authority, "User-Agent": "probe-patrol", "Accept-Encoding": "identity", **headers}
        place = {"host": address.host, "port": address.port}
        try:
            async with (
                asyncio.timeout(timeout_s),
                self._opened().request(method, url, data=body, headers=sent, allow_redirects=False) as response,
            ):
                told = response.headers.getall("WWW-Authenticate", [])
                location = response.headers.get("Location")
                content = await _bounded(response, most_bytes)
                return Reply(response.status, content, response.content_type, tuple(told[:8]), location)
        except aiohttp.ConnectionTimeoutError as error:
            raise HubError(ErrorKind.TIMEOUT, "camera_gateway.connect_timeout", **place) from error
        except TimeoutError as error:
            raise HubError(ErrorKind.TIMEOUT, "camera_gateway.onvif_no_answer", **place) from error
        except aiohttp.ClientSSLError as error:
            raise HubError(ErrorKind.PROTOCOL, "camera_gateway.onvif_tls", **place) from error
        except aiohttp.ClientConnectorError as error:
            raise HubError(ErrorKind.UNREACHABLE, "camera_gateway.unreachable", **place) from error
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
            raise _GoneError(ErrorKind.UNREACHABLE, "camera_gateway.connection_lost") from error
        except (aiohttp.ClientError, ValueError) as error:
            raise HubError(ErrorKind.PROTOCOL, "camera_gateway.onvif_not_http", **place) from error

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                limit=CONNECTIONS,
                limit_per_host=_CONNECTIONS_EACH,
                keepalive_timeout=_KEPT_S,
                ssl=tls.context(verify=False),
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._connect_s),
                trust_env=False,
            )
        return self._session


class _GoneError(HubError):
    """The connection was closed before an answer."""


async def _bounded(response: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    content = bytearray()
    try:
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            content += chunk
            if len(content) > most_bytes:
                raise HubError(ErrorKind.PROTOCOL, "camera_gateway.answer_too_large")
    except aiohttp.ClientPayloadError:
        # A wrong Content-Length, or a connection closed before the last chunk: what came may be whole all the same.
        if not content:
            raise
    return bytes(content)
