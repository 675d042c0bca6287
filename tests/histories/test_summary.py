"""Figures of traces, by hand and beside theory."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import placer
from placer.histories.summary import dispersion, seconds_of, window_counts


def trace(seconds, **columns):
    """Return requests of one input and one output token at some seconds."""
    return placer.Requests(pd.DataFrame({"time": seconds, "input_tokens": 1, "output_tokens": 1} | columns))


def test_figures_by_hand():
    """Tests three requests over 100 s: 60 tokens in, 15 of them cached, and 6 out."""
    table = trace([0.0, 40.0, 100.0], input_tokens=[10, 20, 30], output_tokens=[1, 2, 3], cached_tokens=[0, 5, 10])
    found = table.summary().loc["all"]
    expected = {
        "requests": 3,
        "span_hours": 100 / 3600,
        "requests_per_second": 0.03,
        "input_mtok": 60e-6,
        "output_mtok": 6e-6,
        "cached_share": 0.25,
        "mean_input_tokens": 20,
        "p50_input_tokens": 20,
        "p50_output_tokens": 2,
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected)
    assert math.isnan(found["peak_over_mean"])
    assert math.isnan(found["dispersion_1min"])


def test_the_peak_is_the_fullest_whole_hour_over_the_mean():
    """Tests one request in the first hour, three in the second, and one that begins an hour that is not whole."""
    found = trace([0.0, 3600.0, 3700.0, 7000.0, 7200.0]).summary().loc["all"]
    assert found["peak_over_mean"] == pytest.approx(3 / 2)


def test_dispersion_by_hand():
    """Tests windows of 10 s with 3, 1, 1 and 3 requests: variance 4/3 over mean 2."""
    seconds = np.array([0, 1, 2, 11, 21, 31, 32, 33, 40.0])
    assert window_counts(seconds, 10).tolist() == [3, 1, 1, 3]
    assert dispersion(seconds, 10) == pytest.approx(4 / 3 / 2)


def test_the_course_of_a_day_is_no_burst():
    """Tests hours of one and of two requests a second, evenly: no dispersion in any window within hours."""
    seconds = np.concatenate([np.arange(0, 3600, 1.0), np.arange(3600, 7200.5, 0.5)])
    assert dispersion(seconds, 60) == 0


def test_poisson_arrivals_have_the_dispersion_1():
    seconds = np.cumsum(np.random.default_rng(1).exponential(0.1, 720_000))
    for window, tolerance in ((1, 0.02), (10, 0.05), (60, 0.1)):
        assert dispersion(seconds, window) == pytest.approx(1, abs=tolerance)


def test_each_workload_has_its_row():
    found = trace([0.0, 1.0, 2.0], workload=["chat", "code", "chat"]).summary()
    assert found["requests"].to_dict() == {"chat": 2, "code": 1, "all": 3}
    assert found.loc["chat", "requests_per_second"] == 1
    assert math.isnan(found.loc["code", "requests_per_second"])


def test_a_trace_without_input_has_no_cached_share():
    assert math.isnan(trace([0.0, 1.0], input_tokens=[0, 0]).summary().loc["all", "cached_share"])


def test_timestamps_count_from_midnight():
    stamps = pd.Series(pd.to_datetime(["2026-05-01T06:00:00.0", "2026-05-02T00:00:00.5"]))
    assert seconds_of(stamps).tolist() == [21600, 86400.5]


def test_numbers_count_from_the_midnight_before():
    """Tests seconds since 1970: those of the day are left."""
    assert seconds_of(pd.Series([1_777_593_600.0 + 60, 1_777_593_600.0 + 90_000])).tolist() == [60, 90_000]


def test_an_upper_bound_is_named_so():
    table = pd.DataFrame({"time": [0.0], "input_tokens": [4], "output_tokens": [1], "cached_tokens": [2]})
    found = placer.Requests(table, cached_is_upper_bound=True).summary()
    assert found.loc["all", "cached_share_upper_bound"] == 0.5
    assert "cached_share" not in found
