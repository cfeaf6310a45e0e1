"""Drawn scenes: empty until the visitor comes, seen by a people detector and by packet sizes, kept on disk."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from camera_gateway.simulator.places import NAMES, name_of, places_for
from camera_gateway.simulator.scene import ENTERS_S, FPS, LEAVES_S, drawn, pictures
from camera_gateway.simulator.scenery import HEIGHT_PX, SCENERIES, WIDTH_PX, Scenery


@pytest.mark.parametrize("scenery", [SCENERIES[0], SCENERIES[6]], ids=["day", "night"])
def test_a_people_detector_finds_the_visitor_in_the_zone_and_nobody_before(scenery: Scenery) -> None:
    hog = cv2.HOGDescriptor()
    hog.setSVMDetector(np.asarray(cv2.HOGDescriptor.getDefaultPeopleDetector()))
    zone = (np.array(scenery.facing(scenery.zone)) * (WIDTH_PX, HEIGHT_PX)).astype(np.int32)

    def people(at_s: float) -> list[tuple[float, float]]:
        picture = next(islice(pictures(scenery, "x"), round(at_s * FPS), None))
        boxes, weights = hog.detectMultiScale(picture, winStride=(8, 8), padding=(8, 8), scale=1.05)
        return [
            (x + w / 2, y + h * 0.92) for (x, y, w, h), sure in zip(boxes, np.ravel(weights), strict=True) if sure > 0.5
        ]

    assert people(ENTERS_S - 1) == []
    for at_s in (8.0, 10.0, 14.0):
        feet = people(at_s)
        assert len(feet) == 1, at_s
        assert cv2.pointPolygonTest(zone, feet[0], measureDist=False) > 0


def test_packet_sizes_tell_the_visitor_in_daylight_and_the_second_start_draws_nothing(tmp_path: Path) -> None:
    (scene,) = drawn(["村口东"], "day", tmp_path)
    sizes = [(n / FPS, sum(map(len, p.nals))) for n, p in enumerate(scene.clip.pictures) if not p.keyframe]
    empty = np.mean([size for at_s, size in sizes if at_s > LEAVES_S + 0.5])
    busy = np.mean([size for at_s, size in sizes if ENTERS_S + 1 < at_s < LEAVES_S - 1])
    assert busy > 1.5 * empty
    (kept,) = tmp_path.iterdir()
    written = kept.stat().st_mtime_ns
    assert drawn(["村口东"], "day", tmp_path)[0].clip == scene.clip
    assert kept.stat().st_mtime_ns == written


def test_a_kept_clip_that_was_cut_short_is_made_again(tmp_path: Path) -> None:
    (scene,) = drawn(["村口东"], "day", tmp_path)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes()[:-100])
    assert drawn(["村口东"], "day", tmp_path)[0].clip == scene.clip


def test_names_never_repeat_and_every_place_has_its_zone(tmp_path: Path) -> None:
    assert len({name_of(index) for index in range(600)}) == 600
    places = places_for(4, clip=None, light="night", cache=tmp_path)
    assert [p.name for p in places] == list(NAMES[:4])
    assert all(p.scene == "night" and len(p.zone) >= 3 for p in places)
    assert places[3].start_s != places[0].start_s
