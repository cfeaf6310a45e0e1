"""A line that many cameras share: a village's, a partner's, a gateway's. What goes over it has a budget."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hub.contracts.base import Contract


class Uplink(Contract):
    """The budget is never exceeded; None: not limited in this respect."""

    uplink_id: Annotated[str, Field(max_length=64)]
    name: Annotated[str, Field(max_length=64)]
    mbit_s: Annotated[float, Field(gt=0)] | None = None  # 10^6 bits a second, of all cameras behind it together
    connections: Annotated[int, Field(gt=0)] | None = None
