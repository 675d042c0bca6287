"""Masters of states that are kept between solves."""

from __future__ import annotations

import pickle
from types import SimpleNamespace

import numpy as np
import pytest

from placer.column_generation.solver import ColumnGeneration
from placer.errors import NoSolutionError
from placer.ladder.proven import solve_structure
from placer.planning import kept_masters
from placer.planning.kept_masters import Keeping, KeptMasters
from placer.solvers.highs import HiGHS
from placer.termination import Reason


def _of(columns):
    return SimpleNamespace(master=SimpleNamespace(lp=SimpleNamespace(columns=columns)))


def test_the_masters_used_least_recently_are_packed_and_dropped(monkeypatch):
    """Tests ten columns and one packed master: a master that is taken is forgotten until it is kept again."""
    monkeypatch.setattr(kept_masters, "pack", lambda opening: (opening, "packed"))
    masters, first, second, third, fourth = KeptMasters(10, 1), _of(4), _of(4), _of(4), _of(4)
    masters.keep(0, first)
    masters.keep(1, second)
    assert masters.take(0) is first
    assert masters.take(0) is None
    masters.keep(0, first)
    masters.keep(2, third)
    assert masters.take_packed(1) == (second, "packed")
    assert masters.take_packed(1) is None
    masters.keep(1, second)
    masters.keep(3, fourth)
    assert masters.take(0) is None
    assert masters.take(2) == (third, "packed")
    assert len(masters) == 2


def test_a_master_that_is_kept_replaces_the_packed_one(monkeypatch):
    """Tests that a state has one master."""
    monkeypatch.setattr(kept_masters, "pack", lambda opening: (opening, "packed"))
    masters, old, new = KeptMasters(10), _of(4), _of(4)
    masters.receive({0: old})
    masters.keep(0, new)
    assert masters.pack_all() == {0: (new, "packed")}
    assert masters.take(0) == (new, "packed")
    assert len(masters) == 0


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


def _recorded(monkeypatch):
    """Return the list of what further moves of masters gave."""
    moved, answer_moved = [], ColumnGeneration.answer_moved

    def recorded(self, structure, kept):
        found = answer_moved(self, structure, kept)
        moved.append(found is not None)
        return found

    monkeypatch.setattr(ColumnGeneration, "answer_moved", recorded)
    return moved


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_packed_master_goes_on_in_another_process(make_program_of_plan, monkeypatch, seed):
    """Tests that its answer costs as much as that of the whole program, and is kept."""
    state, masters = make_program_of_plan(seed).states[0], KeptMasters()
    units = np.full(state.added.shape[1], 2.0)
    solve_structure(state.at(units), Keeping(ColumnGeneration(), masters, 0, lambda: None))
    packed = pickle.loads(pickle.dumps(masters.pack_all()))[0]  # noqa: S301 - its own
    moved, elsewhere = _recorded(monkeypatch), KeptMasters()
    structure = state.at(1.02 * units)
    _, certificate = solve_structure(structure, Keeping(ColumnGeneration(), elsewhere, 0, lambda: None, packed=packed))
    _, plain = solve_structure(structure, HiGHS())
    assert moved == [True]
    assert certificate.objective == pytest.approx(plain.objective, rel=1e-6)
    assert len(elsewhere) == 1


def test_a_packed_master_of_other_data_is_of_no_use(make_program_of_plan, monkeypatch):
    """Tests that it is not moved, and the answer is that of the state at hand."""
    states, masters = make_program_of_plan(0).states, KeptMasters()
    units = np.full(states[0].added.shape[1], 2.0)
    solve_structure(states[0].at(units), Keeping(ColumnGeneration(), masters, 0, lambda: None))
    moved, structure = _recorded(monkeypatch), states[1].at(units)
    packed = masters.pack_all()[0]
    _, certificate = solve_structure(structure, Keeping(ColumnGeneration(), masters, 1, lambda: None, packed=packed))
    _, plain = solve_structure(structure, HiGHS())
    assert moved == []
    assert certificate.objective == pytest.approx(plain.objective, rel=1e-6)


def test_a_basis_that_is_refused_is_of_no_use(make_program_of_plan, monkeypatch):
    """Tests that the state is solved anew."""
    state, masters = make_program_of_plan(0).states[0], KeptMasters()
    structure = state.at(np.full(state.added.shape[1], 2.0))
    keeping = Keeping(ColumnGeneration(), masters, 0, lambda: None)
    first = solve_structure(structure, keeping)[1].objective
    masters.pack_all()

    def refuse(*_):
        raise NoSolutionError(Reason.FAILED, "setBasis answered kError")

    monkeypatch.setattr(kept_masters, "unpack", refuse)
    moved = _recorded(monkeypatch)
    assert solve_structure(structure, keeping)[1].objective == pytest.approx(first, rel=1e-9)
    assert moved == []


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
