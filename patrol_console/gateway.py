"""The console's way to camera_gateway: HTTP with a ticket, short time-outs, nothing retried. On the event loop."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from hub.contracts.cure import FixOrder, FixResult
from hub.contracts.joining import Description, DescriptionWish, DiscoveryLine, DiscoveryWish
from hub.contracts.ptz import PtzCommand, PtzState
from hub.contracts.sweep import SweepOrder, SweptCamera
from hub.errors import ErrorKind, HubError
from hub.plain import plain
from hub.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from patrol_console.holder import Holder

Answer = TypeVar("Answer", bound=BaseModel)

_CONNECT_S, _ANSWER_S = 2.0, 25.0  # a test waits for a keyframe, a GOP of 10 s, and then asks by ONVIF
_FIX_S = 420.0  # a camera that starts again when its encoder is set, and again when it is put back
_DESCRIBE_S = 28.0  # the gateway gives a device 25 s to say what it is
_SILENCE_S = 15.0  # a sweep and a search say something each second
_LONGEST_LINE = 65_536
_MOST_PARAMS = 16
_LARGEST_BYTES = 8_000_000  # a JPEG of 4K
# What a device did; everything else that a gateway refuses is between it and us.
_KINDS_OF_DEVICES = (
    *(ErrorKind.INVALID, ErrorKind.REFUSED, ErrorKind.UNREACHABLE, ErrorKind.TIMEOUT, ErrorKind.PROTOCOL),
    *(ErrorKind.UNSUPPORTED, ErrorKind.LIMITED, ErrorKind.CONFLICT),
)
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # an address to listen at is none to call


class Gateway:
    """One client for the life of the process."""

    def __init__(
        self, settings: Settings, transport: httpx.AsyncBaseTransport | None = None, holder: Holder | None = None
    ) -> None:
        self._holder = holder
        host = _EVERYWHERE.get(settings.gateway.host, settings.gateway.host)
        host = f"[{host}]" if ":" in host else host
        self._url = f"http://{host}:{settings.gateway.port}"
        self._transport = transport
        self._client: httpx.AsyncClient | None = None

    async def snapshot(self, camera_id: str, ticket: str) -> tuple[bytes, str | None]:
        """A JPEG and the time it is of. Raises HubError as the gateway says, UNAVAILABLE when it is away."""
        answer = await self._ask("GET", f"/snapshot/{camera_id}.jpg", ticket)
        return answer.content, answer.headers.get("x-captured-at")

    async def test(self, camera_id: str, ticket: str, lang: str) -> Any:
        """The verdicts as JSON. Raises as `snapshot` does."""
        answer = await self._ask("POST", f"/test/{camera_id}", ticket, lang)
        try:
            return answer.json()
        except ValueError as error:
            raise HubError(ErrorKind.UNAVAILABLE, "patrol_console.gateway_answer") from error

    async def fix(self, camera_id: str, ticket: str, order: FixOrder) -> FixResult:
        """A cure, or a part of one. Raises as `snapshot` does, TIMEOUT where the camera takes longer than any does."""
        body = order.model_dump_json(exclude_none=True)
        answer = await self._ask("POST", f"/fix/{camera_id}", ticket, body=body, answer_s=_FIX_S)
        return _read(FixResult, answer.content)

    async def ptz(self, camera_id: str, ticket: str, wish: PtzCommand, lang: str) -> PtzState:
        """Turn it. Raises as `describe` does."""
        answer = await self._ask("POST", f"/ptz/{camera_id}", ticket, lang, body=wish.model_dump_json())
        return _read(PtzState, answer.content)

    async def describe(self, ticket: str, wish: DescriptionWish) -> Description:
        """What stands at an address. Raises as the gateway says, its sentences' parameters with them."""
        answer = await self._ask("POST", "/describe", ticket, body=wish.model_dump_json(), answer_s=_DESCRIBE_S)
        return _read(Description, answer.content)

    async def discover(self, ticket: str, wish: DiscoveryWish) -> AsyncGenerator[DiscoveryLine]:
        """What is on the gateway's network, as it is found. Raises as `sweep` does. Close it (`aclosing`)."""
        async with aclosing(self._lines("/discover", ticket, wish.model_dump_json(exclude_none=True))) as lines:
            async for line in lines:
                yield _read(DiscoveryLine, line)

    async def sweep(self, order: SweepOrder, ticket: str) -> AsyncGenerator[SweptCamera, None]:
        """Each camera as it is done; who leaves the iteration stops the sweep. Close it (`aclosing`).

        Raises as `snapshot` does, TIMEOUT when the gateway falls silent; it may also end before all are told.
        """
        async with aclosing(self._lines("/sweep", ticket, order.model_dump_json())) as lines:
            async for line in lines:
                yield _read(SweptCamera, line)

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    def _base(self) -> str:
        holder = self._holder.current if self._holder is not None else None
        return self._url if holder is None else holder.url

    def _opened(self) -> httpx.AsyncClient:
        import httpx  # a console that starts again answers people first: the client is made when somebody looks

        if self._client is None:
            self._client = httpx.AsyncClient(
                timeout=httpx.Timeout(_ANSWER_S, connect=_CONNECT_S),
                trust_env=False,  # a proxy of this machine has no business between the two
                transport=self._transport,
            )
        return self._client

    async def _lines(self, path: str, ticket: str, body: str) -> AsyncGenerator[bytes]:
        """The lines of an answer that comes bit by bit, without the empty ones. Raises HubError as `sweep`."""
        import httpx

        asking = self._opened().stream(
            "POST",
            self._base() + path,
            params={"ticket": ticket},
            content=body,
            headers={"Content-Type": "application/json"},
            timeout=httpx.Timeout(_SILENCE_S, connect=_CONNECT_S),
        )
        kept = b""
        with _failures():
            async with asking as answer:
                if answer.status_code != 200:
                    await answer.aread()
                    raise _refusal(answer)
                async for chunk in answer.aiter_bytes():
                    *lines, kept = (kept + chunk).split(b"\n")
                    if len(kept) > _LONGEST_LINE:
                        raise HubError(ErrorKind.UNAVAILABLE, "patrol_console.gateway_answer")
                    for line in lines:
                        if line.strip():  # an empty one says: it lives, and has nothing to tell
                            yield line

    async def _ask(
        self,
        method: str,
        path: str,
        ticket: str,
        lang: str = "zh",
        *,
        body: str | None = None,
        answer_s: float = _ANSWER_S,
    ) -> httpx.Response:
        import httpx

        headers = {"Accept-Language": lang} | ({} if body is None else {"Content-Type": "application/json"})
        with _failures():
            answer = await self._opened().request(
                method,
                self._base() + path,
                params={"ticket": ticket},
                headers=headers,
                content=body,
                timeout=httpx.Timeout(answer_s, connect=_CONNECT_S),
            )
        if answer.status_code == 200 and len(answer.content) <= _LARGEST_BYTES:
            return answer
        raise _refusal(answer)


@contextmanager
def _failures() -> Iterator[None]:
    """What goes wrong on the way there, as our own errors."""
    import httpx

    try:
        yield
    except httpx.TimeoutException as error:
        raise HubError(ErrorKind.TIMEOUT, "patrol_console.gateway_slow") from error
    except httpx.HTTPError as error:
        raise HubError(ErrorKind.UNAVAILABLE, "patrol_console.gateway_away") from error


def _read(kind: type[Answer], body: bytes) -> Answer:
    """Raises HubError UNAVAILABLE for a body, or a line, that is none."""
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        raise HubError(ErrorKind.UNAVAILABLE, "patrol_console.gateway_answer") from error


def _refusal(answer: httpx.Response) -> HubError:
    """The gateway's problem as our own: its code names the sentence, its parameters fill it, its words stay there."""
    try:
        body = answer.json()
    except ValueError:
        body = None
    body = body if isinstance(body, dict) else {}
    code = body.get("code")
    if not isinstance(code, str) or not code.replace("_", "").replace(".", "").isalnum():
        code = "patrol_console.gateway_answer"
    kinds = {404: ErrorKind.NOT_FOUND, 409: ErrorKind.CONFLICT, 429: ErrorKind.LIMITED, 504: ErrorKind.TIMEOUT}
    kind = kinds.get(answer.status_code, ErrorKind.UNAVAILABLE)
    if (told := body.get("kind")) in _KINDS_OF_DEVICES:
        kind = ErrorKind(told)
    return HubError(kind, code, **_params(body.get("params")))


def _params(told: object) -> dict[str, object]:
    """Few, short, and of one line: some of them a camera said."""
    found = told.items() if isinstance(told, dict) else ()
    kept = [(key, value) for key, value in found if isinstance(key, str) and key.isidentifier()]
    return {
        key: plain(value)[:200] if isinstance(value, str) else value
        for key, value in kept[:_MOST_PARAMS]
        if isinstance(value, str | int | float)
    }
