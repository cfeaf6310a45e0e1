"""A small client of the console's REST API for the commands: one connection, blocking, on the calling thread.

Speaks either as a person (session and CSRF token) or with the local token of whoever may read the hub's key file. A
refusal comes back as a HubError that carries the console's own sentence. Never follows a redirect, never uses a
proxy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from hub.errors import ErrorKind, HubError
from probe import language

Model = TypeVar("Model", bound=BaseModel)

_KINDS = {
    400: ErrorKind.INVALID,
    401: ErrorKind.UNAUTHENTICATED,
    403: ErrorKind.FORBIDDEN,
    404: ErrorKind.NOT_FOUND,
    409: ErrorKind.CONFLICT,
    422: ErrorKind.INVALID,
    429: ErrorKind.LIMITED,
}
ANSWER_S = 40.0
_PAGE = 200  # items asked for at a time


class Problem(BaseModel):
    """What the console answers when it refuses (RFC 9457)."""

    model_config = ConfigDict(extra="ignore")
    title: str = ""
    detail: str = ""
    code: str = ""


class ConsoleClient:
    """`base_url` is the console's; `token` makes the next `Authorization: Bearer` word, asked anew for each request."""

    def __init__(self, base_url: str, token: Callable[[], str] | None = None, timeout_s: float = ANSWER_S) -> None:
        self.base_url = base_url.rstrip("/")
        self._token = token
        self._csrf: str | None = None
        self._http = httpx.Client(base_url=self.base_url, timeout=timeout_s, trust_env=False, follow_redirects=False)

    def __enter__(self) -> ConsoleClient:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()

    def sign_in(self, username: str, password: str) -> None:
        """Open a session. Raises UNAUTHENTICATED or LIMITED with the console's sentence."""
        answer = self.request("POST", "/api/session", {"username": username, "password": password})
        token = answer.get("csrf_token") if isinstance(answer, dict) else None
        self._csrf = token if isinstance(token, str) else None

    def request(self, method: str, path: str, body: JsonValue = None, **query: str | int) -> JsonValue:
        """Ask and give back the parsed answer; None where there is no body."""
        answer = self._send(method, path, body, query)
        if not answer.content:
            return None
        try:
            parsed: JsonValue = answer.json()
        except ValueError as error:
            raise HubError(ErrorKind.PROTOCOL, "probe.not_our_console", url=self.base_url) from error
        return parsed

    def get(self, model: type[Model], path: str, **query: str | int) -> Model:
        """GET `path` as a `model`."""
        return self._as(model, self.request("GET", path, None, **query))

    def send(self, model: type[Model], method: str, path: str, body: JsonValue) -> Model:
        """Write `body` to `path` and read the answer as a `model`."""
        return self._as(model, self.request(method, path, body))

    def items(self, path: str, **query: str | int) -> Iterator[JsonValue]:
        """Each item of a list, page after page."""
        cursor: str | None = None
        while True:
            more = {"cursor": cursor} if cursor else {}
            page = self.request("GET", path, None, **{"limit": _PAGE, **query, **more})
            if not isinstance(page, dict) or not isinstance(found := page.get("items"), list):
                raise HubError(ErrorKind.PROTOCOL, "probe.not_our_console", url=self.base_url)
            yield from found
            following = page.get("next")
            if not isinstance(following, str):
                return
            cursor = following

    def picture(self, path: str) -> bytes:
        """GET a JPEG."""
        return self._send("GET", path, None, {}).content

    def file(self, path: str, **query: str | int) -> bytes:
        """GET a file."""
        return self._send("GET", path, None, query).content

    def upload(self, model: type[Model], path: str, name: str, data: bytes, fields: Mapping[str, str]) -> Model:
        """POST a form with one file and read the answer as a `model`."""
        answer = self._send("POST", path, None, {}, form=(name, data, fields))
        try:
            return self._as(model, answer.json())
        except ValueError as error:
            raise HubError(ErrorKind.PROTOCOL, "probe.not_our_console", url=self.base_url) from error

    def _as(self, model: type[Model], value: JsonValue) -> Model:
        try:
            return model.model_validate(value)
        except ValidationError as error:
            raise HubError(ErrorKind.PROTOCOL, "probe.not_our_console", url=self.base_url) from error

    def _send(
        self,
        method: str,
        path: str,
        body: JsonValue,
        query: dict[str, str | int],
        form: tuple[str, bytes, Mapping[str, str]] | None = None,
    ) -> httpx.Response:
        headers = {"Accept-Language": language.current()}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token()}"
        elif self._csrf is not None:
            headers["X-CSRF-Token"] = self._csrf
        try:
            if form is None:
                answer = self._http.request(method, path, json=body, params=query, headers=headers)
            else:
                name, data, fields = form
                answer = self._http.request(method, path, files={"file": (name, data)}, data=fields, headers=headers)
        except httpx.HTTPError as error:
            raise HubError(ErrorKind.UNREACHABLE, "probe.console_away", url=self.base_url) from error
        if answer.is_success:
            return answer
        raise self._refusal(answer)

    def _refusal(self, answer: httpx.Response) -> HubError:
        kind = _KINDS.get(answer.status_code, ErrorKind.UNAVAILABLE)
        try:
            problem = Problem.model_validate_json(answer.content)
        except ValidationError:
            return HubError(kind, "probe.console_answered", url=self.base_url, status=answer.status_code)
        return HubError(kind, "probe.console_says", says=problem.detail or problem.title, problem=problem.code)
