"""`probe camera fix ADDRESS`: one camera that a person named, by its own ONVIF; needs no hub, no Redis, no database.

Its own event loop, for one camera; imports neither uvloop nor Redis. What stood there is in the undo file before each
change.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from hub.clock import SystemClock
from hub.contracts.cure import FixResult, FixWish, UndoStep
from hub.errors import ErrorKind, HubError
from probe.camera.fix_report import tell
from probe.camera.undo_file import UndoFile, read, usual_path
from probe.printer import print_line


def mend(
    address: str,
    wish: FixWish,
    user: str | None,
    password: str | None,
    *,
    dry_run: bool,
    undo_file: Path | None,
    quiet: bool,
) -> tuple[FixResult, Path | None]:
    """The result, and the undo file where there is one. Raises HubError where the address can be none."""
    clock = SystemClock()
    with UndoFile(undo_file or usual_path(clock.now()), clock.now()) as kept:
        result = asyncio.run(_mend(address, wish, user, password, kept, dry_run=dry_run, quiet=quiet))
        return result, kept.path if kept.written else None


async def _mend(
    address: str,
    wish: FixWish,
    user: str | None,
    password: str | None,
    kept: UndoFile,
    *,
    dry_run: bool,
    quiet: bool,
) -> FixResult:
    from camera_gateway.cure.door import device_service
    from camera_gateway.cure.sight import Seen, look_at
    from camera_gateway.cure.treatment import Treatment
    from camera_gateway.onvif.client import OnvifClient
    from camera_gateway.onvif.wire import OnvifWire
    from hub.addresses import AddressPolicy, split_credentials

    url, clock, policy = device_service(address), SystemClock(), AddressPolicy()
    if user is None:
        _, user, password = split_credentials(address)

    async def journal(step: UndoStep) -> None:
        first = not kept.written
        kept.append(url, step)
        if first and not quiet:
            print_line(tell("undo_written", file=kept.path))

    async def look(stream: str, watch_s: float) -> Seen:
        return await look_at(stream, user, password, watch_s, policy=policy, clock=clock, typed_by_person=True)

    async with OnvifWire() as wire:
        client = await OnvifClient.open(
            url, user, password, wire=wire, policy=policy, clock=clock, typed_by_person=True
        )
        return await Treatment(client, look, clock, journal).run(wish, dry_run=dry_run)


def steps_of(file: Path, address: str | None) -> dict[str, list[UndoStep]]:
    """What the file has, of that address alone where one is given. Raises HubError INVALID as `undo_file.read` does."""
    found = read(file)
    if address is None:
        return found
    from camera_gateway.cure.door import device_service

    url = device_service(address)
    if url not in found:
        raise HubError(ErrorKind.INVALID, "cure.undo_not_there", address=url, known="  ".join(list(found)[:12]))
    return {url: found[url]}


def put_back(
    url: str, steps: Sequence[UndoStep], user: str | None, password: str | None, *, dry_run: bool
) -> FixResult:
    """One camera of an undo file."""
    return asyncio.run(_put_back(url, steps, user, password, dry_run=dry_run))


async def _put_back(
    url: str, steps: Sequence[UndoStep], user: str | None, password: str | None, *, dry_run: bool
) -> FixResult:
    from camera_gateway.cure.undoing import undo
    from camera_gateway.onvif.client import OnvifClient
    from camera_gateway.onvif.wire import OnvifWire
    from hub.addresses import AddressPolicy

    clock = SystemClock()
    async with OnvifWire() as wire:
        client = await OnvifClient.open(
            url, user, password, wire=wire, policy=AddressPolicy(), clock=clock, typed_by_person=True
        )
        return await undo(client, steps, clock, dry_run=dry_run)
