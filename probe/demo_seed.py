"""Fills the demo's hub by its own REST API, as a person would: areas, people, cameras, zones and rules.

Doing it twice is harmless: what has the same name is changed and not made again, and the people get new passwords.
Blocking; runs on the thread of the caller.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, JsonValue

from hub.clock import Clock
from hub.contracts.camera import CameraKind
from hub.errors import HubError
from probe import demo_places
from probe.camera.record import AreaRecord, CameraRecord
from probe.console_client import ConsoleClient
from probe.demo_places import Place

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike: these are read off a screen and typed
CLEAR_AFTER_S = 9.0  # the real clip is empty for about 10 s once a round, and 3.5 to 6.5 s in between
LEAST_TIME_S = 2.0


@dataclass(frozen=True, slots=True)
class SimulatedCamera:
    """What the simulator offers."""

    name: str
    rtsp_url: str
    zone: tuple[tuple[float, float], ...] = demo_places.ZONE


@dataclass(frozen=True, slots=True)
class DemoUser:
    """Somebody who can sign in now; the password is shown once and stored nowhere."""

    name: str
    role: str
    password: str
    display_name: str


@dataclass(frozen=True, slots=True)
class DemoCamera:
    """A camera as the demo's line of JSON names it."""

    id: str
    name: str
    rtsp_url: str


class _User(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    id: str
    username: str


class Seed:
    """`drawn`: the pictures are drawn scenes and the page has to say so; `labels`: what the rules look for."""

    def __init__(self, client: ConsoleClient, clock: Clock, *, drawn: bool, labels: Sequence[str]) -> None:
        self._client = client
        self._clock = clock
        self._drawn = drawn
        self._labels = list(labels)
        self._areas: dict[str, str] = {}
        self._cameras: dict[str, CameraRecord] = {}

    def areas(self) -> None:
        """The township and its villages; the root that the first start made becomes the township."""
        found = [AreaRecord.model_validate(item) for item in self._client.items("/api/areas")]
        root = next((area for area in found if area.parent_id is None), None)
        if root is not None and root.name != demo_places.TOWNSHIP:
            self._client.request("PATCH", f"/api/areas/{root.id}", {"name": demo_places.TOWNSHIP})
            root = AreaRecord(id=root.id, name=demo_places.TOWNSHIP)
        self._areas = {area.name: area.id for area in (*found, *([root] if root else []))}
        top = self._area(demo_places.TOWNSHIP, None)
        for village in demo_places.VILLAGES:
            self._area(village, top)

    def people(self) -> list[DemoUser]:
        """One person for each role, each with a new random password."""
        known = {u.username: u.id for u in map(_User.model_validate, self._client.items("/api/users"))}
        made = []
        for person in demo_places.PEOPLE:
            password = new_password()
            if person.username in known:
                change: JsonValue = {"password": password, "disabled": False, "display_name": person.display_name}
                self._client.request("PATCH", f"/api/users/{known[person.username]}", change)
            else:
                roles: list[JsonValue] = [{"role": person.role, "area_id": self._areas[demo_places.TOWNSHIP]}]
                self._client.request(
                    "POST",
                    "/api/users",
                    {
                        "username": person.username,
                        "display_name": person.display_name,
                        "password": password,
                        "roles": roles,
                    },
                )
            made.append(DemoUser(person.username, person.role, password, person.display_name))
        return made

    def cameras(self, simulated: Sequence[SimulatedCamera]) -> list[DemoCamera]:
        """One camera for each that the simulator offers; households' with a consent in force."""
        self._cameras = {c.name: c for c in map(CameraRecord.model_validate, self._client.items("/api/cameras"))}
        made = []
        for index, offered in enumerate(simulated):
            record = self._camera(demo_places.place(index, offered.name), offered.rtsp_url, consent=True)
            self._watch(record.id, offered.zone)
            made.append(DemoCamera(record.id, offered.name, offered.rtsp_url))
        return made

    def states(self, offered: SimulatedCamera) -> list[DemoCamera]:
        """One camera more for each state that is not online; all look at the same simulated one."""
        url = offered.rtsp_url
        masked = self._camera(demo_places.MASKED, url)
        self._client.request("PUT", f"/api/cameras/{masked.id}/masks", {"masks": [_corners(demo_places.MASK)]})
        self._watch(masked.id, offered.zone)
        scheme, _, rest = url.partition("://")
        others = (
            (demo_places.NO_CONSENT, url, True),
            (demo_places.WRONG_PATH, f"{scheme}://{rest.rpartition('@')[2]}/none", True),
            (demo_places.SWITCHED_OFF, url, False),
        )
        made = [DemoCamera(masked.id, masked.name, url)]
        for place, address, enabled in others:
            record = self._camera(place, address, enabled=enabled)
            made.append(DemoCamera(record.id, place.name, address))
        return made

    def _area(self, name: str, parent_id: str | None) -> str:
        if name not in self._areas:
            body: JsonValue = {"name": name, "parent_id": parent_id}
            self._areas[name] = self._client.send(AreaRecord, "POST", "/api/areas", body).id
        return self._areas[name]

    def _camera(self, place: Place, url: str, *, consent: bool = False, enabled: bool = True) -> CameraRecord:
        body: dict[str, JsonValue] = {"url": url, "kind": place.kind.value, "enabled": enabled, "place": place.where}
        if place.kind is CameraKind.HOUSEHOLD:
            now = self._clock.now()
            body["consent_from"] = _text(now - timedelta(days=1)) if consent else None
            body["consent_until"] = _text(now + timedelta(days=365)) if consent else None
        known = self._cameras.get(place.name)
        if known is not None:
            return self._client.send(CameraRecord, "PATCH", f"/api/cameras/{known.id}", body)
        body |= {"name": place.name, "area_id": self._areas[place.village], "simulated": self._drawn}
        return self._client.send(CameraRecord, "POST", "/api/cameras", body)

    def _watch(self, camera_id: str, corners: Sequence[tuple[float, float]]) -> None:
        zone: JsonValue = {"zone_id": "ground", "name": demo_places.ZONE_NAME, "polygon": _corners(corners)}
        self._client.request("PUT", f"/api/cameras/{camera_id}/zones", {"zones": [zone]})
        rule: JsonValue = {
            "rule_id": "intrusion",
            "name": demo_places.RULE_NAME,
            "zone_id": "ground",
            "labels": list(self._labels),
            "least_time_s": LEAST_TIME_S,
            "clear_after_s": CLEAR_AFTER_S,
        }
        self._client.request("PUT", f"/api/cameras/{camera_id}/rules", {"rules": [rule]})


def new_password() -> str:
    """Three groups of four letters and digits: 59 bits, and nobody mistypes it."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


def delivering(client: ConsoleClient, wanted: Sequence[DemoCamera]) -> int:
    """How many of `wanted` have delivered a picture."""
    ids = {camera.id for camera in wanted}
    try:
        records = [CameraRecord.model_validate(item) for item in client.items("/api/cameras")]
    except HubError:
        return 0  # the console is being restarted: ask again
    return sum(c.id in ids and c.last_media_at is not None for c in records)


def _corners(polygon: Sequence[tuple[float, float]]) -> list[JsonValue]:
    return [[x, y] for x, y in polygon]


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
