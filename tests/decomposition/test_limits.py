"""Limits of a structure laid end to end."""

from __future__ import annotations

import numpy as np

from placer.decomposition.limits import by_limit, first_position, limits_of, with_limits
from placer.model.formulation import formulate, formulate_stored
from placer.model.structure import LIMITS
from tests.batteries_by_hand import powered


def test_limits_laid_end_to_end_are_read_back(make_random_instance):
    """Tests that a structure with its own limits is itself, and that others are found where they were put."""
    structure = formulate(make_random_instance(1)).structure
    limits = limits_of(structure)
    assert len(limits) == sum(getattr(structure, name).size for name in LIMITS)
    again = with_limits(structure, limits)
    assert all(np.array_equal(getattr(again, name), getattr(structure, name)) for name in LIMITS)
    doubled = with_limits(structure, 2 * limits)
    assert all(np.array_equal(getattr(doubled, name), 2 * getattr(structure, name)) for name in LIMITS)


def test_limits_of_stores_come_last():
    """Tests that power and energy follow the limits of a structure, and are read back."""
    structure = formulate_stored(powered(battery={"energy_mwh": 3.0})).structure
    limits = limits_of(structure)
    assert limits[-4:].tolist() == [4.0, 4.0, 3.0, 3.0]
    assert first_position(structure, "energy") == len(limits) - 2
    assert by_limit(structure, limits)["power"].tolist() == [[4.0, 4.0]]
    assert with_limits(structure, 2 * limits).stores.energy.tolist() == [[6.0, 6.0]]
