"""A console that is killed in the middle of an import leaves whole rows, and the same file again ends as without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from probe.bench.importing import run


@pytest.mark.slow
def test_killed_in_the_middle_and_run_again_an_import_ends_the_same(tmp_path: Path) -> None:
    told: list[str] = []
    answer = run(120, tmp_path, told.append)
    none = {"changed": 0, "refused": 0}
    assert answer["counts"] == {"created": 120, "unchanged": 0, **none}
    assert answer["again_counts"] == {"created": 0, "unchanged": 120, **none}
    killed_after, there = answer["killed_after_rows"], answer["cameras_after_kill"]
    assert isinstance(killed_after, int)
    assert isinstance(there, int)
    assert 60 <= killed_after <= there <= 120
    assert answer["rest_counts"] == {"created": 120 - there, "unchanged": there, **none}
    assert answer["same_end"] is True
    assert len(told) == 2
