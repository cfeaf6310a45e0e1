"""Having a device say what it is: the gateway asks it over ONVIF, and what it says is checked and put into columns.

No technician scans a network with it: an address passes `addresses` of the settings here and again in the gateway, and
a person has a burst of twenty readings and then one a second (`console.describe_pace`); the gateway does four at a
time. Nothing here touches the database.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hub.address_url import CAMERA_SCHEMES, DEFAULT_PORTS, parse, split_credentials, with_scheme
from hub.contracts.device import CHOSEN_BY_PERSON, DeviceFace, StreamProfile
from hub.contracts.joining import Description, DescriptionWish
from hub.errors import ErrorKind, HubError
from patrol_console.discovery.ticket import joining_ticket
from patrol_console.rights import Actor
from patrol_console.tables.camera import CameraRow

if TYPE_CHECKING:
    from pydantic import SecretStr

    from patrol_console.console import Console


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person typed: an address without its login, and the login."""

    address: str
    username: str | None
    password: str | None = field(repr=False)


def typed(address: str, username: str | None, password: SecretStr | None) -> Typed:
    """A login inside the address counts where none is given beside it. Raises HubError as `split_credentials`."""
    bare, its_username, its_password = split_credentials(address.strip(" \t"))
    return Typed(
        bare,
        username if username is not None else its_username,
        password.get_secret_value() if password is not None else its_password,
    )


async def read_typed(
    console: Console, actor: Actor, what: Typed, profile_token: str | None = None, channel: str | None = None
) -> Description:
    """What stands there. Raises HubError LIMITED `patrol_console.describe_rate`, and as `read`."""
    wish = DescriptionWish(
        address=what.address,
        username=what.username,
        password=what.password,
        profile_token=profile_token,
        source=channel,
    )
    await console.describe_pace.turn(actor.user_id)
    return await read(console, actor.user_id, actor.unit_id, wish)


async def read(console: Console, user_id: str, unit_id: str | None, wish: DescriptionWish) -> Description:
    """Have the gateway ask. Raises HubError as it says, FORBIDDEN `patrol_console.elsewhere` for a foreign stream."""
    host = await _checked(console, wish.address)
    ticket = joining_ticket(console, user_id, unit_id)
    description = await console.gateway.describe(ticket, wish)
    # The login goes to this URL for years: it must be on the host that somebody typed.
    for url in (description.url, *(profile.url for profile in description.profiles if profile.url)):
        if (there := parse(url, CAMERA_SCHEMES).host) != host:
            raise HubError(ErrorKind.FORBIDDEN, "patrol_console.elsewhere", host=there)
    if description.face is not None and (there := parse(description.face.url, ("http", "https")).host) != host:
        raise HubError(ErrorKind.FORBIDDEN, "patrol_console.elsewhere", host=there)
    return description


def wish_for(camera: CameraRow) -> DescriptionWish:
    """How the gateway reads a camera that is ours; a stream that a person chose stays the one that is pulled."""
    profiles = [StreamProfile.model_validate(profile) for profile in camera.profiles or ()]
    by_person = [one.token for one in profiles if any(reason.code == CHOSEN_BY_PERSON for reason in one.why)]
    face = DeviceFace.model_validate(camera.onvif) if camera.onvif else None
    return DescriptionWish(
        address=camera.url if face is None else face.url,
        username=camera.username,
        sealed_password=camera.sealed_password,
        sealed_for=camera.id,
        profile_token=by_person[0] if by_person else None,
        source=next((one.source for one in profiles if one.url == camera.url), None),
    )


def columns_of(description: Description) -> dict[str, Any]:
    """What is kept of a description, by column."""
    face = description.face
    return {
        "url": description.url,
        "onvif": None if face is None else face.model_dump(mode="json"),
        "device": description.device.model_dump(mode="json", exclude_none=True),
        "profiles": [profile.model_dump(mode="json", exclude_none=True) for profile in description.profiles],
        "reading_problem": None,
    }


def forgotten() -> dict[str, Any]:
    """The columns of a camera whose address became another device's."""
    return {"onvif": None, "device": {}, "profiles": [], "reading_problem": None}


def put(row: CameraRow, columns: dict[str, Any]) -> None:
    """Into the locked row; what a person set of its face (home, events) stays."""
    before, after = row.onvif, columns.get("onvif")
    if before and after:
        kept = {key: before[key] for key in ("home_preset", "home_after_s", "events") if key in before}
        columns = columns | {"onvif": after | kept}
    for name, value in columns.items():
        setattr(row, name, value)


async def _checked(console: Console, address: str) -> str:
    """The host, once the policy allows it."""
    url = with_scheme(address)
    return (await console.addresses.resolve(url, schemes=tuple(DEFAULT_PORTS))).host
