"""Makes a wrong input out of right ones, the same for the same seed number.

Pure. A mutation knows nothing of a format beyond what all of ours share: lengths in one, two or four bytes, decimal
numbers in text, lines. Never makes more than `MOST_BYTES`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

MOST_BYTES = 200_000
NUMBERS = (
    *(b"0", b"-1", b"1", b"255", b"256", b"65535", b"65536", b"2147483647", b"2147483648", b"4294967295"),
    *(b"18446744073709551616", b"1e9", b"0x10", b"99999999999999999999999999", b"\xd9\xa1\xd9\xa2", b"+1", b" 1", b""),
)
WORDS = (
    *(
        b"\r\n",
        b"\n",
        b"\r",
        b"\r\n\r\n",
        b"\x00",
        b"\xff\xfe",
        b"\xc3\x28",
        b"\xed\xa0\x80",
        b"\xf0\x9f\x90\xbc",
        b" ",
    ),
    *(b":", b";", b"=", b",", b'"', b"\\", b"*", b"/", b"$\x00\x00\x00", b"$\x00\xff\xff", b"$\x01\x00\x04\x80"),
    *(b"RTSP/1.0 200 OK\r\n", b"OPTIONS * RTSP/1.0\r\n", b"Content-Length: 1048577\r\n", b"\x00\x00\x01", b"a=", b"m="),
)
_DIGITS = re.compile(rb"\d{1,20}")

Mutation = Callable[[bytearray, Random, Sequence[bytes]], None]


def mutated(seeds: Sequence[bytes], rng: Random) -> bytes:
    """One of the seeds, changed in one to eight places; one in fifty is left as it is."""
    data = bytearray(rng.choice(seeds))
    if rng.random() < 0.02:
        return bytes(data)
    for _ in range(rng.choice((1, 1, 2, 3, 5, 8))):
        rng.choice(_MUTATIONS)(data, rng, seeds)
        del data[MOST_BYTES:]
    return bytes(data)


def cut(data: bytes, rng: Random) -> list[bytes]:
    """The same bytes in the chunks of some network: whole, byte by byte, or anything between."""
    manner = rng.random()
    if manner < 0.2:
        return [data]
    if manner < 0.25 and len(data) < 3000:
        return [data[at : at + 1] for at in range(len(data))]
    most = rng.choice((7, 60, 1448, 16_384))
    chunks, at = [], 0
    while at < len(data):
        size = rng.randint(1, most)
        chunks.append(data[at : at + size])
        at += size
    return chunks


def _place(data: bytearray, rng: Random) -> int:
    """Anywhere, and as often near the beginning: headers stand there."""
    limit = len(data) if rng.random() < 0.5 else min(len(data), 64)
    return rng.randint(0, max(0, limit - 1))


def _flip(data: bytearray, rng: Random, seeds: Sequence[bytes]) -> None:
    for _ in range(rng.choice((1, 1, 4, 16))):
        if data:
            data[_place(data, rng)] ^= 1 << rng.randrange(8)


def _set(data: bytearray, rng: Random, seeds: Sequence[bytes]) -> None:
    if data:
        data[_place(data, rng)] = rng.choice((0, 1, 0x24, 0x7F, 0x80, 0xFF, rng.randrange(256)))


def _truncate(data: bytearray, rng: Random, seeds: Sequence[bytes]) -> None:
    if rng.random() < 0.5:
        del data[_place(data, rng) :]
    else:
        del data[: _place(data, rng)]


def _remove(data: bytearray, rng: Random, seeds: Sequence[bytes]) -> None:
    at = _place(data, rng)
    del data[at : at + rng.choice((1, 1, 2, 4, 40, 1400))]


def _repeat(data: bytearray, rng: Random, seeds: Sequence[bytes]) -> None:
    at = _place(data, rng)
    part = bytes(data[at : at + rng.choice((1, 2, 12, 100, 1400))])
    times = rng.choice((1, 1, 2, 20, 300))
    data[at:at] = part * min(times, MOST_BYTES // max(1, len(part)))


def _repeat_line(data: bytearray, rng: Random, seeds: Sequence[bytes]) -> None:
    lines = bytes(data).split(b"\n")
    at = rng.randrange(len(lines))
    lines[at:at] = [lines[at]] * rng.choice((1, 3, 40, 1000))
    data[:] = b"\n".join(lines)[:MOST_BYTES]


def _swap_lines(data: bytearray, rng: Random, seeds: Sequence[bytes]) -> None:
    lines = bytes(data).split(b"\n")
    one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    data[:] = b"\n".join(lines)


def _splice(data: bytearray, rng: Random, seeds: Sequence[bytes]) -> None:
    """The head of this one and the tail of another."""
    other = rng.choice(seeds)
    data[_place(data, rng) :] = other[rng.randint(0, len(other)) :]


def _insert(data: bytearray, rng: Random, seeds: Sequence[bytes]) -> None:
    at = _place(data, rng)
    kind = rng.randrange(3)
    if kind == 0:
        data[at:at] = rng.choice(WORDS)
    elif kind == 1:
        data[at:at] = rng.randbytes(rng.choice((1, 2, 4, 12, 200)))
    else:
        other = rng.choice(seeds)
        begin = rng.randint(0, len(other))
        data[at:at] = other[begin : begin + rng.choice((4, 16, 100, 1500))]


def _number(data: bytearray, rng: Random, seeds: Sequence[bytes]) -> None:
    """A decimal number in the text becomes another."""
    found = list(_DIGITS.finditer(bytes(data[:20_000])))
    if found:
        chosen = rng.choice(found)
        data[chosen.start() : chosen.end()] = rng.choice(NUMBERS)


def _length(data: bytearray, rng: Random, seeds: Sequence[bytes]) -> None:
    """Some bytes become a length that is zero, one off, or greater than all there is."""
    size = rng.choice((1, 2, 2, 4))
    at = _place(data, rng)
    if at + size <= len(data):
        now = int.from_bytes(data[at : at + size], "big")
        new = rng.choice((0, 1, now - 1, now + 1, 2 ** (8 * size) - 1, 2 ** (8 * size - 1), len(data), len(data) - at))
        data[at : at + size] = (new % 2 ** (8 * size)).to_bytes(size, "big")


_MUTATIONS: tuple[Mutation, ...] = (
    *(_flip, _set, _truncate, _remove, _repeat, _repeat_line, _swap_lines),
    *(_splice, _insert, _number, _length),
)
