"""What flows count towards caps, by hand."""

from __future__ import annotations

import numpy as np

from placer.column_generation.master.counted import counted_of_arcs, counted_of_service

#: Of two caps the second has a limit. Two origins have an arc to each of two sites.
CAPS = {
    "cap_limit": [np.inf, 9.0],
    "cap_work": np.zeros((2, 1, 2)),
    "cap_tier": np.zeros((2, 2, 2)),
    "cap_send": [[0.0], [3.0]],
    "cap_route": [[0.0] * 4, [0.0, 2.0, 0.0, 5.0]],
    "cap_arrival": np.ones((2, 2)),
}


def test_service_counts_with_its_single_tier(make_structure):
    """Tests 2 at the first site, and at the second a draw of 3 from a tier that counts 4 and yields a half.

    In the second period no tier of that site is single.
    """
    structure = make_structure(
        **CAPS
        | {
            "cap_work": [[[7.0, 7.0]], [[2.0, 0.0]]],
            "cap_tier": [[[0.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [4.0, 4.0]]],
            "draw": [[1.0, 3.0]],
            "tier_yield": [1.0, 0.5],
        }
    )
    counted = counted_of_service(structure, np.array([[0, 1], [0, -1]]))
    assert counted.toarray()[:, 0].tolist() == [0.0] * 4
    assert counted.toarray()[:, 1].reshape(2, 2).tolist() == [[2.0, 24.0], [2.0, 0.0]]


def test_assignments_count_by_class_and_route(make_structure):
    """Tests 3 of the class times 2 and 5 of two of the routes; the cap without a limit and other routes count none."""
    structure = make_structure(**CAPS)
    counted = counted_of_arcs(structure)
    of_route = np.array([0.0, 6.0, 0.0, 15.0])
    assert counted.toarray()[:, 0].tolist() == [0.0] * len(structure.arc_cost)
    assert counted.toarray()[:, 1].tolist() == of_route[structure.arc_route].tolist()
    assert counted.nnz == int((of_route[structure.arc_route] > 0).sum()) > 0


def test_no_caps(make_structure):
    """Tests that without caps nothing is counted."""
    structure = make_structure(cap_limit=[], cap_work=np.zeros((0, 1, 2)), cap_tier=np.zeros((0, 2, 2)))
    assert counted_of_service(structure, np.array([[0, 1], [0, 1]])).shape == (4, 0)
    assert counted_of_arcs(structure).shape == (len(structure.arc_cost), 0)
