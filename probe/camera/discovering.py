"""`probe camera discover [--range CIDR]`: who answers on this network. Needs no hub; asks, and changes nothing.

With `--register` the running hub searches on its own network, and registers what answers to the login. Imports neither
uvloop nor Redis: a technician's laptop may be Windows. Its own event loop.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import JsonValue

from hub.contracts.camera import CameraKind
from probe.camera.add import read_camera_password
from probe.camera.options import DataOption, JsonFlag, PasswordStdin, PersonOption, UrlOption, UsernameOption
from probe.language import say
from probe.printer import print_json, print_line, print_table
from probe.target import Target

if TYPE_CHECKING:
    from hub.contracts.device import DiscoveredDevice


def discover(
    address_range: Annotated[
        str | None, typer.Option("--range", "-r", metavar="CIDR|A-B", help=say("opt_range"))
    ] = None,
    interface: Annotated[list[str] | None, typer.Option("--interface", help=say("opt_interface"))] = None,
    register: Annotated[bool, typer.Option("--register", help=say("opt_register"))] = False,
    area: Annotated[str | None, typer.Option("--area", "-a", help=say("opt_area"))] = None,
    kind: Annotated[CameraKind, typer.Option("--kind", help=say("opt_kind"))] = CameraKind.PUBLIC,
    user: UsernameOption = None,
    password_stdin: PasswordStdin = False,
    data: DataOption = None,
    url: UrlOption = None,
    person: PersonOption = None,
    json: JsonFlag = False,
) -> None:
    """List the devices that answer; exit 1 when none does, or one could not be registered."""
    if register:
        from probe.camera.joining import Login, join_all

        login = Login(user, read_camera_password(user, password_stdin) if user is not None else None)
        join_all(address_range, area, kind, login, Target(data, url, person), json=json)
        return
    devices = asyncio.run(_discover(address_range, interface))
    if json:
        items: list[JsonValue] = [one.model_dump(mode="json") for one in devices]
        print_json({"items": items, "next": None})
    elif devices:
        headings = [say(f"head_{name}") for name in ("ip", "name", "model", "place", "onvif")]
        print_table(
            headings,
            ((one.ip, one.name or "–", one.hardware or "–", one.location or "–", one.xaddr) for one in devices),
        )
        print_line("\n" + say("devices_found", count=len(devices)))
    else:
        print_line(say("no_devices_found"))
    if not devices:
        raise typer.Exit(1)


async def _discover(address_range: str | None, interfaces: list[str] | None) -> list[DiscoveredDevice]:
    from camera_gateway.onvif.discovery import addresses_of, discover, discover_range
    from hub.clock import SystemClock

    if address_range is not None:
        return await discover_range(SystemClock(), addresses_of(address_range))
    return await discover(SystemClock(), interfaces=interfaces or None)
