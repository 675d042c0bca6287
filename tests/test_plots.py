"""Tests of the plots."""

from __future__ import annotations

from dataclasses import replace

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import placer
from placer.errors import InstanceError

mpl.use("Agg")

from placer import plots

#: Where the nodes of the small instance are; the names are ones that mathtext would stumble over.
PLACES = {
    "hubs": [{"hub": "A", "region": "east", "lat": 31.2, "lon": 121.5}, {"hub": "B", "lat": 39.9, "lon": 116.4}],
    "data_centres": [{"data_centre": "X", "lat": 38.0, "lon": 106.0}, {"data_centre": "Y", "lat": 29.0}],
}


@pytest.fixture(autouse=True)
def _closed():
    """Close all figures after every test."""
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def ceiling():
    """Return the ceiling of the dataset tiny."""
    return placer.export_ceiling(placer.load("tiny"))


@pytest.fixture(scope="module")
def tiny():
    """Return the placement of the dataset tiny."""
    return placer.solve(placer.load("tiny"))


@pytest.fixture(scope="module")
def placed(make_instance):
    """Return a placement of which all but one node have coordinates."""
    near = [{"from": hub, "to": site, "rtt_ms": rtt} for hub, rtt in (("A", 10), ("B", 25)) for site in "XY"]
    return placer.solve(make_instance(**PLACES, links=near))


def labels(axis):
    return [text.get_text() for text in axis.get_legend().get_texts()]


def test_the_curve_is_drawn_as_steps(ceiling, tmp_path):
    """Tests that the curve is drawn on a given axis with its unit, and written to a file."""
    axis = plots.plot_curve(ceiling.curve)
    assert "ms" in axis.get_xlabel()
    assert axis.lines[0].get_drawstyle() == "steps-post"
    plots.save(axis, tmp_path / "curve.png")
    assert (tmp_path / "curve.png").stat().st_size > 1000


def test_the_split_adds_up_to_one(ceiling):
    """Tests that the bars stand on one another up to 100 %."""
    heights = [patch.get_height() for patch in plots.plot_limits(ceiling).patches]
    assert sum(heights) == pytest.approx(1)


def test_the_other_ceilings_stand_beside_the_split(ceiling):
    """Tests that the latency ceiling and the one with swaps are marked, and the title has tokens and work."""
    axis = plots.plot_limits(ceiling)
    marked = [line.get_ydata()[0] for line in axis.lines]
    assert marked == pytest.approx([ceiling.latency_share, ceiling.gross_share])
    named = [text.get_text() for text in axis.get_legend().get_texts()]
    assert f"distance and law alone {ceiling.latency_share:.1%}" in named
    assert f"with swaps {ceiling.gross_share:.1%}" in named
    assert axis.get_title() == f"Ceiling: {ceiling.share:.1%} of tokens, {ceiling.work_share:.1%} of work"
    assert not any("-0.0%" in text for text in named)


def test_a_given_axis_is_drawn_on(ceiling, tiny, placed):
    """Tests that every function draws on the axis it is given, and returns it."""
    rows = pd.DataFrame({"cost_usd_per_mtok": [1.0, 2.0, 4.0]})
    for draw, result in (
        (plots.plot_curve, ceiling.curve),
        (plots.plot_limits, ceiling),
        (plots.plot_distributions, rows),
        (plots.plot_price_stack, tiny),
        (plots.plot_load, tiny),
        (plots.plot_map, placed),
    ):
        axis = plt.subplots()[1]
        assert draw(result, axis) is axis
        assert axis.has_data()
        axis.figure.canvas.draw()


def test_distributions_say_their_unit():
    """Tests that the figure of a batch is written with its unit, and one that no row has is refused."""
    rows = pd.DataFrame({"cost_usd_per_mtok": [1.0, 2.0, 4.0], "export_share": np.nan})
    assert plots.plot_distributions(rows).get_xlabel() == "cost, USD per Mtok"
    for figure in ("export_share", "no such"):
        with pytest.raises(InstanceError, match=r"no row has .* \(allowed: cost_usd_per_mtok\)"):
            plots.plot_distributions(rows, figure=figure)


def test_parts_of_a_price_add_up(tiny):
    """Tests that the bars of every hub end at its mean price, the dearest hub on top, with the unit beside them."""
    axis = plots.plot_price_stack(tiny)
    ends: dict[float, float] = {}
    for bar in axis.patches:
        ends[round(bar.get_y(), 6)] = max(ends.get(round(bar.get_y(), 6), 0.0), bar.get_x() + bar.get_width())
    expected = tiny.hubs["price_usd_per_mtok"].sort_values(ascending=False)
    assert [ends[place] for place in sorted(ends)] == pytest.approx(expected.tolist(), rel=2e-3)
    assert [text.get_text() for text in axis.get_yticklabels()] == expected.index.tolist()
    assert "USD per Mtok" in axis.get_xlabel()
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


def test_loads_by_something_else(tiny):
    """Tests that a kind of stack that there is not is refused."""
    with pytest.raises(InstanceError, match=r"'hub' is unknown \(allowed: data_centre, workload\)"):
        plots.plot_load(tiny, by="hub")


def test_the_map_shows_what_has_coordinates(placed):
    """Tests that nodes lie where they are, and that those of which it is not known are counted."""
    axis = plots.plot_map(placed)
    hubs, sites = axis.collections[-2:]
    assert sorted(map(tuple, hubs.get_offsets().tolist())) == [(116.4, 39.9), (121.5, 31.2)]
    assert sites.get_offsets().tolist() == [[106.0, 38.0]]
    texts = [text.get_text() for text in axis.texts]
    assert "without coordinates, and so not shown: 1 data centre" in texts
    assert "X" in texts
    west, east = axis.get_xlim()
    assert west < 106
    assert east > 121.5


def test_flows_of_a_map(make_instance):
    """Tests that arcs begin and end at their nodes, are as wide as they carry, and are coloured by round trip."""
    places = PLACES | {"data_centres": [{"data_centre": "X", "lat": 38.0, "lon": 106.0}]}
    links = [{"from": hub, "to": "X", "rtt_ms": rtt} for hub, rtt in (("A", 10.0), ("B", 25.0))]
    supplies = [{"power_zone": "zx", "data_centre": "X"}]
    axis = plots.plot_map(placer.solve(make_instance(**places, links=links, supplies=supplies)))
    arcs = axis.collections[1]
    narrow, wide = arcs.get_segments()
    assert narrow[[0, -1]].tolist() == [[116.4, 39.9], [106.0, 38.0]]
    assert wide[[0, -1]].tolist() == [[121.5, 31.2], [106.0, 38.0]]
    assert arcs.get_array().tolist() == [25.0, 10.0]
    assert arcs.get_linewidths()[1] / arcs.get_linewidths()[0] == pytest.approx(10 / 6)
    assert "ms" in arcs.colorbar.ax.get_ylabel()


def test_flows_over_the_date_line_go_the_short_way(make_instance):
    """Tests that such an arc leaves the map on one side and enters it on the other."""
    instance = make_instance(
        hubs=[{"hub": "A", "lat": 35.0, "lon": 140.0}],
        data_centres=[{"data_centre": "X", "lat": 40.0, "lon": -120.0}],
        links=[{"from": "A", "to": "X", "rtt_ms": 100.0}],
        supplies=[{"power_zone": "zx", "data_centre": "X"}],
        demand=[{"workload": "w", "hub": "A", "mtok": 1.0}],
    )
    leaving, entering = plots.plot_map(placer.solve(instance)).collections[1].get_segments()
    assert leaving[[0, -1]].tolist() == [[140.0, 35.0], [240.0, 40.0]]
    assert entering[[0, -1]].tolist() == [[-220.0, 35.0], [-120.0, 40.0]]


def test_a_map_of_one_workload_and_hour(make_random_instance):
    """Tests that workload and hour choose what is drawn, and unknown ones are refused."""
    base = make_random_instance(1)
    hubs = base.hubs.assign(lat=[30.0, 35.0, 38.0], lon=[120.0, 110.0, 100.0])
    centres = base.data_centres.assign(lat=[31.0, 36.0, 39.0, 32.0], lon=[119.0, 111.0, 101.0, 105.0])
    placement = placer.solve(base.replace(hubs=hubs, data_centres=centres))
    axis = plots.plot_map(placement, workload="near", hour=2)
    assert axis.get_title() == "near, hour 2"
    flows = placement.flows
    chosen = flows[(flows.index.get_level_values("workload") == "near") & (flows.index.get_level_values("hour") == 2)]
    assert len(axis.collections[1].get_segments()) == len(chosen)
    for choice in ({"workload": "far"}, {"hour": 99}, {"hour": "2"}):
        with pytest.raises(InstanceError, match="is unknown"):
            plots.plot_map(placement, **choice)


def test_a_map_without_coordinates(tiny):
    """Tests that there is one clear error where nothing has coordinates."""
    with pytest.raises(InstanceError, match="no hub and no data centre has coordinates"):
        plots.plot_map(tiny)


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


def test_tornado_has_a_bar_for_every_assumption_the_widest_on_top():
    """Tests ends that are labelled with the values that give them, and the value as given."""
    figure = "cost_usd_per_mtok"
    found = placer.sensitivity(placer.load("tiny"), placer.read_assumptions("tiny")[0], figures=[figure])
    axis = plots.plot_tornado(found, figure)
    names = [text.get_text() for text in axis.get_yticklabels()]
    assert names == ["round trips (1)", "accelerator price (1)", "who pays for accelerators (rented)"]
    assert {text.get_text() for text in axis.texts} == {"2", "0.5", "1.25", "paid for"}
    assert axis.get_xlabel() == "cost, USD per Mtok: 1.378 as given"
    widths = [abs(bar.get_width()) for bar in axis.containers[0]]
    assert widths == pytest.approx([0, 155 / 240, 310 / 240])


def test_tornado_of_shares_is_in_percent_on_a_given_axis(tmp_path):
    found = placer.sensitivity(placer.load("tiny"), placer.read_assumptions("tiny")[0], figures=["unserved_share"])
    given = plots.plot_tornado(found, "unserved_share").get_figure().add_subplot()
    axis = plots.plot_tornado(found, "unserved_share", given)
    assert axis is given
    assert "unserved share: 0.0% as given" in axis.get_xlabel()
    plots.save(axis, tmp_path / "tornado.png")
    assert (tmp_path / "tornado.png").stat().st_size > 0


def test_tornado_needs_an_assumption():
    found = placer.sensitivity(placer.load("tiny"), [], figures=["unserved_share"])
    with pytest.raises(InstanceError, match="no value as given"):
        plots.plot_tornado(found, "unserved_share")


@pytest.mark.parametrize(
    ("draw", "wanted"),
    [
        (plots.plot_curve, "a ceiling curve"),
        (plots.plot_limits, "a ceiling"),
        (plots.plot_distributions, "a table of rows"),
        (plots.plot_price_stack, "a placement"),
        (plots.plot_load, "a placement"),
        (plots.plot_map, "a placement"),
        (plots.plot_tornado, "a sensitivity"),
    ],
)
def test_something_else_is_refused_in_a_sentence(draw, wanted):
    """Tests that neither a name nor an instance is drawn, and that the error says where the right one comes from."""
    for given in ("tiny", None, placer.load("tiny")):
        with pytest.raises(placer.ArgumentError, match=f"^{wanted} is wanted, not .*; .*placer"):
            draw(given)


def test_what_is_no_axis_is_refused(ceiling, tmp_path):
    """Tests that a given axis and what is saved are axes, and that a file is a path."""
    for call in (lambda: plots.plot_curve(ceiling.curve, "axis"), lambda: plots.save("axis", tmp_path / "a.png")):
        with pytest.raises(placer.ArgumentError, match="a matplotlib Axes is wanted, not 'axis'"):
            call()
    with pytest.raises(placer.ArgumentError, match="a path is wanted, not 3"):
        plots.save(plots.plot_curve(ceiling.curve), 3)
