"""Limits of one's own in words."""

from __future__ import annotations

import math

import pandas as pd
import pytest

import placer
from placer.errors import ArgumentError
from placer.report.content.own_limits import (
    OWN_PART,
    limit_lines,
    limit_rows,
    own_content,
    own_parts,
    refuse_analyses,
    rules_beside,
)
from placer.report.content.page import Subject, content_of


def _table(*rows):
    columns = ["limit", "hours", "kind", "sense", "use", "amount", "unit", "rent_usd_per_unit"]
    return pd.DataFrame(rows, columns=columns).set_index(["limit", "hours"])


def test_each_kind_of_amount_has_its_unit():
    """Tests amounts in their units, shares in per cent, rents per unit, and the hours of a limit on some."""
    table = _table(
        ("a", "", "tokens", "<=", 40.0, 50.0, "Mtok", 0.0),
        ("b", "0-7|9", "water_litres", ">=", 1234.5, 1234.5, "litre", 0.25),
        ("c", "", "share", "<=", 0.4, 0.4, "Mtok", 2.0),
    )
    lines = limit_lines(table)
    assert lines.index.tolist() == ["a", "b [0-7|9]", "c"]
    assert lines.loc["a"].tolist() == ["tokens", "<= 50.00 Mtok", "40.00", "0 USD per Mtok"]
    assert lines.loc["b [0-7|9]"].tolist() == ["water litres", ">= 1,234 litres", "1,234", "0.2500 USD per litre"]
    assert lines.loc["c"].tolist() == ["share", "<= 40.0%", "40.0%", "2.000 USD per Mtok"]
    assert limit_rows(table).equals(lines)


def test_a_limit_on_each_hour_is_one_line_and_many_rows():
    """Tests the least and the most over its hours, that rounding is 0, and that a share of nothing is a dash."""
    table = _table(
        ("green", "0", "green_share", ">=", 0.75, 0.75, "MWh", 65.6),
        ("green", "1", "green_share", ">=", 1.0, 0.75, "MWh", 1e-14),
        ("green", "2", "green_share", ">=", math.nan, 0.75, "MWh", 0.0),
    )
    lines, rows = limit_lines(table), limit_rows(table)
    assert lines.loc["green [3 hours]", ["use", "rent"]].tolist() == ["75.0 to 100.0%", "0 to 65.60 USD per MWh"]
    assert rows.index.tolist() == ["green [0]", "green [1]", "green [2]"]
    assert rows["use"].tolist() == ["75.0%", "100.0%", "\u2013"]


def test_without_limits_there_are_no_lines(make_instance):
    """Tests that an instance without limits of one's own has no rows."""
    limits = placer.solve(make_instance()).limits
    assert limit_lines(limits).empty
    assert limit_rows(limits).empty


@pytest.fixture(scope="module")
def placement(make_instance):
    """Return a model in which each of at most 6 of 16 Mtok at Y needs room there, of 1 USD."""
    model = placer.Model(make_instance())
    at_y = (model.columns["block"] == "x") & (model.columns["data_centre"] == "Y")
    model.add_columns("room", cost_usd=1.0, upper=6.0)
    terms = pd.concat([at_y[at_y].astype(float), pd.Series({"room": -1.0})])
    model.add_rows(terms, name="at Y", upper=0.0)
    return model.solve()


def test_own_rows_are_content(placement, make_instance):
    """Tests rows, columns and their cost by hand, and that the placement of an instance has none."""
    own = own_content(placement)
    assert (own.rows.index.tolist(), own.columns.index.tolist()) == (["at Y"], ["room"])
    assert (own.own_usd, own.integers_fixed) == (pytest.approx(6.0), False)
    plain = placer.solve(make_instance())
    assert own_content(plain) is None
    assert (own_parts(placement), own_parts(plain)) == ([OWN_PART], [])


def test_prices_by_hour_add_up_with_the_part_of_own_rows(placement):
    """Tests that the parts shown add up to the mean price, X's 50 USD everywhere, and the rent is in the tables."""
    content = content_of(Subject("mine", placement), 1000)
    assert OWN_PART in content.prices
    assert content.prices.sum(axis=1).tolist() == pytest.approx([50.0])
    assert content.hubs[f"{OWN_PART}_usd_per_mtok"].notna().any()
    assert content.rules.empty
    assert content.ties == {"hub": "", "workload": ""}


def test_naive_rules_are_those_of_an_instance(placement, make_instance):
    """Tests that rules are compared beside an instance alone."""
    assert rules_beside(placement).empty
    assert len(rules_beside(placer.solve(make_instance()))) > 1


def test_analyses_of_the_instance_are_refused(placement, make_instance):
    """Tests that what knows no own rows is not shown beside them, by name, and that an instance may have it."""
    given = {"ceiling": None, "rules": object(), "sensitivity": object(), "ranges": None}
    with pytest.raises(ArgumentError, match=r"^made without the model's own rows: rules, sensitivity;"):
        refuse_analyses(placement, given)
    refuse_analyses(placer.solve(make_instance()), given)
    with pytest.raises(ArgumentError, match="own rows: ranges;"):
        content_of(Subject("mine", placement, ranges=[pd.DataFrame()]), 1000)
