"""Keyframes into masked pictures, several at once, off the event loop.

Owns a few named threads (none where one is enough: then the caller's). A mask is on the picture before anybody gets it:
no unmasked picture leaves this file. Never keeps one.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from hub.contracts.base import Polygon
from hub.errors import HubError
from hub.picture import Picture, blacken, decode_keyframe


@dataclass(frozen=True, slots=True)
class Encoded:
    """A keyframe, Annex B with its parameter sets, and the masks that lie on its camera now."""

    data: bytes
    codec: str
    masks: tuple[Polygon, ...]


class Decoder:
    """`threads` pictures at a time. Called from one thread; `close` joins the others."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="analytics-decode") if threads > 1 else None

    def decode(self, frames: Sequence[Encoded]) -> list[Picture | HubError]:
        """Pictures in order, masks black; in place of one that could not be decoded, why."""
        if self._pool is None:
            return [_masked(frame) for frame in frames]
        return list(self._pool.map(_masked, frames))

    def close(self) -> None:
        """Finish what was begun and end the threads."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)


def _masked(frame: Encoded) -> Picture | HubError:
    try:
        picture = decode_keyframe(frame.data, frame.codec)
    except HubError as error:
        return error
    blacken(picture, frame.masks)
    return picture
