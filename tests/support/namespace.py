"""A network of a test's own: a namespace with loopback, one more interface, and a firewall that drops a UDP port there.

Nothing of the machine's own network is touched. What is to run within is started with `prefix` before its command.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

TABLE = "probe_test"


class Namespace:
    """Inside `namespace()`; gone with it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.prefix = ("ip", "netns", "exec", name)

    def drop_udp(self, port: int) -> None:
        """From now on what goes to that port or comes from it is lost without a word, as at a firewall between."""
        # On input: on output the sender would be told, which no firewall on the way does.
        rules = (f"udp {side} {port} counter drop" for side in ("dport", "sport"))
        chain = "\n".join(("type filter hook input priority 0;", *rules))
        _do(*self.prefix, "nft", f"table inet {TABLE} {{\nchain on_the_way {{\n{chain}\n}}\n}}")

    def let_through(self) -> None:
        """The firewall is gone."""
        _do(*self.prefix, "nft", "delete", "table", "inet", TABLE)

    def dropped(self) -> int:
        """How many datagrams were lost by it so far."""
        listed = _do(*self.prefix, "nft", "list", "table", "inet", TABLE)
        return sum(int(count) for count in re.findall(r"counter packets (\d+)", listed))


@contextmanager
def namespace() -> Iterator[Namespace]:
    """Loopback, and an interface that leads nowhere: a browser without any address offers no way to itself."""
    name = f"probe-{uuid.uuid4().hex[:8]}"
    _do("ip", "netns", "add", name)
    try:
        made = Namespace(name)
        for words in (
            "link set lo up",
            "link add nowhere type veth peer name other",
            "addr add 192.0.2.1/24 dev nowhere",
            "link set nowhere up",
            "link set other up",
            "route add default via 192.0.2.2",
        ):
            _do(*made.prefix, "ip", *words.split())
        yield made
    finally:
        _do("ip", "netns", "del", name)


@cache
def lack() -> str | None:
    """Why it cannot be made here; None: it can."""
    if os.geteuid() != 0:
        return "a network namespace needs root"
    for program, package in (("ip", "iproute2"), ("nft", "nftables")):
        if shutil.which(program) is None:
            return f"{package} is not installed"
    try:
        with namespace() as tried:
            tried.drop_udp(9)
    except RuntimeError as error:
        return str(error)
    return None


def _do(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout
