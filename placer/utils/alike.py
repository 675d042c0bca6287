"""Whether values that hold arrays are equal, and digests of them: a dataclass of arrays has no ``==`` of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from scipy.sparse import sparray

from placer.utils.arrays import AnyArray

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


#: A dataclass of arrays.
Arrays = TypeVar("Arrays", bound="DataclassInstance")


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


class Changes(dict[str, Any]):
    """What makes one dataclass of another one of its kind: fields by name; of fields that are dataclasses, changes."""


def changes_from(base: DataclassInstance, value: DataclassInstance) -> Changes:
    """Return the changes that make a dataclass of another one: sent in its place to processes that have the other."""
    found = Changes()
    for each in fields(value):
        theirs, own = getattr(base, each.name), getattr(value, each.name)
        if is_dataclass(own) and not isinstance(own, type) and type(theirs) is type(own):
            if within := changes_from(theirs, own):
                found[each.name] = within
        elif not is_alike(theirs, own):
            found[each.name] = own
    return found


def changed(base: Arrays, by: Changes) -> Arrays:
    """Return a dataclass with some changes; all else in it is that of the base, not a copy."""
    parts = {
        name: changed(getattr(base, name), each) if isinstance(each, Changes) else each for name, each in by.items()
    }
    return replace(base, **parts)


def _stored(one: sparray, other: sparray) -> Iterator[tuple[object, object]]:
    for name in ("indptr", "indices", "data"):
        yield getattr(one, name), getattr(other, name)


def digest_of(*values: object, without: Collection[str] = ()) -> bytes:
    """Return a digest of arrays, sparse arrays, numbers and dataclasses of these: equal for values that are alike.

    Parameters
    ----------
    *values : object
    without : collection of str
        Fields of the dataclasses to leave out.

    Raises
    ------
    TypeError
        If a value is of another kind.
    """
    digest = hashlib.sha256()
    for value in values:
        for name, array in _arrays_in("", value, without):
            digest.update(f"{name} {array.shape} {array.dtype}".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
    return digest.digest()


def _arrays_in(name: str, value: object, without: Collection[str]) -> Iterator[tuple[str, AnyArray]]:
    """Yield every array in a value, with where it stands."""
    if isinstance(value, sparray):
        yield f"{name}.shape", np.array(value.shape)
        for each in ("indptr", "indices", "data"):
            yield f"{name}.{each}", getattr(value, each)
    elif is_dataclass(value):
        for field in fields(value):
            if field.name not in without:
                yield from _arrays_in(f"{name}.{field.name}", getattr(value, field.name), without)
    elif value is not None:
        array = np.asarray(value)
        if array.dtype == object:
            raise TypeError(f"no digest of {type(value).__name__}")
        yield name, array
