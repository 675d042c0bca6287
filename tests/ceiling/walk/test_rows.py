"""The rows of a curve's program."""

from __future__ import annotations

import numpy as np
import pytest

from placer.ceiling.walk.rows import Passages, Rows
from placer.model.formulation import formulate


def test_numbers_by_hand(formulation):
    """Tests that each site has a row of 8 accelerator-hours, and that nothing else is limited."""
    rows = Rows.of(formulation.structure)
    assert rows.capacity.tolist() == [[0], [1]]
    assert rows.upper.tolist() == [8.0, 8.0]
    assert (rows.power == -1).all()
    assert (rows.link == -1).all()
    assert not rows.by_tier


def test_options_of_work_that_waits(make_instance):
    """Tests that a window of 2 hours gives 3 options: now, and 1 or 2 hours later."""
    work = {"workload": "w", "accelerator_hours_per_mtok": 2.0, "kwh_per_mtok": 0.0, "deadline_hours": 2.0}
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 1.0} for hour in range(4)]
    centres = [{"data_centre": "X", "accelerators": 1.0}, {"data_centre": "Y", "accelerators": 1.0}]
    structure = formulate(make_instance(workloads=[work], demand=demand, data_centres=centres)).structure
    rows = Rows.of(structure)
    options = rows.options(structure, np.array([0]), np.array([0]), np.array([0]))
    assert options.period.tolist() == [0, 1, 2]
    assert options.tier.tolist() == [-1, -1, -1]
    assert options.takes.toarray()[[0, 1, 2], rows.capacity[0, :3]].tolist() == pytest.approx([2.0, 2.0, 2.0])
    assert options[np.array([2])].period.tolist() == [2]


def test_paths_take_of_capped_links_alone(make_instance):
    """Tests that an arc over a limited link passes it with its GB, and one over unlimited links passes nothing."""
    work = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "gb_per_mtok": 3.0}
    structure = formulate(make_instance(workloads=[work])).structure
    rows = Rows.of(structure)
    passages = Passages.of(structure)
    matrix, path = rows.paths(structure, passages, np.array([0, 0]), passages.number[0], np.array([0, 0]))
    assert path[0] == 0
    assert matrix.nnz == 0


def test_paths_take_of_the_quotas_that_count_them(make_instance):
    """Tests that a Mtok from A, in the east, to Y, in the west, takes 1 of the quota, and one to X nothing."""
    quota = {"policy": "q", "kind": "quota_mtok", "amount": 3.0, "from_region": "west", "to_region": "east"}
    structure = formulate(make_instance(policies=[quota])).structure
    rows, passages = Rows.of(structure), Passages.of(structure)
    matrix, path = rows.paths(structure, passages, np.array([0, 0]), passages.number[0], np.array([0, 0]))
    assert rows.upper[rows.cap[-1]] == 3.0
    assert matrix.toarray()[path, rows.cap[-1]].tolist() == [0.0, 1.0]
