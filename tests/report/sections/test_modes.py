"""The section on who runs how."""

from __future__ import annotations

import pytest

import placer
from placer.report.content.page import Subject, content_of
from placer.report.sections.modes import modes_section
from placer.report.write import page
from tests.model.modes_by_hand import MIDDLE, modes, near_and_far


def _section(placement):
    return modes_section(content_of(Subject("small", placement), 1000))


@pytest.mark.slow
def test_modes_and_distances_are_shown():
    """Tests the words, a chart of the workload, both tables, and the link in the navigation."""
    placement = near_and_far()
    text = str(_section(placement))
    for said in ("in 1 of 1 workloads with modes", "for this distance: 0.3472", "Who runs how, by mode", "80 a second"):
        assert said in text
    assert "500 to 1000 ms" in text
    assert '<a href="#s0-modes">Modes<' in page([Subject("small", placement)])


@pytest.mark.slow
def test_one_round_trip_has_no_chart():
    """Tests that a workload at one round trip has its tables alone."""
    text = str(_section(placer.solve(modes([MIDDLE]))))
    assert "in none of 1 workloads with modes" in text
    assert "for this distance" not in text


@pytest.mark.slow
def test_without_modes_there_is_no_section():
    assert _section(placer.solve(placer.load("tiny"))) is None
