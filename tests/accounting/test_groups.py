"""Tests the regions of hubs, data centres and owners."""

import numpy as np
import pytest

import placer
from placer.accounting.groups import groups_of


def test_regions_come_in_the_order_of_the_tables(make_instance):
    """Tests the regions of the small instance."""
    groups = groups_of(make_instance())
    assert groups.names == ("east", "west")
    assert (groups.hub.tolist(), groups.site.tolist(), groups.owner.tolist()) == ([0, 1], [0, 1], [0, 1])
    assert groups.remarks == ()


def test_places_without_a_region_form_other_with_a_remark(make_instance):
    """Tests that a missing region is said, not filled."""
    groups = groups_of(make_instance(hubs=[{"hub": "A"}, {"hub": "B", "region": "west"}]))
    assert groups.names == ("west", "east", "other")
    assert groups.hub.tolist() == [2, 0]
    assert groups.remarks == ("1 of 2 hubs have no region and count as other",)


def test_a_power_zone_is_that_of_the_supplies(make_instance):
    """Tests that a data centre of two zones has both in its label, and that hubs have none."""
    supplies = [{"power_zone": zone, "data_centre": site} for zone, site in (("zx", "X"), ("zy", "X"), ("zy", "Y"))]
    groups = groups_of(make_instance(supplies=supplies), by="power_zone")
    assert groups.names == ("zx + zy", "zy", "other")
    assert groups.site.tolist() == [0, 1]
    assert groups.hub.tolist() == [2, 2]


def test_columns_of_ones_own_may_hold_numbers(make_instance):
    """Tests a column that only one table has, with numbers and a gap."""
    instance = make_instance()
    centres = instance.data_centres.assign(district=[7.0, np.nan])
    groups = groups_of(instance.replace(data_centres=centres), by="district")
    assert groups.names == ("7.0", "other")
    assert groups.remarks == (
        "2 of 2 hubs have no district and count as other",
        "1 of 2 data centres have no district and count as other",
    )


def test_accelerators_belong_to_their_owner(make_instance):
    """Tests a data centre in the east whose accelerators the west owns, in the column by default and by name."""
    instance = make_instance()
    for column, owners in (("owner", None), ("investor", "investor")):
        centres = instance.data_centres.assign(**{column: ["west", None]})
        groups = groups_of(instance.replace(data_centres=centres), owners=owners)
        assert groups.owner.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("by", "owners", "message"),
    [
        ("district", None, r"accounts\.by: hubs and data_centres have no column 'district'"),
        ("region", "investor", r"accounts\.owners: data_centres have no column 'investor'"),
    ],
)
def test_unknown_columns_are_errors(make_instance, by, owners, message):
    """Tests that the error names the column."""
    with pytest.raises(placer.InstanceError, match=message):
        groups_of(make_instance(), by, owners)


def test_an_unknown_owner_is_an_error(make_instance):
    """Tests that the error names the data centre, the owner and the regions."""
    instance = make_instance()
    owned = instance.replace(data_centres=instance.data_centres.assign(owner=["moon", "west"]))
    with pytest.raises(
        placer.InstanceError, match=r"data_centres\[X\]\.owner: 'moon' is no region \(allowed: one of e"
    ):
        groups_of(owned)


def test_a_region_may_not_be_named_like_another_party(make_instance):
    """Tests that a region named network is an error, since links belong to the network."""
    instance = make_instance(hubs=[{"hub": "A", "region": "network"}, {"hub": "B"}])
    with pytest.raises(placer.InstanceError, match="a region has the name 'network'"):
        groups_of(instance)


def test_columns_are_given_by_name(make_instance):
    """Tests that a list of columns is an error of its type."""
    with pytest.raises(placer.ArgumentError, match="expected the name of a column as by"):
        groups_of(make_instance(), ["region"])
