"""RTSP paths by maker, tried one after the other where ONVIF is off: until one gives a picture, or a login is refused.

On its caller's loop, by the RTSP client, one connection at a time. Ends at the first refused login: the next path would
be the next wrong password.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

import yaml
from pydantic import BaseModel, ConfigDict

from camera_gateway.sources.base import AccessUnit, VideoFormat
from camera_gateway.sources.enough import run_until
from camera_gateway.sources.rtsp.client import RtspSource
from camera_gateway.sources.rtsp.connection import Timeouts
from hub.addresses import PinnedAddress
from hub.clock import Clock
from hub.errors import ErrorKind, HubError

MOST_TRIED: Final = 24
QUICK: Final = Timeouts(connect_s=3.0, answer_s=3.0, media_s=5.0, keyframe_s=8.0)
# What another path may mend; everything else would be the same at the next one.
_NEXT: Final = frozenset({"path_not_found", "no_video", "camera_refused", "no_media", "closed_early", "no_answer"})


class Maker(BaseModel):
    """One entry of `known_paths.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    maker: str
    server: str = ""
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KnownPath:
    """A path that gave a picture."""

    address: PinnedAddress
    maker: str
    tried: int


def paths(server: str = "", channel: int = 1) -> list[tuple[str, str]]:
    """Maker and path, those of the maker that `server` looks like first."""
    makers = sorted(_makers(), key=lambda one: not (one.server and re.search(one.server, server, re.I)))
    made = [(one.maker, path.format(channel=channel)) for one in makers for path in one.paths]
    return list({path: (maker, path) for maker, path in made}.values())[:MOST_TRIED]


async def find_path(
    host: PinnedAddress, username: str | None, password: str | None, clock: Clock, timeouts: Timeouts = QUICK
) -> KnownPath:
    """The first known path of the camera at `host` that gives a picture.

    Raises the HubError that ends the search: a refused login, a camera that is away; NOT_FOUND
    `camera_gateway.no_known_path` when all were tried.
    """
    waiting: Sequence[tuple[str, str]] = paths()
    asked: set[str] = set()
    while todo := [one for one in waiting if one[1] not in asked][:1]:
        maker, path = todo[0]
        asked.add(path)
        source = RtspSource(replace(host, path=path), username, password, clock, timeouts)
        first = _First()
        try:
            await run_until(source, first, first.came)
            return KnownPath(replace(host, path=path), maker, len(asked))
        except HubError as error:
            if error.code.rpartition(".")[2] not in _NEXT:
                raise
        if len(asked) == 1:
            waiting = paths(f"{source.handshake.server or ''} {source.handshake.realm or ''}")
    raise HubError(ErrorKind.NOT_FOUND, "camera_gateway.no_known_path", tried=len(asked))


class _First:
    """A Sink that waits for the first picture."""

    def __init__(self) -> None:
        self.came = asyncio.Event()

    def on_format(self, fmt: VideoFormat) -> None:
        """The picture follows."""

    def on_unit(self, unit: AccessUnit) -> None:
        self.came.set()


@cache
def _makers() -> tuple[Maker, ...]:
    text = Path(__file__).with_name("known_paths.yaml").read_text("utf-8")
    return tuple(Maker.model_validate(one) for one in yaml.safe_load(text)["makers"])
