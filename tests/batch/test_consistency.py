"""What the figures of a row agree on: those of real rows do, and each contradiction is found."""

from __future__ import annotations

import math

import pytest

import placer
from placer.batch.bounding import BOUNDED
from placer.batch.consistency import is_consistent
from placer.batch.figures import figures_of
from placer.placement.accounts import COST_PARTS
from placer.utils.processes import InThisProcess
from tests.batch.executors import EVERY
from tests.effort import tries

#: Six of cost in parts, a penalty of four, and a bound just below their sum.
ROW = {
    "status": "optimal",
    "seconds": 0.5,
    "cost_usd": 6.0,
    **{f"{part}_usd": 0.0 for part in COST_PARTS},
    "accelerators_usd": 7.0,
    "energy_usd": -1.0,  # earned
    "penalty_usd": 4.0,
    "demand_mtok": 2.0,
    "unserved_share": 0.5,
    "bound_usd": 10.0 - 1e-7,
    "gap": 1e-8,
    "price_p05_usd_per_mtok": -1.0,
    "price_p50_usd_per_mtok": 2.0,
    "price_p95_usd_per_mtok": None,
    "economic_share_low": 0.25,
    "economic_share_high": 0.25 - 1e-9,
    "ceiling_share": 0.4,
    "ceiling_latency_share": 0.6,
    "ceiling_gap": 0.0,
    "latency_takes_share": -0.1,
}


@pytest.mark.parametrize("seed", range(tries(2, 20)))
def test_rows_of_random_instances_agree(make_random_instance, seed):
    """Tests every analysis of an instance, and of the same with a tenth of its accelerators."""
    instance = make_random_instance(seed)
    centres = instance.data_centres
    short = instance.replace(data_centres=centres.assign(accelerators=0.1 * centres["accelerators"]))
    for each in (instance, short):
        row = {"status": "optimal", "seconds": 0.1} | figures_of(each, ("cost", "unserved", "economic"), (), math.inf)
        missing = {name: None for name, value in row.items() if isinstance(value, float) and math.isnan(value)}
        assert is_consistent(row | missing)  # as a store gives it back


@pytest.mark.slow
def test_rows_of_a_batch_agree():
    """Tests every analysis of a set of the smallest dataset, and sets with bounds."""
    sets = placer.DemandSets(placer.load("tiny"), count=1, seed=3)
    for given in ({"analyses": EVERY}, {"bounds": 1e-3}):
        (row,) = placer.solve_many(sets, executor=InThisProcess(), **given)
        assert row["status"] == "optimal"
        assert is_consistent(row)


@pytest.mark.parametrize(
    "changed",
    [
        {"cost_usd": 5.0},
        {"energy_usd": -1.0 - 1e-7},
        {"cost_usd": None},
        {"cost_usd": math.inf, "accelerators_usd": math.inf},
        {"water_usd": -math.inf},
        {"penalty_usd": -4.0},
        {"penalty_usd": 3.0},  # below the bound
        {"bound_usd": 10.1},
        {"bound_usd": None},
        {"demand_mtok": -2.0},
        {"demand_mtok": None},
        {"unserved_share": 1.5},
        {"unserved_share": -0.5},
        {"unserved_share": None},
        {"gap": 1e-3},
        {"gap": -1e-3},
        {"gap": None},
        {"seconds": -1.0},
        {"price_p50_usd_per_mtok": -2.0},
        {"price_p95_usd_per_mtok": 1.0},
        {"economic_share_high": 0.2},
        {"economic_share_low": -0.1},
        {"ceiling_share": 0.7},
        {"ceiling_latency_share": 1.1},
        {"ceiling_gap": -1.0},
        {"latency_takes_share": math.inf},
        {"links_stranded_mtok": -1.0},
        {"secure_ceiling_share": 1.2},
        {"price_usd_per_mtok A": math.inf},
    ],
)
def test_contradictions_are_found(changed):
    """Tests a row that agrees, and one figure of it that does not."""
    assert is_consistent(ROW)
    assert not is_consistent(ROW | changed)


@pytest.mark.parametrize(
    "changed",
    [
        {"unserved_share": 1.0 + 1e-7},
        {"gap": -1e-7},
        {"status": BOUNDED, "gap": 1e-3, "bound_usd": 9.99},
        {"cost_usd_per_mtok": None},
        {"price_usd_per_mtok of a share_share": -2.0},  # of a hub
        {"balance_usd the west, seconds": -2.0},
        {"solver": "share"},
    ],
)
def test_rounding_and_other_figures_are_no_contradiction(changed):
    """Tests figures that are off by rounding, may be missing, or end with the name of a hub or a region."""
    assert is_consistent(ROW | changed)


def test_a_bounded_cost_lies_within_its_gap():
    """Tests a gap of 1 and more."""
    assert not is_consistent(ROW | {"status": BOUNDED, "gap": 1.5})


def test_a_set_without_an_answer_has_no_figures_to_agree():
    """Tests a set that was not solved, and the row of another program."""
    assert is_consistent({"status": "time limit", "detail": "", "seconds": 1.0})
    assert is_consistent({"status": "solved", "cost_usd": -math.inf, "unserved_share": 3.0})
