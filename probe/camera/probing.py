"""`probe camera probe URL`: does it answer, let us in, give a picture? Needs no hub, no Redis, no database.

Opens the camera once, watches some seconds and leaves; never a second try, which could lock the account. Imports
neither uvloop nor Redis: a technician's laptop may be Windows. Its own event loop, for one camera.
"""

from __future__ import annotations

import asyncio
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
    from camera_gateway.sources.rtsp.probe import Finding

_SIGNS = {"ok": "✓", "warn": "!", "fail": "✗", "unknown": "·"}
_NOT_THE_ADDRESS = ("hub.address_unknown_host", "hub.address_forbidden", "hub.address_own_port")
"""Of the sentences about addresses, those that are about the world and not about what was typed: exit status 1."""


def probe(
    address: Annotated[str, typer.Argument(metavar="URL", help=say("arg_any_url"))],
    user: UsernameOption = None,
    password_stdin: PasswordStdin = False,
    timeout: Annotated[float, typer.Option("--timeout", min=1, max=120, help=say("opt_timeout"))] = 20.0,
    json: JsonFlag = False,
) -> None:
    """Probe one address; exit 1 when no picture comes, 2 when the address cannot be one."""
    password = read_camera_password(user, password_stdin) if user is not None else None
    findings = asyncio.run(_examine(address, user, password, timeout))
    failed = [finding for finding in findings if finding.status == "fail"]
    if json:
        print_json(_as_json(findings, well=not failed))
    else:
        _print(findings)
    if failed:
        raise _error_of(failed[0])


async def _examine(address: str, user: str | None, password: str | None, timeout_s: float) -> list[Finding]:
    from camera_gateway.sources.rtsp.probe import examine
    from hub.addresses import AddressPolicy
    from hub.clock import SystemClock

    try:
        async with asyncio.timeout(timeout_s):
            return await examine(
                address,
                user,
                password,
                policy=AddressPolicy(),
                clock=SystemClock(),
                watch_s=min(6.0, timeout_s / 3),
            )
    except TimeoutError as error:
        raise HubError(ErrorKind.TIMEOUT, "probe.probing_took_too_long", seconds=f"{timeout_s:g}") from error


def _error_of(finding: Finding) -> HubError:
    code = finding.detail or "probe.camera_unwell"
    mistyped = code.startswith("hub.address_") and code not in _NOT_THE_ADDRESS
    return HubError(ErrorKind.INVALID if mistyped else ErrorKind.UNREACHABLE, code, **finding.params)


def _print(findings: list[Finding]) -> None:
    """Up to the check that failed; its sentence follows on standard error, as each failure's does."""
    lang = language.current()
    for finding in findings:
        failed = finding.status == "fail"
        detail = "" if failed else finding.detail_text(lang)
        print_line(f"{_SIGNS[finding.status]} {finding.name_text(lang)}  {detail}".rstrip())
        if failed:
            return
        if remedy := finding.remedy_text(lang):
            print_line(f"  → {remedy}")


def _as_json(findings: list[Finding], *, well: bool) -> JsonValue:
    lang = language.current()
    listed: list[JsonValue] = [
        {
            "check": finding.check.value,
            "status": finding.status.value,
            "code": finding.detail,
            "detail": finding.detail_text(lang),
            "remedy": finding.remedy_text(lang),
        }
        for finding in findings
    ]
    return {"well": well, "findings": listed}
