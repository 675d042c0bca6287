"""Joined answers of blocks: own rows and own columns of the whole, as the blocks have them."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.security import solving
from tests.security.test_blocks import year_of


@pytest.mark.parametrize("large_from", [solving.LARGE_FROM, 0], ids=["explicit", "cuts"])
@pytest.mark.parametrize("seed", range(3))
def test_the_joined_program_has_the_joined_solution(make_small, monkeypatch, large_from, seed):
    """Tests that the point keeps all rows of the joined program, costs the sum of the blocks, and is optimal."""
    monkeypatch.setattr(solving, "LARGE_FROM", large_from)
    placement = placer.solve(year_of(make_small(seed)), security="data_centres")
    program, point, duals = placement.program, placement.solution.point, placement.solution.duals
    activity, size = program.matrix @ point, 1e-6 * (1 + placement.demand_mtok)
    assert (activity >= program.row_lower - size).all()
    assert (activity <= program.row_upper + size).all()
    assert float(program.cost @ point) == pytest.approx(placement.certificate.objective, rel=1e-9)
    reduced = program.cost - program.matrix.T @ duals
    assert reduced.min() >= -1e-6 * np.abs(duals).max()
    assert np.abs(reduced * point).max() == pytest.approx(0.0, abs=1e-6 * placement.certificate.objective)
    assert len(set(placement.own_rows.index)) == len(placement.own_rows)
