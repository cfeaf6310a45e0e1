"""/api/cameras: what they are, what is drawn on them, and the ways to look."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response, status

from hub.contracts.base import UtcTime
from hub.contracts.camera import CameraKind, CameraState, Cause
from patrol_console.camera import bulk, describing, drawing, looking, service, states
from patrol_console.camera.bulk import BulkResult, BulkWish
from patrol_console.camera.schemas import (
    Camera,
    CameraChange,
    CameraCreate,
    CameraList,
    CameraReading,
    Described,
    DescribeWish,
    MasksChange,
    RulesChange,
    TicketGiven,
    TicketWish,
    Verdicts,
    ZonesChange,
)
from patrol_console.camera.states import StateHistory
from patrol_console.edge import (
    ConfiguresCameras,
    OpensLive,
    Reading,
    SeesCameras,
    TakesSnapshots,
    TestsCameras,
    Writing,
    console_of,
    language,
)
from patrol_console.plain import ONE_LINE, TAG

router = APIRouter(prefix="/api/cameras", tags=["camera"])


@router.get("")
async def list_cameras(
    request: Request,
    actor: SeesCameras,
    reading: Reading,
    area_id: str | None = None,
    q: Annotated[str | None, Query(max_length=64, pattern=ONE_LINE)] = None,
    state: CameraState | None = None,
    cause: Cause | None = None,
    kind: CameraKind | None = None,
    tag: Annotated[str | None, Query(max_length=32, pattern=TAG)] = None,
    cursor: Annotated[str | None, Query(max_length=512)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> CameraList:
    """The cameras the reader may see, by name; an area takes in all below it. `q` looks in name, place and code."""
    wish = service.Wish(
        area_id=area_id, text=q, state=state, cause=cause, kind=kind, tag=tag, cursor=cursor, limit=limit
    )
    return await service.listing(console_of(request), reading, actor, wish)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_camera(request: Request, actor: ConfiguresCameras, body: CameraCreate, writing: Writing) -> Camera:
    """A new camera; its address is checked first and refused in a sentence."""
    return await service.create(console_of(request), writing, actor, body)


@router.post("/bulk")
async def change_cameras(request: Request, actor: ConfiguresCameras, body: BulkWish) -> BulkResult:
    """The same change to as many as a thousand cameras; each has its own outcome."""
    return await bulk.change_all(console_of(request), actor, body, language(request))


@router.post("/describe")
async def describe_device(request: Request, actor: ConfiguresCameras, body: DescribeWish) -> Described:
    """What stands at an address, which of its streams would be pulled, and why; nothing is registered."""
    return await describing.describe(console_of(request), actor, body, language(request))


@router.get("/{camera_id}")
async def get_camera(request: Request, camera_id: str, actor: SeesCameras, reading: Reading) -> Camera:
    """One camera."""
    return await service.get(console_of(request), reading, actor, camera_id)


@router.get("/{camera_id}/states")
async def list_states(
    request: Request,
    camera_id: str,
    actor: SeesCameras,
    reading: Reading,
    start: Annotated[UtcTime | None, Query(alias="from")] = None,
    end: Annotated[UtcTime | None, Query(alias="to")] = None,
) -> StateHistory:
    """In which states it was, and why; the last 24 hours unless asked otherwise, at most 31 days."""
    return await states.history(console_of(request), reading, actor, camera_id, start, end)


@router.patch("/{camera_id}")
async def change_camera(
    request: Request, camera_id: str, actor: ConfiguresCameras, body: CameraChange, writing: Writing
) -> Camera:
    """Change what is given; what is absent stays."""
    return await service.change(console_of(request), writing, actor, camera_id, body)


@router.delete("/{camera_id}", status_code=status.HTTP_204_NO_CONTENT)
async def remove_camera(request: Request, camera_id: str, actor: ConfiguresCameras, writing: Writing) -> None:
    """Take it away; open pictures end, its alerts and its register stay."""
    await service.remove(console_of(request), writing, actor, camera_id)


@router.put("/{camera_id}/zones")
async def put_zones(
    request: Request, camera_id: str, actor: ConfiguresCameras, body: ZonesChange, writing: Writing
) -> Camera:
    """All zones of the camera; one that a rule needs cannot go."""
    return await drawing.put_zones(console_of(request), writing, actor, camera_id, body)


@router.put("/{camera_id}/masks")
async def put_masks(
    request: Request, camera_id: str, actor: ConfiguresCameras, body: MasksChange, writing: Writing
) -> Camera:
    """All masks of the camera; with one, its live picture is drawn anew without what is beneath, or is off."""
    return await drawing.put_masks(console_of(request), writing, actor, camera_id, body)


@router.put("/{camera_id}/rules")
async def put_rules(
    request: Request, camera_id: str, actor: ConfiguresCameras, body: RulesChange, writing: Writing
) -> Camera:
    """All rules of the camera."""
    return await drawing.put_rules(console_of(request), writing, actor, camera_id, body)


@router.post("/{camera_id}/describe")
async def read_camera(
    request: Request, camera_id: str, actor: ConfiguresCameras, body: CameraReading, reading: Reading
) -> Camera:
    """Read a registered camera anew by ONVIF, or pull another of its streams."""
    return await describing.read_anew(console_of(request), reading, actor, camera_id, body)


@router.post("/{camera_id}/test")
async def test_camera(request: Request, camera_id: str, actor: TestsCameras, reading: Reading) -> Verdicts:
    """Ask the gateway whether the camera comes, and what to do if not."""
    return await looking.test(console_of(request), reading, actor, camera_id, language(request))


@router.get(
    "/{camera_id}/snapshot.jpg",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}},
)
async def snapshot(request: Request, camera_id: str, actor: TakesSnapshots, reading: Reading) -> Response:
    """One JPEG of now, masked; the header X-Captured-At says of when."""
    return await looking.snapshot(console_of(request), reading, actor, camera_id)


@router.post("/{camera_id}/tickets", status_code=status.HTTP_201_CREATED)
async def give_ticket(
    request: Request, camera_id: str, actor: OpensLive, body: TicketWish, reading: Reading
) -> TicketGiven:
    """The right to open the live picture once, soon."""
    return await looking.ticket(console_of(request), reading, actor, camera_id, body, request.url.hostname)
