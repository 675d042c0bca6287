"""Changes made in the tables of an instance, in words, and hours as spans."""

from __future__ import annotations

import math

import numpy as np
import pytest

from placer.analysis.shortage.changes import (
    UNITS,
    Change,
    allowed_in_words,
    edited,
    hour_spans,
    made,
    raised_in_words,
    rounded_up,
    spare_supplies,
)
from placer.errors import InstanceError


def _accelerators(new, position=0):
    return Change("accelerators", "X", "data_centres", position, "accelerators", 4.0, new)


def test_a_value_is_changed_in_its_place(short):
    """Tests that one value of one column is another, and nothing else."""
    cured = made(short, [_accelerators(10.0)])
    assert cured.data_centres["accelerators"].tolist() == [10.0, 6.0]
    assert cured.replace(data_centres=short.data_centres) == short


def test_settings_and_links_are_changed_too(short):
    """Tests that a cap is a setting, and that a new link comes after the last one."""
    link = {"from": "A", "to": "Y", "rtt_ms": 5.0, "capacity_gbps": math.inf, "usd_per_gb": 0.0}
    changes = [
        Change("carbon cap", "", "settings", 0, "carbon_limit_kg", 1.0, 7.0),
        Change("no route", "A - Y", "links", len(short.links), "", None, link),
    ]
    tables, settings = edited(dict(short.tables), changes)
    assert settings == {"carbon_limit_kg": 7.0}
    assert tables["links"].iloc[-1].to_dict() == link
    assert len(tables["links"]) == len(short.links) + 1


def test_spare_supplies_stand_where_there_are_none(make_instance):
    """Tests that a data centre without supply gets one of 0 MW from the cheapest zone, kept only where it is raised."""
    instance = make_instance(supplies=[{"power_zone": "zx", "data_centre": "X"}])
    spare = spare_supplies(instance)["supplies"]
    assert spare["data_centre"].tolist() == ["X", "Y"]
    assert spare["limit_mw"].iloc[1] == 0.0
    assert made(instance, []) == instance
    raised = Change("no supply", "zy - Y", "supplies", 1, "limit_mw", 0.0, 6.0)
    assert made(instance, [raised]).supplies["limit_mw"].tolist()[1] == 6.0


def test_a_row_that_is_not_there(short):
    """Tests that a change beyond the last row is refused by table, row and column."""
    with pytest.raises(InstanceError, match="no such row"):
        made(short, [_accelerators(10.0, position=2)])


@pytest.mark.parametrize(
    ("amount", "expected"), [(12.4, 12.4), (0.010416668, 0.01042), (3210.0, 3210.0), (123456.0, 123500.0), (0.0, 0.0)]
)
def test_figures_in_words(amount, expected):
    """Tests that figures in words are rounded up to four digits, so that they are enough."""
    assert rounded_up(amount) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("limit", sorted(UNITS.keys() - {"residency"}))
def test_every_limit_has_words(limit):
    """Tests that every limit with an amount is told with the amount, and with its name unless it is a cap."""
    said = raised_in_words(limit, "X - Y", 1234.5)
    assert "1,23" in said
    assert ("X - Y" in said) is not limit.endswith("cap")


def test_jurisdictions_in_words():
    """Tests that only those are named that are new, and that none at all is anywhere."""
    assert allowed_in_words("w", ("CN",), ("CN", "EU", "US")) == "EU, US among the jurisdictions of w"
    assert allowed_in_words("w", ("CN",), None) == "any jurisdiction for w"


@pytest.mark.parametrize(("hours", "said"), [([], ""), ([4], "4"), ([3, 1, 2], "1-3"), ([0, 2, 3, 9], "0, 2-3, 9")])
def test_spans(hours, said):
    """Tests that hours in any order are told as spans of those that follow each other."""
    assert hour_spans(np.array(hours, dtype=int), range(24)) == said
