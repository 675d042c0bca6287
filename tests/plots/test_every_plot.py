"""Tests of what holds for every plot."""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import pytest

import placer
from tests.green_batteries import wind_by_day
from tests.model.modes_by_hand import near_and_far

mpl.use("Agg")

from placer import plots


@pytest.mark.slow
def test_a_given_axis_is_drawn_on(ceiling, tiny, placed, hall_plan):
    """Tests that every function draws on the axis it is given, and returns it."""
    rows = pd.DataFrame({"cost_usd_per_mtok": [1.0, 2.0, 4.0]})
    steps = placer.History.of_table(pd.DataFrame({"class": "all", "step": range(2), "requests": [1.0, 2.0]}), 720)
    day = placer.load("tiny").replace(hour_length=12.0)
    classes = dict.fromkeys(day.workloads["workload"], "all")
    replay = placer.replay(day, placer.DemandHistory(steps, day, classes, reference_days=1), "nearest", substeps=1)
    for draw, result in (
        (plots.plot_curve, ceiling.curve),
        (plots.plot_limits, ceiling),
        (plots.plot_distributions, rows),
        (plots.plot_price_stack, tiny),
        (plots.plot_load, tiny),
        (plots.plot_batteries, placer.solve(wind_by_day())),
        (plots.plot_modes, near_and_far()),
        (plots.plot_map, placed),
        (plots.plot_builds, hall_plan),
        (plots.plot_accounts, placer.accounts(tiny)),
        (plots.plot_alternatives, placer.alternatives(tiny)),
        (plots.plot_audit, placer.audit(tiny, placer.Security())),
        (plots.plot_lost, placer.audit(placed, placer.Security())),
        (plots.plot_flexibility, placer.flexibility(tiny, "Plateau wind", 0)),
        (plots.plot_export_cost, placer.export_cost(tiny)),
        (plots.plot_front, placer.green_front(tiny.instance)),
        (plots.plot_front, placer.abatement_front(tiny.instance, "carbon_kg")),
        (plots.plot_premium, placer.export_cost(tiny)),
        (plots.plot_trade, placer.trade(tiny)),
        (plots.plot_trade_prices, placer.trade(tiny)),
        (plots.plot_welfare, placer.trade(tiny)),
        (plots.plot_cost_of_latency, placer.cost_of_latency(tiny.instance, [27, 50])),
        (plots.plot_requests, placer.read_requests("azure_2023_code")),
        (plots.plot_history, placer.History.of_rates("servegen_rates", ["m-mid"], missing="profile")),
        (plots.plot_regret, replay),
        (lambda given, axis: plots.plot_losses(given, "nearest", axis), replay),
    ):
        axis = plt.subplots()[1]
        assert draw(result, axis) is axis
        assert axis.has_data()
        axis.figure.canvas.draw()
        plt.close(axis.figure)


@pytest.mark.slow
def test_names_are_no_markup(make_instance):
    """Tests that names that look like mathematics are drawn as they stand."""
    odd = "$\\frac{1}{$"
    instance = make_instance(
        hubs=[{"hub": odd, "lat": 1.0, "lon": 2.0}],
        data_centres=[{"data_centre": "$x_1$", "lat": 1.0, "lon": 2.0}],
        links=[{"from": odd, "to": "$x_1$", "rtt_ms": 1.0}],
        supplies=[{"power_zone": "zx", "data_centre": "$x_1$"}],
        demand=[{"workload": "w", "hub": odd, "mtok": 1.0}],
    )
    placement = placer.solve(instance)
    for draw in (plots.plot_map, plots.plot_price_stack, plots.plot_load):
        draw(placement).figure.canvas.draw()


@pytest.mark.parametrize(
    ("draw", "wanted"),
    [
        (plots.plot_curve, "a ceiling curve"),
        (plots.plot_limits, "a ceiling"),
        (plots.plot_distributions, "a table of rows"),
        (plots.plot_price_stack, "a placement"),
        (plots.plot_modes, "a placement"),
        (plots.plot_load, "a placement"),
        (plots.plot_batteries, "a placement"),
        (plots.plot_map, "a placement"),
        (plots.plot_tornado, "a sensitivity"),
        (plots.plot_builds, "a plan"),
        (plots.plot_accounts, "accounts"),
        (plots.plot_audit, "an audit"),
        (plots.plot_lost, "an audit"),
        (plots.plot_build_map, "a plan"),
        (plots.plot_regret, "a replay"),
        (lambda given: plots.plot_losses(given, "online"), "a replay"),
        (plots.plot_flexibility, "a flexibility"),
        (plots.plot_export_cost, "a cost of exports"),
        (plots.plot_front, "a front"),
        (plots.plot_premium, "a cost of exports"),
        (plots.plot_trade, "a trade"),
        (plots.plot_trade_prices, "a trade"),
        (plots.plot_welfare, "a trade"),
        (plots.plot_cost_of_latency, "a table of costs"),
        (plots.plot_requests, "requests"),
        (plots.plot_history, "a history"),
    ],
)
def test_something_else_is_refused_in_a_sentence(draw, wanted):
    """Tests that neither a name nor an instance is drawn, and that the error says where the right one comes from."""
    for given in ("tiny", None, placer.load("tiny")):
        with pytest.raises(placer.ArgumentError, match=f"^expected {wanted}, not .*; .*placer"):
            draw(given)
