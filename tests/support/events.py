"""Listens to the console's server-sent events in a thread and notes when each came."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from types import TracebackType

import httpx

from tests.support.demo import Person


@dataclass(frozen=True)
class Heard:
    """One `change` event and the monotonic second it came at."""

    noun: str
    id: str
    change: str
    at: float


class Listening:
    """`with Listening(person) as ear:` is connected inside."""

    def __init__(self, person: Person) -> None:
        self._client = httpx.Client(base_url=person.url, timeout=60, trust_env=False, cookies=person.http.cookies)
        self._connected = threading.Event()
        self._new = threading.Condition()
        self._stream: httpx.Response | None = None
        self.heard: list[Heard] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Listening:
        self._thread.start()
        assert self._connected.wait(10), "no event stream in 10 s"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.close()

    def wait_for(self, noun: str, thing: str, within_s: float, after: float = 0.0) -> Heard | None:
        """The first event of that noun and id that came after the second `after`, or None."""
        end = time.monotonic() + within_s
        with self._new:
            while True:
                for heard in self.heard:
                    if heard.noun == noun and heard.id in (thing, "*") and heard.at >= after:
                        return heard
                left = end - time.monotonic()
                if left <= 0 or not self._new.wait(left):
                    return None

    def _listen(self) -> None:
        try:
            with self._client.stream("GET", "/api/events") as answer:
                answer.raise_for_status()
                self._connected.set()
                for line in answer.iter_lines():
                    if line.startswith("data:"):
                        data = json.loads(line[5:])
                        with self._new:
                            self.heard.append(Heard(data["noun"], data["id"], data["change"], time.monotonic()))
                            self._new.notify_all()
        except (httpx.HTTPError, RuntimeError, ValueError, OSError):
            return  # closed under us at the end
