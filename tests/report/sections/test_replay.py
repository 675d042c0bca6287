"""Tests of the section on a replay: rules, days and filled steps."""

from __future__ import annotations

import pandas as pd
import pytest

import placer
from placer.replays.result import Replay


@pytest.fixture
def found():
    """Return two days of two rules, one of them with a hostile name, and a filled step."""
    rows = [
        {"rule": rule, "day": day, "seed": 0, "regret_share": regret * (day - 6), "unserved_share": 0.01}
        | {"expired_share": 0.0, "export_share": 0.5, "decision_ms": 2.0}
        for rule, regret in (("cheapest", 0.02), ("<b>mine</b>", 0.001))
        for day in (7, 8)
    ]
    filled = pd.DataFrame({"class": ["all"], "day": [7], "step": [3], "rule": ["profile"]})
    return Replay(pd.DataFrame(rows).set_index(["rule", "day", "seed"]), pd.DataFrame(), filled)


@pytest.mark.slow
def test_rules_and_days_are_shown(found, tmp_path):
    """Tests means of 3 % and 0.15 %, the days, the filled step, and that names stay text."""
    placement = placer.solve(placer.load("tiny"))
    text = placer.write_report(placement, tmp_path / "report.html", replay=found).read_text(encoding="utf-8")
    assert "Without foresight" in text
    assert "Steps of the history that were filled: 1." in text
    assert "<b>mine" not in text
    for part in ("day 7", "day 8", "&lt;b&gt;mine"):
        assert part in text


@pytest.mark.slow
def test_without_a_replay_there_is_no_section(tmp_path):
    """Tests a page without a replay."""
    placement = placer.solve(placer.load("tiny"))
    assert "Without foresight" not in placer.write_report(placement, tmp_path / "report.html").read_text("utf-8")
