"""`probe up`: the whole hub on this machine, supervised; says where it is and, the first time, who may sign in.

The first administrator gets a random password, shown this once and stored only as its hash. Main thread.
"""

from __future__ import annotations

import threading
from typing import Annotated

import typer
from pydantic import BaseModel, ConfigDict, JsonValue

from hub import log
from hub.clock import SystemClock
from hub.settings import Settings
from probe.camera.record import AreaRecord
from probe.console_client import ConsoleClient
from probe.language import current, say
from probe.launch import HubHere
from probe.printer import print_json, print_line

app = typer.Typer(add_completion=False)

ADMINISTRATOR = "admin"


class _Made(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    username: str
    one_time_password: str


@app.command(help=say("group_up"))
def up(json: Annotated[bool, typer.Option("--json", help=say("opt_json"))] = False) -> None:
    """Run until interrupted."""
    settings = Settings()
    log.configure(settings.log, "probe")

    def say_where(hub: HubHere, give_up: threading.Event) -> None:
        del give_up  # one question and one answer: short
        with hub.client() as client:
            password = first_administrator(client, settings.centre_name)
        if json:
            users: list[JsonValue] = []
            if password is not None:
                users.append({"name": ADMINISTRATOR, "role": "administrator", "password": password})
            print_json({"url": hub.console_url, "gateway_url": hub.gateway_url, "users": users})
            return
        print_line(say("up_ready", url=hub.console_url))
        if password is not None:
            print_line(say("up_administrator", name=ADMINISTRATOR, password=password))

    HubHere(settings, SystemClock()).run(say_where)


def first_administrator(client: ConsoleClient, centre_name: str) -> str | None:
    """Make the first administrator and give back the password; None where somebody can sign in already."""
    if any(True for _ in client.items("/api/users")):
        return None
    areas = [AreaRecord.model_validate(item) for item in client.items("/api/areas")]
    top = areas[0] if areas else client.send(AreaRecord, "POST", "/api/areas", {"name": centre_name, "parent_id": None})
    roles: list[JsonValue] = [{"role": "administrator", "area_id": top.id}]
    body: dict[str, JsonValue] = {"username": ADMINISTRATOR, "display_name": say("role_administrator"), "roles": roles}
    made = client.send(_Made, "POST", "/api/users", {**body, "language": current()})
    return made.one_time_password
