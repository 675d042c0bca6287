"""Alternatives to placements, by hand and against explicit programs with a row for the budget."""

from __future__ import annotations

import math

import pytest

import placer
from placer.least_cost.merged import MergedSlopes
from placer.least_cost.second_objective import Objective
from placer.model.aggregation import near_pairs
from placer.near_optimal.groups import groups_of_placement
from tests.effort import tries


def test_the_small_instance_by_hand(make_instance):
    """Tests 16 Mtok at Y for 20 USD each, 320 in all: X costs 30 more a Mtok, so 10 % pay for 32 / 30 Mtok there.

    All of A's 10 Mtok are exports; B's tokens at X are exports too, and give up none.
    """
    placement = placer.solve(make_instance())
    found = placer.alternatives(placement, 0.1)
    moved = 32 / 30
    ends = found.ranges[["at_least_cost", "least", "most", "least_found", "most_found"]]
    assert ends.loc[("data_centre", "X")].tolist() == pytest.approx([0, 0, moved, 0, moved])
    assert ends.loc[("region", "west")].tolist() == pytest.approx([16, 16 - moved, 16, 16 - moved, 16])
    assert ends.loc[("exports", "w")].tolist() == pytest.approx([10, 10 - moved, 10 + moved, 10 - moved, 10 + moved])
    assert found.ranges.loc[("data_centre", "Y"), "least_share"] == pytest.approx(1 - moved / 16)
    assert found.ranges["proven"].all()
    assert (found.least_usd, found.most_usd) == pytest.approx((320, 352))


def test_answers_of_the_small_instance_by_hand(make_instance):
    """Tests that the first hop brings to X, which is empty at least cost, what 352 USD pay for."""
    found = placer.alternatives(placer.solve(make_instance()), 0.1)
    assert found.answers["cost_usd"].tolist()[:2] == pytest.approx([320, 352])
    assert found.amounts.loc[("hop 1", "data_centre", "X"), "counted"] == pytest.approx(32 / 30)
    assert found.amounts.loc[("hop 1", "data_centre", "X"), "place"] == pytest.approx(1)
    assert found.ranges.loc[("data_centre", "X"), "spanned_share"] == pytest.approx(1)
    hop = found.placements[1]
    assert hop.certificate.feasible
    assert not hop.certificate.proven
    assert hop.certificate.bound == pytest.approx(320)
    assert hop.data_centres["mtok"].tolist() == pytest.approx([32 / 30, 16 - 32 / 30])


def test_work_and_energy_by_hand(make_instance):
    """Tests 2 accelerator-hours and 1 MWh a Mtok: a budget of 32 USD moves 32 / 30 Mtok, and their work and energy."""
    work = {"workload": "w", "accelerator_hours_per_mtok": 2.0, "kwh_per_mtok": 1000.0, "unserved_usd_per_mtok": 1e3}
    placement = placer.solve(make_instance(workloads=[work]))
    for counted, each, unit in (("work", 2.0, "accelerator-hours"), ("energy", 1.0, "MWh")):
        row = placer.alternatives(placement, 0.1, "data_centre", counted=counted).ranges.loc[("data_centre", "X")]
        assert (row["most"], row["most_share"]) == pytest.approx((each * 32 / 30, 2 / 30))
        assert row["unit"] == unit


@pytest.mark.slow
@pytest.mark.parametrize(("within", "share"), [(0.0, 1e-5), (0.003, 2e-6), (0.05, 2e-6)])
@pytest.mark.parametrize("seed", range(tries(1, 200)))
def test_ends_are_those_of_explicit_programs(make_random_instance, least_by_cost_row, seed, within, share):
    """Tests all ends, with a wider tolerance where the explicit program lets the cost exceed the least by rounding."""
    placement = placer.solve(make_random_instance(seed))
    found, apart = placer.alternatives(placement, within), share * placement.formulation.structure.total_demand
    counts = groups_of_placement(placement, None, "tokens").counts.toarray()
    assert found.ranges["proven"].all()
    for counted, (least, most) in zip(counts, found.ranges[["least", "most"]].to_numpy(), strict=True):
        # A row at the least cost itself may have no point by rounding.
        slack = max(within, 1e-10)
        ends = [sign * least_by_cost_row(placement, Objective(sign * counted), slack) for sign in (1.0, -1.0)]
        assert (least, most) == pytest.approx(ends, abs=apart)
    amounts = found.amounts["counted"].unstack("answer")
    assert amounts.ge(found.ranges["least"] - apart, axis=0).all(axis=None)
    assert amounts.le(found.ranges["most"] + apart, axis=0).all(axis=None)
    for each in found.placements:
        assert each.certificate.feasible
        assert each.certificate.objective <= found.most_usd + 1e-9 * abs(found.most_usd)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(1, 12)))
def test_ends_are_those_of_explicit_programs_where_columns_are_generated(
    make_random_instance, least_by_cost_row, seed, monkeypatch
):
    placement = placer.solve(make_random_instance(seed))
    monkeypatch.setattr("placer.least_cost.slopes.default_solver", lambda _: placer.ColumnGeneration())
    found = placer.alternatives(placement, 0.02, "region", answers=1)
    counts = groups_of_placement(placement, "region", "tokens").counts.toarray()
    for counted, (least, most) in zip(counts, found.ranges[["least", "most"]].to_numpy(), strict=True):
        ends = [sign * least_by_cost_row(placement, Objective(sign * counted), 0.02) for sign in (1.0, -1.0)]
        assert (least, most) == pytest.approx(ends, abs=2e-4 * placement.demand_mtok)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(2, 60)))
def test_ends_are_those_of_explicit_programs_where_demands_are_merged(
    make_random_instance, least_by_cost_row, seed, monkeypatch
):
    placement = placer.solve(make_random_instance(seed))
    structure = placement.formulation.structure
    merged = MergedSlopes(structure, near_pairs(structure, 1.0))
    monkeypatch.setattr("placer.least_cost.within.merged_slopes", lambda *_: merged)
    found = placer.alternatives(placement, 0.02)
    counts = groups_of_placement(placement, None, "tokens").counts.toarray()
    assert found.ranges["proven"].all()
    for counted, (least, most) in zip(counts, found.ranges[["least", "most"]].to_numpy(), strict=True):
        ends = [sign * least_by_cost_row(placement, Objective(sign * counted), 0.02) for sign in (1.0, -1.0)]
        assert (least, most) == pytest.approx(ends, abs=2e-6 * placement.demand_mtok)
    for each in found.placements:
        assert each.certificate.feasible
        assert each.certificate.objective <= found.most_usd + 1e-9 * abs(found.most_usd)


def test_bad_arguments_are_listed_at_once(make_instance):
    placement = placer.solve(make_instance())
    with pytest.raises(placer.InstanceError) as caught:
        placer.alternatives(placement, -0.01, {"a": ["X", "Z"], "b": []}, counted="tokns", answers=math.nan)
    told = str(caught.value)
    assert all(part in told for part in ("-0.01", "nan", "'tokns' is unknown", "'Z' is unknown", "has no members"))
    with pytest.raises(placer.ArgumentError, match="expected a placement"):
        placer.alternatives(placement.instance)
    secure = placer.solve(make_instance(), security="data_centres")
    with pytest.raises(placer.ArgumentError, match="not that of a model"):
        placer.alternatives(secure)


def test_no_time_is_told(make_instance):
    placement = placer.solve(make_instance())
    with pytest.raises(placer.NoSolutionError, match="time limit"):
        placer.alternatives(placement, time_limit_seconds=1e-9)


@pytest.mark.slow
def test_demand_with_steps_is_what_is_bought(make_instance):
    offered = make_instance().with_elastic_demand(30, -1.1, between=(10, 90), steps=2)
    found = placer.alternatives(placer.solve(offered), 0.1)
    assert found.bought_demand is not None
    assert "offered_mtok" in found.summary()
    assert found.ranges["proven"].all()


def test_progress_is_told(make_instance):
    told: list[str] = []
    placer.alternatives(placer.solve(make_instance()), groups="region", progress=told.append)
    assert told == ["the range of region east, 1 of 2", "the range of region west, 2 of 2"]
