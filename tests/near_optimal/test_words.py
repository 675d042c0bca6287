"""Sentences on what every answer has, and none."""

from __future__ import annotations

import math

import pandas as pd

from placer.near_optimal.words import above_in_words, in_every_answer, in_no_answer, sentence, shown_amount


def ranges(rows):
    index = pd.MultiIndex.from_tuples([row[0] for row in rows], names=["kind", "group"])
    table = pd.DataFrame([row[1:] for row in rows], index=index, columns=["least", "most", "least_share"])
    return table.assign(unit="Mtok")


ROWS = [
    (("data_centre", "X"), 3.0, 8.0, 0.3),
    (("region", "west"), 5.0, 8.0, 0.5),
    (("exports", "chat"), 1e-12, 1e-12, 0.0),
    (("data_centre", "Y"), 0.0, 2.0, 0.0),
]


def test_in_every_and_in_none():
    table = ranges(ROWS)
    assert in_every_answer(table).index.tolist() == [("data_centre", "X"), ("region", "west")]
    assert in_no_answer(table).index.tolist() == [("exports", "chat")]


def test_sentences_by_hand():
    assert sentence(ranges(ROWS), 0.01, "placement") == (
        "Every placement that costs at most 1% more than the least has at least 5.000 Mtok (50.0%) in west "
        "and at least 3.000 Mtok (30.0%) in X. None has exports of chat."
    )
    assert sentence(ranges(ROWS[3:]), 0.0, "placement") == (
        "No group is in every placement of least cost. Each group is in some of them."
    )
    assert sentence(ranges(ROWS[:2]), 0.0, "placement").endswith(" in X.")
    assert sentence(ranges([ROWS[0], ROWS[3]]), 0.0, "placement").endswith(
        " in X. Each other group is in some of them."
    )
    units = ranges([(("candidate", "hall"), 2.0, 4.0, math.nan), (("candidate", "line"), 0.0, 0.0, math.nan)])
    assert sentence(units.assign(unit="units"), 0.001, "plan") == (
        "Every plan that costs at most 0.1% more than the least has at least 2.000 units of hall. "
        "None has units of line."
    )


def test_long_lists_are_cut():
    many = ranges([(("data_centre", f"{number}"), 1.0, 1.0, 0.1) for number in range(8)])
    assert sentence(many, 0.01, "placement").count("at least") == 5
    assert "and 3 more." in sentence(many, 0.01, "placement")


def test_above_in_words():
    assert above_in_words(101.0, 100.0) == "1% above the bound on the least cost"
    assert above_in_words(-99.0, -100.0) == "1% above the bound on the least cost"
    assert above_in_words(0.0, 0.0) == "0% above the bound on the least cost"


def test_amounts_on_an_axis():
    assert [shown_amount(value) for value in (0.0, 101.4, 12_041_513.0)] == ["0", "101", "12,041,513"]
