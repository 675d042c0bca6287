"""Instances with builds in their tables."""

from __future__ import annotations

import numpy as np

from placer.planning.built import with_builds
from placer.planning.candidates import Candidates


def test_two_candidates_at_one_target_add_up(make_instance):
    """Tests that candidates of one site add to the same cell, and other tables stay."""
    instance = make_instance(data_centres=[{"data_centre": "X", "accelerators": 5.0}, {"data_centre": "Y"}])
    row = {"adds": "accelerators", "target": "X", "usd_per_unit_year": 1.0}
    candidates = Candidates.of([row | {"candidate": "one"}, row | {"candidate": "two"}])
    larger = with_builds(instance, instance, candidates, np.array([2.0, 4.0]))
    assert larger.data_centres["accelerators"].tolist() == [11.0, np.inf]
    assert larger.replace(data_centres=instance.data_centres) == instance
