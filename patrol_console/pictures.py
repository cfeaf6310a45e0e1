"""The picture store: JPEGs under `data_dir/pictures`, 0600, written whole or not at all, checked when read.

The work is done in threads of the default executor. A picture's path follows from its id, which follows from its
bytes: no name from outside ever becomes a path.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import tempfile
from pathlib import Path

from hub.errors import ErrorKind, HubError

_ID = re.compile(r"pic_[0-9a-f]{40}")


class Pictures:
    """Keeps and finds pictures; the database knows which there are."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @staticmethod
    def id_of(jpeg: bytes) -> str:
        """The id of these bytes: the same bytes have the same id, so that a second delivery stores nothing twice."""
        return f"pic_{hashlib.sha256(jpeg).hexdigest()[:40]}"

    async def keep(self, jpeg: bytes) -> str:
        """Store and return the id. Raises HubError UNAVAILABLE `patrol_console.picture_store` (disk full, no right)."""
        picture_id = self.id_of(jpeg)
        try:
            await asyncio.to_thread(self._write, self._path(picture_id), jpeg)
        except OSError as error:
            raise HubError(ErrorKind.UNAVAILABLE, "patrol_console.picture_store", why=error.strerror) from error
        return picture_id

    async def load(self, picture_id: str, sha256: str) -> bytes:
        """The bytes, if they are still those. Raises HubError NOT_FOUND `patrol_console.no_picture`."""
        try:
            jpeg = await asyncio.to_thread(self._path(picture_id).read_bytes)
        except OSError as error:
            raise HubError(ErrorKind.NOT_FOUND, "patrol_console.no_picture") from error
        if hashlib.sha256(jpeg).hexdigest() != sha256:
            raise HubError(ErrorKind.NOT_FOUND, "patrol_console.no_picture")
        return jpeg

    def _path(self, picture_id: str) -> Path:
        if not _ID.fullmatch(picture_id):
            raise HubError(ErrorKind.NOT_FOUND, "patrol_console.no_picture")
        return self._root / picture_id[4:6] / f"{picture_id}.jpg"

    def _write(self, path: Path, jpeg: bytes) -> None:
        if path.exists() and path.stat().st_size == len(jpeg):
            return
        for folder in (self._root, path.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")  # 0600 by itself
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(jpeg)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)  # gone already where it was moved into place
