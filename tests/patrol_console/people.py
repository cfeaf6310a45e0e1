"""A small town to test with: two villages side by side, people who hold roles, cameras and alerts in both."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx

from patrol_console.area.service import plant
from patrol_console.console import Console
from patrol_console.rights import Role
from patrol_console.tables.alert import AlertEntryRow, AlertRow
from patrol_console.tables.area import AreaRow, UnitRow
from patrol_console.tables.camera import CameraRow
from patrol_console.tables.outage import OutageCameraRow, OutageRow
from patrol_console.tables.picture import PictureRow
from patrol_console.tables.sweep import SweepCameraRow, SweepRow
from patrol_console.tables.uplink import UplinkRow
from patrol_console.tables.user import UserRow
from patrol_console.user import repository

PASSWORD = "correct horse battery"
JPEG = b"\xff\xd8\xff" + b"evidence" * 20


@dataclass
class Town:
    """Ids by name."""

    root: str
    east: str
    west: str
    cameras: dict[str, str] = field(default_factory=dict)  # by village
    alerts: dict[str, str] = field(default_factory=dict)  # by village
    uplinks: dict[str, str] = field(default_factory=dict)  # by village
    outages: dict[str, str] = field(default_factory=dict)  # by village
    sweeps: dict[str, str] = field(default_factory=dict)  # by village; done
    units: dict[str, str] = field(default_factory=dict)  # by village
    users: dict[str, str] = field(default_factory=dict)  # by name: admin, technician, …, west_operator


async def settle(console: Console) -> Town:
    """Make the town; everybody's password is PASSWORD; roles are held on the east, `admin` on all."""
    hashed = await console.sessions.passwords.hash(PASSWORD)
    now = console.clock.now()
    picture_id = await console.pictures.keep(JPEG)
    async with console.database.writing() as session:
        root = plant(session, None, "Town", now)
        await session.flush()
        east, west = plant(session, root, "East", now), plant(session, root, "West", now)
        await session.flush()
        town = Town(root.id, east.id, west.id)
        people: list[tuple[str, Role, AreaRow]] = [("admin", Role.ADMINISTRATOR, root)]
        people += [(role.value, role, east) for role in Role if role is not Role.ADMINISTRATOR]
        people += [("east_admin", Role.ADMINISTRATOR, east), ("west_operator", Role.OPERATOR, west)]
        for name, role, area in people:
            user = UserRow(
                id=f"user_{name}",
                username=name,
                display_name=name.title(),
                language="en",
                password_hash=hashed,
                created_at=now,
            )
            session.add(user)
            await session.flush()
            await repository.replace_roles(session, user.id, [(role.value, area.id)])
            town.users[name] = user.id
        sha256 = hashlib.sha256(JPEG).hexdigest()
        session.add(PictureRow(id=picture_id, sha256=sha256, size_bytes=len(JPEG), stored_at=now))
        for name, area in (("east", east), ("west", west)):
            camera = camera_row(f"cam_{name}", area.id, now)
            session.add(camera)
            await session.flush()
            alert = alert_row(f"alert_{name}", camera, now, picture_id)
            session.add(alert)
            await session.flush()
            session.add(AlertEntryRow(alert_id=alert.id, at=now, verb="raise", to_state="raised"))
            town.cameras[name], town.alerts[name] = camera.id, alert.id
            session.add(uplink_row(f"uplink_{name}", area.id, now))
            session.add(UnitRow(id=f"unit_of_{name}", name=f"police of {name}", area_id=area.id))
            town.units[name] = f"unit_of_{name}"
            session.add(outage_row(f"outage_{name}", area.id, alert.id, now))
            await session.flush()
            session.add(OutageCameraRow(outage_id=f"outage_{name}", camera_id=camera.id, down_since=now, back_at=now))
            session.add(sweep_row(f"sweep_{name}", area.id, now))
            await session.flush()
            session.add(SweepCameraRow(sweep_id=f"sweep_{name}", camera_id=camera.id, outcome="swept", first_at=now))
            town.sweeps[name] = f"sweep_{name}"
            town.uplinks[name], town.outages[name] = f"uplink_{name}", f"outage_{name}"
    return town


def camera_row(camera_id: str, area_id: str, now: datetime) -> CameraRow:
    """A camera that is online."""
    return CameraRow(
        id=camera_id,
        name=f"gate {camera_id}",
        area_id=area_id,
        gateway_id="gateway-1",
        kind="public",
        enabled=True,
        url="rtsp://10.0.0.7/main",
        username="watcher",
        sealed_password="s1.sealed",
        simulated=False,
        masks=[],
        zones=[{"zone_id": "z1", "name": "water", "polygon": [[0, 0], [1, 0], [1, 1]]}],
        rules=[],
        revision=1,
        created_at=now,
        status_state="online",
        status_cause="none",
        status_since=now,
        status_at=now,
        last_media_at=now,
        facts={"codec": "h264", "width_px": 640, "height_px": 360},
        profiles=[{"token": name, "url": f"rtsp://10.0.0.7/{name}", "role": name} for name in ("main", "sub")],
    )


def alert_row(alert_id: str, camera: CameraRow, now: datetime, picture_id: str | None = None) -> AlertRow:
    """An alert that nobody has taken yet."""
    return AlertRow(
        id=alert_id,
        camera_id=camera.id,
        area_id=camera.area_id,
        kind="intrusion",
        severity="orange",
        state="raised",
        rule_name="water's edge",
        zone_name="water",
        labels=["person"],
        confidence=0.8,
        simulated=False,
        episode_started_at=now - timedelta(seconds=5),
        captured_at=now,
        raised_at=now,
        written_at=now,
        picture_id=picture_id,
    )


def uplink_row(uplink_id: str, area_id: str, now: datetime) -> UplinkRow:
    """The line of a village."""
    return UplinkRow(
        id=uplink_id, name=f"line {area_id}", kind="area", ref=area_id, area_id=area_id, mbit_s=20.0, created_at=now
    )


def outage_row(outage_id: str, area_id: str, alert_id: str, now: datetime) -> OutageRow:
    """An outage that is over, told of by `alert_id`."""
    return OutageRow(
        id=outage_id,
        scope="area",
        ref=area_id,
        name="village",
        whole=True,
        silent=False,
        severity="yellow",
        area_id=area_id,
        alert_id=alert_id,
        began_at=now,
        opened_at=now,
        recovered_at=now,
    )


def sweep_row(sweep_id: str, area_id: str, now: datetime, **more: object) -> SweepRow:
    """A sweep of one camera that is over."""
    fields = {"purpose": "setup", "total": 1, "state": "done", "began_at": now, "alive_at": now, "ended_at": now}
    return SweepRow(id=sweep_id, area_id=area_id, **(fields | more))


class Person:
    """A browser that is signed in: sends the cookie and the token by itself."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    @classmethod
    async def sign_in(cls, asgi: httpx.AsyncBaseTransport, name: str, password: str = PASSWORD) -> Person:
        """Sign in as `name`."""
        client = httpx.AsyncClient(transport=asgi, base_url="http://console")
        answer = await client.post("/api/session", json={"username": name, "password": password})
        assert answer.status_code == 200, answer.text
        client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        return cls(client)

    async def ask(self, method: str, path: str, json: object = None) -> httpx.Response:
        """One request."""
        return await self.client.request(method, path, json=json)
