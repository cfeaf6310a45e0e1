"""Areas and units by the names that people write in a file, as far as the person may know of them. Pure once made."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from hub.errors import HubError
from hub.plain import plain
from patrol_console.camera_import.columns import Column
from patrol_console.camera_import.draft import wrong
from patrol_console.tables.area import AreaRow, UnitRow

SEPARATOR = "/"
_SEPARATORS = re.compile(r"\s*[/\\>\u2192]+\s*")


class Places:
    """The areas by name and by path (also by the end of one: 镇/村), the units by name."""

    def __init__(self, areas: Sequence[AreaRow], units: Iterable[UnitRow]) -> None:
        self.paths = paths_of(areas)
        self._areas: dict[str, list[AreaRow]] = {}
        for area in areas:
            self._areas.setdefault(area.id, []).append(area)
            steps = [_bare(area.name)]
            above = self.paths[area.id][:-1]
            self._areas.setdefault(steps[0], []).append(area)
            for name in reversed(above):
                steps.insert(0, _bare(name))
                self._areas.setdefault(SEPARATOR.join(steps), []).append(area)
        self._units: dict[str, list[str]] = {}
        for unit in units:
            for word in (unit.id, _bare(unit.name)):
                self._units.setdefault(word, []).append(unit.id)

    def area(self, text: str) -> AreaRow:
        """Raises HubError INVALID `camera_import.no_area` or `several_areas`."""
        found = self._areas.get(_bare(text), [])
        whole = [area for area in found if _bare(SEPARATOR.join(self.paths[area.id])) == _bare(text)]
        found = whole or found
        if len(found) == 1:
            return found[0]
        shown = plain(text)[:64]
        if not found:
            raise wrong(Column.AREA, "camera_import.no_area", value=shown)
        example = SEPARATOR.join(self.paths[found[0].id])
        raise wrong(Column.AREA, "camera_import.several_areas", value=shown, example=example)

    def unit(self, text: str) -> str:
        """The unit's id. Raises HubError INVALID `camera_import.no_unit` or `several_units`."""
        found = self._units.get(_bare(text), [])
        if len(found) == 1:
            return found[0]
        error: HubError = wrong(
            Column.UNIT, "camera_import.several_units" if found else "camera_import.no_unit", value=plain(text)[:64]
        )
        raise error


def paths_of(areas: Iterable[AreaRow]) -> dict[str, list[str]]:
    """The names from the topmost known area down to each, by id."""
    names = {area.id: area.name for area in areas}
    return {area.id: [names[step] for step in area.path.split("/") if step in names] for area in areas}


def _bare(text: str) -> str:
    return _SEPARATORS.sub(SEPARATOR, unicodedata.normalize("NFKC", text).strip()).casefold()
