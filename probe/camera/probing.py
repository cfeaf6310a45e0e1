"""`probe camera probe ADDRESS`: all that can be found out about one camera. Needs no hub, no Redis, no database.

Opens the stream once, watches some seconds and leaves; never a second try, which could lock the account. Imports
neither uvloop nor Redis: a technician's laptop may be Windows. Its own event loop, for one camera.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import JsonValue

from hub.errors import ErrorKind, HubError
from probe import language
from probe.camera.add import read_camera_password
from probe.camera.options import JsonFlag, PasswordStdin, UsernameOption
from probe.language import say
from probe.printer import print_json, print_line

if TYPE_CHECKING:
    from camera_gateway.doctor.examination import Examination
    from hub.contracts.verdict import Verdict

SIGNS = {"ok": "✓", "warn": "!", "fail": "✗", "unknown": "·"}


def probe(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help=say("arg_any_address"))],
    user: UsernameOption = None,
    password: Annotated[str | None, typer.Option("--password", help=say("opt_password_open"))] = None,
    password_stdin: PasswordStdin = False,
    timeout: Annotated[float, typer.Option("--timeout", min=1, max=300, help=say("opt_timeout"))] = 60.0,
    firmware_list: Annotated[
        Path | None, typer.Option("--firmware-list", help=say("opt_firmware_list"), dir_okay=False)
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Examine one address; exit 1 when something fails, 2 when the address cannot be one."""
    if user is not None and password is None:
        password = read_camera_password(user, password_stdin)
    found = asyncio.run(_examine(address, user, password, timeout, firmware_list))
    if json:
        print_json(as_json(found))
    else:
        _print(found)
    if not found.well:
        raise typer.Exit(1)


async def _examine(
    address: str, user: str | None, password: str | None, timeout_s: float, firmware_list: Path | None
) -> Examination:
    from camera_gateway.doctor.examination import Doctor
    from camera_gateway.doctor.firmware import load
    from camera_gateway.onvif.wire import OnvifWire
    from hub.addresses import AddressPolicy
    from hub.clock import SystemClock

    listed = load(firmware_list)
    try:
        async with asyncio.timeout(timeout_s), OnvifWire() as wire:
            doctor = Doctor(AddressPolicy(), SystemClock(), wire, watch_s=min(6.0, timeout_s / 3), listed=listed)
            return await doctor.examine(address, user, password)
    except TimeoutError as error:
        raise HubError(ErrorKind.TIMEOUT, "probe.probing_took_too_long", seconds=f"{timeout_s:g}") from error


def _print(found: Examination) -> None:
    """One line a check: sign, name, what was found; beneath it what to do. Then the streams and the choice."""
    lang = language.current()
    for verdict in found.verdicts:
        print_verdict(verdict, lang)
    if found.profiles:
        print_line("")
        for profile in found.profiles:
            mark = "→" if profile.url == found.stream_url else " "
            print_line(f"{mark} {say('profile_' + profile.role.value)}  {profile.name}  {profile.url or '–'}")
        for reason in found.reasons:
            print_line(f"  {reason.text(lang)}")


def print_verdict(verdict: Verdict, lang: str) -> None:
    """A check, and beneath it the remedy where one is needed."""
    print_line(f"{SIGNS[verdict.status]} {verdict.name_text(lang)}  {verdict.detail_text(lang)}".rstrip())
    if verdict.status != "ok" and (remedy := verdict.remedy_text(lang)):
        print_line(f"  → {remedy}")


def as_json(found: Examination) -> JsonValue:
    """What `--json` prints; sentences in the chosen language, and the codes that they are made of."""
    lang = language.current()
    verdicts: list[JsonValue] = [
        {
            "check": one.check,
            "status": one.status.value,
            "detail": one.detail_text(lang),
            "remedy": one.remedy_text(lang),
            "detail_code": one.detail,
            "remedy_code": one.remedy,
            "params": dict(one.params),
        }
        for one in found.verdicts
    ]
    return {
        "address": found.address,
        "well": found.well,
        "verdicts": verdicts,
        "profiles": [one.model_dump(mode="json") for one in found.profiles],
        "reasons": [one.text(lang) for one in found.reasons],
        "device": found.facts.model_dump(mode="json") if found.facts is not None else None,
        "onvif": found.face.model_dump(mode="json") if found.face is not None else None,
        "stream_url": found.stream_url,
    }
