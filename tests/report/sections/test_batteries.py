"""The section on batteries."""

from __future__ import annotations

import pytest

import placer
from placer.report.content.page import Subject, content_of
from placer.report.sections.batteries import batteries_section
from placer.report.write import page
from tests.batteries_by_hand import powered


def _section(placement):
    return batteries_section(content_of(Subject("small", placement), 1000))


@pytest.mark.slow
def test_what_is_held_and_earned():
    """Tests the chart, the state of charge, what the battery earns in its currency, and the link in the navigation."""
    placement = placer.solve(powered(battery={}, currency="EUR"))
    text = str(_section(placement))
    for said in (
        "discharged: 4.000 MWh",
        "charged: -4.000 MWh",
        "State of charge at the end of the hour, %",
        ">320.0<",
        "EUR",
    ):
        assert said in text
    assert '<a href="#s0-batteries">Batteries<' in page([Subject("small", placement)])


@pytest.mark.slow
def test_a_week_says_what_its_steps_hold():
    text = str(_section(placer.solve(powered([20.0, 100.0] * 84, battery={}))))
    assert "State of charge at the end of an hour, mean of the quarter-day, %" in text


def test_without_batteries_there_is_no_section():
    assert _section(placer.solve(powered())) is None
