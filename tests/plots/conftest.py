"""Fixtures of the tests of plots: a ceiling and placements, and figures closed after every test."""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

import placer
from tests.report.conftest import placed_tiny  # noqa: F401 - a fixture

mpl.use("Agg")


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


@pytest.fixture(scope="package")
def ceiling():
    """Return the ceiling of the dataset tiny."""
    return placer.export_ceiling(placer.load("tiny"))


@pytest.fixture(scope="package")
def tiny():
    """Return the placement of the dataset tiny."""
    return placer.solve(placer.load("tiny"))


@pytest.fixture(scope="package")
def placed(make_instance):
    """Return a placement of which all but one node have coordinates."""
    near = [{"from": hub, "to": site, "rtt_ms": rtt} for hub, rtt in (("A", 10), ("B", 25)) for site in "XY"]
    return placer.solve(make_instance(**PLACES, links=near))
