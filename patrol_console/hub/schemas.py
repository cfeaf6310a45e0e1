"""The hub's own facts as the API tells them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from hub.contracts.base import UtcTime


class HubFacts(BaseModel):
    """GET /api/hub: what the page needs before anybody has signed in; nothing here is secret."""

    version: str
    centre_name: str
    timezone: str
    language: Literal["zh", "en"]
    server_time: UtcTime
    simulated: bool  # some camera is a drawn scene; the page says 模拟画面
    gateway_url: str
