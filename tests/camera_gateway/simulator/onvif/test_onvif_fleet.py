"""The simulated cameras' ONVIF face, asked by a bare caller: who may, what is told, what a change really changes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import aiohttp
import pytest

from camera_gateway.simulator.clip import Coding, moving_bar
from camera_gateway.simulator.codec import H265
from camera_gateway.simulator.onvif.login import OnvifLogin
from camera_gateway.simulator.onvif.server import OnvifFleet
from camera_gateway.simulator.onvif.state import OnvifCamera
from camera_gateway.simulator.server import SimulatedCamera, SimulatedFleet
from hub.clock import SystemClock
from tests.support.clock import FakeClock
from tests.support.rtsp_talk import Talk, digest
from tests.support.soap_talk import Told, ask, token

MAIN = moving_bar(seconds=2.0, width_px=640, height_px=360)
SUB = moving_bar(seconds=2.0)
PROFILE = "<ProfileToken>profile_1</ProfileToken>"


@asynccontextmanager
async def camera(*faults: str, **about: object) -> AsyncIterator[OnvifFleet]:
    clips = [SimulatedCamera(clip=MAIN), SimulatedCamera(clip=SUB)]
    async with (
        SimulatedFleet(clips) as fleet,
        OnvifFleet(fleet, [OnvifCamera(main=0, sub=1, faults=faults, **about)]) as onvif,  # type: ignore[arg-type]
    ):
        yield onvif


@pytest.mark.parametrize(
    ("login", "digest_in", "text_in"),
    [(OnvifLogin.ANY, True, True), (OnvifLogin.TOKEN_DIGEST, True, False), (OnvifLogin.TOKEN_TEXT, False, True)],
)
async def test_a_token_is_let_in_by_the_kinds_that_the_camera_takes(
    login: OnvifLogin, digest_in: bool, text_in: bool
) -> None:
    async with camera(username="admin", password="s:p&w", login=login) as onvif:
        url = onvif.url(0)

        async def status(password: str, *, text: bool) -> int:
            return (await ask(url, "GetDeviceInformation", header=token("admin", password, text=text))).status

        assert (await status("s:p&w".replace("&", "&amp;"), text=True) == 200) is text_in
        assert (await status("s:p&w", text=False) == 200) is digest_in
        assert {await status("wrong", text=text) for text in (True, False)} & {200} == set()
        assert (await ask(url, "GetServices")).status == 200
        assert onvif.face(0).passwords_refused >= 2


async def test_http_digest_is_asked_for_and_let_in() -> None:
    async with camera(username="admin", password="secret", login=OnvifLogin.HTTP_DIGEST) as onvif:
        refused = await ask(onvif.url(0), "GetDeviceInformation", header=token("admin", "secret"))
        assert refused.status == 401
        for password, status in (("wrong", 401), ("secret", 200)):
            line = digest(refused.challenges[0], "POST", "/onvif/device_service", "admin", password)
            told = await ask(onvif.url(0), "GetDeviceInformation", auth=line.partition(": ")[2])
            assert told.status == status


async def test_a_token_dated_by_another_clock_than_the_cameras_is_refused() -> None:
    async with camera("clock-off:-8", username="admin", password="secret") as onvif:
        now = SystemClock().now()
        assert (await ask(onvif.url(0), "GetDeviceInformation", header=token("admin", "secret"))).status != 200
        its = token("admin", "secret", at=now - timedelta(hours=8))
        assert (await ask(onvif.url(0), "GetDeviceInformation", header=its)).status == 200
        twice = await ask(onvif.url(0), "GetDeviceInformation", header=its)
        assert twice.status != 200, "a nonce counts once"


async def test_a_clock_that_follows_ntp_is_right_again() -> None:
    async with camera("clock-off:-8") as onvif:
        before = await ask(onvif.url(0), "GetSystemDateAndTime")
        server = "<NTPManual><tt:Type>IPv4</tt:Type><tt:IPv4Address>10.0.0.1</tt:IPv4Address></NTPManual>"
        await ask(onvif.url(0), "SetNTP", f"<FromDHCP>false</FromDHCP>{server}")
        follow = "<DateTimeType>NTP</DateTimeType><DaylightSavings>false</DaylightSavings>"
        await ask(onvif.url(0), "SetSystemDateAndTime", follow)
        after = await ask(onvif.url(0), "GetSystemDateAndTime")
        assert before.one("Hour") != after.one("Hour")
        assert (await ask(onvif.url(0), "GetNTP")).one("IPv4Address") == "10.0.0.1"


async def test_both_profiles_play_at_the_addresses_that_they_name() -> None:
    async with camera() as onvif:
        told = await ask(onvif.url(0), "media_service:GetProfiles")
        assert told.all("Width") == ["640", "320"]
        for number in (1, 2):
            inside = f"<ProfileToken>profile_{number}</ProfileToken>"
            uris = {
                (await ask(onvif.url(0), f"{service}:GetStreamUri", inside)).one("Uri")
                for service in ("media_service", "media2_service")
            }
            assert len(uris) == 1
            async with Talk(uris.pop()) as talk:
                assert (await talk.ask("DESCRIBE")).status == 200


@pytest.mark.parametrize("service", ["media_service", "media2_service"])
async def test_a_changed_encoder_changes_what_is_played(service: str) -> None:
    hevc = moving_bar(seconds=2.0, coding=Coding(codec=H265))
    async with (
        SimulatedFleet([SimulatedCamera(clip=hevc)]) as fleet,
        OnvifFleet(fleet, [OnvifCamera(main=0)]) as onvif,
    ):
        first = service == "media_service"
        gop = "<tt:H264><tt:GovLength>15</tt:GovLength></tt:H264>" if first else ""
        wanted = (
            f'<Configuration token="vec_1"{"" if first else " GovLength=" + chr(34) + "15" + chr(34)}>'
            "<tt:Encoding>H264</tt:Encoding>"
            "<tt:Resolution><tt:Width>640</tt:Width><tt:Height>360</tt:Height></tt:Resolution>"
            "<tt:RateControl><tt:FrameRateLimit>15</tt:FrameRateLimit><tt:BitrateLimit>512</tt:BitrateLimit>"
            f"</tt:RateControl>{gop}</Configuration>"
        )
        before = await ask(onvif.url(0), f"{service}:GetVideoEncoderConfigurations")
        assert before.one("Encoding") == "H265"
        assert (await ask(onvif.url(0), f"{service}:SetVideoEncoderConfiguration", wanted)).status == 200
        told = await ask(onvif.url(0), f"{service}:GetVideoEncoderConfigurations")
        assert (told.one("Encoding"), told.one("Width"), told.one("BitrateLimit")) == ("H264", "640", "512")
        played = fleet.clip(0)
        assert (played.codec.name, played.width_px, played.fps, played.keyframes[1]) == ("h264", 640, 15.0, 15)
        async with Talk(fleet.url(0)) as talk:
            assert "H264" in (await talk.ask("DESCRIBE")).body.decode()
        absurd = wanted.replace("640", "641")
        assert (await ask(onvif.url(0), f"{service}:SetVideoEncoderConfiguration", absurd)).status == 400


@pytest.mark.parametrize(("fault", "status"), [("encoder-refused", 400), ("encoder-ignored", 200)])
async def test_an_encoder_that_will_not_change_stays(fault: str, status: int) -> None:
    async with camera(fault) as onvif:
        wanted = '<Configuration token="vec_2"><tt:Encoding>H265</tt:Encoding></Configuration>'
        told = await ask(onvif.url(0), "media_service:SetVideoEncoderConfiguration", wanted)
        assert told.status == status
        assert onvif.face(0).fleet.clip(1) is SUB


async def test_the_head_turns_as_long_as_it_is_told_and_no_longer() -> None:
    clock = FakeClock()
    async with (
        SimulatedFleet([SimulatedCamera(clip=MAIN)]) as fleet,
        OnvifFleet(fleet, [OnvifCamera()], clock=clock) as onvif,
    ):
        move = '<Velocity><tt:PanTilt x="0.5" y="0"/><tt:Zoom x="1"/></Velocity><Timeout>PT2S</Timeout>'
        await ask(onvif.url(0), "ptz_service:ContinuousMove", PROFILE + move)
        await clock.advance(1.0)
        head = onvif.head(0)
        turned = [head.moving]
        assert (head.position.pan, head.position.zoom) == (0.25, 0.25)
        await clock.advance(60.0)
        assert [*turned, head.moving] == [True, False]
        assert (head.position.pan, head.position.zoom) == (0.5, 0.5)
        set_home = await ask(onvif.url(0), "ptz_service:SetHomePosition", PROFILE)
        assert set_home.status == 200
        made = await ask(onvif.url(0), "ptz_service:SetPreset", PROFILE + "<PresetName>大门</PresetName>")
        preset = f"<PresetToken>{made.one('PresetToken')}</PresetToken>"
        await ask(onvif.url(0), "ptz_service:ContinuousMove", PROFILE + move.replace('"0.5"', '"-1"'))
        await clock.advance(1.0)
        await ask(onvif.url(0), "ptz_service:Stop", PROFILE)
        assert head.position.pan == 0.0
        assert (await ask(onvif.url(0), "ptz_service:GotoPreset", PROFILE + preset)).status == 200
        assert head.position.pan == 0.5
        assert "大门" in (await ask(onvif.url(0), "ptz_service:GetPresets", PROFILE)).text
        await ask(onvif.url(0), "ptz_service:RemovePreset", PROFILE + preset)
        assert (await ask(onvif.url(0), "ptz_service:GotoPreset", PROFILE + preset)).one("Value") == "s:Sender"


async def test_what_happens_is_pulled_once_and_a_reboot_forgets_who_asked() -> None:
    async with camera() as onvif:
        made = await ask(
            onvif.url(0),
            "event_service:CreatePullPointSubscription",
            "<InitialTerminationTime>PT60S</InitialTerminationTime>",
        )
        where = made.one("Address")
        pull = "<Timeout>PT5S</Timeout><MessageLimit>10</MessageLimit>"
        first = await ask(where, "PullMessages", pull)
        assert first.text.count('PropertyOperation="Initialized"') == 2
        waiting = asyncio.create_task(ask(where, "PullMessages", pull))
        await asyncio.sleep(0.05)
        onvif.fire(0, "motion-alarm")
        said = await waiting
        assert re.search(r"VideoSource/MotionAlarm.*State.*true", said.text, re.DOTALL)
        assert (await ask(where, "Renew", "<TerminationTime>PT120S</TerminationTime>")).status == 200
        onvif.reboot(0)
        assert (await ask(where, "PullMessages", pull)).status == 400


async def test_a_subscription_may_live_on_another_port() -> None:
    async with camera("subscription-port") as onvif:
        made = await ask(onvif.url(0), "event_service:CreatePullPointSubscription")
        where = made.one("Address")
        assert f":{onvif.face(0).port}/" not in where
        told = await ask(where, "PullMessages", "<Timeout>PT1S</Timeout><MessageLimit>1</MessageLimit>")
        assert told.status == 200


async def _first(onvif: OnvifFleet) -> Told:
    return await ask(onvif.url(0), "media_service:GetStreamUri", PROFILE)


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        ("zero-host", lambda told: "rtsp://0.0.0.0:" in told.text),
        ("foreign-host", lambda told: "rtsp://192.168.1.88:" in told.text),
        ("loopback-host", lambda told: "rtsp://127.0.1.1:" in told.text),
        ("ampersand", lambda told: "channel=1&subtype=0" in told.text),
        ("blank-before-uri", lambda told: re.search(r"<tt:Uri>\s+rtsp://", told.text)),
        ("empty-body", lambda told: told.status == 200 and "<s:Body/>" in told.text),
        ("html", lambda told: told.status == 200 and told.text.startswith("<!DOCTYPE html>")),
        ("only-media2", lambda told: "ActionNotSupported" in told.text),
        ("undeclared-prefix", lambda told: "xmlns:wsa=" not in told.text),
    ],
)
async def test_a_fault_shows_in_what_is_answered(fault: str, seen: object) -> None:
    assert callable(seen)
    async with camera(fault) as onvif:
        assert seen(await _first(onvif))
        onvif.set_faults(0)
        assert not seen(await _first(onvif))


async def test_the_snapshot_is_a_picture_behind_the_same_password() -> None:
    async with camera(username="admin", password="secret") as onvif:
        uri = (await ask(onvif.url(0), "media_service:GetSnapshotUri", PROFILE, header=token("admin", "secret"))).one(
            "Uri"
        )
        async with aiohttp.ClientSession() as session:
            async with session.get(uri) as refused:
                assert refused.status == 401
                challenge = refused.headers["WWW-Authenticate"]
            line = digest(challenge, "GET", "/onvif/snapshot/profile_1.jpg", "admin", "secret")
            async with session.get(uri, headers={"Authorization": line.partition(": ")[2]}) as picture:
                assert (await picture.read()).startswith(b"\xff\xd8\xff")


class _Ear(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.heard.put_nowait(data)


async def test_a_probe_is_answered_by_each_camera_of_the_address_and_a_hello_announces_one() -> None:
    probe = (
        '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" '
        'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
        'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><e:Header><a:MessageID>urn:uuid:1</a:MessageID>'
        "</e:Header><e:Body><d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe></e:Body></e:Envelope>"
    )
    async with (
        SimulatedFleet([SimulatedCamera(clip=SUB)]) as fleet,
        OnvifFleet(fleet, [OnvifCamera(name="村口东"), OnvifCamera()], discovery_port=0) as onvif,
    ):
        loop = asyncio.get_running_loop()
        transport, ear = await loop.create_datagram_endpoint(_Ear, local_addr=("127.0.0.1", 0))
        try:
            transport.sendto(b"\x00garbage", ("127.0.0.1", onvif.discovery_port()))
            transport.sendto(probe.encode(), ("127.0.0.1", onvif.discovery_port()))
            async with asyncio.timeout(5):
                answers = [(await ear.heard.get()).decode() for _ in range(2)]
            assert all("<a:RelatesTo>urn:uuid:1</a:RelatesTo>" in answer for answer in answers)
            assert {onvif.url(0), onvif.url(1)} == {Told(200, answer).one("XAddrs") for answer in answers}
            onvif.announce(0, to=transport.get_extra_info("sockname"))
            async with asyncio.timeout(5):
                assert "<d:Hello>" in (await ear.heard.get()).decode()
        finally:
            transport.close()
