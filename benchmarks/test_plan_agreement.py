"""Random plans by two ways."""

from __future__ import annotations

import pytest

from benchmarks.plan_agreement import main


@pytest.mark.slow
def test_plans_agree(capsys):
    """Tests a few plans, with and without a budget."""
    assert main(["--count", "3", "--seed", "1"]) == 0
    assert "3 plans, 0 wrong" in capsys.readouterr().out
