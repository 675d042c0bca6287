"""The pool of price vectors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.decomposition.cuts import PriceVector, cuts_of
from placer.decomposition.price_pool import PricePool, pool_of
from placer.ladder.proven import solve_structure
from placer.solvers.highs import HiGHS


@pytest.mark.slow
def test_values_and_rows_are_those_of_the_cuts(make_program_of_plan):
    """Tests that the pool keeps for every vector and state the cut that ``cuts_of`` makes."""
    problem = make_program_of_plan(0)
    answer, _ = solve_structure(problem.states[1].structure, HiGHS())
    prices = PriceVector.of(answer.prices)
    pool = PricePool(problem.states, [prices])
    units = np.linspace(0, 3, len(problem.cost))
    expected = [[cuts_of(each, [state])[0].at(units) for state in problem.states] for each in pool.vectors]
    assert np.allclose(pool.values(units), expected)
    constants, slopes = pool.rows(np.array([1, 0]), np.array([2, 1]))
    assert np.allclose(constants - slopes @ units, [expected[1][2], expected[0][1]])
    assert pool.shapes == 1
    assert np.allclose(pool.least(units), expected[0])


def test_vectors_of_another_shape_say_nothing(make_program_of_plan):
    """Tests that a vector that does not fit bounds no state."""
    problem = make_program_of_plan(0)
    pool = PricePool(problem.states)
    nothing = np.zeros((1, 1))
    pool.add(PriceVector(nothing, nothing, nothing, nothing, np.zeros(1)))
    assert np.isneginf(pool.values(np.zeros(len(problem.cost)))[1]).all()


@pytest.mark.parametrize("price", [1e300, -1e300])
def test_prices_beyond_all_measure_make_no_cut(make_program_of_plan, price):
    """Tests prices whose payments overflow: they bound no state, and leave the other cuts as they are."""
    problem = make_program_of_plan(0)
    pool, units = PricePool(problem.states), np.ones(len(problem.cost))
    before = pool.values(units)
    zero = PriceVector.zero(problem.states[0].structure)
    pool.add(PriceVector(zero.capacity + 1e300, zero.supply + price, zero.intake + 1e300, zero.link, zero.cap + 1e300))
    values = pool.values(units)
    assert (values[:1] == before).all()
    assert not np.isnan(values).any()
    assert (values[1] <= before[0]).all()


@pytest.mark.slow
@pytest.mark.parametrize("most_pricings", [40_000, 3, 0])
def test_vectors_added_together_are_those_added_alone(make_program_of_plan, most_pricings):
    """Tests rows, bounds and the pricings left, with states of several kinds and a vector that fits none of them."""
    problem = make_program_of_plan(0)
    raised = [replace(each, added=each.added * (1 + place)) for place, each in enumerate(problem.states)]
    states = (*problem.states, *raised)
    units = np.linspace(0, 3, len(problem.cost))
    solved = [PriceVector.of(solve_structure(each.at(units), HiGHS())[0].prices) for each in states]
    unfit = PriceVector(*[np.zeros((1, 1))] * 4, np.zeros(1))
    found = [*zip(solved, range(len(states)), strict=True), (unfit, 1), (solved[0], None)]
    together, alone = (PricePool(states, most_pricings=most_pricings) for _ in range(2))
    together.add_together(found)
    for prices, owner in found:
        alone.add(prices, owner)
    assert len(set(together.shape_of.tolist())) == 3
    assert together.proven == alone.proven
    expected = alone.values(units)
    assert np.array_equal(np.isneginf(together.values(units)), np.isneginf(expected))
    np.testing.assert_allclose(together.values(units), expected, rtol=1e-12)


@pytest.mark.slow
def test_the_nearest_vectors_prove_most_there(make_program_of_plan):
    """Tests that the vectors come in the order of what they prove of a state, at most three and none of prices of 0."""
    problem = make_program_of_plan(0, factors=(0.7, 0.9, 1.1, 1.3, 1.5))
    pool = PricePool(problem.states)
    units = np.linspace(0, 3, len(problem.cost))
    assert pool.nearest(0, units) == ()
    for state in problem.states:
        pool.add(PriceVector.of(solve_structure(state.at(units), HiGHS())[0].prices))
    values = pool.values(units)
    for state in range(len(problem.states)):
        found = [pool.vectors.index(each) for each in pool.nearest(state, units)]
        assert values[found, state].tolist() == sorted(values[pool.shapes :, state], reverse=True)[:3]


def test_there_is_room_for_any_number_of_vectors(make_program_of_plan):
    """Tests that vectors beyond the first room keep their cuts."""
    problem = make_program_of_plan(0)
    zero = PriceVector.zero(problem.states[0].structure)
    pool = PricePool(problem.states, [zero] * 40)
    assert np.allclose(pool.values(np.zeros(len(problem.cost)), 35), pool.values(np.zeros(len(problem.cost)))[:6])
    assert len(pool.vectors) == 41


@pytest.mark.slow
def test_the_vectors_of_most_use_come_last(make_program_of_plan):
    """Tests that any last few of the choice prove at least what any one more of the others could add to them."""
    problem = make_program_of_plan(0, factors=(0.7, 0.9, 1.1, 1.3, 1.5))
    pool = PricePool(problem.states)
    units = np.linspace(0, 3, len(problem.cost))
    for state in problem.states:
        pool.add(PriceVector.of(solve_structure(state.at(units), HiGHS())[0].prices))
    chosen = pool.choice(units, problem.weights)
    assert sorted(map(id, chosen)) == sorted(map(id, pool.vectors[pool.shapes :]))

    def proven(vectors):
        return float(problem.weights @ PricePool(problem.states, vectors).values(units).max(axis=0))

    assert proven(chosen[-1:]) == pytest.approx(max(proven([each]) for each in chosen))
    assert proven(chosen[-2:]) == pytest.approx(max(proven([each, chosen[-1]]) for each in chosen[:-1]))


def test_without_pricings_a_vector_is_for_the_kin_of_its_state_alone(make_program_of_plan):
    """Tests two kinds of states, of which a vector bounds the one that it was proven for."""
    problem = make_program_of_plan(0)
    first, other, *_ = problem.states
    dearer = replace(other.structure, unserved_cost=2 * other.structure.unserved_cost)
    other = replace(other, formulation=replace(other.formulation, structure=dearer))
    prices = PriceVector.of(solve_structure(first.structure, HiGHS())[0].prices)
    nothing = np.zeros(len(problem.cost))
    pool = PricePool([first, other], most_pricings=3)
    pool.add(prices, 0)
    pool.add(prices, 0)
    both, alone = pool.values(nothing)[pool.shapes :]
    assert np.isfinite(both).all()
    assert alone[0] == both[0]
    assert np.isneginf(alone[1])
    assert len(PricePool([first, other], [prices] * 5, most_pricings=6).vectors) == pool.shapes + 3


def test_a_copy_grows_on_its_own(make_program_of_plan):
    """Tests that a pool of the same states is copied with its cuts, and that of other states is made anew."""
    problem = make_program_of_plan(0)
    zero = PriceVector.zero(problem.states[0].structure)
    pool = PricePool(problem.states, [zero] * 3)
    units = np.ones(len(problem.cost))
    copied, fresh = pool_of(problem.states, pool), pool_of(problem.states[:2], pool)
    assert np.array_equal(copied.values(units), pool.values(units))
    copied.add(zero)
    assert (len(copied.proven), len(pool.proven), len(fresh.proven)) == (4, 3, 3)
    assert np.array_equal(fresh.values(units), pool.values(units)[:, :2])
    assert len(pool_of(problem.states, [zero]).proven) == 1
