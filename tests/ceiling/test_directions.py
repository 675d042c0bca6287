"""Tests of regions that export alone, and of the cut with the largest ceiling."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import placer
from placer.ceiling import directions
from placer.ceiling.directions import ceilings_by_region, largest_cut
from placer.ceiling.maximum import most_export
from placer.instance.cut import every_cut
from placer.model.counts import export_weights, net, total_weight
from placer.model.formulation import formulate
from tests.effort import tries
from tests.model.modes_at_random import with_random_modes

#: The east asks for 100 Mtok and serves 200, the west asks for 50 and serves 60.
UNEVEN = {
    "data_centres": [
        {"data_centre": "X", "region": "east", "accelerators": 200.0},
        {"data_centre": "Y", "region": "west", "accelerators": 60.0},
    ],
    "demand": [{"workload": "w", "hub": "A", "mtok": 100.0}, {"workload": "w", "hub": "B", "mtok": 50.0}],
}


def test_regions_by_hand(make_instance):
    """Tests both directions: the east may send 10 to what the west leaves of 60, the west all its 50 to the east."""
    expected = pd.DataFrame(
        {
            "demand_share": [100 / 150, 50 / 150],
            "share": [10 / 150, 50 / 150],
            "latency_share": [100 / 150, 50 / 150],
            "gross_share": [60 / 150, 50 / 150],
            "unserved_share": [0.0, 0.0],
        },
        index=pd.Index(["east", "west"], name="region"),
    )
    pd.testing.assert_frame_equal(ceilings_by_region(make_instance(**UNEVEN)), expected)


def test_the_largest_is_named(make_instance):
    """Tests that without a direction the ceiling is that of the west, and with one that of the east."""
    instance = make_instance(**UNEVEN)
    ceiling = placer.export_ceiling(instance)
    assert (ceiling.cut.exporting, ceiling.cut.receiving) == (("west",), ("east",))
    assert ceiling.share == pytest.approx(50 / 150)
    assert placer.export_ceiling(instance, exporting=["east"]).share == pytest.approx(10 / 150)
    assert "west to east" in repr(ceiling)


def test_one_region(make_instance):
    """Tests that nothing is exported, and no region listed, where there is one region."""
    one = {
        "hubs": [{"hub": "A", "region": "east"}, {"hub": "B"}],
        "data_centres": [{"data_centre": "X", "region": "east"}, {"data_centre": "Y"}],
    }
    instance = make_instance(**one)
    assert placer.export_ceiling(instance).share == 0
    assert ceilings_by_region(instance).empty


def spread(instance, seed):
    """Return a random instance with its hubs and data centres in up to five regions, some in none."""
    random = np.random.default_rng(seed)
    names = ["a", "b", "c", "d", "e", None]
    hubs = instance.hubs.assign(region=random.choice(names, len(instance.hubs)))
    centres = instance.data_centres.assign(region=random.choice(names, len(instance.data_centres)))
    return instance.replace(hubs=hubs, data_centres=centres)


@pytest.mark.slow
@pytest.mark.parametrize("weight", ["tokens", "work"])
@pytest.mark.parametrize("seed", range(tries(4, 12)))
def test_largest_of_all(make_random_instance, monkeypatch, seed, weight):
    """Tests that bounds leave out no cut with a larger ceiling, and that they leave out some; half over modes."""
    plain = make_random_instance(seed)
    instance = spread(with_random_modes(plain, seed) if seed % 2 else plain, seed)
    formulation = formulate(instance)
    weights = export_weights(instance, formulation.distance, weight)
    cuts = every_cut(instance)
    ceilings = [most_export(formulation, net(instance, weights, cut)).exported for cut in cuts]
    solved = []
    monkeypatch.setattr(
        directions, "most_export", lambda *rest, **named: solved.append(1) or most_export(*rest, **named)
    )
    found = largest_cut(instance, formulation, weights)[1]
    assert found.exported == pytest.approx(max(ceilings), abs=1e-7 * total_weight(formulation, weights.asked))
    assert len(solved) <= len(cuts)
