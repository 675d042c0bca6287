"""Tests of tornado charts."""

from __future__ import annotations

import re

import pandas as pd

from placer.report.html.tornado import parallel, tornado

SWINGS = pd.DataFrame(
    {
        "low": [1.0, 2.0],
        "low_value": ["x" * 60, "as given"],
        "high": [3.0, 2.5],
        "high_value": ["<b>", "9"],
    },
    index=["a & b", "c"],
)


def test_bars_reach_from_the_value_to_both_ends():
    """Tests by hand: 1 to 3 over 150 to 570 units, so that 2 stands at 360; the second row has no bar to the left."""
    wide = tornado(SWINGS, 2.0, "two bars", "cost, USD").partition('class="narrow"')[0]
    bars = re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', wide)
    assert bars == [("150", "210"), ("360", "210"), ("360", "105")]
    assert "<title>a &amp; b, &lt;b&gt;: 3.000</title>" in wide
    assert 'aria-label="two bars"' in wide


def test_labels_fit_beside_their_bars():
    """Tests that a long label is clipped, and one of an end that is the value as given is left out."""
    drawn = tornado(SWINGS, 2.0, "two bars", "exported, %", "%")
    labels = re.findall(r'class="value" text-anchor="end">([^<]*)<', drawn)
    assert labels == ["x" * 20 + "...", "x" * 11 + "..."]
    assert "as given<" not in drawn
    assert "9: 250.0%" in drawn
    assert ">150%<" in drawn
    assert drawn.count(">exported, %<") == 2


def test_lines_over_rows_by_hand():
    """Tests two rows of a wide drawing, 720 across: from 266 to 644, heights 23 and 53."""
    drawn = str(parallel([("east", 0.0, 10.0), ("west", 5.0, 7.0)], {"one": [0.0, 1.0], "two": [0.5, 0.5]}, "said"))
    assert 'd="M266 23L644 53"' in drawn
    assert 'd="M455 23L455 53"' in drawn
    assert drawn.count('class="line c0"') == 3
    assert ">10.00</text>" in drawn
    assert 'aria-label="said"' in drawn
