"""Puts what the durable Redis wrote on the disk once a second, from outside it (docs/decisions/0008).

The server writes in every turn of its loop and never waits for the disk, so its death costs nothing; this is what
keeps the loss at a power cut to a second or two. One daemon thread, `redis-disk`; touches nothing but the server's
append-only files, and those only to ask the kernel to write them down.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from hub import log
from hub.clock import Clock
from hub.log import RepeatedErrors

EVERY_S = 1.0


class RedisDisk:
    """For the server in `folder`; `start` and `stop` may be called again and again, from one thread."""

    def __init__(
        self, folder: Path, clock: Clock, *, every_s: float = EVERY_S, sync: Callable[[int], object] | None = None
    ) -> None:
        self._folder = folder
        self._every_s = every_s
        self._sync: Callable[[int], object] = sync or (os.fsync if sys.platform == "darwin" else os.fdatasync)
        self._errors = RepeatedErrors(log.get("hub.redis_disk"), clock, every_s=60.0)
        self._done: dict[tuple[int, int], int] = {}  # (device, inode): the size that is on the disk
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, where it has not begun."""
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._run, name="redis-disk", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End; a disk that hangs is not waited for."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(2.0)
            self._thread = None

    def once(self) -> int:
        """Put down what grew since the last time; how many files that were."""
        here: dict[tuple[int, int], int] = {}
        synced = 0
        for path in self._files():
            with contextlib.suppress(FileNotFoundError):  # a rewrite took it away
                file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
                try:
                    found = os.fstat(file)
                    key = (found.st_dev, found.st_ino)
                    if self._done.get(key) != found.st_size:
                        self._sync(file)
                        synced += 1
                    here[key] = found.st_size
                finally:
                    os.close(file)
        self._done = here
        return synced

    def _files(self) -> list[Path]:
        """What the server appends to: Redis 7 keeps a folder of parts, Redis 6 one file."""
        return [*self._folder.glob("appendonlydir/*.incr.aof"), *self._folder.glob("appendonly.aof")]

    def _run(self) -> None:
        while not self._stop.wait(self._every_s):
            try:
                self.once()
            except OSError as error:
                self._errors.error("redis.disk_failed", key=str(error.errno), reason=error.strerror)
