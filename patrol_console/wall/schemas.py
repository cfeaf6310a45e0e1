"""Layouts and screens as the API has them. A camera's id is kept as it was sent and says nothing of the camera:
whether it is there and may be seen is asked where its name or its picture is."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from patrol_console.plain import ID, ONE_LINE

MOST_PANES = 100  # four groups of the largest layout
MOST_LAYOUTS = 50  # of one person
MOST_SCREENS = 16  # of one person

CameraId = Annotated[str, Field(pattern=ID)]
Name = Annotated[str, Field(min_length=1, max_length=64, pattern=ONE_LINE)]
ScreenName = Annotated[str, Field(pattern=r"^\w[\w \-.·]{0,31}$")]  # stands in an address


class Tour(BaseModel):
    """Groups one after the other (轮巡)."""

    model_config = ConfigDict(extra="forbid")
    dwell_s: int = Field(ge=3, le=3600)
    skip_offline: bool = True


class Arrangement(BaseModel):
    """What a wall shows: the cameras of an area, or those of a person's own choice, in groups of `layout` panes."""

    model_config = ConfigDict(extra="forbid")
    layout: Literal[1, 4, 6, 8, 9, 16, 25]  # how many panes; 6 is 1+5, 8 is 1+7: one large among small
    area_id: str | None = Field(default=None, pattern=ID)
    panes: list[CameraId | None] | None = Field(default=None, max_length=MOST_PANES)  # null: as the area has them
    group: int = Field(default=0, ge=0, le=9999)
    tour: Tour | None = None


class WallLayout(BaseModel):
    """A saved layout."""

    id: str
    name: str
    arrangement: Arrangement
    is_default: bool
    changed_at: datetime


class WallLayoutList(BaseModel):
    """GET /api/wall/layouts: one's own, by name."""

    items: list[WallLayout]
    next: str | None = None


class WallLayoutSave(BaseModel):
    """POST /api/wall/layouts."""

    model_config = ConfigDict(extra="forbid")
    name: Name
    arrangement: Arrangement
    is_default: bool = False


class WallLayoutChange(BaseModel):
    """PATCH /api/wall/layouts/{id}: what is not named stays."""

    model_config = ConfigDict(extra="forbid")
    name: Name | None = None
    arrangement: Arrangement | None = None
    is_default: bool | None = None


class WallScreen(BaseModel):
    """A window that shows. `open_screens`: how many this person has, this one too."""

    name: str
    arrangement: Arrangement | None
    revision: int
    identify_at: datetime | None
    open_screens: int


class WallScreenList(BaseModel):
    """GET /api/wall/screens: one's own that are open now, by name."""

    items: list[WallScreen]
    next: str | None = None


class WallScreenOpen(BaseModel):
    """POST /api/wall/screens: this window is there; repeated as a heartbeat."""

    model_config = ConfigDict(extra="forbid")
    name: ScreenName


class WallScreenFill(BaseModel):
    """PUT /api/wall/screens/{name}."""

    model_config = ConfigDict(extra="forbid")
    arrangement: Arrangement
