"""How functions are compiled."""

from __future__ import annotations

import numba

from placer.kernels import jit as room
from placer.kernels.jit import jit


def _twice(value: float) -> float:
    return 2 * value


def test_a_function_is_compiled_at_its_first_call():
    """Tests that nothing is compiled before."""
    compiled = jit(_twice)
    assert compiled.signatures == []
    assert compiled(3.0) == 6.0
    assert len(compiled.signatures) == 1


def test_where_nothing_can_be_stored_it_is_compiled_for_the_process(monkeypatch):
    """Tests numba's refusal of a cache without a folder that can be written."""

    class WithoutFolder:
        """Numba where no folder can be written."""

        @staticmethod
        def njit(*, cache=False, **options):
            if cache:
                raise RuntimeError("cannot cache function: no locator available")
            return numba.njit(**options)

    monkeypatch.setattr(room, "numba", WithoutFolder)
    assert jit(_twice)(4.0) == 8.0
