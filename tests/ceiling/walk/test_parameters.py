"""Parameters of a sweep change its effort and not its figures."""

from __future__ import annotations

import pytest

from placer.ceiling.walk.parameters import SweepParameters
from placer.ceiling.walk.sweep import sweep


@pytest.mark.parametrize(
    "changed",
    [
        {"entering": 1},
        {"chunk": 1},
        {"program_growth": 0.0, "program_spare": 0},
        {"first_weight": 0.01},
        {"growth": 2.0},
    ],
)
def test_figures_stay(block, changed):
    """Tests that steps of another size, and weights that are too small, give the same served and exported demand."""
    found = sweep(block, SweepParameters(**changed))
    assert [step.served for step in found.steps] == pytest.approx([0.0, 8.0, 10.0])
    assert [step.exported for step in found.steps] == pytest.approx([0.0, 0.0, 8.0])
