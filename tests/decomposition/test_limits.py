"""Limits of a structure laid end to end."""

from __future__ import annotations

import numpy as np

from placer.decomposition.limits import limits_of, with_limits
from placer.model.formulation import formulate
from placer.model.structure import LIMITS


def test_limits_laid_end_to_end_are_read_back(make_random_instance):
    """Tests that a structure with its own limits is itself, and that others are found where they were put."""
    structure = formulate(make_random_instance(1)).structure
    limits = limits_of(structure)
    assert len(limits) == sum(getattr(structure, name).size for name in LIMITS)
    again = with_limits(structure, limits)
    assert all(np.array_equal(getattr(again, name), getattr(structure, name)) for name in LIMITS)
    doubled = with_limits(structure, 2 * limits)
    assert all(np.array_equal(getattr(doubled, name), 2 * getattr(structure, name)) for name in LIMITS)
