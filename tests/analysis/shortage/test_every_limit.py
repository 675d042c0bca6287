"""Explanations of shortages that one limit makes: its name, and the amount that cures them, by hand."""

from __future__ import annotations

import math

import pytest

from placer.analysis.shortage.explanation import explain
from placer.solve import solve
from tests.analysis.shortage.cures import centres, only, served


@pytest.mark.slow
def test_latency(make_instance, workload):
    """Tests that hubs out of reach get the milliseconds to the nearest data centre, of the task and of a round trip.

    Two round trips of 10 ms and 20 ms at the server are 40 ms at the nearest, 4 more than the limit.
    """
    instance = make_instance(workloads=workload(latency_slo_ms=36.0, server_ms=20.0, user_round_trips=2.0))
    explanation = explain(solve(instance))
    assert explanation.table["limit"].tolist() == ["latency"] * 2
    assert explanation.table["hub"].tolist() == ["A", "B"]
    assert explanation.table["name"].tolist() == ["X", "Y"]
    assert explanation.table["unserved_mtok"].tolist() == [10.0, 6.0]
    assert explanation.table["round_trip_ms"].tolist() == pytest.approx([2.0, 2.0])
    (change,) = explanation.changes
    assert (change.amount, change.unit, change.new) == (4.0, "ms", 40.0)
    assert change.cure == "4 ms more of latency_slo_ms of w"
    assert served(instance, explanation)


def test_latency_goes_as_far_as_there_is_room(make_instance, workload):
    """Tests that the arc opened is the nearest with room: X is nearer to A and full, so A has to reach Y (40 ms)."""
    instance = make_instance(
        workloads=workload(latency_slo_ms=10.0), data_centres=centres(accelerators=(0.0, math.inf))
    )
    explanation = explain(solve(instance))
    row = only(explanation)
    assert (row["limit"], row["name"], row["amount"]) == ("latency", "Y", 30.0)
    assert explanation.alternatives["cure"].tolist() == ["10 more accelerators at X"]
    assert served(instance, explanation)


@pytest.mark.parametrize(
    ("limit", "changes", "name", "amount"),
    [
        ("accelerators", {"data_centres": centres(accelerators=(4.0, 50.0))}, "X", 6.0),
        ("accelerators", {"data_centres": centres(accelerators=(8.0, 50.0), max_utilisation=(0.5, 1.0))}, "X", 12.0),
        ("site power", {"data_centres": centres(power_limit_mw=(4.0, math.inf), pue=(1.5, 1.0))}, "X", 11.0),
        (
            "supply",
            {
                "supplies": [
                    {"power_zone": "zx", "data_centre": "X", "limit_mw": 4.0, "loss": 0.5},
                    {"power_zone": "zy", "data_centre": "Y"},
                ]
            },
            "zx - X",
            16.0,
        ),
        ("no supply", {"supplies": [{"power_zone": "zy", "data_centre": "Y"}]}, "zy - X", 10.0),
    ],
)
def test_amounts(make_instance, workload, limit, changes, name, amount):
    """Tests that a short limit at X is named with the amount that A's 10 Mtok lack: 1 hour and 1 MWh each at the rack.

    Y takes another 40 ms and B alone may go there, so that no milliseconds cure it: Y has room for B only.
    """
    changes = dict(changes)
    table = changes.pop("data_centres", centres())
    table[1]["accelerators"] = 6.0
    given = workload(latency_slo_ms=10.0)
    instance = make_instance(workloads=given, data_centres=table, **changes)
    explanation = explain(solve(instance))
    row = only(explanation)
    assert (row["workload"], row["hub"], row["hours"]) == ("w", "A", "0")
    assert (row["limit"], row["name"]) == (limit, name)
    assert row["amount"] == pytest.approx(amount, rel=1e-6)
    assert row["unserved_mtok"] == pytest.approx(row["without_mtok"])
    assert math.isnan(row["round_trip_ms"])
    assert served(instance, explanation)


def test_link(make_instance, workload):
    """Tests that a full link is named in Gbps: 450 GB an hour each, and A's 10 Mtok are 900 GB."""
    links = [
        {"from": "A", "to": "X", "rtt_ms": 10.0, "capacity_gbps": 0.5},
        {"from": "B", "to": "Y", "rtt_ms": 10.0},
        {"from": "X", "to": "Y", "rtt_ms": 30.0},
    ]
    instance = make_instance(links=links, workloads=workload(gb_per_mtok=90.0))
    explanation = explain(solve(instance))
    row = only(explanation)
    assert (row["limit"], row["name"], row["unit"]) == ("link", "A - X", "Gbps")
    assert row["amount"] == pytest.approx(1.5, rel=1e-6)
    assert row["cure"] == "1.5 Gbps more on A - X"
    assert served(instance, explanation)


@pytest.mark.parametrize(
    ("setting", "limit", "amount"),
    [("carbon_limit_kg", "carbon cap", 600.0), ("water_limit_litres", "water cap", 15000.0)],
)
def test_caps(make_instance, setting, limit, amount):
    """Tests that a cap is named: 16 Mtok at 1 MWh each, 100 kg a MWh and 1 litre a kWh, of a cap of 1000."""
    zones = [{"power_zone": name, "usd_per_mwh": 50.0, "carbon_kg_per_mwh": 100.0} for name in ("zx", "zy")]
    instance = make_instance(
        power_zones=zones, data_centres=centres(water_litres_per_kwh=(1.0, 1.0)), **{setting: 1000.0}
    )
    explanation = explain(solve(instance))
    (change,) = explanation.changes
    assert (change.limit, change.name, change.table) == (limit, "", "settings")
    assert change.amount == pytest.approx(amount, rel=1e-6)
    assert explanation.table["unserved_mtok"].sum() == pytest.approx(explanation.shortages.sum())
    assert served(instance, explanation)


def test_residency(make_instance, workload):
    """Tests that a workload bound to where no data centre is gets the jurisdiction of one that can take it all."""
    instance = make_instance(
        workloads=workload(jurisdictions=("EU",)),
        data_centres=centres(jurisdiction=("CN", "US"), accelerators=(math.inf, 5.0)),
    )
    explanation = explain(solve(instance))
    (change,) = explanation.changes
    assert (change.limit, change.old, change.new) == ("residency", ("EU",), ("EU", "CN"))
    assert change.cure == "CN among the jurisdictions of w"
    assert math.isnan(change.amount)
    assert served(instance, explanation)


@pytest.mark.slow
def test_no_jurisdiction_at_all(make_instance, workload):
    """Tests that a workload bound to a jurisdiction where data centres have none is let go anywhere."""
    instance = make_instance(workloads=workload(jurisdictions=("EU",)))
    explanation = explain(solve(instance))
    assert [change.cure for change in explanation.changes] == ["any jurisdiction for w"]
    assert served(instance, explanation)
