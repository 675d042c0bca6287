"""Groups by name, by mapping, and those that are not there."""

from __future__ import annotations

import pytest

import placer
from placer.near_optimal.groups import groups_of_candidates, groups_of_placement


def shares(groups, flows):
    """Return what flows count in each group, by label."""
    counts = groups.counts[:, flows.arc] @ flows.amount
    return dict(zip(groups.index.get_level_values("group"), counts.tolist(), strict=True))


def test_groups_count_what_they_serve(make_instance):
    """Tests 16 Mtok at Y, of which A's 10 are exports."""
    placement = placer.solve(make_instance())
    flows = placement.answer.point
    assert shares(groups_of_placement(placement, None, "tokens"), flows) == {
        "X": 0,
        "Y": 16,
        "east": 0,
        "west": 16,
        "w": 10,
    }
    assert shares(groups_of_placement(placement, "power_zone", "tokens"), flows) == {"zx": 0, "zy": 16}
    own = groups_of_placement(placement, {"cheap": "zy", "all": ["X", "west"]}, "tokens")
    assert shares(own, flows) == {"cheap": 16, "all": 16}
    assert own.total == 16


def test_a_data_centre_counts_once_in_a_group(make_instance):
    placement = placer.solve(make_instance())
    own = groups_of_placement(placement, {"all": ["Y", "west", "zy"]}, "tokens")
    assert shares(own, placement.answer.point) == {"all": 16}


def test_unknown_groups_are_listed_at_once(make_instance):
    placement = placer.solve(make_instance())
    with pytest.raises(placer.InstanceError) as caught:
        groups_of_placement(placement, ["data_center", "continent"], "tokens")
    assert len(caught.value.violations) == 2
    with pytest.raises(placer.InstanceError, match="is empty"):
        groups_of_placement(placement, {}, "tokens")
    with pytest.raises(placer.InstanceError, match="is empty"):
        groups_of_placement(placement, [], "tokens")
    with pytest.raises(placer.InstanceError, match="3 is unknown"):
        groups_of_placement(placement, 3, "tokens")


def test_a_name_with_two_meanings_is_refused(make_instance):
    regions = [{"data_centre": "X", "region": "Y"}, {"data_centre": "Y", "region": "west"}]
    placement = placer.solve(make_instance(data_centres=regions))
    with pytest.raises(placer.InstanceError, match="'Y' is a data centre and a region"):
        groups_of_placement(placement, {"which": ["Y"]}, "tokens")


def test_kinds_without_a_group_are_refused(make_instance):
    placement = placer.solve(make_instance())
    with pytest.raises(placer.InstanceError, match="no data centre has a jurisdiction"):
        groups_of_placement(placement, "jurisdiction", "tokens")


def test_groups_of_candidates():
    names = ["hall", "line", "yard"]
    assert groups_of_candidates(names, None, "tokens").counts.toarray().tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    own = groups_of_candidates(names, {"land": ["hall", "yard"]}, "tokens")
    assert own.counts.toarray().tolist() == [[1, 0, 1]]
    with pytest.raises(placer.InstanceError, match="'harbour' is unknown"):
        groups_of_candidates(names, {"land": ["harbour"]}, "tokens")
    with pytest.raises(placer.InstanceError, match="'region' is unknown"):
        groups_of_candidates(names, "region", "tokens")
    with pytest.raises(placer.InstanceError, match="counted: is of placements"):
        groups_of_candidates(names, None, "energy")
