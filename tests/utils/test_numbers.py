"""Tests of how figures are written."""

from __future__ import annotations

from functools import partial

import pytest

from placer.currency import amount_in
from placer.utils.numbers import figure, gap_in_words, in_full, mark, percent, plain_figure, points, quantity, signed

amount_in_usd = partial(amount_in, currency="USD")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0"),
        (1.0, "1.000"),
        (12345.6, "12,346"),
        (-12345.6, "-12,346"),
        (0.00012345, "0.0001234"),
        (1.051e-7, "0.0000001051"),
        (-1.36709e-17, "0"),
        (float("nan"), "\u2013"),
        (float("inf"), "unlimited"),
        (float("-inf"), "-unlimited"),
    ],
)
def test_figures(value, written):
    assert figure(value) == written


def test_shares():
    assert percent(float("nan")) == "\u2013"
    assert percent(-1e-9) == "0.0%"
    assert percent(-0.123, 2) == "-12.30%"
    assert percent(12.0) == "1,200.0%"


def test_signs():
    assert signed("2.0%", 0.02) == "+2.0%"
    assert signed("-2.0%", -0.02) == "\u22122.0%"
    assert signed("0.0%", 0.0) == "0.0%"


def test_marks_of_an_axis():
    assert mark(0.25) == "0.25"
    assert mark(1e6) == "1,000,000"


@pytest.mark.parametrize(
    ("written", "value", "text"),
    [
        (quantity, 240.0, "240"),
        (quantity, 0.125, "0.125"),
        (quantity, 139_621_897.4, "139,621,897"),
        (quantity, 2.10388e6, "2,103,880"),
        (quantity, 999_999.7, "1,000,000"),
        (quantity, -1.36709e-17, "0"),
        (quantity, -0.0, "0"),
        (quantity, 3.2e-7, "0.00000032"),
        (quantity, float("inf"), "inf"),
        (in_full, -1.36709e-17, "0"),
        (in_full, 9999.96, "10,000"),
        (in_full, 4.5e-6, "0.0000045"),
        (plain_figure, -9e-17, "0"),
        (gap_in_words, -1.8e-16, "gap 0%"),
        (gap_in_words, 1e-9, "gap 0.0000001%"),
        (gap_in_words, -0.02, "gap -2%"),
        (points, -1e-6, "0.00 points"),
        (percent, -1e-9, "0.0%"),
        (amount_in_usd, -1e-12, "0.00 USD"),
        (mark, 5e-5, "0.00005"),
    ],
)
def test_no_figure_is_noise(written, value, text):
    """Tests that rounding is 0 without a sign, and that no figure is a power of ten."""
    assert written(value) == text
