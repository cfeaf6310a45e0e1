"""The technician's "does it come?": one row a check, each with what was found and what to do.

Runs on the gateway's loop. A camera is never opened a second time beside its own stream (many allow one session only):
what an online one shows is the answer; from any other its life is lent to the prober for some seconds.
"""

from __future__ import annotations

from typing import TypedDict

from camera_gateway.camera import Camera
from camera_gateway.sources.rtsp import tls
from camera_gateway.sources.rtsp.connection import Timeouts
from camera_gateway.sources.rtsp.probe import Check, Finding, Status, examine
from camera_gateway.surroundings import Surroundings
from hub.contracts.camera import CameraSpec, CameraState
from hub.errors import ErrorKind, HubError

AT_ONCE = 8
WATCH_S = 4.0
_CODECS = {"h264": "H.264", "h265": "H.265"}


class VerdictRow(TypedDict):
    """As the console passes it on; the texts are in the reader's language."""

    check: str
    name: str
    status: str  # ok | warn | fail | unknown
    detail: str
    remedy: str


class CameraTests:
    """Answers `POST /test/{camera_id}`; at most `AT_ONCE` at a time."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._running = 0

    async def verdict(self, camera: Camera, lang: str) -> list[VerdictRow]:
        """The rows for this camera.

        Raises HubError CONFLICT `camera_gateway.disabled` or `.no_consent`, LIMITED `camera_gateway.tests_busy` or
        `.uplink_full`.
        """
        state = camera.condition.state
        if state in (CameraState.OFF, CameraState.PAUSED):
            raise HubError(ErrorKind.CONFLICT, f"camera_gateway.{camera.condition.cause.value}")
        if state is CameraState.ONLINE and camera.puller.running and camera.stream.fmt is not None:
            return [_row(finding, lang) for finding in _as_it_shows(camera)]
        if self._running >= AT_ONCE:
            raise HubError(ErrorKind.LIMITED, "camera_gateway.tests_busy")
        self._running += 1
        try:
            findings = await camera.lend(lambda: self._probe(camera))
        finally:
            self._running -= 1
        return [_row(finding, lang) for finding in findings]

    async def _probe(self, camera: Camera) -> list[Finding]:
        around, spec = self._around, camera.spec
        await around.ramp.turn(await self._address(spec))
        settings = around.settings
        return await examine(
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

    async def _address(self, spec: CameraSpec) -> str:
        """Whose turn to wait for; what is wrong with an address is the prober's to say."""
        try:
            return (await self._around.policy.resolve(spec.url)).ip
        except HubError:
            return spec.camera_id


def _as_it_shows(camera: Camera) -> list[Finding]:
    """What is known of a camera that is online: it passed every check to be so."""
    facts, fmt = camera.condition.facts, camera.stream.fmt
    found: dict[Check, tuple[str, dict[str, object]]] = {}
    if fmt is not None:
        found[Check.CODEC] = (
            "found_codec",
            {"codec": _CODECS.get(fmt.codec, fmt.codec), "codec_string": fmt.codec_string},
        )
        found[Check.SIZE] = ("found_size", {"width": fmt.width_px, "height": fmt.height_px})
    if (sound := camera.stream.audio_fmt) is not None:
        told = f"{sound.codec.upper()} {sound.sample_rate_hz / 1000:g} kHz"
        found[Check.AUDIO] = ("found_audio", {"codec": told})
    if facts.bit_rate_kbps is not None:
        found[Check.MEDIA] = ("found_media", {"units": camera.stream.units, "kbps": round(facts.bit_rate_kbps)})
    if facts.frame_rate is not None:
        found[Check.FRAME_RATE] = ("found_frame_rate", {"rate": f"{facts.frame_rate:.1f}"})
    if facts.gop_s is not None:
        found[Check.KEYFRAME_INTERVAL] = ("found_keyframe_interval", {"seconds": f"{facts.gop_s:.1f}"})
    findings = []
    for check in Check:
        sentence, params = found.get(check, (None, {}))
        detail = f"camera_gateway.{sentence}" if sentence else None
        if check is Check.AUDIO and sentence is None:
            continue  # whether it has sound that nobody asked for is not known while it is pulled
        findings.append(Finding(check, Status.OK, detail, params=params))
    return findings


def _row(finding: Finding, lang: str) -> VerdictRow:
    return {
        "check": finding.check.value,
        "name": finding.name_text(lang),
        "status": finding.status.value,
        "detail": finding.detail_text(lang),
        "remedy": finding.remedy_text(lang),
    }
