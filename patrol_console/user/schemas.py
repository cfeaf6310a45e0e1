"""People as the API has them. Passwords go in and never come out, save a generated one, once."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from hub.contracts.base import UtcTime
from patrol_console.plain import ID, ONE_LINE
from patrol_console.rights import Action, Role

Username = Field(min_length=1, max_length=64, pattern=r"^[\w.@-]+$")


class HeldRole(BaseModel):
    """A role held on an area and on all below it."""

    role: Role
    area_id: str
    area_name: str


class User(BaseModel):
    """A person; `can` lists what this person may do somewhere."""

    id: str
    username: str
    display_name: str
    unit_id: str | None
    language: Literal["zh", "en"]
    roles: list[HeldRole]
    can: list[Action]


class UserRecord(User):
    """A person as an administrator sees them; `one_time_password` stands only in the answer that made it."""

    disabled: bool
    created_at: UtcTime
    one_time_password: str | None = None


class UserList(BaseModel):
    """GET /api/users."""

    items: list[UserRecord]
    next: str | None = None


class GivenRole(BaseModel):
    """A role to hold on an area."""

    model_config = ConfigDict(extra="forbid")
    role: Role
    area_id: str = Field(pattern=ID)


class UserCreate(BaseModel):
    """POST /api/users; without a password one is made and answered once."""

    model_config = ConfigDict(extra="forbid")
    username: str = Username
    display_name: str = Field(min_length=1, max_length=64, pattern=ONE_LINE)
    password: SecretStr | None = Field(default=None, min_length=10, max_length=256)
    language: Literal["zh", "en"] = "zh"
    unit_id: str | None = Field(default=None, pattern=ID)
    roles: list[GivenRole] = Field(min_length=1, max_length=32)


class UserChange(BaseModel):
    """PATCH /api/users/{id}; what is absent stays."""

    model_config = ConfigDict(extra="forbid")
    display_name: str | None = Field(default=None, min_length=1, max_length=64, pattern=ONE_LINE)
    password: SecretStr | None = Field(default=None, min_length=10, max_length=256)
    language: Literal["zh", "en"] | None = None
    disabled: bool | None = None
    roles: list[GivenRole] | None = Field(default=None, max_length=32)
