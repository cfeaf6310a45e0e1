"""Signing in as the API has it. A password is accepted here and never given back."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from patrol_console.plain import ONE_LINE
from patrol_console.user.schemas import User


class SignIn(BaseModel):
    """POST /api/session."""

    model_config = ConfigDict(extra="forbid")
    username: str = Field(min_length=1, max_length=64, pattern=ONE_LINE)
    password: SecretStr = Field(min_length=1, max_length=256)


class Session(BaseModel):
    """Who is signed in, and the token that every write carries as X-CSRF-Token."""

    user: User
    csrf_token: str


class PasswordChange(BaseModel):
    """PUT /api/session/password; ends the other sessions of this person."""

    model_config = ConfigDict(extra="forbid")
    current: SecretStr = Field(min_length=1, max_length=256)
    new: SecretStr = Field(min_length=10, max_length=256)
