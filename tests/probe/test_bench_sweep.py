"""The bench of a sweep counts what it says: pictures that arrived, the dead, and both CPU times."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from hub.errors import HubError
from probe.bench.ffmpeg import one_frame_each
from probe.bench.sweep import run

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="no ffmpeg")
async def test_every_camera_is_counted_and_every_picture_arrives(tmp_path: Path) -> None:
    answer = await run(10, 0.3, None, 2, tmp_path, lambda _: None)
    assert (answer["swept"], answer["failed"], answer["skipped"], answer["left_open"]) == (7, 3, 0, 0)
    assert answer["pictures_read"] == 14
    assert float(str(answer["least_between_s"])) >= 10
    vs = answer["vs"]
    assert isinstance(vs, dict)
    assert vs["name"] == "ffmpeg"
    assert float(str(answer["cpu_s"])) > 0
    assert float(str(answer["cpu_ratio"])) == pytest.approx(
        float(str(answer["cpu_s"])) / 7 / float(vs["cpu_s_per_camera"]), rel=0.1
    )


async def test_without_ffmpeg_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(HubError, match="no_ffmpeg"):
        await one_frame_each(["rtsp://127.0.0.1/x"])
