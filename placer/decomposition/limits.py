"""The limits of a structure, laid end to end: what units raise.

Those of the structure come first, then ``power`` and ``energy`` of its stores.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from placer.model.stores import NO_STORES
from placer.model.structure import LIMITS, Structure
from placer.utils.arrays import FloatArray

#: Limits of stores, by their names in ``Stores``.
OF_STORES = ("power", "energy")


def laid_limits(structure: Structure) -> dict[str, FloatArray]:
    """Return the limits of a structure and of its stores by name, in the order in which they are laid."""
    stores = structure.stores
    of_stores = {name: NO_STORES if stores is None else getattr(stores, name) for name in OF_STORES}
    return {name: getattr(structure, name) for name in LIMITS} | of_stores


def limits_of(structure: Structure) -> FloatArray:
    """Return ``b``, the limits of a structure laid end to end (limits,)."""
    return np.concatenate([np.ravel(each) for each in laid_limits(structure).values()])


def first_position(structure: Structure, name: str) -> int:
    """Return the first position of a limit of a structure in ``b``."""
    laid = laid_limits(structure)
    return sum(each.size for each in list(laid.values())[: list(laid).index(name)])


def by_limit(structure: Structure, laid: FloatArray) -> dict[str, Any]:
    """Return figures that are laid end to end as ``limits_of`` lays limits, by the name of the limit, in its shape."""
    shapes = {name: each.shape for name, each in laid_limits(structure).items()}
    parts = np.split(laid, np.cumsum([math.prod(shape) for shape in shapes.values()])[:-1])
    return {name: part.reshape(shape) for (name, shape), part in zip(shapes.items(), parts, strict=True)}


def with_limits(structure: Structure, limits: FloatArray) -> Structure:
    """Return the structure with other limits, laid end to end."""
    laid = by_limit(structure, limits)
    of_stores = {name: laid.pop(name) for name in OF_STORES}
    stores = structure.stores
    return replace(structure, **laid, stores=None if stores is None else replace(stores, **of_stores))
