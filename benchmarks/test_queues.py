"""Tests of the tables of queues; people judge their figures."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import placer

from . import queues
from .queue_peers import by_simpy, ours


@pytest.fixture
def short_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take two requests of 8,192 tokens, ten seconds apart, for every trace."""
    table = pd.DataFrame({"time": [0.0, 10.0], "input_tokens": [8192] * 2, "output_tokens": [1] * 2})
    monkeypatch.setattr(placer, "read_requests", lambda _: placer.Requests(table))


@pytest.mark.usefixtures("short_hours")
def test_tables(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that every table is printed, and that few requests are not held to theory."""
    monkeypatch.setattr(queues, "SIDES", {"placer": (ours, 2000), "no_such_library": (by_simpy, 2000)})
    assert queues.main(["--requests", "2000", "--runs", "1", "--peers"]) == 0
    printed = capsys.readouterr().out
    assert printed.count("|---") > 40
    assert "| no_such_library | not installed | |" in printed
    assert all(f"\n{name}: 2 requests" in printed for name in queues.TRACES)


@pytest.mark.usefixtures("short_hours")
def test_a_figure_that_differs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Tests the exit status where a figure is off."""
    monkeypatch.setattr(queues, "MILLION", 2000)
    monkeypatch.setattr(queues, "TOLERANCE", 1e-9)
    assert queues.main(["--requests", "2000", "--runs", "1"]) == 1
    assert "M/M/10" in capsys.readouterr().out


@pytest.mark.slow
def test_every_trace_ships() -> None:
    """Tests that an hour of each has a load of some servers."""
    for name in queues.TRACES.values():
        hour = placer.simulate(placer.read_requests(name), 1, **queues.RATES)
        assert hour.offered_load > 1


def test_copies_of_an_hour_keep_its_length_and_its_load() -> None:
    """Tests that a copy begins within the hour, and that its load adds to the first."""
    table = pd.DataFrame({"time": np.arange(10.0), "service_seconds": 2.0})
    several = queues.joined(placer.simulate(table, 1), 3, seed=1)
    assert len(several) == 30
    assert several["time"].between(0, 10).all()
    assert several["time"].is_monotonic_increasing
