"""The undo file: there before the change, whole or harmlessly cut, for its owner alone, without a password."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from hub.contracts.cure import UndoKind, UndoStep, XmlTree
from hub.errors import HubError
from probe.camera.undo_file import UndoFile, read, usual_path
from tests.support.clock import START

STEP = UndoStep(kind=UndoKind.ENCODER, service="media2", token="e2", before=XmlTree(name="C", text="码流"))
ADDRESS = "http://10.0.0.7/onvif/device_service"


def test_a_run_that_changes_nothing_leaves_no_file(tmp_path: Path) -> None:
    with UndoFile(tmp_path / "u", START) as kept:
        assert not kept.written
    assert list(tmp_path.iterdir()) == []


def test_a_step_is_on_the_disk_when_append_returns(tmp_path: Path) -> None:
    with UndoFile(tmp_path / "u", START) as kept:
        kept.append(ADDRESS, STEP)
        assert read(tmp_path / "u") == {ADDRESS: [STEP]}
        kept.append(ADDRESS, STEP)
    assert read(tmp_path / "u") == {ADDRESS: [STEP, STEP]}
    assert stat.S_IMODE((tmp_path / "u").stat().st_mode) == 0o600


def test_each_step_is_synced_before_append_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    real = os.fsync

    def fsync(file: int) -> None:
        synced.append(file)
        real(file)

    monkeypatch.setattr(os, "fsync", fsync)
    with UndoFile(tmp_path / "u", START) as kept:
        kept.append(ADDRESS, STEP)
        count = len(synced)
        kept.append(ADDRESS, STEP)
        assert len(synced) == count + 1


def test_a_file_cut_anywhere_gives_the_steps_that_were_whole(tmp_path: Path) -> None:
    path = tmp_path / "u"
    with UndoFile(path, START) as kept:
        kept.append(ADDRESS, STEP)
        first = path.stat().st_size
        kept.append(ADDRESS, STEP)
    whole = path.read_bytes()
    for end in range(first, len(whole)):
        path.write_bytes(whole[:end])
        assert read(path) == {ADDRESS: [STEP]}, end


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "u").write_text("somebody's")
    with UndoFile(tmp_path / "u", START) as kept, pytest.raises(HubError, match="undo_exists"):
        kept.append(ADDRESS, STEP)
    assert (tmp_path / "u").read_text() == "somebody's"


def test_where_it_cannot_be_written_that_is_said_before_any_change(tmp_path: Path) -> None:
    with UndoFile(tmp_path / "none" / "u", START) as kept, pytest.raises(HubError, match="undo_cannot_write"):
        kept.append(ADDRESS, STEP)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "undo_empty"),
        ('{"a": 1}\n', "undo_not_ours"),
        ("[" * 50_000 + "\n", "undo_not_ours"),
        ('{"undo_of": "probe camera fix", "version": 1, "at": ""}\n', "undo_empty"),
        ('{"undo_of": "probe camera fix", "version": 1, "at": ""}\n{"address": 3}\n', "undo_damaged"),
        (
            '{"undo_of": "probe camera fix", "version": 1, "at": ""}\n{"address": "a", "step": {"kind": "encoder",'
            ' "service": "media", "before": {"name": "a><b"}}}\n',
            "undo_damaged",  # a name that would write XML of its own
        ),
        (
            '{"undo_of": "probe camera fix", "version": 1, "at": ""}\n{"address": "a", "step": {"kind": "encoder",'
            ' "service": "media", "before": {"name": "a", "attributes": {"b=\'1\'><c": ""}}}}\n',
            "undo_damaged",
        ),
    ],
)
def test_what_is_no_undo_file_is_refused_whole(tmp_path: Path, text: str, code: str) -> None:
    (tmp_path / "u").write_text(text)
    with pytest.raises(HubError, match=code):
        read(tmp_path / "u")


def test_its_usual_name_says_when() -> None:
    assert usual_path(START).name.startswith("probe-fix-2026")
