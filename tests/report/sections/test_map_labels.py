"""Tests of names on a map."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from placer.report.sections.map_labels import LETTERINGS, name_places

NOWHERE = pd.DataFrame({"name": [], "mtok": []}, dtype=object)


def named(names, at, lettering=LETTERINGS[0]):
    sites = pd.DataFrame({"name": names, "mtok": [float(len(names) - place) for place in range(len(names))]})
    text = name_places(sites, np.array(at, dtype=float), NOWHERE, np.empty((0, 2)), lettering)
    return re.findall(r">([^<]+)</text>", text)


def test_largest_is_named_first_and_none_runs_into_another():
    """Tests that of eight data centres at one point those are named for whose names there is room beside it."""
    found = named([f"site {number}" for number in range(8)], [[300, 200]] * 8)
    assert found[0] == "site 0"
    assert 1 < len(found) < 8


def test_far_apart_all_are_named():
    assert named(["A", "B"], [[100, 100], [500, 300]]) == ["A", "B"]


def test_long_names_are_shortened():
    assert named(["x" * 30], [[300, 200]]) == ["x" * 18 + "..."]
