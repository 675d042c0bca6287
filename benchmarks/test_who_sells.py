"""Tests of the tables of the page on trade, and of what counts as explained."""

from __future__ import annotations

from dataclasses import replace

import pytest

import placer

from . import globe_facts, globe_trade, who_sells
from .observed import read_facts

SHARE = replace(read_facts()[0], unit="share", value=0.2, low=0.2, high=0.3)
CASE = globe_trade.Case("a", 0.36, 0.205, 36.3e6, 26.9e6, 19.9e6, 0.0708, 0.0035, 1.2e6, 18.7e6, 1729.0, 9.9e6)


@pytest.mark.parametrize(
    ("fact", "with_numbers", "without", "answer"),
    [
        (SHARE, 0.1, 0.05, True),
        (SHARE, 0.6, 0.0, False),
        (SHARE, 0.6, 0.9, True),
        (SHARE, 0.15, 0.19, False),
        (SHARE, 0.25, 0.25, False),
        (replace(SHARE, unit="correlation", low=0.6, high=1.0), 0.5, 0.1, False),
        (replace(SHARE, low=0.0, high=0.01), 0.015, 0.1, False),
    ],
)
def test_what_is_explained(fact, with_numbers: float, without: float, answer) -> None:
    """Tests the factor of two, that the numbers must help, and ranges in which no factor counts."""
    assert globe_facts.explains(fact, with_numbers, without) == answer


def test_cases_in_one_range() -> None:
    """Tests the row of a case, and the range over two."""
    lines = who_sells.table_of([CASE, replace(CASE, traded=0.5)]).splitlines()
    assert lines[2] == "| a | 36% | 36.3 | 20.5% | 26.9 | 19.9 | 0.00350 (4.9%) | 6.4% | 0.02% |"
    assert lines[-1].startswith("| **range** | 36% to 50% | 36.3 to 36.3 |")
    assert {line.count("|") for line in lines} == {10}


def test_page_has_all_tables() -> None:
    """Tests that a table can be written between its lines, and that the page has a place for each."""
    assert who_sells.with_table("a\n<!-- b -->\nold\n<!-- end -->\nc\n", "b", "| new |") == (
        "a\n<!-- b -->\n\n| new |\n\n<!-- end -->\nc\n"
    )
    page = who_sells.PAGE.read_text(encoding="utf-8")
    for name in who_sells.TABLES:
        assert f"<!-- {name} -->\n" in page
    assert page.count("<!-- end -->\n") == len(who_sells.TABLES)


@pytest.mark.slow
def test_buyers_of_the_interior() -> None:
    """Tests that what other countries buy of the interior and of the coast is what China sells abroad."""
    placement = placer.solve(globe_trade.with_parts(placer.load("globe")))
    flows = placer.trade(placement, by="part").flows["mtok"]
    abroad = flows.drop([globe_trade.INTERIOR, globe_trade.COAST], level="used_in")
    sold = float(placer.trade(placement).countries.loc["China", "exports_mtok"])
    assert globe_trade.interior(placement)["mtok"].sum() == pytest.approx(abroad[globe_trade.INTERIOR].sum())
    assert abroad[[globe_trade.INTERIOR, globe_trade.COAST]].sum() == pytest.approx(sold)
