"""The limits of a structure, laid end to end: what units raise."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from placer.model.structure import LIMITS, Structure
from placer.utils.arrays import FloatArray


def limits_of(structure: Structure) -> FloatArray:
    """Return ``b``, the limits of a structure laid end to end (limits,)."""
    return np.concatenate([np.ravel(getattr(structure, name)) for name in LIMITS])


def by_limit(structure: Structure, laid: FloatArray) -> dict[str, Any]:
    """Return figures that are laid end to end as ``limits_of`` lays limits, by the name of the limit, in its shape."""
    shapes = [getattr(structure, name).shape for name in LIMITS]
    parts = np.split(laid, np.cumsum([math.prod(shape) for shape in shapes])[:-1])
    return {name: part.reshape(shape) for name, part, shape in zip(LIMITS, parts, shapes, strict=True)}


def with_limits(structure: Structure, limits: FloatArray) -> Structure:
    """Return the structure with other limits, laid end to end."""
    return replace(structure, **by_limit(structure, limits))
