"""The least change of a limit of a ratio, by hand and against the transformation of Charnes and Cooper."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linprog

from placer.ladder.whole_program import solve_program
from placer.solvers.highs import HiGHS
from placer.solvers.ratios import RatioLimit, nearest_amount
from placer.tolerances import PROOF
from tests.effort import tries


def _solve(program):
    return solve_program(program, HiGHS())[0].point


def _ratio_limit(make_program, counts, wholes, least_sum, upper, *, sign, given):
    """Return the limit of ratios over x in [0, upper] with a sum of at least ``least_sum``."""
    counts, wholes, upper = np.atleast_2d(counts), np.atleast_2d(wholes), np.asarray(upper, dtype=float)

    def program_with(amount):
        matrix = np.vstack([np.ones(len(upper)), sign * (counts - amount * wholes)])
        free = np.full(len(counts), -np.inf)
        program = make_program(
            np.zeros(len(upper)), matrix, [least_sum, *free], [np.inf, *np.zeros(len(counts))], None, upper
        )
        return replace(program, implied_upper=upper)

    return RatioLimit(program_with, np.arange(1, 1 + len(counts)), sign, given)


def test_least_share_by_hand(make_program):
    """Tests 16 to serve, at most 4 of them outside: 12 of 16 must be inside."""
    limit = _ratio_limit(make_program, [1.0, 0.0], [1.0, 1.0], 16.0, [16.0, 4.0], sign=1.0, given=0.5)
    assert nearest_amount(limit, _solve) == pytest.approx(0.75, abs=PROOF)


def test_largest_share_by_hand(make_program):
    """Tests 16 to serve, at most 4 of them green: a quarter can be, where 90 % was asked for."""
    limit = _ratio_limit(make_program, [0.0, 1.0], [1.0, 1.0], 16.0, [16.0, 4.0], sign=-1.0, given=0.9)
    assert nearest_amount(limit, _solve) == pytest.approx(0.25, abs=PROOF)


def test_rows_without_a_whole_do_not_count(make_program):
    """Tests two rows of one amount: the second is about nothing, whatever the amount."""
    counts, wholes = [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]], [[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    limit = _ratio_limit(make_program, counts, wholes, 16.0, [16.0, 4.0, 0.0], sign=1.0, given=0.1)
    assert nearest_amount(limit, _solve) == pytest.approx(0.75, abs=PROOF)


@pytest.mark.parametrize("seed", range(tries(4, 12)))
def test_one_ratio_is_that_of_charnes_and_cooper(make_program, seed):
    """Tests random shares against min c z with z = x / (w x): w z = 1, sum z >= least_sum t, 0 <= z <= upper t."""
    random = np.random.default_rng(seed)
    count, sign = 5, random.choice([1.0, -1.0])
    wholes = random.uniform(0.5, 2.0, count)
    counts = wholes * random.choice([0.0, 0.5, 1.0, 0.3], count)
    upper = random.uniform(1.0, 4.0, count)
    least_sum = float(0.7 * upper.sum())
    limits = np.vstack([np.append(-np.ones(count), least_sum), np.hstack([np.eye(count), -upper[:, None]])])
    found = linprog(
        np.append(sign * counts, 0.0),
        limits,
        np.zeros(1 + count),
        np.append(wholes, 0.0)[None, :],
        [1.0],
        bounds=(0, None),
    )
    best = sign * found.fun
    given = best - sign * 0.2
    limit = _ratio_limit(make_program, counts, wholes, least_sum, upper, sign=sign, given=given)
    assert nearest_amount(limit, _solve) == pytest.approx(best, abs=2 * PROOF)


@pytest.mark.parametrize("seed", range(6))
def test_several_ratios_hold_at_the_amount_and_not_nearer(make_program, seed):
    """Tests random rows of one amount: they hold with it, and no longer with one nearer to what was given."""
    random = np.random.default_rng(seed)
    wholes = random.uniform(0.5, 2.0, (3, 6)) * random.integers(0, 2, (3, 6))
    counts = wholes * random.choice([0.2, 0.6, 1.0], (3, 6))
    upper = random.uniform(1.0, 4.0, 6)
    limit = _ratio_limit(make_program, counts, wholes, float(0.9 * upper.sum()), upper, sign=1.0, given=0.0)
    found = nearest_amount(limit, _solve)
    nearer = found - 3 * PROOF

    def violation(amount):
        matrix = np.vstack([-np.ones(6), counts - amount * wholes])
        columns = np.hstack([matrix, -np.vstack([np.zeros(3), np.eye(3)])])
        sides = [-0.9 * upper.sum(), 0.0, 0.0, 0.0]
        return linprog(
            [*np.zeros(6), 1, 1, 1], columns, sides, bounds=[*((0, top) for top in upper), *[(0, None)] * 3]
        ).fun

    assert violation(found + 1e-9) == pytest.approx(0.0, abs=1e-8)
    assert violation(nearer) > 1e-7
