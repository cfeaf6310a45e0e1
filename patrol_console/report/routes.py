"""/api/reports: figures over days."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from patrol_console.edge import Reading, SeesCameras, console_of, language
from patrol_console.plain import ID
from patrol_console.report import service
from patrol_console.report.schemas import OnlineReport

router = APIRouter(prefix="/api/reports", tags=["report"])
Area = Annotated[str | None, Query(pattern=ID)]
First = Annotated[date | None, Query(alias="from")]
Last = Annotated[date | None, Query(alias="to")]


@router.get("/online")
async def online_report(
    request: Request, actor: SeesCameras, reading: Reading, area_id: Area = None, first: First = None, last: Last = None
) -> OnlineReport:
    """The online rate by area and day; the last seven days unless asked otherwise, at most 31."""
    return await service.online(console_of(request), reading, actor, area_id, first, last)


@router.get(
    "/online.csv",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}}}},
)
async def online_csv(
    request: Request, actor: SeesCameras, reading: Reading, area_id: Area = None, first: First = None, last: Last = None
) -> Response:
    """The same as a table for spreadsheets."""
    report = await service.online(console_of(request), reading, actor, area_id, first, last)
    name = f"online-{report.first}-{report.last}.csv"
    return Response(
        service.as_csv(report, language(request)),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
