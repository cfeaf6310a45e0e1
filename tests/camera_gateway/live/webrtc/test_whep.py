"""The whole way of WHEP: a ticket, an offer, real ICE checks and DTLS on loopback, packets, and each way to its end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import pairwise
from struct import unpack

import pytest

from camera_gateway.live.webrtc.peer import GONE_S
from camera_gateway.simulator.server import SimulatedCamera, SimulatedFleet
from hub.bus import Topic
from hub.clock import SystemClock
from hub.contracts.camera import CameraState
from hub.contracts.spec import Revoked
from hub.contracts.viewing import Viewing, ViewingMoment
from hub.settings import Settings
from probe.bench.whep_client import WhepClient
from tests.support.gateway import RunningGateway, running_gateway, spec_of, until
from tests.support.units import moving_bar
from tests.support.whep import browser, sequences, watching, webrtc_settings, whep_url


@pytest.fixture
async def running(redis_settings: Settings) -> AsyncIterator[RunningGateway]:
    clip = moving_bar(seconds=4, width_px=640, height_px=360)
    async with (
        SimulatedFleet([SimulatedCamera(clip=clip)]) as fleet,
        running_gateway(webrtc_settings(redis_settings)) as gateway,
    ):
        await gateway.bus.put_spec(spec_of("cam_1", fleet.url(0)))
        await until(lambda: state(gateway) is CameraState.ONLINE)
        await until(lambda: gateway.gateway.whep.endpoint is not None)
        yield gateway


def state(running: RunningGateway) -> CameraState | None:
    camera = running.gateway.manager.cameras.get("cam_1")
    return camera.condition.state if camera else None


def missed(client: WhepClient) -> list[int]:
    """Numbers that did not come though later ones did."""
    came = sequences(client)
    return sorted(set(range(min(came), max(came))) - set(came))


async def test_a_browser_gets_the_kept_gop_whole_and_then_the_live_edge(running: RunningGateway) -> None:
    camera = running.gateway.manager.cameras["cam_1"]
    await until(lambda: len(camera.stream.gop) > 5)
    kept = len(camera.stream.gop)
    async with watching(running) as (client, viewing):
        await until(lambda: viewing.viewer.frames_sent >= kept + 5)
        await until(lambda: client.got.rtp and len(sequences(client)) >= viewing.viewer.video.packets - 2)
        numbers = sequences(client)
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        first = client.got.rtp[0]
        assert first[12 + 8] & 31 == 24, "parameter sets first, behind the playout delay extension"
        assert all(len(packet) <= 12 + 8 + 1200 for packet in client.got.rtp)
        stamps = [int.from_bytes(packet[4:8], "big") for packet in client.got.rtp if packet[1] & 0x80]
        assert {later - earlier & 0xFFFFFFFF for earlier, later in pairwise(stamps)} == {9000}


async def test_the_viewing_is_in_the_register_and_a_delete_closes_it_at_once(running: RunningGateway) -> None:
    async with watching(running) as (client, viewing):
        (opened,) = await running.published(Topic.VIEWINGS, Viewing, 1)
        assert opened.moment is ViewingMoment.OPENED
        assert running.gateway.manager.viewers == 1
        assert await client.leave() == 200
        (closed,) = await running.published(Topic.VIEWINGS, Viewing, 1)
        assert (closed.moment, closed.closed_because) == (ViewingMoment.CLOSED, "viewer")
        assert closed.frames_sent == viewing.viewer.frames_sent > 0
        await until(lambda: client.closed)  # DTLS said goodbye
        assert any(packet[9] == 203 for packet in client.got.rtcp if len(packet) > 9), "BYE"
        assert running.gateway.manager.viewers == 0
        assert await client.leave() == 404


async def test_a_tab_that_says_nothing_is_gone_after_six_seconds(running: RunningGateway) -> None:
    async with watching(running) as (client, viewing):
        client.silent = True
        viewing.peer.heard_at -= GONE_S  # they pass
        await until(lambda: not running.gateway.whep.viewings)
        opened, closed = await running.published(Topic.VIEWINGS, Viewing, 2)
        assert (opened.moment, closed.moment, closed.closed_because) == ("opened", "closed", "viewer")


async def test_a_right_withdrawn_ends_the_media(running: RunningGateway) -> None:
    async with watching(running) as (client, viewing):
        await running.bus.revoke(Revoked(user_id="usr_1", at=SystemClock().now()))
        await until(lambda: client.closed, within_s=2)
        sent = viewing.viewer.frames_sent
        units = running.gateway.manager.cameras["cam_1"].stream.units
        await until(lambda: running.gateway.manager.cameras["cam_1"].stream.units > units + 2)
        assert viewing.viewer.frames_sent == sent
        _, closed = await running.published(Topic.VIEWINGS, Viewing, 2)
        assert closed.closed_because == "revoked"


async def test_the_first_mask_ends_the_media_and_the_next_ticket_opens_a_picture_that_has_it(
    running: RunningGateway,
) -> None:
    async with watching(running) as (client, _), browser(running) as again:
        spec = running.gateway.manager.cameras["cam_1"].spec
        corner = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5))
        await running.bus.put_spec(spec.model_copy(update={"revision": 2, "masks": (corner,)}))
        await until(lambda: client.closed)
        assert await again.ask(whep_url(running)) == 201
        (viewing,) = running.gateway.whep.viewings
        assert viewing.shown in running.gateway.manager.cameras["cam_1"].broadcast.drawn


async def test_a_picture_that_carries_a_watermark_is_drawn_anew_and_comes_all_the_same(running: RunningGateway) -> None:
    camera = running.gateway.manager.cameras["cam_1"]
    async with watching(running, watermark="somebody") as (client, viewing):
        assert viewing.shown is not camera.broadcast
        await until(lambda: viewing.viewer.frames_sent > 5 and len(client.got.rtp) > 5, within_s=15)
        assert running.gateway.transcodings.running == 1
        assert running.gateway.manager.viewers == 1
        assert await client.leave() == 200
    await until(lambda: running.gateway.manager.viewers == 0)


async def test_above_the_transcoding_budget_a_marked_picture_is_refused_by_name(running: RunningGateway) -> None:
    budget = running.gateway.transcodings.budget
    budget.used_pixels_s = budget.pixels_s
    async with browser(running) as client:
        status = await client.ask(whep_url(running, watermark="somebody"))
        assert (status, "transcode_limit" in client.answer) == (429, True)
    assert running.gateway.manager.viewers == 0


async def test_a_report_once_a_second_puts_the_picture_on_the_hubs_clock(running: RunningGateway) -> None:
    async with watching(running) as (client, viewing):
        await until(lambda: any(packet[1] == 200 for packet in client.got.rtcp))
        report = next(packet for packet in client.got.rtcp if packet[1] == 200)
        _, _, _, ssrc, seconds, fraction, stamp = unpack(">BBHIIII", report[:20])
        assert ssrc == viewing.viewer.video.ssrc
        last = viewing.viewer.video.last
        assert last is not None
        told_us = (seconds - 2_208_988_800) * 1_000_000 + (fraction * 1_000_000 >> 32)
        # Picture time at that moment, against where the camera's time line puts a picture of then.
        due = last.timestamp + viewing.viewer.video.offset + (told_us - last.captured_at_us) * 9 // 100
        assert (stamp - due + 9_000 & 0xFFFFFFFF) < 18_000  # within a tenth of a second: arrival wavers


async def test_figures_tell_how_it_goes(running: RunningGateway) -> None:
    async with watching(running) as (client, viewing):
        ssrc = viewing.viewer.video.ssrc.to_bytes(4, "big")
        client.send_rtcp(b"\x81\xc9\x00\x07" + bytes(4) + ssrc + b"\x40" + bytes(19))  # a quarter is lost
        client.send_rtcp(b"\x81\xce\x00\x02" + bytes(4) + ssrc)  # PLI
        await until(lambda: running.gateway.whep.keyframes_wanted == 1)
        async with running.http.get(running.url("/metrics")) as response:
            text = await response.text()
    figures = dict(line.rsplit(" ", 1) for line in text.splitlines() if line.startswith("probe_gateway_webrtc_"))
    assert float(figures["probe_gateway_webrtc_viewers"]) == 1
    assert float(figures["probe_gateway_webrtc_worst_loss"]) == 0.25
    assert float(figures["probe_gateway_webrtc_packets_total"]) > 0
    assert float(figures["probe_gateway_webrtc_keyframes_wanted_total"]) == 1
    assert float(figures["probe_gateway_webrtc_first_picture_p95_seconds"]) > 0


async def test_what_a_browser_missed_is_sent_again_under_the_same_number(running: RunningGateway) -> None:
    async with watching(running) as (client, viewing):
        client.loses = 3
        await until(lambda: len(missed(client)) == 3)  # later ones came meanwhile
        missing = missed(client)
        ssrc = viewing.viewer.video.ssrc.to_bytes(4, "big")
        mask = b"".join(number.to_bytes(2, "big") + bytes(2) for number in missing)
        client.send_rtcp(b"\x81\xcd\x00\x05" + bytes(4) + ssrc + mask)
        await until(lambda: not missed(client))
        assert viewing.viewer.packets_repeated == 3
        times = {int.from_bytes(one[2:4], "big"): one[4:8] for one in client.got.rtp}
        ordered = [int.from_bytes(times[number], "big") for number in sorted(times)]
        assert all((later - earlier & 0xFFFFFFFF) < 90_000 for earlier, later in pairwise(ordered))


async def test_a_ticket_opens_once_and_a_stranger_gets_no_state(running: RunningGateway) -> None:
    url = whep_url(running)
    async with browser(running) as first, browser(running) as second:
        assert await first.ask(url) == 201
        assert await second.ask(url) == 403
        assert await second.ask(running.url("/whep/cam_1?ticket=nonsense")) == 403
        assert await second.ask(whep_url(running, "cam_9")) == 404
        assert len(running.gateway.whep.viewings) == 1


async def test_refusals_are_problems_that_a_page_of_another_origin_can_read(running: RunningGateway) -> None:
    headers = {"Content-Type": "application/sdp", "Origin": "http://elsewhere:8600", "Accept-Language": "en"}
    async with running.http.post(whep_url(running), data="v=0\r\n", headers=headers) as response:
        assert response.status == 400
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert (await response.json())["code"] == "camera_gateway.whep_offer"
    async with running.http.options(whep_url(running)) as response:
        assert response.status == 204
        assert "POST" in response.headers["Access-Control-Allow-Methods"]
    async with running.http.patch(whep_url(running), data="") as response:
        assert response.status == 405
        assert response.headers["Access-Control-Allow-Origin"] == "*"
    async with running.http.post(whep_url(running), data="x" * 40_000, headers=headers) as response:
        assert response.status == 400
    async with running.http.post(whep_url(running), data="x", headers={"Content-Type": "text/plain"}) as response:
        assert response.status == 400
    assert running.gateway.whep.viewings == ()


async def test_a_check_with_a_wrong_password_or_user_is_not_answered(running: RunningGateway) -> None:
    endpoint = running.gateway.whep.endpoint
    assert endpoint is not None
    async with browser(running) as client:
        await client.ask(whep_url(running))
        client.check(password="a" * 32)
        client.send(b"\x00\x01")
        client.send(b"\x16" + bytes(30))  # DTLS from an address that never checked
        client.send(b"")
        ours, client.their_ufrag = client.their_ufrag, "somebody"
        client.check()
        await until(lambda: endpoint.strangers >= 4)
        assert not client._checked.is_set()
        client.their_ufrag = ours
        await client.connect()
        await until(lambda: client.got.first_picture_s is not None)


async def test_a_browser_that_roams_is_followed_and_a_recorded_check_leads_nobody_astray(
    running: RunningGateway,
) -> None:
    async with watching(running) as (client, viewing), browser(running) as thief:
        recorded = client.check()
        thief.target, thief.their_password = client.target, client.their_password
        thief.send(recorded)
        await until(thief._checked.is_set)  # ICE answers it; media does not follow
        home = viewing.peer.address
        client.send_rtcp(b"\x80\xc9\x00\x01" + bytes(4))
        came = client.got.datagrams
        await until(lambda: client.got.datagrams > came)
        assert viewing.peer.address == home
        assert thief.got.datagrams == 0
        client.roam()
        client.check()
        client.send_rtcp(b"\x80\xc9\x00\x01" + bytes(4))
        came = client.got.datagrams
        await until(lambda: client.got.datagrams > came + 3)
        assert viewing.peer.address != home


async def test_the_limit_of_a_person_counts_both_ways_of_watching(redis_settings: Settings) -> None:
    settings = webrtc_settings(redis_settings, viewers_per_user=2)
    async with SimulatedFleet([SimulatedCamera()]) as fleet, running_gateway(settings) as running:
        await running.bus.put_spec(spec_of("cam_1", fleet.url(0)))
        await until(lambda: state(running) is CameraState.ONLINE)
        await until(lambda: running.gateway.whep.endpoint is not None)
        by_socket = await running.watch("cam_1")
        await by_socket.until(lambda one: one.binaries)
        async with watching(running), browser(running) as third:
            assert await third.ask(whep_url(running)) == 429
            refused = await running.watch("cam_1")
            await refused.until(lambda one: one.end == "limit")


async def test_a_port_that_is_taken_leaves_the_gateway_without_webrtc(redis_settings: Settings) -> None:
    settings = webrtc_settings(redis_settings)
    async with running_gateway(settings) as first, running_gateway(settings) as second:
        await until(lambda: first.gateway.whep.opened and second.gateway.whep.opened)
        without = first if first.gateway.whep.endpoint is None else second
        async with browser(without) as client:
            assert await client.ask(whep_url(without)) == 503
            assert "webrtc_off" in client.answer
