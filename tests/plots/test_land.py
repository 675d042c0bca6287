"""Tests of the axis of maps."""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd
import pytest

mpl.use("Agg")

from placer.plots.land import map_axis, name_nodes


def test_axis_keeps_a_margin_and_the_scale():
    """Tests that a degree east is shorter than one north by the cosine of the middle latitude, here a half."""
    axis = map_axis(None, pd.DataFrame({"lon": [0.0, 10.0], "lat": [55.0, 65.0]}))
    assert axis.get_xlim() == pytest.approx((-1.0, 11.0))
    assert axis.get_ylim() == pytest.approx((54.0, 66.0))
    assert axis.get_aspect() == pytest.approx(2.0)


def test_names_do_not_cover_each_other():
    """Tests that of five nodes at one place only those are named whose names find room, the largest first."""
    nodes = pd.DataFrame({"lon": 5.0, "lat": 60.0, "mtok": [1.0, 2, 3, 4, 5]}, index=list("abcde"))
    axis = map_axis(None, nodes)
    name_nodes(axis, nodes)
    assert axis.texts[0].get_text() == "e"
    assert len(axis.texts) < 5
