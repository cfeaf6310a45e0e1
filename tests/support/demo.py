"""A demo as a process of its own: started once, read by its one line of JSON, stopped as Ctrl-C does, nothing left
behind.

What it says of itself goes to a log file beside its data, shown when it does not become ready.
"""

from __future__ import annotations

import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import httpx
from pydantic import BaseModel, ConfigDict, JsonValue

ROOT = Path(__file__).resolve().parent.parent.parent


class User(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str
    role: str
    password: str


class Camera(BaseModel):
    model_config = ConfigDict(extra="allow")
    id: str
    name: str
    rtsp_url: str


class Line(BaseModel):
    """The line of `probe demo --json`."""

    url: str
    gateway_url: str
    users: list[User]
    cameras: list[Camera]

    def user(self, role: str) -> User:
        return next(user for user in self.users if user.role == role)


class DemoProcess:
    """`with DemoProcess(folder) as demo:` is ready inside; `demo.line` is what it printed, `ready_s` its time to it.

    `prefix`: a command that becomes the demo, as `ip netns exec` does.
    """

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        ready_within_s: float = 90.0,
        prefix: Sequence[str] = (),
        **variables: str,
    ) -> None:
        self.folder = folder
        self.data_dir = folder / "data"
        self.log = folder / "demo.log"
        self._ready_within_s = ready_within_s
        self._arguments = arguments
        self._prefix = prefix
        self._environment = {**os.environ, "PROBE_LANGUAGE": "zh", **variables}
        self._process: subprocess.Popen[str] | None = None
        self._people: list[Person] = []
        self.line = Line(url="", gateway_url="", users=[], cameras=[])
        self.ready_s = 0.0
        self.ready_at = 0.0

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def __enter__(self) -> DemoProcess:
        self.folder.mkdir(parents=True, exist_ok=True)
        begin = time.monotonic()
        command = [*self._prefix, sys.executable, "-m", "probe.cli", "demo", "--json", "--data", str(self.data_dir)]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [*command, "--port", str(free_ports()), *self._arguments],
                cwd=ROOT,
                env=self._environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, args=(lines,), daemon=True)
        self._reader.start()
        try:
            first = lines.get(timeout=self._ready_within_s)
        except queue.Empty:
            first = ""
        if not first.startswith("{"):
            self.stop()
            raise AssertionError(f"the demo did not become ready; its log ends:\n{self.tail()}")
        self.ready_at = time.monotonic()
        self.ready_s = self.ready_at - begin
        self.line = Line.model_validate_json(first)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for person in self._people:
            person.http.close()
        left = self.children()
        status = self.stop()
        if error is None:
            assert status == 0, f"the demo ended with {status}; its log ends:\n{self.tail()}"
            assert [pid for pid in left if is_alive(pid)] == [], "processes were left behind"

    def stop(self, within_s: float = 15.0) -> int:
        """Interrupt it, as Ctrl-C does, and wait."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        try:
            return self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return -1
        finally:
            self._reader.join(5)
            if self._process.stdout is not None:
                self._process.stdout.close()

    def children(self) -> dict[int, str]:
        """Every process beneath the demo, by pid, with its command line."""
        parents: dict[int, int] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    stat = (entry / "stat").read_text()
                except OSError:
                    continue
                parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
        found: dict[int, str] = {}
        grown = True
        while grown:
            grown = False
            for pid, parent in parents.items():
                if pid not in found and (parent == self.pid or parent in found) and is_alive(pid):
                    found[pid] = command_line(pid)
                    grown = True
        return found

    def tail(self, lines: int = 30) -> str:
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:]) if self.log.exists() else ""

    def sign_in(self, role: str) -> Person:
        """A person of that role, signed in over REST; signed out of the socket at the demo's end."""
        person = Person(self.line.url, self.line.user(role))
        self._people.append(person)
        return person

    def _read(self, lines: queue.Queue[str]) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        for line in self._process.stdout:
            lines.put(line)
        lines.put("")


@dataclass
class Person:
    """A signed-in client of the console: cookie, CSRF token, JSON."""

    url: str
    user: User
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.url, timeout=15, trust_env=False)
        answer = self.http.post("/api/session", json={"username": self.user.name, "password": self.user.password})
        answer.raise_for_status()
        self.http.headers["X-CSRF-Token"] = answer.json()["csrf_token"]

    def get(self, path: str) -> JsonValue:
        answer = self.http.get(path)
        answer.raise_for_status()
        parsed: JsonValue = answer.json()
        return parsed


def free_ports() -> int:
    """A port with three free ones behind it: console, gateway, detect, judge."""
    for _ in range(200):
        with socket.socket() as first:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
        if port < 65000 and all(_is_free(port + offset) for offset in range(8)):
            return port
    raise AssertionError("no free ports")


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
    except OSError:
        return ""


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
