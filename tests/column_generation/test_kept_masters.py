"""Masters that are kept between solves."""

from __future__ import annotations

import pickle
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from placer.column_generation import kept_masters
from placer.column_generation.kept_masters import Keeping, KeptMasters
from placer.column_generation.parameters import DEFAULTS
from placer.column_generation.solver import ColumnGeneration
from placer.errors import NoSolutionError
from placer.ladder.proven import solve_structure
from placer.model.formulation import formulate
from placer.solvers.highs import HiGHS
from placer.termination import Reason

HOWEVER_FAR = replace(DEFAULTS, warm_start=replace(DEFAULTS.warm_start, most_moved_part=np.inf))


@pytest.fixture
def make_limited(make_random_instance):
    """Return a function from a seed and a factor of all capacities to a random structure."""

    def make(seed, factor):
        structure = formulate(make_random_instance(seed)).structure
        return replace(structure, capacity=factor * structure.capacity)

    return make


def _known(_failed):
    """Return that no prices are known."""


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
    """Tests that a key has one master."""
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


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_costs_from_kept_masters_are_those_of_the_whole_program(make_limited, monkeypatch, seed):
    """Tests limits in a row, near and far: each solve but the first goes on from the master before."""
    masters, moved, asked = KeptMasters(), _recorded(monkeypatch), []
    solver = ColumnGeneration(parameters=HOWEVER_FAR)
    for factor in (1.0, 1.02, 0.9, 1.4, 0.5):
        structure = make_limited(seed, factor)
        _, certificate = solve_structure(structure, Keeping(solver, masters, 0, asked.append))
        _, whole = solve_structure(structure, HiGHS())
        assert certificate.objective == pytest.approx(whole.objective, rel=1e-6)
        assert len(masters) == 1
    assert len(moved) == 4
    assert any(moved)
    assert asked == [False] + [True] * moved.count(False)


def _recorded(monkeypatch):
    """Return the list of what further moves of masters gave."""
    moved, answer_moved = [], ColumnGeneration.answer_moved

    def recorded(self, structure, kept):
        found = answer_moved(self, structure, kept)
        moved.append(found is not None)
        return found

    monkeypatch.setattr(ColumnGeneration, "answer_moved", recorded)
    return moved


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_packed_master_goes_on_in_another_process(make_limited, monkeypatch, seed):
    """Tests that its answer costs as much as that of the whole program, and is kept."""
    masters = KeptMasters()
    solve_structure(make_limited(seed, 1.0), Keeping(ColumnGeneration(), masters, 0, _known))
    packed = pickle.loads(pickle.dumps(masters.pack_all()))[0]  # noqa: S301 - its own
    moved, elsewhere, structure = _recorded(monkeypatch), KeptMasters(), make_limited(seed, 1.02)
    _, certificate = solve_structure(structure, Keeping(ColumnGeneration(), elsewhere, 0, _known, packed=packed))
    _, plain = solve_structure(structure, HiGHS())
    assert moved == [True]
    assert certificate.objective == pytest.approx(plain.objective, rel=1e-6)
    assert len(elsewhere) == 1


@pytest.mark.slow
def test_a_packed_master_of_other_data_is_of_no_use(make_limited, monkeypatch):
    """Tests that it is not moved, and the answer is that of the structure at hand."""
    masters, first = KeptMasters(), make_limited(0, 1.0)
    solve_structure(first, Keeping(ColumnGeneration(), masters, 0, _known))
    moved, structure = _recorded(monkeypatch), replace(first, demand_amount=0.9 * first.demand_amount)
    packed = masters.pack_all()[0]
    _, certificate = solve_structure(structure, Keeping(ColumnGeneration(), masters, 1, _known, packed=packed))
    _, plain = solve_structure(structure, HiGHS())
    assert moved == []
    assert certificate.objective == pytest.approx(plain.objective, rel=1e-6)


@pytest.mark.slow
def test_a_basis_that_is_refused_is_of_no_use(make_limited, monkeypatch):
    """Tests that the structure is solved anew."""
    masters, structure = KeptMasters(), make_limited(0, 1.0)
    keeping = Keeping(ColumnGeneration(), masters, 0, _known)
    first = solve_structure(structure, keeping)[1].objective
    masters.pack_all()

    def refuse(*_):
        raise NoSolutionError(Reason.FAILED, "setBasis answered kError")

    monkeypatch.setattr(kept_masters, "unpack", refuse)
    moved = _recorded(monkeypatch)
    assert solve_structure(structure, keeping)[1].objective == pytest.approx(first, rel=1e-9)
    assert moved == []


@pytest.mark.slow
def test_prices_are_asked_for_where_a_master_cannot_be_moved(make_limited, monkeypatch):
    """Tests that the caller is told whether a kept master failed."""
    asked: list[bool] = []
    monkeypatch.setattr(ColumnGeneration, "answer_moved", lambda *_: None)
    structure, keeping = make_limited(0, 1.0), Keeping(ColumnGeneration(), KeptMasters(), 0, asked.append)
    first, second = (solve_structure(structure, keeping)[1] for _ in range(2))
    assert asked == [False, True]
    assert first.objective == pytest.approx(second.objective, rel=1e-9)
