"""Places of caps beside the resources of sites, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from placer.column_generation.dual.cap_places import CapPlaces, cap_places
from placer.column_generation.dual.capped_market import capped_market
from placer.model.cap_rows import CapRows

from .test_capped_market import WATER

#: Two periods, one kind and two sites: cap 2 at the second site in the first period, cap 0 at the first in the second.
PLACES = CapPlaces(np.array([[[-1, 2]], [[0, -1]]]), np.array([1]))
#: Work of the class at each of two sites (cap, class, site, period).
WORK = np.zeros((5, 1, 2, 2))
WORK[0, 0, :, 0] = 1.0  # both sites
WORK[1, 0, 1, 0] = 1.0  # the second site in the first period, as caps 2 and 4
WORK[2, 0, 1, 0] = 2.0
WORK[3, 0, 0, :] = 1.0  # both periods
WORK[4, 0, 1, 0] = 3.0


def _structure(make_structure, **changes):
    return make_structure(
        **WATER | {"cap_limit": [1.0] * 5, "cap_work": CapRows.of(WORK), "cap_tier": np.zeros((5, 2, 2)), **changes}
    )


def test_flat_figures_there_and_back():
    """Tests figures of one resource and three caps, period by period, then of the border."""
    resources, caps = np.array([[10.0], [20.0]]), np.array([0.0, 1.0, 2.0])
    flat = PLACES.joined(resources, caps, 9.0)
    assert flat.tolist() == [10.0, 9.0, 2.0, 20.0, 0.0, 9.0, 1.0]
    again = PLACES.split(flat)
    assert [each.tolist() for each in again] == [resources.tolist(), caps.tolist()]
    again[0][:] = 5.0
    assert flat.tolist() == [5.0, 9.0, 2.0, 5.0, 0.0, 9.0, 1.0]


def test_figures_of_caps_at_their_places():
    """Tests figures of three caps, one for each and by period and site; 0 at empty places, and no kind at all."""
    assert PLACES.of_caps(np.array([5.0, 6.0, 7.0])).tolist() == [[[0.0, 7.0], [5.0, 0.0]]]
    rows = csr_array([[0.0, 0.0, 2.0, 0.0], [4.0, 5.0, 6.0, 7.0], [0.0, 9.0, 0.0, 0.0]])
    assert PLACES.counted(rows).tolist() == [[[0.0, 9.0], [2.0, 0.0]]]
    none = CapPlaces(np.zeros((2, 0, 3), dtype=int), np.zeros(0, dtype=int))
    assert none.of_caps(np.zeros(0)).shape == none.counted(csr_array((0, 6))).shape == (0, 2, 3)


def test_places_of_a_part():
    """Tests that the second period has cap 0 alone, and the border, as positions among the two."""
    part = PLACES.within(slice(1, 2), np.array([0, 1]))
    assert part.cap.tolist() == [[[0, -1]]]
    assert part.border.tolist() == [1]


def test_caps_of_one_site_and_period_have_a_place(make_structure):
    """Tests three caps of one place, in their order, beside one of both sites and one of both periods."""
    places = cap_places(_structure(make_structure))
    assert places.cap.tolist() == [[[-1, 1], [-1, 2], [-1, 4]], [[-1, -1]] * 3]
    assert places.border.tolist() == [0, 3]


def test_caps_without_a_limit_are_left_out(make_structure):
    """Tests that positions are those among the caps that have a limit."""
    places = cap_places(_structure(make_structure, cap_limit=[np.inf, 1.0, np.inf, 1.0, 1.0]))
    assert places.cap[0, :, 1].tolist() == [0, 2]
    assert places.border.tolist() == [1]


def test_tiers_count_at_their_sites(make_structure):
    """Tests that a cap of a tier at the other site has no place, and that one of its own site keeps it."""
    tier = np.zeros((5, 2, 2))
    tier[1, 0, 0] = tier[2, 1, 0] = 1.0
    places = cap_places(_structure(make_structure, cap_tier=tier))
    assert places.cap[0, :, 1].tolist() == [2, 4]
    assert places.border.tolist() == [0, 1, 3]


def test_caps_of_arcs_are_in_the_border(make_structure):
    """Tests that a cap that counts an assignment too has no place."""
    send = {"cap_send": np.ones((5, 1)), "cap_route": np.zeros((5, 2)), "cap_arrival": np.ones((5, 2))}
    send["cap_route"][2, 1] = 1.0
    assert cap_places(_structure(make_structure, **send)).border.tolist() == [0, 2, 3]


def test_few_caps_are_in_the_border(make_structure):
    """Tests that a single cap at ten places is no kind of its own: it would fill less than an eighth of them."""
    sites = 10
    shape = {
        "arc_site": [0, 1],
        "use": np.ones((1, sites)),
        "draw": np.ones((1, sites)),
        "capacity": np.full((sites, 2), np.inf),
        "intake": np.full((sites, 2), np.inf),
        "overhead": np.ones((sites, 2)),
        "work_cost": np.ones((1, sites)),
        "route_links": np.zeros((sites, 0)),
        "cap_limit": [1.0],
        "cap_work": CapRows.of(np.eye(1, sites * 2).reshape(1, 1, sites, 2)),
        "cap_tier": np.zeros((1, 2, 2)),
    }
    places = cap_places(make_structure(**WATER | shape))
    assert (places.kinds, places.border.tolist()) == (0, [0])


@pytest.mark.parametrize("scaled", [False, True])
def test_what_a_class_counts_at_its_places(make_structure, scaled):
    """Tests counts of 1, 2 and 3 at the second site, each in its own scale where they are those of a market."""
    capped = capped_market(_structure(make_structure))
    counted = capped.classes[0] if scaled else capped.classes[0].scaled(1 / capped.scale)
    found = capped.places.counted(counted.counted(5))
    assert found[:, 0].tolist() == [[0.0, 1.0]] * 3 if scaled else [[0.0, 1.0], [0.0, 2.0], [0.0, 3.0]]
    assert not found[:, 1].any()
