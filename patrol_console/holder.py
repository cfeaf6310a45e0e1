"""Which process is the gateway now, where several stand by for one another (`gateway.takeover`). On the event loop.

One task asks Redis once a second who holds the lease; everybody else reads what it last heard. Without takeover there
is one address, and it stands in the settings.
"""

from __future__ import annotations

from pydantic import ValidationError

from hub import log
from hub.bus import Bus
from hub.clock import Clock
from hub.contracts.holder import GatewayHolder, lease_name
from hub.errors import HubError

logger = log.get("patrol_console.holder")
_ASK_S = 1.0


class Holder:
    """`current` is None without takeover, and until somebody holds the lease; then the last that did."""

    def __init__(self, gateway_id: str, clock: Clock) -> None:
        self.current: GatewayHolder | None = None
        self._gateway_id = gateway_id
        self._clock = clock

    async def follow(self, bus: Bus) -> None:
        """Ask for ever."""
        errors = log.RepeatedErrors(logger, self._clock)
        while True:
            try:
                await self.ask(bus)
            except HubError as error:
                errors.error("holder.not_asked", error.code, code=error.code)
            except ValidationError as error:
                errors.error("holder.not_understood", "body", count=error.error_count())
            await self._clock.sleep(_ASK_S)

    async def ask(self, bus: Bus) -> None:
        """Ask once. Raises HubError, and ValidationError for what no gateway of ours wrote."""
        body = await bus.lease(lease_name(self._gateway_id))
        if body is None:
            return
        holder = GatewayHolder.model_validate_json(body)
        if self.current is not None and holder.instance != self.current.instance:
            logger.warning("gateway.taken_over", before=self.current.instance, now=holder.instance)
        self.current = holder
