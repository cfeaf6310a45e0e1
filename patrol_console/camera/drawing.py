"""What is drawn on a camera's picture: zones, masks, and the rules that stand on zones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from hub.contracts.spec import Revoked
from hub.contracts.zone import Zone
from hub.errors import ErrorKind, HubError
from hub.ids import new_id
from patrol_console import outbox
from patrol_console.camera.schemas import Camera, MasksChange, RulesChange, ZonesChange
from patrol_console.camera.service import for_change, told
from patrol_console.rights import Actor

if TYPE_CHECKING:
    from patrol_console.console import Console


async def put_zones(console: Console, writing: AsyncSession, actor: Actor, camera_id: str, body: ZonesChange) -> Camera:
    """All zones. Raises HubError CONFLICT `zone_in_use` where a rule would lose its zone."""
    camera = await for_change(console, writing, actor, camera_id)
    now = console.clock.now()
    zones = [
        Zone(zone_id=draft.zone_id or new_id("zone", now), name=draft.name, polygon=draft.polygon)
        for draft in body.zones
    ]
    _only_once([zone.zone_id for zone in zones])
    kept = {zone.zone_id for zone in zones}
    for rule in camera.rules:
        if rule["zone_id"] not in kept:
            raise HubError(ErrorKind.CONFLICT, "patrol_console.zone_in_use", rule=rule["name"])
    camera.zones = [zone.model_dump(mode="json") for zone in zones]
    camera.revision += 1
    await writing.flush()
    return await told(console, writing, actor, camera_id, "updated")


async def put_masks(console: Console, writing: AsyncSession, actor: Actor, camera_id: str, body: MasksChange) -> Camera:
    """All masks. The first one ends what is open, for it is not masked; others are drawn on what is open."""
    camera = await for_change(console, writing, actor, camera_id)
    now = console.clock.now()
    is_first = bool(body.masks) and not camera.masks
    camera.masks = [[list(corner) for corner in mask] for mask in body.masks]
    camera.revision += 1
    await writing.flush()
    answer = await told(console, writing, actor, camera_id, "updated")
    if is_first:
        outbox.tell_revoked(writing, now, Revoked(camera_id=camera_id, at=now))
    return answer


async def put_rules(console: Console, writing: AsyncSession, actor: Actor, camera_id: str, body: RulesChange) -> Camera:
    """All rules. Raises HubError INVALID `rule_without_zone` where one names a zone that is not there."""
    camera = await for_change(console, writing, actor, camera_id)
    _only_once([rule.rule_id for rule in body.rules])
    zones = {zone["zone_id"] for zone in camera.zones}
    for rule in body.rules:
        if rule.zone_id not in zones:
            raise HubError(ErrorKind.INVALID, "patrol_console.rule_without_zone", rule=rule.name)
    camera.rules = [rule.model_dump(mode="json") for rule in body.rules]
    camera.revision += 1
    await writing.flush()
    return await told(console, writing, actor, camera_id, "updated")


def _only_once(ids: list[str]) -> None:
    if len(set(ids)) < len(ids):
        raise HubError(ErrorKind.INVALID, "patrol_console.same_id_twice")
