"""The contract with what lies beneath: fails when a version of aiortc, aioice or pylibsrtp changes what we rely on."""

from __future__ import annotations

import asyncio
import inspect
from struct import unpack_from

import pytest
from aioice import stun
from aiortc import rtcdtlstransport
from pylibsrtp import Policy, Session, _binding

from camera_gateway.live.webrtc.beneath import (
    Dtls,
    Identity,
    Sealing,
    answer_check,
    is_answer,
    make_check,
    read_check,
    username_of,
)
from camera_gateway.live.webrtc.packets import Run
from camera_gateway.live.webrtc.sdp import Fingerprint
from hub.errors import HubError
from tests.support.gateway import until
from tests.support.whep import identity

PASSWORD = "f" * 32
CM, GCM_128, GCM_256 = "SRTP_AES128_CM_SHA1_80", "SRTP_AEAD_AES_128_GCM", "SRTP_AEAD_AES_256_GCM"


def test_the_private_parts_that_are_used_are_there() -> None:
    transport = rtcdtlstransport.RTCDtlsTransport
    made = transport(object(), [identity().certificate])  # type: ignore[arg-type] # asked nothing before it starts
    for name in ("_set_role", "_ssl", "_tx_srtp", "_rx_srtp", "_srtp_profiles", "start", "stop", "on", "state"):
        assert hasattr(made, name), name
    source = inspect.getsource(transport)
    assert source.count("self.transport._recv()") == 2
    assert source.count("self.transport._send(data)") == 2
    assert "allow_repeat_tx = True" in source, "packets are sent again under the same number"
    assert 'self.emit("statechange")' in source
    assert {"_srtp"} <= set(vars(Session(_policy(CM))))
    assert _binding.lib.srtp_protect is not None


def test_the_profiles_are_those_whose_tags_we_know() -> None:
    known = {CM: 10, GCM_128: 16, GCM_256: 16}
    assert {one.openssl_profile.decode() for one in rtcdtlstransport.SRTP_PROFILES} <= set(known)
    for name, tag in known.items():
        assert len(Session(_policy(name)).protect(b"\x80\x60" + bytes(110))) == 112 + tag


def _policy(name: str) -> Policy:
    numbers = {
        CM: (Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 30),
        GCM_128: (Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 28),
        GCM_256: (Policy.SRTP_PROFILE_AEAD_AES_256_GCM, 44),
    }
    profile, key = numbers[name]
    policy = Policy(key=b"k" * key, ssrc_type=Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile)
    policy.allow_repeat_tx = True
    return policy


@pytest.mark.parametrize(("profile", "tag"), [(CM, 10), (GCM_128, 16), (GCM_256, 16)])
def test_a_run_sealed_in_place_is_what_the_library_seals_one_by_one(profile: str, tag: int) -> None:
    bodies = [b"a" * 500, b"b" * 500, b"c" * 77]
    run = Run([(b"", memoryview(body)) for body in bodies])
    sealed = bytes(
        Sealing(Session(_policy(profile)), tag).seal_run(
            run.template(tag), 3, (run.size, run.last), (0xFFFE << 8 | 102, 90_000, 7), True
        )
    )
    plain = Session(_policy(profile))
    wanted = b""
    for index, body in enumerate(bodies):
        kind = 102 | (0x80 if index == 2 else 0)
        sequence = 0xFFFE + index & 0xFFFF
        header = (
            b"\x80" + bytes((kind,)) + sequence.to_bytes(2, "big") + (90_000).to_bytes(4, "big") + bytes((0, 0, 0, 7))
        )
        wanted += plain.protect(header + body)
    assert sealed == wanted
    stride = 12 + 500 + tag
    assert [unpack_from(">H", sealed, at + 2)[0] for at in (0, stride, 2 * stride)] == [0xFFFE, 0xFFFF, 0]


def test_a_check_is_read_only_with_the_right_password_and_whole() -> None:
    made = make_check("ours:theirs", PASSWORD, nominates=True)
    assert username_of(made) == "ours:theirs"
    check = read_check(made, PASSWORD)
    assert check is not None
    assert check.nominates
    assert read_check(made, "g" * 32) is None
    assert read_check(made[:-1], PASSWORD) is None
    for at in range(20, len(made)):
        changed = made[:at] + bytes((made[at] ^ 1,)) + made[at + 1 :]
        found = read_check(changed, PASSWORD)
        assert found is None or changed[:-8] == made[:-8], f"byte {at} may be changed by anybody"
    answer = answer_check(check, PASSWORD, ("192.0.2.1", 4000))
    assert is_answer(answer, PASSWORD)
    assert stun.parse_message(answer).attributes["XOR-MAPPED-ADDRESS"] == ("192.0.2.1", 4000)


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b"\x00\x01",
        b"\x00\x01" + bytes(18),  # no cookie
        b"\x00\x01\x00\x04\x21\x12\xa4\x42" + bytes(12) + b"\x00\x06\xff\xff",  # a name longer than all
        b"\x01\x01\x00\x00\x21\x12\xa4\x42" + bytes(12),  # an answer, not a request
        bytes(2000),
    ],
)
def test_what_is_no_check_names_nobody_that_we_know(datagram: bytes) -> None:
    assert username_of(datagram) in (None, "")
    assert read_check(datagram, PASSWORD) is None


class Pair:
    """Two ends of one DTLS association, without a socket."""

    def __init__(self, theirs: Identity | None = None) -> None:
        self.server = Dtls(identity(), lambda data: self.client.feed(data))
        self.client = Dtls(theirs or identity(), lambda data: self.server.feed(data), server=False)
        self.closed: list[str] = []

    async def shake(self, client_fingerprint: Fingerprint) -> None:
        await asyncio.gather(
            self.server.shake_hands([client_fingerprint], lambda: self.closed.append("server")),
            self.client.shake_hands([identity().fingerprint], lambda: self.closed.append("client")),
        )

    async def end(self) -> None:
        await self.client.close()
        await self.server.close()


async def test_hands_are_shaken_media_is_read_and_the_goodbye_is_heard() -> None:
    pair = Pair()
    await pair.shake(identity().fingerprint)
    assert pair.server.profile == pair.client.profile != ""
    assert pair.server.sealing is not None
    sealed = pair.server.sealing.seal(b"\x80\x66\x00\x01" + bytes(8) + b"picture")
    opened = pair.client.open_rtp(sealed)
    assert opened is not None
    assert opened.endswith(b"picture")
    assert pair.client.open_rtp(sealed) is None, "the same packet is not taken twice"
    assert pair.client.open_rtp(sealed[:-1] + bytes((sealed[-1] ^ 1,))) is None
    await pair.server.close()
    await until(lambda: "client" in pair.closed)
    await pair.end()


async def test_a_browser_whose_certificate_is_not_the_one_it_told_gets_nothing() -> None:
    pair = Pair(theirs=Identity())
    theirs = asyncio.create_task(pair.client.shake_hands([identity().fingerprint], lambda: None))
    with pytest.raises(HubError, match="webrtc_handshake"):
        await pair.server.shake_hands([identity().fingerprint], lambda: None)
    assert pair.server.sealing is None
    theirs.cancel()
    await asyncio.wait({theirs})
    await pair.end()
