"""The groups of assignments and of unserved demand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import placer
from placer.errors import ArgumentError
from placer.placement.groups import GROUPS, NONE, NOT_SERVED, Cells, groups_of, period_axis


@pytest.fixture(scope="module")
def tiny():
    """A placement of the smallest dataset."""
    return placer.solve(placer.load("tiny"))


def test_labels_and_positions(tiny):
    """Tests the labels of every group of tiny by hand, each with the one of all else last."""
    expected = {
        "workload": ["voice", "chat", "batch"],
        "hub": ["Coast", "Delta", "Inland"],
        "hub_region": ["east", "west", NOT_SERVED],
        "data_centre": ["Metro", "Port", "Plateau", NOT_SERVED],
        "region": ["east", "west", NOT_SERVED],
        "jurisdiction": ["east", "west", NOT_SERVED],
        "power_zone": ["Coast grid", "Plateau wind", "no power", NOT_SERVED],
        "hour": [0, 1],
        "block": ["all"],
    }
    for name, labels in expected.items():
        (group,) = groups_of(tiny.instance, tiny.formulation, name)
        assert group.labels == labels
    (region,) = groups_of(tiny.instance, tiny.formulation, "region")
    assert region.position.tolist() == [0, 0, 1]
    assert set(expected) | {"month", "week", "day"} == set(GROUPS)


def test_what_has_no_region_is_a_group_of_its_own(tiny):
    found = placer.solve(
        tiny.instance.with_value("hubs.region", "east").replace(
            data_centres=tiny.instance.data_centres.assign(region=None)
        )
    )
    assert found.statistics("region").index.tolist() == [NONE]


def test_cells_follow_the_order_of_the_labels(tiny):
    """Tests that cells of two groups count the second fastest, and that unserved demand is at no data centre."""
    groups = groups_of(tiny.instance, tiny.formulation, ["workload", "data_centre"])
    cells = Cells(groups, tiny.formulation, tiny.accounts)
    index = cells.index(np.arange(12))
    assert index.tolist()[:5] == [
        ("voice", "Metro"),
        ("voice", "Port"),
        ("voice", "Plateau"),
        ("voice", NOT_SERVED),
        (
            "chat",
            "Metro",
        ),
    ]
    assert index.names == ["workload", "data_centre"]
    assert cells.index(cells.of_demands(np.array([0]))).tolist() == [("voice", NOT_SERVED)]


@pytest.mark.parametrize(
    ("by", "says"),
    [
        ("site", "expected perhaps data_centre; one or several of workload, hub, hub_region, data_centre, region"),
        ("wrkload", "perhaps workload; one or several of"),
        (
            "colour",
            "expected one or several of workload, hub, hub_region, data_centre, region, jurisdiction",
        ),
        (["hub", "hub"], "each once"),
        ([], "expected one or several of"),
        (3, "not 3"),
        ("month", "whole hours have no month"),
    ],
)
def test_unknown_groups_are_errors_with_the_list(tiny, by, says):
    with pytest.raises(ArgumentError, match=says):
        tiny.statistics(by)


#: Amounts of a summary, and the figures of a placement that they add up to.
AMOUNTS = (
    *("demand_mtok", "served_mtok", "unserved_mtok", "not_worth_serving_mtok", "cannot_be_served_mtok"),
    *("exported_mtok", "cost_usd", "energy_mwh", "spilt_mwh", "carbon_kg", "water_litres"),
)


def _representative(hours: pd.DatetimeIndex, **periods: object) -> placer.Instance:
    """One hub and one data centre of 10 accelerators at 2 USD an hour; power of 1 MWh a Mtok."""
    count = len(hours)
    return placer.Instance.from_tables(
        {
            "hubs": [{"hub": "A", "region": "east"}],
            "data_centres": [
                {"data_centre": "X", "region": "west", "accelerators": 10.0, "accelerator_usd_per_hour": 2.0}
            ],
            "links": [{"from": "A", "to": "X", "rtt_ms": 1.0}],
            "power_zones": [
                {"power_zone": "grid", "usd_per_mwh": 50.0, "carbon_kg_per_mwh": 400.0},
                {"power_zone": "wind", "usd_per_mwh": 0.0},
            ],
            "supplies": [
                {"power_zone": "grid", "data_centre": "X"},
                {"power_zone": "wind", "data_centre": "X", "limit_mw": 3.0},
            ],
            "workloads": [
                {
                    "workload": "chat",
                    "accelerator_hours_per_mtok": 1.0,
                    "kwh_per_mtok": 1000.0,
                    "unserved_usd_per_mtok": 1000.0,
                }
            ],
            "demand": [
                {"workload": "chat", "hub": "A", "hour": hour, "mtok": mtok}
                for hour, mtok in zip(hours, np.resize([2.0, 12.0], count), strict=True)
            ],
            "periods": pd.DataFrame({"hour": hours, **periods}),
        }
    )


@pytest.fixture(scope="module")
def winter_and_summer():
    """Two hours of a day of 181 in January and of a day of 184 in July: 2 Mtok with wind left, then 12 for 10."""
    hours = pd.DatetimeIndex([f"2026-{month}-15T{hour}:00" for month in ("01", "07") for hour in ("00", "01")])
    blocks = np.repeat(["a winter's day", "a summer's day"], 2)
    return placer.solve(_representative(hours, weight=np.repeat([181.0, 184.0], 2), block=blocks))


def test_months_by_hand(winter_and_summer):
    """Tests every amount of July: 184 days of 12 Mtok served and 2 not, of 3 MWh of wind in each of two hours."""
    months = winter_and_summer.by_period("month")
    assert months.index.tolist() == ["2026-01", "2026-07"]
    july = months.loc["2026-07"]
    by_hand = {
        "hours": 184 * 2,
        "demand_mtok": 184 * 14,
        "served_mtok": 184 * 12,
        "unserved_mtok": 184 * 2,
        "exported_mtok": 184 * 12,
        "export_share": 12 / 14,
        "energy_mwh": 184 * 12,
        "spilt_mwh": 184 * 1,
        "carbon_kg": 184 * 7 * 400,
        "cost_usd": 184 * (12 * 2 + 7 * 50),
        "cost_usd_per_mtok": (12 * 2 + 7 * 50) / 12,
        "price_usd_per_mtok": 2.0,
        "at_penalty_mtok": 184 * 10,
    }
    assert july[list(by_hand)].to_dict() == pytest.approx(by_hand)
    assert (months.loc["2026-01", "cost_usd"] / 181) == pytest.approx(july["cost_usd"] / 184)


@pytest.mark.parametrize("by", ["month", "week", "day", "block"])
def test_periods_add_up_to_the_whole(winter_and_summer, by):
    """Tests that every amount adds up to that of the placement, however hours are put together."""
    table = winter_and_summer.by_period(by)
    for name in AMOUNTS:
        assert table[name].sum() == pytest.approx(getattr(winter_and_summer, name), rel=1e-12, abs=1e-9), name
    assert table["hours"].sum() == 365 * 2


def test_labels_are_iso_8601(winter_and_summer):
    """Tests the labels of weeks, days and blocks."""
    axes = {by: period_axis(winter_and_summer.instance, by)[1].tolist() for by in ("week", "day", "block")}
    assert axes["week"] == ["2026-W03", "2026-W29"]
    assert axes["day"] == ["2026-01-15", "2026-07-15"]
    assert axes["block"] == ["a winter's day", "a summer's day"]


def test_months_are_those_of_the_time_zone():
    """Tests that midnight in Shanghai begins a month, although it is the afternoon before elsewhere."""
    hours = pd.date_range("2026-01-31T23:00", periods=2, freq="h", tz="Asia/Shanghai")
    number, labels = period_axis(_representative(hours), "month")
    assert (number.tolist(), labels.tolist()) == ([0, 1], ["2026-01", "2026-02"])


def test_a_week_goes_on_over_the_turn_of_the_year():
    """Tests that the ISO year names the week of the first of January 2027, a Friday."""
    hours = pd.date_range("2026-12-31T23:00", periods=2, freq="h")
    assert period_axis(_representative(hours), "week")[1].tolist() == ["2026-W53"]


@pytest.mark.parametrize("seed", range(4))
def test_work_that_waits_is_drawn_where_it_runs(make_random_instance, seed):
    """Tests blocks of whole hours, whose work waits, whose caps bind: amounts add up with weights."""
    instance = make_random_instance(seed, cyclic=True)
    hours = list(instance.hours)
    blocks = ["first"] * 2 + ["second"] * (len(hours) - 2)
    weights = [3.0] * 2 + [2.0] * (len(hours) - 2)
    weighted = instance.replace(periods=pd.DataFrame({"hour": hours, "weight": weights, "block": blocks}))
    placement = placer.solve(weighted)
    table = placement.by_period("block")
    assert table.index.tolist() == ["first", "second"]
    for name in AMOUNTS:
        assert table[name].sum() == pytest.approx(getattr(placement, name), rel=1e-9, abs=1e-6), name


def test_hours_without_a_table_of_periods_are_one_block(make_instance):
    """Tests the label of the only block."""
    assert placer.solve(make_instance()).by_period("block").index.tolist() == ["all"]


@pytest.mark.parametrize("by", ["month", "week", "day"])
def test_whole_hours_have_no_month(make_instance, by):
    """Tests that the error names what to write instead."""
    with pytest.raises(ArgumentError, match=f"whole hours have no {by}: .* by='block'"):
        placer.solve(make_instance()).by_period(by)


@pytest.mark.parametrize("by", ["M", "year", None, 3])
def test_unknown_periods_are_an_error(make_instance, by):
    """Tests that the error names the periods there are."""
    with pytest.raises(ArgumentError, match="expected month, week, day or block as by"):
        placer.solve(make_instance()).by_period(by)
