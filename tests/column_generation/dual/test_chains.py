"""The factor by two chains of periods, against dense systems."""

from __future__ import annotations

import numpy as np
import pytest

from placer.column_generation.dual.chains import Banded, ChainFactor, cut_horizon
from placer.utils.shared_work import shared_among
from tests.effort import tries

PERIODS, SIZE = 43, 3


def _matrix(seed, *, cyclic, precision=np.float64, gaps=True):
    """Return a random banded matrix with 0 to 3 unknowns a period in any order of periods, and the dense one."""
    random = np.random.default_rng(seed)
    reach = 1 + 2 * seed % 9
    lags = [0, *(lag for lag in range(1, reach) if random.random() < 0.6 or not gaps), reach]
    blocks = {lag: random.uniform(-1, 1, (PERIODS, SIZE, SIZE)).astype(precision) for lag in lags}
    blocks[0] += blocks[0].transpose(0, 2, 1) + 25 * np.eye(SIZE, dtype=precision)
    chosen = [np.flatnonzero(random.random(SIZE) < 0.7) for _ in range(PERIODS)]
    order, first = random.permutation(PERIODS), np.zeros(PERIODS, dtype=int)
    counts = np.array([len(which) for which in chosen])
    first[order] = np.cumsum(counts[order]) - counts[order]
    shift = random.uniform(0, 1, counts.sum())
    dense = np.diag(shift)
    for lag, block in blocks.items():
        for one in range(PERIODS if cyclic else PERIODS - lag):
            other = (one + lag) % PERIODS
            rows, columns = (first[period] + np.arange(counts[period]) for period in (one, other))
            part = block[one][np.ix_(chosen[one], chosen[other])]
            dense[np.ix_(rows, columns)] += part
            if lag:
                dense[np.ix_(columns, rows)] += part.T
    return Banded(blocks, chosen, first, shift, cyclic), dense


def _factor(matrix):
    cuts = cut_horizon(PERIODS, matrix.reach, cyclic=matrix.cyclic)
    assert cuts is not None
    return ChainFactor(matrix, cuts)


@pytest.mark.parametrize("cyclic", [False, True])
@pytest.mark.parametrize("seed", range(tries(6, 30)))
def test_solves_the_dense_system(seed, cyclic):
    """Tests one and several right-hand sides, with periods that have no unknown and lags that have no block."""
    matrix, dense = _matrix(seed, cyclic=cyclic)
    factor, right = _factor(matrix), np.random.default_rng(seed).standard_normal((len(dense), 4))
    assert factor.solve(right) == pytest.approx(np.linalg.solve(dense, right), rel=1e-9, abs=1e-12)
    assert factor.solve(right[:, 0]) == pytest.approx(factor.solve(right)[:, 0], rel=1e-9, abs=1e-12)


def test_right_hand_sides_are_kept():
    """Tests that solving does not write into what it is given."""
    matrix, dense = _matrix(1, cyclic=True)
    right = np.ones(len(dense))
    _factor(matrix).solve(right)
    assert (right == 1.0).all()


def test_single_precision():
    """Tests that a matrix of single precision is solved in it, to its rounding."""
    matrix, dense = _matrix(2, cyclic=True, precision=np.float32)
    right = np.random.default_rng(0).standard_normal(len(dense))
    found = _factor(matrix).solve(right)
    assert found.dtype == np.float32
    assert found == pytest.approx(np.linalg.solve(dense, right), abs=1e-5)


def test_threads_do_not_change_the_result():
    """Tests that on two threads the solution is the same to the last bit."""
    matrix, dense = _matrix(5, cyclic=True)
    right = np.ones((len(dense), 2))
    alone = _factor(matrix).solve(right)
    with shared_among(2):
        assert (_factor(matrix).solve(right) == alone).all()


@pytest.mark.parametrize("gap", [range(1, 6), range(6, 12)])
def test_borders_that_end_before_their_chain(gap):
    """Tests periods uncoupled from those after them at the start of a chain and within it, coupled again later on."""
    matrix, dense = _matrix(1, cyclic=True, gaps=False)
    for period, lag in ((period, lag) for period in gap for lag in matrix.blocks.keys() - {0}):
        matrix.blocks[lag][period] = 0.0
        rows, columns = matrix.positions([period]), matrix.positions([(period + lag) % PERIODS])
        dense[np.ix_(rows, columns)] = dense[np.ix_(columns, rows)] = 0.0
    factor, right = _factor(matrix), np.random.default_rng(0).standard_normal((len(dense), 2))
    assert factor.solve(right) == pytest.approx(np.linalg.solve(dense, right), rel=1e-9, abs=1e-12)
    assert factor._chains[0].border.shape[1] < len(matrix.positions(range(3, 20)))


@pytest.mark.parametrize("period", [0, 5])
def test_not_positive_definite(period):
    """Tests a negative curvature in a separator, and one in a chain."""
    matrix, _ = _matrix(4, cyclic=True)
    matrix.blocks[0][period] -= 100 * np.eye(SIZE)
    with pytest.raises(np.linalg.LinAlgError):
        _factor(matrix)


def test_cyclic_cuts_by_hand():
    """Tests eleven periods at a reach of two: separators 0 1 and 5 6, chains of three and of four between them."""
    cuts = cut_horizon(11, 2, cyclic=True)
    assert cuts == (((0, 1), (2, 3, 4), (5, 6)), ((5, 6), (7, 8, 9, 10), (0, 1)))


@pytest.mark.parametrize(("periods", "reach", "cyclic"), [(24, 0, True), (24, 8, True), (24, 8, False), (9, 2, True)])
def test_horizons_that_are_not_cut(periods, reach, cyclic):
    """Tests nothing coupled, and chains that would be no longer than the separators."""
    assert cut_horizon(periods, reach, cyclic=cyclic) is None


def test_entries_that_fall_off_are_never_subnormal():
    """Tests that factor and solution of hardly coupled periods hold no number whose square is subnormal."""
    matrix, dense = _matrix(1, cyclic=True, precision=np.float32, gaps=False)
    period = np.empty(len(dense), dtype=int)
    for number in range(PERIODS):
        period[matrix.positions([number])] = number
    for lag in matrix.blocks.keys() - {0}:
        matrix.blocks[lag][:] *= 1e-7
    factor, right = _factor(matrix), np.eye(len(dense))[:, :2]
    found = factor.solve(right)
    uncoupled = np.linalg.solve(np.where(period[:, None] == period, dense, 0.0), right)
    assert found == pytest.approx(uncoupled, abs=1e-6)
    entries = [found, *(part for chain in factor._chains for part in (chain.border, chain.tail, *chain._rows))]
    for each in entries:
        left = each[each != 0]
        assert (left * left >= np.finfo(np.float32).tiny).all()
