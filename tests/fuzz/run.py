"""`python -m tests.fuzz.run [--inputs 100000] [--target NAME] [--seed N]`: wrong inputs, spread over the targets.

The same number makes the same input; one that fails is printed as the command that runs it alone. Hangs are found by
an alarm after so much computing, far above what any input takes; growth by what Python holds before and after.
"""

from __future__ import annotations

import argparse
import gc
import signal
import sys
import time
import traceback
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from types import FrameType

from tests.fuzz.mutate import mutated
from tests.fuzz.targets import Target, targets

HANG_S = 5.0  # of this process alone: a busy machine is no hang
# Of a hundred: sessions cost a hundred times as much as the others.
SHARES = {"session": 2}
_WARM = 50
_GROWTH_MOST = 2_000_000


class Hang(BaseException):
    """No Exception: nothing under test may take it for one of its own."""


@dataclass
class Failure:
    """One input that was not borne."""

    target: str
    seed: int
    error: BaseException

    @property
    def command(self) -> str:
        """What runs it alone."""
        return f"python -m tests.fuzz.run --target {self.target} --seed {self.seed}"


@dataclass
class Result:
    """What came of a run."""

    inputs: int = 0
    refused: int = 0  # ended in an error that the target declares
    failures: list[Failure] = field(default_factory=list)
    grown_bytes: int = 0  # held more at the end than when it was warm


def one(name: str, target: Target, seed: int) -> bool:
    """Run input `seed`; whether it was refused. Raises whatever is a find."""
    rng = Random(f"{name} {seed}")
    try:
        with _alarm():
            target.run(mutated(target.seeds(), rng), rng)
    except target.allowed:
        return True
    return False


def fuzz(name: str, inputs: int, first: int = 0) -> Result:
    """Inputs `first` and following of one target; at most ten failures are kept."""
    target, result = targets()[name], Result()
    warm = 0
    tracemalloc.start()
    try:
        for seed in range(first, first + inputs):
            if result.inputs == min(_WARM, inputs // 2):
                gc.collect()
                warm = tracemalloc.get_traced_memory()[0]
            result.inputs += 1
            try:
                result.refused += one(name, target, seed)
            except (Exception, Hang) as error:  # noqa: BLE001 - whatever comes out is the find
                result.failures.append(Failure(name, seed, error))
                if len(result.failures) >= 10:
                    break
        gc.collect()
        result.grown_bytes = tracemalloc.get_traced_memory()[0] - warm
    finally:
        tracemalloc.stop()
    if result.grown_bytes > _GROWTH_MOST and not result.failures:
        result.failures.append(Failure(name, first, MemoryError(f"{result.grown_bytes} bytes more than when warm")))
    return result


@contextmanager
def _alarm() -> Iterator[None]:
    def rung(number: int, frame: FrameType | None) -> None:
        raise Hang(f"not done after {HANG_S} s of computing")

    before = signal.signal(signal.SIGVTALRM, rung)
    signal.setitimer(signal.ITIMER_VIRTUAL, HANG_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def shares(inputs: int) -> dict[str, int]:
    """How many inputs each target gets of `inputs`."""
    names = list(targets())
    fixed = {name: max(1, inputs * SHARES[name] // 100) for name in names if name in SHARES}
    rest = [name for name in names if name not in fixed]
    each, more = divmod(inputs - sum(fixed.values()), len(rest))
    return fixed | {name: each + (number < more) for number, name in enumerate(rest)}


def main() -> int:
    """0: all was borne."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.run")
    parser.add_argument("--inputs", type=int, default=100_000, help="over all targets")
    parser.add_argument("--target", choices=list(targets()))
    parser.add_argument("--seed", type=int, help="this input alone, with its trace")
    given = parser.parse_args()
    if given.seed is not None:
        if given.target is None:
            parser.error("--seed needs --target")
        print("refused" if one(given.target, targets()[given.target], given.seed) else "borne")
        return 0
    failed = False
    for name, inputs in ({given.target: given.inputs} if given.target else shares(given.inputs)).items():
        began = time.monotonic()
        result = fuzz(name, inputs)
        print(
            f"{name}: {result.inputs} inputs, {result.refused} refused, {len(result.failures)} failures, "
            f"{result.grown_bytes / 1000:.0f} kB grown, {time.monotonic() - began:.0f} s",
            flush=True,
        )
        for failure in result.failures:
            failed = True
            print(f"  {failure.command}")
            print("  " + "".join(traceback.format_exception_only(failure.error)).strip())
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
