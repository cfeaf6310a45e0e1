"""What stands before every route: security headers, a limit on what is sent, the host's name checked. Plain ASGI, so
that an endless stream passes through untouched.
"""

from __future__ import annotations

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.settings import Settings
from patrol_console.errors import problem

LARGEST_BODY_BYTES = 1_000_000  # a camera with 16 zones of 64 corners is 60 kB
_LARGER = {"/api/cameras/import": 8_100_000}  # camera_import.file.MOST_BYTES, and the form about it
_HOST = re.compile(r"[A-Za-z0-9.\-\[\]:]{1,260}")


class Guard:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is fit, with headers put on the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        policy = self._policy(headers.get("host", ""))
        most = _LARGER.get(scope["path"], LARGEST_BODY_BYTES)
        received = 0
        too_large = False

        async def counted() -> Message:
            nonlocal received, too_large
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                too_large = True
                return {"type": "http.disconnect"}
            return message

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                _dress(MutableHeaders(scope=message), policy, scope["path"])
            await send(message)

        lang = "en" if headers.get("accept-language", "").startswith("en") else self._settings.language
        if "\0" in scope["path"] or b"%00" in scope["query_string"]:  # PostgreSQL refuses it, and nothing has it
            await problem(404, "patrol_console.no_such_page", lang)(scope, receive, dressed)
            return
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or int(length[:20]) > most:
            await problem(413, "patrol_console.too_large", lang)(scope, receive, dressed)
            return
        await self._app(scope, counted, dressed)

    def _policy(self, host: str) -> str:
        gateway = self._settings.gateway
        if gateway.public_url:
            base = gateway.public_url.rstrip("/")
        else:
            name = host if _HOST.fullmatch(host) else "127.0.0.1"
            name = name.rpartition(":")[0] if re.search(r":\d+$", name) else name
            base = f"{'https' if self._settings.console.secure_cookie else 'http'}://{name}:{gateway.port}"
        bases = list(dict.fromkeys((base, *(url.rstrip("/") for url in gateway.takeover_urls))))
        streams = " ".join(bases + [one.replace("http", "ws", 1) for one in bases])
        return (
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
            f"img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self' {streams}; "
            "worker-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
        )


def _dress(headers: MutableHeaders, policy: str, path: str) -> None:
    headers["Content-Security-Policy"] = policy
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    if path.startswith("/api/"):
        headers.setdefault("Cache-Control", "no-store")
