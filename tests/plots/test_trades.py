"""Tests of the plots of trade: figures, units, names, and what stands together."""

from __future__ import annotations

import pytest

import placer
from placer import plots
from tests.home_and_abroad import home_and_abroad


@pytest.fixture(scope="module")
def two():
    """Return the trade of 50 Mtok bought at home at 3 USD, 45 of them from abroad."""
    steps = [{"mtok": 50, "value_usd_per_mtok": 4}, {"mtok": 10, "value_usd_per_mtok": 2}]
    return placer.trade(home_and_abroad(steps, abroad=45))


def _ticks(labels):
    return [label.get_text() for label in labels]


def test_matrix_has_sellers_buyers_and_amounts(two):
    """Tests 45 Mtok from abroad to home."""
    axis = plots.plot_trade(two)
    assert (_ticks(axis.get_yticklabels()), _ticks(axis.get_xticklabels())) == (["abroad"], ["home"])
    assert [text.get_text() for text in axis.texts] == ["45.0"]
    assert axis.images[0].get_array().tolist() == [[pytest.approx(45)]]
    assert axis.figure.axes[1].get_ylabel() == "sold abroad, Mtok"


def test_no_trade_is_said(tiny):
    """Tests that autarky has a plot that says so."""
    autarky = placer.trade(tiny.instance.replace(policies=[{"policy": "autarky", "kind": "ban"}]))
    assert [text.get_text() for text in plots.plot_trade(autarky).texts] == ["nothing is sold abroad"]


def test_prices_have_their_parts(two):
    """Tests 1.2 USD of accelerators, 0.45 of transit and 1.35 of rent."""
    axis = plots.plot_trade_prices(two)
    assert {bars.get_label(): bars[0].get_width() for bars in axis.containers} == pytest.approx(
        {"accelerators": 1.2, "transit": 0.45, "accelerator rent": 1.35}
    )
    assert axis.get_xlabel() == "mean price, USD/Mtok"


def test_welfare_has_its_parts_and_sum(two):
    """Tests 67.5 USD of rents abroad and 50 of surplus at home, and the marks at their sums."""
    axis = plots.plot_welfare(two)
    assert _ticks(axis.get_yticklabels()) == ["abroad", "home"]
    assert axis.lines[0].get_xdata().tolist() == pytest.approx([67.5, 50])
    assert axis.get_xlabel() == "welfare, USD"


def test_demand_without_steps_has_net_costs(tiny):
    """Tests the axis of net costs, and that rents lie below 0."""
    axis = plots.plot_welfare(placer.trade(tiny))
    assert axis.get_xlabel() == "net cost, USD"
    assert axis.lines[0].get_xdata().sum() == pytest.approx(330.77)
    assert min(bar.get_width() for bars in axis.containers for bar in bars) < 0


def test_all_others_stand_together(two):
    """Tests one country by itself in a trade of three."""
    instance = two.accounts.placement.instance
    more = instance.replace(hubs=instance.hubs.assign(region="x"))
    axis = plots.plot_welfare(placer.trade(more), most=1)
    assert _ticks(axis.get_yticklabels())[1] == "2 others"
