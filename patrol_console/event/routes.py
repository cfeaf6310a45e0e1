"""GET /api/events: one connection a browser, server-sent."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from patrol_console.edge import FollowsEvents, console_of
from patrol_console.event.schemas import Change
from patrol_console.event.stream import check_room, follow

router = APIRouter(prefix="/api/events", tags=["event"])
CHANGE_SCHEMA = {
    name: value
    for name, value in Change.model_json_schema(ref_template="#/components/schemas/{model}").items()
    if name != "$defs"  # Severity stands among the components already
}


@router.get(
    "",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "event `change`, data as the schema says; `: ping` every 15 s",
            "content": {"text/event-stream": {"schema": CHANGE_SCHEMA}},
        }
    },
)
async def events(request: Request, actor: FollowsEvents) -> StreamingResponse:
    """What changed, as far as the reader may see it, until the session ends."""
    check_room(console_of(request), actor)
    return StreamingResponse(
        follow(console_of(request), actor, request.headers.get("last-event-id")),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
