"""What a trade prints and saves."""

from __future__ import annotations

import pytest

import placer
from tests.results import check_result


@pytest.mark.slow
def test_what_every_result_offers(two):
    """Tests tables, summary and text, with steps of demand and without."""
    for instance in (two, placer.load("tiny")):
        check_result(placer.trade(instance))


def test_headline_names_the_largest_flow(two):
    """Tests the share of 45 in 50 Mtok, and who sells most."""
    text = placer.trade(two).headline
    assert text == "Trade: 90.00% of tokens between 2 countries; most from abroad to home, 45 Mtok"


def test_summary_has_the_parts_of_welfare(two):
    """Tests 200 USD of value, 82.5 USD of cost, and where the difference goes."""
    summary = placer.trade(two).summary()
    assert round(summary["value_bought_usd"], 6) == 200
    assert round(summary["cost_usd"], 6) == 82.5
    assert round(summary["consumers_surplus_usd"] + summary["producers_rent_usd"], 6) == 117.5
    assert round(summary["welfare_usd"], 6) == 117.5
