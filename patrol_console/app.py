"""The ASGI application: routes, failures, headers, the page. Knows nothing of how a console is started."""

from __future__ import annotations

from importlib import metadata

from fastapi import FastAPI
from fastapi.routing import APIRoute

from patrol_console import errors
from patrol_console.alert.routes import router as alerts
from patrol_console.area.routes import router as areas
from patrol_console.camera.routes import router as cameras
from patrol_console.event.routes import router as events
from patrol_console.hub.routes import router as hub
from patrol_console.register.routes import router as register
from patrol_console.session.routes import router as session
from patrol_console.user.routes import router as users

ROUTERS = (hub, session, users, areas, cameras, register, alerts, events)


def version() -> str:
    """Of the distribution; "0" where it is run from a bare checkout."""
    try:
        return metadata.version("probe-patrol")
    except metadata.PackageNotFoundError:
        return "0"


def bare_app() -> FastAPI:
    """The routes with their true shapes and nothing behind them: enough for OpenAPI and the test of declarations."""
    app = FastAPI(
        title="Probe Patrol",
        version=version(),
        openapi_url="/api/openapi.json",
        docs_url=None,  # the pages of FastAPI load their parts from outside
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        responses={"default": {"model": errors.Problem, "description": "application/problem+json"}},
    )
    for router in ROUTERS:
        app.include_router(router)
    errors.install(app)
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name
