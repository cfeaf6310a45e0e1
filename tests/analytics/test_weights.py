"""Weights: only what is declared, whole, and finds objects and not persons."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml

from analytics.detectors.chosen import choose
from analytics.weights import MANIFEST, Weights, read_manifest
from hub.errors import HubError
from hub.settings import AnalyticsSettings

CONTENT = b"weights" * 1000


def entry(**changes: object) -> dict[str, object]:
    return {
        "task": "object-detection",
        "family": "yolox",
        "file": "small.onnx",
        "source": "https://example.org/small.onnx",
        "licence": "Apache-2.0",
        "sha256": hashlib.sha256(CONTENT).hexdigest(),
        "bytes": len(CONTENT),
        "input": {"width_px": 416, "height_px": 416},
        "classes": ["person", "car"],
        **changes,
    }


def manifest(folder: Path, changes: dict[str, object], name: str = "small") -> Path:
    file = folder / "declared.yaml"
    file.write_text(yaml.safe_dump({"version": 1, "models": {name: entry(**changes)}}))
    return file


def weights(tmp_path: Path, **changes: object) -> Weights:
    return Weights(tmp_path / "models", manifest(tmp_path, changes))


def code_of(error: pytest.ExceptionInfo[HubError]) -> str:
    return error.value.code


def test_our_own_manifest_is_whole_and_each_model_has_source_licence_and_classes() -> None:
    models = read_manifest(MANIFEST)
    assert {"yolox-nano", "nanodet-m"} <= models.keys()
    for model in models.values():
        assert model.source.startswith("https://")
        assert model.licence in {"Apache-2.0", "MIT", "BSD-3-Clause"}
        assert len(model.classes) == 80
        assert model.classes[0] == "person"


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("scrfd-500m", {}),
        ("small", {"task": "face-detection"}),
        ("small", {"task": "face-recognition"}),
        ("small", {"task": "person-reidentification"}),
        ("small", {"task": "feature-extraction"}),
        ("small", {"classes": ["person", "face"]}),
        ("small", {"classes": ["Face"]}),
        ("small", {"file": "arcface_r50.onnx"}),
        ("small", {"file": "person-reid-0288.onnx"}),
        ("osnet_reid", {}),
        ("small", {"source": "https://example.org/insightface/model.onnx"}),
        ("gait-set", {}),
    ],
)
def test_models_of_faces_and_of_who_somebody_is_are_refused(
    tmp_path: Path, name: str, changes: dict[str, object]
) -> None:
    with pytest.raises(HubError) as caught:
        Weights(tmp_path, manifest(tmp_path, changes, name))
    assert code_of(caught) == "analytics.model_forbidden"


@pytest.mark.parametrize("classes", [["surfboard", "car"], ["interface"], ["remote", "bird"]])
def test_words_that_only_resemble_are_not_refused(tmp_path: Path, classes: list[str]) -> None:
    assert weights(tmp_path, classes=classes).model("small").classes == tuple(classes)


@pytest.mark.parametrize(
    "changes",
    [
        {"sha256": "abc"},
        {"file": "../../etc/passwd"},
        {"file": "small.pt"},  # a pickle runs code when it is opened
        {"bytes": 10**12},
        {"family": "unknown"},
        {"extra": 1},
    ],
)
def test_a_wrong_declaration_is_a_sentence(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(HubError) as caught:
        weights(tmp_path, **changes)
    assert code_of(caught) == "analytics.manifest_malformed"


def test_a_file_is_added_by_its_sha256_whatever_its_name(tmp_path: Path) -> None:
    stick = tmp_path / "anything.bin"
    stick.write_bytes(CONTENT)
    store = weights(tmp_path)
    assert store.add(stick).name == "small"
    assert store.path("small").read_bytes() == CONTENT
    assert [file.name for file in store.folder.iterdir()] == ["small.onnx"]


def test_a_file_that_nobody_declared_is_refused_until_it_is_declared_beside_the_weights(tmp_path: Path) -> None:
    stick = tmp_path / "mine.onnx"
    stick.write_bytes(b"mine")
    store = weights(tmp_path)
    with pytest.raises(HubError) as caught:
        store.add(stick)
    assert code_of(caught) == "analytics.model_undeclared"
    store.folder.mkdir()
    mine = entry(file="mine.onnx", sha256=hashlib.sha256(b"mine").hexdigest(), bytes=4)
    declared = {"models": {"mine": mine, "small": entry(licence="stolen")}}
    (store.folder / "manifest.yaml").write_text(yaml.safe_dump(declared))
    again = weights(tmp_path)
    assert again.add(stick).name == "mine"
    assert again.model("small").licence == "Apache-2.0"  # ours is not overwritten


def test_a_file_that_was_changed_is_not_used(tmp_path: Path) -> None:
    store = weights(tmp_path)
    store.folder.mkdir()
    for wrong in (CONTENT[:-1] + b"X", CONTENT + b"X", b""):
        (store.folder / "small.onnx").write_bytes(wrong)
        with pytest.raises(HubError) as caught:
            store.path("small")
        assert code_of(caught) == "analytics.model_sha256"


def test_the_choice_says_what_is_used_and_why(tmp_path: Path) -> None:
    store = weights(tmp_path)
    automatic = AnalyticsSettings(model="small")
    assert (choose(automatic, store).name, choose(automatic, store).reason) == ("hog+motion", "analytics.why_no_model")
    store.folder.mkdir()
    (store.folder / "small.onnx").write_bytes(CONTENT)
    assert choose(automatic, store).name == "openvino:small"
    (store.folder / "small.onnx").write_bytes(b"changed")
    assert choose(automatic, store).reason == "analytics.why_model_refused"
    for name in ("motion", "hog"):
        assert choose(AnalyticsSettings.model_validate({"detector": name, "model": "small"}), store).name == name
    with pytest.raises(HubError):
        choose(AnalyticsSettings(detector="openvino", model="small"), store)


class Source(BaseHTTPRequestHandler):
    """Gives `CONTENT` at /good, something else at /wrong, without end at /endless."""

    def do_GET(self) -> None:
        self.send_response(404 if self.path == "/absent" else 200)
        self.end_headers()
        if self.path == "/endless":
            try:
                for _ in range(10_000):
                    self.wfile.write(b"x" * 65536)
            except OSError:
                return
        self.wfile.write(CONTENT if self.path == "/good" else b"something else")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def source() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Source)
    thread = Thread(target=server.serve_forever, name="test-source")
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/good", None),
        ("/wrong", "analytics.model_sha256"),
        ("/endless", "analytics.model_sha256"),
        ("/absent", "analytics.model_unreachable"),
    ],
)
def test_a_download_is_kept_only_when_it_is_what_was_declared(
    tmp_path: Path, source: str, path: str, code: str | None
) -> None:
    store = weights(tmp_path, source=source + path)
    if code is None:
        assert store.pull("small").read_bytes() == CONTENT
        return
    with pytest.raises(HubError) as caught:
        store.pull("small")
    assert code_of(caught) == code
    assert not store.folder.exists() or list(store.folder.iterdir()) == []


def test_what_lies_at_hand_is_taken_without_the_network(tmp_path: Path) -> None:
    material = tmp_path / "material" / "models"
    material.mkdir(parents=True)
    (material / "small.onnx").write_bytes(CONTENT)
    store = weights(tmp_path, source="http://127.0.0.1:9/nothing-listens")
    assert store.pull("small", tmp_path / "material").read_bytes() == CONTENT


def test_a_source_that_does_not_answer_is_a_sentence_in_good_time(tmp_path: Path) -> None:
    store = weights(tmp_path, source="http://127.0.0.1:9/nothing-listens")
    with pytest.raises(HubError) as caught:
        store.pull("small", timeout_s=2)
    assert code_of(caught) == "analytics.model_unreachable"
