"""Programs over listed assignments: all that pay are listed, and an unproven answer is sought from scratch."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.sparse import csc_array

import placer
from placer.extended.extension import BLOCK
from placer.model.program import LinearProgram
from placer.security import listing
from placer.security.listing import Listing
from placer.termination import Reason


def _program():
    """Return two demands of 1 and 2, each with ways at 4, 3 and 9 USD, and at 5, 7 and 1."""
    cost = np.array([4.0, 3.0, 9.0, 5.0, 7.0, 1.0])
    rows = np.kron(np.eye(2), np.ones((1, 3)))
    return LinearProgram(
        cost=cost,
        matrix=csc_array(rows),
        row_lower=np.array([1.0, 2.0]),
        row_upper=np.array([1.0, 2.0]),
        col_lower=np.zeros(6),
        col_upper=np.full(6, np.inf),
        implied_upper=np.full(6, 3.0),
        row_blocks={"demand": slice(0, 2), BLOCK: slice(2, 2)},
        col_blocks={"x": slice(0, 6), BLOCK: slice(6, 6)},
    )


def _listing(solver):
    first = np.array([True, False, False, True, False, False])
    return Listing(np.repeat([0, 1], 3), first, solver)


@pytest.mark.parametrize("solver", [placer.HiGHS(), placer.HiGHS("ipm")], ids=lambda each: each.name)
def test_ways_that_pay_are_listed(solver):
    """Tests cost 3 + 2 x 1 = 5, with one way listed for each demand beside the first."""
    found = _listing(solver)
    solution, certificate = found.solve(_program(), [])
    assert solution.point.tolist() == pytest.approx([0.0, 1.0, 0.0, 0.0, 0.0, 2.0])
    assert certificate.objective == pytest.approx(5.0)
    assert certificate.proven
    assert found.listed.tolist() == [True, True, False, True, False, True]


def test_a_wrong_answer_is_sought_from_scratch(monkeypatch):
    """Tests that an answer without a proof is never given: the program is solved from scratch."""
    wrong = SimpleNamespace(point=np.ones(6), duals=np.full(2, -100.0))

    def solve(self, program, own_rows, listed):
        solution, _ = listing.solve_program(program, placer.HiGHS())
        return listing.replace(solution, values=wrong.point, row_duals=wrong.duals)

    monkeypatch.setattr(listing.GrowingProgram, "solve", solve)
    solution, certificate = _listing(placer.HiGHS()).solve(_program(), [])
    assert certificate.proven
    assert solution.point.tolist() == pytest.approx([0.0, 1.0, 0.0, 0.0, 0.0, 2.0])


def test_limits_end_the_search(monkeypatch):
    """Tests that a time limit is no reason to start from scratch."""

    def solve(self, program, own_rows, listed):
        raise placer.NoSolutionError(Reason.TIME_LIMIT, "over")

    monkeypatch.setattr(listing.GrowingProgram, "solve", solve)
    with pytest.raises(placer.NoSolutionError, match="over"):
        _listing(placer.HiGHS()).solve(_program(), [])
