"""Tests of the result of a replay: means over seeds, worst days, and files."""

from __future__ import annotations

import pandas as pd
import pytest

from placer.replays.result import Replay
from tests.results import check_result


@pytest.fixture
def found():
    """Return two days and two seeds of a rule."""
    rows = [
        {"rule": "plan", "day": day, "seed": seed, "regret_share": regret, "unserved_share": 0.0, "expired_share": 0.0}
        | {"export_share": 0.5, "decision_ms": 2.0}
        for (day, seed), regret in zip([(0, 0), (0, 1), (1, 0), (1, 1)], [0.01, 0.03, 0.0, 0.0], strict=True)
    ]
    days = pd.DataFrame(rows).set_index(["rule", "day", "seed"])
    return Replay(days, pd.DataFrame({"demand_mtok": [1.0]}), pd.DataFrame({"class": ["all"]}))


def test_rules_have_means_and_worst_days(found):
    """Tests a mean of 1 % over days and a worst day of 2 %, the mean of its seeds."""
    row = found.rules.loc["plan"]
    assert row["regret_share"] == pytest.approx(0.01)
    assert row["worst_regret_share"] == pytest.approx(0.02)
    assert repr(found) == "<days replayed: 2; mean regret: plan 1.000%; steps filled: 1>"
    assert "1.000%" in found._repr_html_()


def test_files(found, tmp_path):
    """Tests that every table is written."""
    check_result(found)
    assert {file.stem for file in found.save_tables(tmp_path)} == {"rules", "days", "workloads", "filled"}
