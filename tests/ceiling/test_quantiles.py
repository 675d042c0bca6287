"""The ceiling at quantiles of the round trips of links."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from placer.ceiling.quantiles import ceiling_at_quantiles
from placer.errors import InstanceError, NoSolutionError
from tests.model.modes_by_hand import FAST, MIDDLE, SLOW, modes_abroad


@pytest.fixture
def measured(make_instance):
    """Return the small instance whose links tell their p95; 45 ms may pass, and Y is 40 ms from A."""
    return make_instance(
        links=[
            {"from": "A", "to": "X", "rtt_ms": 10.0, "rtt_p95_ms": 12.0},
            {"from": "B", "to": "Y", "rtt_ms": 10.0, "rtt_p95_ms": None},
            {"from": "X", "to": "Y", "rtt_ms": 30.0, "rtt_p95_ms": 36.0},
        ],
        workloads=[
            {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1.0, "latency_slo_ms": 45.0},
        ],
        demand=[{"workload": "w", "hub": "A", "mtok": 10.0}, {"workload": "w", "hub": "B", "mtok": 30.0}],
    )


def test_quantiles_of_the_links(measured):
    """Tests that the columns of quantiles are found, and an empty cell stands for the link's rtt_ms.

    Most can leave from the west, B's 30 of 40 Mtok. At p95 B to X takes 46 ms, not 40: nothing can leave any more.
    """
    table = ceiling_at_quantiles(measured)
    assert table.index.tolist() == ["rtt_ms", "p95"]
    assert table["share"].tolist() == pytest.approx([0.75, 0.0])
    assert table["unserved_share"].tolist() == [0.0, 0.0]
    assert table["rtt_ms"].tolist() == pytest.approx([10.0, (10 * 12 + 30 * 10) / 40])


def test_a_quantile_whose_limit_cannot_be_met_is_named(measured):
    """Tests that at ten times the round trips A reaches nothing, and a limit of at least 1 Mtok of it is named."""
    least = {"limit": "from A", "kind": "tokens", "sense": ">=", "amount": 1.0, "hub": "A"}
    told = r"quantile slow: no placement can meet this limit; .* 'from A' .* with amount 0"
    with pytest.raises(NoSolutionError, match=told):
        ceiling_at_quantiles(measured.replace(limits=[least]), {"fast": 1.0, "slow": 10.0})


@pytest.mark.slow
def test_quantiles_given(measured):
    """Tests that a factor, a column, a list and a table say the same, and a table may leave links out."""
    rtt = measured.links["rtt_ms"] * 1.15
    table = measured.links[["from", "to"]].assign(rtt_ms=rtt)
    given = {
        "factor": 1.15,
        "column": "rtt_other_ms",
        "list": rtt.tolist(),
        "array": np.array(rtt),
        "table": table,
        "long haul": table.tail(1),
        "p95": "rtt_p95_ms",
    }
    instance = measured.replace(links=measured.links.assign(rtt_other_ms=rtt))
    found = ceiling_at_quantiles(instance, given)
    assert found.index.tolist() == list(given)
    assert found["share"].tolist() == pytest.approx([0.0] * 5 + [0.75, 0.0])
    assert found["rtt_ms"].tolist()[:5] == pytest.approx([11.5] * 5)


def test_routes_are_found_anew(make_instance):
    """Tests that the route of a quantile is the nearest at that quantile, not the nearest at rtt_ms."""
    instance = make_instance(
        exchanges=[{"exchange": "E"}],
        links=[
            {"from": "A", "to": "X", "rtt_ms": 10.0, "rtt_p99_ms": 90.0},
            {"from": "A", "to": "E", "rtt_ms": 8.0, "rtt_p99_ms": 9.0},
            {"from": "E", "to": "X", "rtt_ms": 8.0, "rtt_p99_ms": 9.0},
            {"from": "B", "to": "Y", "rtt_ms": 10.0, "rtt_p99_ms": 11.0},
        ],
        demand=[{"workload": "w", "hub": "A", "mtok": 10.0}],
    )
    assert ceiling_at_quantiles(instance)["rtt_ms"].tolist() == pytest.approx([10.0, 18.0])


def test_parallel_links(make_instance):
    """Tests that a table counts for all parallel links and a list tells them apart."""
    links = [{"from": "A", "to": "X", "rtt_ms": 10.0}, {"from": "A", "to": "X", "rtt_ms": 20.0}]
    other = {"from": "B", "to": "Y", "rtt_ms": 10.0}
    instance = make_instance(links=[*links, other], demand=[{"workload": "w", "hub": "A", "mtok": 10.0}])
    both = pd.DataFrame([{"from": "A", "to": "X", "rtt_ms": 50.0}])
    table = ceiling_at_quantiles(instance, {"list": [50.0, 25.0, 10.0], "table": both})
    assert table["rtt_ms"].tolist() == pytest.approx([25.0, 50.0])


@pytest.mark.parametrize(
    ("quantile", "problem"),
    [
        ("rtt_p50_ms", "no such column"),
        ("from", "not a number"),
        ([1.0, 2.0], "2 values for 3 links"),
        (pd.DataFrame({"from": ["A"], "to": ["X"]}), "column missing"),
        (pd.DataFrame({"from": ["A"], "to": ["Z"], "rtt_ms": [1.0]}), "is no link"),
        (-1.0, "rtt_ms"),
        (math.nan, "rtt_ms"),
        ([1.0, 2.0, math.inf], "rtt_ms"),
    ],
)
def test_quantiles_refused(measured, quantile, problem):
    """Tests that round trips that are none, or not the links', are refused."""
    with pytest.raises(InstanceError, match=problem):
        ceiling_at_quantiles(measured, {"p50": quantile})


def test_value_falls_with_slower_links(make_instance, valued):
    """Tests the same arcs at two latencies: at twice the round trips 4 x 84 + 6 x 64 = 720 of 1,000 USD arrive."""
    table = ceiling_at_quantiles(make_instance(**valued), {"p50": 1, "p99": 2}, "value", exporting="east")
    assert table["share"].tolist() == pytest.approx([0.86, 0.72])
    assert table["latency_share"].tolist() == pytest.approx([0.92, 0.84])


def test_modes_at_quantiles_of_the_round_trip():
    """Tests that at 600 ms in place of 500 only the mode of 80 a second is in time, and half as much leaves."""
    table = ceiling_at_quantiles(modes_abroad([SLOW, MIDDLE, FAST], 500.0), {"p50": 1.0, "p99": 1.2})
    assert table["share"].tolist() == pytest.approx([1.0, 0.5])
    assert table["latency_share"].tolist() == [1.0, 1.0]
