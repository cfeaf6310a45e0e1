"""Partner units pull a named subset of cameras by RTSP, by their own login, and no longer than they may."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from camera_gateway.republish import connection, login
from camera_gateway.republish.guesses import TRIES
from hub.bus import Topic
from hub.contracts.camera import CameraKind
from hub.contracts.viewing import Viewing, ViewingMoment
from hub.contracts.watch import Watch, WatchMode
from tests.camera_gateway.republish.conftest import Shared
from tests.support.gateway import until
from tests.support.partner import Partner, share_of
from tests.support.rtsp_talk import digest

MASK = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5))


async def ended(player: Partner) -> None:
    """Wait until the gateway closed the connection, within the 2 s that a withdrawal may take."""
    with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
        async with asyncio.timeout(2):
            await player.packets_until_they_end()


@pytest.mark.parametrize("challenge", [0, 1], ids=["SHA-256", "MD5"])
async def test_a_unit_plays_its_camera_from_a_keyframe_on(shared: Shared, challenge: int) -> None:
    async with Partner(shared.url(), challenge=challenge) as player:
        answer = await player.play()
        assert answer.status == 200, answer
        first = await player.packet()
        assert first.payload[0] & 31 == 24, "the parameter sets, aggregated"
        assert f"url={shared.url()}/trackID=0;seq={first.sequence};rtptime={first.timestamp}" == answer.one("RTP-Info")
        packets = await player.packets(60)
        assert [one.sequence for one in packets] == [(first.sequence + 1 + n) % 65536 for n in range(60)]
        assert len({one.timestamp for one in packets}) > 5


async def test_who_pulled_what_when_and_how_long_is_in_the_register(shared: Shared) -> None:
    async with Partner(shared.url()) as player:
        await player.play()
        (opened,) = await shared.running.published(Topic.VIEWINGS, Viewing, 1)
        assert (opened.user_id, opened.unit_id, opened.purpose) == ("unit:unit_police", "unit_police", "partner")
        assert (opened.camera_id, opened.reference) == ("cam_1", "127.0.0.1")
        assert opened.moment is ViewingMoment.OPENED
        assert shared.running.gateway.manager.viewers == 1
        await player.packets(40)
        assert (await player.ask("TEARDOWN")).status == 200
    (closed,) = await shared.running.published(Topic.VIEWINGS, Viewing, 1)
    assert closed.ticket_id == opened.ticket_id
    assert (closed.moment, closed.closed_because) == (ViewingMoment.CLOSED, "viewer")
    assert closed.frames_sent > 3
    assert shared.running.gateway.manager.viewers == 0


async def test_a_wrong_password_opens_nothing(shared: Shared) -> None:
    async with Partner(shared.url(), password="wrong") as player:
        assert (await player.play()).status == 401
        assert (await player.ask("SETUP", "Transport: RTP/AVP/TCP;interleaved=0-1")).status == 401
        assert (await player.ask("PLAY")).status == 401
    async with Partner(shared.url(), username="nobody") as player:
        assert (await player.play()).status == 401


async def test_another_units_camera_answers_exactly_as_one_that_does_not_exist(shared: Shared) -> None:
    answers = []
    for camera_id in ("cam_2", "cam_9", "..%2f"):
        async with Partner(shared.url(camera_id)) as player:
            answers.append(await player.login("DESCRIBE"))
    assert [one.status for one in answers] == [404, 404, 404]
    assert answers[0] == answers[1] == answers[2]
    async with Partner(shared.url("cam_2"), username="school") as player:
        assert (await player.play()).status == 200


async def test_a_login_for_one_camera_is_none_for_another(shared: Shared) -> None:
    async with Partner(shared.url("cam_1"), username="school") as player:
        first = await player.ask("DESCRIBE")
        given = login_for(player, first.all("WWW-Authenticate")[0], "DESCRIBE", shared.url("cam_1"))
        assert (await player.ask("DESCRIBE", given, url=shared.url("cam_2"))).status == 401


def login_for(player: Partner, challenge: str, method: str, url: str) -> str:
    """The header that answers `challenge`."""
    return digest(challenge, method, url, player.username, player.password)


async def test_a_households_camera_is_never_handed_on_whatever_the_spec_says(shared: Shared) -> None:
    consent: dict[str, Any] = {"consent_from": "2020-01-01T00:00:00Z"}
    await shared.put("cam_2", 2, shares=(shared.police,), kind=CameraKind.HOUSEHOLD, **consent)
    async with Partner(shared.url("cam_2")) as player:
        assert (await player.play()).status == 404
    await shared.put("cam_1", 2)
    async with Partner(shared.url("cam_2")) as player:
        assert (await player.play()).status == 401, "a household's camera makes no unit known either"


async def test_what_is_withdrawn_ends_within_two_seconds_and_is_written_down(shared: Shared) -> None:
    async with Partner(shared.url()) as police, Partner(shared.url(), username="school") as school:
        await police.play()
        await school.play()
        await shared.running.published(Topic.VIEWINGS, Viewing, 2)
        await shared.put("cam_1", 2, shares=(shared.school,))
        await ended(police)
        (closed,) = await shared.running.published(Topic.VIEWINGS, Viewing, 1)
        assert (closed.unit_id, closed.closed_because) == ("unit_police", "revoked")
        await school.packets(50)
    async with Partner(shared.url()) as again:
        assert (await again.play()).status == 401


async def test_a_new_password_ends_what_the_old_one_opened_and_another_change_does_not(shared: Shared) -> None:
    async with Partner(shared.url()) as player:
        await player.play()
        await shared.put("cam_1", 2, name="renamed", shares=(shared.police,))
        await player.packets(60)
        await shared.put("cam_1", 3, shares=(share_of(shared.key),))
        await ended(player)


async def test_a_camera_that_is_removed_or_becomes_a_households_ends(shared: Shared) -> None:
    for revision, change in ((2, {"kind": CameraKind.HOUSEHOLD, "consent_from": "2020-01-01T00:00:00Z"}), (4, {})):
        async with Partner(shared.url()) as player:
            assert (await player.play()).status == 200
            if change:
                await shared.put("cam_1", revision, shares=(shared.police,), online=False, **change)
            else:
                await shared.running.bus.remove_spec("cam_1")
            await ended(player)
        if change:
            await shared.put("cam_1", revision + 1, shares=(shared.police,))


async def test_an_old_nonce_is_told_to_be_stale_and_a_repeated_answer_too(
    shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Partner(shared.url()) as player:
        first = await player.ask("DESCRIBE")
        given = login_for(player, first.all("WWW-Authenticate")[0], "DESCRIBE", player.url)
        assert (await player.ask("DESCRIBE", given)).status == 200
        again = await player.ask("DESCRIBE", given)
        assert again.status == 401
        assert "stale=true" in again.one("WWW-Authenticate")
        monkeypatch.setattr(login, "NONCE_S", -1.0)
        late = await player.ask("DESCRIBE", login_for(player, again.one("WWW-Authenticate"), "DESCRIBE", player.url))
        assert late.status == 401
        assert "stale=true" in late.one("WWW-Authenticate")


async def test_who_guesses_must_wait_and_others_behind_the_same_address_need_not(shared: Shared) -> None:
    statuses = []
    for _ in range(TRIES + 1):
        async with Partner(shared.url(), password="wrong") as player:
            statuses.append((await player.login("DESCRIBE")).status)
    assert statuses == [401] * TRIES + [503]
    async with Partner(shared.url()) as player:
        assert (await player.login("DESCRIBE")).status == 503, "also with the right one now"
    async with Partner(shared.url(), username="school") as player:
        assert (await player.play()).status == 200


async def test_udp_is_refused_and_tcp_is_given(shared: Shared) -> None:
    async with Partner(shared.url()) as player:
        await player.login("DESCRIBE")
        assert (await player.set_up("RTP/AVP;unicast;client_port=5000-5001")).status == 461
        assert (await player.set_up("RTP/AVP;unicast;client_port=5000-5001,RTP/AVP/TCP;interleaved=4-5")).status == 200
        assert (await player.login("PLAY")).status == 200
        assert (await player.packet()).channel == 4


async def test_sound_is_never_handed_on(shared: Shared) -> None:
    async with Partner(shared.url("cam_2"), username="school") as player:
        described = (await player.login("DESCRIBE")).body.decode()
        assert described.count("m=") == 1
        assert "m=video" in described
        assert "cam_2" not in described
        await player.play()
        assert {one.channel for one in await player.packets(60)} == {0}


async def test_a_camera_at_rest_is_opened_for_the_partner_and_rests_again(shared: Shared) -> None:
    await shared.put("cam_1", 2, shares=(shared.police,), watch=Watch(mode=WatchMode.ON_REQUEST), online=False)
    camera = shared.running.gateway.manager.cameras["cam_1"]
    await until(lambda: not camera.puller.running)
    async with Partner(shared.url()) as player:
        assert (await player.play()).status == 200
        await player.packets(10)
    await until(lambda: camera.demand.held == 0 and not camera.puller.running)


async def test_a_masked_camera_is_refused_where_nothing_is_drawn_and_the_first_mask_ends_the_raw_picture(
    shared: Shared,
) -> None:
    async with Partner(shared.url()) as player:
        await player.play()
        await shared.put("cam_1", 2, shares=(shared.police,), masks=(MASK,))
        await ended(player)
    async with Partner(shared.url()) as player:
        described = (await player.login("DESCRIBE")).body.decode()
        assert "profile-level-id=42c0" in described, "drawn anew, not the camera's own"
        assert shared.running.gateway.transcodings.running == 1


async def test_a_mask_drawn_between_the_description_and_play_keeps_the_raw_picture_back(shared: Shared) -> None:
    async with Partner(shared.url()) as player:
        await player.login("DESCRIBE")
        await player.set_up()
        await shared.put("cam_1", 2, shares=(shared.police,), masks=(MASK,))
        assert (await player.login("PLAY")).status == 503


async def test_places_are_bounded(shared: Shared) -> None:
    seats = shared.running.gateway.republisher._around.seats
    seats._settings = seats._settings.model_copy(update={"viewers_per_user": 1})
    async with Partner(shared.url()) as one, Partner(shared.url()) as two:
        assert (await one.play()).status == 200
        assert (await two.play()).status == 453
    async with Partner(shared.url(), username="school") as other:
        assert (await other.play()).status == 200


async def test_strangers_do_not_take_all_places(shared: Shared, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("camera_gateway.republish.server.MOST_STRANGERS", 2)
    async with Partner(shared.url()) as one, Partner(shared.url()) as two:
        assert (await one.ask("OPTIONS")).status == (await two.ask("OPTIONS")).status == 200
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            async with Partner(shared.url()) as three:
                await three.ask("OPTIONS")
        await one.login("DESCRIBE")
        async with Partner(shared.url()) as four:
            assert (await four.ask("OPTIONS")).status == 200


async def test_who_says_nothing_is_gone_before_login_and_while_it_plays(
    shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "STRANGER_S", 0.2)
    async with Partner(shared.url()) as silent:
        assert await silent.reader.read() == b""
    monkeypatch.undo()
    monkeypatch.setattr(connection, "SESSION_S", 0.5)
    async with Partner(shared.url()) as player:
        await player.play()
        await ended(player)
    await until(lambda: shared.running.gateway.republisher.connections == 0)


async def test_who_does_not_read_is_spared_pictures_disturbs_nobody_and_goes_when_it_must(shared: Shared) -> None:
    republisher = shared.running.gateway.republisher
    partners = shared.running.gateway.manager.cameras["cam_1"].broadcast.partners
    async with Partner(shared.url()) as slow, Partner(shared.url(), username="school") as quick:
        await slow.play()
        await quick.play()
        (its,) = (one for one, _ in republisher._connections.values() if one.share == shared.police)
        its._writing.write(bytes(40_000_000))  # more than the kernel takes and may wait, as after a long GOP
        await until(lambda: partners.frames_dropped)
        packets = await quick.packets(60)
        assert [one.sequence for one in packets] == [(packets[0].sequence + n) % 65536 for n in range(60)]
        await shared.put("cam_1", 2, shares=(shared.school,))
        await until(lambda: republisher.connections == 1, within_s=2.0)
        closed = (await shared.running.published(Topic.VIEWINGS, Viewing, 3))[-1]
        assert (closed.unit_id, closed.closed_because) == ("unit_police", "revoked")
        assert closed.frames_dropped > 0
        await quick.packets(60)


async def test_who_asks_and_asks_and_reads_no_answer_is_cut_off(shared: Shared) -> None:
    async with Partner(shared.url()) as player:
        await player.play()
        republisher = shared.running.gateway.republisher
        ((its, _),) = republisher._connections.values()
        its._writing.write(bytes(40_000_000))
        player.writer.write(b"OPTIONS * RTSP/1.0\r\nCSeq: 77\r\n\r\n")
        await until(lambda: republisher.connections == 0)


async def test_what_keeps_a_session_alive_is_answered_between_pictures(shared: Shared) -> None:
    async with Partner(shared.url()) as player:
        await player.play()
        for method in ("GET_PARAMETER", "OPTIONS"):
            player.writer.write(b"$\x01\x00\x08" + bytes(8))  # a receiver report
            player.writer.write(f"{method} {player.url} RTSP/1.0\r\nCSeq: 77\r\nSession: x\r\n\r\n".encode())
            async with asyncio.timeout(3):
                assert b"CSeq: 77" in await player.reader.readuntil(b"CSeq: 77")
        player.session = "of-somebody-else"


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: hub\r\n\r\n",
        b"DESCRIBE rtsp://hub/cam_1 RTSP/1.0\r\n\r\n",
        b"DESCRIBE rtsp://hub/cam_1 RTSP/1.0\r\nCSeq: 1\r\nCSeq: 2\r\n\r\n",
        b"DESCRIBE rtsp://hub/cam_1 RTSP/1.0\r\nCSeq: -1\r\n\r\n",
        b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 99999999\r\n\r\n",
        b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n" + b"X: y\r\n" * 70 + b"\r\n",
        b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nX: " + b"y" * 9000 + b"\r\n\r\n",
        b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nX: a\nInjected: b\r\n\r\n",
        b"OPTIONS rtsp://hub/\xc3\xa9 RTSP/1.0\r\nCSeq: 1\r\n\r\n",
        b"\x16\x03\x01\x02\x00" + bytes(9000),
    ],
)
async def test_hostile_bytes_are_answered_once_and_cut_off(shared: Shared, sent: bytes) -> None:
    async with Partner(shared.url()) as player:
        player.writer.write(sent)
        async with asyncio.timeout(3):
            answer = await player.reader.read()
    assert answer == b"RTSP/1.0 400 Bad Request\r\n\r\n"
    async with Partner(shared.url()) as player:
        assert (await player.play()).status == 200


async def test_requests_out_of_order_are_refused(shared: Shared) -> None:
    async with Partner(shared.url()) as player:
        assert (await player.login("PLAY")).status == 454
        assert (await player.ask("RECORD")).status == 405
        assert (await player.set_up()).status == 200
        session, player.session = player.session, "guessed"
        assert (await player.login("PLAY")).status == 454
        player.session = session
        assert (await player.login("DESCRIBE", url=shared.url("cam_2"))).status == 455
        assert (await player.login("PLAY", url=shared.url("cam_2"))).status == 404
