"""The pool of price vectors."""

from __future__ import annotations

import numpy as np

from placer.planning.cuts import PriceVector, cuts_of
from placer.planning.pool import Pool
from placer.solvers.highs import HiGHS
from placer.solvers.proven import solve_structure


def test_values_and_rows_are_those_of_the_cuts(make_program_of_plan):
    """Tests that the pool keeps for every vector and state the cut that ``cuts_of`` makes."""
    problem = make_program_of_plan(0)
    answer, _ = solve_structure(problem.states[1].structure, HiGHS())
    prices = PriceVector.of(answer.prices)
    pool = Pool(problem.states, [prices])
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
    pool = Pool(problem.states)
    nothing = np.zeros((1, 1))
    pool.add(PriceVector(nothing, nothing, nothing, nothing, np.zeros(1)))
    assert np.isneginf(pool.values(np.zeros(len(problem.cost)))[1]).all()
