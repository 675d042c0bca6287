"""What a page holds of a model: own rows and columns, prices with their rents, and no naive rules."""

from __future__ import annotations

import pandas as pd
import pytest

import placer
from placer.errors import ArgumentError
from placer.report.content.own_rows import OWN_PART, own_content, own_parts, refuse_analyses, rules_beside
from placer.report.content.page import Subject, content_of


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
