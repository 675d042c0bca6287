"""Why demand is unserved, at a glance."""

from __future__ import annotations

import pytest

import placer
from placer.placement.unserved import reason_in_words
from placer.solve import solve
from tests.effort import tries

W = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "unserved_usd_per_mtok": 1000.0}
A_ONLY = [{"workload": "w", "hub": "A", "mtok": 10.0}]


def _reasons(placement):
    return placement.unserved_reasons["unserved_mtok"].round(6).to_dict()


def test_nothing_unserved_has_no_reason(make_instance):
    """Tests that a placement that serves all has an empty table, labelled as any."""
    table = solve(make_instance()).unserved_reasons
    assert table.empty
    assert table.index.names == ["reason", "name"]


CLOSED = {"data_centres": [{"data_centre": "X"}, {"data_centre": "Y", "accelerators": 0.0}]}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"workloads": [W | {"latency_slo_ms": 5.0}]}, {("latency", "w"): 16}),
        ({"workloads": [W | {"jurisdictions": ("CN",)}]}, {("residency", "w"): 16}),
        (
            {
                "workloads": [W | {"jurisdictions": ("CN",)}],
                "data_centres": [{"data_centre": "X", "jurisdiction": "CN"}, {"data_centre": "Y"}],
                "links": [{"from": "A", "to": "X", "rtt_ms": 1.0}, {"from": "B", "to": "Y", "rtt_ms": 1.0}],
            },
            {("no route", "B"): 6},
        ),
        (
            {"data_centres": [{"data_centre": "X", "accelerators": 3.0}, {"data_centre": "Y", "accelerators": 0.0}]},
            {("accelerators", "X"): 13},
        ),
        ({"data_centres": [{"data_centre": name, "accelerators": 0.0} for name in "XY"]}, {("accelerators", "X"): 16}),
        (
            {"data_centres": [{"data_centre": "X", "power_limit_mw": 4.0}, {"data_centre": "Y", "accelerators": 0.0}]},
            {("site power", "X"): 12},
        ),
        (CLOSED | {"supplies": [{"power_zone": "zx", "data_centre": "X", "limit_mw": 9.0}]}, {("supply", "X"): 7}),
        ({"supplies": []}, {("supply", "X"): 16}),
        (
            {
                "workloads": [W | {"gb_per_mtok": 90.0}],
                "demand": A_ONLY,
                "links": [{"from": "A", "to": "X", "rtt_ms": 10.0, "capacity_gbps": 1.0}],
            },
            {("link", "A - X"): 5},
        ),
        (
            {
                "power_zones": [{"power_zone": "zx", "usd_per_mwh": 50.0, "carbon_kg_per_mwh": 100.0}],
                "supplies": [{"power_zone": "zx", "data_centre": name} for name in "XY"],
                "carbon_limit_kg": 1000.0,
            },
            {("carbon cap", ""): 6},
        ),
        (
            {
                "data_centres": [{"data_centre": name, "water_litres_per_kwh": 1.0} for name in "XY"],
                "water_limit_litres": 9000.0,
            },
            {("water cap", ""): 7},
        ),
    ],
    ids=[
        *("latency", "residency", "no route", "accelerators", "closed", "site power", "supply", "dark", "link"),
        *("carbon", "water"),
    ],
)
def test_reasons_by_hand(make_instance, changes, expected):
    """Tests the reason of a shortage of every kind, and that such demand counts as what cannot be served."""
    placement = solve(make_instance(**changes))
    assert _reasons(placement) == expected
    assert placement.not_worth_serving_mtok == 0
    assert placement.cannot_be_served_mtok == pytest.approx(sum(expected.values()))


def test_not_worth_serving(make_instance):
    """Tests that A's 10 Mtok, worth 35 and kept at X's 50 by their limit, are turned away for their value."""
    workload = {name: value for name, value in W.items() if name != "unserved_usd_per_mtok"}
    instance = make_instance(workloads=[workload | {"latency_slo_ms": 15.0, "value_usd_per_mtok": 35.0}])
    placement = solve(instance)
    assert placement.penalty_usd == pytest.approx(350)
    assert _reasons(placement) == {("value", "w"): 10}
    assert placement.not_worth_serving_mtok == pytest.approx(10)
    assert placement.cannot_be_served_mtok == 0
    assert placement.hubs["not_worth_serving_mtok"].tolist() == pytest.approx([10, 0])
    assert "10 Mtok not worth serving; first reason: w costs more to serve than it is worth" in repr(placement)


def test_dear_power_is_no_scarcity(make_instance):
    """Tests that what the dear supply alone could serve, at more than its value, is not worth serving.

    One site has 10 MWh at 20, for the first 10 Mtok, and any amount at 50. A Mtok is worth 35: 6 are turned away.
    """
    instance = make_instance(
        workloads=[W | {"unserved_usd_per_mtok": 35.0}],
        data_centres=[{"data_centre": "X"}],
        links=[{"from": hub, "to": "X", "rtt_ms": 1.0} for hub in "AB"],
        supplies=[
            {"power_zone": "zx", "data_centre": "X"},
            {"power_zone": "zy", "data_centre": "X", "limit_mw": 10.0},
        ],
    )
    placement = solve(instance)
    assert _reasons(placement) == {("value", "w"): 6}


def test_work_that_waits_is_short_of_what_is_scarce_in_its_best_hour(make_instance):
    """Tests that batch work is short of accelerators in the hours it may run in, cyclic or not."""
    instance = make_instance(
        workloads=[W | {"deadline_hours": 1.0}],
        data_centres=[{"data_centre": "X", "accelerators": 4.0}],
        links=[{"from": "A", "to": "X", "rtt_ms": 1.0}],
        hubs=[{"hub": "A"}],
        supplies=[{"power_zone": "zx", "data_centre": "X"}],
        demand=[{"workload": "w", "hub": "A", "hour": hour, "mtok": mtok} for hour, mtok in ((0, 10.0), (1, 0.0))],
    )
    for cyclic in (True, False):
        assert _reasons(solve(instance.replace(cyclic=cyclic))) == {("accelerators", "X"): 2}


@pytest.mark.parametrize("seed", range(tries(4, 8)))
def test_reasons_add_up_and_cures_agree(make_random_instance, seed):
    """Tests that every unserved Mtok has a reason, and that each reason has words."""
    placement = solve(make_random_instance(seed, cyclic=bool(seed % 2)))
    table = placement.unserved_reasons
    assert table["unserved_mtok"].sum() == pytest.approx(placement.unserved_mtok, rel=1e-9, abs=1e-9)
    assert table["unserved_mtok"].is_monotonic_decreasing
    assert all(reason_in_words(*row) for row in table.index)


@pytest.mark.slow
def test_first_reason_is_the_limit_that_the_explanation_lifts(make_instance):
    """Tests that where one limit is to blame, the first reason is the limit that ``placer.explain`` names."""
    centres = [{"data_centre": "X", "accelerators": 3.0}, {"data_centre": "Y", "accelerators": 4.0}]
    for changes in ({"workloads": [W | {"latency_slo_ms": 15.0}], "data_centres": centres, "demand": A_ONLY}, CLOSED):
        placement = solve(make_instance(**changes))
        if placement.unserved_mtok:
            change = placer.explain(placement).changes[0]
            assert change.limit in ("latency", placement.unserved_reasons.index[0][0])
