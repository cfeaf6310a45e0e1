"""`probe up`: the whole hub on this machine, supervised; says where it is. Main thread.

The first start makes an administrator with a random password: the console shows it on the terminal, once, and keeps its
hash alone.
"""

from __future__ import annotations

import threading
from typing import Annotated

import typer

from hub import log
from hub.clock import SystemClock
from hub.settings import Settings
from probe.language import say
from probe.launch import HubHere
from probe.printer import print_json, print_line

app = typer.Typer(add_completion=False)


@app.command(help=say("group_up"))
def up(json: Annotated[bool, typer.Option("--json", help=say("opt_json"))] = False) -> None:
    """Run until interrupted."""
    settings = Settings()
    log.configure(settings.log, "probe")

    def say_where(hub: HubHere, give_up: threading.Event) -> None:
        del give_up  # nothing here takes time
        if json:
            print_json({"url": hub.console_url, "gateway_url": hub.gateway_url})
        else:
            print_line(say("up_ready", url=hub.console_url))

    HubHere(settings, SystemClock()).run(say_where)
