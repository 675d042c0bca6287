"""The sections of the page of a batch."""

from __future__ import annotations

import pandas as pd
import pytest

import placer
from placer.report.content.batch import BatchSubject, batch_content
from placer.report.sections import batch


@pytest.fixture(scope="module")
def content():
    """Twelve sets, of which one failed; the cost falls as the demand grows."""
    sets = placer.DemandSets(placer.load("tiny"), count=12, seed=7)
    demand = [float(sets.demand(number)["mtok"].sum()) for number in range(12)]
    rows = pd.DataFrame(
        {
            "number": range(12),
            "status": ["optimal"] * 11 + ["infeasible"],
            "detail": [""] * 11 + ["<limit> too low"],
            "cost_usd_per_mtok": [100.0 / each for each in demand[:11]] + [None],
            "unserved_share": [0.0] * 11 + [None],
            "price_usd_per_mtok Coast": [1.0] * 11 + [None],
        }
    )
    return batch_content(BatchSubject("b", rows, sets, below=[("unserved_share", 0.01)]))


def test_headlines_tell_median_and_range(content):
    text = batch.batch_headlines(content)
    assert "11 of 12" in text
    assert "11 optimal, 1 infeasible" in text
    assert "in 90 % of the sets" in text
    assert "price at Coast, USD/Mtok" in text


def test_a_figure_that_is_the_same_everywhere_is_a_sentence(content):
    text = batch.distribution_section(content)
    assert "unserved: 0.0% in all sets." in text
    assert text.count("<h3>") == 1


def test_drivers_are_drawn_for_what_varies(content):
    text = batch.drivers_section(content)
    assert "demand, Mtok, -1.00" in text
    assert "unserved: rank correlation" not in text


def test_extremes_can_be_solved_again(content):
    text = batch.extremes_section(content)
    most = int(content.extremes.loc["cost_usd_per_mtok", "high_set"])
    assert f"placement = placer.solve(sets[{most}])" in text
    assert "placer.DemandSets(instance, uncertainty, count=12, seed=7)" in text
    assert "common_sigma=0.2" in text


def test_shares_and_failures(content):
    assert "100.0" in batch.shares_section(content)
    assert "&lt;limit&gt; too low" in batch.failed_section(content)


def test_sources_are_those_of_the_sets(content):
    assert "common sigma" in batch.batch_sources(content)
    assert "Price of carbon" in batch.batch_sources(content)


def test_what_is_not_there_has_no_section():
    rows = pd.DataFrame({"number": [0], "status": ["time limit"], "detail": ["x"]})
    empty = batch_content(BatchSubject("b", rows))
    made = (batch.distribution_section, batch.drivers_section, batch.extremes_section, batch.shares_section)
    assert [section(empty) for section in made] == [None] * 4
    assert "0 of 1" in batch.batch_headlines(empty)
    assert "dataset is not known" in batch.batch_sources(empty)
    assert batch.opening(empty) is None
