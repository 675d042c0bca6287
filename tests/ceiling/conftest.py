"""Cases of the tests of export ceilings."""

from __future__ import annotations

import pytest

import placer


@pytest.fixture(scope="module")
def ceiling():
    """Return the ceiling of the dataset tiny."""
    return placer.export_ceiling(placer.load("tiny"))


@pytest.fixture
def uneven():
    """Return tables in which both hubs reach both data centres.

    The east asks for 100 Mtok, the west for 50; X serves 200, Y serves 60.
    """
    return {
        "exports": (("east", "west"),),
        "data_centres": [
            {"data_centre": "X", "region": "east", "accelerators": 200.0},
            {"data_centre": "Y", "region": "west", "accelerators": 60.0},
        ],
        "demand": [{"workload": "w", "hub": "A", "mtok": 100.0}, {"workload": "w", "hub": "B", "mtok": 50.0}],
    }
