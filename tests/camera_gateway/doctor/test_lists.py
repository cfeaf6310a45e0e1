"""The doctor's lists: firmware with known holes by version and build, logins that devices leave the factory with."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from camera_gateway.doctor.factory_login import factory_login_verdict, is_factory_login
from camera_gateway.doctor.firmware import build_of, firmware_verdict, load, matches, version_of
from hub.contracts.device import DeviceFacts
from hub.errors import HubError


@pytest.mark.parametrize(
    ("maker", "model", "firmware", "ids"),
    [
        ("HIKVISION", "DS-2CD2032-I", "V5.4.0 build 160530", ["CVE-2017-7921", "CVE-2021-36260"]),
        ("HIKVISION", "DS-2CD2032-I", "V5.4.5 build 170124", ["CVE-2017-7921", "CVE-2021-36260"]),
        ("Hikvision", "DS-2CD2143G0-I", "V5.5.82 build 190318", ["CVE-2021-36260"]),
        ("Hikvision", "DS-2CD2143G0-I", "V5.5.800 build 210628", []),
        ("Dahua", "IPC-HFW2431S", "2.800.0000000.16.R, Build Date: 2021-01-29", ["CVE-2021-33044, CVE-2021-33045"]),
        ("Dahua", "IPC-HFW2431S", "2.840.0000000.28.R, build: 2023-03-29", []),
        ("VIGI", "VIGI NVR1104H-4P", "1.1.4 Build 250318", ["CVE-2025-7723, CVE-2025-7724"]),
        ("PTZOptics", "PT30X-SDI", "6.3.34", ["CVE-2024-8956, CVE-2024-8957"]),
        ("PTZOptics", "PT30X-SDI", "6.3.40", []),
        ("roleoroleo", "SimCam-1", "0.0.1", []),
        (None, None, "V5.4.0 build 160530", []),
    ],
)
def test_firmware_is_told_by_maker_model_version_and_build(
    maker: str | None, model: str | None, firmware: str, ids: list[str]
) -> None:
    found = matches(DeviceFacts(manufacturer=maker, model=model, firmware=firmware), load())
    assert [one.hole.id for one in found] == ids
    assert all(one.certain for one in found)


def test_a_device_that_tells_no_build_may_have_the_hole_and_one_that_tells_nothing_is_unknown() -> None:
    facts = DeviceFacts(manufacturer="Hikvision", model="DS-2CD2143G0-I", firmware="V5.5.82")
    verdict = firmware_verdict(facts, load())
    assert (verdict.status, verdict.detail) == ("warn", "camera_gateway.found_firmware_maybe")
    assert firmware_verdict(DeviceFacts(manufacturer="Hikvision"), load()).status == "unknown"
    assert "CVE-2021-36260" in verdict.detail_text("zh")


def test_a_newer_list_is_taken_and_a_broken_one_is_refused(tmp_path: Path) -> None:
    newer = tmp_path / "list.yaml"
    newer.write_text('list_version: "2027"\nentries: [{id: CVE-1, maker: acme, to: "2.0"}]\n', "utf-8")
    assert [one.hole.id for one in matches(DeviceFacts(manufacturer="ACME", firmware="1.9"), load(newer))] == ["CVE-1"]
    for text in (
        "- 1",
        "list_version: '1'\nentries: [{id: x}]",
        "list_version: '1'\nentries: [{id: x, maker: '('}]",
        "a: [",
    ):
        newer.write_text(text, "utf-8")
        with pytest.raises(HubError, match="firmware_list"):
            load(newer)
    with pytest.raises(HubError, match="firmware_list"):
        load(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("text", "version", "build"),
    [
        ("V5.4.0 build 160530", (5, 4, 0), date(2016, 5, 30)),
        ("2.800.0000000.16.R, build: 2021-01-29", (2, 800, 0, 16), date(2021, 1, 29)),
        ("IPC 1.0 Build 20210129 rel", (1, 0), date(2021, 1, 29)),
        ("build 999999", None, None),
        ("", None, None),
    ],
)
def test_versions_and_builds_are_read_as_makers_write_them(
    text: str, version: tuple[int, ...] | None, build: date | None
) -> None:
    assert (version_of(text), build_of(text)) == (version, build)


def test_a_factory_login_is_known_only_where_the_camera_took_it_and_is_never_told() -> None:
    assert is_factory_login("Admin", "12345")
    assert is_factory_login("operator", "operator")
    assert not is_factory_login("admin", "Gx7-quite_long")
    taken = factory_login_verdict("admin", "12345", taken=True)
    assert (taken.status, taken.detail) == ("warn", "camera_gateway.found_default_password")
    assert "12345" not in taken.model_dump_json()
    assert factory_login_verdict("admin", "12345", taken=False).status == "unknown"
    assert factory_login_verdict("admin", "Gx7-quite_long", taken=True).status == "ok"
