"""Sessions: opened with a password, kept on the server by the hash of their cookie, ended by sign-out, expiry or an
administrator. Runs on the event loop; the slow hashing runs in threads and never inside a write transaction.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from hub import local_access, log
from hub.clock import Clock
from hub.contracts.spec import Revoked
from hub.errors import ErrorKind, HubError
from hub.secrets import MasterKey
from hub.settings import Settings
from patrol_console import outbox
from patrol_console.db import Database
from patrol_console.rights import EVERYWHERE, Actor, Grant, Role
from patrol_console.session import repository
from patrol_console.session.passwords import Passwords
from patrol_console.session.schemas import Session
from patrol_console.session.throttle import Throttle
from patrol_console.tables.user import SessionRow, UserRow
from patrol_console.user.view import person

logger = log.get("patrol_console.session")
_WATCH_S = 15.0
LOCAL_USER = "local"  # whoever can read the key file, from this machine's terminal


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session that has just begun; the cookie is known to the browser alone."""

    cookie: str
    view: Session


class Sessions:
    """Who is who. One for each process; touched by requests only."""

    def __init__(
        self, settings: Settings, clock: Clock, database: Database, key: MasterKey, passwords: Passwords
    ) -> None:
        self._clock = clock
        self._database = database
        self._key = key
        self._csrf_key = key.derive(b"csrf")
        self._lasts = timedelta(hours=settings.console.session_hours)
        self._language = settings.language
        self._throttle = Throttle(clock, settings.console.login_tries, settings.console.login_wait_s)
        self.passwords = passwords

    async def open(self, writing: AsyncSession, username: str, password: str, address: str) -> OpenedSession:
        """Sign in. Raises HubError LIMITED, or UNAUTHENTICATED `wrong_login` whatever it was that was wrong."""
        name = username.casefold()
        self._throttle.begin(name, address)
        async with self._database.reading() as reading:
            user = await repository.account(reading, name)
        right = await self.passwords.matches(None if user is None else user.password_hash, password)
        if user is None or not right or user.disabled_at is not None:
            raise HubError(ErrorKind.UNAUTHENTICATED, "patrol_console.wrong_login")
        self._throttle.was_right(name, address)
        now = self._clock.now()
        cookie = secrets.token_urlsafe(32)
        await self._sweep(writing, now)
        writing.add(
            SessionRow(
                id=_id_of(cookie), user_id=user.id, created_at=now, expires_at=now + self._lasts, address=address[:64]
            )
        )
        await writing.flush()
        actor = await self._actor_of(writing, user, _id_of(cookie))
        return OpenedSession(cookie, Session(user=person(actor), csrf_token=self._csrf(cookie)))

    async def actor(self, reading: AsyncSession, cookie: str) -> Actor:
        """Whose cookie it is. Raises HubError UNAUTHENTICATED `signed_out`."""
        return await self.actor_of_session(reading, _id_of(cookie))

    async def actor_of_session(self, reading: AsyncSession, session_id: str) -> Actor:
        """The same by the session's id; for a stream of events that lasts."""
        user = await repository.signed_in(reading, session_id, self._clock.now())
        if user is None:
            raise HubError(ErrorKind.UNAUTHENTICATED, "patrol_console.signed_out")
        return await self._actor_of(reading, user, session_id)

    def bearer(self, authorization: str) -> Actor:
        """The terminal of this machine, by its five-minute token; loopback alone is nobody."""
        scheme, _, token = authorization.partition(" ")
        if scheme.casefold() != "bearer" or not token.startswith("local."):
            raise HubError(ErrorKind.UNAUTHENTICATED, "patrol_console.bad_token")
        local_access.verify(self._key, token, self._clock)
        everywhere = Grant(Role.ADMINISTRATOR, "", "/", EVERYWHERE.area_path)
        return Actor(LOCAL_USER, LOCAL_USER, LOCAL_USER, None, self._language, (everywhere,))

    async def view(self, reading: AsyncSession, actor: Actor, cookie: str) -> Session:
        """Who is signed in, for the page."""
        return Session(user=person(actor), csrf_token=self._csrf(cookie) if actor.session_id else "")

    async def watch(self) -> None:
        """End what is open of sessions that have run out. For ever."""
        while True:
            await self._clock.sleep(_WATCH_S)
            try:
                await self.end_what_ran_out()
            except Exception as error:  # noqa: BLE001  # the loop's top: a database that is away comes back
                logger.error("sessions.watch_failed", reason=repr(error))

    async def end_what_ran_out(self) -> None:
        """Once; writes only where there is something to end."""
        now = self._clock.now()
        async with self._database.reading() as reading:
            if not await repository.have_run_out(reading, now):
                return
        async with self._database.writing() as writing:
            await self._sweep(writing, now)

    async def _sweep(self, writing: AsyncSession, now: datetime) -> None:
        """A picture is open no longer than somebody is signed in."""
        for user_id in sorted(await repository.sweep(writing, now)):
            if not await repository.has_session(writing, user_id, now):
                outbox.tell_revoked(writing, now, Revoked(user_id=user_id, at=now))

    async def close(self, writing: AsyncSession, actor: Actor) -> None:
        """Sign out; when it was the person's last session, pictures that are open end too."""
        if actor.session_id is None:
            return
        now = self._clock.now()
        await repository.end_session(writing, actor.session_id)
        outbox.tell_sessions_ended(writing, now, actor.user_id, [actor.session_id])
        if not await repository.has_session(writing, actor.user_id, now):
            outbox.tell_revoked(writing, now, Revoked(user_id=actor.user_id, at=now))

    async def change_password(self, writing: AsyncSession, actor: Actor, current: str, new: str) -> None:
        """Change one's own password and end one's other sessions. Raises HubError FORBIDDEN `wrong_password`."""
        # Each person has a count of their own here: somebody else's wrong tries must make nobody wait.
        self._throttle.begin(actor.username, f"password of {actor.username}")
        async with self._database.reading() as reading:
            user = await repository.account(reading, actor.username)
        if user is None or not await self.passwords.matches(user.password_hash, current):
            raise HubError(ErrorKind.FORBIDDEN, "patrol_console.wrong_password")
        self._throttle.was_right(actor.username, f"password of {actor.username}")
        hashed = await self.passwords.hash(new)
        kept = await writing.get_one(UserRow, user.id, with_for_update=True)
        kept.password_hash = hashed
        ended = await repository.end_sessions(writing, user.id, but=actor.session_id)
        now = self._clock.now()
        outbox.tell_sessions_ended(writing, now, user.id, ended)
        outbox.tell_revoked(writing, now, Revoked(user_id=user.id, at=now))  # also what those sessions had open

    def check_csrf(self, cookie: str, token: str) -> None:
        """Raises HubError UNAUTHENTICATED without a cookie, FORBIDDEN `csrf` where the token is not this session's."""
        if not cookie:
            raise HubError(ErrorKind.UNAUTHENTICATED, "patrol_console.signed_out")
        if not hmac.compare_digest(self._csrf(cookie).encode(), token.encode()):
            raise HubError(ErrorKind.FORBIDDEN, "patrol_console.csrf")

    def _csrf(self, cookie: str) -> str:
        return hmac.new(self._csrf_key, cookie.encode(), hashlib.sha256).hexdigest()

    async def _actor_of(self, session: AsyncSession, user: UserRow, session_id: str) -> Actor:
        held = await repository.grants(session, user.id)
        return Actor(user.id, user.username, user.display_name, user.unit_id, user.language, held, session_id)


def _id_of(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
