"""The edge's one way to say no: every failure becomes application/problem+json in the reader's language. No stack."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from hub import i18n
from hub.errors import ErrorKind, HubError
from patrol_console.edge import language

STATUS: dict[ErrorKind, int] = {
    ErrorKind.INVALID: 422,
    ErrorKind.UNAUTHENTICATED: 401,
    ErrorKind.FORBIDDEN: 403,
    ErrorKind.NOT_FOUND: 404,
    ErrorKind.CONFLICT: 409,
    ErrorKind.LIMITED: 429,
    ErrorKind.REFUSED: 502,
    ErrorKind.UNREACHABLE: 502,
    ErrorKind.PROTOCOL: 502,
    ErrorKind.UNSUPPORTED: 502,
    ErrorKind.TIMEOUT: 504,
    ErrorKind.UNAVAILABLE: 503,
    ErrorKind.BROKEN: 500,
}
# What drivers raise when there is no database, or no free way to it.
DATABASE_AWAY: tuple[type[Exception], ...] = (OperationalError, InterfaceError, PoolTimeout, ConnectionError)
_HTTP_CODES = {404: "no_such_page", 405: "no_such_method", 413: "too_large"}


class FieldError(BaseModel):
    """What is wrong with one field; `field` is its way in the body, joined by points."""

    field: str
    detail: str


class Problem(BaseModel):
    """RFC 9457, with our `code` and, for a form, the fields."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldError] | None = None


def problem(
    status: int,
    code: str,
    lang: str,
    *,
    errors: list[FieldError] | None = None,
    params: Mapping[str, object] = MappingProxyType({}),
) -> JSONResponse:
    """The answer for one failure; `params` fill the braces of its sentence."""
    title = i18n.text(f"patrol_console.title_{status}", lang)
    body = Problem(title=title, status=status, detail=i18n.text(code, lang, **params), code=code, errors=errors)
    headers = {"Cache-Control": "no-store"}
    if status == STATUS[ErrorKind.LIMITED] and "seconds" in params:
        headers["Retry-After"] = str(params["seconds"])
    return JSONResponse(
        body.model_dump(exclude_none=True), status, headers=headers, media_type="application/problem+json"
    )


def install(app: FastAPI) -> None:
    """Hand all failures of `app` to `problem`."""

    async def on_hub_error(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HubError)  # noqa: S101  # registered for it alone
        return problem(STATUS[error.kind], error.code, language(request), params=error.params)

    async def on_validation(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        lang = language(request)
        fields = [_field(item, lang) for item in error.errors()]
        return problem(
            422,
            "patrol_console.fields",
            lang,
            errors=fields,
            params={"fields": "、".join(f.field for f in fields) or "body"},
        )

    async def on_http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # noqa: S101
        code = _HTTP_CODES.get(error.status_code, "refused")
        return problem(error.status_code, f"patrol_console.{code}", language(request))

    async def on_database(request: Request, error: Exception) -> JSONResponse:
        return problem(503, "patrol_console.database_away", language(request))

    async def on_anything(request: Request, error: Exception) -> JSONResponse:
        return problem(500, "patrol_console.broken", language(request))

    app.add_exception_handler(HubError, on_hub_error)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)
    for kind in DATABASE_AWAY:
        app.add_exception_handler(kind, on_database)
    app.add_exception_handler(Exception, on_anything)


def _field(item: dict[str, Any], lang: str) -> FieldError:
    way = [str(step) for step in item.get("loc", ()) if step not in ("body", "query", "path")]
    code = f"patrol_console.field_{str(item.get('type', '')).split('.')[0]}"
    params = {key: value for key, value in (item.get("ctx") or {}).items() if isinstance(value, int | float | str)}
    detail = i18n.text(code, lang, **params)
    return FieldError(
        field=".".join(way) or "body",
        detail=detail if detail != code else i18n.text("patrol_console.field_wrong", lang),
    )
