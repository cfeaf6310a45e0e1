"""Areas as the API has them; counts take in everything below."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from patrol_console.plain import ID, ONE_LINE


class Area(BaseModel):
    """A node of the tree; `parent_id` is null at the top of what the reader may see."""

    id: str
    parent_id: str | None
    name: str
    level: int
    cameras: int
    online: int


class AreaList(BaseModel):
    """GET /api/areas: a parent stands before its children."""

    items: list[Area]
    next: str | None = None


class AreaCreate(BaseModel):
    """POST /api/areas."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=64, pattern=ONE_LINE)
    parent_id: str | None = Field(default=None, pattern=ID)


class AreaChange(BaseModel):
    """PATCH /api/areas/{id}."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=64, pattern=ONE_LINE)
