"""The headline figures of a placement as text."""

from __future__ import annotations

import dataclasses

import pandas as pd

from placer.placement.headlines import cut_short_in_words
from placer.solve import solve
from tests.batteries_by_hand import powered


def test_text_tells_the_headlines(placement):
    """Tests that printing a placement shows cost, service and exports."""
    text = repr(placement)
    assert "50 USD mean, 50 USD median of demand served below the penalty" in text
    assert "560.00 USD (energy 100.0%)" in text
    assert "13 of 16 Mtok, 18.75% unserved" in text
    assert "62.50% of demand" in text


def test_unserved_demand_is_told_with_its_first_reason(placement):
    """Tests that the text says how much cannot be served, and that B's 3 Mtok want accelerators at Y."""
    assert "3 Mtok cannot be served; first reason: accelerators at Y are scarce" in repr(placement)
    assert "first reason" in placement._repr_html_()


def test_nothing_is_said_of_unserved_demand_where_all_is_served(make_instance):
    """Tests that a placement that serves all has no line on reasons."""
    assert "first reason" not in repr(solve(make_instance()))


def test_text_takes_its_word_from_the_certificate(placement):
    """Tests that only what the certificate proves is called proven, and that no gap is shown below 0."""
    assert "gap 0%, proven" in repr(placement)
    failed = dataclasses.replace(placement, certificate=dataclasses.replace(placement.certificate, gap=-1e-3))
    assert "gap 0%, not proven: gap 0.001 > 1e-09" in repr(failed)
    assert failed.gap == -1e-3
    assert failed.summary()["proven"] is False


def test_a_part_of_rounding_is_not_told():
    """Tests that a part of the cost that is rounding is left out, and another told."""
    small = powered(battery={"power_mw": 1e-9, "energy_mwh": 1e-9})
    assert "storage" not in repr(solve(small))
    assert "storage -36.4%" in repr(solve(powered(battery={})))


def test_backlog_and_cut_short_are_told(make_instance):
    """Tests that what waits at the beginning, and what may wait past the end, has a line of its own."""
    patient = make_instance(
        workloads=[{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "deadline_hours": 2.0}]
    )
    waits = patient.with_backlog([{"workload": "w", "data_centre": "X", "hours_left": 0, "mtok": 3}])
    text = repr(solve(waits))
    assert "Backlog         3 Mtok at the beginning, 0 Mtok of it unserved" in text
    assert "Cut short       16 Mtok may wait past the last hour, and are served by then: w 16 Mtok" in text
    assert "Cut short" not in repr(solve(make_instance()))


def test_many_workloads_that_are_cut_short_are_counted():
    """Tests that the largest three are named and the rest counted."""
    table = pd.DataFrame({"mtok": [1.0, 4.0, 3.0, 2.0]}, index=list("abcd"))
    assert cut_short_in_words(table).endswith("served by then: b 4 Mtok, c 3 Mtok, d 2 Mtok and 1 more")
