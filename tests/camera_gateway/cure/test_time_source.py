"""A camera's time server and zone; and nothing but a host name or an address that ever reaches one."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from camera_gateway.cure import time_source
from camera_gateway.cure.treatment import Treatment
from camera_gateway.cure.undoing import undo
from hub.contracts.cure import FixResult, FixWish, Outcome, UndoKind, UndoStep, XmlTree, is_time_server
from hub.errors import HubError
from tests.support.clock import FakeClock
from tests.support.curable import Curable, hurried
from tests.support.onvif_device import client_of

BAD = [
    "", " ", "a b", "10.0.0.1;reboot", "$(reboot)", "`reboot`", "a|b", "a&b", "a\nb", "a\x00b", "'x'", '"x"', "a/b",
    "http://a", "a:123", "-a", "a-", "a..b", ".a", "1.2.3", "256.1.1.1", "999", "fe80::1%eth0", "fe80::1%$(reboot)",
    "0.0.0.0", "::", "127.0.0.1", "::1", "224.0.1.1", "名字.cn", "a" * 64, ".".join(["abcdefgh"] * 40), "a_b", "ａ.com",  # noqa: S104 - refused
]  # fmt: skip
GOOD = ["10.0.0.9", "ntp.aliyun.com", "pool", "time-a.example.", "2001:db8::9", "3.cn.pool.ntp.org"]


async def mended(device: Curable, host: str = "10.0.0.9") -> FixResult:
    clock = FakeClock()
    async with client_of(device, clock=clock) as client:
        return await hurried(clock, Treatment(client, device.look, clock).run(FixWish(ntp=host)))


@pytest.mark.parametrize("host", BAD)
def test_what_is_no_name_and_no_address_gets_into_no_wish(host: str) -> None:
    assert not is_time_server(host)
    with pytest.raises(ValidationError):
        FixWish(ntp=host)


@pytest.mark.parametrize("host", GOOD)
async def test_a_name_or_an_address_is_set_and_the_camera_goes_by_it(host: str) -> None:
    device = Curable()
    result = await mended(device, host)
    assert result.outcome is Outcome.DONE
    assert (device.time_type, device.sets) == ("NTP", ["SetNTP", "SetSystemDateAndTime"])
    assert f">{host}<" in device.ntp
    assert "<tt:FromDHCP>false" in device.ntp


async def test_no_way_leads_past_the_check() -> None:
    """Neither a wish made without it, nor what a camera itself says, put back."""
    device, clock = Curable(), FakeClock()
    async with client_of(device, clock=clock) as client:
        with pytest.raises(HubError, match="no_time_server"):
            await time_source.set_server(client, "a;reboot")
        names = ("NTPInformation", "NTPManual", "DNSname")
        told = XmlTree(name=names[2], text="a;reboot")
        for name in (names[1], names[0]):
            told = XmlTree(name=name, children=(told,))
        step = UndoStep(kind=UndoKind.NTP, service="device", before=told)
        await undo(client, [step], clock)
    assert not [body for body in device.bodies if "reboot" in body]


async def test_the_zone_goes_back_as_it_was_read() -> None:
    device = Curable(zone="<ST>8:00,M3;odd".replace("<", "").replace(">", ""))
    zone = device.zone
    assert (await mended(device)).outcome is Outcome.DONE
    assert device.zone == zone


async def test_a_camera_that_refuses_its_own_zone_is_asked_without_one() -> None:
    device = Curable(refuses_zone=True)
    assert (await mended(device)).outcome is Outcome.DONE
    assert (device.time_type, device.zone) == ("NTP", "CST-8:00:00")


async def test_a_camera_that_changes_its_zone_along_is_put_back_and_told() -> None:
    device = Curable(zone_after="GMT0")
    result = await mended(device)
    assert result.problem is not None
    assert (result.outcome, result.problem.code) == (Outcome.PUT_BACK, "cure.zone_changed")
    assert (device.time_type, device.ntp) == ("Manual", "<tt:FromDHCP>true</tt:FromDHCP>")


async def test_a_camera_that_ignores_its_time_server_has_failed() -> None:
    device = Curable(behaves="ignores")
    result = await mended(device)
    assert result.problem is not None
    assert result.problem.code == "cure.ignored"
    assert device.time_type == "Manual"


async def test_a_camera_that_has_it_already_is_left_alone() -> None:
    manual = "<tt:NTPManual><tt:IPv4Address>10.0.0.9</tt:IPv4Address></tt:NTPManual>"
    device = Curable(ntp=f"<tt:FromDHCP>false</tt:FromDHCP>{manual}", time_type="NTP")
    assert (await mended(device)).outcome is Outcome.UNCHANGED
    assert device.sets == []
