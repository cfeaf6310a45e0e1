"""The bench of ONVIF clients knows each device it counts, and tells what the documents quote."""

from __future__ import annotations

import sys

import pytest

from probe.bench.onvif import run

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


async def test_each_client_gets_to_know_its_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probe.bench.onvif._QUIET_S", 0.1)
    monkeypatch.setattr("probe.bench.onvif._COUNTED", 5)
    said: list[str] = []
    told = await run(5, said.append)
    assert told["clients"] == 5
    assert {
        "documents_s",
        "documents_mb",
        "known_cpu_ms_per_client",
        "held_kb_per_client",
        "call_cpu_ms",
    } <= told.keys()
    assert 1 < float(str(told["held_kb_per_client"])) < 500
    assert len(said) == 2
