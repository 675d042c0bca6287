"""Tests the checks of the table of served models."""

import pytest

import placer
from placer.datasets.saving import save
from placer.errors import InstanceError
from tests.model.modes_by_hand import tables

LARGE = {"model": "large", "workloads": "chat|voice", "replica_accelerators": 8.0, "cold_start_seconds": 60.0}
SMALL = {"model": "small", "workloads": "code", "replica_accelerators": 0.5}


def given(models, **changes):
    """Return the instance by hand with three workloads and some models."""
    parts = tables()
    workloads = [parts["workloads"][0] | {"workload": name} for name in ("chat", "voice", "code")]
    return placer.Instance.from_tables(parts | {"modes": [], "workloads": workloads, "served_models": models} | changes)


def refused(models, **changes):
    """Return the violations of some models."""
    with pytest.raises(InstanceError) as error:
        given(models, **changes)
    return [(each.table, each.row, each.column, each.problem, each.allowed) for each in error.value.violations]


@pytest.mark.parametrize(
    ("cells", "column", "problem", "allowed"),
    [
        ({"workloads": "chta"}, "workloads", "'chta' is unknown", "a workload, perhaps chat"),
        ({"workloads": None}, "workloads", "missing", "names"),
        ({"replica_accelerators": 0.0}, "replica_accelerators", "0", "> 0"),
        ({"replica_accelerators": -1.0}, "replica_accelerators", "-1", "> 0"),
        ({"replica_accelerators": None}, "replica_accelerators", "missing", "> 0"),
        ({"replica_accelerators": 101.0}, "replica_accelerators", "a replica takes 101 accelerators", "<= 100"),
        ({"cold_start_seconds": -1.0}, "cold_start_seconds", "-1", ">= 0"),
    ],
)
def test_each_defect_of_a_model_is_named(cells, column, problem, allowed):
    """Tests each defect of a model: its row, its column, and what is allowed."""
    ((table, row, where, found, may),) = refused([LARGE | cells])
    assert (table, row, where) == ("served_models", "large", column)
    assert problem in found
    assert allowed in may


def test_a_workload_is_of_one_model():
    """Tests that a workload of two models is named in both."""
    found = refused([LARGE, SMALL | {"workloads": "code|voice"}])
    assert [(row, problem) for _, row, _, problem, _ in found] == [
        ("large", "voice is given 2 times"),
        ("small", "voice is given 2 times"),
    ]


def test_a_backlog_is_of_the_model_of_its_workload():
    """Tests that a backlog has no model of its own."""
    parts = tables()
    workloads = [parts["workloads"][0] | {"workload": "chat", "server_ms": 0.0, "deadline_hours": 2.0}]
    workloads += [workloads[0] | {"workload": "left over", "backlog_of": "chat"}]
    ((_, _, column, problem, _),) = refused([LARGE | {"workloads": "left over"}], workloads=workloads)
    assert (column, problem) == ("workloads", "left over is a backlog")


def test_all_defects_come_at_once():
    """Tests that the defects of several models come in one error."""
    found = refused(
        [LARGE | {"replica_accelerators": 200.0}, SMALL | {"workloads": "coed|chat", "cold_start_seconds": -1}]
    )
    assert {(row, column) for _, row, column, *_ in found} == {
        ("large", "replica_accelerators"),
        ("large", "workloads"),
        ("small", "workloads"),
        ("small", "cold_start_seconds"),
    }


def test_a_model_is_left_with_the_workloads_that_are_left():
    """Tests that what-ifs without a workload take it out of its model, and a model without any out of the table."""
    instance = given([LARGE, SMALL])
    assert instance.without("voice").served_models["workloads"].tolist() == [("chat",), ("code",)]
    assert instance.without("code").served_models["model"].tolist() == ["large"]


@pytest.mark.parametrize("name", ["folder", "book.xlsx", "net.json", "net.graphml"])
def test_models_survive(tmp_path, name):
    """Tests that models survive in every form."""
    instance = given([LARGE, SMALL])
    again = placer.load(save(instance, tmp_path / name))
    assert again == instance
    assert again.served_models["workloads"].tolist() == [("chat", "voice"), ("code",)]
