"""Which camera a row means: by its national code, else by its address, else none yet. Pure; one import owns one.

A camera that the person may not know of is matched by its code alone (which is unique in the hub), and refused in the
words that a form has for it; by its address it is not there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hub.address_url import DEFAULT_PORTS, parse
from hub.errors import ErrorKind, HubError
from patrol_console.camera_import.draft import Draft, Key
from patrol_console.rights import Action, Actor, may


@dataclass(frozen=True, slots=True)
class Known:
    """A camera of the hub, as far as matching needs it."""

    camera_id: str
    name: str
    code: str | None
    key: Key | None
    area_path: str


class Book:
    """The cameras of the hub by code and by address, and the rows of the file that were met."""

    def __init__(self, actor: Actor, cameras: Iterable[Known]) -> None:
        self._actor = actor
        self._by_id: dict[str, Known] = {}
        self._by_code: dict[str, str] = {}
        self._by_key: dict[Key, set[str]] = {}
        self._met: dict[str | Key, int] = {}
        for camera in cameras:
            self.put(camera)

    def put(self, camera: Known) -> None:
        """A camera is there, or is otherwise than it was."""
        before = self._by_id.get(camera.camera_id)
        if before is not None and before.code is not None:
            self._by_code.pop(before.code, None)
        if before is not None and before.key is not None:
            self._by_key.get(before.key, set()).discard(camera.camera_id)
        self._by_id[camera.camera_id] = camera
        if camera.code is not None:
            self._by_code[camera.code] = camera.camera_id
        if camera.key is not None and may(self._actor, Action.CAMERA_SEE, camera):
            self._by_key.setdefault(camera.key, set()).add(camera.camera_id)

    def check_once(self, draft: Draft) -> None:
        """Raises HubError CONFLICT `camera_import.twice` where an earlier row that was taken meant the same camera."""
        for mark in _marks(draft):
            if self._met.get(mark, draft.line) != draft.line:
                raise HubError(ErrorKind.CONFLICT, "camera_import.twice", line=self._met[mark])

    def met(self, draft: Draft) -> None:
        """A row was taken."""
        self._met.update(dict.fromkeys(_marks(draft), draft.line))

    def match(self, draft: Draft) -> Known | None:
        """The camera that is meant. Raises HubError CONFLICT where several are, or none can be told."""
        by_code = self._by_id[self._by_code[draft.code]] if draft.code in self._by_code else None
        if by_code is not None and not may(self._actor, Action.CAMERA_SEE, by_code):
            raise HubError(ErrorKind.CONFLICT, "patrol_console.national_code_taken", code=draft.code)
        at_key = [self._by_id[each] for each in sorted(self._by_key.get(draft.key, ()))] if draft.key else []
        if by_code is not None:
            others = [camera for camera in at_key if camera.camera_id != by_code.camera_id]
            if others:
                raise HubError(
                    ErrorKind.CONFLICT, "camera_import.other_address", camera=by_code.name, other=others[0].name
                )
            return by_code
        if len(at_key) > 1:
            raise HubError(ErrorKind.CONFLICT, "camera_import.several_cameras", count=len(at_key))
        if at_key and draft.code is not None and at_key[0].code is not None:
            raise HubError(ErrorKind.CONFLICT, "camera_import.other_code", camera=at_key[0].name, code=at_key[0].code)
        return at_key[0] if at_key else None


def _marks(draft: Draft) -> list[str | Key]:
    return [mark for mark in (draft.code, draft.key) if mark is not None]


def key_of(url: str) -> Key | None:
    """Host, port and path of a kept address; None for one that is none any more."""
    try:
        parts = parse(url, tuple(DEFAULT_PORTS))
    except HubError:
        return None
    return (parts.host, parts.port, parts.path)
