"""`probe console run`, `probe console openapi`, `probe db upgrade`: a console as a process. Imports the rest late."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING

import typer

from hub.errors import ErrorKind, HubError

if TYPE_CHECKING:
    from types import FrameType

    from patrol_console.user.first import FirstAdministrator

app = typer.Typer(no_args_is_help=True, help="The console's process.")
db_app = typer.Typer(no_args_is_help=True, help="The console's database.")

_GRACE_S = 3


@app.command("run")
def run() -> None:
    """Serve the API and the page until SIGTERM; brings the database up to date first."""
    import uvloop

    from hub import log
    from hub.settings import Settings

    settings = Settings()
    log.configure(settings.log, service="console")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve())


@app.command("openapi")
def openapi() -> None:
    """Print the API's description as JSON; needs no database and no Redis."""
    from patrol_console.openapi import document

    sys.stdout.write(document())


@db_app.callback()
def db() -> None:
    """The console's database."""  # a group, also while it has one command


@db_app.command("upgrade")
def upgrade() -> None:
    """Bring the database to the newest migration."""
    asyncio.run(_upgrade())


async def _serve() -> None:
    from hub.starting import without_collecting

    with without_collecting():
        import uvicorn

        from hub.clock import SystemClock
        from hub.settings import Settings
        from patrol_console.app import create_app
        from patrol_console.console import Console
        from patrol_console.user.first import ensure_first_administrator

    class Server(uvicorn.Server):
        """Ends the event streams when it is told to stop: it waits for open connections otherwise."""

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            console.changes.stop()
            self.force_exit = self.should_exit and sig == signal.SIGINT
            self.should_exit = True  # and no more: uvicorn would end this process by the same signal once it is done

    os.umask(0o077)  # the database and the pictures are this user's alone, whatever the folder was before
    settings = Settings()
    door = _listen(settings.console.host, settings.console.port)
    console = await Console.open(settings, SystemClock())
    first = await ensure_first_administrator(console)
    if first is not None:
        _show(first, settings.language)
    server = Server(
        uvicorn.Config(
            create_app(console),
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # nobody's word about where a request came from is taken
            timeout_graceful_shutdown=_GRACE_S,
            timeout_keep_alive=30,
            h11_max_incomplete_event_size=32_768,
            limit_concurrency=4000,
        )
    )
    await server.serve(sockets=[door])


async def _upgrade() -> None:
    from hub.settings import Settings
    from patrol_console.db import open_database
    from patrol_console.migrate import upgrade as bring_up

    os.umask(0o077)
    database = open_database(Settings())
    try:
        before, after = await bring_up(database)
    finally:
        await database.close()
    sys.stdout.write(f"{before or '-'} -> {after}\n")


def _listen(host: str, port: int) -> socket.socket:
    """The socket to serve on, taken before anything else: a port in use is one sentence and no half start."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, port))
    except OSError as error:
        door.close()
        raise HubError(
            ErrorKind.INVALID, "patrol_console.port_taken", host=host, port=port, reason=error.strerror
        ) from error
    door.set_inheritable(False)
    return door


def _show(first: FirstAdministrator, language: str) -> None:
    """The one time that this password is shown; to the terminal and not to the log."""
    from hub import i18n

    sentence = i18n.text(
        "patrol_console.first_administrator", language, username=first.username, password=first.password
    )
    sys.stderr.write(f"\n{sentence}\n\n")
    sys.stderr.flush()
