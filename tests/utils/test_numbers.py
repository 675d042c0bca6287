"""Tests of how figures are written."""

from __future__ import annotations

import pytest

from placer.utils.numbers import figure, mark, percent, signed


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0"),
        (1.0, "1.000"),
        (12345.6, "12,346"),
        (-12345.6, "-12,346"),
        (0.00012345, "0.0001234"),
        (1.051e-7, "1.051e-07"),
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
