"""POST /fix/{camera_id}: the order as JSON in, the result as JSON out. Parses and answers on the gateway's loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from aiohttp import web
from pydantic import ValidationError

from hub.contracts.cure import FixOrder
from hub.contracts.ticket import TicketAction
from hub.errors import ErrorKind, HubError

if TYPE_CHECKING:
    from camera_gateway.gateway import Gateway


def fix_routes(opened: Callable[[], Gateway]) -> list[web.RouteDef]:
    """`opened` gives the gateway, or raises while there is none."""

    async def fix(request: web.Request) -> web.StreamResponse:
        gateway, camera_id = opened(), request.match_info["camera_id"]
        await gateway.admission.admit(request.query.get("ticket", ""), camera_id, TicketAction.FIX)
        camera = gateway.manager.cameras.get(camera_id)
        if camera is None:
            raise HubError(ErrorKind.NOT_FOUND, "camera_gateway.camera_unknown")
        try:
            order = FixOrder.model_validate_json(await request.read())
        except (ValidationError, web.HTTPRequestEntityTooLarge) as error:
            raise HubError(ErrorKind.INVALID, "cure.order_garbled") from error
        if order.wish.empty and not order.undo:
            raise HubError(ErrorKind.INVALID, "cure.nothing_asked")
        result = await gateway.fixes.fix(camera, order)
        return web.Response(text=result.model_dump_json(), content_type="application/json")

    return [web.post("/fix/{camera_id}", fix)]
