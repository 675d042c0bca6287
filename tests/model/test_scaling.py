"""Scaling to numbers near 1, and back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csc_array

from placer.model.program import LPSolution
from placer.model.scaling import LARGEST_COST, magnitude_range, scale, scale_around, scale_by_used, unscale
from placer.solvers.highs import HiGHS
from placer.termination import Reason, Termination
from placer.utils.solver_limits import WIDEST_RANGE


@pytest.fixture
def wide(make_program):
    """A program whose numbers lie far from 1."""
    return make_program(
        [3e-7, 5e-7, 2e-6],
        [[1e6, 2e6, 0], [0, 3e-4, 5e-4], [7e2, 0, 9e-1]],
        [4e8, 1e-2, -np.inf],
        [np.inf, np.inf, 1e7],
        [0, 0, -np.inf],
        [np.inf, 1e4, 1e5],
    )


def test_kept_columns_have_their_own_units(wide):
    """Tests that scaling around a column leaves its bounds as they are, and every value leads back."""
    scaled, scales = scale_around(wide, np.array([False, True, False]))
    assert (scaled.col_lower[1], scaled.col_upper[1]) == (0, 1e4)
    assert scales.column[1] == scales.size
    solution = HiGHS().solve(scaled)
    there = unscale(solution, scales)
    assert there.point[1] == solution.point[1]
    whole, plain = scale(wide)
    assert wide.cost @ there.point == pytest.approx(wide.cost @ unscale(HiGHS().solve(whole), plain).point)


def _is_power_of_2(values):
    return bool((np.frexp(values)[0] == 0.5).all())


def test_factors_are_powers_of_2(wide):
    """Tests that scaling rounds nothing."""
    _, scales = scale(wide)
    assert _is_power_of_2(scales.row)
    assert _is_power_of_2(scales.column)
    assert _is_power_of_2(np.array([scales.cost, scales.size]))


def test_scaled_program_is_the_documented_one(wide):
    """Tests that each array is multiplied by the factors as documented, bit for bit."""
    scaled, scales = scale(wide)
    np.testing.assert_array_equal(
        scaled.matrix.toarray(), scales.row[:, None] * wide.matrix.toarray() * scales.column[None, :]
    )
    np.testing.assert_array_equal(scaled.cost, wide.cost * scales.column * scales.cost)
    np.testing.assert_array_equal(scaled.row_lower, wide.row_lower * scales.row * scales.size)
    np.testing.assert_array_equal(scaled.col_upper, wide.col_upper / scales.column * scales.size)


def test_numbers_come_near_1(wide):
    """Tests that coefficients come within three orders of 1 from twelve, and costs and sides are centred at 1."""
    scaled, _ = scale(wide)
    size = np.abs(scaled.matrix.data)
    assert magnitude_range(wide) > 1e9
    assert size.min() > 1e-2
    assert size.max() < 1e2
    assert 0.5 <= np.median(np.abs(scaled.cost)) <= 2


def test_scaled_solution_solves_the_program(wide):
    """Tests that a solution of the scaled program, scaled back, is feasible and its duals price it (strong duality)."""
    scaled, scales = scale(wide)
    solution = unscale(HiGHS().solve(scaled), scales)
    values, duals = solution.values, solution.row_duals
    activity = wide.matrix @ values
    assert activity[0] >= 4e8 * (1 - 1e-9)
    assert activity[1] >= 1e-2 * (1 - 1e-9)
    reduced = wide.cost - wide.matrix.T @ duals
    bound = duals[0] * 4e8 + duals[1] * 1e-2 + duals[2] * 1e7 + np.minimum(reduced[1], 0) * 1e4
    bound += np.minimum(reduced[2], 0) * 1e5
    assert wide.cost @ values == pytest.approx(bound, rel=1e-9)


def test_a_few_numbers_far_away_come_nearer(make_program):
    """Tests that factors narrow the range where those of the mean magnitude leave one beyond the reach of solvers.

    Rows as of cuts of a plan: large savings by a unit, small ones, and 1 for the cost of the state.
    """
    far = 1e12
    rows = [[0, 0, 1, 1, 0], [far, 1, far, 1, 0], [far, far, far, 0, 1], [far, far, far, 1, 0], [0, 1, 0, 0, 1]]
    program = make_program([1, 1, 1, 1, 1], rows, [1] * 5, [np.inf] * 5)
    scaled, scales = scale(program)
    assert magnitude_range(scaled) < 0.3 * WIDEST_RANGE
    assert _is_power_of_2(scales.row)
    assert _is_power_of_2(scales.column)


def test_unscale_keeps_what_is_absent():
    """Tests that a solution without point or duals passes through."""
    solution = LPSolution(Termination(Reason.TIME_LIMIT))
    assert vars(unscale(solution, None)) == vars(solution)


def test_program_of_1s_stays_as_it_is(make_program):
    """Tests that a program already near 1 gets factors of 1."""
    _, scales = scale(make_program([1, 1], [[1, 1]], [1], [np.inf]))
    assert scales.row.tolist() == [1]
    assert scales.column.tolist() == [1, 1]
    assert (scales.cost, scales.size) == (1, 1)


def test_empty_rows_and_columns(make_program):
    """Tests that rows and columns without entries, and zero costs and sides, get factors of 1."""
    program = make_program([0, 0], [[0, 0]], [0], [np.inf])
    scaled, scales = scale(program)
    assert scales.row.tolist() == [1]
    assert scales.column.tolist() == [1, 1]
    assert (scales.cost, scales.size) == (1, 1)
    np.testing.assert_array_equal(scaled.row_upper, program.row_upper)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_stays_so(wide, value):
    """Tests that NaN and inf pass through silently, for the solver to refuse."""
    matrix = wide.matrix.toarray()
    matrix[0, 0] = value
    scaled, _ = scale(replace(wide, matrix=csc_array(matrix)))
    assert not np.isfinite(scaled.matrix.toarray()[0, 0])
    assert np.isfinite(scaled.cost).all()


def test_magnitude_range(make_program):
    """Tests that the range is largest over smallest magnitude, signs and zeros aside, and 1 where there is nothing."""
    assert magnitude_range(make_program([1, 1], [[-8, 0.5]], [1], [1])) == 16
    assert magnitude_range(make_program([1], [[0]], [1], [1])) == 1


@pytest.mark.parametrize("side", [1e-9, 1.0, 1e9])
def test_a_row_without_entries_is_held_to_its_own_side(make_program, side):
    """Tests that 0 >= side is far from met beside sides of 1e7, whatever the side."""
    program = make_program([1.0], [[1.0], [0.0]], [1e7, side], [np.inf, np.inf], [0], [np.inf])
    program = replace(program, matrix=csc_array(([1.0], ([0], [0])), shape=(2, 1)))
    scaled, scales = scale(program)
    assert 0.5 <= scaled.row_lower[1] <= 2.0
    assert _is_power_of_2(scales.row)
    assert HiGHS().solve(scaled).termination.reason is Reason.INFEASIBLE


@pytest.mark.parametrize(("used", "cost"), [([1, 1, 0], 0.75), ([0, 0, 1], 2.0**-41 * 3)])
def test_costs_that_are_used_come_near_1(make_program, used, cost):
    """Tests that costs are scaled up by those of the columns in use, and never down, with the same solution."""
    program = make_program([2.0**-41 * 3, 2.0**-41 * 3, 1.0], [[1.0, 1.0, 1.0]], [1], [np.inf])
    scaled, scales = scale(program)
    again, factors = scale_by_used(scaled, scales, np.array(used, dtype=float))
    known = scale_by_used(program, replace(scales, cost=1.0), np.array(used, dtype=float))[0].cost[0]
    assert known == cost
    assert again.cost @ scaled.cost > 0
    assert factors.cost / scales.cost == again.cost[0] / scaled.cost[0] >= 1


def test_no_cost_is_scaled_beyond_the_largest(make_program):
    """Tests that the dearest column limits the factor, and that costs of 0 stay."""
    program = make_program([1e-9, 1e9], [[1.0, 1.0]], [1], [np.inf])
    _, scales = scale(program)
    again, _ = scale_by_used(program, scales, np.array([1.0, 0.0]))
    assert LARGEST_COST / 2 < again.cost[1] <= LARGEST_COST
    nothing = make_program([0.0, 0.0], [[1.0, 1.0]], [1], [np.inf])
    assert scale_by_used(nothing, scales, np.ones(2)) == (nothing, scales)
