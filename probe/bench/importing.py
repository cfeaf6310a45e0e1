"""`probe bench import`: hundreds of cameras from one file into a real console on SQLite; and once more, killed in the
middle and run again, which must end the same. Two consoles one after the other, each on a folder of its own.
"""

from __future__ import annotations

import asyncio
import csv
import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from patrol_console.camera_import import sheets
from patrol_console.camera_import.sheets import Value
from probe.bench.console_under_test import ConsoleUnderTest
from probe.bench.processes import processor
from probe.camera.record import AreaRecord
from probe.camera.tables import Import
from probe.console_client import ConsoleClient

Say = Callable[[str], None]
_AREA = "bench"
_ASK_EVERY_S = 0.05
_LONGEST_S = 600.0


@dataclass(frozen=True, slots=True)
class Ended:
    """An import that is over, and how long it took from the first byte sent."""

    result: Import
    seconds: float


def run(rows: int, folder: Path, say: Say) -> dict[str, object]:
    """The whole bench. The answer is what `--json` prints."""
    file = table(rows)
    with ConsoleUnderTest(folder / "whole") as console, console.client() as client:
        _plant(client)
        cpu = console.cpu_s
        whole = import_to_end(client, file)
        cpu = console.cpu_s - cpu
        again = import_to_end(client, file)
        expected = cameras(client)
        say(f"{rows} rows in {whole.seconds:.1f} s, once more in {again.seconds:.1f} s")
    with ConsoleUnderTest(folder / "killed") as console:
        with console.client() as client:
            _plant(client)
            done = kill_in_the_middle(console, client, file, rows // 2)
        console.start()
        with console.client() as client:
            left = len(cameras(client))
            rest = import_to_end(client, file)
            found = cameras(client)
        say(f"killed after {done} rows, {left} cameras were there; the rest in {rest.seconds:.1f} s")
    return {
        "rows": rows,
        "file_bytes": len(file),
        "seconds": round(whole.seconds, 2),
        "rows_per_s": round(rows / whole.seconds, 1),
        "console_cpu_s": round(cpu, 2),
        "counts": whole.result.counts,
        "again_s": round(again.seconds, 2),
        "again_counts": again.result.counts,
        "killed_after_rows": done,
        "cameras_after_kill": left,
        "rest_counts": rest.result.counts,
        "same_end": found == expected and len(found) == rows,
        "database": "SQLite",
        "processor": processor(),
    }


def table(rows: int) -> bytes:
    """A spreadsheet of cameras as a technician has it: most fields filled in."""

    def row(number: int) -> list[Value]:
        place = [f"camera {number:04d}", f"rtsp://10.{number // 62500}.{number // 250 % 250}.{number % 250 + 1}/s2"]
        code = f"44010200001320{number:06d}" if number % 3 else None
        where: list[Value] = ["admin", _AREA, "by the road", 113.0 + number / 10_000, 23.0, code]
        how: list[Value] = ["public", "every 10 min", "NVR, 30 days", "road, bench", "yellow", None, None, None, "yes"]
        return [*place, *where, *how]

    return sheets.export("xlsx", "en", (row(number) for number in range(rows)))


def import_to_end(client: ConsoleClient, file: bytes) -> Ended:
    """Import and wait. Raises TimeoutError, and ChildProcessError where it stopped."""
    began = time.monotonic()
    now = client.upload(Import, "/api/cameras/import", "cameras.xlsx", file, {})
    while now.state == "running":
        asyncio.run(asyncio.sleep(_ASK_EVERY_S))
        now = client.get(Import, f"/api/cameras/imports/{now.id}", lines=0)
        if time.monotonic() - began > _LONGEST_S:
            raise TimeoutError("the import does not end")
    if now.state != "done":
        raise ChildProcessError("the import stopped")
    return Ended(now, time.monotonic() - began)


def kill_in_the_middle(console: ConsoleUnderTest, client: ConsoleClient, file: bytes, at: int) -> int:
    """Begin an import and kill its console when so many rows are done; how many were told of then."""
    now = client.upload(Import, "/api/cameras/import", "cameras.xlsx", file, {})
    while now.done < at and now.state == "running":
        now = client.get(Import, f"/api/cameras/imports/{now.id}", lines=0)
    console.kill()
    return now.done


def cameras(client: ConsoleClient) -> list[list[str]]:
    """All cameras as an export has them, sorted."""
    text = client.file("/api/cameras/export", kind="csv").decode("utf-8-sig")
    return sorted(list(csv.reader(io.StringIO(text)))[1:])


def _plant(client: ConsoleClient) -> None:
    body: dict[str, JsonValue] = {"name": _AREA, "parent_id": None}
    client.send(AreaRecord, "POST", "/api/areas", body)
