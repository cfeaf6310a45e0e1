"""Any one process of the demo killed at random points, Redis included: back within 5 s, no alert lost or doubled.

`PROBE_KILLS` says how often (5 by default; 20 is the full measure). Time is counted from the kill until every part says
that it is ready again. `pytest -s` shows each kill and the table of `docs/design/numbers.md`.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

import httpx
import pytest
import redis

from probe.demo_seed import CLEAR_AFTER_S
from probe.supervisor import HUNG_AFTER_S
from tests.support.demo import ROOT, DemoProcess, Person

KILLS = int(os.environ.get("PROBE_KILLS", "5"))
BACK_WITHIN_S = 5.0
SETTLE_S = 12.0  # claims of what the dead had taken begin after 10 s
PARTS = {
    "console": r" console run",
    "gateway": r" gateway run",
    "detect": r"--role[ =]detect",
    "judge": r"--role[ =]judge",
    "simulator": r" sim ",
    "redis": r"redis-server.*/redis/",
    "redis-frames": r"redis-server.*/redis-frames/",
}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240 + 30 * KILLS)]


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    with DemoProcess(tmp_path_factory.mktemp("kills"), "--cameras", "3") as running:
        yield running


def part_of(command: str) -> str | None:
    return next((name for name, pattern in PARTS.items() if re.search(pattern, command)), None)


def processes(demo: DemoProcess) -> dict[int, str]:
    return {pid: part for pid, command in demo.children().items() if (part := part_of(command))}


def bare_start_s() -> float:
    """How long a start takes here and now, on a machine that may have other things to do."""
    begin = time.monotonic()
    subprocess.run([sys.executable, "-c", "import patrol_console.app"], cwd=ROOT, check=True, timeout=60)
    return time.monotonic() - begin


def all_well(demo: DemoProcess) -> bool:
    """Every part runs and says it is ready, and the simulator takes connections."""
    port = int(demo.line.url.rpartition(":")[2])
    try:
        if any(httpx.get(f"http://127.0.0.1:{port + n}/readyz", trust_env=False).status_code != 200 for n in range(4)):
            return False
    except httpx.HTTPError:
        return False
    found = list(processes(demo).values())
    return sorted(found) == sorted(PARTS)


def published_alert_ids(demo: DemoProcess) -> set[str]:
    """What the judge put on the durable topic, as far back as it reaches."""
    for config in demo.data_dir.rglob("redis.conf"):
        text = config.read_text("utf-8")
        if "appendonly yes" not in text:
            continue
        socket = re.search(r'^unixsocket "?([^"\n]+)"?$', text, re.M)
        password = re.search(r'^requirepass "?([^"\n]+)"?$', text, re.M)
        assert socket
        assert password
        client = redis.Redis(unix_socket_path=socket[1], password=password[1], protocol=2)
        try:
            entries = client.xrange("probe:alerts")
        finally:
            client.close()
        assert isinstance(entries, list)
        return {json.loads(fields[b"m"])["alert_id"] for _, fields in entries if fields is not None}
    raise AssertionError("no durable Redis of our own")


def logged_alert_ids(demo: DemoProcess) -> set[str]:
    """What the judge said that it committed, from the demo's beginning: the topic forgets what is acknowledged."""
    lines = (demo.data_dir / "demo.log").read_text("utf-8", "replace").splitlines()
    return {json.loads(line)["alert_id"] for line in lines if line.startswith("{") and '"alert.raised"' in line}


def show(times: dict[str, list[float]]) -> None:
    """The table: each part with its kills, the median and the worst time until all is ready again, in seconds."""
    print(f"\nload {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n| process | kills | median s | worst s |")
    for part, took in sorted(times.items()):
        print(f"| {part} | {len(took)} | {statistics.median(took):.1f} | {max(took):.1f} |")


def all_alerts(person: Person) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for group in ("waiting", "handling", "done"):
        cursor = ""
        while True:
            page = person.get(f"/api/alerts?group={group}&limit=100{cursor}")
            assert isinstance(page, dict)
            items = page["items"]
            assert isinstance(items, list)
            found += [dict(item) for item in items if isinstance(item, dict)]
            if not page["next"]:
                break
            cursor = f"&cursor={page['next']}"
    return found


def test_killed_parts_are_back_in_5_s_and_no_alert_is_lost_or_doubled(victim: DemoProcess) -> None:
    chance = random.Random(20261123)
    order: list[str] = []
    slow: list[str] = []
    times: dict[str, list[float]] = defaultdict(list)
    for number in range(KILLS):
        if not order:
            order = [
                *chance.sample(sorted(set(PARTS) - {"redis"}), len(PARTS) - 1),
                "redis",
            ]  # from the end: Redis first
        part = order.pop()
        time.sleep(chance.uniform(1.0, 6.0))
        pid = chance.choice([pid for pid, name in processes(victim).items() if name == part])
        os.kill(pid, signal.SIGKILL)
        begin = time.monotonic()
        while not (all_well(victim) and pid not in victim.children()):
            assert time.monotonic() - begin < 30, f"{part} did not come back; the log ends:\n{victim.tail()}"
            time.sleep(0.05)
        took = time.monotonic() - begin
        times[part].append(took)
        print(f"kill {number + 1}: {part} back after {took:.2f} s")
        if took > BACK_WITHIN_S and took > 2.5 * bare_start_s():
            slow.append(f"{part} {took:.1f} s")
    show(times)
    assert slow == []

    time.sleep(SETTLE_S)
    person = victim.sign_in("duty_officer")
    alerts = all_alerts(person)
    stored = [str(alert["id"]) for alert in alerts]
    assert len(stored) == len(set(stored))
    raised = published_alert_ids(victim) | logged_alert_ids(victim)
    print(f"{len(raised)} alerts raised, {len(stored)} stored")
    assert raised - set(stored) == set(), "published and not stored"
    moments: dict[str, list[datetime]] = defaultdict(list)
    for alert in alerts:
        moments[str(alert["camera_id"])].append(datetime.fromisoformat(str(alert["captured_at"])))
    assert set(moments) == {camera.id for camera in victim.line.cameras}, "a camera never raised an alert"
    for camera_id, captured in moments.items():
        captured.sort()
        gaps = [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(captured)]
        assert [gap for gap in gaps if gap < CLEAR_AFTER_S] == [], f"{camera_id}: one episode, two alerts"


def test_a_service_that_hangs_is_started_again(victim: DemoProcess) -> None:
    pid = next(pid for pid, part in processes(victim).items() if part == "gateway")
    os.kill(pid, signal.SIGSTOP)
    begin = time.monotonic()
    while not (pid not in victim.children() and all_well(victim)):
        assert time.monotonic() - begin < HUNG_AFTER_S + 30, f"still the same; the log ends:\n{victim.tail()}"
        time.sleep(0.2)
    print(f"hung gateway: back after {time.monotonic() - begin:.1f} s")
