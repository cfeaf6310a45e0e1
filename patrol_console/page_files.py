"""The page's built files. What may be served is listed once, at the start: no path from outside is ever opened."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from starlette.responses import FileResponse, PlainTextResponse, Response

from hub import i18n

_DIST = Path(__file__).parent / "web" / "dist"
_HASHED = "assets/"  # Vite puts a hash of the content into these names
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


class PageFiles:
    """Serves `web/dist`; a deep link gets index.html."""

    def __init__(self, dist: Path = _DIST) -> None:
        self._dist = dist
        files = (path for path in dist.rglob("*") if path.is_file() and not path.is_symlink()) if dist.is_dir() else ()
        self._files = {path.relative_to(dist).as_posix(): path for path in files}

    def answer(self, path: str, lang: str) -> Response | None:
        """The file of that path, or the page itself; None where only a file could be meant and there is none."""
        name = path.lstrip("/") or "index.html"
        file = self._files.get(name)
        if file is None:
            if name != "index.html" and "." in name.rpartition("/")[2]:
                return None
            file = self._files.get("index.html")
        if file is None:
            return PlainTextResponse(i18n.text("patrol_console.no_page", lang), 503)
        hashed = name.startswith(_HASHED)
        kind = _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        caching = "public, max-age=31536000, immutable" if hashed else "no-cache"
        return FileResponse(file, media_type=kind, headers={"Cache-Control": caching})
