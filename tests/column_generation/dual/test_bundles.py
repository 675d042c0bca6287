"""Bundles of lanes, by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from placer.column_generation.dual.bundles import Bundles, bundles_of, lane_by_lane
from placer.column_generation.market.definition import market

NEVER = 1e6
#: A class in three modes at both sites. The third is open to the first origin alone, at the second site.
IN_THREE_MODES = {
    "serves": [0, 0, 0],
    "unserved_cost": [1000.0] * 3,
    "window": [0, 0, 0],
    "arc_class": [0, 0, 1, 1, 2, 0, 0, 1, 1],
    "arc_origin": [0, 0, 0, 0, 0, 1, 1, 1, 1],
    "arc_site": [0, 1, 0, 1, 1, 0, 1, 0, 1],
    "arc_cost": [1.0, 3.0, 0.5, 2.5, 4.0, 3.0, 1.0, 2.5, 0.5],
    "work_cost": [[0.0, 0.0], [5.0, 5.0], [7.0, 7.0]],
    "use": [[1.0, 1.0], [0.5, 0.5], [0.25, 0.25]],
    "draw": [[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]],
    "link_use": [1.0] * 3,
    "cap_work": np.zeros((0, 3, 2)),
}


@pytest.fixture
def make_bundles(make_structure):
    """Return a function from changes of the structure above to the bundles of its only class."""

    def make(**changes):
        whole = market(make_structure(**IN_THREE_MODES | changes))
        return bundles_of(whole.groups[0], whole.never)

    return make


def test_lanes_that_origins_do_not_tell_apart(make_bundles):
    """Tests five lanes: two at the first site, three at the second for one origin and two of them for the other."""
    found = make_bundles()
    group = found.group
    assert len(found.lanes) == 5
    assert group.lanes.site.tolist() == [0, 1, 1]
    assert not found.are_lanes
    lanes = [
        sorted(set(each[np.isfinite(above)].tolist())) for each, above in zip(found.lane.T, found.above.T, strict=True)
    ]
    assert sorted(lanes) == [[0, 1], [2, 3], [2, 3, 4]]
    wide = lanes.index([2, 3, 4])
    costs = dict(zip(found.lane[:, wide].tolist(), found.above[:, wide].tolist(), strict=True))
    assert costs == {2: 0.5, 3: 0.0, 4: 1.5}
    assert group.arc_cost[wide].tolist()[0] == 2.5
    assert group.arc[wide, 1] == -1
    assert group.arc_cost[lanes.index([0, 1])].tolist() == [0.5, 2.5]


def test_bundles_no_fewer_than_lanes_are_lane_by_lane(make_bundles):
    """Tests a mode of the second origin alone, at the second site: three bundles, as there are lanes."""
    arcs = {"arc_class": [0, 0, 0, 0, 1], "arc_origin": [0, 0, 1, 1, 1], "arc_site": [0, 1, 0, 1, 1]}
    found = make_bundles(**arcs, arc_cost=[1.0, 3.0, 3.0, 1.0, 1.0])
    assert found.are_lanes
    assert found.lane.tolist() == [[0, 1, 2]]
    assert not found.above.any()


def test_arcs_that_differ_by_origin_are_bundles_of_their_own(make_bundles):
    """Tests costs of two modes that differ by 0.5 over the arcs of one origin, and by 0.4 and 0.6 over the other's."""
    found = make_bundles(arc_cost=[1.0, 3.0, 0.5, 2.5, 4.0, 3.0, 1.0, 2.6, 0.4])
    assert found.group.lanes.site.tolist() == [0, 0, 1, 1]
    assert (found.group.arc >= 0).sum(axis=1).tolist() == [1] * 4


def test_closed_arcs_are_lane_by_lane(make_bundles):
    """Tests that nothing is bundled where every arc is closed by a link of capacity 0."""
    links = {"link_capacity": [0.0], "route_links": np.ones((4, 1))}
    assert make_bundles(**links).are_lanes


def _two_bundles():
    """Return bundles of three lanes: the first two at a width that shares 3 to 1, and the last alone."""
    lane = np.array([[0, 2], [1, 2]])
    above = np.array([[0.0, 0.0], [1.0, np.inf]])
    return Bundles(SimpleNamespace(), range(3), lane, above)


def test_choice_is_a_softmax_over_the_lanes():
    """Tests costs 10 and 11 + 1 at width 2 / ln 3: three quarters, and ``10 - mu ln 4/3`` for both together."""
    mu = 2 / np.log(3)
    cost, choice = _two_bundles().choose(np.array([[10.0, 11.0, 5.0]]), mu)
    assert choice.share[0].T.tolist() == [pytest.approx([0.75, 0.25]), [1.0, 0.0]]
    assert cost[0].tolist() == pytest.approx([10 - mu * np.log(4 / 3), 5.0])
    assert choice.at_lanes(np.array([[8.0, 3.0]]))[0] == pytest.approx([6.0, 2.0, 3.0])
    assert choice.mean(np.array([[1.0, 5.0, 9.0]]))[0] == pytest.approx([2.0, 9.0])
    assert choice.spread()[0] == pytest.approx(np.array([[0.75, 0.25, 0.0], [0.0, 0.0, 1.0]]))


def test_lane_by_lane_changes_no_cost(make_structure):
    """Tests that each lane is chosen in full at its own cost."""
    group = market(make_structure(**IN_THREE_MODES)).groups[0]
    service = np.array([[1.0, 2.0, 3.0, 4.0, NEVER]])
    cost, choice = lane_by_lane(group).choose(service, 1.0)
    assert cost.tolist() == service.tolist()
    assert choice.at_lanes(service).tolist() == service.tolist()
