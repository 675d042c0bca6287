"""How the program of a curve is split into blocks."""

from __future__ import annotations

import numpy as np
import pytest

from placer.ceiling.walk.blocks import split
from placer.ceiling.walk.entering import entering
from placer.model.formulation import formulate


def blocks(formulation, **options):
    """Return the blocks of a curve by round trips in which every export counts one."""
    counted = np.ones((1, 1, 1)) * formulation.exported
    return list(split(formulation.structure, entering(formulation, "rtt"), counted, **options))


def test_one_block_by_hand(block):
    """Tests one node of 10 Mtok, one unit; X comes first, Y counts as exported; both rows hold 8 of 10 Mtok."""
    assert block.unit == 10.0
    assert block.demand.tolist() == [1.0]
    assert block.way.tolist() == [0, 1]
    assert (np.diff(block.enter) >= 0).all()
    assert block.weight.tolist() == [0.0, 1.0]
    assert block.displaced.tolist() == [0.0, 0.0]
    assert block.upper.tolist() == pytest.approx([0.8, 0.8])


def test_parts_go_together_up_to_a_number_of_arcs(make_instance):
    """Tests that two hours, which share no row, are one block or two; and that rows with room for all are dropped."""
    centres = [{"data_centre": "X", "accelerators": 100.0}, {"data_centre": "Y", "accelerators": 100.0}]
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 10.0} for hour in (0, 1)]
    formulation = formulate(make_instance(data_centres=centres, demand=demand))
    (together,) = blocks(formulation)
    assert len(together.upper) == 0
    assert len(together.demand) == len(blocks(formulation, together=1)) == 2


def test_hubs_that_are_alike_are_one_node(make_instance, monkeypatch):
    """Tests that demands of the same arcs and limits are added up, and that memory is asked for their arcs alone."""
    hubs = [{"hub": "A", "region": "east"}, {"hub": "A2", "region": "east"}]
    links = [{"from": hub, "to": site, "rtt_ms": 5.0} for hub in ("A", "A2") for site in ("X", "Y")]
    demand = [{"workload": "w", "hub": hub, "mtok": 10.0} for hub in ("A", "A2")]
    asked = []
    monkeypatch.setattr("placer.ceiling.walk.blocks.check_memory", lambda *what: asked.append(what))
    (block,) = blocks(formulate(make_instance(hubs=hubs, links=links, demand=demand)), bytes_per_arc=100)
    assert (block.demand * block.unit).tolist() == [20.0]
    assert asked == [(200, "the walk over 2 arcs")]


def test_sites_with_nothing_take_nothing(make_instance):
    """Tests that arcs to a site without accelerators are dropped."""
    centres = [{"data_centre": "X", "accelerators": 0.0}, {"data_centre": "Y", "accelerators": 8.0}]
    (block,) = blocks(formulate(make_instance(data_centres=centres)))
    assert set(block.way.tolist()) == {1}
