"""The plot of alternatives: a line for each answer over the groups with a range."""

from __future__ import annotations

import pytest

import placer
from placer import plots


def test_every_answer_is_a_line_over_the_groups_with_a_range(tiny):
    """Tests that exports of voice, of which no placement has any, have no axis."""
    found = placer.alternatives(tiny, groups=["region", "exports"], answers=2)
    axis = plots.plot_alternatives(found)
    free = [label for label in found.ranges.index if label != ("exports", "voice")]
    places = found.amounts["place"].unstack("answer")
    lines = axis.lines[: len(found.answers)]
    assert [line.get_label() for line in lines] == ["least cost", "hop 1", "hop 2"]
    for line in lines:
        assert line.get_ydata() == pytest.approx(places[line.get_label()].loc[free].to_numpy())
    ticks = [text.get_text() for text in axis.get_xticklabels()]
    assert ticks[0] == "east\n101"
    assert len(ticks) == len(free)
    assert axis.get_ylabel() == "place between the least and the most, Mtok"
