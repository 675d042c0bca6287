"""Structures of several blocks, and what HiGHS says of each as one whole program."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.model.formulation import formulate

#: Two hours and three.
BLOCK = np.array([0, 0, 1, 1, 1])


@pytest.fixture
def make_blocks(make_random_instance):
    """Return a function that formulates a random instance of two blocks, its caps lifted."""

    def make(seed, *, cyclic=False):
        formulation = formulate(make_random_instance(seed, cyclic=cyclic))
        structure = replace(formulation.structure, block=BLOCK, cap_limit=np.full(2, np.inf))
        return replace(formulation, structure=structure)

    return make
