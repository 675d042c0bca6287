"""Structures of several blocks, and what HiGHS says of each as one whole program."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.by_blocks.cap_oracle import CapOracle
from placer.by_blocks.cap_search import begin_search
from placer.by_blocks.dispatch import lay_out
from placer.by_blocks.proposals import Proposals
from placer.by_blocks.shared_caps_parameters import DEFAULT
from placer.ladder.proven import solve_structure
from placer.model.blocks import shared_caps, taken_of_caps
from placer.model.formulation import formulate
from placer.model.loads import cost_of
from placer.utils.processes import InThisProcess
from placer.utils.tasks import Dispatcher

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


@pytest.fixture
def started(make_blocks):
    """Return a function that starts a search for prices of caps that both blocks of a random instance share.

    It takes the seed, the share of what is taken without limits that each cap allows (carbon, and water if given),
    parameters, and the prices to begin at, as shares. It returns the search and the cost by HiGHS.
    """

    def start(seed, parts, parameters=DEFAULT, first=0.02):
        structure = make_blocks(seed).structure
        free, _ = solve_structure(structure, placer.HiGHS())
        shares = np.append(parts, [np.inf])[:2]
        structure = replace(structure, cap_limit=shares * taken_of_caps(structure, free.point))
        whole, _ = solve_structure(structure, placer.HiGHS())
        limit = structure.cap_limit[shared_caps(structure)]
        oracle = CapOracle(lay_out(structure, None, None), Dispatcher(InThisProcess(), 1))
        found, oracle.size = oracle.all_at(np.zeros(len(limit))), limit
        pool, size = Proposals([each.prices for each in found], limit), abs(sum(each.cost for each in found))
        search = begin_search(oracle, pool, np.full(len(limit), first * size), size, parameters)
        return search, cost_of(structure, whole.point)

    return start
