"""Tables of hourly values and demand profiles, given from Python as a folder gives them."""

# ruff: noqa: E501 - files and messages read best whole

from __future__ import annotations

import pandas as pd
import pytest

import placer
from placer.errors import InstanceError
from placer.instance.problem import Instance
from placer.instance.tables.hourly import fold, split_hours

TABLES = {
    "hubs": [{"hub": "A"}],
    "data_centres": [{"data_centre": "D"}],
    "links": [{"from": "A", "to": "D", "rtt_ms": 5}],
    "power_zones": [{"power_zone": "Z"}],
    "supplies": [{"power_zone": "Z", "data_centre": "D"}],
    "workloads": [{"workload": "w", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 1}],
    "demand": [{"workload": "w", "hub": "A", "hour": hour, "mtok": 1} for hour in (0, 1)],
    "power_zone_hours": [{"power_zone": "Z", "hour": hour, "usd_per_mwh": 10 * hour} for hour in (1, 0)],
}


def violations_of(**changes):
    with pytest.raises(InstanceError) as caught:
        Instance.from_tables(TABLES | changes)
    return [str(violation) for violation in caught.value.violations]


@pytest.mark.parametrize("form", [list, pd.DataFrame])
def test_hourly_tables_are_taken_from_python(form):
    """Tests that prices and PUE by the hour are folded in, whatever the order of their rows."""
    tables = {name: form(rows) for name, rows in TABLES.items()}
    tables["data_centre_hours"] = form([{"data_centre": "D", "hour": hour, "pue": 1.5} for hour in (0, 1)])
    instance = Instance.from_tables(tables)
    assert instance.power_zones["usd_per_mwh"].tolist() == [(0.0, 10.0)]
    assert instance.data_centres["pue"].tolist() == [(1.5, 1.5)]


def test_profiles_are_taken_from_python():
    """Tests that a demand without hours is spread by the shares of its workload, and further columns stay."""
    profile = [{"workload": "w", "hour": hour, "share": share} for hour, share in ((0, 0.25), (1, 0.75))]
    demand = [{"workload": "w", "hub": "A", "mtok": 8, "note": "x"}]
    instance = Instance.from_tables(TABLES | {"demand": demand, "demand_profile": profile})
    assert instance.demand["mtok"].tolist() == [2.0, 6.0]
    assert instance.demand["note"].tolist() == ["x", "x"]


def test_missing_hours_hold_the_default():
    """Tests that a cell left out among the hours is the default, where there is one, and else is named."""
    hours = [
        {"power_zone": "Z", "hour": 0, "usd_per_mwh": 5, "carbon_kg_per_mwh": 7},
        {"power_zone": "Z", "hour": 1, "usd_per_mwh": 6},
    ]
    assert Instance.from_tables(TABLES | {"power_zone_hours": hours}).power_zones["carbon_kg_per_mwh"].tolist() == [
        (7, 0)
    ]
    hours[1]["usd_per_mwh"] = None
    assert violations_of(power_zone_hours=hours) == [
        "power_zone_hours[Z|1].usd_per_mwh: missing: write the price of power in USD per MWh, such as 60 (allowed: number, or one per hour, finite)"
    ]


def test_what_is_wrong_with_hours_hides_nothing_else_and_repeats_nothing():
    """Tests that a bad hourly table is told once, beside what is wrong elsewhere."""
    hours = [{"power_zone": "Z", "hour": 0, "usd_per_mwh": "dear", "weather": "sun"}]
    found = violations_of(power_zone_hours=hours, hubs=[{"hub": "A", "access_ms": -1}])
    assert [text.partition(" (")[0] for text in found] == [
        "power_zone_hours[Z|0].usd_per_mwh: 'dear' is text",
        "power_zone_hours.weather: unknown column",
        "hubs[A].access_ms: -1 is out of range",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["tiny", "world"])
def test_splitting_and_folding_are_inverse(name):
    """Tests that the tables of a folder, made from an instance, are the instance again."""
    instance = placer.load(name)
    tables = split_hours(instance.tables, instance.hours)
    assert "power_zone_hours" in tables
    assert Instance.from_tables(tables, **vars(instance.settings)) == instance
    assert fold(tables).violations == []


@pytest.mark.parametrize("hourly", [0, 1])
def test_hours_of_one_of_parallel_rows_cannot_be_split_off(hourly):
    """Tests that hours of one of two supplies of a site are not written, whichever it is: no reader could tell whose."""
    supplies = [{"power_zone": "Z", "data_centre": "D"}, {"power_zone": "Z", "data_centre": "D"}]
    supplies[hourly]["limit_mw"] = [1.0, 2.0]
    instance = Instance.from_tables(TABLES | {"supplies": supplies})
    with pytest.raises(
        InstanceError, match=r"supply_hours\[Z\|D\]: supplies has several such rows, .* placer.save_graph"
    ):
        split_hours(instance.tables, instance.hours)


def test_a_wide_table_is_the_only_violation():
    """Tests that the prices that a wide table holds are not said to be missing as well."""
    prices = pd.DataFrame({"Z": [10, 20]})
    with pytest.raises(InstanceError) as caught:
        Instance.from_tables(TABLES | {"power_zone_hours": prices})
    (violation,) = caught.value.violations
    assert violation.problem == "a column for each power_zone: 'Z'"


def test_wide_tables_become_long_ones():
    """Tests that prices, one column a zone, and demand, one column a hub, are taken after ``long_table``."""
    prices = pd.DataFrame({"Z": [10, 20]}, index=pd.date_range("2026-01-01 05:00", periods=2, freq="h"))
    demand = pd.DataFrame({"hour": prices.index, "A": [3, 4]})
    instance = Instance.from_tables(
        TABLES
        | {
            "power_zone_hours": placer.long_table(prices, "power_zone", "usd_per_mwh"),
            "demand": placer.long_table(demand, "hub", "mtok", workload="w"),
        }
    )
    assert instance.power_zones["usd_per_mwh"].tolist() == [(10, 20)]
    assert instance.demand["mtok"].tolist() == [3, 4]
