"""A lease: of several processes that share a Redis, one holds a name, for as long as it renews it in time.

Runs on the loop of whoever asks. Counts from the moment before a renewal was sent, by a clock that never steps: so the
holder's time is over before Redis gives the name to another. Decides nothing about what the holder does.
"""

from __future__ import annotations

import asyncio
import json

from hub import log
from hub.bus import Bus, patiently
from hub.clock import Clock, within
from hub.errors import HubError

logger = log.get("hub.lease")

_RENEWALS = 5  # in the time of one lease
_GIVE_UP_S = 1.0
_LOOK_S = 1.0  # how often one that waits looks whether the name is free


class Lease:
    """One process's claim to `name`. `body` is what others read of the holder: JSON with an `instance`."""

    def __init__(self, bus: Bus, clock: Clock, name: str, body: str, *, ttl_s: float, let_go_s: float) -> None:
        """`let_go_s`: how long before the lease ends the holder must begin to let go. ValueError where that is all."""
        if let_go_s >= ttl_s * (1 - 1 / _RENEWALS):
            raise ValueError("a lease that is over before it is renewed")
        self.held = False
        self._bus = bus
        self._clock = clock
        self._name = name
        self._body = body
        self._instance = str(json.loads(body)["instance"])
        self._ttl_s = ttl_s
        self._let_go_s = let_go_s
        self._renewed_s = float("-inf")  # monotonic, before the last renewal that was answered was sent

    async def take(self) -> None:
        """Wait until it is ours."""
        told: str | None = None
        while True:
            asked_s = self._clock.monotonic()
            holder = await patiently(self._clock, self._try, what=self._name)
            if holder is None:
                self.held, self._renewed_s = True, asked_s
                logger.info("lease.taken", name=self._name, instance=self._instance)
                return
            if holder != told:
                told = holder
                logger.info("lease.waits", name=self._name, holder=holder)
            await self._clock.sleep(_LOOK_S)

    async def lost(self) -> str:
        """Renew it until it cannot be counted on; why. From then on there are `let_go_s` to be gone in."""
        every_s = self._ttl_s / _RENEWALS
        try:
            while True:
                await self._clock.sleep(every_s)
                asked_s = self._clock.monotonic()
                left_s = self._renewed_s + self._ttl_s - self._let_go_s - asked_s
                if left_s <= 0:
                    return "not renewed in time"
                renewed = await self._renewed_within(left_s)
                if renewed is None:
                    return "not renewed in time"
                if not renewed:
                    return "taken by another"
                self._renewed_s = asked_s
        finally:
            self.held = False

    async def give_up(self) -> None:
        """Free it for another, if it is ours; harmless otherwise, or where Redis is away: it ends by itself."""
        self.held = False
        try:
            await within(self._clock, _GIVE_UP_S, asyncio.ensure_future(self._bus.end_lease(self._name, self._body)))
        except (HubError, TimeoutError) as error:
            logger.warning("lease.ends_by_itself", name=self._name, reason=repr(error))

    async def _renewed_within(self, left_s: float) -> bool | None:
        """Whether it is ours for another while; None where Redis does not say so in time."""
        deadline_s = self._clock.monotonic() + left_s
        while (left_s := deadline_s - self._clock.monotonic()) > 0:
            try:
                return await within(self._clock, left_s, asyncio.ensure_future(self._renew()))
            except TimeoutError:
                return None
            except HubError as error:
                logger.warning("lease.not_renewed", name=self._name, code=error.code)
            await self._clock.sleep(min(0.5, max(0.0, left_s)))
        return None

    async def _renew(self) -> bool:
        if await self._bus.renew_lease(self._name, self._body, self._ttl_s):
            return True
        # Gone, where Redis was emptied or slept; ours again unless another was quicker.
        return await self._bus.take_lease(self._name, self._body, self._ttl_s) is None

    async def _try(self) -> str | None:
        """Take it where it is free or was ours in a former life; the holder's instance where it is another's."""
        held = await self._bus.take_lease(self._name, self._body, self._ttl_s)
        if held is None:
            return None
        holder = _instance(held)
        if holder == self._instance and await self._bus.replace_lease(self._name, held, self._body, self._ttl_s):
            return None
        return holder


def _instance(body: bytes) -> str:
    try:
        return str(json.loads(body)["instance"])
    except (ValueError, KeyError, TypeError):
        return "?"
