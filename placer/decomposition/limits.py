"""The limits of a structure, laid end to end: what units raise."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from placer.model.structure import LIMITS

if TYPE_CHECKING:
    from placer.model.structure import Structure
    from placer.utils.arrays import FloatArray


def limits_of(structure: Structure) -> FloatArray:
    """Return ``b``, the limits of a structure laid end to end (limits,)."""
    return np.concatenate([np.ravel(getattr(structure, name)) for name in LIMITS])


def with_limits(structure: Structure, limits: FloatArray) -> Structure:
    """Return the structure with other limits, laid end to end as ``limits_of`` lays them."""
    shapes = [getattr(structure, name).shape for name in LIMITS]
    parts = np.split(limits, np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1])
    capacity, intake, tier, link, cap = (part.reshape(shape) for part, shape in zip(parts, shapes, strict=True))
    return replace(structure, capacity=capacity, intake=intake, tier_limit=tier, link_capacity=link, cap_limit=cap)
