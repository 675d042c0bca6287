"""Answers laid out for reading."""

from __future__ import annotations

import pandas as pd
import pytest

import placer
from placer.analysis.baselines import compare
from placer.cli.answers import print_ceiling, print_placement, print_shortages
from tests.model.pools_by_hand import any_pool


@pytest.fixture(scope="module")
def tiny():
    return placer.load("tiny")


def test_placement(tiny, capsys):
    """Tests that a placement is its figures, its tables and the rules beside it, with the dearest site first."""
    placement = placer.solve(tiny)
    print_placement(placement, compare(placement), {})
    out = capsys.readouterr().out
    sites = "Data centres, with the rent of one accelerator"
    headings = ["Workloads", sites, "Hubs", "Scarce limits", "Beside naive rules"]
    assert [line.rstrip() for line in out.splitlines() if line.rstrip() in headings] == headings
    assert "330.77 USD" in out


def test_pools_have_a_table(capsys):
    """Tests use, price and rent of each pool over two hours, the second of them empty."""
    demand = [{"workload": "chat", "hub": "users", "hour": hour, "mtok": 15.0 * (1 - hour)} for hour in range(2)]
    placement = placer.solve(any_pool(demand=demand))
    print_placement(placement, compare(placement), {})
    (old, new) = [line.split() for line in capsys.readouterr().out.splitlines() if line.startswith("hall - ")]
    assert old == ["hall", "-", "old", "10", "50.00%", "1", "0.5"]
    assert new == ["hall", "-", "new", "5", "2.50%", "2", "0"]


@pytest.mark.slow
def test_ceiling_of_one_direction_has_no_table_of_regions(tiny, capsys):
    """Tests that the regions stand side by side only where the dataset counts exports between all of them."""
    for instance in (tiny.replace(exports=[("east", "west")]), tiny):
        ceiling = placer.export_ceiling(instance)
        print_ceiling(ceiling, ceiling.curve, ceiling.curve.table.iloc[:0])
    one, both = capsys.readouterr().out.split("Export ceiling")[1:]
    assert ("Each region exporting alone" in one, "Each region exporting alone" in both) == (False, True)
    assert f"{len(ceiling.curve.table)} corners" in both


def test_shortages(capsys):
    """Tests that each shortage is a line with its limit and its cure."""
    row = {"workload": "w", "hub": "A", "hours": "0-3", "unserved_mtok": 6.0, "limit": "link", "name": "A-X"}
    print_shortages(pd.DataFrame([row | {"cure": "2 Gbps more"}]))
    assert "w at A, hours 0-3: 6 Mtok short by link A-X; cure: 2 Gbps more\n" in capsys.readouterr().out
