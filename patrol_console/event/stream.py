"""One browser's server-sent events: only what it may see, a ping when it is quiet, an end when its session ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Literal

from hub.errors import ErrorKind, HubError
from patrol_console.event.changes import MOST_LISTENERS, MOST_OF_ONE_PERSON, Listener, Numbered
from patrol_console.event.schemas import Change
from patrol_console.rights import Actor

if TYPE_CHECKING:
    from patrol_console.console import Console

_PING_S = 15.0  # also how often the session is looked at again: it may have run out
_RETRY_MS = 1000
_Noun = Literal["alert", "camera", "area", "sweep", "layout", "screen"]
_NOUNS: tuple[_Noun, ...] = ("alert", "camera", "area", "sweep", "layout", "screen")


def check_room(console: Console, actor: Actor) -> None:
    """Raise HubError LIMITED where too many listen already, or too many of this person's browsers."""
    changes = console.changes
    if changes.listeners >= MOST_LISTENERS or changes.listeners_of(actor.user_id) >= MOST_OF_ONE_PERSON:
        raise HubError(ErrorKind.LIMITED, "patrol_console.too_many_listeners", seconds=30)


async def follow(console: Console, actor: Actor, last_event_id: str | None) -> AsyncIterator[bytes]:
    """The bytes of the stream, until the browser goes, its session ends or the process stops."""
    with console.changes.listening(actor.user_id) as listener:
        looked_at = console.clock.monotonic()
        yield f"retry: {_RETRY_MS}\n: ping\n\n".encode()
        for piece in _missed(console, actor, last_event_id):
            yield piece
        stopping = asyncio.ensure_future(console.changes.stopping.wait())
        try:
            while not stopping.done():
                numbered = await _next(listener, stopping)
                if stopping.done():
                    return
                if numbered is None or console.clock.monotonic() - looked_at >= _PING_S:  # also when it is never quiet
                    yield b": ping\n\n"
                    fresh = await _looked_at_again(console, actor)
                    if fresh is None:
                        yield _event(0, Change(noun="session", id=actor.user_id, change="removed"))
                        return
                    actor, looked_at = fresh, console.clock.monotonic()
                if numbered is None:
                    continue
                if listener.missed:
                    listener.missed = False
                    for piece in _everything():
                        yield piece
                if numbered.notice.concerns_rights_of(actor) and not numbered.notice.ends(actor):
                    fresh = await _looked_at_again(console, actor)
                    if fresh is None:
                        yield _event(numbered.seq, Change(noun="session", id=actor.user_id, change="removed"))
                        return
                    actor = fresh
                change = numbered.notice.for_actor(actor)
                if change is not None:
                    yield _event(numbered.seq, change)
                if numbered.notice.ends(actor):
                    return
        finally:
            stopping.cancel()


async def _next(listener: Listener, stopping: asyncio.Future[Literal[True]]) -> Numbered | None:
    if not listener.queue.empty():
        return listener.queue.get_nowait()
    getting = asyncio.ensure_future(listener.queue.get())
    try:
        await asyncio.wait((getting, stopping), timeout=_PING_S, return_when=asyncio.FIRST_COMPLETED)
        return getting.result() if getting.done() else None
    finally:
        getting.cancel()


async def _looked_at_again(console: Console, actor: Actor) -> Actor | None:
    if actor.session_id is None:
        return actor
    try:
        async with console.database.reading() as session:
            return await console.sessions.actor_of_session(session, actor.session_id)
    except HubError:
        return None


def _missed(console: Console, actor: Actor, last_event_id: str | None) -> list[bytes]:
    if last_event_id is None or not last_event_id.isascii() or not last_event_id.isdigit():
        return []
    kept = console.changes.since(int(last_event_id[:18]))
    if kept is None:
        return _everything()
    changes = [(numbered.seq, numbered.notice.for_actor(actor)) for numbered in kept]
    return [_event(seq, change) for seq, change in changes if change is not None]


def _everything() -> list[bytes]:
    return [_event(0, Change(noun=noun, id="*", change="updated")) for noun in _NOUNS]


def _event(seq: int, change: Change) -> bytes:
    number = f"id: {seq}\n" if seq else ""
    return f"{number}event: change\ndata: {change.model_dump_json(exclude_none=True)}\n\n".encode()
