"""One clock for all sessions of a clip: a turn lasts one picture, cut into slots so that cameras do not send at once.

Runs on the fleet's event loop with one timer, not a task a camera. A loop that was busy catches up picture by picture;
after half a second of lateness time slips instead.
"""

from __future__ import annotations

import asyncio
from typing import Final, Protocol

SLOTS: Final = 20
_LATEST_S: Final = 0.5


class Sender(Protocol):
    """Who is called once a turn."""

    def send_next(self) -> None:
        """Send the next picture; must be quick and must not raise."""
        ...


class Wheel:
    """Calls each sender `fps` times a second. `paused` holds all of them."""

    def __init__(self, loop: asyncio.AbstractEventLoop, fps: float) -> None:
        self._loop = loop
        self._tick_s = 1.0 / fps / SLOTS
        self._born = loop.time()
        self._fps = fps
        self._slots: list[tuple[Sender, ...]] = [()] * SLOTS
        self._epoch = loop.time()
        self._next = 0
        self._timer: asyncio.TimerHandle | None = None
        self._paused = False

    @property
    def turn(self) -> int:
        """Pictures that a camera has shown since the wheel was made."""
        return int((self._loop.time() - self._born) * self._fps)

    def add(self, sender: Sender) -> None:
        """Begin to call `sender`, in the emptiest slot."""
        slot = min(range(SLOTS), key=lambda s: (len(self._slots[s]), (s - self._next) % SLOTS))
        self._slots[slot] += (sender,)
        self._wind()

    def remove(self, sender: Sender) -> None:
        """Call it no more; one that is not there is no error."""
        for slot, senders in enumerate(self._slots):
            if sender in senders:
                self._slots[slot] = tuple(s for s in senders if s is not sender)
                return

    def pause(self) -> None:
        """Nothing is sent until `resume`."""
        self._paused = True
        self.stop()

    def resume(self) -> None:
        """Go on where it was."""
        self._paused = False
        self._wind()

    def stop(self) -> None:
        """Let the timer go."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wind(self) -> None:
        if self._timer is None and not self._paused and any(self._slots):
            self._epoch = self._loop.time() - self._next * self._tick_s
            self._set()

    def _set(self) -> None:
        for _ in range(SLOTS):
            if self._slots[self._next % SLOTS]:
                self._timer = self._loop.call_at(self._epoch + self._next * self._tick_s, self._turn)
                return
            self._next += 1
        self._timer = None

    def _turn(self) -> None:
        now = self._loop.time()
        if now - (self._epoch + self._next * self._tick_s) > _LATEST_S:
            self._epoch = now - self._next * self._tick_s
        while self._epoch + self._next * self._tick_s <= now:
            for sender in self._slots[self._next % SLOTS]:
                sender.send_next()
            self._next += 1
        self._set()
