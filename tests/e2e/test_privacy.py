"""What must never be seen or stored: masked places, households that did not agree, pictures on the durable Redis's
disk.
"""

from __future__ import annotations

import base64
import io
import re
import time
from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from websockets.sync.client import connect

from probe import demo_places
from tests.support.demo import DemoProcess, Person

START_CODES = (
    b"\xff\xd8\xff",  # JPEG
    *(b"\x00\x00\x01" + bytes([ref << 5 | kind]) for ref in (1, 2, 3) for kind in (5, 7, 8)),  # IDR, SPS, PPS
    base64.b64encode(b"\xff\xd8\xff\xe0"),
)
LEVEL_OF_BLACK = 24  # what JPEG's blocks leave of 0 beside a bright edge


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    with DemoProcess(tmp_path_factory.mktemp("states"), "--cameras", "2", "--states") as running:
        yield running


def cameras_by_name(person: Person) -> dict[str, dict[str, object]]:
    listed = person.get("/api/cameras?limit=50")
    assert isinstance(listed, dict)
    items = listed["items"]
    assert isinstance(items, list)
    return {str(item["name"]): dict(item) for item in items if isinstance(item, dict)}


def inside_the_mask(picture: np.ndarray) -> np.ndarray:
    """The masked part of a 16:9 picture (evidence has a strip beneath), two JPEG blocks away from the mask's edge."""
    width = picture.shape[1]
    height = width * 9 // 16
    x1, x2 = (int(share * width) for share in (demo_places.MASK[0][0], demo_places.MASK[1][0]))
    y1, y2 = (int(share * height) for share in (demo_places.MASK[0][1], demo_places.MASK[2][1]))
    return picture[y1 + 16 : y2 - 16, x1 + 16 : x2 - 16]


def decoded(jpeg: bytes) -> np.ndarray:
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return picture


def evidence_of(person: Person, camera_id: object, within_s: float) -> bytes:
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        listed = person.get(f"/api/alerts?camera_id={camera_id}")
        assert isinstance(listed, dict)
        items = listed["items"]
        assert isinstance(items, list)
        for item in items:
            if isinstance(item, dict) and item["evidence"] == "ready":
                return person.http.get(str(item["evidence_url"])).content
        time.sleep(0.5)
    raise AssertionError(f"no alert of {camera_id} in {within_s:.0f} s")


def test_masked_pixels_are_black_in_evidence_and_in_a_snapshot(states: DemoProcess) -> None:
    person = states.sign_in("administrator")
    masked = cameras_by_name(person)[demo_places.MASKED.name]
    assert (masked["live"], masked["live_reason"]) == ("masked", None)
    evidence = decoded(evidence_of(person, masked["id"], within_s=60))
    assert inside_the_mask(evidence).max() <= LEVEL_OF_BLACK
    assert evidence.mean() > 30  # the rest is a picture
    snapshot = person.http.get(f"/api/cameras/{masked['id']}/snapshot.jpg")
    assert snapshot.status_code == 200, snapshot.text
    assert inside_the_mask(decoded(snapshot.content)).max() <= LEVEL_OF_BLACK


def test_masked_pixels_are_black_in_every_picture_of_live_video(states: DemoProcess) -> None:
    person = states.sign_in("operator")
    masked = cameras_by_name(person)[demo_places.MASKED.name]
    answer = person.http.post(f"/api/cameras/{masked['id']}/tickets", json={"purpose": "wall", "reference": None})
    assert answer.status_code == 201, answer.text
    binaries: list[bytes] = []
    with connect(answer.json()["mse_url"], max_size=None, compression=None) as socket:
        while len(binaries) < 60:
            message = socket.recv(timeout=10)
            binaries += [message] if isinstance(message, bytes) else []
    with av.open(io.BytesIO(b"".join(binaries)), "r") as played:
        shown = [frame.to_ndarray(format="bgr24") for frame in played.decode(video=0)]
    assert len(shown) == 59
    assert max(inside_the_mask(picture).max() for picture in shown) <= LEVEL_OF_BLACK
    assert min(picture.mean() for picture in shown) > 30


def test_any_picture_without_consent_is_refused(states: DemoProcess) -> None:
    person = states.sign_in("operator")
    unasked = cameras_by_name(person)[demo_places.NO_CONSENT.name]
    answer = person.http.post(f"/api/cameras/{unasked['id']}/tickets", json={"purpose": "wall", "reference": None})
    assert answer.status_code in (403, 409)
    assert answer.json()["detail"]
    assert unasked["cause"] == "no_consent"
    assert unasked["last_media_at"] is None
    assert person.http.get(f"/api/cameras/{unasked['id']}/snapshot.jpg").status_code in (403, 409)


def test_each_state_is_there_to_be_seen(states: DemoProcess) -> None:
    known = cameras_by_name(states.sign_in("technician"))
    assert known[demo_places.WRONG_PATH.name]["state"] == "offline"
    assert known[demo_places.SWITCHED_OFF.name]["state"] == "off"


def test_no_start_code_of_a_picture_is_in_the_durable_redis_files(states: DemoProcess) -> None:
    evidence_of(states.sign_in("administrator"), states.line.cameras[0].id, within_s=60)
    time.sleep(1.5)  # everysec: what was appended is in the file
    files = [f for f in states.data_dir.rglob("*") if f.is_file() and re.search(r"\.(aof|rdb)$", f.name)]
    assert files
    assert sum(f.stat().st_size for f in files) > 1000
    assert [(f.name, code) for f in files for code in START_CODES if code in f.read_bytes()] == []


def test_the_lossy_redis_has_no_file_at_all(states: DemoProcess) -> None:
    configurations = {f.parent: f.read_text("utf-8") for f in states.data_dir.rglob("redis.conf")}
    lossy = [folder for folder, text in configurations.items() if "appendonly no" in text]
    assert len(lossy) == 1
    assert [f.name for f in lossy[0].rglob("*") if f.suffix in {".aof", ".rdb"}] == []
    assert 'save ""' in configurations[lossy[0]]


def test_what_lies_on_the_disk_is_for_its_owner_only(states: DemoProcess) -> None:
    def mode(path: Path) -> int:
        return path.stat().st_mode & 0o777

    assert mode(states.data_dir) == 0o700
    assert mode(states.data_dir / "master.key") == 0o600
