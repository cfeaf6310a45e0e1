"""/api/users, for administrators: people and the roles they hold."""

from __future__ import annotations

from fastapi import APIRouter, Request, status

from patrol_console.edge import ConfiguresUsers, Reading, Writing, console_of
from patrol_console.user import service
from patrol_console.user.schemas import UserChange, UserCreate, UserList, UserRecord

router = APIRouter(prefix="/api/users", tags=["user"])


@router.get("")
async def list_users(actor: ConfiguresUsers, reading: Reading) -> UserList:
    """The people who hold a role in an area that the reader administers."""
    return await service.listing(reading, actor)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_user(request: Request, actor: ConfiguresUsers, body: UserCreate, writing: Writing) -> UserRecord:
    """A new person; without a password one is made and answered this once."""
    return await service.create(console_of(request), writing, actor, body)


@router.patch("/{user_id}")
async def change_user(
    request: Request, user_id: str, actor: ConfiguresUsers, body: UserChange, writing: Writing
) -> UserRecord:
    """Change a person; a new password, fewer roles or `disabled` end what is open."""
    return await service.change(console_of(request), writing, actor, user_id, body)
