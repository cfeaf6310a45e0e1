"""/api/cameras/import, imports, export, import-template: many cameras in and out."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response, status

from patrol_console.camera_import import exporting, service, sheets
from patrol_console.camera_import.schemas import CameraImport, CameraImportDetail, CameraImportList, Outcome
from patrol_console.edge import ConfiguresCameras, Reading, console_of, language
from patrol_console.plain import ID

router = APIRouter(prefix="/api/cameras", tags=["camera"])
Kind = Literal["csv", "xlsx"]
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary"},
        "dry_run": {"type": "boolean", "default": False},
        "coordinates": {"type": "string", "enum": ["wgs84", "gcj02"], "default": "wgs84"},
    },
}
_FILE = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}


@router.post(
    "/import",
    status_code=status.HTTP_202_ACCEPTED,
    openapi_extra={"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}},
)
async def import_cameras(request: Request, actor: ConfiguresCameras) -> CameraImport:
    """Begin an import of a CSV or XLSX file; it goes on by itself and is found again under `imports/{id}`."""
    return await service.begin(
        console_of(request), actor, request.headers.get("content-type", ""), request.stream(), language(request)
    )


@router.get("/imports")
async def list_imports(request: Request, actor: ConfiguresCameras, reading: Reading) -> CameraImportList:
    """One's own imports, the newest first."""
    return await service.listing(console_of(request), reading, actor)


@router.get("/imports/{import_id}")
async def get_import(
    request: Request,
    import_id: str,
    actor: ConfiguresCameras,
    reading: Reading,
    outcome: Outcome | None = None,
    lines: Annotated[int, Query(ge=0, le=10_000)] = 1000,
) -> CameraImportDetail:
    """How far it is, and what became of the rows; the refused first."""
    return await service.get(console_of(request), reading, actor, import_id, outcome, lines, language(request))


@router.get("/imports/{import_id}/result.csv", response_class=Response, responses={200: _FILE})
async def get_import_result(request: Request, import_id: str, actor: ConfiguresCameras, reading: Reading) -> Response:
    """One line a row: outcome and reason."""
    lang = language(request)
    lines = await service.lines_of(reading, actor, import_id, lang)
    return _answer("csv", f"{import_id}-result", await asyncio.to_thread(sheets.result_csv, lines, lang))


@router.get("/import-template", response_class=Response, responses={200: _FILE})
async def get_import_template(
    request: Request, actor: ConfiguresCameras, reading: Reading, kind: Kind = "xlsx"
) -> Response:
    """An empty table with its headings, with one's own areas and units to choose from."""
    areas, units = await exporting.choices(reading, actor)
    made = await asyncio.to_thread(sheets.template, kind, language(request), areas, units)
    return _answer(kind, "cameras-template", made)


@router.get("/export", response_class=Response, responses={200: _FILE})
async def export_cameras(
    request: Request,
    actor: ConfiguresCameras,
    reading: Reading,
    kind: Kind = "xlsx",
    area_id: Annotated[str | None, Query(pattern=ID)] = None,
) -> Response:
    """The cameras that one may configure, as an import takes them; never a password."""
    lang = language(request)
    rows = await exporting.rows(console_of(request), reading, actor, area_id, lang)
    return _answer(kind, "cameras", await asyncio.to_thread(sheets.export, kind, lang, rows))


def _answer(kind: str, name: str, content: bytes) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"', "Cache-Control": "no-store"}
    return Response(content, media_type=_TYPES[kind], headers=headers)
