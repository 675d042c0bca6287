"""Changes in words, and hours as spans."""

from __future__ import annotations

import numpy as np
import pytest

from placer.analysis.shortage.wording import UNITS, allowed_in_words, hour_spans, raised_in_words, rounded_up


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
