"""How a camera is shown: what the gateway last said, overruled by what the console knows better. As SQL, in one place,
so that a list, its filter and the counts of an area cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, or_

from hub.contracts.camera import CameraKind, CameraState, Cause, LiveMode
from hub.settings import GatewaySettings
from patrol_console.camera.schemas import LiveReason
from patrol_console.tables.camera import CameraRow

SILENT_AFTER = timedelta(seconds=90)  # a gateway speaks of each camera once a minute; half of that again is grace


@dataclass(frozen=True, slots=True)
class Shown:
    """The two columns that a question about cameras adds."""

    state: ColumnElement[str]
    cause: ColumnElement[str]


def consent_missing(now: datetime) -> ColumnElement[bool]:
    """A household's camera whose owner does not allow it now."""
    allowed = and_(
        CameraRow.consent_from.is_not(None),
        CameraRow.consent_from <= now,
        or_(CameraRow.consent_until.is_(None), CameraRow.consent_until > now),
    )
    return and_(CameraRow.kind == CameraKind.HOUSEHOLD.value, ~allowed)


def shown(now: datetime) -> Shown:
    """State and cause as people see them at `now`."""
    disabled = ~CameraRow.enabled
    no_consent = consent_missing(now)
    never = CameraRow.status_at.is_(None)
    silent = CameraRow.status_at < now - SILENT_AFTER
    return Shown(
        state=case(
            (disabled, CameraState.OFF.value),
            (no_consent, CameraState.PAUSED.value),
            (or_(never, silent), CameraState.OFFLINE.value),
            else_=CameraRow.status_state,
        ),
        cause=case(
            (disabled, Cause.DISABLED.value),
            (no_consent, Cause.NO_CONSENT.value),
            (never, Cause.STARTING.value),
            (silent, Cause.GATEWAY_SILENT.value),
            else_=CameraRow.status_cause,
        ),
    )


def live_of(camera: CameraRow, cause: str, gateway: GatewaySettings) -> tuple[LiveMode, LiveReason | None]:
    """Whether the live picture may be shown, and why not; with masks only where the gateway can draw them."""
    if cause == Cause.DISABLED:
        return LiveMode.OFF, "disabled"
    if cause == Cause.NO_CONSENT:
        return LiveMode.OFF, "no_consent"
    if not camera.masks:
        return LiveMode.ON, None
    return (LiveMode.MASKED, None) if gateway.transcode_mpixel_s else (LiveMode.OFF, "masks")
