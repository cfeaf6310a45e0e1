"""Who may do what: every route is declared, and every route is tried by every role, in its own area and in another's.

The table of what is expected is made from `rights.ALLOWED`, so a new route or role is tried without a line here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any

import httpx
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from patrol_console.app import bare_app, create_app
from patrol_console.console import Console
from patrol_console.edge import Declaration
from patrol_console.event.notice import Notice
from patrol_console.event.stream import follow
from patrol_console.rights import ALLOWED, OF_THE_HUB, Action, Actor, Role
from patrol_console.session.repository import account, grants
from tests.patrol_console.people import Person, Town

# What to send where a body is needed; {area} and {other} are filled in.
BODIES: dict[str, dict[str, Any]] = {
    "create_camera": {"name": "n", "area_id": "{area}", "url": "rtsp://127.0.0.1/x"},
    "describe_device": {"address": "127.0.0.1:8000"},
    "read_camera": {"profile_token": "sub"},
    "start_discovery": {},
    "change_camera": {"name": "n"},
    "fix_camera": {"ntp": "10.0.0.9"},
    "undo_fix": {},
    "change_cameras": {"ids": ["cam_east"], "change": {"importance": "red"}},
    "note_repair": {"note": "cleaned"},
    "put_zones": {"zones": [{"zone_id": "z1", "name": "w", "polygon": [[0, 0], [1, 0], [1, 1]]}]},
    "put_masks": {"masks": []},
    "put_rules": {"rules": []},
    "put_ptz_home": {"after_s": 300},
    "command_ptz": {"verb": "stop"},
    "give_ticket": {"purpose": "wall", "reference": None},
    "acknowledge": {},
    "dismiss": {"reason": "a cat"},
    "create_area": {"name": "n", "parent_id": "{area}"},
    "change_area": {"name": "n"},
    "create_user": {"username": "new", "display_name": "n", "roles": [{"role": "operator", "area_id": "{area}"}]},
    "change_user": {"display_name": "n"},
    "put_shared_cameras": {"camera_ids": []},
    "create_unit": {"name": "n", "area_id": "{area}"},
    "create_uplink": {"name": "n", "kind": "area", "ref": "{area}", "connections": 4},
    "change_uplink": {"mbit_s": 4},
    "create_sweep": {"area_id": "{area}"},
    "save_layout": {"name": "n", "arrangement": {"layout": 9, "area_id": "{area}"}},
    "change_layout": {"name": "n"},
    "open_screen": {"name": "n"},
    "fill_screen": {"arrangement": {"layout": 4}},
}
# Things of a person, not of an area: nobody else's are there (test_wall.py).
OF_ONES_OWN = {"change_layout", "remove_layout", "fill_screen", "identify_screen", "close_screen"} | {
    "get_import",
    "get_import_result",
}
OF_ONES_OWN |= {"get_discovery", "end_discovery"}
ROLES = [role for role in Role if role is not Role.ADMINISTRATOR]


def routes() -> Iterator[tuple[APIRoute, Action | None, bool]]:
    """Every route of the API with its declaration."""
    for route in walk(bare_app().routes):
        assert isinstance(route, APIRoute), route
        found = declarations(route.dependant)
        assert len(found) == 1, f"{route.name} declares {len(found)} times who may use it"
        yield route, found[0].action, found[0].public


def walk(held: Iterable[object]) -> Iterator[object]:
    """All routes, also those of included routers; whatever else hangs in the application comes out as it is."""
    for route in held:
        inner = getattr(route, "original_router", None)
        if inner is None:
            yield route
        else:
            yield from walk(inner.routes)


def declarations(dependant: Dependant) -> list[Declaration]:
    own = [dependant.call] if isinstance(dependant.call, Declaration) else []
    return own + [found for below in dependant.dependencies for found in declarations(below)]


def way(route: APIRoute, town: Town, village: str) -> str:
    return route.path.format(
        camera_id=town.cameras[village],
        alert_id=town.alerts[village],
        area_id={"east": town.east, "west": town.west}[village],
        uplink_id=town.uplinks[village],
        unit_id=town.units[village],
        outage_id=town.outages[village],
        sweep_id=town.sweeps[village],
        user_id=town.users["duty_officer" if village == "east" else "west_operator"],
        layout_id="layout_of_nobody",
        screen_name="of nobody",
        discovery_id="search_of_nobody",
        import_id="import_of_nobody",
    )


def body_for(route: APIRoute, area: str) -> Any:
    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: filled(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [filled(inner) for inner in value]
        return area if value == "{area}" else value

    return filled(BODIES.get(route.name))


def test_every_route_says_who_may_use_it(console: Console) -> None:
    undeclared = []
    for route in walk(create_app(console).routes):
        found = declarations(route.dependant) if isinstance(route, APIRoute) else []
        if len(found) != 1:
            undeclared.append(getattr(route, "path", repr(route)))
    assert not undeclared
    assert len(list(routes())) > 25


def test_only_these_routes_are_open_to_everybody() -> None:
    assert {route.name for route, _, public in routes() if public} == {"get_hub", "sign_in"}


async def test_nobody_who_is_not_signed_in_gets_past_the_door(asgi: httpx.ASGITransport, town: Town) -> None:
    """Loopback is no identity: these requests come from 127.0.0.1."""
    async with httpx.AsyncClient(transport=asgi, base_url="http://127.0.0.1") as client:
        for route, _, public in routes():
            if public:
                continue
            for method in route.methods or ():
                answer = await client.request(method, way(route, town, "east"), json=body_for(route, town.east))
                assert answer.status_code == 401, (method, route.path, answer.text)


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_does_what_it_allows_in_its_area_and_nothing_else(
    role: Role, asgi: httpx.ASGITransport, town: Town
) -> None:
    person = await Person.sign_in(asgi, role.value)
    for route, action, public in routes():
        if public or action is None or route.name in ("events", "remove_camera", "remove_area", "remove_uplink"):
            continue  # events: below; what is removed cannot be tried after
        (method,) = route.methods or {"GET"}
        if route.name == "import_cameras":
            continue  # takes a file: test_camera_import.py
        if route.name in OF_ONES_OWN:
            none = await person.ask(method, way(route, town, "east"), body_for(route, town.east))
            assert none.status_code == (404 if action in ALLOWED[role] else 403), (role, route.path, none.text)
            continue
        own = await person.ask(method, way(route, town, "east"), body_for(route, town.east))
        # A village's technician knows nothing of the hub; the administrator here holds the root.
        allowed = action in ALLOWED[role] and (action not in OF_THE_HUB or role is Role.ADMINISTRATOR)
        assert (own.status_code < 400 or own.status_code == 409) == allowed, (role, method, route.path, own.text)
        if not allowed:
            assert own.status_code in (403, 404)
        if "{" in route.path or route.name.startswith("create"):
            other = await person.ask(method, way(route, town, "west"), body_for(route, town.west))
            assert other.status_code in (403, 404), (role, method, route.path, other.text)
            if allowed:
                assert other.status_code == 404, "what one may not know of is not there"
        assert "west" not in own.text.replace("west_", ""), (role, route.path, own.text)


@pytest.mark.parametrize("name", ["remove_camera", "remove_area", "remove_uplink"])
@pytest.mark.parametrize("role", ROLES)
async def test_only_those_who_configure_remove(name: str, role: Role, asgi: httpx.ASGITransport, town: Town) -> None:
    person = await Person.sign_in(asgi, role.value)
    for route, action, _ in routes():
        if route.name == name and action is not None:
            assert (await person.ask("DELETE", way(route, town, "west"))).status_code in (403, 404)
            own = await person.ask("DELETE", way(route, town, "east"))
            assert (own.status_code in (204, 409)) == (action in ALLOWED[role])


async def test_an_administrator_of_a_part_stays_in_it(asgi: httpx.ASGITransport, town: Town) -> None:
    person = await Person.sign_in(asgi, "east_admin")
    for route, action, public in routes():
        if public or action is None or "{" not in route.path:
            continue
        (method,) = route.methods or {"GET"}
        other = await person.ask(method, way(route, town, "west"), body_for(route, town.west))
        assert other.status_code == 404, (method, route.path, other.text)


async def test_a_role_is_inherited_downward(asgi: httpx.ASGITransport, town: Town) -> None:
    admin = await Person.sign_in(asgi, "admin")
    cameras = (await admin.ask("GET", "/api/cameras")).json()["items"]
    assert {camera["id"] for camera in cameras} == set(town.cameras.values())


async def test_lists_hold_only_what_the_reader_may_see(asgi: httpx.ASGITransport, town: Town) -> None:
    operator = await Person.sign_in(asgi, "operator")
    areas = (await operator.ask("GET", "/api/areas")).json()["items"]
    assert [area["id"] for area in areas] == [town.east]
    assert areas[0]["parent_id"] is None
    for noun, own in (("cameras", town.cameras["east"]), ("alerts", town.alerts["east"])):
        for query in ("", f"?area_id={town.east}", "?limit=1"):
            items = (await operator.ask("GET", f"/api/{noun}{query}")).json()["items"]
            assert [item["id"] for item in items] == [own]
        assert (await operator.ask("GET", f"/api/{noun}?area_id={town.west}")).status_code == 404
        assert (await operator.ask("GET", f"/api/{noun}?area_id={town.root}")).status_code == 404
    by_camera = await operator.ask("GET", f"/api/alerts?camera_id={town.cameras['west']}")
    assert by_camera.json()["items"] == []
    assert by_camera.json()["counts"]["waiting"]["orange"] == 0


async def test_the_address_of_a_camera_is_for_those_who_configure_it(asgi: httpx.ASGITransport, town: Town) -> None:
    for name, sees in (("operator", False), ("duty_officer", False), ("technician", True), ("admin", True)):
        person = await Person.sign_in(asgi, name)
        camera = (await person.ask("GET", f"/api/cameras/{town.cameras['east']}")).json()
        assert (camera["url"], camera["username"], camera["has_password"]) == (
            ("rtsp://10.0.0.7/main", "watcher", True) if sees else (None, None, None)
        )


async def test_events_tell_only_of_what_one_may_see(console: Console, town: Town) -> None:
    async with console.database.reading() as session:
        user = await account(session, "technician")
        assert user is not None
        held = await grants(session, user.id)
    east, west = f"/{town.root}/{town.east}/", f"/{town.root}/{town.west}/"
    actor = Actor(user.id, user.username, user.display_name, None, "en", held)
    stream = follow(console, actor, None)
    assert b"retry" in await anext(stream)
    console.changes.put(1, Notice(noun="camera", id="c1", change="updated", area_path=west))
    console.changes.put(2, Notice(noun="alert", id="a1", change="created", area_path=east))  # technicians: no alerts
    console.changes.put(3, Notice(noun="session", id="s", change="removed", user_id="somebody"))
    console.changes.put(4, Notice(noun="camera", id="c2", change="updated", area_path=east))
    async with asyncio.timeout(2):
        told = await anext(stream)
    assert b'"id":"c2"' in told
    assert b"id: 4" in told
    console.changes.stop()
    assert [piece async for piece in stream] == []


async def test_a_part_administrator_cannot_climb(asgi: httpx.ASGITransport, town: Town) -> None:
    person = await Person.sign_in(asgi, "east_admin")
    up = {"roles": [{"role": "administrator", "area_id": town.root}]}
    assert (await person.ask("PATCH", f"/api/users/{town.users['east_admin']}", up)).status_code == 404
    greater = await person.ask("PATCH", f"/api/users/{town.users['admin']}", {"password": "a new password"})
    assert greater.status_code == 404
    listed = (await person.ask("GET", "/api/users")).json()["items"]
    assert "admin" not in [user["username"] for user in listed]
    assert (await person.ask("POST", "/api/areas", {"name": "n", "parent_id": None})).status_code == 403
