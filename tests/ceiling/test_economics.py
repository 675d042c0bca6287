"""Tests of the economic side of exporting."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.ceiling.economics import break_even_gaps, economic_range, export_ranges
from tests.effort import tries
from tests.model.modes_at_random import with_random_modes
from tests.model.modes_by_hand import FAST, MIDDLE, SLOW, modes_abroad
from tests.watched import with_watched

SAME_COST = [{"power_zone": "zx", "usd_per_mwh": 20.0}, {"power_zone": "zy", "usd_per_mwh": 20.0}]
WORK = (("light", 1.0), ("heavy", 3.0))


def test_range_of_a_tie(make_instance):
    """Tests that equal costs everywhere leave the export share anywhere between none and all of it."""
    assert tuple(economic_range(placer.solve(make_instance(power_zones=SAME_COST)))) == pytest.approx((0, 1), abs=1e-9)


def test_range_of_a_unique_optimum(make_instance):
    """Tests that one optimum leaves one share: all of A's 10 Mtok run at the cheap Y, B's 6 stay there."""
    found = economic_range(placer.solve(make_instance()))
    assert tuple(found) == pytest.approx((10 / 16, 10 / 16), abs=1e-9)
    assert not found.detail


def test_net_range_of_a_tie(make_instance):
    """Tests another count: exports of A less what of B is displaced lie between all of B displaced and all of A sent.

    At equal costs A sends up to 10 Mtok west (1 each) and B up to 6 east (-1 each).
    """
    net = np.array([[0.0, 1.0], [-1.0, 0.0]])
    found = economic_range(placer.solve(make_instance(power_zones=SAME_COST)), net)
    assert tuple(found) == pytest.approx((-6 / 16, 10 / 16), abs=1e-9)


def test_range_by_work(make_instance):
    """Tests a weight by hand: A's 10 Mtok of 1 accelerator-hour run at Y, B's 6 of 3 stay: 10 of 28 hours leave."""
    work = [{"workload": name, "accelerator_hours_per_mtok": hours, "kwh_per_mtok": 1000.0} for name, hours in WORK]
    demand = [{"workload": "light", "hub": "A", "mtok": 10.0}, {"workload": "heavy", "hub": "B", "mtok": 6.0}]
    placement = placer.solve(make_instance(workloads=work, demand=demand))
    assert tuple(economic_range(placement, weight="work")) == pytest.approx((10 / 28, 10 / 28), abs=1e-9)
    assert tuple(economic_range(placement)) == pytest.approx((10 / 16, 10 / 16), abs=1e-9)
    with pytest.raises(placer.InstanceError, match="tokens, work, energy, value"):
        economic_range(placement, weight="hours")


def test_a_count_of_another_shape_is_refused(make_instance):
    """Tests that a matrix that does not fit is told with the shape that does."""
    with pytest.raises(placer.InstanceError, match="2 hubs by 2 data centres"):
        economic_range(placer.solve(make_instance()), np.ones((3, 2)))


@pytest.mark.parametrize("solver", [placer.HiGHS(), placer.ColumnGeneration()], ids=lambda solver: solver.name)
@pytest.mark.parametrize("seed", range(tries(4, 12)))
def test_range_is_that_of_the_whole_program(make_random_instance, ends_by_cost_row, seed, solver):
    """Tests both ends against a program over all columns with a row that holds the cost, and that both are proven."""
    placement = placer.solve(make_random_instance(seed, cyclic=bool(seed % 2)), solver, tie_break=None)
    found = economic_range(placement)
    assert not found.detail
    assert tuple(found) == pytest.approx(ends_by_cost_row(placement, placement.formulation.exported), abs=1e-5)


def test_ranges_by_hub_and_workload(make_instance):
    """Tests the ranges by hand: at equal costs every hub may send nothing or all that it asks for."""
    placement = placer.solve(make_instance(power_zones=SAME_COST))
    by_hub = export_ranges(placement, by="hub")
    assert by_hub.loc["A", ["demand_mtok", "low_mtok", "high_mtok"]].tolist() == pytest.approx([10, 0, 10])
    assert by_hub.loc["B", ["low_share", "high_share"]].tolist() == pytest.approx([0, 1])
    by_workload = export_ranges(placement)
    assert by_workload.loc["w", ["low_share", "high_share"]].tolist() == pytest.approx([0, 1])
    assert by_workload["proven"].all()


@pytest.mark.parametrize("seed", range(4))
def test_ranges_hold_what_the_placement_shows(make_random_instance, seed):
    """Tests that every export in the tables of a placement lies in its range."""
    placement = placer.solve(make_random_instance(seed))
    for by, table in (("workload", placement.workloads), ("hub", placement.hubs)):
        ranges = export_ranges(placement, by=by)
        shown = table["exported_mtok"].reindex(ranges.index)
        assert ranges["proven"].all()
        assert (ranges["low_mtok"] - 1e-6 <= shown).all()
        assert (shown <= ranges["high_mtok"] + 1e-6).all()


def test_an_unknown_axis_is_refused(make_instance):
    """Tests that ranges by anything else are refused with what there is."""
    with pytest.raises(placer.InstanceError, match="workload or hub"):
        export_ranges(placer.solve(make_instance()), by="hour")


def test_break_even_gap_by_hand(make_instance):
    """Tests that A may export to Y as long as a MWh there is no dearer than at X, transit aside: 2 USD a Mtok.

    One Mtok takes one MWh, so exporting pays from a gap of 2 USD per MWh; there are 30.
    """
    base = make_instance()
    links = base.links.assign(usd_per_gb=[0.0, 0.0, 2.0])
    work = base.workloads.assign(gb_per_mtok=1.0)
    gaps = break_even_gaps(placer.solve(make_instance(links=links, workloads=work))).loc[("w", "A", "Y")]
    assert gaps["home"] == "X"
    assert gaps["break_even_usd_per_mwh"] == pytest.approx(2)
    assert gaps["gap_usd_per_mwh"] == pytest.approx(30)
    assert gaps["pays"]


def test_range_by_value_counts_what_arrives(make_instance):
    """Tests a weight by hand: A's 10 Mtok of 100 USD go to Y, 40 ms away, and lose 0.08; B's 6 stay."""
    lost = [{"workload": "w", "ms": ms, "share_lost": 0.002 * ms} for ms in (0.0, 500.0)]
    work = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "value_usd_per_mtok": 100.0}
    placement = placer.solve(make_instance(workloads=[work], latency_value=lost))
    assert tuple(economic_range(placement, weight="value")) == pytest.approx((920 / 1600, 920 / 1600), abs=1e-9)


@pytest.mark.slow
def test_gaps_take_one_blas_thread(make_instance, two_blas_threads):
    """Tests that no sum is split among BLAS threads, which would change its last digits."""
    assert two_blas_threads == {2}
    placement, seen = with_watched(placer.solve(make_instance()), "arc_cost")
    break_even_gaps(placement)
    assert seen
    assert all(threads == {1} for threads in seen)


def test_break_even_gap_in_the_mode_that_pays_first():
    """Tests that of two modes far away the frugal one bears the dearest power, though another costs least today.

    Home costs 0.7639 USD a Mtok. Far away 40 a second costs 0.3472 USD and 0.3472 kWh, which pay up to 1,200 USD a
    MWh; 80 a second costs 0.6944 USD and 0.02 kWh, which pay up to 3,472 USD.
    """
    placement = placer.solve(modes_abroad([MIDDLE, FAST | {"kwh_per_mtok": 0.02}], 500.0))
    (row,) = break_even_gaps(placement).reset_index().to_dict("records")
    assert (row["workload"], row["home"], row["data_centre"]) == ("chat", "near", "far")
    assert row["break_even_usd_per_mwh"] == pytest.approx(-(2.2 / 800 - 1 / 400) * 1e6 / 3600 / 2e-5)
    assert row["pays"]


@pytest.mark.slow
def test_ranges_over_modes(make_random_instance):
    """Tests that all leaves in the placement of least cost, and the share by workload."""
    placement = placer.solve(modes_abroad([SLOW, MIDDLE, FAST], chips=100.0))
    assert tuple(economic_range(placement)) == pytest.approx((1.0, 1.0))
    assert tuple(economic_range(placement, weight="work")) == pytest.approx((1.0, 1.0))
    assert export_ranges(placement).loc["chat", ["low_mtok", "high_mtok"]].tolist() == pytest.approx([36.0, 36.0])
    table = break_even_gaps(placer.solve(with_random_modes(make_random_instance(3), 3)))
    assert table.index.is_unique
    ranges = export_ranges(placer.solve(with_random_modes(make_random_instance(3), 3)))
    assert ranges["proven"].all()
    assert (ranges["low_mtok"] <= ranges["high_mtok"] + 1e-9).all()
