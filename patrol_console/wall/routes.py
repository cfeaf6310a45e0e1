"""/api/wall: one's own layouts and screens. Both belong to a person, so the action asked for is that of looking."""

from __future__ import annotations

from fastapi import APIRouter, Request, status

from patrol_console.edge import Reading, SeesCameras, Writing, console_of
from patrol_console.wall import layouts, screens
from patrol_console.wall.schemas import (
    WallLayout,
    WallLayoutChange,
    WallLayoutList,
    WallLayoutSave,
    WallScreen,
    WallScreenFill,
    WallScreenList,
    WallScreenOpen,
)

router = APIRouter(prefix="/api/wall", tags=["wall"])


@router.get("/layouts")
async def list_layouts(actor: SeesCameras, reading: Reading) -> WallLayoutList:
    """The layouts that the reader saved."""
    return await layouts.listing(reading, actor)


@router.post("/layouts", status_code=status.HTTP_201_CREATED)
async def save_layout(request: Request, actor: SeesCameras, body: WallLayoutSave, writing: Writing) -> WallLayout:
    """Save one more."""
    return await layouts.save(console_of(request), writing, actor, body)


@router.patch("/layouts/{layout_id}")
async def change_layout(
    request: Request, layout_id: str, actor: SeesCameras, body: WallLayoutChange, writing: Writing
) -> WallLayout:
    """Rename it, save over it, or begin with it from now on."""
    return await layouts.change(console_of(request), writing, actor, layout_id, body)


@router.delete("/layouts/{layout_id}", status_code=status.HTTP_204_NO_CONTENT)
async def remove_layout(request: Request, layout_id: str, actor: SeesCameras, writing: Writing) -> None:
    """Remove it."""
    await layouts.remove(console_of(request), writing, actor, layout_id)


@router.get("/screens")
async def list_screens(request: Request, actor: SeesCameras, reading: Reading) -> WallScreenList:
    """The screens that the reader has open now."""
    return await screens.listing(console_of(request), reading, actor)


@router.post("/screens")
async def open_screen(request: Request, actor: SeesCameras, body: WallScreenOpen, writing: Writing) -> WallScreen:
    """This window is there, and asks what it is to show; repeated every ten seconds."""
    return await screens.here(console_of(request), writing, actor, body.name)


@router.put("/screens/{screen_name}")
async def fill_screen(
    request: Request, screen_name: str, actor: SeesCameras, body: WallScreenFill, writing: Writing
) -> WallScreen:
    """Show this there; 404 where no such screen is open."""
    return await screens.fill(console_of(request), writing, actor, screen_name, body.arrangement)


@router.post("/screens/{screen_name}/identify")
async def identify_screen(request: Request, screen_name: str, actor: SeesCameras, writing: Writing) -> WallScreen:
    """Have it show its name for a moment."""
    return await screens.identify(console_of(request), writing, actor, screen_name)


@router.delete("/screens/{screen_name}", status_code=status.HTTP_204_NO_CONTENT)
async def close_screen(request: Request, screen_name: str, actor: SeesCameras, writing: Writing) -> None:
    """The window goes."""
    await screens.gone(console_of(request), writing, actor, screen_name)
