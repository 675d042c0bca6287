"""Tests the plot of accounts."""

import matplotlib as mpl
import pytest

import placer

mpl.use("Agg")

from placer import plots


def test_bars_add_up_to_what_regions_are_paid(make_instance):
    """Tests the lengths of the bars and the marks at what users spend."""
    accounts = placer.accounts(placer.solve(make_instance(carbon_usd_per_kg=0.0)))
    axis = plots.plot_accounts(accounts)
    assert sum(patch.get_width() for patch in axis.patches) == pytest.approx(320.0)
    assert list(axis.lines[0].get_xdata()) == pytest.approx([200.0, 120.0])
    assert [label.get_text() for label in axis.get_yticklabels()] == ["east", "west"]
