"""Structures of several blocks, and what HiGHS says of each as one whole program."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.by_blocks.cap_search import Evaluation, Search
from placer.by_blocks.dispatch import lay_out
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

    It takes the seed, the share of what is taken without limits that each cap allows (carbon, and water if given), and
    parameters. It returns the evaluation, the search with the proposals at prices 0, and the cost by HiGHS.
    """

    def start(seed, parts, parameters=DEFAULT):
        structure = make_blocks(seed).structure
        free, _ = solve_structure(structure, placer.HiGHS())
        shares = np.append(parts, [np.inf])[:2]
        structure = replace(structure, cap_limit=shares * taken_of_caps(structure, free.point))
        whole, _ = solve_structure(structure, placer.HiGHS())
        limit = structure.cap_limit[shared_caps(structure)]
        search = Search(limit=limit, size=limit, proposals=[[], []], known=[[], []])
        evaluation = Evaluation(lay_out(structure, None, None), Dispatcher(InThisProcess(), 1), parameters)
        evaluation.at(search, np.zeros(len(limit)))
        return evaluation, search, cost_of(structure, whole.point)

    return start
