"""Parts of a horizon: demand and hourly values are cut, and all else stays."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

import placer
from placer.errors import InstanceError

#: One Mtok takes one hour and one MWh.
W = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "deadline_hours": 1.0}


@pytest.fixture
def instance(make_instance):
    """Three hours from 5 on, with hourly prices of zx and one price of zy."""
    zones = [{"power_zone": "zx", "usd_per_mwh": [1, 2, 3]}, {"power_zone": "zy", "usd_per_mwh": 20.0}]
    demand = [{"workload": "w", "hub": "A", "hour": 5 + hour, "mtok": 1.0 + hour} for hour in range(3)]
    return make_instance(workloads=[W], power_zones=zones, demand=demand)


def test_a_part_has_its_demand_and_hourly_values(instance):
    """Tests both ends of a part, and that the whole horizon is a part of itself."""
    part = instance.between(6, 7)
    assert part.hours == range(6, 8)
    assert part.demand["mtok"].tolist() == [2, 3]
    assert part.power_zones["usd_per_mwh"].tolist() == [(2, 3), 20]
    assert instance.between(5, 7) == instance
    assert instance.between(7, 7).power_zones["usd_per_mwh"].tolist() == [(3,), 20]
    assert (part.settings, part.links.equals(instance.links)) == (instance.settings, True)


def test_parts_of_timestamps(instance):
    """Tests that an hour is named as a timestamp or its text, in any zone, where the demand has timestamps."""
    stamps = pd.date_range("2026-01-01", periods=3, freq="h", tz="Europe/Berlin")
    timed = instance.replace(demand=instance.demand.assign(hour=list(stamps)))
    for first, last in ((stamps[1], "2026-01-01T01:00Z"), ("2026-01-01 01:00", "2026-01-01")):
        assert list(timed.between(first, last).hours) == list(stamps[1:])
    assert timed.between("2026-01-01", date(2026, 1, 1)) == timed
    for hour in ("2026-01-01T03:00", 1, "noon", None, pd.NaT, "2026-01-01/2026-01-01"):
        with pytest.raises(InstanceError, match=r"between.first_hour: .* is no (hour of the demand|timestamp)"):
            timed.between(hour, stamps[2])


def test_what_is_no_part_is_refused(instance):
    """Tests that hours outside the horizon are listed together, and an end before the beginning is refused."""
    with pytest.raises(InstanceError) as raised:
        instance.between(4, 8.5)
    assert [(each.column, each.problem, each.allowed) for each in raised.value.violations] == [
        ("first_hour", "4 is no hour of the demand", "the hours 5 to 7"),
        ("last_hour", "8.5 is no hour of the demand", "the hours 5 to 7"),
    ]
    with pytest.raises(InstanceError, match="before the first hour"):
        instance.between(7, 6)
    none = instance.replace(demand=instance.demand.assign(mtok=[0.0, 0.0, 1.0]))
    assert none.between(5, 6).demand["mtok"].tolist() == [0.0, 0.0]


def test_a_backlog_belongs_to_the_first_hour(instance):
    """Tests that a part keeps the backlog only if it begins with the horizon."""
    waits = instance.with_backlog([{"workload": "w", "data_centre": "X", "hours_left": 1, "mtok": 1}])
    assert waits.between(5, 6).backlog["mtok"].tolist() == [1]
    assert waits.between(6, 7).backlog.empty
    assert waits.between(6, 7) == instance.between(6, 7)


def test_what_remains_is_the_backlog_of_the_rest(instance):
    """Tests that the rest of a placement, begun with what remains, costs what the placement spends in these hours."""
    whole = placer.solve(instance.replace(links=instance.links.assign(usd_per_gb=1.0)))
    rest = placer.solve(whole.instance.between(6, 7).with_backlog(whole.remaining(6)))
    served = whole.data_centre_hours["mtok"].unstack("hour")
    prices = {("X", hour): price for hour, price in zip((5, 6, 7), (1, 2, 3), strict=True)}
    spent = sum(served.loc["X", hour] * prices["X", hour] for hour in (6, 7)) + served.loc["Y", [6, 7]].sum() * 20
    assert rest.cost_usd == pytest.approx(spent)


def test_a_part_has_its_periods(make_instance):
    """Tests that weights, blocks and limits by the hour are cut with the hours, and that nothing is handed on."""
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 1.0} for hour in range(4)]
    periods = [{"hour": hour, "weight": 1.0 + hour // 2, "block": str(hour // 2)} for hour in range(4)]
    sites = [{"data_centre": "X", "accelerators": [1.0, 2.0, 3.0, 4.0]}, {"data_centre": "Y"}]
    instance = make_instance(workloads=[W], demand=demand, periods=periods, data_centres=sites)
    part = instance.between(1, 2)
    assert part.weights.tolist() == [1, 2]
    assert part.blocks.tolist() == [0, 1]
    assert part.hourly("data_centres", "accelerators")[0].tolist() == [2, 3]
    for change in (instance.with_backlog, lambda _: placer.roll(instance)):
        with pytest.raises(InstanceError, match="hours with weights or in blocks do not follow each other"):
            change([{"workload": "w", "data_centre": "X", "hours_left": 1, "mtok": 1}])
    plain = instance.replace(periods=[row | {"weight": 1.0, "block": "all"} for row in periods])
    assert len(plain.with_backlog([{"workload": "w", "data_centre": "X", "hours_left": 1, "mtok": 1}]).backlog) == 1
