"""Partner access as the API has it."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from hub.contracts.base import UtcTime
from patrol_console.plain import ID


class SharedCamera(BaseModel):
    """A camera that the unit may pull; `path` is its address behind the gateway's name and port."""

    id: str
    name: str
    path: str


class PartnerAccess(BaseModel):
    """GET /api/units/{id}/access. `username` is null where the unit has no login."""

    unit_id: str
    unit_name: str
    username: str | None
    since: UtcTime | None
    cameras: list[SharedCamera]  # those that the reader may see, by name
    hidden: int  # how many more there are
    port: int  # of the gateway's RTSP; 0: switched off


class PartnerLogin(BaseModel):
    """POST /api/units/{id}/access: the only time that the password is told."""

    username: str
    password: str


class SharedCameras(BaseModel):
    """PUT /api/units/{id}/cameras: all that the unit may pull, of those that the writer configures."""

    model_config = ConfigDict(extra="forbid")
    camera_ids: Annotated[list[Annotated[str, Field(pattern=ID)]], Field(max_length=10_000)]
