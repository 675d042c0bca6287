"""Requests as a pool takes them: times, lengths and classes, and every defect of them at once."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import placer
from placer.errors import ArgumentError, InstanceError
from placer.queues.arrivals import read_arrivals

RATES = {"input": 0.1, "output": 1.0, "cached": None}
LENGTHS = {"input_tokens": [10, 20], "output_tokens": [3, 0]}


def read(table, rates=RATES, priority=None):
    return read_arrivals(pd.DataFrame(table), rates, priority, [])


def problems(*arguments, **named):
    with pytest.raises(InstanceError) as raised:
        read(*arguments, **named)
    return [str(each) for each in raised.value.violations]


def test_times_may_be_timestamps():
    """Tests that timestamps, with a zone or without, count as seconds since the first request."""
    for zone in (None, "Europe/Berlin"):
        times = pd.to_datetime(["2026-03-29 00:59:59.5", "2026-03-29 03:00:01.0"]).tz_localize(zone)
        expected = 7201.5 - 3600 * (zone is not None)  # the clocks go forward in between
        assert read({"time": times, **LENGTHS}).seconds.tolist() == [0.0, expected]
    assert read({"time": [7.0, 9.5], **LENGTHS}).seconds.tolist() == [0.0, 2.5]


def test_service_times_follow_from_lengths():
    """Tests prompt and answer by hand, and that cached tokens of the prompt take the time of cached tokens."""
    found = read({"time": [0, 1], **LENGTHS})
    assert found.prompt_seconds.tolist() == [1.0, 2.0]
    assert found.service_seconds.tolist() == [4.0, 2.0]
    held = read({"time": [0, 1], **LENGTHS, "cached_tokens": [4, 20]}, RATES | {"cached": 0.01})
    assert held.prompt_seconds == pytest.approx([0.64, 0.2])


def test_classes_stand_in_the_order_of_the_priority():
    """Tests the numbers of the classes with and without a priority, and that classes need not be text."""
    table = {"time": [0, 1], **LENGTHS, "workload": ["chat", "batch"]}
    assert (read(table).names, read(table).number.tolist()) == (("batch", "chat"), [1, 0])
    found = read(table, priority=["chat", "batch"])
    assert (found.names, found.number.tolist()) == (("chat", "batch"), [0, 1])
    assert read(table | {"workload": pd.Categorical([7, 8])}, priority=["8", "7"]).number.tolist() == [1, 0]
    assert read({"time": [0, 1], **LENGTHS}).names == ("all",)


def test_every_defect_at_once():
    """Tests that one error names defects of every column and argument, with the rows that have them."""
    table = {
        "time": [1, 0, math.nan],
        "input_tokens": [1, -1, 5],
        "cached_tokens": [2, 0, 5],
        "workload": [None, "a", "b"],
    }
    assert problems(table, RATES | {"output": None, "input": math.inf}, ["a"]) == [
        "requests[row 3].time: NaN: write number, finite (allowed: number, finite)",
        "requests[row 2].time: is earlier than the row before, in 1 of 3 rows (allowed: ascending times)",
        "requests[row 2].input_tokens: -1 is out of range (allowed: number, >= 0, finite)",
        "requests.output_tokens: is absent (allowed: number, >= 0, finite)",
        "requests.seconds_per_input_token: inf is out of range (allowed: number, >= 0, finite)",
        "requests.seconds_per_output_token: is absent (allowed: number, >= 0, finite)",
        "requests.seconds_per_cached_token: is absent (allowed: number, >= 0, finite)",
        "requests[row 1].cached_tokens: is more than input_tokens (allowed: at most input_tokens)",
        "requests[row 1].workload: is missing (allowed: a name)",
        "requests.priority: ['a'] is not each class once (allowed: a, b)",
    ]


def test_service_times_are_given_once():
    assert problems({"time": [0, 1], "service_seconds": 1.0, **LENGTHS}) == [
        f"requests.seconds_per_{kind}_token: is given beside service_seconds (allowed: one of the two)"
        for kind in ("input", "output")
    ]


def test_no_requests():
    """Tests an empty table, and what is no table."""
    assert "requests: is empty (allowed: at least one request)" in problems({"time": [], "service_seconds": []})
    with pytest.raises(ArgumentError, match="expected a table of requests, not \\[1, 2\\]"):
        placer.simulate([1, 2], 1)


@pytest.mark.parametrize("priority", ["ab", ["a"], ["a", "b", "b"], ["a", "c"], []])
def test_a_priority_names_each_class_once(priority):
    table = {"time": [0, 1], **LENGTHS, "workload": ["a", "b"]}
    assert problems(table, priority=priority) == [
        f"requests.priority: {priority!r} is not each class once (allowed: a, b)"
    ]


def test_nothing_is_changed():
    """Tests that the table of the caller stays as it is."""
    table = pd.DataFrame({"time": pd.to_datetime(["2026-01-01", "2026-01-02"]), **LENGTHS})
    before = table.copy(deep=True)
    placer.simulate(table, np.int64(1), seconds_per_input_token=1, seconds_per_output_token=1)
    pd.testing.assert_frame_equal(table, before)
