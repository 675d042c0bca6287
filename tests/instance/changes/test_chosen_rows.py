"""The rows and hours that a change is about."""

from __future__ import annotations

import pytest

import placer
from placer.errors import InstanceError
from placer.instance.attributes.schema import TABLES
from placer.instance.changes.chosen_rows import chosen_rows, rows_between


@pytest.fixture(scope="module")
def tiny():
    """The smallest dataset: two hours, eight links, three supplies."""
    return placer.load("tiny")


@pytest.fixture(scope="module")
def chosen(tiny):
    """Return a function from a column and ``where`` to the positions of the rows, and the hours."""

    def of(key, where, instance=tiny, *, directed=False):
        table, _, column = key.partition(".")
        found = TABLES[table], TABLES[table].column(column)
        rows, hours = chosen_rows(instance.tables, *found, where, directed=directed)
        return rows.nonzero()[0].tolist(), hours if hours is None else hours.tolist()

    return of


@pytest.mark.parametrize(
    ("key", "where", "expected"),
    [
        ("data_centres.pue", None, [0, 1, 2]),
        ("data_centres.pue", "Port", [1]),
        ("data_centres.pue", ("Port", "Plateau"), [1, 2]),
        ("data_centres.pue", {"region": "west"}, [2]),
        ("links.rtt_ms", "Delta", [1, 5]),
        ("links.rtt_ms", ("Port", "Delta"), [5]),
        ("links.rtt_ms", [("Port", "Delta"), ("Coast", "East exchange"), "Inland"], [0, 2, 5]),
        ("links.rtt_ms", {"from": "East exchange", "to": ["Metro", "Port"]}, [3, 4]),
        ("supplies.loss", ("Plateau wind", "Plateau"), [2]),
    ],
)
def test_rows_are_named_by_their_key_or_by_columns(chosen, key, where, expected):
    assert chosen(key, where) == (expected, None)


def test_hours_choose_rows_of_demand_and_hours_of_series(tiny, chosen):
    """Tests numbers and texts of hours, alone and with names."""
    price = "power_zones.usd_per_mwh"
    assert chosen(price, {"hour": 1}) == chosen(price, {"hour": "1"}) == ([0, 1], [False, True])
    assert chosen(price, {"hour": "0-1", "power_zone": "Coast grid"}) == ([0], [True, True])
    rows, hours = chosen("demand.mtok", {"hour": [1], "workload": "voice"})
    assert hours is None
    assert (tiny.demand.iloc[rows][["workload", "hour"]] == ["voice", 1]).all(axis=None)


def test_timestamps_are_hours(tiny, chosen):
    """Tests a text and a timestamp of an instance with time zones."""
    times = {0: "2026-03-10 16:00+00:00", 1: "2026-03-10 17:00+00:00"}
    demand = tiny.demand.assign(hour=tiny.demand["hour"].map(times))
    dated = tiny.replace(demand=demand, power_zones=tiny.power_zones)
    for hour in ("2026-03-10 17:00+00:00", [dated.hours[1]], "2026-03-10 17:00", "2026-03-10T18:00+01:00"):
        assert chosen("power_zones.usd_per_mwh", {"hour": hour}, dated) == ([0, 1], [False, True])


def test_direction_counts_where_links_have_one(tiny):
    links = tiny.links
    assert rows_between(links, ("Delta", "Port"), directed=True).sum() == 1
    assert rows_between(links, ("Port", "Delta"), directed=True).sum() == 0
    assert rows_between(links, ("Port", "Delta"), directed=False).sum() == 1


@pytest.mark.parametrize(
    ("key", "where", "expected"),
    [
        ("power_zones.usd_per_mwh", ["Cost grid", "X"], ["perhaps Coast grid", "Coast grid, Plateau wind"]),
        (
            "links.rtt_ms",
            ("Coast", "Port"),
            ["two names with one between them"],
        ),
        ("data_centres.pue", {"regions": "west", "jurisdiction": "EU"}, ["perhaps region", "east, west"]),
        ("demand.mtok", {"hour": "0-9"}, ["hours of the demand, such as 0 or 0-1"]),
        ("demand.mtok", {"hub": "Inland", "workload": "batch"}, ["a scope that some row is in"]),
    ],
)
def test_what_is_in_no_row_is_told_with_what_may_be_meant(chosen, key, where, expected):
    with pytest.raises(InstanceError) as caught:
        chosen(key, where)
    assert [violation.allowed for violation in caught.value.violations] == expected
