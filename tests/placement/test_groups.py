"""The groups of assignments and of unserved demand."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.errors import ArgumentError
from placer.placement.groups import GROUPS, NONE, NOT_SERVED, Cells, groups_of


@pytest.fixture(scope="module")
def tiny():
    """A placement of the smallest dataset."""
    return placer.solve(placer.load("tiny"))


def test_labels_and_positions(tiny):
    """Tests the labels of every group of tiny by hand, each with the one of all else last."""
    expected = {
        "workload": ["voice", "chat", "batch"],
        "hub": ["Coast", "Delta", "Inland"],
        "hub_region": ["east", "west", NOT_SERVED],
        "data_centre": ["Metro", "Port", "Plateau", NOT_SERVED],
        "region": ["east", "west", NOT_SERVED],
        "jurisdiction": ["east", "west", NOT_SERVED],
        "power_zone": ["Coast grid", "Plateau wind", "no power", NOT_SERVED],
        "hour": [0, 1],
        "block": ["all"],
    }
    for name, labels in expected.items():
        (group,) = groups_of(tiny.instance, tiny.formulation, name)
        assert group.labels == labels
    (region,) = groups_of(tiny.instance, tiny.formulation, "region")
    assert region.position.tolist() == [0, 0, 1]
    assert set(expected) | {"month", "week", "day"} == set(GROUPS)


def test_what_has_no_region_is_a_group_of_its_own(tiny):
    found = placer.solve(
        tiny.instance.with_value("hubs.region", "east").replace(
            data_centres=tiny.instance.data_centres.assign(region=None)
        )
    )
    assert found.statistics("region").index.tolist() == [NONE]


def test_cells_follow_the_order_of_the_labels(tiny):
    """Tests that cells of two groups count the second fastest, and that unserved demand is at no data centre."""
    groups = groups_of(tiny.instance, tiny.formulation, ["workload", "data_centre"])
    cells = Cells(groups, tiny.formulation, tiny.accounts)
    index = cells.index(np.arange(12))
    assert index.tolist()[:5] == [
        ("voice", "Metro"),
        ("voice", "Port"),
        ("voice", "Plateau"),
        ("voice", NOT_SERVED),
        (
            "chat",
            "Metro",
        ),
    ]
    assert index.names == ["workload", "data_centre"]
    assert cells.index(cells.of_demands(np.array([0]))).tolist() == [("voice", NOT_SERVED)]


@pytest.mark.parametrize(
    ("by", "says"),
    [
        ("site", "expected perhaps data_centre; one or several of workload, hub, hub_region, data_centre, region"),
        ("wrkload", "perhaps workload; one or several of"),
        (
            "colour",
            "expected one or several of workload, hub, hub_region, data_centre, region, jurisdiction",
        ),
        (["hub", "hub"], "each once"),
        ([], "expected one or several of"),
        (3, "not 3"),
        ("month", "whole hours have no month"),
    ],
)
def test_unknown_groups_are_errors_with_the_list(tiny, by, says):
    with pytest.raises(ArgumentError, match=says):
        tiny.statistics(by)
