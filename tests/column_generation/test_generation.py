"""Tests of column generation as a whole: masters, rounds, known prices, and properties of the cost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.column_generation import generation
from placer.column_generation.deadline import Deadline, OutOfTimeError
from placer.column_generation.descent import descend
from placer.column_generation.dual.path import PricePath
from placer.column_generation.generation import generate, solve_masters
from placer.column_generation.market.definition import market
from placer.column_generation.market.pricing import bound, price
from placer.column_generation.master.program import Master
from placer.column_generation.parameters import (
    ColumnGenerationParameters,
    MasterParameters,
    ShortlistParameters,
    WarmStartParameters,
)
from placer.column_generation.solver import ColumnGeneration
from placer.column_generation.start import Start
from placer.errors import NoSolutionError
from placer.proof.answer_certificate import certify_answer
from placer.termination import Reason
from tests.column_generation.costs import GAP, cost
from tests.column_generation.structures_with_caps import with_caps_by_period
from tests.column_generation.structures_with_modes import with_modes, with_parallel_modes
from tests.effort import tries

KINDS = {
    "plain": {},
    "cyclic": {"cyclic": True},
    "capped": {"capped": True},
    "zeros": {"zeros": True},
    "all": {"cyclic": True, "capped": True, "zeros": True},
}
#: The cheap site has room for 12 of 16 units, then for 3 of 6.
SCARCE = {"capacity": [[np.inf, np.inf], [12.0, 3.0]]}
#: Next to no column but one for each demand is in the first master.
LONELY = ColumnGenerationParameters(shortlist=ShortlistParameters(reach_widths=1e-9))
COST = 6 * 21 + 6 * 23 + 4 * 51 + 2 * 21 + 1 * 23 + 3 * 51


@pytest.mark.parametrize(
    ("kind", "seed"),
    # Caps are priced by following the path again and again, so there are fewer of these.
    [(kind, seed) for kind in KINDS for seed in range(4 if KINDS[kind].get("capped") else 12)],
)
def test_cost_is_that_of_the_whole_program(make_random_structure, solve_whole, kind, seed):
    """Tests cost and bound against HiGHS on structures with every kind of row and limit."""
    structure = make_random_structure(100 + seed, **KINDS[kind])
    _, least = solve_whole(structure)
    found = generate(structure, GAP, Deadline())
    assert found.reason is Reason.OPTIMAL
    assert found.best.is_complete
    assert found.best.point.objective == pytest.approx(least, rel=1e-7, abs=1e-7)
    assert found.bound <= least + 1e-7 * abs(least)
    assert found.bound == pytest.approx(least, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(tries(3, 30)))
def test_cost_in_several_modes_is_that_of_the_whole_program(make_random_structure, solve_whole, kind, seed):
    """Tests cost and prices of classes in up to three modes, each over some of the arcs, against HiGHS."""
    structure = with_modes(make_random_structure(200 + seed, **KINDS[kind]), seed)
    _, least = solve_whole(structure)
    certificate = certify_answer(structure, ColumnGeneration().answer(structure), gap=1e-6)
    assert certificate.proven
    assert certificate.objective == pytest.approx(least, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("modes", [None, with_modes, with_parallel_modes])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(tries(3, 100)))
def test_cost_with_caps_by_period_is_that_of_the_whole_program(make_random_structure, solve_whole, kind, seed, modes):
    """Tests cost and certificate of several caps for each site and period, beside others or alone, against HiGHS."""
    structure = with_caps_by_period(make_random_structure(300 + seed, **KINDS[kind]), seed)
    structure = structure if modes is None else modes(structure, seed)
    _, least = solve_whole(structure)
    certificate = certify_answer(structure, ColumnGeneration().answer(structure), gap=1e-6)
    assert certificate.proven
    assert certificate.objective == pytest.approx(least, rel=1e-6, abs=1e-6)


def test_by_hand(make_structure):
    """Tests cost, bound and the price of the scarce site: 28 in both periods."""
    found = generate(make_structure(**SCARCE), GAP, Deadline())
    assert found.best.point.objective == pytest.approx(COST)
    assert found.bound == pytest.approx(COST)
    assert found.best.prices == pytest.approx(np.array([[0.0, 28.0], [0.0, 28.0]]))


@pytest.mark.parametrize("window", [0, 1])
def test_nothing_is_worth_serving(make_structure, window):
    """Tests that where the penalty is below any cost all is left, whether work may wait or not."""
    assert cost(make_structure(unserved_cost=[1.0], window=[window], **SCARCE)) == pytest.approx(22.0)


def test_nowhere_to_go(make_structure):
    """Tests that demand without any arc is left."""
    none = {name: np.zeros(0) for name in ("arc_class", "arc_origin", "arc_site", "arc_cost")}
    assert cost(make_structure(**none)) == pytest.approx(22_000.0)


def test_one_period_one_site(make_structure):
    """Tests the least structure there is: 10 units, room for 4 at 51."""
    least = {
        "demand_class": [0],
        "demand_origin": [0],
        "demand_period": [0],
        "demand_amount": [10.0],
        "arc_class": [0],
        "arc_origin": [0],
        "arc_site": [0],
        "arc_cost": [1.0],
        "work_cost": [[0.0]],
        "use": [[1.0]],
        "draw": [[1.0]],
        "capacity": [[4.0]],
        "intake": [[np.inf]],
        "overhead": [[1.0]],
        "tier_site": [0],
        "tier_yield": [1.0],
        "tier_cost": [[50.0]],
        "tier_limit": [[np.inf]],
        "route_links": np.zeros((1, 0)),
        "cap_work": np.zeros((0, 1, 1)),
        "cap_tier": np.zeros((0, 1, 1)),
    }
    assert cost(make_structure(**least)) == pytest.approx(4 * 51 + 6 * 1000)


def _free(structure):
    """Return a start at prices of zero and a width of 1."""
    whole = market(structure)
    return Start(whole, np.zeros(whole.price_shape), np.zeros(2), 1.0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(tries(4, 25)))
def test_cost_of_several_blocks_is_that_of_the_whole_program(make_random_blocks, solve_whole, kind, seed):
    """Tests blocks of unequal length in which work waits, with and without caps that they share, against HiGHS."""
    structure = make_random_blocks(seed, **KINDS[kind])
    _, least = solve_whole(structure)
    found = generate(structure, GAP, Deadline())
    assert found.reason is Reason.OPTIMAL
    assert found.best.point.objective == pytest.approx(least, rel=1e-7, abs=1e-7)
    assert found.bound == pytest.approx(least, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("seed", [0, 1, 4, 8])
def test_columns_come_when_few_are_near(make_random_structure, solve_whole, seed):
    """Tests that from a bad start, with next to no columns, the rounds end at the optimum all the same."""
    structure = make_random_structure(seed, cyclic=True)
    _, least = solve_whole(structure)
    found = solve_masters(structure, _free(structure), GAP, Deadline(), LONELY)
    assert found.best.number > 1
    assert found.best.point.objective == pytest.approx(least, rel=1e-7, abs=1e-7)


@pytest.mark.parametrize("seed", range(6))
def test_ties_are_taken_some_at_a_time(make_random_structure, solve_whole, seed):
    """Tests that where all columns cost the same, few of them at a time lead to the cost of the whole program."""
    structure = make_random_structure(seed, cyclic=True)
    tied = replace(structure, **{name: 0 * getattr(structure, name) for name in ("arc_cost", "work_cost", "tier_cost")})
    _, least = solve_whole(tied)
    few = ColumnGenerationParameters(shortlist=ShortlistParameters(most_in_all=3, most_per_price=0))
    found = generate(tied, GAP, Deadline(), parameters=few)
    assert found.reason is Reason.OPTIMAL
    assert found.best.is_complete
    assert found.best.point.objective == pytest.approx(least, rel=1e-7, abs=1e-6)
    assert found.bound == pytest.approx(least, rel=1e-6, abs=1e-6)


def test_price_of_a_shortfall_rises(make_structure):
    """Tests that where the first price of a shortfall is far too low it is raised until nothing is short."""
    low = ColumnGenerationParameters(master=MasterParameters(shortfall_price_margin=1e-2))
    assert cost(make_structure(**SCARCE), low) == pytest.approx(COST)


def test_out_of_time_on_the_path(make_random_structure, solve_whole):
    """Tests that with no time there is no point, and the bound that prices of zero prove."""
    structure = make_random_structure(1)
    _, least = solve_whole(structure)
    found = generate(structure, GAP, Deadline(1e-9))
    assert (found.reason, found.start, found.best) == (Reason.TIME_LIMIT, None, None)
    whole = market(structure)
    free = np.zeros(whole.price_shape)
    assert found.bound == pytest.approx(bound(whole, free, price(whole, free)))
    assert found.bound <= least


def test_out_of_time_further_on_the_path(make_random_structure, solve_whole):
    """Tests that after some steps the bound is better than at first, and below the optimum, caps and all."""
    structure = make_random_structure(1, capped=True)
    _, least = solve_whole(structure)
    told = []

    def stop(text):
        told.append(text)
        if len(told) == 10:
            raise OutOfTimeError

    later = generate(structure, GAP, Deadline(tell=stop))
    assert (later.reason, later.best) == (Reason.TIME_LIMIT, None)
    assert generate(structure, GAP, Deadline(1e-9)).bound < later.bound <= least


def test_out_of_time_in_a_round(make_structure):
    """Tests that when time is up before the first master the bound of the path stands."""

    def stop(text):
        if text.startswith("round 1"):
            raise OutOfTimeError

    found = generate(make_structure(**SCARCE), GAP, Deadline(tell=stop))
    assert found.reason is Reason.TIME_LIMIT
    assert found.best is None
    assert 0.9 * COST < found.bound <= COST + 1e-9


def test_out_of_time_after_a_round(make_random_structure, solve_whole):
    """Tests that the best point so far is there when time is up later, with a bound below the optimum."""
    structure = make_random_structure(1, cyclic=True)
    _, least = solve_whole(structure)

    def stop(text):
        if text.startswith("round 4"):
            raise OutOfTimeError

    found = solve_masters(structure, _free(structure), GAP, Deadline(tell=stop), LONELY)
    assert found.reason is Reason.TIME_LIMIT
    assert found.best.number == 3
    assert found.best.point.objective > least + 1e-6
    assert found.bound < least + 1e-6


def test_no_step_can_be_computed(make_structure, monkeypatch):
    """Tests that a factor that does not exist is a failure, not an error."""

    def fail(*_, **__):
        raise np.linalg.LinAlgError

    monkeypatch.setattr("placer.column_generation.dual.hessian.Factor", fail)
    assert generate(make_structure(**SCARCE), GAP, Deadline()).reason is Reason.FAILED


@pytest.mark.parametrize("reason", [Reason.FAILED, Reason.TIME_LIMIT])
def test_master_that_fails(make_structure, monkeypatch, reason):
    """Tests that why HiGHS stopped is why generation does, with the bound so far."""

    def fail(*_):
        raise NoSolutionError(reason, "scripted")

    monkeypatch.setattr(Master, "run", fail)
    found = generate(make_structure(**SCARCE), GAP, Deadline())
    assert (found.reason, found.best) == (reason, None)
    assert found.bound > 0


def test_rounds_run_out(make_random_structure, monkeypatch):
    """Tests that where no round was complete it is a failure."""
    monkeypatch.setattr(generation, "SOLVER", -1.0)
    never = ColumnGenerationParameters(master=MasterParameters(most_rounds=3))
    found = generate(make_random_structure(1), GAP, Deadline(), parameters=never)
    assert (found.reason, found.best) == (Reason.FAILED, None)


def test_known_prices(make_structure, monkeypatch):
    """Tests that from the prices of an earlier demand the path is not followed again, and the cost is right."""
    start = descend(make_structure(**SCARCE), Deadline())
    monkeypatch.setattr(generation, "descend", None)
    other = make_structure(**SCARCE | {"demand_amount": [11.0, 6.0, 4.0, 2.0]})
    found = generate(other, GAP, Deadline(), replace(start, market=market(other)))
    assert found.reason is Reason.OPTIMAL
    assert found.best.point.objective == pytest.approx(COST + 51)


def test_known_prices_that_are_far_off(make_random_structure, solve_whole):
    """Tests that from prices of zero, which need more rounds than are allowed, the path is followed."""
    structure = make_random_structure(1, cyclic=True)
    _, least = solve_whole(structure)
    start, once = _free(structure), replace(LONELY, warm_start=WarmStartParameters(most_rounds=1))
    found = generate(structure, GAP, Deadline(), start, once)
    assert found.start is not start
    assert found.best.point.objective == pytest.approx(least, rel=1e-7, abs=1e-7)


@pytest.mark.parametrize(("changed", "iterations"), [(0.0, 0), (1.0, 10_000)])
def test_path_starts_from_known_prices(make_structure, changed, iterations):
    """Tests that where a master takes too long, or much has changed, the path starts at the known prices."""
    brief = ColumnGenerationParameters(warm_start=WarmStartParameters(most_iterations=iterations))
    structure = make_structure(**SCARCE)
    cold = generate(structure, GAP, Deadline())
    found = generate(structure, GAP, Deadline(), replace(cold.start, steps=0, changed=changed), brief)
    assert found.best.point.objective == pytest.approx(COST)
    assert 0 < found.start.steps < cold.start.steps


def test_path_is_followed_from_its_start_where_known_prices_have_no_step(make_structure, monkeypatch):
    """Tests that a curvature that cannot be factorised at the known prices costs time only."""

    def hopeless(*_):
        raise np.linalg.LinAlgError

    monkeypatch.setattr(PricePath, "settle", hopeless)
    structure = make_structure(**SCARCE)
    known = replace(descend(structure, Deadline()), changed=1.0)
    assert generate(structure, GAP, Deadline(), known).best.point.objective == pytest.approx(COST)


def test_progress_is_told(make_structure):
    """Tests that path and rounds say how far they are."""
    told = []
    generate(make_structure(**SCARCE), GAP, Deadline(tell=told.append))
    assert told[0].startswith("nearing the prices, step ")
    assert told[-1] == "round 1"


@pytest.mark.parametrize("error", [NoSolutionError(Reason.ITERATION_LIMIT, "no more"), OutOfTimeError()])
def test_a_round_beyond_a_closed_gap_may_fail(make_structure, monkeypatch, error):
    """Tests a gap of a half, closed by the first round, where the round that would sharpen it fails."""
    solve_round, numbers = generation._solve_round, []

    def failing(structure, opening, number, *rest):
        numbers.append(number)
        if number > 1:
            raise error
        return solve_round(structure, opening, number, *rest)

    monkeypatch.setattr(generation, "_solve_round", failing)
    monkeypatch.setattr(generation, "NOISE", -1.0)  # no gap is sharp
    monkeypatch.setattr(Master, "add", lambda *_: True)  # as if columns were left
    found = generate(make_structure(**SCARCE), 0.5, Deadline())
    assert numbers == [1, 2]
    assert found.reason is Reason.OPTIMAL
    assert found.best.closes(0.5)
