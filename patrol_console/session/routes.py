"""/api/session: sign in, who am I, sign out, change my password."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response, status

from hub.peer import client_address
from patrol_console.edge import SESSION_COOKIE, Public, Reading, SignedIn, Writing, check_origin, console_of
from patrol_console.session.schemas import PasswordChange, Session, SignIn

router = APIRouter(prefix="/api/session", tags=["session"])


@router.post("")
async def sign_in(request: Request, response: Response, body: SignIn, _: Public, writing: Writing) -> Session:
    """Sign in; the answer sets the cookie and gives the token for writes."""
    check_origin(request)
    console = console_of(request)
    peer = client_address(
        request.client.host if request.client else "unknown",
        request.headers.get("x-forwarded-for", ""),
        console.settings.console.trusted_proxies,
    )
    opened = await console.sessions.open(writing, body.username, body.password.get_secret_value(), peer)
    response.set_cookie(
        SESSION_COOKIE,
        opened.cookie,
        max_age=round(console.settings.console.session_hours * 3600),
        httponly=True,
        samesite="lax",
        secure=console.settings.console.secure_cookie,
    )
    return opened.view


@router.get("")
async def who_am_i(request: Request, actor: SignedIn, reading: Reading) -> Session:
    """Who is signed in; 401 where nobody is."""
    return await console_of(request).sessions.view(reading, actor, request.cookies.get(SESSION_COOKIE, ""))


@router.delete("", status_code=status.HTTP_204_NO_CONTENT)
async def sign_out(request: Request, response: Response, actor: SignedIn, writing: Writing) -> None:
    """End this session; its streams end too."""
    await console_of(request).sessions.close(writing, actor)
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax")


@router.put("/password", status_code=status.HTTP_204_NO_CONTENT)
async def change_password(request: Request, actor: SignedIn, body: PasswordChange, writing: Writing) -> None:
    """Change my own password; my other sessions end."""
    await console_of(request).sessions.change_password(
        writing, actor, body.current.get_secret_value(), body.new.get_secret_value()
    )
