"""The routes of `joining`: POST /discover answers line by line (NDJSON), POST /describe with one JSON.

Parses and answers on the gateway's loop, decides nothing. The body may hold a camera's password: it is never logged,
and nothing of it stands in an error.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, TypeVar

from aiohttp import web
from pydantic import ValidationError

from hub.contracts.base import Message
from hub.contracts.joining import DescriptionWish, DiscoveryWish
from hub.contracts.ticket import TicketAction
from hub.errors import ErrorKind, HubError

if TYPE_CHECKING:
    from camera_gateway.gateway import Gateway

Wish = TypeVar("Wish", bound=Message)


def joining_routes(opened: Callable[[], Gateway]) -> list[web.RouteDef]:
    """`opened` gives the gateway, or raises while there is none."""

    async def discover(request: web.Request) -> web.StreamResponse:
        gateway = await _admitted(opened, request)
        wish = await _wish(request, DiscoveryWish)
        async with aclosing(gateway.joining.search(wish)) as lines:
            line = await anext(lines)  # whether it may begin at all is an answer of its own
            response = web.StreamResponse(headers={"Cache-Control": "no-store"})
            response.content_type = "application/x-ndjson"
            await response.prepare(request)
            await response.write(line.model_dump_json(exclude_none=True).encode() + b"\n")
            async for line in lines:
                await response.write(line.model_dump_json(exclude_none=True).encode() + b"\n")
        await response.write_eof()
        return response

    async def describe(request: web.Request) -> web.StreamResponse:
        gateway = await _admitted(opened, request)
        description = await gateway.joining.describe(await _wish(request, DescriptionWish))
        return web.Response(text=description.model_dump_json(), content_type="application/json")

    return [web.post("/discover", discover), web.post("/describe", describe)]


async def _admitted(opened: Callable[[], Gateway], request: web.Request) -> Gateway:
    gateway = opened()
    whose = f"gateway:{gateway.id}"
    await gateway.admission.admit(request.query.get("ticket", ""), whose, TicketAction.DISCOVER)
    return gateway


async def _wish(request: web.Request, kind: type[Wish]) -> Wish:
    try:
        return kind.model_validate_json(await request.read())
    except (ValidationError, web.HTTPRequestEntityTooLarge):
        # Without its cause: what pydantic says of a body repeats the body, and there is a password in it.
        raise HubError(ErrorKind.INVALID, "camera_gateway.wish_garbled") from None
