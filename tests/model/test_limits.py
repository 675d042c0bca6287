"""Limits as read from their table: scopes as indicators, and one row for each hour of ``each``."""

from __future__ import annotations

import math

import pandas as pd
import pytest

import placer
from placer.model.limits import read_limits


@pytest.fixture(scope="module")
def tiny():
    return placer.load("tiny")


def _read(instance, **limit):
    return read_limits(
        instance.replace(limits=[{"limit": "own", "kind": "tokens", "sense": "<=", "amount": 5, **limit}])
    )


def test_no_limits_are_no_rows(tiny):
    """Tests that an instance without limits has none."""
    assert read_limits(tiny) == ()


def test_a_scope_is_indicators(tiny):
    """Tests the indicators of a limit on two hubs, a workload, a data centre and an hour."""
    (limit,) = _read(tiny, hub=("Coast", "Inland"), workload=("voice",), data_centre=("Metro",), hours="1")
    assert tiny.hubs["hub"][limit.hub].tolist() == ["Coast", "Inland"]
    assert tiny.workloads["workload"][limit.workload].tolist() == ["voice"]
    assert tiny.data_centres["data_centre"][limit.site].tolist() == ["Metro"]
    assert limit.hour.nonzero()[0].tolist() == [1]
    assert set(tiny.supplies["data_centre"][limit.tier]) == {"Metro"}
    assert (limit.of_hubs, limit.of_zones) == (True, False)
    assert limit.title == "own [1]"


def test_each_hour_is_a_row(tiny):
    """Tests that a limit on each hour is one row an hour, each with the whole amount."""
    rows = _read(tiny, hours="each")
    assert len(rows) == len(tiny.hours)
    assert [row.hour.nonzero()[0].tolist() for row in rows] == [[hour] for hour in range(len(tiny.hours))]
    assert {row.amount for row in rows} == {5.0}


@pytest.mark.parametrize(("sense", "sign"), [("<=", 1.0), (">=", -1.0)])
def test_at_least_is_a_row_times_minus_1(tiny, sense, sign):
    """Tests the sign of a row, its unit and its title over all hours."""
    (limit,) = _read(tiny, sense=sense)
    assert (limit.sign, limit.unit, limit.title, limit.is_of_flows) == (sign, "Mtok", "own", False)


def test_a_share_of_served_tokens_is_one_of_flows(tiny):
    """Tests that the amount of a share of served tokens is a coefficient, and of asked tokens a right-hand side."""
    for of, is_of_flows in (("served", True), ("asked", False)):
        (limit,) = _read(tiny, kind="share", amount=0.5, of=of, data_centre=("Metro",))
        assert limit.is_of_flows is is_of_flows


@pytest.mark.parametrize("kind", ["tokens", "accelerator_hours"])
def test_the_scope_of_a_workload_counts_its_backlog(kind):
    """Tests 5 Mtok of batch that wait at Metro, one hour of an accelerator each: 3 may be served there, 2 are not."""
    late = placer.load("tiny").with_backlog([{"workload": "batch", "data_centre": "Metro", "hours_left": 1, "mtok": 5}])
    limit = {"limit": "most", "kind": kind, "sense": "<=", "amount": 3.0, "workload": "batch", "data_centre": "Metro"}
    placement = placer.solve(late.replace(limits=[limit]))
    assert placement.backlog_unserved_mtok == pytest.approx(2.0)
    assert placement.limits["use"].tolist() == pytest.approx([3.0])
    other = placer.solve(late.replace(limits=[limit | {"workload": "voice"}]))
    assert other.backlog_unserved_mtok == pytest.approx(0.0, abs=1e-9)


def test_a_power_zone_with_a_limit_is_a_row_in_every_limited_hour(tiny):
    """Tests rows of a zone by the hour, after limits of one's own, and amounts over the length and weight of hours."""
    zones = tiny.power_zones.assign(limit_mw=pd.Series([(3.0, 5.0), (math.inf, 2.0)], dtype=object))
    periods = [{"hour": 0, "weight": 10.0, "block": "a"}, {"hour": 1, "weight": 20.0, "block": "b"}]
    own, *limits = _read(tiny.replace(power_zones=zones, periods=periods))
    first, second = tiny.power_zones["power_zone"]
    assert (own.name, own.zone) == ("own", "")
    assert [(limit.zone, limit.hours, limit.amount) for limit in limits] == [
        (first, "0", 30.0),
        (first, "1", 100.0),
        (second, "1", 40.0),
    ]
    assert [limit.hour.tolist() for limit in limits] == [[True, False], [False, True], [False, True]]
    assert set(tiny.supplies["power_zone"][limits[0].tier]) == {first}
    assert limits[0].title == f"limit_mw of {first} [0]"


def test_a_power_zone_without_supplies_has_no_row(tiny):
    """Tests that a limit that nothing counts towards makes no row."""
    more = pd.concat([tiny.power_zones, pd.DataFrame([{"power_zone": "new", "usd_per_mwh": 1.0, "limit_mw": 1.0}])])
    assert read_limits(tiny.replace(power_zones=more)) == ()
