"""A camera as the console answers it, as far as the commands need it; and how one is found by its name."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from hub import i18n
from hub.contracts.camera import CameraState, Cause, StreamFacts
from hub.contracts.device import DeviceFacts
from hub.errors import ErrorKind, HubError
from probe import language
from probe.console_client import ConsoleClient
from probe.language import say


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class ProfileRecord(_Answer):
    """A stream of a camera."""

    token: str
    pulled: bool = False
    why_text: tuple[str, ...] = ()


class CameraRecord(_Answer):
    """One item of `GET /api/cameras`; `url` is None for those who may not configure cameras."""

    id: str
    name: str
    area_id: str
    area_name: str = ""
    kind: str = "public"
    enabled: bool = True
    url: str | None = None
    username: str | None = None
    has_password: bool | None = None
    state: CameraState
    cause: Cause = Cause.NONE
    cause_text_code: str | None = None
    since: datetime | None = None
    last_media_at: datetime | None = None
    facts: StreamFacts = StreamFacts()
    device: DeviceFacts = DeviceFacts()
    profiles: tuple[ProfileRecord, ...] = ()
    channels: tuple[str, ...] = ()
    live: str = "on"
    simulated: bool = False
    place: str | None = None
    national_code: str | None = None
    longitude: float | None = None
    latitude: float | None = None
    recordings: str | None = None
    tags: tuple[str, ...] = ()

    def state_text(self) -> str:
        """Its state, with the reason in few words where it is not well, in the chosen language."""
        word = say(f"state_{self.state.value}")
        return word if self.cause is Cause.NONE else f"{word} · {say(f'cause_{self.cause.value}')}"

    def reason(self) -> str:
        """Why it is in its state: the service's own sentence where there is one."""
        if self.cause_text_code:
            sentence = i18n.text(self.cause_text_code, language.current(), camera=self.name)
            if sentence != self.cause_text_code:
                return sentence
        return say(f"cause_{self.cause.value}")


class AreaRecord(_Answer):
    """One item of `GET /api/areas`."""

    id: str
    name: str
    parent_id: str | None = None


def find_camera(client: ConsoleClient, wanted: str) -> CameraRecord:
    """The camera with this id, name or national code, or the only one whose name contains it.

    Raises NOT_FOUND when there is none, INVALID when the name fits several.
    """
    if wanted.startswith("cam_"):
        return client.get(CameraRecord, f"/api/cameras/{wanted}")
    found = [CameraRecord.model_validate(item) for item in client.items("/api/cameras", q=wanted)]
    exact = [camera for camera in found if wanted in (camera.name, camera.national_code)]
    chosen = exact or [camera for camera in found if wanted in camera.name]
    if not chosen:
        raise HubError(ErrorKind.NOT_FOUND, "probe.no_such_camera", name=wanted)
    if len(chosen) > 1:
        raise HubError(ErrorKind.INVALID, "probe.several_cameras", name=wanted, ids=" ".join(c.id for c in chosen[:8]))
    return chosen[0]


def find_area(client: ConsoleClient, wanted: str | None) -> AreaRecord:
    """The area with this id or name; none asked for: the topmost one."""
    areas = [AreaRecord.model_validate(item) for item in client.items("/api/areas")]
    if wanted is None:
        known = {area.id for area in areas}
        tops = [area for area in areas if area.parent_id not in known]
        if tops:
            return tops[0]
    for area in areas:
        if wanted in (area.id, area.name):
            return area
    raise HubError(ErrorKind.NOT_FOUND, "probe.no_such_area", name=wanted, known=" ".join(a.name for a in areas[:12]))
