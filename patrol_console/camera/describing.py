"""What a camera is, by its own word: told before it is registered, read anew later, another of its streams pulled.

On the event loop; nothing here holds a transaction while the gateway asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncSession

from hub.contracts.device import CHOSEN_BY_PERSON, DeviceFace, Reason, StreamProfile
from hub.errors import ErrorKind, HubError
from patrol_console.camera.device_reading import columns_of, put, read, read_typed, typed, wish_for
from patrol_console.camera.schemas import Camera, CameraReading, Described, DescribeWish
from patrol_console.camera.service import for_change, found, told
from patrol_console.camera.view import profile_views
from patrol_console.rights import Action, Actor
from patrol_console.tables.camera import CameraRow

if TYPE_CHECKING:
    from patrol_console.console import Console


async def describe(console: Console, actor: Actor, body: DescribeWish, lang: str) -> Described:
    """What stands at an address. Raises HubError LIMITED `patrol_console.describe_rate`, and as `read`."""
    what = typed(body.address, body.username, body.password)
    description = await read_typed(console, actor, what)
    return Described(
        url=description.url,
        onvif=None if description.face is None else description.face.url,
        ptz=description.face is not None and description.face.ptz,
        device=description.device,
        profiles=profile_views(description.profiles, description.url, lang),
        profile_token=description.profile_token,
    )


async def read_anew(
    console: Console, reading: AsyncSession, actor: Actor, camera_id: str, body: CameraReading
) -> Camera:
    """Read a registered camera again; with a token only pull another of its streams."""
    camera = (await found(console, reading, actor, camera_id, Action.CAMERA_CONFIGURE)).camera
    await reading.close()
    if body.profile_token is not None:
        columns = chosen(camera, body.profile_token)
    else:
        await console.describe_pace.turn(actor.user_id)
        columns = columns_of(await read(console, actor.user_id, actor.unit_id, wish_for(camera)))
    async with console.database.writing() as writing:
        row = await for_change(console, writing, actor, camera_id)
        if (row.url, row.username, row.sealed_password) != (camera.url, camera.username, camera.sealed_password):
            raise HubError(ErrorKind.CONFLICT, "patrol_console.camera_moved")
        put(row, columns)
        row.revision += 1
        await writing.flush()
        answer = await told(console, writing, actor, camera_id, "updated")
    console.outbox.wake()
    return answer


def chosen(camera: CameraRow, token: str) -> dict[str, Any]:
    """The columns with another stream pulled. Raises HubError INVALID `patrol_console.no_profile`."""
    profiles = [StreamProfile.model_validate(profile) for profile in camera.profiles or ()]
    wanted = next((profile for profile in profiles if profile.token == token and profile.url), None)
    if wanted is None or wanted.url is None:
        raise HubError(ErrorKind.INVALID, "patrol_console.no_profile")
    why = (Reason(code=CHOSEN_BY_PERSON),)
    kept = [profile.model_copy(update={"why": why if profile.token == token else ()}) for profile in profiles]
    columns: dict[str, Any] = {
        "url": wanted.url,
        "profiles": [profile.model_dump(mode="json", exclude_none=True) for profile in kept],
    }
    if camera.onvif:
        face = DeviceFace.model_validate(camera.onvif)
        # Whether it can be moved is the profile's; what it does when it is left alone is the person's.
        face = face.model_copy(update={"profile_token": token, "ptz": wanted.ptz})
        columns["onvif"] = face.model_dump(mode="json")
    return columns
