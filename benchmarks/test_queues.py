"""Tests of the tables of queues; people judge their figures."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import placer

from . import queues
from .queue_peers import by_simpy, ours

#: Two requests of 8,192 tokens and an answer of one token, ten seconds apart.
AZURE = """TIMESTAMP,ContextTokens,GeneratedTokens
2023-11-16 18:17:03.9799600,8192,1
2023-11-16 18:17:13.9799600,8192,1
"""


@pytest.fixture
def traces(tmp_path: Path) -> Path:
    """Return a folder with three small traces."""
    rows = [{"timestamp": 10_000 * place, "input_length": 8192, "output_length": 1, "hash_ids": []} for place in (1, 0)]
    for file in queues.TRACES.values():
        if file.endswith(".csv"):
            (tmp_path / file).write_text(AZURE, encoding="utf-8")
        else:
            (tmp_path / file).write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    return tmp_path


def test_tables(traces: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that every table is printed, and that few requests are not held to theory."""
    monkeypatch.setattr(queues, "SIDES", {"placer": (ours, 2000), "no_such_library": (by_simpy, 2000)})
    assert queues.main(["--requests", "2000", "--runs", "1", "--peers", "--traces", str(traces)]) == 0
    printed = capsys.readouterr().out
    assert printed.count("|---") > 40
    assert "| no_such_library | not installed | |" in printed
    assert all(f"\n{name}: 2 requests" in printed for name in queues.TRACES)


def test_a_figure_that_differs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Tests the exit status where a figure is off."""
    monkeypatch.setattr(queues, "MILLION", 2000)
    monkeypatch.setattr(queues, "TOLERANCE", 1e-9)
    assert queues.main(["--requests", "2000", "--runs", "1"]) == 1
    assert "M/M/10" in capsys.readouterr().out


def test_traces_are_read_alike(traces: Path) -> None:
    """Tests the two formats, and that rows out of order are sorted."""
    for file in queues.TRACES.values():
        hour = placer.simulate(queues.read_hour(traces / file), 1, **queues.RATES)
        assert hour.requests["arrival_seconds"].tolist() == [0.0, 10.0]
        assert hour.requests["service_seconds"].tolist() == pytest.approx([0.8755, 0.8755])


def test_copies_of_an_hour_keep_its_length_and_its_load() -> None:
    """Tests that a copy begins within the hour, and that its load adds to the first."""
    table = pd.DataFrame({"time": np.arange(10.0), "service_seconds": 2.0})
    several = queues.joined(placer.simulate(table, 1), 3, seed=1)
    assert len(several) == 30
    assert several["time"].between(0, 10).all()
    assert several["time"].is_monotonic_increasing
