"""Which hub a command talks to: one named by `--url` and a person's password, or the one that runs on this machine.

For the hub on this machine whoever can read its key file may administer: the token is made from that key, for
minutes, and nothing is asked. A password comes from the terminal or from `PROBE_PASSWORD`, never from the command
line. Main thread.
"""

from __future__ import annotations

import getpass
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hub.clock import SystemClock
from hub.errors import ErrorKind, HubError
from probe.console_client import ANSWER_S, ConsoleClient
from probe.language import say

if TYPE_CHECKING:
    from hub.running import RunningHub


@dataclass(frozen=True, slots=True)
class Target:
    """What the options of a command say about the hub."""

    data_dir: Path | None = None
    url: str | None = None
    person: str | None = None

    def connect(self, *, answer_s: float = ANSWER_S) -> ConsoleClient:
        """A client that may ask; an answer may take `answer_s`.

        Raises NOT_FOUND when no hub runs here, INVALID when several do.
        """
        if self.url is not None:
            return self._connect_as_person(self.url, answer_s)
        from hub import local_access  # these bring cryptography along: only who talks to a hub pays for it
        from hub.secrets import MasterKey

        hub = self.find()
        key = MasterKey.load(key_file(Path(hub.data_dir)))
        return ConsoleClient(hub.console_url, token=lambda: local_access.mint(key, SystemClock()), timeout_s=answer_s)

    def find(self) -> RunningHub:
        """The hub that runs here: that of `--data` or `PROBE_DATA_DIR`, or the only one."""
        from hub import running

        wanted = self.data_dir or (Path(named) if (named := os.environ.get("PROBE_DATA_DIR")) else None)
        hubs = running.find()
        if wanted is not None:
            hubs = [hub for hub in hubs if Path(hub.data_dir).resolve() == wanted.resolve()]
        if not hubs:
            raise HubError(ErrorKind.NOT_FOUND, "probe.no_hub_running")
        if len(hubs) > 1:
            folders = "  ".join(str(hub.data_dir) for hub in hubs)
            raise HubError(ErrorKind.INVALID, "probe.several_hubs", folders=folders)
        return hubs[0]

    def _connect_as_person(self, url: str, answer_s: float) -> ConsoleClient:
        if self.person is None:
            raise HubError(ErrorKind.INVALID, "probe.user_missing")
        client = ConsoleClient(url, timeout_s=answer_s)
        client.sign_in(self.person, ask_password(say("password_of", user=self.person), "PROBE_PASSWORD"))
        return client


def key_file(data_dir: Path) -> Path:
    """Where the master key of the hub in `data_dir` lies."""
    named = os.environ.get("PROBE_KEY_FILE")
    return Path(named) if named else data_dir / "master.key"


def ask_password(prompt: str, variable: str) -> str:
    """What the environment says under `variable`, or else asked at the terminal. Raises INVALID where there is none."""
    given = os.environ.get(variable)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise HubError(ErrorKind.INVALID, "probe.password_missing", variable=variable)
    return getpass.getpass(f"{prompt} ")
