"""Tests of the plot of an audit."""

from __future__ import annotations

import matplotlib as mpl
import pytest

import placer

mpl.use("Agg")

from placer import plots


def test_bars_of_tiny(tiny):
    """Tests the stranded work of tiny: 60 of 80 Mtok at Metro on top, 20 at Plateau, 10 at Port."""
    axis = plots.plot_audit(placer.audit(tiny, placer.Security()))
    assert [text.get_text() for text in axis.get_yticklabels()] == ["Metro", "Plateau", "Port"]
    assert [bar.get_width() for bar in axis.containers[0]] == pytest.approx([60.0, 20.0, 10.0])
    assert axis.texts[0].get_text() == "60 (75.0%)"
    assert axis.get_xlabel() == "strands if it is lost, Mtok (share of the displaced work)"
    assert axis.yaxis_inverted()


def test_nothing_strands(make_instance):
    """Tests that contingencies without stranded work keep their names and have no figures."""
    links = [{"from": hub, "to": site, "rtt_ms": 1.0} for hub in "AB" for site in "XY"]
    placement = placer.solve(make_instance(links=links))
    axis = plots.plot_audit(placer.audit(placement, placer.Security(recourse="all")))
    assert len(axis.get_yticklabels()) == 2
    assert not axis.texts
    assert "all protected work" in axis.get_xlabel()
    axis.figure.canvas.draw()


@pytest.mark.slow
def test_many_contingencies(tiny):
    """Tests that 30 contingencies are drawn, and that the label counts the others."""
    rows = [{"contingency": f"case {place}", "data_centre": "Port"} for place in range(32)]
    axis = plots.plot_audit(placer.audit(tiny, placer.Security(rows)))
    assert len(axis.get_yticklabels()) == 30
    assert axis.get_xlabel().endswith("; 2 more are left out")
