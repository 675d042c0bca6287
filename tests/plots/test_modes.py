"""Tests of the plot of accelerators by round trip."""

from __future__ import annotations

import pytest

from placer import plots
from placer.plots import modes
from tests.model.modes_by_hand import near_and_far


def test_far_takes_twice_the_accelerators():
    """Tests 0.3472 hours a Mtok near and 0.6944 far away: bars of 1 and 2, in two parts."""
    axis = plots.plot_modes(near_and_far())
    assert {bars.get_label(): [bar.get_width() for bar in bars] for bars in axis.containers} == {
        "at any distance": pytest.approx([1.0, 1.0]),
        "for this distance": pytest.approx([0.0, 1.0]),
    }
    assert [label.get_text() for label in axis.get_yticklabels()] == ["chat, 0 to 10 ms", "chat, 500 to 1000 ms"]
    assert [text.get_text() for text in axis.texts] == ["0.3472", "0.6944"]
    assert axis.get_title() == ""


def test_a_placement_without_modes_has_a_plot_that_says_so(tiny):
    assert [text.get_text() for text in plots.plot_modes(tiny).texts] == ["accelerator-hours differ by no round trip"]


def test_bars_that_are_left_out_are_counted(monkeypatch):
    """Tests room for one bar of two."""
    monkeypatch.setattr(modes, "_MOST", 1)
    assert plots.plot_modes(near_and_far()).get_title() == "1 more are left out"
