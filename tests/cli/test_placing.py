"""Tests of the placement that commands begin with."""

from __future__ import annotations

import placer
from placer.cli.placing import least_cost, placed
from placer.cli.run import Run


def test_least_cost_tells_its_steps_and_notes_the_placement():
    steps, notes = [], []
    found = least_cost(Run("tiny"), steps.append, notes.append)
    assert found.cost_usd == placer.solve(placer.load("tiny")).cost_usd
    assert steps[0] == "loading"
    assert steps[1].startswith("solving <")
    assert notes == [placed(found)]
    assert "330.77 USD" in placed(found)
