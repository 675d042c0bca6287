"""The secure answers of blocks as one of the whole: flows, prices of every contingency, own rows and own columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array

from placer.by_blocks.proof import joined_certificate
from placer.extended.extension import BLOCK, Extended, Extension, OwnColumns, OwnRows, extend
from placer.model.answer import Answer, Duals, no_duals, whole_solution
from placer.model.blocks import Span, cut, joined
from placer.model.expansion import expand
from placer.model.program import LinearProgram
from placer.model.structure import Structure, assignment_positions
from placer.security.answer import SecureAnswer
from placer.security.block_task import SecuredBlock
from placer.security.bound import Contingent
from placer.security.coupling import recourse_for, without_costs
from placer.security.outages import Outage
from placer.security.program import Unsecured
from placer.termination import Reason, Termination
from placer.utils.arrays import FloatArray, IntArray

#: Arrays of duals by period, along their last axis.
_BY_PERIOD = ("queue", "balance", "capacity", "intake", "link")


def joined_answer(
    unsecured: Unsecured,
    spans: Sequence[Span],
    outages: Sequence[Outage],
    share: FloatArray,
    blocks: Sequence[SecuredBlock],
    seconds: float,
) -> tuple[SecureAnswer, float]:
    """Return the answer of the whole, and the sum of the bounds.

    Parameters
    ----------
    unsecured : Unsecured
        Of the whole.
    spans : sequence of Span
        Of its blocks.
    outages : sequence of Outage
        The contingencies, applied to the whole.
    share : (classes,) array
        The protected shares.
    blocks : sequence of SecuredBlock
        At one penalty of stranded work.
    seconds : float
        That securing took.
    """
    whole, rent = unsecured.structure, np.zeros(len(unsecured.structure.demand_amount))
    for span, block in zip(spans, blocks, strict=True):
        rent[span.demands] = block.unserved_rent
    parts = ((block.flows.flows, block.duals) for block in blocks)
    flows, duals = joined(whole, spans, parts, np.zeros(len(whole.cap_limit)))
    ended = Termination(Reason.OPTIMAL, f"{len(blocks):,} blocks, each secured apart")
    iterations = sum(block.iterations for block in blocks)
    answer = Answer(ended, flows, duals, iterations=iterations, seconds=seconds)
    entered = [each for each in outages if any(each.name in block.prices for block in blocks)]
    return SecureAnswer(
        contingents=tuple(_contingent(whole, each, share, spans, blocks) for each in entered),
        stranded=tuple(math.fsum(block.stranded.get(each.name, 0.0) for block in blocks) for each in entered),
        penalty=blocks[0].penalty,
        unserved_rent=rent,
        unserved_rent_usd=math.fsum(block.unserved_rent_usd for block in blocks),
        extended=_extended(whole, spans, blocks, answer),
        answer=answer,
        certificate=joined_certificate([block.certificate for block in blocks]),
    ), math.fsum(block.bound for block in blocks)


def _contingent(
    whole: Structure, outage: Outage, share: FloatArray, spans: Sequence[Span], blocks: Sequence[SecuredBlock]
) -> Contingent:
    """Return the prices of a contingency in all blocks; they are 0 in blocks that it did not enter."""
    recourse = recourse_for(whole, outage, share, np.flatnonzero(share[whole.demand_class] > 0))
    left = recourse.structure
    cap = np.zeros(len(left.cap_limit))
    total = no_duals(left, cap)
    for span, block in zip(spans, blocks, strict=True):
        if (prices := block.prices.get(outage.name)) is not None:
            _fill(total, cap, span, prices)
    return Contingent(recourse, without_costs(left, blocks[0].penalty), total)


def _fill(total: Duals, cap: FloatArray, span: Span, prices: Duals) -> None:
    """Write the prices of a block into those of the whole."""
    for name in _BY_PERIOD:
        getattr(total, name)[..., span.periods] = getattr(prices, name)
    cap[span.caps] = prices.cap[len(span.common) :]


def _extended(whole: Structure, spans: Sequence[Span], blocks: Sequence[SecuredBlock], answer: Answer) -> Extended:
    """Return the program of the whole with the own rows and own columns of all blocks, and its solution."""
    base = expand(whole)
    extension = _joined_extension(whole, base, spans, blocks)
    program = extend(base, extension)
    implied = program.implied_upper.copy()
    implied[program.col_blocks[BLOCK]] = np.concatenate([block.implied for block in blocks])
    alone = whole_solution(whole, base, answer)
    solution = replace(
        alone,
        values=np.concatenate([alone.point, *(block.values for block in blocks)]),
        row_duals=np.concatenate([alone.duals, *(block.duals_of_rows for block in blocks)]),
    )
    return Extended(extension, replace(program, implied_upper=implied), solution)


def _joined_extension(
    whole: Structure, base: LinearProgram, spans: Sequence[Span], blocks: Sequence[SecuredBlock]
) -> Extension:
    """Return own rows and own columns of all blocks, their names with the number of the block."""
    own, entries, counts = len(base.cost), [], []
    for span, block in zip(spans, blocks, strict=True):
        columns, matrix = len(block.extension.columns.names), block.extension.rows.matrix
        place = np.append(_positions(whole, base, span, matrix.shape[1] - columns), own + np.arange(columns))
        entries.append((matrix.data, place[matrix.indices]))
        counts.append(np.diff(matrix.indptr))
        own += columns
    data, indices = (np.concatenate(each) for each in zip(*entries, strict=True))
    starts = np.concatenate([[0], np.cumsum(np.concatenate(counts))])
    matrix = csr_array((data, indices, starts), shape=(len(starts) - 1, own))
    return Extension(
        OwnColumns(
            names=_numbered([block.extension.columns.names for block in blocks]),
            cost=np.concatenate([block.extension.columns.cost for block in blocks]),
            lower=np.concatenate([block.extension.columns.lower for block in blocks]),
            upper=np.concatenate([block.extension.columns.upper for block in blocks]),
            integer=np.concatenate([block.extension.columns.integer for block in blocks]),
        ),
        OwnRows(
            names=_numbered([block.extension.rows.names for block in blocks]),
            matrix=matrix,
            lower=np.concatenate([block.extension.rows.lower for block in blocks]),
            upper=np.concatenate([block.extension.rows.upper for block in blocks]),
        ),
    )


def _positions(whole: Structure, base: LinearProgram, span: Span, columns: int) -> IntArray:
    """Return the columns of the whole that are those of a block; own rows have no entries but in ``x`` and ``u``."""
    chosen, place = cut(whole, span).assignments, np.full(columns, -1)
    place[: len(chosen.demand)] = assignment_positions(whole, span.demands[chosen.demand], chosen.arc)
    start = base.col_blocks["u"].start + span.demands
    place[len(chosen.demand) : len(chosen.demand) + len(start)] = start
    return place


def _numbered(names: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(f"block {number}: {name}" for number, each in enumerate(names) for name in each)
