"""Tests of the table of promises; ``tests/queues/test_promises.py`` holds pools to theirs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import placer

from . import queue_promises


@pytest.mark.slow
def test_a_row_for_every_pool(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that the table has a row for every stream and pool; traces are a request a second."""
    table = pd.DataFrame({"time": np.arange(200.0), "input_tokens": [8192] * 200, "output_tokens": [100] * 200})
    monkeypatch.setattr(placer, "read_requests", lambda _: placer.Requests(table))
    monkeypatch.setattr(queue_promises, "_COUNT", 200)
    assert queue_promises.main(["--runs", "1", "--servers", "3", "5"]) == 0
    printed = capsys.readouterr().out
    assert [printed.count(f" | {servers} | ") for servers in (3, 5)] == [4, 4]


def test_requests_of_an_hour_have_the_load_asked_for() -> None:
    """Tests loads below and above that of the hour."""
    stream = queue_promises.hour_of("azure_2023_conversation")
    for load in (4.0, 50.0):
        assert placer.simulate(stream(load, 1), 100).offered_load == pytest.approx(load, rel=0.1)
