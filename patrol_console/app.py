"""The ASGI application: routes, failures, headers, the page. Knows nothing of how a console is started."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from hub import metrics
from hub.peer import is_this_machine
from patrol_console import errors
from patrol_console.alert.routes import router as alerts
from patrol_console.area.routes import router as areas
from patrol_console.camera.routes import router as cameras
from patrol_console.camera_event.routes import router as camera_events
from patrol_console.camera_import.routes import router as imports
from patrol_console.console import Console
from patrol_console.discovery.routes import router as discoveries
from patrol_console.edge import Public, console_of, language
from patrol_console.event.routes import router as events
from patrol_console.fix.routes import router as fixes
from patrol_console.guard import Guard
from patrol_console.hub.routes import router as hub
from patrol_console.machine.routes import router as machine
from patrol_console.outage.routes import router as outages
from patrol_console.page_files import PageFiles
from patrol_console.ptz.routes import router as ptz
from patrol_console.record.routes import router as records
from patrol_console.register.routes import router as register
from patrol_console.release import version
from patrol_console.report.routes import router as reports
from patrol_console.session.routes import router as session
from patrol_console.share.routes import router as shares
from patrol_console.sweep.routes import router as sweeps
from patrol_console.unit.routes import router as units
from patrol_console.uplink.routes import router as uplinks
from patrol_console.user.routes import router as users
from patrol_console.wall.routes import router as wall

ROUTERS = (  # `imports` stands before `cameras`: its names are no ids
    *(hub, session, users, areas, units, shares, imports, cameras, ptz, camera_events),
    *(records, fixes, discoveries, sweeps, uplinks, register),
    *(alerts, outages, reports, wall, events, machine),
)


def bare_app() -> FastAPI:
    """The routes with their true shapes and nothing behind them: enough for OpenAPI and the test of declarations."""
    app = FastAPI(
        title="Probe Patrol",
        version=version(),
        openapi_url=None,  # served below, declared like every other route
        docs_url=None,  # the pages of FastAPI load their parts from outside
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        responses={"default": {"model": errors.Problem, "description": "application/problem+json"}},
    )
    for router in ROUTERS:
        app.include_router(router)
    errors.install(app)
    return app


def create_app(console: Console, page: PageFiles | None = None) -> FastAPI:
    """The application of one console; its tasks live as long as the server does."""
    app = bare_app()
    app.state.console = console
    app.router.lifespan_context = _lifespan
    _add_service_routes(app, page or PageFiles())
    app.add_middleware(Guard, settings=console.settings)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    console: Console = app.state.console
    console.start()
    yield
    await console.stop()


def _add_service_routes(app: FastAPI, page: PageFiles) -> None:
    @app.get("/api/openapi.json", include_in_schema=False)
    async def openapi(_: Public) -> JSONResponse:
        return JSONResponse(app.openapi())

    @app.get("/healthz", include_in_schema=False)
    async def healthz(_: Public) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    @app.get("/readyz", include_in_schema=False)
    async def readyz(request: Request, _: Public) -> JSONResponse:
        found = await console_of(request).ready()
        told = found if _from_here(request) else {}  # what this hub stands on is nobody else's business
        return JSONResponse({"ready": all(found.values()), **told}, 200 if all(found.values()) else 503)

    @app.get("/metrics", include_in_schema=False)
    async def metrics_(request: Request, _: Public) -> Response:
        if not _from_here(request):
            raise HTTPException(404)
        return Response(metrics.render(), media_type="text/plain; version=0.0.4; charset=utf-8")

    @app.get("/{path:path}", include_in_schema=False)
    async def page_(request: Request, path: str, _: Public) -> Response:
        answer = None if path == "api" or path.startswith("api/") else page.answer(path, language(request))
        if answer is None:
            raise HTTPException(404)
        return answer


def _from_here(request: Request) -> bool:
    return is_this_machine(request.client.host if request.client else None, request.headers.keys())


def _operation_id(route: APIRoute) -> str:
    return route.name
