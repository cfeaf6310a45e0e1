"""What makes the demo real when it can be had: a clip of a real place and the weights of a real detector.

Each is looked for in the folder `PROBE_MATERIAL`, then among what was fetched before, then fetched with its SHA-256
checked. A machine without Internet loses at most three seconds: when nothing has begun to arrive by then, the demo
goes on with drawn scenes. The download runs in a daemon thread of its own.
"""

from __future__ import annotations

import hashlib
import os
import threading
from dataclasses import dataclass
from pathlib import Path

from hub.settings import Settings

FIRST_BYTE_S = 3.0
ALL_OF_IT_S = 20.0
_LARGEST_BYTES = 64_000_000


@dataclass(frozen=True, slots=True)
class Piece:
    """One file: where it lies in the material, where it comes from, what it must be."""

    path: str
    source: str
    sha256: str
    licence: str


CLIP = Piece(
    path="videos/one-by-one-person-detection.mp4",
    source="https://github.com/intel-iot-devkit/sample-videos/raw/master/one-by-one-person-detection.mp4",
    sha256="a5964aa259099a482a8b360ffc2c57b5a30f84d5919236a4dad01f8e929ac07c",
    licence="CC-BY-4.0 (Intel IoT DevKit)",
)


def find(piece: Piece) -> Path | None:
    """The file, or None when it cannot be had now."""
    material = os.environ.get("PROBE_MATERIAL")
    candidates = [Path(material) / piece.path] if material else []
    kept = cache_dir() / Path(piece.path).name
    for candidate in (*candidates, kept):
        if candidate.is_file() and _sha256(candidate) == piece.sha256:
            return candidate
    if os.environ.get("PROBE_OFFLINE") == "1":
        return None
    return kept if fetch(piece, kept) else None


def place_weights(settings: Settings) -> bool:
    """Put the weights of the model that the settings name where the detector looks; False when they cannot be had."""
    from analytics.weights import Weights

    weights = Weights(settings.models_path)
    model = weights.model(settings.analytics.model)
    if weights.is_present(model.name):
        return True
    found = find(Piece(f"models/{model.file}", model.source, model.sha256, model.licence))
    if found is None:
        return False
    weights.add(found)
    return True


def cache_dir() -> Path:
    """Where fetched files are kept between demos."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "probe-patrol"


def fetch(piece: Piece, target: Path, *, first_byte_s: float = FIRST_BYTE_S, all_s: float = ALL_OF_IT_S) -> bool:
    """Download `piece` to `target`; False when it does not begin, does not end in time, or is not what it must be."""
    begun, ended, stop = threading.Event(), threading.Event(), threading.Event()
    good: list[bool] = []

    def download() -> None:
        try:
            good.append(_download(piece, target, begun, stop))
        finally:
            begun.set()
            ended.set()

    threading.Thread(target=download, name="demo-material", daemon=True).start()
    if not begun.wait(first_byte_s) or not ended.wait(all_s):
        stop.set()
        return False
    return bool(good and good[0])


def _download(piece: Piece, target: Path, begun: threading.Event, stop: threading.Event) -> bool:
    import httpx

    digest = hashlib.sha256()
    size = 0
    partial = target.with_suffix(f".{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with (
            httpx.stream("GET", piece.source, timeout=FIRST_BYTE_S, follow_redirects=True) as answer,
            partial.open("wb") as file,
        ):
            if not answer.is_success:
                return False
            for chunk in answer.iter_bytes():
                begun.set()
                size += len(chunk)
                if stop.is_set() or size > _LARGEST_BYTES:
                    return False
                digest.update(chunk)
                file.write(chunk)
        if digest.hexdigest() != piece.sha256:
            return False
        partial.replace(target)
    except (httpx.HTTPError, httpx.InvalidURL, OSError):
        return False
    finally:
        partial.unlink(missing_ok=True)
    return True


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
