"""Plots of least costs as curves: points, units on the axes, slopes and marks."""

from __future__ import annotations

import pandas as pd
import pytest

import placer
from placer import plots


def _labels(axis):
    return [text.get_text() for text in axis.get_legend().get_texts()]


@pytest.mark.slow
def test_flexibility_has_units_slopes_and_the_firm_reduction(tiny):
    found = placer.flexibility(tiny, "Plateau wind", 0)
    axis = plots.plot_flexibility(found)
    assert axis.lines[0].get_ydata() == pytest.approx(found.table["usd"].to_numpy())
    assert axis.get_xlabel() == "less drawn in each of the hours, MW"
    assert axis.get_ylabel() == "cost and penalty beside the placement, USD"
    assert _labels(axis)[1] == "without more unserved: 0.1125 MW"
    slopes = [f"{slope:,.4g} USD/MWh" for slope in found.table["usd_per_mwh"].iloc[:-1]]
    assert {text.get_text() for text in axis.texts} <= set(slopes)


def test_cost_of_exports_marks_the_least(tiny):
    found = placer.export_cost(tiny)
    axis = plots.plot_export_cost(found)
    assert axis.lines[0].get_xdata() == pytest.approx(found.table["share"].to_numpy())
    assert _labels(axis)[1] == f"least of all: {tiny.export_share:.1%} exported"
    assert len(axis.texts) == 5
    assert axis.get_ylabel() == "cost and penalty, USD"


def test_premium_falls_to_the_exports_without_one(tiny):
    """Tests that each amount stands at the premia at which it costs least, and 100 Mtok at none."""
    cost = placer.export_cost(tiny, made_in="west", used_in="east")
    axis = plots.plot_premium(cost)
    for mtok, usd in axis.lines[0].get_xydata()[:-1].tolist():
        low, high = cost.premium_at(mtok)
        assert low - 1e-9 <= usd <= high + 1e-9
    assert axis.lines[1].get_xydata().tolist() == [[pytest.approx(100), 0]]
    assert axis.get_ylabel() == "premium, USD/Mtok"
    assert _labels(axis)[1] == "without a premium: 100 Mtok"


def test_premium_beside_a_tariff_that_is_paid(tiny):
    """Tests that the curve begins at what is exported under the tariff: 80 Mtok of the 100 without."""
    tariff = {"policy": "t", "kind": "tariff_usd_per_mtok", "amount": 0.07, "to_region": "east", "paid_to": "importer"}
    placement = placer.solve(tiny.instance.replace(policies=[tariff]))
    axis = plots.plot_premium(placer.export_cost(placement, made_in="west", used_in="east"))
    assert axis.lines[1].get_xydata().tolist() == [[pytest.approx(80), 0]]


def test_premium_where_nothing_is_exported(tiny):
    """Tests that the east sells nothing to the west, whatever the premium."""
    axis = plots.plot_premium(placer.export_cost(tiny, made_in="east", used_in="west"))
    assert axis.lines[0].get_xydata().tolist() == [[0, 0]]


def test_cost_of_latency_has_the_unit_of_its_limit(tiny):
    table = placer.cost_of_latency(tiny.instance, [27, 50])
    axis = plots.plot_cost_of_latency(table)
    assert axis.get_xlabel() == "limit on the round trip, ms"
    assert axis.lines[1].get_ydata() == pytest.approx(table["cost_usd"].to_numpy())


def test_other_tables_are_refused():
    with pytest.raises(placer.InstanceError, match="penalty_usd: column missing"):
        plots.plot_cost_of_latency(pd.DataFrame({"rtt_limit_ms": [1.0], "cost_usd": 1.0, "unserved_mtok": 0.0}))
