"""A camera's row as the API shows it, and no more than the reader may see."""

from __future__ import annotations

from collections.abc import Iterable

from hub import i18n
from hub.contracts.base import Polygon
from hub.contracts.camera import CameraKind, CameraState, Cause, StreamFacts, Transport
from hub.contracts.device import DeviceFace, DeviceFacts, StreamProfile
from hub.contracts.rule import IntrusionRule
from hub.contracts.severity import Severity
from hub.contracts.zone import Zone
from hub.settings import GatewaySettings
from patrol_console.camera.repository import Found
from patrol_console.camera.schemas import Camera, CameraFace, CameraProfile, LineName, ReadingProblem
from patrol_console.camera.spec import watch_of
from patrol_console.camera.state import live_of
from patrol_console.rights import Action, Actor, may
from patrol_console.tables.camera import CameraRow


def camera_view(found: Found, actor: Actor, gateway: GatewaySettings, *, listed: bool = False) -> Camera:
    """The address and the login's name only for those who may configure; the password for nobody.

    `listed`: without the streams, which no list shows.
    """
    row = found.camera
    configures = may(actor, Action.CAMERA_CONFIGURE, found)
    live, live_reason = live_of(row, found.cause, gateway)
    told = found.cause == row.status_cause and found.state == row.status_state
    masks: list[Polygon] = [tuple((x, y) for x, y in mask) for mask in row.masks]
    return Camera(
        id=row.id,
        name=row.name,
        area_id=row.area_id,
        area_name=found.area_name,
        kind=CameraKind(row.kind),
        enabled=row.enabled,
        url=row.url if configures else None,
        username=row.username if configures else None,
        has_password=row.sealed_password is not None if configures else None,
        place=row.place,
        consent_from=row.consent_from,
        consent_until=row.consent_until,
        simulated=row.simulated,
        revision=row.revision,
        state=CameraState(found.state),
        cause=Cause(found.cause),
        cause_text_code=row.status_detail if told else None,
        since=row.status_since if told else row.status_at,
        last_media_at=row.last_media_at,
        facts=StreamFacts.model_validate(row.facts),
        live=live,
        live_reason=live_reason,
        masks=masks,
        zones=[Zone.model_validate(zone) for zone in row.zones],
        rules=[IntrusionRule.model_validate(rule) for rule in row.rules],
        open_alerts=found.open_alerts if may(actor, Action.ALERT_SEE, found) else 0,
        watch=watch_of(row),
        transport=Transport(row.transport),
        audio=row.audio,
        importance=Severity(row.importance),
        unit_id=row.unit_id,
        unit_name=found.unit_name,
        uplinks=[LineName(uplink_id=line.uplink_id, name=line.name) for line in found.uplinks],
        outage_id=found.outage_id,
        onvif=_face(row, configures=configures),
        device=DeviceFacts.model_validate(row.device or {}),
        profiles=[] if listed else _profiles(row, actor.language, configures=configures),
        channels=list(dict.fromkeys(profile.source for profile in profiles_of(row) if profile.source)),
        reading_problem=_problem(row, actor.language),
        national_code=row.national_code,
        longitude=row.longitude,
        latitude=row.latitude,
        recordings=row.recordings,
        tags=[str(tag) for tag in row.tags],
    )


def _face(row: CameraRow, *, configures: bool) -> CameraFace | None:
    if not row.onvif:
        return None
    face = DeviceFace.model_validate(row.onvif)
    url = face.url if configures else None
    return CameraFace(
        url=url,
        profile_token=face.profile_token,
        ptz=face.ptz,
        events=face.events,
        home_after_s=face.home_after_s,
        home_preset=face.home_preset,
    )


def profiles_of(row: CameraRow) -> list[StreamProfile]:
    """All that its device told of, as last read."""
    return [StreamProfile.model_validate(profile) for profile in row.profiles or ()]


def profile_views(profiles: Iterable[StreamProfile], pulled_url: str, lang: str) -> list[CameraProfile]:
    """The streams, the one at `pulled_url` marked, with reasons as sentences."""
    views: list[CameraProfile] = []
    for profile in profiles:
        why = [i18n.text(reason.code, lang, **reason.params) for reason in profile.why]
        pulled = profile.url == pulled_url and not any(view.pulled for view in views)
        views.append(CameraProfile(**profile.model_dump(), pulled=pulled, why_text=why))
    return views


def _profiles(row: CameraRow, lang: str, *, configures: bool) -> list[CameraProfile]:
    """Of a recorder those of this camera's channel."""
    kept = profiles_of(row)
    mine = next((profile.source for profile in kept if profile.url == row.url), None)
    views = profile_views((one for one in kept if mine is None or one.source == mine), row.url, lang)
    hidden = {} if configures else {"url": None, "said_url": None, "snapshot_url": None}
    return [view.model_copy(update=hidden) for view in views]


def _problem(row: CameraRow, lang: str) -> ReadingProblem | None:
    problem = row.reading_problem
    if not problem:
        return None
    text = i18n.text(problem["code"], lang, **problem["params"])
    return ReadingProblem(at=problem["at"], code=problem["code"], text=text)
