"""Histograms: every value in one range, marks where they belong, names that do not overprint."""

from __future__ import annotations

import re

import numpy as np

from placer.report.html.histogram import histogram, round_marks


def test_every_set_is_counted_once_at_either_width():
    values = np.array([0.1, 0.1, 0.2, 0.9, 1.0, 0.5])
    text = histogram(values, {"median": 0.35}, "cost, USD", "six sets")
    counts = [int(count) for count in re.findall(r": (\d+) sets?<", text)]
    assert sum(counts) == 2 * len(values)
    assert text.count("cost, USD") == 2
    assert text.count(">median<") == 2


def test_names_without_room_are_left_out():
    text = histogram(np.array([0.0, 0.0, 1.0]), {"5 %": 0.0, "median": 0.001, "95 %": 0.9}, "x", "three", "%")
    assert (text.count(">5 %<"), text.count(">median<"), text.count(">95 %<")) == (2, 0, 2)
    assert text.count('class="reference"') == 6


def test_ranges_are_few():
    values = np.concatenate([np.zeros(1000), [1e6], np.linspace(0, 1e-3, 1000)])
    assert histogram(values, {}, "x", "many").count("<rect") <= 80


def test_marks_lie_between_the_ends():
    assert round_marks(-3.0, 11.0, 4) == [0.0, 5.0, 10.0]
