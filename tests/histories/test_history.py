"""Histories: what they hold, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import placer
from placer.errors import ArgumentError, InstanceError


def test_a_history_knows_its_days(history):
    assert (history.days, history.steps_per_day, history.classes) == (2, 4, ("live", "steps"))
    assert history.mtok["live"].sum() == pytest.approx(24)
    assert repr(history) == "<2 days of 4 steps, 2 classes>"


def test_written_and_read_again_it_is_the_same(make_history, tmp_path):
    """Tests that the table of a history restores it to the last bit, in memory and through a file."""
    history = make_history(live=[1 / 3, 0.1, 7e9, 5])
    history.table.to_csv(tmp_path / "history.csv", index=False)
    for given in (history.table, tmp_path / "history.csv"):
        again = placer.History.of_table(given, 360)
        pd.testing.assert_frame_equal(again.requests, history.requests, check_exact=True)
        pd.testing.assert_frame_equal(again.mtok, history.mtok, check_exact=True)


def test_filled_steps_are_counted_and_listed(make_history):
    history = make_history("interpolate", live=[1, 0, 3, 4], steps=[1, 0, 0, 4])
    assert repr(history) == "<1 days of 4 steps, 2 classes, 3 steps filled (live 1, steps 2)>"
    assert history.filled["step"].tolist() == [1, 1, 2]


def test_frames_cannot_be_changed_from_outside(history):
    requests = history.requests.copy()
    made = placer.History(requests, history.mtok, 360)
    requests.iloc[0, 0] = -1
    assert made.requests.iloc[0, 0] == 10


def test_every_violation_is_named_at_once(history):
    with pytest.raises(InstanceError) as error:
        placer.History(history.requests * np.nan, history.mtok.mul([np.nan, -1]), 360)
    assert [(each.row, each.column) for each in error.value.violations] == [
        *((f"steps|{step}", "mtok") for step in range(8)),
        ("live", ""),
    ]


@pytest.mark.parametrize(
    ("step_minutes", "expected"),
    [(7, "7 does not divide a day"), (0, "0 does not"), (480, "8 steps are no whole days")],
)
def test_steps_divide_days(history, step_minutes, expected):
    with pytest.raises(InstanceError, match=expected):
        placer.History(history.requests, history.mtok, step_minutes)


def test_other_things_than_tables_are_refused(history):
    with pytest.raises(ArgumentError, match="expected a table as mtok"):
        placer.History(history.requests, [1, 2], 360)
    with pytest.raises(InstanceError, match="differ in steps or classes"):
        placer.History(history.requests, history.mtok.iloc[:4], 360)


def test_a_trace_is_counted_into_steps():
    """Tests steps of six hours by hand: two requests of chat in the second, and one of code in the last."""
    stamps = pd.to_datetime(["2026-05-01T06:00", "2026-05-01T11:59", "2026-05-01T23:00"])
    columns = {"input_tokens": [900, 100, 50], "output_tokens": [100, 0, 0], "workload": ["chat", "chat", "code"]}
    history = placer.History.of_requests(
        placer.Requests(pd.DataFrame({"time": stamps, **columns})), 360, missing="zero"
    )
    assert history.requests.T.to_numpy().tolist() == [[0, 2, 0, 0], [0, 0, 0, 1]]
    assert history.mtok["chat"].tolist() == [0, 0.0011, 0, 0]
    assert len(history.filled) == 6


def test_steps_are_those_of_the_clock():
    """Tests the day on which clocks in Berlin go from 2 to 3 h: 4 h on the clock is 3 h after midnight."""
    stamps = pd.to_datetime(["2026-03-29T01:30", "2026-03-29T04:00"]).tz_localize("Europe/Berlin")
    trace = placer.Requests(pd.DataFrame({"time": stamps, "input_tokens": 1, "output_tokens": 1}))
    history = placer.History.of_requests(trace, 60, missing="zero")
    assert history.requests["all"].to_numpy().nonzero()[0].tolist() == [1, 4]


@pytest.mark.slow
def test_a_trace_without_workloads_is_one_class():
    trace = placer.read_requests("mooncake_conversation")
    history = placer.History.of_requests(trace, 60, missing="zero")
    assert history.classes == ("all",)
    assert history.requests["all"].sum() == len(trace)
    assert history.mtok["all"].sum() == pytest.approx(trace.summary().loc["all", ["input_mtok", "output_mtok"]].sum())
    with pytest.raises(ArgumentError, match="expected requests"):
        placer.History.of_requests(trace.table)
    with pytest.raises(InstanceError, match="an empty step"):
        placer.History.of_requests(trace, 60)
