"""rtsps: a camera with a certificate of its own making, and one that must prove itself."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest

from camera_gateway.doctor.checks import Check
from camera_gateway.doctor.stream import look
from camera_gateway.sources.base import cause_of
from camera_gateway.sources.rtsp import tls
from camera_gateway.sources.rtsp.client import RtspSource
from camera_gateway.sources.rtsp.connection import Timeouts
from hub.addresses import AddressPolicy
from hub.clock import SystemClock
from hub.contracts.camera import Cause
from hub.contracts.verdict import VerdictStatus
from hub.errors import HubError
from tests.support.rtsp_server import SDP, Asked, RtspServer, pictures, reply
from tests.support.sink import KeepingSink
from tests.support.sound import HearingSink, noise, with_sound
from tests.support.tls import camera_certificate

QUICK = Timeouts(connect_s=2.0, answer_s=0.5, media_s=1.0, keyframe_s=1.5, goodbye_s=0.5, keep_alive_s=0.2)
Certificate = tuple[ssl.SSLContext, Path]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return camera_certificate(tmp_path_factory.mktemp("tls"))


async def source_of(url: str, security: ssl.SSLContext | None = None) -> RtspSource:
    async def here(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    address = await AddressPolicy(allow=["127.0.0.0/8"], resolver=here).resolve(url)
    return RtspSource(address, "admin", "secret-word", SystemClock(), QUICK, security=security)


async def failure(url: str, security: ssl.SSLContext | None = None) -> HubError:
    with pytest.raises(HubError) as caught:
        async with asyncio.timeout(10):
            await (await source_of(url, security)).run(KeepingSink())
    assert "{" not in caught.value.text("zh") + caught.value.text("en")
    return caught.value


async def plays(url: str, security: ssl.SSLContext | None = None, sink: KeepingSink | None = None) -> RtspSource:
    sink = sink or KeepingSink()
    source = await source_of(url, security)
    task = asyncio.ensure_future(source.run(sink))
    await sink.has(10)
    while not source.handshake.kept_alive:  # noqa: ASYNC110 - a count, not an event
        await asyncio.sleep(0.02)
    task.cancel()
    await asyncio.wait({task}, timeout=2)
    return source


async def test_a_camera_that_signed_its_own_certificate_plays_over_tls(own: Certificate) -> None:
    def described(asked: Asked) -> bytes:
        return reply(asked, f"Content-Base: {asked.uri}/", body=with_sound("m=audio 0 RTP/AVP 8\r\na=control:t2\r\n"))

    async with RtspServer({"DESCRIBE": described}, media=pictures(10) + noise(3), tls=own[0]) as server:
        assert server.url.startswith("rtsps://")
        sink = HearingSink()
        source = await plays(server.url, sink=sink)
        assert source.handshake.parted
        assert len(sink.sounds) == 3
        assert all(asked.uri.startswith(f"rtsps://127.0.0.1:{server.port}/") for asked in server.asked)


async def test_a_camera_of_an_authority_that_we_know_passes_the_proof(own: Certificate) -> None:
    security = tls.context(verify=True)
    security.load_verify_locations(own[1])
    async with RtspServer(media=pictures(10), tls=own[0]) as server:
        await plays(server.url.replace("127.0.0.1", "ipcamera"), security)
        error = await failure(server.url, security)  # the certificate is for another name
        assert error.code == "camera_gateway.certificate_refused"


async def test_where_a_proof_is_demanded_an_own_certificate_is_refused_before_anything_is_said(
    own: Certificate,
) -> None:
    async with RtspServer(media=pictures(10), tls=own[0]) as server:
        error = await failure(server.url, tls.context(verify=True))
        assert error.code == "camera_gateway.certificate_refused"
        assert cause_of(error) is Cause.PROTOCOL
        assert not server.asked


async def test_a_port_without_tls_is_told_apart_from_one_that_is_closed() -> None:
    async with RtspServer() as server:
        url = server.url.replace("rtsp://", "rtsps://")
        error = await failure(url)
    assert error.code in {"camera_gateway.tls_failed", "camera_gateway.connect_timeout"}
    assert (await failure(url)).code == "camera_gateway.unreachable"


async def test_tls_on_a_port_asked_without_it_is_no_rtsp(own: Certificate) -> None:
    async with RtspServer(tls=own[0]) as server:
        error = await failure(server.url.replace("rtsps://", "rtsp://"))
    assert error.code in {"camera_gateway.not_rtsp", "camera_gateway.closed_early"}


async def test_the_verdict_takes_rtsps(own: Certificate) -> None:
    async with RtspServer({"DESCRIBE": lambda asked: reply(asked, body=SDP)}, media=pictures(30), tls=own[0]) as server:
        seen = await look(server.url, policy=AddressPolicy(), clock=SystemClock(), watch_s=0.01, timeouts=QUICK)
    assert {one.check: one.status for one in seen.verdicts()}[Check.CODEC] is VerdictStatus.OK
