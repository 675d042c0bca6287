"""Factors and values of columns as assumptions."""

from __future__ import annotations

import pytest

import placer
from placer.errors import ArgumentError

PRICE, PUE = "power_zones.usd_per_mwh", "data_centres.pue"


@pytest.fixture(scope="module")
def tiny():
    """The smallest dataset: prices of 100 and 80, and of 40 and 20."""
    return placer.load("tiny")


def made(assumption, tiny):
    """Return the instances of an assumption by the value that tables show."""
    return {value: change(tiny) for value, change in assumption.changes.items()}


def test_factors_and_values_are_changes(tiny):
    """Tests that plain forms make what ``scaled`` and ``with_value`` make, in the rows that ``where`` names."""
    scaled = made(placer.Assumption("price", scale={PRICE: [0.8, 1.2]}, where="Plateau wind"), tiny)
    assert list(scaled) == ["0.8", "1.2"]
    assert all(scaled[text] == tiny.scaled(PRICE, float(text), "Plateau wind") for text in scaled)
    east = {"region": "east"}
    assert made(placer.Assumption("pue", set={PUE: [1.1]}, where=east), tiny) == {
        "1.1": tiny.with_value(PUE, 1.1, east)
    }
    by_hour = placer.Assumption("price", set={PRICE: [[10.0, 20.0]]})
    assert made(by_hour, tiny) == {"[10.0, 20.0]": tiny.with_value(PRICE, [10.0, 20.0])}


def test_several_columns_change_together(tiny):
    """Tests that the first case has the first value of every column, and that equal values are shown once."""
    both = placer.Assumption("both", scale={PRICE: [2, 3], "demand.mtok": [2, 0.5]})
    assert made(both, tiny) == {
        "2": tiny.scaled([PRICE, "demand.mtok"], 2),
        "3, 0.5": tiny.scaled(PRICE, 3).scaled("demand.mtok", 0.5),
    }


def test_units(tiny):
    """Tests that factors are shown as times, unless a unit is given; values have none."""
    assert placer.Assumption("price", scale={PRICE: [2]}).unit == "times"
    assert placer.Assumption("price", unit="of today", scale={PRICE: [2]}).unit == "of today"
    assert placer.Assumption("pue", set={PUE: [1.1]}).unit == ""


def test_a_study_by_hand(tiny):
    """Tests the cost of a Mtok at twice the price of power: 1.378 USD and the 0.045 USD of power once more."""
    price = placer.Assumption("price", scale={PRICE: [2]})
    table = placer.sensitivity(tiny, [price], figures=["cost_usd_per_mtok"]).table
    energy = placer.solve(tiny).data_centres["energy_usd"].sum() / 240
    once, twice = table["cost_usd_per_mtok"]
    assert once < twice <= once + energy + 1e-9


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (
            {"changes": {PRICE: [0.8, 1.2]}},
            r"write placer.Assumption\('price', scale={'power_zones.usd_per_mwh': \[0.8, 1.2\]}\) for factors, or set=",
        ),
        (
            {"changes": {"0.8": 0.8}},
            r"0.8 is no function of an instance: write placer.Assumption\('price', scale={'pow",
        ),
        ({"changes": [0.8]}, r"\[0.8\] is no mapping of values to functions: write placer.Assumption"),
        ({}, "needs one of changes, scale and set: write placer.Assumption"),
        ({"scale": {PRICE: [1]}, "set": {PUE: [1]}}, "needs one of changes, scale and set"),
        ({"where": "Plateau wind"}, "needs one of changes, scale and set"),
        ({"scale": {}}, "names no column: write"),
        ({"scale": [0.8]}, r"\[0.8\] names no column: write"),
        ({"scale": {PRICE: []}}, "needs as many values of every column, not 0 of power_zones.usd_per_mwh"),
        ({"scale": {PRICE: [1, 2], PUE: [1]}}, "not 2 of power_zones.usd_per_mwh, 1 of data_centres.pue"),
        ({"scale": {PRICE: [1, 1.0]}}, "has a value twice"),
        ({"changes": {"1": lambda each: each}, "where": "Port"}, "leave out scale, set and where, or the changes"),
    ],
)
def test_what_is_no_assumption_is_an_error_with_the_form_to_write(given, says):
    with pytest.raises(ArgumentError, match=says):
        placer.Assumption("price", **given)


def test_unknown_columns_and_rows_are_errors_before_the_work(tiny):
    """Tests that the error names the assumption and its case, and what is known."""
    wrong = [
        placer.Assumption("price", scale={"power_zones.price": [2]}),
        placer.Assumption("demand", scale={"demand.mtok": [2]}, where={"workload": "char"}),
    ]
    with pytest.raises(placer.InstanceError) as caught:
        placer.sensitivity(tiny, wrong)
    assert "price 2: power_zones.price: no such column of numbers (allowed: perhaps usd_per_mwh)" in str(caught.value)
    assert "demand 2: demand.workload: 'char' is in no row" in str(caught.value)
