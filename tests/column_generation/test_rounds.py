"""Tests of the two gaps of a round."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from placer.column_generation.rounds import Round


@pytest.mark.parametrize(
    ("penalty", "gap", "serving_gap", "closes"),
    [
        (0.0, 1e-9, 1e-9, True),  # cost 1e9, the bound 1 below it
        (990e6, 1e-9, 1e-7, True),  # of which 1e7 is for what is served
        (999.9e6, 1e-9, 1e-5, False),  # of which 1e5 is
        (1e9, 1e-9, 1e-5, False),  # nothing is served: a ten-thousandth of the penalty counts instead
    ],
)
def test_penalty_hides_no_gap(penalty, gap, serving_gap, closes):
    """Tests that a round closes a gap only if the certificate would take it for the cost without penalty as well."""
    point = SimpleNamespace(objective=1e9, penalty=penalty)
    found = Round(None, point, True, None, None, None, [], None, 1e9 - 1, 1, 0)
    assert found.gap == pytest.approx(gap)
    assert found.serving_gap == pytest.approx(serving_gap)
    assert found.closes(1e-8) is closes
    assert not found.closes(1e-10)
