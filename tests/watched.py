"""Arrays that report each operation on them, to see how many BLAS threads it may take."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from placer.utils.threads import blas_threads

if TYPE_CHECKING:
    from collections.abc import Callable

    from placer.placement.result import Placement


def _nothing() -> None:
    """Tell nobody."""


class _Watched(np.ndarray):
    """An array that calls a function before each operation."""

    told: Callable[[], None]

    def __array_finalize__(self, source: Any) -> None:
        self.told = getattr(source, "told", _nothing)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        self.told()
        plain = [each.view(np.ndarray) if isinstance(each, _Watched) else each for each in inputs]
        return getattr(ufunc, method)(*plain, **options)


def watched(array: np.ndarray, told: Callable[[], None]) -> np.ndarray:
    """Return an array that calls a function before each operation; the results are plain arrays."""
    found = np.array(array).view(_Watched)
    found.told = told
    return found


def with_watched(placement: Placement, name: str) -> tuple[Placement, list[set[int]]]:
    """Return a placement with one array of its structure watched, and the BLAS threads at each operation on it."""
    formulation, seen = placement.formulation, []
    array = watched(getattr(formulation.structure, name), lambda: seen.append(blas_threads()))
    structure = replace(formulation.structure, **{name: array})
    return replace(placement, formulation=replace(formulation, structure=structure)), seen
