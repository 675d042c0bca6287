"""How kernels are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

Function = TypeVar("Function", bound="Callable[..., object]")


def jit(function: Function) -> Function:
    """Return a function that is compiled at its first call and runs beside other threads.

    A product and a sum may be rounded once (``contract``); apart from that the arithmetic is that of NumPy.
    The machine code is stored beside the package or in the user's cache; where neither can be written, every process
    compiles its own.
    """
    try:
        return cast("Function", numba.njit(cache=True, nogil=True, fastmath={"contract"})(function))
    except RuntimeError:
        return cast("Function", numba.njit(nogil=True, fastmath={"contract"})(function))
