"""`POST /sweep` on the wire: the order is read, then a JSON object a line for each camera as it is done.

Runs on the gateway's loop, one coroutine a request. While there is nothing to tell an empty line goes out each second:
so a caller that has gone is noticed, and one that waits knows that the gateway lives.
"""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web
from pydantic import ValidationError

from camera_gateway.sweep import Sweeps
from hub.contracts.sweep import SweepOrder
from hub.errors import ErrorKind, HubError

MOST_BYTES = 1_000_000  # ten thousand ids
QUIET_S = 1.0


async def order_of(request: web.Request) -> SweepOrder:
    """The body. Raises HubError INVALID `camera_gateway.sweep_order`."""
    body = bytearray()
    async for chunk in request.content.iter_chunked(65_536):
        body += chunk
        if len(body) > MOST_BYTES:
            raise HubError(ErrorKind.INVALID, "camera_gateway.sweep_order")
    try:
        return SweepOrder.model_validate_json(bytes(body))
    except ValidationError as error:
        raise HubError(ErrorKind.INVALID, "camera_gateway.sweep_order") from error


async def serve(
    request: web.Request, sweeps: Sweeps, order: SweepOrder, allowed: Callable[[], bool]
) -> web.StreamResponse:
    """Sweep while the caller listens and its ticket holds. Raises HubError LIMITED `camera_gateway.sweep_busy`."""
    async with sweeps.begin(order) as sweep:
        response = web.StreamResponse(headers={"Cache-Control": "no-store"})
        response.content_type = "application/x-ndjson"
        try:
            await response.prepare(request)
            while not sweep.over and allowed():
                swept = await sweep.next(QUIET_S)
                await response.write(b"\n" if swept is None else swept.model_dump_json().encode() + b"\n")
        except ConnectionError:
            return response  # the caller has gone
    await response.write_eof()
    return response
