"""From prices of a smaller program to a feasible answer of the whole one, and a bound on every answer of it.

Let ``cost(x)`` be the cost of an answer x of a structure with the columns J, and p >= 0 any prices of its limits. With
``bound(p)`` as in ``placer.proof.bound``,

    bound(p)  <=  min over J of cost(x)  <=  min over K of cost(x)        for every p, and every part K of J

The first holds whatever p is, the second since a program over fewer columns has fewer answers. Prices of a smaller
structure, laid on the whole, are such a p. Where the smaller one is like the whole, columns that an optimum uses are
near the lowest price of their demand at p. So

    1  K       the columns near p, and those that the smaller answer uses
    2  master  the program over K: an answer of the whole, and prices p'
    3  bound   the higher one of bound(p) and bound(p'): each prices every column once

and the columns near p' join K until the gap between 2 and 3 is the one that is asked for, or their rounds are over
(``placer.ladder.stepped``). Unserved demand is a column of every K. A limit of at least an amount may still have no
answer over K; the whole program is solved then.

Where a structure is large and column generation suits it, masters over its demands would take longer than its path of
prices. There K is the columns that treat demands alike that are nearly so: they are merged, up to a difference in cost
that the gap allows (``placer.model.aggregation``), answered by column generation, and spread in proportion. Its prices
are p'.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from placer.column_generation.solver import WIDEST_GAP, ColumnGeneration, unsuitable
from placer.column_generation.warm_start import best_start, record_prices
from placer.errors import NoSolutionError
from placer.ladder.proven import BY_SIZE, UnprovenError, default_solver, solve_structure
from placer.ladder.stepped import answers_of_masters
from placer.model.aggregation import merge_near, near_pairs
from placer.model.answer import Answer, Duals
from placer.model.structure import Structure
from placer.proof.answer_certificate import certify_answer
from placer.proof.bound import bound_of
from placer.proof.certificate import Certificate
from placer.proof.near import Surpluses, surpluses
from placer.termination import Reason, Termination
from placer.utils.arrays import IntArray

#: Demands are nearly alike if the costs of their arcs differ by this multiple of the gap times the mean cost.
APART = 4.0
#: Masters of ``placer.ladder.stepped`` before the gap that is left is the answer's.
ROUNDS = 6
#: Where these stop a search without an answer, there is no time or room for the whole program either.
_LIMITS = (Reason.TIME_LIMIT, Reason.MEMORY_LIMIT, Reason.INTERRUPTED)


@dataclass(frozen=True, eq=False)
class Carried:
    """An answer of a structure, and what the prices of a smaller one prove of it.

    Attributes
    ----------
    answer : Answer
        Feasible flows, and the duals with the highest bound so far.
    certificate : Certificate
        Of both; its gap may be wider than that of a proven optimum.
    laid_bound : float
        The bound of the laid prices alone.
    """

    answer: Answer
    certificate: Certificate
    laid_bound: float


def carried(structure: Structure, laid: Duals, used: IntArray, gap: float) -> Carried:
    """Return an answer of a structure near prices of a smaller one, and the bound on every answer.

    Parameters
    ----------
    structure : Structure
        The whole, or one block of it.
    laid : Duals
        Prices of the smaller structure at the positions of the whole. Those of demands and queues are computed anew.
    used : (n,) int array
        Positions of the assignments that stand for those of the smaller answer, ascending
        (``placer.model.structure.assignment_positions``); they may be none. Merged demands do without.
    gap : float
        Relative gap at which to stop; a wider one remains where the rounds are over.

    Raises
    ------
    NoSolutionError
        If a limit of time or memory was reached before an answer was found, or the structure has none.
    """
    return carried_by(structure, laid, gap, lambda duals, bound: answers_near(structure, duals, bound, used, gap))


def carried_by(
    structure: Structure, laid: Duals, gap: float, answers: Callable[[Duals, float], Iterable[Answer]]
) -> Carried:
    """Return the first of some answers with the gap asked for, or the last; parameters as of ``carried``.

    Parameters
    ----------
    structure, laid, gap
    answers : callable
        Yields answers of the structure, given exact duals of the laid prices and their bound.

    Raises
    ------
    NoSolutionError
        As ``carried``.
    """
    priced = surpluses(structure, laid)
    duals = _exact(priced)
    bound = laid_bound = bound_of(structure, priced.prices, priced.price)
    best = None
    try:
        for found in answers(duals, bound):
            certificate = certify_answer(structure, found, gap=WIDEST_GAP)
            if certificate.bound > bound:
                duals, bound = found.prices, certificate.bound
            answer = replace(found, duals=duals)
            if duals is not found.duals:
                certificate = certify_answer(structure, answer, gap=WIDEST_GAP)
            if certificate.feasible:
                best = Carried(answer, certificate, laid_bound)
                if certificate.gap <= gap:
                    break
    except NoSolutionError as stopped:
        if best is None and stopped.reason in _LIMITS:
            raise
    if best is None:
        return Carried(*_of_whole(structure, duals), laid_bound)
    return best if best.certificate.proven else replace(best, answer=_unproven(best.answer))


def _unproven(answer: Answer) -> Answer:
    """Return an answer that says of itself that it is none of least cost: a restricted program was solved."""
    detail = f"near the prices of a smaller program, {answer.termination.detail}"
    return replace(answer, termination=Termination(Reason.ITERATION_LIMIT, detail))


def answers_near(structure: Structure, duals: Duals, bound: float, used: IntArray, gap: float) -> Iterator[Answer]:
    """Yield the answers of restricted programs: over merged demands, or over the columns near some prices."""
    if structure.steps is not None or structure.assignment_count < BY_SIZE.large_from or unsuitable(structure):
        yield from islice(answers_of_masters(structure, duals, used), ROUNDS)
        return
    merged = merge_near(structure, near_pairs(structure, APART * gap * abs(bound) / structure.total_demand))
    answer = ColumnGeneration().answer(merged.structure)
    if answer.flows is not None:
        yield merged.spread(answer)


def _of_whole(structure: Structure, duals: Duals) -> tuple[Answer, Certificate]:
    """Return the best answer of the whole structure, from some prices if a solver can start there.

    Raises
    ------
    NoSolutionError
        If it has none, or a limit was reached without one.
    """
    solver, start = default_solver(structure), None
    if isinstance(solver, ColumnGeneration) and structure.steps is None:
        start = best_start(structure, [record_prices(structure, duals)])
    try:
        return solve_structure(structure, solver, start)
    except UnprovenError as stopped:
        if stopped.found is None:
            raise
        return stopped.found


def _exact(priced: Surpluses) -> Duals:
    """Return the duals that prove the bound of some prices, those of demands and queues included."""
    structure, given, prices = priced.structure, priced.duals, priced.prices
    intake = np.where(np.isfinite(structure.intake), np.maximum(given.intake, 0.0), 0.0)
    waits = (structure.window > 0)[:, None, None] & np.isfinite(priced.arriving)
    return Duals(
        demand=priced.price,
        queue=np.where(waits, priced.arriving, 0.0),
        balance=prices.supply - intake,
        capacity=prices.capacity,
        intake=intake,
        link=np.where(np.isfinite(structure.link_capacity), np.maximum(given.link, 0.0), 0.0),
        cap=prices.cap,
    )
