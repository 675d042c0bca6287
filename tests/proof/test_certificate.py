"""The certificate: every honest solution passes, every corrupted one is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.model.program import LPSolution
from placer.model.scaling import IN_USE, scale
from placer.proof.certificate import BASIC, INTERIOR, Certificate, Tolerances, certify
from placer.solve import to_program
from placer.solvers.highs import HiGHS
from placer.termination import Reason, Termination

OPTIMAL = Termination(Reason.OPTIMAL)


def _answer(values, duals, *, basic=True):
    return LPSolution(OPTIMAL, np.array(values, dtype=float), np.array(duals, dtype=float), basic=basic)


def test_proof_of_a_known_optimum(program):
    """Tests the figures of a certificate worked out by hand."""
    certificate = certify(program, _answer([2, 2], [2.5, 0.5]))
    assert certificate.proven
    assert certificate.objective == certificate.bound == 10
    assert certificate.primal_infeasibility == 0
    assert certificate.dual_infeasibility == 0
    assert certificate.complementarity == 0
    assert certificate.gap == 0


def test_feasible_point_that_is_not_optimal(program):
    """Tests that a dearer feasible point has the gap it has: (13 - 10) / 13."""
    certificate = certify(program, _answer([3, 2], [2.5, 0.5]))
    assert certificate.gap == pytest.approx(3 / 13)
    assert certificate.complementarity == pytest.approx(2.5 / 13)
    assert not certificate.proven


@pytest.mark.parametrize(
    ("lower", "upper", "value"),
    [(4, np.inf, 3), (-np.inf, 4, 5), (-4, np.inf, -5), (-np.inf, -4, -3), (-4, 4, -5), (-4, 4, 5)],
)
def test_violated_row_is_measured_relative_to_its_side(make_program, lower, upper, value):
    """Tests that a row beyond a side of 4 or -4 by 1 is infeasible by 1 / 5, whichever side it is."""
    program = make_program([1.0], [[1.0]], [lower], [upper], [-np.inf], [np.inf])
    assert certify(program, _answer([value], [0])).primal_infeasibility == 1 / 5


@pytest.mark.parametrize(("value", "product"), [(3, 1 / 3), (5, 1 / 5), (4, 0)])
@pytest.mark.parametrize("sign", [1, -1])
def test_product_is_of_the_dual_and_its_distance_from_either_side(make_program, value, product, sign):
    """Tests that 1 short of or beyond a side of 4 worth 1 is a product of 1, over a cost of the value."""
    lower, upper = (4, np.inf) if sign > 0 else (-np.inf, 4)
    program = make_program([sign], [[1.0]], [lower], [upper])
    assert certify(program, _answer([value], [sign])).complementarity == pytest.approx(product)


@pytest.mark.parametrize("sign", [1, -1])
def test_dual_that_presses_on_no_side_proves_nothing(make_program, sign):
    """Tests that a dual of 0.5 towards a side that is not there has no product and counts 0 in the bound.

    What it is worth is then that of the column alone: x at its bound of 1 costs 1.
    """
    lower, upper = (-np.inf, 4) if sign > 0 else (-4, np.inf)
    program = make_program([sign], [[1.0]], [lower], [upper], [-1 if sign < 0 else 1], [-1 if sign < 0 else 1])
    certificate = certify(program, _answer([sign], [0.5 * sign]))
    assert certificate.bound == 1
    assert certificate.dual_infeasibility == 0.5
    assert certificate.complementarity == 0


def test_program_without_rows(make_program):
    """Tests that a program of bounds alone is proven by reduced costs."""
    program = make_program([2.0], [], [], [], [3], [5])
    certificate = certify(program, _answer([3], []))
    assert certificate.proven
    assert certificate.objective == certificate.bound == 6


def test_violated_bound_is_measured_as_it_is(program):
    """Tests that a column above its bound by 2 is infeasible by 2."""
    assert certify(program, _answer([11, 11], [2.5, 0.5])).primal_infeasibility == 2


def test_dual_of_the_wrong_sign_is_found(program):
    """Tests that a dual that presses against an absent side is dual infeasible by its size, and worth nothing."""
    certificate = certify(program, _answer([2, 2], [2.5, -0.5]))
    assert certificate.dual_infeasibility == 0.5
    assert certificate.bound == 2.5 * 4 - 0.5 * 9, "that of duals 2.5 and 0, with b at its upper bound of 9"


def test_costs_below_0_are_measured_by_their_size(make_program):
    """Tests that a cost of -3 where -6 can be had has a gap of 1, and the same without any penalty."""
    certificate = certify(make_program([-3.0], [[1.0]], [0], [np.inf], [0], [2]), _answer([1], [0]))
    assert certificate.gap == certificate.serving_gap == 1


def test_all_is_the_cost_of_serving_where_nothing_is_unserved(program):
    """Tests that a program without a block of unserved demand has one gap: (13 - 10) / 13."""
    certificate = certify(program, _answer([3, 2], [2.5, 0.5]))
    assert certificate.gap == certificate.serving_gap == pytest.approx(3 / 13)


@pytest.mark.parametrize("figure", ["gap", "serving_gap"])
def test_cost_below_the_bound_is_refused(figure):
    """Tests that a gap below 0 fails by its size: a cost below what is proven is a point that is none."""
    fine = Certificate(1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, BASIC)
    assert fine.proven
    wrong = replace(fine, **{figure: -0.5})
    assert wrong.failures == (f"{figure.replace('_', ' ')} 0.5 > {getattr(BASIC, figure):g}",)


FIGURES = ("primal_infeasibility", "dual_infeasibility", "complementarity", "gap", "serving_gap")


@pytest.mark.parametrize("figure", FIGURES)
def test_every_figure_is_held_against_its_tolerance(figure):
    """Tests that a figure at its tolerance passes, that one above it or NaN does not, and that it is named."""
    tolerance = getattr(BASIC, figure.removesuffix("_infeasibility"))
    fine = Certificate(1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, BASIC)
    assert replace(fine, **{figure: tolerance}).proven
    for value in (np.nextafter(tolerance, 1.0), np.nan):
        (failure,) = replace(fine, **{figure: value}).failures
        assert failure.startswith(figure.replace("_", " "))


def test_feasible_is_within_its_tolerance():
    """Tests that a point that violates rows by no more than the tolerance is feasible, one by more is not."""
    fine = Certificate(1.0, 0.0, BASIC.primal, 1.0, 1.0, 1.0, 1.0, BASIC)
    assert fine.feasible
    assert not replace(fine, primal_infeasibility=np.nextafter(BASIC.primal, 1.0)).feasible


@pytest.mark.parametrize("sign", [1, -1])
def test_a_dual_too_large_to_be_one_is_refused(make_program, sign):
    """Tests that a dual above 1e15 is dual infeasible, even of a row without entries whose side of 0 it presses on."""
    program = make_program([1.0], [[0.0], [1.0]], [0, 2], [0, 2])
    assert certify(program, _answer([2], [sign * 1e15, 1])).proven
    certificate = certify(program, _answer([2], [sign * np.nextafter(1e15, np.inf), 1]))
    assert certificate.dual_infeasibility == np.inf


@pytest.fixture
def make_short(make_program):
    """Return a function that makes: least 3a + penalty u with a + u = 4, a <= 1, of which u is unserved."""

    def make(penalty, serving=3.0):
        program = make_program([serving, penalty], [[1, 1]], [4], [4], [0, 0], [1, np.inf])
        return replace(program, col_blocks={"x": slice(0, 1), "u": slice(1, 2)})

    return make


def test_prices_that_a_penalty_hides_are_refused(make_short):
    """Tests that a price of 999.999 in place of 1000 is held against the 3 that serving costs, not the 3003 in all.

    It proves 3 * 999.999 + 3, which is 0.003 less.
    """
    program = make_short(1000)
    assert certify(program, _answer([1, 3], [1000])).proven
    certificate = certify(program, _answer([1, 3], [1000 - 0.001]))
    assert certificate.gap == pytest.approx(0.003 / 3003)
    assert certificate.serving_gap == pytest.approx(0.003 / 3)
    assert certificate.complementarity == pytest.approx(0.003 / 3)


@pytest.mark.parametrize("serving", [3.0, -3.0])
def test_serving_that_is_little_beside_the_penalty_has_a_gap_nonetheless(make_short, serving):
    """Tests that beside a penalty of 3e6 the gap is one of 1e-4 of it, beside one of 12 of the 3 of serving."""
    certificate = certify(make_short(1e6, serving), _answer([1, 3], [1e6 - 1]))
    assert certificate.serving_gap == pytest.approx(3 / 300)
    certificate = certify(make_short(4, serving), _answer([1, 3], [3.5]))
    assert certificate.serving_gap == pytest.approx(1.5 / 3)


def test_penalties_below_0_are_measured_by_their_size(make_short):
    """Tests that a reward for what is unserved counts by its size, as a penalty does."""
    program = replace(make_short(-1e6, 0.0), col_upper=np.array([1.0, 3.0]))
    assert certify(program, _answer([1, 3], [-1.0])).serving_gap == pytest.approx(1 / 300)


@pytest.mark.parametrize("dear", [1.0, 4.0, 8.0])
def test_costs_near_0_are_measured_by_1(make_program, dear):
    """Tests that where the cost is near 0 gap, serving gap and products are relative to 1, or to any larger cost."""
    program = make_program([dear], [[1.0]], [0], [np.inf])
    certificate = certify(program, _answer([0.25], [0.5 * dear]))
    assert certificate.gap == certificate.serving_gap == 0.25 * dear / max(1, 0.25 * dear)
    assert certificate.complementarity == 0.125 * dear / max(1, 0.25 * dear)


def test_costs_that_nothing_bears_measure_no_gap(make_program):
    """Tests that the gap is relative to 1e-9 where all columns in use cost as much, dear ones or rounding beside."""
    program = make_program([1e-9, 1.0, 1.0], [[1.0, 1.0, 1.0]], [0], [np.inf])
    certificate = certify(program, _answer([0.25, 0, 1e-12], [0.5e-9]))
    assert certificate.gap == pytest.approx(0.251)
    assert certificate.complementarity == pytest.approx(0.125)


@pytest.mark.parametrize(("cost", "value", "expected"), [(-0.01, 0.25, 1.75), (0.01, -0.25, 0.75)])
def test_costs_and_values_below_0_count_by_their_size(make_program, cost, value, expected):
    """Tests that the gap is relative to 0.01, with a bound of -0.02, or of -0.01 at the lower side of the column."""
    program = replace(make_program([cost], [[1.0]], [-np.inf], [1.0]), col_lower=np.array([-1.0 * (value < 0)]))
    assert certify(program, _answer([value], [-0.02 * (cost < 0)])).gap == pytest.approx(expected)


def test_a_value_of_rounding_is_not_in_use(make_program):
    """Tests that the gap is relative to 0.01 where the other column has just what counts as rounding."""
    program = make_program([0.01, 1.0], [[1.0, 1.0]], [0], [np.inf])
    assert certify(program, _answer([0.25, IN_USE], [0.0])).gap == pytest.approx(0.25)


def test_costs_of_0_are_measured_by_1(make_program):
    """Tests that nothing is divided by a cost of 0."""
    program = make_program([0.0], [[1.0]], [0], [np.inf])
    assert certify(program, _answer([1.0], [0.0])).gap == 0


def test_reduced_cost_of_the_wrong_sign_is_found(make_program):
    """Tests that a column without upper bound must not have a negative reduced cost."""
    program = make_program([1, 1], [[1, 1]], [2], [np.inf])
    assert certify(program, _answer([1, 1], [1.25])).dual_infeasibility == 0.25


def test_implied_bound_turns_wrong_duals_into_a_bound(make_program):
    """Tests that a reduced cost of -0.25 on a column implied to be at most 2 lowers the bound by 0.5 a column."""
    program = replace(make_program([1, 1], [[1, 1]], [2], [2]), implied_upper=np.array([2.0, 2.0]))
    assert certify(program, _answer([1, 1], [1.25])).bound == 2.5 - 2 * 0.5


@pytest.mark.parametrize("seed", range(20))
def test_bound_holds_for_any_duals(make_random_instance, seed):
    """Tests that whatever duals are given, of whatever sign, the bound never exceeds the least cost."""
    program = scale(to_program(make_random_instance(seed)))[0]
    answer = HiGHS().solve(program)
    optimum = program.cost @ answer.values
    random = np.random.default_rng(seed)
    for spread in (1e-9, 1e-6, 1e-2, 1.0):
        duals = answer.row_duals + spread * random.standard_normal(len(answer.row_duals))
        bound = certify(program, replace(answer, row_duals=duals)).bound
        assert bound <= optimum + 1e-9 * max(1, abs(optimum))


def test_objective_is_reported_in_its_unit(program):
    """Tests that cost and bound are multiplied by the unit, and relative figures are not."""
    certificate = certify(program, _answer([3, 2], [2.5, 0.5]), objective_unit=100.0)
    assert (certificate.objective, certificate.bound) == (1300, 1000)
    assert certificate.gap == pytest.approx(3 / 13)


@pytest.mark.parametrize(("values", "duals"), [([np.nan, 2], [2.5, 0.5]), ([2, 2], [np.nan, 0.5])])
def test_nan_is_refused(program, values, duals):
    """Tests that NaN in a solution makes a certificate fail rather than pass every comparison."""
    assert not certify(program, _answer(values, duals)).proven


def test_inf_is_refused(program):
    """Tests that an infinite value is refused."""
    with np.errstate(invalid="ignore"):
        assert not certify(program, _answer([np.inf, 2], [2.5, 0.5])).proven


@pytest.mark.parametrize(("missing", "problem"), [("values", "no point"), ("row_duals", "no duals")])
def test_nothing_to_certify_is_an_error(program, missing, problem):
    """Tests that a certificate is not made from half a solution."""
    with pytest.raises(ValueError, match=problem):
        certify(program, replace(_answer([2, 2], [2.5, 0.5]), **{missing: None}))


def test_tolerances_follow_the_kind_of_solution(program):
    """Tests that only a point inside is allowed the wider gap."""
    assert certify(program, _answer([2, 2], [2.5, 0.5])).tolerances == BASIC
    assert certify(program, _answer([2, 2], [2.5, 0.5], basic=False)).tolerances == INTERIOR
    assert Tolerances(1e-7, 1e-7, 1e-6, 1e-9, 1e-6) == BASIC
    assert Tolerances(1e-7, 1e-7, 1e-6, 1e-6, 1e-6) == INTERIOR


@pytest.mark.parametrize("figure", ["primal_infeasibility", "dual_infeasibility"])
def test_text_has_the_larger_infeasibility(program, figure):
    """Tests that either of them is shown where the other is 0."""
    certificate = replace(certify(program, _answer([2, 2], [2.5, 0.5])), **{figure: 0.25})
    assert "infeasibility 2.5e-01" in repr(certificate)


def test_failures_name_figure_and_tolerance(program):
    """Tests that a refusal says what exceeds what, and that the verdict joins all of it or is one word."""
    certificate = certify(program, _answer([3, 2], [2.5, 0.5]))
    assert certificate.failures == (
        "complementarity 0.19 > 1e-06",
        "gap 0.23 > 1e-09",
        "serving gap 0.23 > 1e-06",
    )
    assert certificate.verdict == "not proven: complementarity 0.19 > 1e-06; gap 0.23 > 1e-09; serving gap 0.23 > 1e-06"
    assert certify(program, _answer([2, 2], [2.5, 0.5])).verdict == "proven"
