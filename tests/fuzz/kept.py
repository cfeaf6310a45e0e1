"""How many bytes an object keeps alive, whatever it is made of: bounds checked from outside, not by private names."""

from __future__ import annotations

import gc
import sys
from types import BuiltinFunctionType, FunctionType, ModuleType

# What belongs to the program and not to the object. Bound methods are followed: they hold their owners.
_SHARED = (type, ModuleType, FunctionType, BuiltinFunctionType)


def kept_bytes(thing: object, *, apart_from: tuple[object, ...] = ()) -> int:
    """All that can be reached from `thing`, each once; not through `apart_from`."""
    seen = {id(one) for one in apart_from}
    waiting, total = [thing], 0
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, _SHARED):
            continue
        seen.add(id(one))
        total += sys.getsizeof(one)
        waiting += gc.get_referents(one)
    return total
