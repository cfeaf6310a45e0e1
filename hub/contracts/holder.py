"""Which of several processes is a gateway now, and how it is reached."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hub.contracts.base import Contract


class GatewayHolder(Contract):
    """What the holder of a gateway's lease says of itself."""

    gateway_id: str
    instance: Annotated[str, Field(max_length=128)]  # of the process; one that starts anew under it goes on at once
    url: Annotated[str, Field(max_length=256)]  # as consoles reach it
    public_url: Annotated[str, Field(max_length=256)] | None = None  # as browsers do; None: by the host of `url`


def lease_name(gateway_id: str) -> str:
    """The name under which the lease of a gateway is kept."""
    return f"gateway:{gateway_id}"
