"""A try that is over lets go of all that it held, at once: hundreds fail each minute of a bad night."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

from camera_gateway.puller import _without_traces
from camera_gateway.sources.rtsp import client
from camera_gateway.sources.rtsp.client import RtspSource
from camera_gateway.sources.rtsp.connection import RtspConnection, Timeouts
from camera_gateway.sources.rtsp.depacketiser import Track
from camera_gateway.sources.rtsp.tracks import Tracks
from hub.addresses import AddressPolicy
from hub.clock import SystemClock
from hub.errors import HubError
from tests.support.rtsp_server import RtspServer, pictures
from tests.support.sink import KeepingSink

QUICK = Timeouts(connect_s=1.0, answer_s=0.3, media_s=0.5, keyframe_s=0.8, goodbye_s=0.3)


async def test_a_session_that_failed_is_held_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[weakref.ref[Any]] = []
    for name, kind in (("RtspConnection", RtspConnection), ("Track", Track), ("Tracks", Tracks)):

        def make(*given: Any, _kind: Any = kind, **named: Any) -> Any:
            one = _kind(*given, **named)
            made.append(weakref.ref(one))
            return one

        monkeypatch.setattr(client, name, make)
    gc.collect()
    gc.disable()
    try:
        async with RtspServer(media=pictures(3)) as server:
            address = await AddressPolicy(allow=("127.0.0.1",)).resolve(server.url)
            source: RtspSource | None = RtspSource(address, None, None, SystemClock(), QUICK)
            assert source is not None
            failed: HubError | None = None
            try:
                await source.run(KeepingSink())
            except HubError as error:
                failed = _without_traces(error)
            assert failed is not None
            assert source.clock_facts.steps == 0
            source = None
        assert len(made) == 3
        assert [one() for one in made] == [None, None, None]
    finally:
        gc.enable()
