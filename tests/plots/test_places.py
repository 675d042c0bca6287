"""Tests of the maps of what is lost and of what is built."""

from __future__ import annotations

import matplotlib as mpl
import pytest

import placer

mpl.use("Agg")

from placer import plots
from placer.errors import InstanceError


@pytest.fixture
def on_map(placed_tiny):
    """Return the placement of tiny with places."""
    return placer.solve(placed_tiny)


def test_lost_sites_by_what_strands(on_map):
    """Tests the squares of Metro, Plateau and Port, whose loss strands 60, 20 and 10 Mtok: areas, names and legend."""
    axis = plots.plot_lost(placer.audit(on_map, placer.Security()))
    squares = axis.collections[-1]
    assert squares.get_sizes() / squares.get_sizes().max() == pytest.approx([1, 1 / 3, 1 / 6])
    assert {text.get_text() for text in axis.texts} <= {"Metro", "Plateau", "Port"}
    assert axis.get_legend().get_texts()[0].get_text() == "strands, at most 60 Mtok"


@pytest.mark.slow
def test_lost_links_are_lines(on_map):
    """Tests that each of the eight links is a line, or a ring where both ends have one place."""
    axis = plots.plot_lost(placer.audit(on_map, placer.Security("links")))
    lines, rings = axis.collections[1], axis.collections[2]
    assert len(lines.get_segments()) + len(rings.get_offsets()) == len(on_map.instance.links)
    assert max(*lines.get_linewidths(), *rings.get_linewidths()) == pytest.approx(5.0)
    axis.figure.canvas.draw()


@pytest.mark.slow
def test_builds_by_what_is_spent(placed_tiny):
    """Tests that a built site is larger than one where nothing is built, in another colour."""
    workloads = placed_tiny.workloads.assign(unserved_usd_per_mtok=1000.0)
    instance = placed_tiny.scaled_demand(3.0).replace(accelerators="sunk", workloads=workloads)
    row = {"adds": "accelerators", "usd_per_unit_year": 1000.0}
    most = {"Port": 1e3, "Metro": 0.0}
    plan = placer.plan(instance, [row | {"candidate": name, "target": name, "max_units": most[name]} for name in most])
    squares = plots.plot_build_map(plan).collections[-1]
    assert squares.get_sizes().tolist() == pytest.approx([320.0, 12.0])
    assert squares.get_facecolors()[0].tolist() != squares.get_facecolors()[1].tolist()


def test_nothing_has_a_place(tiny, hall_plan):
    """Tests that nodes without coordinates are an error that says what to give."""
    for draw, result in ((plots.plot_lost, placer.audit(tiny, placer.Security())), (plots.plot_build_map, hall_plan)):
        with pytest.raises(InstanceError, match="nothing to draw has coordinates"):
            draw(result)
