"""`probe camera probe URL`: does it answer, let us in, give a picture? Needs no hub, no Redis, no database."""

from __future__ import annotations

from typing import Annotated

import typer

from probe.camera.options import JsonFlag, PasswordStdin, UsernameOption
from probe.language import say


def probe(
    address: Annotated[str, typer.Argument(metavar="URL", help=say("arg_any_url"))],
    user: UsernameOption = None,
    password_stdin: PasswordStdin = False,
    timeout: Annotated[float, typer.Option("--timeout", min=1, max=120, help=say("opt_timeout"))] = 15.0,
    json: JsonFlag = False,
) -> None:
    """Probe one address and exit 1 when no picture comes."""
