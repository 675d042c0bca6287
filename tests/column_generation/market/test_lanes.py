"""Lanes of classes with and without further modes, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from placer.column_generation.market.lanes import lanes_of, most_lanes

#: A class at two sites, and a further mode of it that only the second origin has in time, at the second site.
IN_TWO_MODES = {
    "serves": [0, 0],
    "unserved_cost": [1000.0, 1000.0],
    "window": [0, 0],
    "arc_class": [0, 0, 0, 0, 1],
    "arc_origin": [0, 0, 1, 1, 1],
    "arc_site": [0, 1, 0, 1, 1],
    "arc_cost": [1.0, 3.0, 3.0, 1.0, 1.0],
    "work_cost": [[0.0, 0.0], [5.0, 5.0]],
    "use": [[1.0, 1.0], [0.5, 0.5]],
    "draw": [[1.0, 1.0], [1.0, 1.0]],
    "link_use": [1.0, 1.0],
    "cap_work": np.zeros((0, 2, 2)),
}


def test_a_class_without_modes_has_the_sites(make_structure):
    """Tests that lanes are the sites, and that figures of both are the same array."""
    lanes = lanes_of(make_structure(), 0)
    values = np.array([[1.0, 2.0]])
    assert lanes.are_sites
    assert (lanes.klass.tolist(), lanes.site.tolist()) == ([0, 0], [0, 1])
    assert lanes.of_sites(values) is values is lanes.to_sites(values)
    assert lanes.at(np.array([1])).tolist() == [1]


def test_a_further_mode_is_a_lane_where_an_arc_has_it(make_structure):
    """Tests three lanes: the class at both sites and its mode at the second, whose figures add up there."""
    lanes = lanes_of(make_structure(**IN_TWO_MODES), 0)
    assert not lanes.are_sites
    assert (lanes.klass.tolist(), lanes.site.tolist()) == ([0, 0, 1], [0, 1, 1])
    assert lanes.of_sites(np.array([[1.0, 2.0]])).tolist() == [[1.0, 2.0, 2.0]]
    assert lanes.to_sites(np.array([[1.0, 2.0, 4.0]])).tolist() == [[1.0, 6.0]]
    assert lanes.find(np.array([1, 1, 0]), np.array([1, 0, 0])).tolist() == [2, -1, 0]


def test_most_lanes(make_structure):
    """Tests three lanes of one class, and two sites where a class reaches one of them."""
    assert most_lanes(make_structure(**IN_TWO_MODES)) == 3
    arcs = {"arc_class": [0], "arc_origin": [0], "arc_site": [1], "arc_cost": [1.0]}
    assert most_lanes(make_structure(**arcs)) == 2


@pytest.mark.parametrize(("sites", "found"), [([], []), ([0], [0]), ([1], [1, 2]), ([0, 1], [0, 1, 2])])
def test_lanes_at_some_sites(make_structure, sites, found):
    """Tests which lanes are at some sites."""
    lanes = lanes_of(make_structure(**IN_TWO_MODES), 0)
    assert lanes.at(np.array(sites, dtype=int)).tolist() == found


def test_no_arc_serves_the_class(make_structure):
    """Tests that the lanes are then the sites, and that sites without lanes have all of them."""
    none = {name: [] for name in ("arc_class", "arc_origin", "arc_site", "arc_cost")}
    assert lanes_of(make_structure(**IN_TWO_MODES | none), 0).are_sites
    one = {"arc_class": [1], "arc_origin": [1], "arc_site": [1], "arc_cost": [1.0]}
    assert lanes_of(make_structure(**IN_TWO_MODES | one), 0).at(np.array([0])).tolist() == [0]
