"""HiGHS from a basis: the same optimum in fewer iterations, and nothing trusted."""

from __future__ import annotations

import numpy as np
import pytest

from placer.ladder.whole_program import solve_program
from placer.solvers import started as module
from placer.solvers.highs import HiGHS
from placer.solvers.simplex import Basis
from placer.solvers.started import StartedHiGHS
from placer.termination import Reason


@pytest.fixture
def program(make_program):
    """The cheaper of two columns up to 3, and 2 of the other: costs of 3 + 2 * 2."""
    return make_program([1.0, 2.0], [[1.0, 1.0]], [5.0], [5.0], col_upper=[3.0, 9.0])


def test_from_its_own_end_nothing_is_left_to_do(program):
    """Tests that a run from the last basis takes no iteration and gives the same point and duals."""
    first = StartedHiGHS(None)
    found = first.solve(program)
    assert found.point.tolist() == [3.0, 2.0]
    assert found.duals.tolist() == [2.0]
    again = StartedHiGHS(first.end).solve(program)
    assert again.iterations == 0
    assert again.point.tolist() == found.point.tolist()


@pytest.mark.parametrize("basic", [0, 1])
def test_a_basis_of_another_program_is_mended(program, basic):
    """Tests starts with too many and too few basic variables."""
    start = Basis(np.full(2, basic, dtype=np.int8), np.full(1, basic, dtype=np.int8))
    solution, certificate = solve_program(program, StartedHiGHS(start))
    assert certificate.objective == pytest.approx(7.0)
    assert solution.point.tolist() == pytest.approx([3.0, 2.0])


def test_a_program_without_an_answer(make_program):
    """Tests that there is a reason, and no basis."""
    solver = StartedHiGHS(None)
    assert solver.solve(make_program([1.0], [[1.0]], [5.0], [5.0], col_upper=[3.0])).termination.reason in (
        Reason.INFEASIBLE,
        Reason.INFEASIBLE_OR_UNBOUNDED,
    )
    assert solver.end is None
    assert solver.fallbacks()[0] == HiGHS()


def test_a_program_with_a_defect(make_program):
    """Tests that HiGHS is not asked."""
    found = StartedHiGHS(None).solve(make_program([np.nan], [[1.0]], [5.0], [5.0]))
    assert "not given to HiGHS" in found.termination.detail


def test_a_large_program_is_not_presolved(program, monkeypatch):
    """Tests the answer where every program counts as large."""
    monkeypatch.setattr(module, "APART_FROM", 0)
    assert StartedHiGHS(None).solve(program).point.tolist() == [3.0, 2.0]
