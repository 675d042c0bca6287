"""Tests of the entry to export ceilings."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from tests.home_and_abroad import home_and_abroad
from tests.model.modes_by_hand import FAST, MIDDLE, SLOW, modes_abroad, tables


@pytest.mark.slow
def test_a_placement_saves_the_economic_range_a_solve(monkeypatch):
    """Tests that the range from a placement that is there is the same, and that one of another instance is refused."""
    instance = placer.load("tiny")
    solved = placer.export_ceiling(instance).economic_range
    placement = placer.solve(instance)
    monkeypatch.setattr("placer.ceiling.result.place_instance", None)
    found = placer.export_ceiling(instance, placement=placement).economic_range
    assert tuple(found) == pytest.approx(tuple(solved))
    with pytest.raises(placer.InstanceError, match=r"export_ceiling\.placement: it is of another instance"):
        placer.export_ceiling(placer.load("tiny"), placement=placement)


def test_home_region_without_data_centres(make_instance):
    """Tests that a hub whose region has no data centre exports all it can."""
    hubs = [{"hub": "A", "region": "north"}, {"hub": "B", "region": "north"}]
    assert placer.export_ceiling(make_instance(hubs=hubs)).share == pytest.approx(1)


def test_explicit_pairs_decide(make_instance):
    """Tests that only listed pairs of regions count as export."""
    assert placer.export_ceiling(make_instance(exports=(("east", "west"),))).share == pytest.approx(10 / 16)


@pytest.mark.slow
def test_merging_identical_hubs_changes_nothing(make_instance):
    """Tests that a hub split into two halves has the same ceiling and curve."""
    whole = make_instance()
    hubs = [{"hub": "A", "region": "east"}, {"hub": "A2", "region": "east"}, {"hub": "B", "region": "west"}]
    links = [*whole.links.to_dict("records"), {"from": "A2", "to": "X", "rtt_ms": 10.0}]
    demand = [{"workload": "w", "hub": hub, "mtok": mtok} for hub, mtok in (("A", 4.0), ("A2", 6.0), ("B", 6.0))]
    halves = make_instance(hubs=hubs, links=links, demand=demand)
    one, two = placer.export_ceiling(whole), placer.export_ceiling(halves)
    assert one.share == pytest.approx(two.share)
    columns = ["rtt_limit_ms", "share"]
    assert np.allclose(one.curve.table[columns], two.curve.table[columns])


@pytest.mark.parametrize("security", [None, placer.Security()])
def test_limits_that_no_placement_can_meet_are_named(make_instance, security):
    """Tests a least amount above all 16 Mtok of demand."""
    limit = {"limit": "more", "kind": "tokens", "sense": ">=", "amount": 20.0}
    told = r"no placement can meet this limit; .* 'more' \(tokens >= 20\) could be met with amount 16"
    with pytest.raises(placer.NoSolutionError, match=told):
        placer.export_ceiling(make_instance(limits=[limit]), exporting="east", security=security)


def test_a_quota_bounds_the_curve():
    """Tests 100 Mtok at home: 40 made there are served from 1 ms on, and a quota of 30 from abroad at 20 ms."""
    links = [{"from": "users", "to": "own", "rtt_ms": 1}, {"from": "users", "to": "far", "rtt_ms": 20}]
    quota = [{"policy": "quota", "kind": "quota_mtok", "amount": 30, "from_region": "abroad", "to_region": "home"}]
    instance = home_and_abroad([{"mtok": 100}], links=links, policies=quota)
    table = placer.ceiling_curve(instance, exporting="home").table
    assert table["rtt_limit_ms"].tolist() == [0, 1, 20]
    assert table["unserved_mtok"].tolist() == pytest.approx([100, 60, 30])
    assert table["share"].tolist() == pytest.approx([0, 0, 0.3])
    assert table["exact"].all()
    assert placer.export_ceiling(instance, exporting="home").curve.table["share"].iloc[-1] == pytest.approx(0.3)


def test_limits_that_no_curve_takes_are_named():
    """Tests one limit of each kind that walks do not take, told at once beside two that they take."""
    limits = [
        {"limit": "least", "kind": "tokens", "sense": ">=", "amount": 5, "hub": "users"},
        {"limit": "share", "kind": "share", "sense": "<=", "amount": 0.9, "data_centre": "far", "of": "served"},
        {"limit": "cost", "kind": "cost_usd", "sense": "<=", "amount": 1000},
        {"limit": "work", "kind": "accelerator_hours", "sense": "<=", "amount": 90},
        {"limit": "hub", "kind": "tokens", "sense": "<=", "amount": 90, "hub": "users"},
    ]
    instance = home_and_abroad([{"mtok": 100}])
    with pytest.raises(placer.InstanceError, match="a curve takes no limits of at least an amount") as told:
        placer.ceiling_curve(instance.replace(limits=limits), exporting="home")
    assert [each.row for each in told.value.violations] == ["least", "share", "cost"]
    paid = placer.load("tiny").with_value("power_zones.usd_per_mwh", -5.0)
    paid = paid.replace(
        limits=[{"limit": "energy", "kind": "cost_usd", "sense": "<=", "amount": 50, "power_zone": "Coast grid"}]
    )
    with pytest.raises(placer.InstanceError, match=r"limits\[energy\].kind: a curve takes no"):
        placer.ceiling_curve(paid)
    assert placer.ceiling_curve(instance.replace(limits=limits[3:]), exporting="home").table["share"].iloc[-1] > 0


@pytest.mark.slow
def test_value_is_that_of_the_workload_never_of_a_step():
    """Tests 30 Mtok of w, worth 4 USD each, that may leave, and 20 of v, worth 1 USD each, that may not.

    The steps that are bought are worth 5 and 9 USD a Mtok. 20 Mtok of w at 0.5 USD are not bought.
    """
    instance = home_and_abroad([{"mtok": 1}])
    work = {"accelerator_hours_per_mtok": 1, "kwh_per_mtok": 0}
    workloads = [
        work | {"workload": "w", "value_usd_per_mtok": 4},
        work | {"workload": "v", "value_usd_per_mtok": 1, "latency_slo_ms": 10},
    ]
    links = [{"from": "users", "to": "own", "rtt_ms": 1}, {"from": "users", "to": "far", "rtt_ms": 20}]
    steps = [("w", 30, 5), ("w", 20, 0.5), ("v", 20, 9)]
    demand = [{"workload": each, "hub": "users", "mtok": mtok, "value_usd_per_mtok": usd} for each, mtok, usd in steps]
    instance = instance.replace(workloads=workloads, links=links, demand=demand)
    by_value = placer.export_ceiling(instance, "value", exporting="home")
    assert by_value.total == pytest.approx(30 * 4 + 20 * 1)
    assert by_value.share == pytest.approx(120 / 140)
    assert placer.ceiling_curve(instance, weight="value", exporting="home").table["share"].iloc[-1] == by_value.share
    assert placer.export_ceiling(instance, exporting="home").share == pytest.approx(30 / 50)
    worthless = instance.replace(workloads=[each | {"value_usd_per_mtok": 0} for each in workloads])
    with pytest.raises(placer.InstanceError, match=r"workloads.value_usd_per_mtok: is 0 for all that is asked for"):
        placer.export_ceiling(worthless, "value", exporting="home")


@pytest.mark.parametrize(
    ("rtt_ms", "mode", "share"),
    [
        (0.0, "40 a second", 1.0),
        (500.0, "40 a second", 1.0),
        (500.1, "80 a second", 0.5),
        (916.0, "80 a second", 0.5),
        (917.0, None, 0.0),
    ],
)
def test_distance_is_paid_in_accelerators(rtt_ms, mode, share):
    """Tests at which round trip which mode exports: 12.5 accelerators serve all at 40 a second, and half of it at 80.

    100 tokens take 2.5 s at 40 a second and 1.25 s at 80, and three round trips have what is left of 4 s.
    """
    ceiling = placer.export_ceiling(modes_abroad([SLOW, MIDDLE, FAST], rtt_ms))
    structure, flows = ceiling.formulation.structure, ceiling.extent.flows
    away = flows.arc[structure.arc_site[flows.arc] == 1]
    assert ceiling.formulation.service.mode[structure.arc_class[away]].tolist() == ([mode] if mode else [])
    assert (ceiling.share, ceiling.work_share) == pytest.approx((share, share))
    assert ceiling.by_work.total == pytest.approx(10.0)  # 36 Mtok at the 1,000 tokens a second of the workload itself
    assert ceiling.latency_share == float(mode is not None)
    assert ceiling.workloads.loc["chat", "share"] == pytest.approx(share)
    assert ceiling.data_centres.loc["far", "share"] == pytest.approx(share)


def test_curves_over_modes():
    """Tests that each mode enters a curve at its own limit: 80 a second takes 3.05 s of 4 far away, 40 takes 4.3 s.

    At home they take 1.25 and 2.5 s.
    """
    ceiling = placer.export_ceiling(modes_abroad([SLOW, MIDDLE, FAST]))
    slo = ceiling.slo_curve.table
    assert slo["slo_factor"].tolist() == pytest.approx([0.0, 1.25 / 4, 3.05 / 4, 4.3 / 4])
    assert slo["share"].tolist() == pytest.approx([0.0, 0.0, 0.5, 1.0])
    assert slo["unserved_mtok"].tolist() == pytest.approx([36.0, 0.0, 0.0, 0.0])
    shorten = ceiling.shorten_curve.table
    assert shorten["shorten_ms"].tolist() == pytest.approx([0.0, 100.0])
    assert shorten["share"].tolist() == pytest.approx([0.5, 1.0])
    rtt = placer.ceiling_curve(ceiling.instance, "rtt").table
    assert rtt["rtt_limit_ms"].tolist() == pytest.approx([0.0, 600.0])
    assert rtt["share"].tolist() == pytest.approx([0.0, 0.5])


def test_value_that_falls_with_latency_falls_by_mode():
    """Tests that a slower mode loses more value: 1 % a second of 100 USD, 4 s at 40 a second and 2.75 s at 80."""
    lost = [{"workload": "chat", "ms": ms, "share_lost": ms / 1e5} for ms in (0.0, 1e4)]
    work = [tables()["workloads"][0] | {"value_usd_per_mtok": 100.0}]
    for rows, share in (([MIDDLE], 0.96), ([FAST], 0.9725 / 2), ([SLOW, MIDDLE, FAST], 0.96)):
        instance = modes_abroad(rows, 500.0, workloads=work, latency_value=lost)
        assert placer.export_ceiling(instance, "value").share == pytest.approx(share)
