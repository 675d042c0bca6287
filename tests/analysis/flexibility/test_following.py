"""Tests column generation from the last master."""

from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.analysis.flexibility.following import Following, LastMaster
from placer.analysis.flexibility.programs import reduced, reduction_of
from placer.column_generation.parameters import DEFAULTS
from placer.column_generation.solver import ColumnGeneration
from placer.ladder.proven import solve_structure
from placer.solvers.highs import HiGHS

HOWEVER_FAR = replace(DEFAULTS, warm_start=replace(DEFAULTS.warm_start, most_moved_part=np.inf))


@pytest.fixture
def structures(make_random_instance):
    """Structures of a random instance whose dearest supply draws less and less in the hour in which it draws most."""
    placement = placer.solve(make_random_instance(1))
    tier, hour = np.unravel_index(placement.accounts.bought.argmax(), placement.accounts.bought.shape)
    chosen = np.arange(len(placement.accounts.bought)) == tier
    reduction = reduction_of(placement, chosen, np.array([hour]))
    parts = (0.3, 0.5, 0.4, 1.0, 0.0)
    return [reduced(placement.formulation.structure, reduction, part * reduction.most_mw) for part in parts]


def test_costs_are_those_of_the_whole_program(structures):
    """Tests five limits in a row, near and far; the first alone is solved without a master."""
    last, asked = LastMaster(), []
    for structure in structures:
        solver = Following(ColumnGeneration(parameters=HOWEVER_FAR), last, lambda: asked.append(None))
        _, certificate = solve_structure(structure, solver)
        _, whole = solve_structure(structure, HiGHS())
        assert certificate.objective == pytest.approx(whole.objective, rel=1e-7)
        assert last.opening is not None
    assert len(asked) == 1


def test_known_prices_are_asked_for_where_a_master_cannot_be_moved(structures, monkeypatch):
    """Tests two solves without moves."""
    monkeypatch.setattr(ColumnGeneration, "answer_moved", lambda *_: None)
    last, asked = LastMaster(), []
    for structure in structures[:2]:
        solve_structure(structure, Following(ColumnGeneration(), last, lambda: asked.append(None)))
    assert len(asked) == 2
