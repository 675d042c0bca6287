"""Tests the checks of the table of pools."""

import pytest

import placer
from placer.errors import InstanceError
from tests.model.pools_by_hand import NEW, OLD, mode, tables


def refused(**changes):
    """Return the violations of the instance by hand with some tables changed."""
    with pytest.raises(InstanceError) as error:
        placer.Instance.from_tables(tables() | changes)
    return [(each.table, each.row, each.column, each.problem, each.allowed) for each in error.value.violations]


@pytest.mark.parametrize(
    ("cells", "row", "column", "problem", "allowed"),
    [
        ({"data_centre": "hal"}, f"hal|{NEW}", "data_centre", "'hal' is unknown", "a data centre, perhaps hall"),
        ({"accelerator_type": OLD}, f"hall|{OLD}", "", "given twice", "once"),
        ({"accelerators": -1.0}, f"hall|{NEW}", "accelerators", "-1", ">= 0"),
        ({"accelerator_usd_per_hour": -2.0}, f"hall|{NEW}", "accelerator_usd_per_hour", "-2", ">= 0"),
        (
            {"accelerator_usd_per_hour": float("inf")},
            f"hall|{NEW}",
            "accelerator_usd_per_hour",
            "inf is out of range",
            "finite",
        ),
        ({"accelerator_type": None}, "row 2", "accelerator_type", "missing", "text"),
    ],
)
def test_each_defect_of_a_pool_is_named(cells, row, column, problem, allowed):
    """Tests each defect of a pool: its row, its column, and what is allowed."""
    pools = [tables()["accelerator_pools"][0], tables()["accelerator_pools"][1] | cells]
    found = refused(accelerator_pools=pools, modes=[mode(OLD)])
    assert ("accelerator_pools", row, column) in [each[:3] for each in found]
    (said,) = [each for each in found if each[:3] == ("accelerator_pools", row, column)]
    assert problem in said[3]
    assert allowed in said[4]


@pytest.mark.parametrize(("column", "value"), [("accelerators", 5.0), ("accelerators", 0.0), ("accelerator_type", OLD)])
def test_a_data_centre_with_pools_has_no_accelerators_of_its_own(column, value):
    """Tests that its number and its type are given once; its price is that of pools without one."""
    (centre,) = tables()["data_centres"]
    ((table, row, where, problem, allowed),) = refused(data_centres=[centre | {column: value}])
    assert (table, row, where) == ("data_centres", "hall", column)
    assert problem.endswith("beside the pools of the data centre")
    assert allowed.startswith("empty: ")


def test_a_mode_needs_a_pool_or_a_data_centre_of_its_type():
    """Tests that the type of a mode may be that of a pool, and that the nearest is named."""
    ((table, row, column, problem, allowed),) = refused(modes=[mode(OLD), mode("news")])
    assert (table, row, column) == ("modes", "chat|on news", "accelerator_type")
    assert problem == "no data centre has 'news'"
    assert allowed == f"a type of data_centres or accelerator_pools, perhaps {NEW}"


def test_all_defects_are_named_at_once():
    """Tests that defects of pools, modes and data centres are told together."""
    (centre,) = tables()["data_centres"]
    pools = [row | {"accelerators": -1.0} for row in tables()["accelerator_pools"]]
    found = refused(accelerator_pools=pools, modes=[mode("H20")], data_centres=[centre | {"accelerators": 4.0}])
    assert {(table, column) for table, _, column, _, _ in found} == {
        ("accelerator_pools", "accelerators"),
        ("modes", "accelerator_type"),
        ("data_centres", "accelerators"),
    }
