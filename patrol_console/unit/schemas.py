"""Units as the API has them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from patrol_console.plain import ID, ONE_LINE


class Unit(BaseModel):
    """A centre, department, police station or partner."""

    id: str
    name: str
    area_id: str


class UnitList(BaseModel):
    """GET /api/units, by name."""

    items: list[Unit]


class UnitCreate(BaseModel):
    """POST /api/units."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=64, pattern=ONE_LINE)
    area_id: str = Field(pattern=ID)
