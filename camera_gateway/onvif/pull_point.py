"""One camera's events by PullPoint (ONVIF Core, 9.1): subscribe, pull, renew, and all of it anew when that breaks.

On the gateway's loop, one task a camera while its owner wants it. It waits inside the camera's own long answer, so that
it costs nothing while nothing happens. Runs until it is cancelled, then unsubscribes: cameras have few subscriptions.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from camera_gateway.onvif.answer import Answer
from camera_gateway.onvif.client import Endpoint, OnvifClient
from camera_gateway.onvif.service import Service
from hub import log
from hub.backoff import Backoff
from hub.clock import Clock
from hub.errors import ErrorKind, HubError

logger = log.get("camera_gateway.events")

# Five minutes: a camera that lost us frees its place soon, and one whose clock jumps does not end it at once.
LIVES_S: Final = 300.0
PULL_S: Final = 30.0  # how long a camera may keep a pull waiting; some close it sooner, and are asked for less then
SHORTEST_PULL_S: Final = 2.0
MOST_MESSAGES: Final = 50
FIRST_S, CAP_S = 2.0, 300.0  # between two subscriptions
_ANSWER_S: Final = 8.0  # beyond the wait
_GOODBYE_S: Final = 1.0
_BROKEN_PULLS: Final = 3
_HARDLY_EVER_S: Final = 3_600.0  # where it knows no events, or refuses the login
_HOPELESS: Final = frozenset({ErrorKind.UNSUPPORTED, ErrorKind.REFUSED, ErrorKind.FORBIDDEN})
_GONE: Final = frozenset({ErrorKind.UNREACHABLE, ErrorKind.TIMEOUT})


@dataclass(slots=True)
class _Subscription:
    endpoint: Endpoint
    made_s: float
    ends_s: float
    renewable: bool = True


class PullPoint:
    """`client` gives the camera's client as it is now; `told` gets each notification."""

    def __init__(
        self,
        camera_id: str,
        client: Callable[[], Awaitable[OnvifClient]],
        told: Callable[[Answer], None],
        clock: Clock,
        backoff: Backoff | None = None,
    ) -> None:
        self._camera_id = camera_id
        self._client = client
        self._told = told
        self._clock = clock
        self._backoff = backoff or Backoff(FIRST_S, CAP_S)
        self._woken = asyncio.Event()
        self._pull_s = PULL_S
        self.subscribed = 0  # how often

    def came_back(self) -> None:
        """The camera was heard of: do not wait for the next try."""
        self._woken.set()

    async def run(self) -> None:
        """For ever."""
        errors = log.RepeatedErrors(logger, self._clock, every_s=60.0, most=8)
        while True:
            wait_s, before = 0.0, self.subscribed
            try:
                await self._follow()
            except HubError as error:
                # Once it was subscribed, a refusal is of that subscription; before, of us.
                hopeless = error.kind in _HOPELESS and self.subscribed == before
                wait_s = _HARDLY_EVER_S if hopeless else self._backoff.next()
                errors.error("events.lost", self._camera_id, camera_id=self._camera_id, code=error.code, wait_s=wait_s)
            except Exception as error:  # noqa: BLE001 - the top of one camera's loop: no other camera is touched
                wait_s = self._backoff.next()
                errors.error("events.broken", self._camera_id, camera_id=self._camera_id, error=repr(error))
            await self._rest(wait_s)

    async def _follow(self) -> None:
        """One subscription, until it is lost."""
        client = await self._client()
        subscription = await self._subscribe(client)
        self.subscribed += 1
        lost = False
        try:
            await self._pull_on(client, subscription)
        except HubError as error:
            # It is gone with the camera, or the camera with it; any other is ended below, for its place.
            lost = error.kind in _GONE or error.kind is ErrorKind.REFUSED
            raise
        finally:
            if not lost:
                with contextlib.suppress(HubError, TimeoutError):
                    async with asyncio.timeout(_GOODBYE_S):
                        await client.call(Service.SUBSCRIPTION, "Unsubscribe", {}, to=subscription.endpoint)

    async def _subscribe(self, client: OnvifClient) -> _Subscription:
        """With a wish for how long it lives (Tapo answers 500 without); without where that is refused."""
        try:
            wish = {"InitialTerminationTime": _duration(LIVES_S)}
            answer = await client.call(Service.EVENTS, "CreatePullPointSubscription", wish)
        except HubError as error:
            if error.kind is not ErrorKind.INVALID:
                raise
            answer = await client.call(Service.EVENTS, "CreatePullPointSubscription", {})
        endpoint = client.endpoint(answer.at("SubscriptionReference"))
        now_s = self._clock.monotonic()
        return _Subscription(endpoint, now_s, now_s + _lives_s(answer))

    async def _pull_on(self, client: OnvifClient, subscription: _Subscription) -> None:
        """Pull until it breaks for good. Raises HubError."""
        broken = 0
        while True:
            await self._keep_alive(client, subscription)
            now_s = self._clock.monotonic()
            if not subscription.renewable and now_s >= subscription.made_s + 0.8 * (
                subscription.ends_s - subscription.made_s
            ):
                return  # the next one is made before this one ends
            wait_s = max(1.0, min(self._pull_s, subscription.ends_s - now_s))
            wish = {"Timeout": _duration(wait_s), "MessageLimit": MOST_MESSAGES}
            try:
                answer = await client.call(
                    Service.PULLPOINT, "PullMessages", wish, to=subscription.endpoint, timeout_s=wait_s + _ANSWER_S
                )
            except HubError as error:
                broken += 1
                if error.kind not in _GONE or broken >= _BROKEN_PULLS:
                    raise
                self._pull_s = max(SHORTEST_PULL_S, min(self._pull_s / 2, 0.8 * (self._clock.monotonic() - now_s)))
                continue
            broken = 0
            self._backoff.reset()
            for notification in answer.all("NotificationMessage")[:MOST_MESSAGES]:
                self._told(notification)
            # Some answer at once, whatever was wished for, and would be asked without a pause.
            if self._clock.monotonic() - now_s < 0.2:
                await self._clock.sleep(0.5 if answer.all("NotificationMessage") else 1.0)

    async def _keep_alive(self, client: OnvifClient, subscription: _Subscription) -> None:
        """Renew it at half its life."""
        now_s = self._clock.monotonic()
        if not subscription.renewable or now_s < (subscription.made_s + subscription.ends_s) / 2:
            return
        try:
            wish = {"TerminationTime": _duration(LIVES_S)}
            answer = await client.call(Service.SUBSCRIPTION, "Renew", wish, to=subscription.endpoint)
        except HubError as error:
            if error.kind in _GONE or error.kind is ErrorKind.REFUSED:
                raise
            subscription.renewable = False
        else:
            subscription.made_s, subscription.ends_s = now_s, now_s + _lives_s(answer)

    async def _rest(self, seconds: float) -> None:
        """Until it is time, or the camera was heard of."""
        if seconds <= 0:
            return
        self._woken.clear()
        sleeping = asyncio.ensure_future(self._clock.sleep(seconds))
        woken = asyncio.ensure_future(self._woken.wait())
        try:
            await asyncio.wait({sleeping, woken}, return_when=asyncio.FIRST_COMPLETED)
            if self._woken.is_set():
                self._backoff.reset()
        finally:
            sleeping.cancel()
            woken.cancel()


def _lives_s(answer: Answer) -> float:
    """How long the camera says it lives, by its own clock; what makes no sense is taken for what was wished."""
    now, end = answer.moment("CurrentTime"), answer.moment("TerminationTime")
    said_s = math.nan if now is None or end is None else (end - now).total_seconds()
    return said_s if 10.0 <= said_s <= 86_400.0 else LIVES_S


def _duration(seconds: float) -> str:
    return f"PT{max(1, round(seconds))}S"
