"""One client's connection: RTSP requests in, answers out (RFC 2326), and the session that it sets up.

Runs on the fleet's event loop as an asyncio Protocol. Which camera is meant is known from the path of the first
request. Only interleaved TCP is spoken; the faults of signalling act here.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from camera_gateway.simulator.codec import H264, H265
from camera_gateway.simulator.faults import FaultName
from camera_gateway.simulator.login import Verdict
from camera_gateway.simulator.playing import Playing, reset

if TYPE_CHECKING:
    from camera_gateway.simulator.server import CameraState, SimulatedFleet

_LONGEST_REQUEST: Final = 65_536
_WRITE_BUFFER: Final = 262_144
_TRACK: Final = "trackID=0"
_SOUND_TRACK: Final = "trackID=1"
_METHODS: Final = "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, SET_PARAMETER, TEARDOWN"
_REASONS: Final = {
    200: "OK",
    302: "Moved Temporarily",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Stream Not Found",
    453: "Not Enough Bandwidth",
    454: "Session Not Found",
    455: "Method Not Valid in This State",
    461: "Unsupported Transport",
    500: "Internal Server Error",
    501: "Not Implemented",
}


@dataclass(frozen=True, slots=True)
class Request:
    """One parsed request; header names are lower case."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, head: bytes) -> Request | None:
        """The request of the lines before the empty one; None where it is none."""
        lines = head.decode("utf-8", "replace").split("\r\n")
        words = lines[0].split(" ")
        if len(words) != 3 or not words[2].startswith("RTSP/1."):
            return None
        pairs = (line.partition(":") for line in lines[1:])
        return cls(words[0].upper(), words[1], {k.strip().lower(): v.strip() for k, _, v in pairs})


class Connection(asyncio.Protocol):
    """One client."""

    def __init__(self, fleet: SimulatedFleet, camera: CameraState | None) -> None:
        self._fleet = fleet
        self._camera = camera  # known beforehand where the camera has a port of its own
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._session: str | None = None
        self._channel = 0
        self._sound_channel: int | None = None
        self._began_at = 0.0
        self.playing: Playing | None = None
        self.heard_at = 0.0

    @property
    def camera(self) -> CameraState | None:
        """The camera that is meant, when it is known."""
        return self._camera

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a Transport always, as TCP
        assert self._transport is not None  # noqa: S101
        self._transport.set_write_buffer_limits(high=_WRITE_BUFFER)
        self.heard_at = self._fleet.now()
        self._fleet.joined(self)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.in_session and self._camera is not None and FaultName.KEEPS_SESSION in self._camera.faults:
            self._camera.held_until = self._fleet.now() + self._camera.camera.session_timeout_s
        self._stop_playing()
        self._fleet.left(self)

    def pause_writing(self) -> None:
        if self.playing is not None:
            self.playing.choked = True

    def resume_writing(self) -> None:
        if self.playing is not None:
            self.playing.choked = False

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while self._buffer:
            if self._buffer[0] == 0x24:  # the client's own RTCP, interleaved: read over
                if len(self._buffer) < 4 or len(self._buffer) < (end := 4 + int.from_bytes(self._buffer[2:4])):
                    return
                del self._buffer[:end]
                continue
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(self._buffer) > _LONGEST_REQUEST:
                    self.drop()
                return
            request = Request.parse(bytes(self._buffer[:end]).lstrip(b"\r\n"))
            if request is None:
                self._write(400, {})
                self.drop()
                return
            length = request.headers.get("content-length", "0")
            body = int(length) if length.isdigit() and int(length) < _LONGEST_REQUEST else 0
            if len(self._buffer) < end + 4 + body:
                return
            del self._buffer[: end + 4 + body]
            self._take(request)

    # what the fleet may do

    @property
    def in_session(self) -> bool:
        """Whether SETUP was answered and TEARDOWN not yet asked."""
        return self._session is not None

    def forget_in_time(self, now: float) -> None:
        """End the session behind the client's back when it is so old."""
        fault = self._camera.faults.get(FaultName.FORGETS) if self._camera is not None else None
        if fault is not None and self.in_session and now - self._began_at >= fault.number:
            self._stop_playing()
            self._session = None

    def drop(self) -> None:
        """Close after what is written."""
        if self._transport is not None:
            self._transport.close()

    def reset(self) -> None:
        """End with RST."""
        if self._transport is not None:
            reset(self._transport)

    # requests

    def _take(self, request: Request) -> None:
        camera = self._camera = self._camera or self._fleet.find(_path(request.url))
        if camera is None:
            self._write(404, {"CSeq": request.headers.get("cseq", "0")})
            return
        camera.methods.append(request.method)
        if FaultName.REFUSE in camera.faults:
            self.reset()
            return
        if FaultName.SILENT in camera.faults or FaultName.BLACK_HOLE in camera.faults:
            return
        if request.method == "GET_PARAMETER" and FaultName.DEAF in camera.faults:
            return
        if request.method == "GET_PARAMETER" and FaultName.CLOSES in camera.faults:
            self.drop()
            return
        if slow := camera.faults.get(FaultName.SLOW):
            asyncio.get_running_loop().call_later(slow.number, self._answer, camera, request)
        else:
            self._answer(camera, request)

    def _answer(self, camera: CameraState, request: Request) -> None:
        headers = {"CSeq": request.headers.get("cseq", "0"), "Server": "Probe Patrol simulator"}
        if request.method == "OPTIONS":
            self._touch(request)
            self._write(200, headers | {"Public": _METHODS})
            return
        if not self._fleet.knows(camera, _path(request.url)) or FaultName.NOT_FOUND in camera.faults:
            self._write(404, headers)
            return
        if (challenges := self._refused(camera, request)) is not None:
            self._write(401, headers, challenges)
            return
        given = request.headers.get("session", "").partition(";")[0].strip()
        if request.method not in ("DESCRIBE", "SETUP") and (self._session is None or given != self._session):
            self._write(454, headers)
            return
        self._touch(request)
        if request.method == "GET_PARAMETER" and FaultName.UNWILLING in camera.faults:
            self._write(501, headers)
            return
        handler = {
            "DESCRIBE": self._describe,
            "SETUP": self._setup,
            "PLAY": self._play,
            "GET_PARAMETER": self._alive,
            "SET_PARAMETER": self._alive,
            "TEARDOWN": self._teardown,
        }.get(request.method)
        if handler is None:
            self._write(501, headers)
        else:
            handler(camera, request, headers)

    def _touch(self, request: Request) -> None:
        """Only a request of the session keeps it alive; RTCP does not (Dahua does so)."""
        given = request.headers.get("session", "").partition(";")[0].strip()
        if self._session is None or given == self._session:
            self.heard_at = self._fleet.now()

    def _refused(self, camera: CameraState, request: Request) -> list[str] | None:
        now = self._fleet.now()
        expires = camera.faults.get(FaultName.LOGIN_EXPIRES)
        expired = expires is not None and self.in_session and now - self._began_at >= expires.number
        if FaultName.LOGIN in camera.faults:
            camera.passwords_refused += "authorization" in request.headers
        if FaultName.LOGIN in camera.faults or expired:
            return camera.any_login.challenges(now)
        if camera.login is None:
            return None
        verdict = camera.login.check(request.method, request.headers.get("authorization"), now)
        return None if verdict is Verdict.IN else camera.login.challenges(now, stale=verdict is Verdict.STALE)

    def _describe(self, camera: CameraState, request: Request, headers: dict[str, str]) -> None:
        if redirect := camera.faults.get(FaultName.REDIRECT):
            self._write(302, headers | {"Location": redirect.argument})
            return
        body = description(camera).encode()
        base = request.url.partition("?")[0].rstrip("/") + "/"
        headers |= {"Content-Base": base, "Content-Type": "application/sdp"}
        huge = camera.faults.get(FaultName.HUGE)
        headers["Content-Length"] = str(round(huge.number)) if huge else str(len(body))
        self._write(200, headers, body=body)

    def _setup(self, camera: CameraState, request: Request, headers: dict[str, str]) -> None:
        transport = request.headers.get("transport", "")
        if "TCP" not in transport.upper() or FaultName.NO_TCP in camera.faults:
            self._write(461, headers)
            return
        if FaultName.ONE_SESSION in camera.faults and self._fleet.others_in_session(camera, self):
            self._write(453, headers)
            return
        asked = re.search(r"interleaved\s*=\s*(\d+)", transport)
        if camera.camera.sound and request.url.rstrip("/").endswith(_SOUND_TRACK):
            self._set_up_sound(camera, int(asked[1]) % 255 if asked else 2, headers)
            return
        self._channel = int(asked[1]) % 255 if asked else 0
        if channels := camera.faults.get(FaultName.CHANNELS):
            self._channel = round(channels.number) % 255
        if self._session is None:
            self._session, self._began_at = secrets.token_hex(6), self._fleet.now()
        answer = f"RTP/AVP/TCP;unicast;interleaved={self._channel}-{self._channel + 1};ssrc={camera.ssrc:08X}"
        self._write(200, headers | {"Transport": answer, "Session": self._session_header(camera)})

    def _set_up_sound(self, camera: CameraState, channel: int, headers: dict[str, str]) -> None:
        if FaultName.NO_SOUND in camera.faults or self._session is None:
            self._write(500, headers)
            return
        self._sound_channel = channel
        answer = f"RTP/AVP/TCP;unicast;interleaved={channel}-{channel + 1}"
        self._write(200, headers | {"Transport": answer, "Session": self._session_header(camera)})

    def _play(self, camera: CameraState, request: Request, headers: dict[str, str]) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        headers["Session"] = self._session_header(camera)
        if self.playing is not None:  # PLAY again only says that the client is alive
            self._write(200, headers)
            return
        self.playing = self._fleet.play(camera, transport, self._channel, self._sound_channel)
        url = request.url.partition("?")[0].rstrip("/")
        info = f"url={url}/{_TRACK};{self.playing.rtp_info}"
        if FaultName.EARLY_MEDIA in camera.faults:
            self.playing.send_next()
        self._write(200, headers | {"Range": "npt=now-", "RTP-Info": info})
        self._fleet.turn(camera, self.playing)

    def _alive(self, camera: CameraState, request: Request, headers: dict[str, str]) -> None:
        self._write(200, headers | {"Session": self._session_header(camera)})

    def _teardown(self, camera: CameraState, request: Request, headers: dict[str, str]) -> None:
        self._stop_playing()
        self._session = None
        self._write(200, headers)

    def _session_header(self, camera: CameraState) -> str:
        return f"{self._session};timeout={camera.camera.session_timeout_s}"

    def _stop_playing(self) -> None:
        if self.playing is not None and self._camera is not None:
            self._fleet.stop_playing(self._camera, self.playing)
            self.playing = None

    def _write(
        self, status: int, headers: dict[str, str], challenges: list[str] | None = None, body: bytes = b""
    ) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        lines = [f"RTSP/1.0 {status} {_REASONS[status]}", *(f"{k}: {v}" for k, v in headers.items())]
        lines += [f"WWW-Authenticate: {challenge}" for challenge in challenges or ()]
        self._transport.write("\r\n".join([*lines, "", ""]).encode() + body)


def _path(url: str) -> str:
    path = unquote(urlsplit(url).path).rstrip("/")
    return path.removesuffix(_TRACK).removesuffix(_SOUND_TRACK).rstrip("/")


def description(camera: CameraState) -> str:
    """The SDP of a camera (RFC 4566, RFC 6184 8.2.1, RFC 7798 7.1)."""
    clip, told = camera.clip, camera.clip.codec
    parameters = told.fmtp(clip.parameter_sets, sprop=FaultName.NO_SPROP not in camera.faults)
    if FaultName.MISNAMED in camera.faults:
        told, parameters = (H264 if told is H265 else H265), ""
    lines = [
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        "s=Probe Patrol simulator",
        "c=IN IP4 0.0.0.0",
        "t=0 0",
        "a=control:*",
        "a=range:npt=now-",
        "m=video 0 RTP/AVP 96",
        f"a=rtpmap:96 {told.rtpmap}/90000",
        *([f"a=fmtp:96 {parameters}"] if parameters else []),
        f"a=framerate:{clip.fps:g}",
        f"a=control:{_TRACK}",
    ]
    if camera.camera.sound:
        lines += ["m=audio 0 RTP/AVP 8", "a=rtpmap:8 PCMA/8000", f"a=control:{_SOUND_TRACK}"]
    return "\r\n".join([*lines, ""])
