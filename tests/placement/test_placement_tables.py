"""The tables of a placement say what is in them; accounts and rents are those of its flows and duals, made once."""

from __future__ import annotations

import pydoc

import numpy as np
import pytest

import placer
from placer.placement.accounts import settle
from placer.placement.placement_tables import TABLE_NAMES, PlacementTables
from placer.placement.rents import read_rents


@pytest.fixture(scope="module")
def tiny():
    return placer.solve(placer.load("tiny"))


@pytest.mark.parametrize("name", TABLE_NAMES)
def test_docstrings_name_every_column_and_level(tiny, name):
    """Tests that what ``help(placer.Placement)`` says of a table names all of its columns and the levels of its index.

    The summaries by hub and hour refer to that by workload, and costs by part to it.
    """
    said = getattr(PlacementTables, name).__doc__
    if "as in ``workloads``" in said:
        said += PlacementTables.workloads.__doc__
    table = getattr(tiny, name)
    missing = [column for column in (*table.columns, *table.index.names) if f"``{column}``" not in said]
    assert not missing


def test_help_says_what_is_in_each_table():
    """Tests that the help of a placement holds the columns of its tables."""
    text = pydoc.plain(pydoc.render_doc(placer.Placement))
    for column in ("latency_rent_usd_per_mtok", "inframarginal_rent_usd_per_mwh", "peak_utilisation", "mtok"):
        assert column in text
    assert "See ``placer.placement.tables" not in text


def test_price_summary_names_its_columns(tiny):
    """Tests that the summary of prices says what its columns are, and has one row for each of what it is by."""
    said = PlacementTables.price_summary.__doc__
    summary = tiny.price_summary()
    parts = [name for name in tiny.prices.columns if name.endswith("_usd_per_mtok")]
    assert [name for name in summary.columns if f"``{name}``" not in said and name not in parts] == []
    assert summary.index.tolist() == ["all"]
    assert len(tiny.price_summary("hub")) == 3


def test_accounts_and_rents_are_those_of_the_answer(tiny):
    """Tests accounts and rents against those of the flows and the duals."""
    accounts = settle(tiny.formulation, tiny.answer.point)
    rents = read_rents(tiny.formulation, tiny.answer.prices)
    np.testing.assert_array_equal(tiny.accounts.sent, accounts.sent)
    np.testing.assert_array_equal(tiny.rents.price, rents.price)


def test_each_is_made_once(tiny):
    """Tests that asking twice gives the same object, which no table may write to."""
    assert tiny.accounts is tiny.accounts
    assert tiny.rents is tiny.rents


def test_a_backlog_is_not_asked_for(tiny):
    """Tests that all demand is asked for but what waits when the horizon begins."""
    assert tiny.asked_for.all()
    backlog = [{"workload": "batch", "data_centre": "Metro", "hours_left": 1, "mtok": 5}]
    late = placer.solve(tiny.instance.with_backlog(backlog))
    amount = late.formulation.structure.demand_amount
    assert amount[~late.asked_for].sum() == 5.0
