"""What every route takes from the edge: who asks (and may), one transaction, the request's language.

Runs on the event loop, once a request. `allowed` is how a route declares its action: the generated test walks the
routes and fails for one that declares nothing. Whether the thing itself may be touched is the service's question.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated, cast

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from hub.errors import ErrorKind, HubError
from patrol_console.rights import Action, Actor, may

if TYPE_CHECKING:
    from patrol_console.console import Console

SESSION_COOKIE = "probe_session"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def console_of(request: Request) -> Console:
    """The console this application serves."""
    return cast("Console", request.app.state.console)


async def identify(request: Request) -> Actor:
    """Who asks: a session's cookie, or the bearer token of this machine's terminal. Kept for the request.

    Raises HubError UNAUTHENTICATED `patrol_console.signed_out`; on a write by cookie FORBIDDEN `csrf` or `origin`.
    """
    known: Actor | None = getattr(request.state, "actor", None)
    if known is not None:
        return known
    console = console_of(request)
    authorization = request.headers.get("authorization", "")
    if authorization:
        actor = console.sessions.bearer(authorization)
    else:
        cookie = request.cookies.get(SESSION_COOKIE, "")
        if request.method not in _SAFE_METHODS:
            check_origin(request)
            console.sessions.check_csrf(cookie, request.headers.get("x-csrf-token", ""))
        async with console.database.reading() as session:
            actor = await console.sessions.actor(session, cookie)
    request.state.actor = actor
    return actor


def check_origin(request: Request) -> None:
    """Refuse a write that a page of another origin sent; programs that name no origin pass (they have no cookie)."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise HubError(ErrorKind.FORBIDDEN, "patrol_console.origin")
    origin = request.headers.get("origin")
    if origin is None:
        return
    public = console_of(request).settings.console.public_url
    if origin == (public or "").rstrip("/"):
        return
    if origin.partition("://")[2].casefold() != request.headers.get("host", "").casefold():
        raise HubError(ErrorKind.FORBIDDEN, "patrol_console.origin")


class Declaration:
    """The mark of a route that said who may use it; `action` is None for signed-in people, `public` for anybody."""

    def __init__(self, action: Action | None = None, *, public: bool = False) -> None:
        self.action = action
        self.public = public

    async def __call__(self, request: Request) -> Actor | None:
        """The actor, refused where no role of theirs allows the action anywhere."""
        if self.public:
            return None
        actor = await identify(request)
        if self.action is not None and not may(actor, self.action):
            raise HubError(ErrorKind.FORBIDDEN, "patrol_console.not_allowed")
        return actor


Declaration.__call__.__annotations__["request"] = Request  # FastAPI reads it; a callable object has no globals


def language(request: Request) -> str:
    """zh or en: as the request asks (the page and the command say what they are in), else the person's, the hub's."""
    for wish in request.headers.get("accept-language", "").split(","):
        tag = wish.partition(";")[0].strip().casefold()[:2]
        if tag in ("zh", "en"):
            return tag
    actor: Actor | None = getattr(request.state, "actor", None)
    return console_of(request).settings.language if actor is None else actor.language


async def _reading(request: Request) -> AsyncIterator[AsyncSession]:
    async with console_of(request).database.reading() as session:
        yield session


async def _writing(request: Request) -> AsyncIterator[AsyncSession]:
    console = console_of(request)
    async with console.database.writing() as session:
        yield session
    console.outbox.wake()  # after the commit: what leaves this process leaves now


# "function": the transaction is committed before the answer is sent, so that an answer is never a promise.
Reading = Annotated[AsyncSession, Depends(_reading, scope="function")]
Writing = Annotated[AsyncSession, Depends(_writing, scope="function")]

Public = Annotated[None, Depends(Declaration(public=True))]
SignedIn = Annotated[Actor, Depends(Declaration())]
FollowsEvents = Annotated[Actor, Depends(Declaration(Action.EVENT_FOLLOW))]
SeesAreas = Annotated[Actor, Depends(Declaration(Action.AREA_SEE))]
ConfiguresAreas = Annotated[Actor, Depends(Declaration(Action.AREA_CONFIGURE))]
SeesCameras = Annotated[Actor, Depends(Declaration(Action.CAMERA_SEE))]
OpensLive = Annotated[Actor, Depends(Declaration(Action.CAMERA_LIVE))]
TakesSnapshots = Annotated[Actor, Depends(Declaration(Action.CAMERA_SNAPSHOT))]
ConfiguresCameras = Annotated[Actor, Depends(Declaration(Action.CAMERA_CONFIGURE))]
TurnsCameras = Annotated[Actor, Depends(Declaration(Action.CAMERA_PTZ))]
TestsCameras = Annotated[Actor, Depends(Declaration(Action.CAMERA_TEST))]
OrdersSweeps = Annotated[Actor, Depends(Declaration(Action.SWEEP_ORDER))]
SeesRegister = Annotated[Actor, Depends(Declaration(Action.REGISTER_SEE))]
SeesAlerts = Annotated[Actor, Depends(Declaration(Action.ALERT_SEE))]
AcknowledgesAlerts = Annotated[Actor, Depends(Declaration(Action.ALERT_ACKNOWLEDGE))]
DismissesAlerts = Annotated[Actor, Depends(Declaration(Action.ALERT_DISMISS))]
ConfiguresUsers = Annotated[Actor, Depends(Declaration(Action.USER_CONFIGURE))]
SeesMachine = Annotated[Actor, Depends(Declaration(Action.MACHINE_SEE))]
