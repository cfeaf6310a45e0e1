"""A thousand wrong inputs are borne in each run of the tests, and what would not be borne is found and named."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random

import pytest

from camera_gateway.sources.rtsp.client import RtspSource
from camera_gateway.sources.rtsp.interleaved import InterleavedProtocol
from hub.errors import ErrorKind, HubError
from tests.fuzz import run, session
from tests.fuzz.kept import kept_bytes
from tests.fuzz.mutate import MOST_BYTES, cut, mutated
from tests.fuzz.run import Failure, fuzz, shares
from tests.fuzz.targets import Target, targets

SESSIONS = 120  # more than their share: it is they that meet the whole client


@pytest.mark.parametrize("name", targets())
def test_wrong_inputs_are_borne(name: str) -> None:
    result = fuzz(name, SESSIONS if name == "session" else shares(1000)[name])
    assert not result.failures, [f"{one.command}: {one.error!r}" for one in result.failures]


def test_the_shares_are_all_that_was_asked_for() -> None:
    assert sum(shares(1000).values()) == 1000
    assert min(shares(1000).values()) > 0


def test_a_number_makes_the_same_input_again_and_another_makes_another() -> None:
    seeds = [b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n", bytes(range(256))]
    once, again = ([mutated(seeds, Random(number)) for number in range(200)] for _ in range(2))
    assert once == again
    assert len(set(once)) > 150
    assert max(map(len, once)) <= MOST_BYTES


def test_chunks_are_the_whole_input() -> None:
    data = bytes(range(256)) * 20
    cuts = [cut(data, Random(number)) for number in range(60)]
    assert all(b"".join(chunks) == data for chunks in cuts)
    assert len({len(chunks) for chunks in cuts}) > 10
    assert {1, 30} <= {len(cut(data[:30], Random(number))) for number in range(300)}


def _breaks_on(error: BaseException) -> Callable[[bytes, Random], None]:
    def broken(data: bytes, rng: Random) -> None:
        if data != b"seed":
            raise error

    return broken


@pytest.fixture
def fuzzed(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[bytes, Random], None]], run.Result]:
    """Fuzz a target made for the purpose."""

    def go(broken: Callable[[bytes, Random], None]) -> run.Result:
        monkeypatch.setattr(run, "targets", lambda: {"made": Target(lambda: [b"seed"], broken)})
        return fuzz("made", 60)

    return go


def test_an_error_that_is_not_declared_is_found_and_named(
    fuzzed: Callable[[Callable[[bytes, Random], None]], run.Result],
) -> None:
    result = fuzzed(_breaks_on(IndexError("past the end")))
    assert isinstance(result.failures[0], Failure)
    assert result.failures[0].command == f"python -m tests.fuzz.run --target made --seed {result.failures[0].seed}"
    with pytest.raises(IndexError):
        run.one("made", Target(lambda: [b"seed"], _breaks_on(IndexError())), result.failures[0].seed)


def test_an_error_that_is_declared_is_a_refusal(
    fuzzed: Callable[[Callable[[bytes, Random], None]], run.Result],
) -> None:
    result = fuzzed(_breaks_on(HubError(ErrorKind.PROTOCOL, "camera_gateway.garbled")))
    assert not result.failures
    assert result.refused > 40


def test_what_never_returns_is_found(
    fuzzed: Callable[[Callable[[bytes, Random], None]], run.Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "HANG_S", 0.02)

    def hangs(data: bytes, rng: Random) -> None:
        while len(data) != 4:
            pass

    assert all(isinstance(one.error, run.Hang) for one in fuzzed(hangs).failures)
    assert fuzzed(hangs).failures


def test_what_keeps_everything_is_found(
    fuzzed: Callable[[Callable[[bytes, Random], None]], run.Result],
) -> None:
    kept: list[bytes] = []
    result = fuzzed(lambda data, rng: kept.append(bytes(200_000)))
    assert isinstance(result.failures[0].error, MemoryError)


def test_a_parser_that_keeps_too_much_is_seen_from_outside() -> None:
    protocol = InterleavedProtocol(lambda message: None, lambda error: None)
    small = kept_bytes(protocol)
    protocol.data_received(b"RTSP/1.0 200 OK\r\nContent-Length: 900000\r\n\r\n" + bytes(500_000))
    assert kept_bytes(protocol) > small + 500_000


def test_a_session_that_ends_without_a_word_or_lets_an_error_escape_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    async def runs(self: object, sink: object) -> None:
        asyncio.get_running_loop().call_soon(lambda: [][1])

    monkeypatch.setattr(RtspSource, "run", runs)
    with pytest.raises(AssertionError, match="without saying why"):
        session.run_session(b"", Random(1))

    async def escapes(self: object, sink: object) -> None:
        await runs(self, sink)
        await asyncio.sleep(0)
        raise HubError(ErrorKind.PROTOCOL, "camera_gateway.garbled")

    monkeypatch.setattr(RtspSource, "run", escapes)
    with pytest.raises(IndexError):
        session.run_session(b"", Random(1))
