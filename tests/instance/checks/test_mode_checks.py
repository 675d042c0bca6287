"""Tests the checks of the table of modes."""

import pytest

import placer
from placer.errors import InstanceError
from tests.model.modes_by_hand import FAST, MIDDLE, SLOW, modes, tables


def refused(**changes):
    """Return the violations of the instance by hand with some tables changed."""
    with pytest.raises(InstanceError) as error:
        placer.Instance.from_tables(tables() | changes)
    return [(each.table, each.row, each.column, each.problem, each.allowed) for each in error.value.violations]


@pytest.mark.parametrize(
    ("cells", "column", "problem", "allowed"),
    [
        ({"workload": "chta"}, "workload", "'chta' is unknown", "the name of a workload, perhaps chat"),
        (
            {"accelerator_type": "H20"},
            "accelerator_type",
            "no data centre has 'H20'",
            "a type of data_centres or accelerator_pools",
        ),
        ({"server_ms": -1.0}, "server_ms", "-1", ">= 0"),
        ({"server_ms": None}, "server_ms", "missing", ">= 0"),
        ({"accelerator_hours_per_mtok": -1.0}, "accelerator_hours_per_mtok", "-1", ">= 0"),
        ({"kwh_per_mtok": float("nan")}, "kwh_per_mtok", "NaN", ">= 0"),
    ],
)
def test_each_defect_of_a_mode_is_named(cells, column, problem, allowed):
    """Tests each defect of a mode: its row, its column, and what is allowed."""
    ((table, row, where, found, may),) = refused(modes=[MIDDLE, FAST | cells])
    assert (table, row, where) == ("modes", f"{cells.get('workload', 'chat')}|80 a second", column)
    assert problem in found
    assert allowed in may


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"server_ms": 5.0}, "5 beside the modes of the workload"),
        ({"peak_accelerator_hours_per_mtok": 0.1}, "0.1 beside the modes of the workload"),
    ],
)
def test_a_workload_with_modes_has_no_figures_of_its_own(cells, problem):
    """Tests that what modes have in place of the workload is given once."""
    ((table, row, column, found, _),) = refused(workloads=[tables()["workloads"][0] | cells])
    assert (table, row, column) == ("workloads", "chat", next(iter(cells)))
    assert found == problem


def test_one_mode_must_be_fast_enough():
    """Tests that a workload needs a mode within its limit; one of several that is slower gets a remark."""
    ((table, row, column, problem, allowed),) = refused(modes=[SLOW, SLOW | {"mode": "slower", "server_ms": 9e3}])
    assert (table, row, column, allowed) == ("modes", "chat", "server_ms", "a mode within its latency_slo_ms")
    assert problem == "no route is short enough for any mode of chat: the fastest takes 5000 ms"
    told = placer.check(modes([SLOW, MIDDLE]))
    assert "no route is short enough for mode 20 a second of chat" in told


def test_a_mode_has_one_row():
    """Tests that two rows of one name are refused."""
    ((table, row, *_),) = refused(modes=[MIDDLE, MIDDLE])
    assert (table, row) == ("modes", "chat|40 a second")


def test_all_defects_come_at_once():
    """Tests that the defects of several tables come in one error."""
    rows = [SLOW | {"accelerator_type": "x"}, SLOW | {"mode": "slower", "kwh_per_mtok": -1.0}]
    found = refused(modes=rows, workloads=[tables()["workloads"][0] | {"server_ms": 5.0}])
    assert {(table, column) for table, _, column, *_ in found} == {
        ("modes", "server_ms"),
        ("modes", "accelerator_type"),
        ("modes", "kwh_per_mtok"),
        ("workloads", "server_ms"),
    }


def test_cells_with_defects_hide_no_other_row():
    """Tests that an unknown type, a time beside modes and late modes are told beside defects of the same columns."""
    rows = [
        MIDDLE | {"workload": None},
        MIDDLE | {"mode": "a", "accelerator_type": "x"},
        MIDDLE | {"mode": "b", "server_ms": -1.0},
        SLOW | {"workload": "voice"},
        SLOW | {"workload": "vioce"},
    ]
    chat = tables()["workloads"][0]
    found = refused(modes=rows, workloads=[chat | {"server_ms": 5.0}, chat | {"workload": "voice"}])
    assert {each[:3] for each in found} == {
        ("modes", "row 1", "workload"),
        ("modes", "chat|a", "accelerator_type"),
        ("modes", "chat|b", "server_ms"),
        ("modes", "voice", "server_ms"),
        ("modes", "vioce|20 a second", "workload"),
        ("workloads", "chat", "server_ms"),
    }
    assert next(each[4] for each in found if each[2] == "accelerator_type").endswith("none of which has one")


def test_types_are_those_of_data_centres():
    """Tests that a type that a data centre has is known, and that a similar one is suggested."""
    sites = [site | {"accelerator_type": "H100"} for site in tables()["data_centres"]]
    assert placer.Instance.from_tables(
        tables() | {"data_centres": sites, "modes": [FAST | {"accelerator_type": "H100"}]}
    )
    ((*_, allowed),) = refused(data_centres=sites, modes=[FAST | {"accelerator_type": "H10"}])
    assert allowed == "a type of data_centres or accelerator_pools, perhaps H100"
