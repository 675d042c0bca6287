"""Tests of the map of a placement."""

from __future__ import annotations

import matplotlib as mpl
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


@pytest.mark.slow
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
