"""The technician's "does it come?" of a camera that a gateway has: the doctor's verdicts, in the reader's language.

Runs on the gateway's loop. A camera is never opened a second time beside its own stream (many allow one session only):
what an online one shows is the answer; from any other its life is lent to the doctor for some seconds. ONVIF is another
connection and is asked of both.
"""

from __future__ import annotations

from typing import Final, TypedDict

from camera_gateway.camera import Camera
from camera_gateway.doctor.checks import OF_STREAM, Check, ok, unknown
from camera_gateway.doctor.device import DeviceExamination, examine_device
from camera_gateway.doctor.examination import profile_of, speaks_onvif
from camera_gateway.doctor.firmware import load
from camera_gateway.doctor.stream import Look, look
from camera_gateway.onvif.client import OnvifClient
from camera_gateway.onvif.login import LoginState
from camera_gateway.onvif.wire import OnvifWire
from camera_gateway.sources.rtsp import tls
from camera_gateway.sources.rtsp.connection import Timeouts
from camera_gateway.surroundings import Surroundings
from hub.address_url import CAMERA_SCHEMES, parse
from hub.contracts.camera import CameraSpec, CameraState
from hub.contracts.verdict import Param, Verdict
from hub.errors import ErrorKind, HubError

AT_ONCE = 8
WATCH_S = 4.0
ONVIF_S: Final = 8.0  # the console waits for an answer: patrol_console.gateway
_MOST_LOGINS: Final = 10_000  # more than any gateway has cameras
_CODECS = {"h264": "H.264", "h265": "H.265"}


class VerdictRow(TypedDict):
    """As the console passes it on; the texts are in the reader's language, the codes are what is kept."""

    check: str
    name: str
    status: str  # ok | warn | fail | unknown
    detail: str
    remedy: str
    detail_code: str | None
    remedy_code: str | None
    params: dict[str, Param]


class CameraTests:
    """Answers `POST /test/{camera_id}`; at most `AT_ONCE` at a time. `wire` is the gateway's."""

    def __init__(self, around: Surroundings, wire: OnvifWire) -> None:
        self._around = around
        self._wire = wire
        self._running = 0
        # By camera: a password that was refused in one test is not offered again in the next.
        self._logins: dict[str, tuple[tuple[str | None, ...], LoginState]] = {}

    async def rows(self, camera: Camera, lang: str) -> list[VerdictRow]:
        """The verdicts on this camera, in `lang`; raises as `examine` does."""
        return [row_of(one, lang) for one in await self.examine(camera)]

    async def examine(self, camera: Camera) -> list[Verdict]:
        """The verdicts on this camera.

        Raises HubError CONFLICT `camera_gateway.disabled` or `.no_consent`, LIMITED `camera_gateway.tests_busy` or
        `.uplink_full`.
        """
        state = camera.condition.state
        if state in (CameraState.OFF, CameraState.PAUSED):
            raise HubError(ErrorKind.CONFLICT, f"camera_gateway.{camera.condition.cause.value}")
        if self._running >= AT_ONCE:
            raise HubError(ErrorKind.LIMITED, "camera_gateway.tests_busy")
        self._running += 1
        try:
            if state is CameraState.ONLINE and camera.puller.running and camera.stream.fmt is not None:
                shown = _as_it_shows(camera)
                return _in_order(shown, await self._device(camera.spec, with_login=True))
            seen: list[Look] = []
            await camera.lend(lambda: self._look(camera, seen))
            device = await self._device(camera.spec, with_login=seen[0].failed is not Check.LOGIN)
            return _in_order(seen[0].verdicts(profile_of(camera.spec.url, device)), device)
        finally:
            self._running -= 1

    async def _look(self, camera: Camera, seen: list[Look]) -> list[Verdict]:
        around, spec = self._around, camera.spec
        await around.ramp.turn(await self._address(spec))
        settings = around.settings
        seen.append(
            await look(
                spec.url,
                spec.username,
                around.open_password(spec),
                policy=around.policy,
                clock=around.clock,
                typed_by_person=False,
                watch_s=WATCH_S,
                timeouts=Timeouts(connect_s=settings.connect_timeout_s, media_s=settings.media_timeout_s),
                transport=spec.transport,
                security=tls.context(verify=settings.rtsps_verify) if spec.url.lower().startswith("rtsps:") else None,
            )
        )
        return seen[0].verdicts()

    async def _device(self, spec: CameraSpec, *, with_login: bool) -> DeviceExamination | None:
        """By ONVIF, where it is known to speak it or answers on the usual port; None for neither."""
        around = self._around
        if not spec.consent_in_force(around.clock.now()):
            return None  # it ended during the test; a snapshot is a picture too
        username, password = (spec.username, around.open_password(spec)) if with_login else (None, None)
        try:
            url = spec.onvif.url if spec.onvif is not None else _usual(spec.url)
            client = await OnvifClient.open(
                url, username, password, wire=self._wire, policy=around.policy, clock=around.clock
            )
            if with_login:
                self._remember(spec, client)
            if spec.onvif is None and not await speaks_onvif(client):
                return None
        except HubError:
            return None  # an address that makes no sense or may not be: the stream's verdicts say so
        return await examine_device(client, load(around.settings.firmware_list), needed=False, limit_s=ONVIF_S)

    def _remember(self, spec: CameraSpec, client: OnvifClient) -> None:
        access = (client.location.typed.url, spec.username, spec.sealed_password)
        known = self._logins.get(spec.camera_id)
        if known is not None and known[0] == access:
            client.login = known[1]
            return
        if len(self._logins) >= _MOST_LOGINS:
            self._logins.clear()
        self._logins[spec.camera_id] = (access, client.login)

    async def _address(self, spec: CameraSpec) -> str:
        """Whose turn to wait for; what is wrong with an address is the doctor's to say."""
        try:
            return (await self._around.policy.resolve(spec.url)).ip
        except HubError:
            return spec.camera_id


def row_of(verdict: Verdict, lang: str) -> VerdictRow:
    """In `lang`, and as codes."""
    return {
        "check": verdict.check,
        "name": verdict.name_text(lang),
        "status": verdict.status.value,
        "detail": verdict.detail_text(lang),
        "remedy": verdict.remedy_text(lang),
        "detail_code": verdict.detail,
        "remedy_code": verdict.remedy,
        "params": dict(verdict.params),
    }


def _usual(url: str) -> str:
    host = parse(url, CAMERA_SCHEMES).host
    return f"http://{f'[{host}]' if ':' in host else host}/onvif/device_service"


def _in_order(stream: list[Verdict], device: DeviceExamination | None) -> list[Verdict]:
    told = device.verdicts if device is not None else [unknown(Check.ONVIF, "found_no_onvif")]
    found = {one.check: one for one in (*told, *stream)}
    return [found[check] for check in Check if check in found]


def _as_it_shows(camera: Camera) -> list[Verdict]:
    """What is known of a camera that is online: it passed every check to be so."""
    facts, fmt = camera.condition.facts, camera.stream.fmt
    found: dict[Check, Verdict] = {}
    if fmt is not None:
        codec = _CODECS.get(fmt.codec, fmt.codec)
        found[Check.CODEC] = ok(Check.CODEC, "found_codec", codec=codec, codec_string=fmt.codec_string)
        found[Check.SIZE] = ok(Check.SIZE, "found_size", width=fmt.width_px, height=fmt.height_px)
    if (sound := camera.stream.audio_fmt) is not None:
        found[Check.AUDIO] = ok(
            Check.AUDIO, "found_audio", codec=f"{sound.codec.upper()} {sound.sample_rate_hz / 1000:g} kHz"
        )
    if facts.bit_rate_kbps is not None:
        kbps = round(facts.bit_rate_kbps)
        found[Check.MEDIA] = ok(Check.MEDIA, "found_media", units=camera.stream.units, kbps=kbps)
        found[Check.BIT_RATE] = ok(Check.BIT_RATE, "found_bit_rate", kbps=kbps)
    if facts.frame_rate is not None:
        found[Check.FRAME_RATE] = ok(Check.FRAME_RATE, "found_frame_rate", rate=f"{facts.frame_rate:.1f}")
    if facts.gop_s is not None:
        found[Check.KEYFRAME_INTERVAL] = ok(
            Check.KEYFRAME_INTERVAL, "found_keyframe_interval", seconds=f"{facts.gop_s:.1f}"
        )
    # What a watch would tell is not known of a stream that is pulled; nor whether it has sound that nobody asked for.
    untold = {Check.AUDIO, Check.SMART_CODEC, Check.TIMESTAMPS, Check.BIT_RATE} - found.keys()
    return [found.get(check) or ok(check) for check in OF_STREAM if check not in untold]
