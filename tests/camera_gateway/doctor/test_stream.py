"""The verdict on a camera: which check fails, what is told, what is not known. Its twin meets GStreamer."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from camera_gateway.doctor.checks import OF_STREAM, Check
from camera_gateway.doctor.stream import look
from camera_gateway.sources.rtsp.connection import Timeouts
from hub.addresses import AddressPolicy
from hub.clock import SystemClock
from hub.contracts.verdict import Verdict, VerdictStatus
from hub.i18n import catalogue
from tests.support.rtsp_server import SDP, RtspServer, pictures, reply

QUICK = Timeouts(connect_s=1.0, answer_s=0.3, media_s=0.4, keyframe_s=0.8, goodbye_s=0.3)


async def verdict(url: str, username: str | None = None, *, by_person: bool = True) -> dict[str, Verdict]:
    seen = await look(
        url,
        username,
        policy=AddressPolicy(),
        clock=SystemClock(),
        typed_by_person=by_person,
        watch_s=0.05,
        timeouts=QUICK,
    )
    findings = seen.verdicts()
    assert [finding.check for finding in findings] == list(OF_STREAM)
    for finding in findings:
        for lang in ("zh", "en"):
            texts = (finding.name_text(lang), finding.detail_text(lang), finding.remedy_text(lang))
            assert not any("{" in text or text.startswith(("camera_gateway.", "hub.")) for text in texts)
    return {finding.check: finding for finding in findings}


async def test_a_camera_that_closes_is_a_failure_of_the_first_check_it_did_not_pass() -> None:
    cases = {
        Check.RTSP: RtspServer({"OPTIONS": b"HTTP/1.1 404 Not Found\r\n\r\n"}),
        Check.LOGIN: RtspServer({"DESCRIBE": lambda asked: reply(asked, status="403 Forbidden")}),
        Check.PATH: RtspServer({"DESCRIBE": lambda asked: reply(asked, status="404 Not Found")}),
        Check.CODEC: RtspServer({"DESCRIBE": lambda asked: reply(asked, body=SDP.replace("H264", "VP9"))}),
        Check.MEDIA: RtspServer(media=pictures(2), close_after="PLAY"),
    }
    for failing, server in cases.items():
        async with server:
            found = await verdict(server.url)
        order = OF_STREAM
        for check in order:
            if check is failing:
                assert found[check].status is VerdictStatus.FAIL, check
                assert found[check].detail_text("zh")
            elif order.index(check) < order.index(failing):
                assert found[check].status in {VerdictStatus.OK, VerdictStatus.WARN}, check
            elif check not in {Check.SIZE, Check.AUDIO}:
                assert found[check].status is VerdictStatus.UNKNOWN, check


async def test_a_camera_without_a_password_is_warned_of() -> None:
    async with RtspServer(media=pictures(2)) as server:
        found = await verdict(server.url)
    assert found[Check.LOGIN].status is VerdictStatus.WARN
    assert found[Check.LOGIN].remedy is not None


BAD = [
    # address, typed by a person, the check that fails, part of its code
    ("file:///etc/passwd", True, Check.ADDRESS, "hub.address"),
    ("concat:/etc/passwd|/etc/group", True, Check.ADDRESS, "hub.address"),
    ("rtsp://10.0.0.1/a\nb", True, Check.ADDRESS, "hub.address"),
    ("rtsp://127.0.0.1:9/", False, Check.ADDRESS, "hub.address_forbidden"),
    ("rtsp://no-such-host.invalid/", True, Check.ADDRESS, "hub.address_unknown_host"),
    ("http://127.0.0.1:9/", True, Check.ADDRESS, "camera_gateway.only_rtsp"),
    ("rtsp://127.0.0.1:9/", True, Check.REACHABLE, "camera_gateway.unreachable"),
]


@pytest.mark.parametrize(("url", "by_person", "check", "code"), BAD)
async def test_a_bad_address_is_a_finding_and_no_trace(url: str, by_person: bool, check: Check, code: str) -> None:
    found = await verdict(url, by_person=by_person)
    assert found[check].status is VerdictStatus.FAIL
    assert (found[check].detail or "").startswith(code)


async def test_a_login_inside_the_address_is_used_and_never_told() -> None:
    challenged = RtspServer(
        {"DESCRIBE": lambda asked: reply(asked, 'WWW-Authenticate: Basic realm="a"', status="401 Unauthorized")}
    )
    async with challenged as server:
        found = await verdict(server.url.replace("rtsp://", "rtsp://admin:se%40cret@"))
    assert found[Check.LOGIN].detail == "camera_gateway.login_refused"
    sent = {asked.headers.get("authorization") for asked in challenged.asked}
    assert sent == {None, "Basic YWRtaW46c2VAY3JldA=="}
    assert "se@cret" not in repr(found)
    assert all("se%40cret" not in asked.uri for asked in server.asked)


def test_every_sentence_is_there_in_both_languages_with_the_same_parameters() -> None:
    chinese, english = catalogue("zh", "camera_gateway"), catalogue("en", "camera_gateway")
    assert chinese.keys() == english.keys()
    for name, sentence in chinese.items():
        assert set(re.findall(r"{(\w+)}", sentence)) == set(re.findall(r"{(\w+)}", english[name])), name


def test_the_verdict_loads_nothing_that_a_technicians_laptop_may_lack() -> None:
    code = (
        "import sys, camera_gateway.doctor.stream; "
        "print(sorted({'uvloop', 'redis', 'av', 'aiortc', 'aiohttp', 'cv2', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
