"""The content of the section on batteries."""

from __future__ import annotations

import math

import pytest

import placer
from placer.report.content.batteries import batteries_content
from placer.report.html.calendar import steps_of
from tests.batteries_by_hand import powered


def _content(instance):
    placement = placer.solve(instance)
    return batteries_content(placement, steps_of(placement.formulation.hours))


def test_figures_by_hand():
    """Tests 4 MWh that are charged at 20 USD and discharged at 100: 320 USD earned, full after the first hour."""
    found = _content(powered(battery={}))
    assert found.table.loc["B"].to_dict() == pytest.approx(
        {"at": "D", "power_mw": 4, "energy_mwh": 4, "charged_mwh": 4, "discharged_mwh": 4, "lost_mwh": 0}
        | {"earned_usd": 320}
    )
    assert found.charge.loc["B"].tolist() == pytest.approx([1, 0])
    assert found.flows["charged"].tolist() == pytest.approx([-4, 0])
    assert found.flows["discharged"].tolist() == pytest.approx([0, 4])


def test_the_one_that_earns_most_is_first():
    """Tests two batteries of which the second is larger, and names that are printable."""
    rows = [
        {"battery": "a\u202eb", "data_centre": "D", "power_mw": 1.0, "energy_mwh": 1.0},
        {"battery": "large", "power_zone": "Z", "power_mw": 2.0, "energy_mwh": 2.0},
    ]
    found = _content(powered(batteries=rows))
    assert found.table.index.tolist() == found.charge.index.tolist() == ["large", "a\\u202eb"]
    assert found.table["at"].tolist() == ["Z", "D"]


def test_one_that_is_not_built():
    """Tests that a battery without power, as before a plan builds it, has no state of charge, and no content alone."""
    rows = [
        {"battery": name, "data_centre": "D", "power_mw": size, "energy_mwh": size}
        for name, size in (("built", 1.0), ("not", 0.0))
    ]
    found = _content(powered(batteries=rows))
    assert all(math.isnan(share) for share in found.charge.loc["not"])
    assert _content(powered(batteries=rows[1:])) is None


def test_steps_of_several_hours_hold_means():
    """Tests a week of prices that change by the hour: half of the hours end full."""
    found = _content(powered([20.0, 100.0] * 84, battery={}))
    assert found.charge.shape[1] < 168
    assert found.charge.loc["B"].tolist() == pytest.approx([0.5] * found.charge.shape[1])
    assert found.flows["discharged"].sum() == pytest.approx(4 * 84)


def test_without_batteries_there_is_no_content():
    assert _content(powered()) is None
