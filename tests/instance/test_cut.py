"""Tests of cuts: who exports, who receives, and what is refused."""

from __future__ import annotations

import pytest

from placer.errors import InstanceError
from placer.instance.cut import Cut, cut_of, every_cut, exported_pairs, has_cut, regions_of, traded


def test_matrices(make_instance):
    """Tests that A at Y is export from east to west, B at X is displaced, and that home is neither."""
    instance, cut = make_instance(), Cut(("east",), ("west",))
    assert cut.pairs(instance)[0].tolist() == [[False, True], [False, False]]
    assert cut.pairs(instance)[1].tolist() == [[False, False], [True, False]]


def test_without_a_region(make_instance):
    """Tests that a hub without a region is neither exported nor displaced."""
    instance = make_instance(hubs=[{"hub": "A", "region": "east"}, {"hub": "B"}])
    cut = Cut(("east",), ("west",))
    assert not cut.pairs(instance)[1].any()
    assert cut.pairs(instance)[0].sum() == 1


def test_pairs_say_the_cut(make_instance):
    """Tests that regions first in the pairs export, and those second receive."""
    assert cut_of(make_instance(exports=(("east", "west"),))) == Cut(("east",), ("west",))


def test_pairs_that_are_no_cut(make_instance):
    """Tests that a region on both sides is an error that says what to give, and that giving it mends it."""
    instance = make_instance(exports=(("east", "west"), ("west", "east")))
    with pytest.raises(InstanceError, match=r"east, west exports and receives.*exporting=.*east, west"):
        cut_of(instance)
    assert cut_of(instance, "west") == Cut(("west",), ("east",))


@pytest.mark.parametrize(
    ("exporting", "message"),
    [
        (["north"], r"'north' is no region \(allowed: some of east, west\)"),
        ([], "none is named"),
        (["east", "west"], "all regions are named"),
    ],
)
def test_what_cannot_export(make_instance, exporting, message):
    """Tests that unknown regions, none and all are errors that list what there is."""
    with pytest.raises(InstanceError, match=message):
        cut_of(make_instance(), exporting)


def test_every_cut(make_instance):
    """Tests that three regions have six cuts, and that more than twelve ask for the exporting ones."""
    centres = [{"data_centre": "X", "region": "east"}, {"data_centre": "Y", "region": "south"}]
    instance = make_instance(data_centres=centres)
    assert regions_of(instance) == ("east", "west", "south")
    assert [cut.exporting for cut in every_cut(instance)] == [
        ("east",),
        ("west",),
        ("south",),
        ("east", "west"),
        ("east", "south"),
        ("west", "south"),
    ]
    names = [f"h{place}" for place in range(13)]
    many = make_instance(
        hubs=[{"hub": name, "region": name} for name in names],
        links=[{"from": name, "to": "X", "rtt_ms": 1.0} for name in names],
        demand=[{"workload": "w", "hub": "h0", "mtok": 1.0}],
    )
    with pytest.raises(InstanceError, match=r"exporting: not given, and 15 regions"):
        every_cut(many)
    assert has_cut(instance)
    assert not has_cut(many)
    assert has_cut(many.replace(exports=(("h0", "east"),)))


def test_said_in_words():
    """Tests that few regions are named, and many counted."""
    assert str(Cut(("east",), ("west", "north"))) == "east to west, north"
    assert str(Cut(("a", "b", "c", "d"), ())) == "4 regions to no region"


@pytest.mark.parametrize(
    ("exports", "expected"),
    [
        ("between_regions", [[False, True], [True, False]]),
        ([("east", "west")], [[False, True], [False, False]]),
        ([], [[False, False], [False, False]]),
    ],
)
def test_what_counts_as_export(make_instance, exports, expected):
    """Tests that export is between regions that differ, or the pairs given and no others."""
    assert exported_pairs(make_instance(exports=exports)).tolist() == expected


def test_no_export_without_regions(make_instance):
    """Tests that a hub or data centre without a region exports nothing."""
    instance = make_instance(hubs=[{"hub": "A"}, {"hub": "B", "region": "east"}])
    assert exported_pairs(instance).tolist() == [[False, False], [False, True]]


def test_trade_of_some_regions(make_instance):
    """Tests what is made in one region, what is used in one, and both; hubs without a region are abroad."""
    instance = make_instance(hubs=[{"hub": "A", "region": "east"}, {"hub": "B", "region": "west"}, {"hub": "C"}])
    assert traded(instance).tolist() == [[False, True], [True, False], [True, True]]
    assert traded(instance, "west").tolist() == [[False, True], [False, False], [False, True]]
    assert traded(instance, None, "west").tolist() == [[False, False], [True, False], [False, False]]
    assert not traded(instance, "west", "west").any()


def test_trade_of_unknown_regions(make_instance):
    """Tests that both are named, with what there is."""
    with pytest.raises(InstanceError) as caught:
        traded(make_instance(), "moon", "mars")
    assert {each.column for each in caught.value.violations} == {"made_in", "used_in"}
