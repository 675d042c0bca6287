"""Masters that leave their process."""

from __future__ import annotations

import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import pytest

from placer.column_generation.packed_opening import pack, unpack
from placer.column_generation.solver import ColumnGeneration
from placer.errors import NoSolutionError
from placer.solvers.simplex import Basis
from tests.column_generation.structures_with_modes import with_modes


@pytest.fixture
def make_opening(make_random_structure):
    """Return a function from a seed to a structure and its last master."""

    def make(seed, **keywords):
        structure = make_random_structure(seed, **keywords)
        return structure, ColumnGeneration().answer_from(structure)[1]

    return make


def _received(opening):
    return pickle.loads(pickle.dumps(pack(opening)))  # noqa: S301 - its own


#: Of structures whose last master is light enough to be kept.
SEEDS = (100, 101, 103, 104, 105, 106, 108, 109)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("capped", [False, True])
def test_a_master_built_again_is_at_its_optimum(make_opening, seed, capped):
    """Tests that the same limits take no iteration, and the optimum is the same."""
    structure, opening = make_opening(seed, capped=capped)
    before = opening.master.run()
    again = unpack(structure, _received(opening), ColumnGeneration().parameters)
    after = again.master.run()
    assert again.master.lp.iterations == 0
    assert (again.master.lp.rows, again.master.lp.columns) == (opening.master.lp.rows, opening.master.lp.columns)
    assert after.objective == pytest.approx(before.objective, rel=1e-9)
    assert after.row_prices == pytest.approx(before.row_prices, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_it_goes_on_to_other_limits(make_opening, solve_whole, seed):
    """Tests that answers at other capacities cost as much as those of the whole program."""
    structure, opening = make_opening(seed)
    packed = _received(opening)
    moved = replace(structure, capacity=0.98 * structure.capacity)
    found = ColumnGeneration().answer_moved(moved, unpack(moved, packed, ColumnGeneration().parameters))
    if found is not None:  # a limit that cannot bind any more changes the rows
        assert found[0].bound == pytest.approx(solve_whole(moved)[1], rel=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_it_goes_on_in_several_modes(make_random_structure, solve_whole, seed):
    """Tests that a master of classes in several modes is the same again, and goes on to other capacities."""
    structure = with_modes(make_random_structure(seed), seed)
    opening = ColumnGeneration().answer_from(structure)[1]
    moved = replace(structure, capacity=0.98 * structure.capacity)
    found = ColumnGeneration().answer_moved(moved, unpack(moved, _received(opening), ColumnGeneration().parameters))
    if found is not None:
        assert found[0].bound == pytest.approx(solve_whole(moved)[1], rel=1e-6)


def _packed(structure):
    return pack(ColumnGeneration().answer_from(structure)[1])


@pytest.mark.slow
def test_another_process_takes_it(make_random_structure):
    """Tests that a structure is told to be the same in a process that starts anew."""
    structure = make_random_structure(100)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        packed = pool.submit(_packed, structure).result()
    assert unpack(structure, packed, ColumnGeneration().parameters) is not None


def test_of_other_data_there_is_none(make_opening):
    """Tests another demand, another cost and other coefficients of caps."""
    structure, opening = make_opening(103, capped=True)
    packed, parameters = pack(opening), ColumnGeneration().parameters
    assert unpack(structure, packed, parameters) is not None
    changes = (
        {"demand_amount": 2 * structure.demand_amount},
        {"arc_cost": structure.arc_cost + 1.0},
        {"cap_work": 2 * structure.cap_work.array},
    )
    assert [unpack(replace(structure, **change), packed, parameters) for change in changes] == [None] * 3


def test_a_basis_of_another_size_is_refused(make_opening):
    """Tests that the error is not lost."""
    structure, opening = make_opening(100)
    packed = pack(opening)
    short = replace(packed, basis=Basis(packed.basis.columns[:-1], packed.basis.rows))
    with pytest.raises(NoSolutionError, match="setBasis"):
        unpack(structure, short, ColumnGeneration().parameters)


def test_columns_are_packed_narrowly(make_opening):
    """Tests that every position takes a byte or two."""
    _, opening = make_opening(100)
    packed = pack(opening)
    assert all(each.itemsize <= 2 for part in (packed.keys, *packed.added) for each in (part.t, part.s, part.h))
