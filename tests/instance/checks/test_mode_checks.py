"""Tests the checks of the table of modes."""

import pytest

import placer
from placer.errors import InstanceError
from placer.instance.checks.mode_checks import mode_remarks
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


def test_types_are_those_of_data_centres():
    """Tests that a type that a data centre has is known, and that a similar one is suggested."""
    sites = [site | {"accelerator_type": "H100"} for site in tables()["data_centres"]]
    assert placer.Instance.from_tables(
        tables() | {"data_centres": sites, "modes": [FAST | {"accelerator_type": "H100"}]}
    )
    ((*_, allowed),) = refused(data_centres=sites, modes=[FAST | {"accelerator_type": "H10"}])
    assert allowed == "a type of data_centres or accelerator_pools, perhaps H100"


def test_modes_that_another_outdoes_are_told():
    """Tests the remark on a mode that no optimum needs: of modes that are alike the first counts."""
    dear = MIDDLE | {"mode": "dear", "server_ms": 3000.0, "accelerator_hours_per_mtok": 0.4}
    again = FAST | {"mode": "again"}
    said = "is no slower and takes no more accelerator-hours and energy"
    told = [
        f"mode dear of chat is not needed: 40 a second {said}",
        f"mode again of chat is not needed: 80 a second {said}",
    ]
    instance = modes([MIDDLE, FAST, dear, again])
    assert mode_remarks(instance.modes, instance.workloads) == told
    assert set(told) <= set(placer.check(instance))
    instance = modes([MIDDLE, FAST])
    assert mode_remarks(instance.modes, instance.workloads) == []


def test_modes_of_other_accelerators_outdo_none():
    """Tests that modes are compared for the same accelerators alone."""
    sites = [site | {"accelerator_type": "H100"} for site in tables()["data_centres"]]
    dear = MIDDLE | {"mode": "dear", "accelerator_hours_per_mtok": 9.0, "accelerator_type": "H100"}
    instance = placer.Instance.from_tables(tables() | {"data_centres": sites, "modes": [MIDDLE, dear]})
    assert mode_remarks(instance.modes, instance.workloads) == []
