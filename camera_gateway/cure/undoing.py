"""What was changed in a camera is put back as it was, the last thing first, and read again. By its client and loop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from camera_gateway.cure import time_source, tree
from camera_gateway.cure.encoder import Encoder, read_encoder
from camera_gateway.cure.substream import read_substream, set_encoder
from camera_gateway.onvif.client import OnvifClient
from camera_gateway.onvif.service import Service
from hub.clock import Clock
from hub.contracts.cure import Change, FixResult, Outcome, UndoKind, UndoStep
from hub.contracts.device import Reason
from hub.errors import ErrorKind, HubError

_BACK_S: Final = 120.0
_SETTLE_S: Final = 8.0
_ASK_EVERY_S: Final = 2.0
_AWAY: Final = frozenset({ErrorKind.UNREACHABLE, ErrorKind.TIMEOUT})


async def undo(client: OnvifClient, steps: Sequence[UndoStep], clock: Clock, *, dry_run: bool = False) -> FixResult:
    """All of an earlier cure. What is as it was is left alone. Raises nothing that a camera can cause."""
    changes: list[Change] = []
    try:
        for step in reversed(steps):
            changes += await put_back(client, step, clock, dry_run=dry_run)
    except HubError as error:
        outcome = Outcome.NOT_PUT_BACK if changes else Outcome.FAILED
        return FixResult(outcome=outcome, changes=tuple(changes), problem=Reason.of(error))
    outcome = Outcome.UNCHANGED if not changes else Outcome.PLANNED if dry_run else Outcome.DONE
    return FixResult(outcome=outcome, changes=tuple(changes))


async def put_back(
    client: OnvifClient, step: UndoStep, clock: Clock, *, dry_run: bool = False, patient: bool = False
) -> list[Change]:
    """One step; what was changed by that. With `patient` one that starts again just now is waited for.

    Raises HubError as `client.call`, PROTOCOL `cure.ignored`.
    """
    if step.kind is not UndoKind.ENCODER:
        change = await time_source.put_back(client, step, clock.now(), dry_run=dry_run)
        return [] if change is None else [change]
    service = Service(step.service)
    before = read_encoder(tree.given(step.before), service)
    now = await _read(client, step.token, service, clock, patient=patient)
    changes = _differences(now, before)
    if not changes or dry_run:
        return changes
    try:
        await set_encoder(client, service, before.told)
    except HubError as error:
        if error.kind not in _AWAY:
            raise
    started_s = clock.monotonic()
    while True:
        left = _differences(await _read(client, step.token, service, clock, patient=True), before)
        if not left:
            return changes
        if clock.monotonic() - started_s >= _SETTLE_S:
            settings = " ".join(one.setting.value for one in left)
            raise HubError(ErrorKind.PROTOCOL, "cure.ignored", settings=settings)
        await clock.sleep(_ASK_EVERY_S)


async def _read(client: OnvifClient, token: str, service: Service, clock: Clock, *, patient: bool) -> Encoder:
    started_s = clock.monotonic()
    while True:
        try:
            return await read_substream(client, token, service)
        except HubError as error:
            if not patient or error.kind not in _AWAY or clock.monotonic() - started_s >= _BACK_S:
                raise
        await clock.sleep(_ASK_EVERY_S)


def _differences(now: Encoder, before: Encoder) -> list[Change]:
    was, found = before.values, now.values
    return [Change(setting=name, before=found[name], after=was[name]) for name in was if found[name] != was[name]]
