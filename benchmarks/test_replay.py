"""Tests of the tables of replays; people judge their figures."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import placer

from . import replay


@pytest.fixture
def a_small_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replay days of two hours around a small instance, one step of which was filled, in place of ``china``."""
    day = placer.load("tiny").replace(hour_length=12.0)
    day = day.replace(data_centres=day.data_centres.assign(accelerators=day.data_centres["accelerators"] / 4))
    rows = pd.DataFrame({"class": "all", "step": range(8), "requests": [10, 20, 30, 20, 0, 20, 10, 20], "mtok": 1.0})
    history = placer.History.of_table(rows, step_minutes=720, missing="interpolate")
    around = placer.DemandHistory(history, day, dict.fromkeys(day.workloads["workload"], "all"), reference_days=1)
    monkeypatch.setattr(replay, "around", lambda _: (day, around))


ASKED = ("--load", "load_63", "--days", "1", "2", "--rules", "nearest", "online", "--seeds", "0", "--without-filled")


@pytest.mark.slow
@pytest.mark.usefixtures("a_small_day")
def test_tables(capsys: pytest.CaptureFixture[str]) -> None:
    """Tests the tables of all days and of those without filled steps."""
    assert replay.main(ASKED) == 0
    printed = capsys.readouterr().out
    assert "| load load_63, days 1, 2 | mean regret |" in printed
    assert "| load load_63, days 1 | mean regret |" in printed
    assert printed.count("| `online` |") >= 2
    assert "1 steps filled" in printed
    assert replay.main([*ASKED[:2], "--days", "2", *ASKED[5:]]) == 0
    assert "no day has all its steps" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.usefixtures("a_small_day")
def test_json(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Tests a line for every rule and part of the days, the same from a store; a gap is a part of a demand."""
    replay.main([*ASKED, "--json", "--store", str(tmp_path)])
    first = capsys.readouterr().out
    replay.main([*ASKED, "--json", "--store", str(tmp_path)])
    assert (tmp_path / "load_63.db").exists()
    printed = capsys.readouterr().out
    assert printed == first
    lines = [json.loads(line) for line in printed.splitlines()]
    assert [(line["rule"], line["days"]) for line in lines] == [
        *((rule, [1, 2]) for rule in ("nearest", "online")),
        *((rule, [1]) for rule in ("nearest", "online")),
    ]
    assert all(-1e-9 <= line["regret_share"] <= line["worst_regret_share"] for line in lines)
    assert all(abs(gap) <= 1 for line in lines for gap in line["gap_shares"].values())


@pytest.mark.slow
def test_loads() -> None:
    """Tests that each way to name a load has the accelerators of that load."""
    fleets = [replay.around(load)[0].data_centres["accelerators"].sum() for load in ("default", "0.25", "load_63")]
    assert fleets[0] == pytest.approx(fleets[1], rel=1e-4)
    assert fleets[2] < fleets[0] / 2
