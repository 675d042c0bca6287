"""Tests of build limits."""

from __future__ import annotations

import pandas as pd
import pytest

import placer


def test_a_mapping_is_at_most():
    """Tests that amounts by name are upper limits, and that nothing is no limit."""
    limits = placer.BuildLimits.of({"chips": 5, "land_ha": 2.5})
    assert (limits.names, limits.sense, limits.amount.tolist()) == (("chips", "land_ha"), ("<=", "<="), [5.0, 2.5])
    assert placer.BuildLimits.of(limits) is limits
    assert placer.BuildLimits.of(None).names == ()


def test_a_table_has_senses():
    """Tests a table, whose missing sense is at most, in both forms."""
    rows = [{"limit": "chips", "sense": ">=", "amount": 5.0}, {"limit": "land_ha", "amount": 2.0}]
    for table in (rows, pd.DataFrame(rows)):
        limits = placer.BuildLimits.of(table)
        assert (limits.names, limits.sense, limits.amount.tolist()) == (("chips", "land_ha"), (">=", "<="), [5.0, 2.0])


def test_all_violations_in_one_error():
    """Tests that one error lists the defects of all rows."""
    rows = [
        {"limit": "chips", "sense": "=<", "amount": 5.0},
        {"limit": "chips", "sense": "<=", "amount": float("inf")},
        {"limit": None, "sense": "<=", "amount": "3"},
    ]
    with pytest.raises(placer.InstanceError) as caught:
        placer.BuildLimits.of(rows)
    assert [f"{each.row}.{each.column}: {each.problem}" for each in caught.value.violations] == [
        "row 3.limit: missing: write a name for the limit, such as at most 40 % of chat at Guizhou",
        "chips.amount: inf is out of range",
        "row 3.amount: '3' is text: turn the column into numbers, as pandas.to_numeric does",
        "chips.sense: '=<' is unknown",
    ]


def _range(least, most):
    return [{"limit": "land_ha", "sense": sense, "amount": amount} for sense, amount in ((">=", least), ("<=", most))]


def test_a_range_is_two_rows():
    """Tests that both sides stay, each with a label of its own, and that an amount alone is a range too."""
    limits = placer.BuildLimits.of([*_range(100.0, 500.0), {"limit": "chips", "amount": 5.0}])
    assert (limits.names, limits.sense) == (("land_ha", "land_ha", "chips"), (">=", "<=", "<="))
    assert limits.labels == ("land_ha >=", "land_ha <=", "chips")
    assert placer.BuildLimits.of(_range(3.0, 3.0)).amount.tolist() == [3.0, 3.0]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([*_range(1.0, 2.0), {"limit": "land_ha", "sense": "<=", "amount": 2.0}], "land_ha <=.: given twice"),
        ([{"limit": "land_ha", "amount": 1.0}, _range(0.0, 2.0)[1]], "land_ha <=.: given twice"),
        (_range(5.0, 3.0), "land_ha.amount: >= 5 and <= 3: no amount keeps both"),
        ([*_range(1.0, 2.0), {"limit": "land_ha >=", "amount": 2.0}], "land_ha >=.: given twice"),
    ],
)
def test_contradictory_rows(rows, said):
    """Tests rows of one name and sense, a range without any amount, and the name of a side of a range."""
    with pytest.raises(placer.InstanceError) as caught:
        placer.BuildLimits.of(rows)
    assert [f"{each.row}.{each.column}: {each.problem}" for each in caught.value.violations] == [said]


@pytest.mark.parametrize(
    ("least", "most", "units", "cost", "rents"),
    [(70.0, 80.0, 70, 10_380, (6, 0)), (10.0, 50.0, 50, 10_500, (0, 18)), (10.0, 80.0, 60, 10_320, (0, 0))],
)
def test_the_sides_of_a_range_by_hand(east_and_west, least, most, units, cost, rents):
    """Tests use and rent of both sides, and the plan of years.

    60 units in the West are best, at 10,320 a day. Each unit more costs 30 and saves 12 x 2; each unit less saves 30
    and costs 12 x 2 in both periods. The West takes a hectare a unit.
    """
    west = {"candidate": "west", "adds": "accelerators", "target": "West", "usd_per_unit_year": 30.0 * 365}
    row = west | {"max_units": 900.0, "land_ha": 1.0}
    plan = placer.plan(east_and_west, [row], build_limits=_range(least, most), gap=1e-9)
    assert plan.units.tolist() == pytest.approx([units])
    assert plan.cost_usd_per_year / 365 == pytest.approx(cost)
    limits = plan.build_limits
    assert limits["use"].tolist() == pytest.approx([units, units])
    assert limits.loc["land_ha >=", "rent_usd_per_unit_year"] / 365 == pytest.approx(rents[0], abs=1e-6)
    assert limits.loc["land_ha <=", "rent_usd_per_unit_year"] / 365 == pytest.approx(rents[1], abs=1e-6)
    years = placer.Years({2026: east_and_west}, until=2027, discount_rate=0.0)
    later = placer.plan_years(years, [row], _range(least, most), gap=1e-9)
    assert later.cost_usd_per_year == pytest.approx(plan.cost_usd_per_year)
    assert later.build_limits.index.tolist() == [("land_ha >=", 2026), ("land_ha <=", 2026)]
    pair = later.build_limits["rent_usd_per_unit_year"] / 365
    assert pair.tolist() == pytest.approx(rents, abs=1e-6)


@pytest.mark.parametrize("given", [3, "budget", [3]])
def test_what_are_no_limits_is_an_argument_error(given):
    """Tests that a wrong type is one sentence."""
    with pytest.raises(placer.ArgumentError, match="build limits"):
        placer.BuildLimits.of(given)
