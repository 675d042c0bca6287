"""Alternatives on a page are to what is on it."""

from __future__ import annotations

import pytest

import placer
from placer.report.content.alternatives import alternatives_of


def test_those_to_another_placement_are_refused(make_instance):
    placement, other = (
        placer.solve(make_instance()),
        placer.solve(make_instance(hour_length=1.0, carbon_usd_per_kg=9.0)),
    )
    found = placer.alternatives(placement, groups="region", answers=0)
    assert alternatives_of(None, placement, None) is None
    assert alternatives_of(found, placement, None) is found
    dear = placer.solve(other.instance.replace(workloads=other.instance.workloads.assign(kwh_per_mtok=1100.0)))
    with pytest.raises(placer.InstanceError, match="the least cost is 320, that of the page 352"):
        alternatives_of(found, dear, None)
