"""Whether values that hold arrays are equal: a dataclass of arrays has no ``==`` of its own."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import sparray

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from _typeshed import DataclassInstance


def is_alike(one: object, other: object) -> bool:
    """Return whether two values are equal: arrays, sparse arrays by what they store, and dataclasses field by field.

    Examples
    --------
    >>> is_alike(np.arange(3), np.arange(3)), is_alike(np.arange(3), np.arange(3.0))
    (True, False)
    """
    if one is other:
        return True
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    if isinstance(one, sparray) and isinstance(other, sparray):
        stored = (one.shape == other.shape, *(is_alike(*pair) for pair in _stored(one, other)))
        return all(stored)
    if is_dataclass(one) and not isinstance(one, type) and type(one) is type(other):
        return next(differing(one, other), None) is None
    return not isinstance(one, np.ndarray | sparray) and not isinstance(other, np.ndarray | sparray) and one == other


def differing(one: DataclassInstance, other: DataclassInstance, names: Iterable[str] | None = None) -> Iterator[str]:
    """Yield the names of fields in which two dataclasses of one kind differ, among some fields or all."""
    for name in [each.name for each in fields(one)] if names is None else names:
        if not is_alike(getattr(one, name), getattr(other, name)):
            yield name


def _stored(one: sparray, other: sparray) -> Iterator[tuple[object, object]]:
    for name in ("indptr", "indices", "data"):
        yield getattr(one, name), getattr(other, name)
