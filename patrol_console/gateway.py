"""The console's way to camera_gateway: HTTP with a ticket, short time-outs, nothing retried. On the event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from hub.contracts.cure import FixOrder, FixResult
from hub.errors import ErrorKind, HubError
from hub.settings import Settings

if TYPE_CHECKING:
    import httpx

    from patrol_console.holder import Holder

_CONNECT_S, _ANSWER_S = 2.0, 25.0  # a test waits for a keyframe, a GOP of 10 s, and then asks by ONVIF
_FIX_S = 420.0  # a camera that starts again when its encoder is set, and again when it is put back
_LARGEST_BYTES = 8_000_000  # a JPEG of 4K
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
        try:
            return FixResult.model_validate_json(answer.content)
        except ValidationError as error:
            raise HubError(ErrorKind.UNAVAILABLE, "patrol_console.gateway_answer") from error

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    def _base(self) -> str:
        holder = self._holder.current if self._holder is not None else None
        return self._url if holder is None else holder.url

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
        import httpx  # a console that starts again answers people first: the client is made when somebody looks

        if self._client is None:
            self._client = httpx.AsyncClient(
                timeout=httpx.Timeout(_ANSWER_S, connect=_CONNECT_S),
                trust_env=False,  # a proxy of this machine has no business between the two
                transport=self._transport,
            )
        headers = {"Accept-Language": lang} | ({} if body is None else {"Content-Type": "application/json"})
        try:
            answer = await self._client.request(
                method,
                self._base() + path,
                params={"ticket": ticket},
                headers=headers,
                content=body,
                timeout=httpx.Timeout(answer_s, connect=_CONNECT_S),
            )
        except httpx.TimeoutException as error:
            raise HubError(ErrorKind.TIMEOUT, "patrol_console.gateway_slow") from error
        except httpx.HTTPError as error:
            raise HubError(ErrorKind.UNAVAILABLE, "patrol_console.gateway_away") from error
        if answer.status_code == 200 and len(answer.content) <= _LARGEST_BYTES:
            return answer
        raise _refusal(answer)


def _refusal(answer: httpx.Response) -> HubError:
    """The gateway's problem as our own; its code names the sentence, its words go no further."""
    try:
        body = answer.json()
    except ValueError:
        body = None
    code = body.get("code") if isinstance(body, dict) else None
    if not isinstance(code, str) or not code.replace("_", "").replace(".", "").isalnum():
        code = "patrol_console.gateway_answer"
    kinds = {404: ErrorKind.NOT_FOUND, 409: ErrorKind.CONFLICT, 429: ErrorKind.LIMITED, 504: ErrorKind.TIMEOUT}
    return HubError(kinds.get(answer.status_code, ErrorKind.UNAVAILABLE), code)
