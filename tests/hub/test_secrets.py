"""The master key, what it seals, and the terminal's way in."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hub import local_access
from hub.errors import ErrorKind, HubError
from hub.secrets import MasterKey
from tests.support.clock import FakeClock


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "master.key"
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: MasterKey.load(path, create=True), range(16)))
    assert {key.derive(b"x") for key in keys} == {MasterKey.load(path).derive(b"x")}
    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["master.key"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610])
def test_a_key_that_others_may_read_is_refused_with_the_cure(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "master.key"
    MasterKey.load(path, create=True)
    path.chmod(mode)
    with pytest.raises(HubError) as caught:
        MasterKey.load(path)
    assert caught.value.code == "hub.key_loose"
    assert "chmod 600" in caught.value.text("zh")


@pytest.mark.parametrize("content", [b"", b"short", b"!" * 44, b"QUJD", b"\xff" * 44])
def test_a_file_that_holds_no_key_is_never_overwritten(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "master.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(HubError) as caught:
        MasterKey.load(path, create=True)
    assert caught.value.code == "hub.key_malformed"
    assert path.read_bytes() == content


def test_no_key_is_made_unasked(tmp_path: Path) -> None:
    with pytest.raises(HubError) as caught:
        MasterKey.load(tmp_path / "none")
    assert caught.value.code == "hub.key_missing"
    assert not os.listdir(tmp_path)  # noqa: PTH208 - also hidden ones


def test_what_is_sealed_for_one_camera_opens_for_that_one_alone() -> None:
    key, other = MasterKey(b"1" * 32), MasterKey(b"2" * 32)
    sealed = key.seal("pässwörd密码", "cam_1")
    assert key.open(sealed, "cam_1") == "pässwörd密码"
    assert "pässwörd" not in sealed
    assert key.seal("pässwörd密码", "cam_1") != sealed
    for opener, text, context in (
        (key, sealed, "cam_2"), (other, sealed, "cam_1"), (key, sealed[:-2], "cam_1"),
        (key, "s2" + sealed[2:], "cam_1"),
        (key, "", "cam_1"), (key, "s1.", "cam_1"), (key, "s1.é", "cam_1"),
        (key, sealed[:20] + ("B" if sealed[20] == "A" else "A") + sealed[21:], "cam_1"),
    ):  # fmt: skip
        with pytest.raises(HubError) as caught:
            opener.open(text, context)
        assert caught.value.kind is ErrorKind.BROKEN


def test_the_key_is_in_no_repr_and_purposes_have_keys_of_their_own() -> None:
    key = MasterKey(b"secret-secret-secret-secret-1234")
    assert "secret" not in repr(key)
    assert key.derive(b"tickets") == MasterKey(b"secret-secret-secret-secret-1234").derive(b"tickets")
    assert len({key.derive(purpose) for purpose in (b"tickets", b"seal", b"local-access")}) == 3


async def test_a_terminals_token_lives_five_minutes(clock: FakeClock) -> None:
    key = MasterKey(b"1" * 32)
    token = local_access.mint(key, clock)
    assert token.startswith("local.")
    local_access.verify(key, token, clock)
    await clock.advance(299)
    local_access.verify(key, token, clock)
    await clock.advance(1)
    with pytest.raises(HubError) as caught:
        local_access.verify(key, token, clock)
    assert caught.value.kind is ErrorKind.UNAUTHENTICATED


def test_a_terminals_token_of_another_key_or_changed_is_refused(clock: FakeClock) -> None:
    key = MasterKey(b"1" * 32)
    token = local_access.mint(key, clock)
    prefix, expiry, nonce, signature = token.split(".")
    later = f"{prefix}.{int(expiry) + 3600}.{nonce}.{signature}"
    far = FakeClock()
    far.step(3600)
    for text in (
        local_access.mint(MasterKey(b"2" * 32), clock), later, token[:-1], token + "A", "", "local.", "local.1.2.3",
        "é", token.replace("local.", "remote."), local_access.mint(key, far),
    ):  # fmt: skip
        with pytest.raises(HubError) as caught:
            local_access.verify(key, text, clock)
        assert caught.value.code == "hub.local_access_refused"
