"""Tests of the plots of prices, loads, accounts and audits."""

from __future__ import annotations

import itertools
from dataclasses import replace

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import placer
from placer.errors import InstanceError
from tests.green_batteries import wind_by_day

mpl.use("Agg")

from placer import plots


def labels(axis):
    return [text.get_text() for text in axis.get_legend().get_texts()]


def test_parts_of_a_price_add_up(tiny):
    """Tests that the bars of every hub end at its mean price, the dearest hub on top, with the unit beside them."""
    axis = plots.plot_price_stack(tiny)
    ends: dict[float, float] = {}
    for bar in axis.patches:
        ends[round(bar.get_y(), 6)] = max(ends.get(round(bar.get_y(), 6), 0.0), bar.get_x() + bar.get_width())
    expected = tiny.hubs["price_usd_per_mtok"].sort_values(ascending=False)
    assert [ends[place] for place in sorted(ends)] == pytest.approx(expected.tolist(), rel=2e-3)
    assert [text.get_text() for text in axis.get_yticklabels()] == expected.index.tolist()
    assert "USD/Mtok" in axis.get_xlabel()
    assert {"accelerators", "energy", "cheapest anywhere"} <= set(labels(axis))


def test_price_of_one_workload(tiny):
    """Tests that one workload may be chosen, and an unknown one is refused."""
    axis = plots.plot_price_stack(tiny, workload="voice")
    assert axis.get_title() == "voice"
    with pytest.raises(InstanceError, match=r"'vice' is unknown \(allowed: voice, chat, batch\)"):
        plots.plot_price_stack(tiny, workload="vice")


def test_what_is_priced_at_the_penalty_is_in_no_bar(make_instance):
    """Tests that A's 4 Mtok served at the penalty of 1000 and its 6 unserved are told in the title, B's 20 drawn."""
    workload = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "latency_slo_ms": 15.0}
    instance = make_instance(
        workloads=[workload | {"unserved_usd_per_mtok": 1000.0}],
        data_centres=[{"data_centre": "X", "accelerators": 4.0}, {"data_centre": "Y"}],
    )
    axis = plots.plot_price_stack(placer.solve(instance))
    assert [text.get_text() for text in axis.get_yticklabels()] == ["B"]
    assert max(bar.get_x() + bar.get_width() for bar in axis.patches) == pytest.approx(20)
    assert axis.get_title() == "all workloads, without 62.50% unserved or priced at the penalty"


def test_nothing_below_the_penalty_draws_no_bar(make_instance):
    """Tests that a placement that serves nothing is drawn without bars, and without an error."""
    instance = make_instance(data_centres=[{"data_centre": name, "accelerators": 0.0} for name in "XY"])
    assert not plots.plot_price_stack(placer.solve(instance)).patches


def test_many_hubs_are_cut_with_a_word(make_instance):
    """Tests that of more hubs than can be read the dearest are drawn, and the title says so."""
    names = [f"H{number}" for number in range(101)]
    instance = make_instance(
        hubs=[{"hub": name} for name in names],
        links=[{"from": name, "to": "X", "rtt_ms": 1.0} for name in names],
        demand=[{"workload": "w", "hub": name, "mtok": 1.0} for name in names],
    )
    axis = plots.plot_price_stack(placer.solve(instance))
    assert axis.get_title() == "all workloads, the 100 dearest of 101 hubs"
    assert len(axis.get_yticks()) == 100


def test_parts_below_zero_stand_left_of_it(make_instance):
    """Tests that power that is paid to be taken is drawn below zero."""
    zones = [{"power_zone": zone, "usd_per_mwh": -10.0} for zone in ("zx", "zy")]
    sites = [{"data_centre": site, "accelerator_usd_per_hour": 30.0} for site in "XY"]
    axis = plots.plot_price_stack(placer.solve(make_instance(power_zones=zones, data_centres=sites)))
    assert min(bar.get_x() + bar.get_width() for bar in axis.patches) == pytest.approx(-10.0)
    assert max(bar.get_x() + bar.get_width() for bar in axis.patches) == pytest.approx(30.0)


@pytest.mark.parametrize("by", ["data_centre", "workload"])
def test_the_stack_of_loads_is_what_is_served(make_random_instance, by):
    """Tests that the bars of every hour add up to what is served in it, per hour of the clock."""
    placement = placer.solve(make_random_instance(3, hour_length=0.5))
    axis = plots.plot_load(placement, by=by)
    tops = {bar.get_x(): bar.get_y() + bar.get_height() for bar in axis.containers[-1]}
    served = placement.data_centre_hours["mtok"].groupby(level="hour").sum() / 0.5
    assert list(tops.values()) == pytest.approx(served.tolist())
    assert "demand" in labels(axis)


def test_rounding_is_no_load(make_instance):
    """Tests that a data centre that serves 1e-17 Mtok by rounding stands in no legend."""
    placement = placer.solve(make_instance())
    accounts = placement.accounts
    noisy = accounts.served + 1e-17 * (np.arange(2) == 0)[None, :, None]
    object.__setattr__(placement, "accounts", replace(accounts, served=noisy))
    assert "X" not in labels(plots.plot_load(placement))


def test_what_has_least_load_is_drawn_together(make_instance):
    """Tests that of many workloads the eight largest are named, and the others are one part."""
    names = [f"w{number}" for number in range(11)]
    each = {"accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1.0}
    demand = [{"workload": name, "hub": "A", "mtok": 1.0 + place} for place, name in enumerate(names)]
    instance = make_instance(workloads=[{"workload": name, **each} for name in names], demand=demand)
    axis = plots.plot_load(placer.solve(instance), by="workload")
    assert {"w10", "w3", "3 others"} <= set(labels(axis))
    assert "w2" not in labels(axis)
    assert sum(bar.get_height() for bar in axis.patches if hasattr(bar, "get_height")) == pytest.approx(66)


@pytest.mark.slow
@pytest.mark.parametrize("days", [1, 7, 28])
def test_marks_of_dates_are_few_and_short(make_instance, days):
    """Tests that no mark repeats the year, no two overlap, and the axis names its zone."""
    hours = pd.date_range("2026-03-10", periods=24 * days, freq="h", tz="Europe/Berlin")
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 1.0} for hour in hours]
    axis = plots.plot_load(placer.solve(make_instance(demand=demand)))
    axis.get_figure().canvas.draw()
    marks = [label for label in axis.get_xticklabels() if label.get_text()]
    assert 2 <= len(marks) <= 10
    assert not any("2026" in mark.get_text() for mark in marks)
    boxes = [mark.get_window_extent() for mark in marks]
    assert all(one.x1 < other.x0 for one, other in itertools.pairwise(boxes))
    assert axis.get_xlabel() == "hour, Europe/Berlin"


def test_loads_by_something_else(tiny):
    """Tests that a kind of stack that there is not is refused."""
    with pytest.raises(InstanceError, match=r"'hub' is unknown \(allowed: data_centre, workload\)"):
        plots.plot_load(tiny, by="hub")


mpl.use("Agg")


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


mpl.use("Agg")


def test_bars_add_up_to_what_regions_are_paid(make_instance):
    """Tests the lengths of the bars and the marks at what users spend."""
    accounts = placer.accounts(placer.solve(make_instance(carbon_usd_per_kg=0.0)))
    axis = plots.plot_accounts(accounts)
    assert sum(patch.get_width() for patch in axis.patches) == pytest.approx(320.0)
    assert list(axis.lines[0].get_xdata()) == pytest.approx([200.0, 120.0])
    assert [label.get_text() for label in axis.get_yticklabels()] == ["east", "west"]


def test_batteries_by_hour():
    """Tests 15.625 MW charged by day and 10 discharged at night, and 12.5 MWh held in between, all of it green."""
    axis = plots.plot_batteries(placer.solve(wind_by_day()), battery="B")
    assert [bar.get_height() for bar in axis.patches] == pytest.approx([0.0, 10.0, -15.625, 0.0])
    (held,) = (each for each in axis.figure.axes if each is not axis)
    assert [line.get_ydata().tolist() for line in held.lines] == [pytest.approx([12.5, 0.0])] * 2
    assert [text.get_text() for text in axis.get_legend().get_texts()][:2] == ["discharged", "charged"]
    plt.close(axis.figure)


def test_unknown_batteries_are_refused():
    """Tests a name that no battery has, and a placement without any."""
    with pytest.raises(placer.InstanceError, match="'C' is unknown"):
        plots.plot_batteries(placer.solve(wind_by_day()), battery="C")
    with pytest.raises(placer.InstanceError, match="None is unknown"):
        plots.plot_batteries(placer.solve(wind_by_day(batteries=[])))
