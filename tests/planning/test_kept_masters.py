"""Masters of states that are kept between solves."""

from __future__ import annotations

import pickle
from types import SimpleNamespace

import numpy as np
import pytest

from placer.planning.kept_masters import Keeping, KeptMasters
from placer.solvers.column_generation.solver import ColumnGeneration
from placer.solvers.highs import HiGHS
from placer.solvers.proven import solve_structure


def _of(columns):
    return SimpleNamespace(master=SimpleNamespace(lp=SimpleNamespace(columns=columns)))


def test_the_masters_used_least_recently_are_dropped():
    """Tests ten columns in all: a master that is taken is forgotten until it is kept again."""
    masters, first, second, third = KeptMasters(10), _of(4), _of(4), _of(4)
    masters.keep(0, first)
    masters.keep(1, second)
    assert masters.take(0) is first
    assert masters.take(0) is None
    masters.keep(0, first)
    masters.keep(2, third)
    assert masters.take(1) is None
    assert len(masters) == 2


def test_masters_stay_in_their_process():
    """Tests that a memory is empty after it was pickled."""
    masters = KeptMasters(10)
    masters.keep(0, _of(4))
    assert len(pickle.loads(pickle.dumps(masters))) == 0  # noqa: S301 - its own


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_costs_from_kept_masters_are_those_of_the_whole_program(make_program_of_plan, monkeypatch, seed):
    """Tests several plans for one state, and that some of the solves go on from the last one."""
    state, masters, moved = make_program_of_plan(seed).states[0], KeptMasters(), []
    solver, random = ColumnGeneration(), np.random.default_rng(seed)
    answer_moved = ColumnGeneration.answer_moved

    def recorded(self, structure, kept):
        moved.append(answer_moved(self, structure, kept) is not None)
        return None if not moved[-1] else answer_moved(self, structure, solver.answer_from(structure)[1])

    monkeypatch.setattr(ColumnGeneration, "answer_moved", recorded)
    for _ in range(6):
        structure = state.at(random.uniform(2.0, 2.2, state.added.shape[1]))
        _, certificate = solve_structure(structure, Keeping(solver, masters, 0, lambda: None))
        _, plain = solve_structure(structure, HiGHS())
        assert certificate.objective == pytest.approx(plain.objective, rel=1e-6)
    assert len(masters) == 1
    assert any(moved)


def test_a_master_that_fails_leads_to_the_path_from_zero(make_program_of_plan, monkeypatch):
    """Tests that known prices are asked for without a kept master, and not after one that failed."""
    asked: list[None] = []
    monkeypatch.setattr(ColumnGeneration, "answer_moved", lambda *_: None)
    problem = make_program_of_plan(0)
    structure = problem.states[0].at(np.full(len(problem.cost), 2.0))
    keeping = Keeping(ColumnGeneration(), KeptMasters(), 0, lambda: asked.append(None))
    first, second = (solve_structure(structure, keeping)[1] for _ in range(2))
    assert len(asked) == 1
    assert first.objective == pytest.approx(second.objective, rel=1e-9)
