"""Large structures with steps of demand: column generation without the steps, and then masters with them.

    1  without steps   each demand with the steps that could be bought where no limit had a rent, at the highest value
                       of its class; a solver of structures answers that
    2  master          the linear program with all steps, over the assignments near the prices of 1
    3  pricing         every assignment at the prices of the master (``placer.proof.near``)

Steps 2 and 3 repeat until the certificate proves the answer over every assignment, or none is left to add. Assignments
do not multiply by the steps. Where prices of a structure that differs little are known, they take the place of step 1.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from placer.errors import NoSolutionError
from placer.ladder.whole_program import solve_program
from placer.model.answer import Answer, Duals, answer_of, no_duals
from placer.model.expansion import expand
from placer.model.positions import Assignments
from placer.model.structure import Structure, assignment_positions
from placer.model.unserved import highest_values, share_above
from placer.proof.answer_certificate import certify_answer
from placer.proof.bound import arrival_prices, bound_prices, cheapest_arcs
from placer.proof.certificate import Certificate
from placer.proof.near import surpluses
from placer.running import seconds_left, tell
from placer.solvers.highs import HiGHS
from placer.termination import Reason
from placer.utils.arrays import IntArray

_log = logging.getLogger(__name__)

#: Rounds of masters before the whole program is solved.
MOST_ROUNDS = 30
#: Assignments of a demand are in the first master if their surplus is within this part of the median price.
REACH = 0.02
#: Assignments added in a later round have a surplus below this part of the median price.
ADDED_REACH = 1e-3
#: Most assignments that enter a master together, as a multiple of the demands: the nearest.
MOST_NEAR = 2


def answer_with_steps(
    structure: Structure, solve: Callable[[Structure], Answer], gap: float
) -> tuple[Answer, Certificate | None]:
    """Answer a structure with steps of demand; the certificate is None where no proof was found.

    Parameters
    ----------
    solve : callable
        Answers the structure without its steps.
    gap : float
        Largest relative gap of a proven answer.

    Raises
    ------
    NoSolutionError
        If a limit of time or memory was reached, or a master has no solution.
    """
    started = solve(without_steps(structure))
    if started.flows is None or started.duals is None:
        return started, None
    answer, used = started, assignment_positions(structure, started.point.demand, started.point.arc)
    for answer in answers_of_masters(structure, started.prices, used):
        certificate = certify_answer(structure, answer, gap=gap)
        if certificate.proven:
            return answer, certificate
    return answer, None


def answer_from_prices(structure: Structure, known: Duals, gap: float) -> tuple[Answer, Certificate] | None:
    """Answer a structure with steps from prices of one that differs little; None without a proof.

    The first master may have no point that meets limits of at least an amount. Then too there is none.

    Parameters
    ----------
    gap : float
        As of ``answer_with_steps``.

    Raises
    ------
    NoSolutionError
        If a limit of time was reached.
    """
    try:
        for answer in answers_of_masters(structure, known, np.zeros(0, dtype=int)):
            certificate = certify_answer(structure, answer, gap=gap)
            if certificate.proven:
                return answer, certificate
    except NoSolutionError as error:
        if error.reason is Reason.TIME_LIMIT:
            raise
    return None


def answers_of_masters(structure: Structure, known: Duals, position: IntArray) -> Iterator[Answer]:
    """Yield the answers of masters, each with the assignments near the prices of the one before, until none is new.

    Parameters
    ----------
    known : Duals
        The first prices.
    position : int array
        Assignments of the first master, beside those near its prices.

    Raises
    ------
    NoSolutionError
        If a limit of time or memory was reached, or a master has no solution.
    """
    prices, reach = known, REACH
    for number in range(1, MOST_ROUNDS + 1):
        new = _new_near(structure, prices, reach, position)
        if number > 1 and not len(new):
            return
        position, reach = np.union1d(position, new), ADDED_REACH
        tell(_log, f"round {number} with the steps of demand")
        answer = master_answer(structure, assignments_at(structure, position))
        yield answer
        prices = answer.prices


def _new_near(structure: Structure, duals: Duals, reach: float, position: IntArray) -> IntArray:
    """Return the positions of assignments within a part of the median price and not among others, the nearest ones."""
    known = surpluses(structure, duals)
    found, surplus = known.near(reach * (float(np.median(np.abs(known.price))) or 1.0))
    near = assignment_positions(structure, found.demand, found.arc)
    is_new, most = ~np.isin(near, position), MOST_NEAR * len(known.price)
    new, surplus = near[is_new], surplus[is_new]
    return new if len(new) <= most else new[np.argpartition(surplus, most)[:most]]


def without_steps(structure: Structure) -> Structure:
    """Return a structure without steps whose prices are near: the demand that pays where no limit has a rent."""
    free = replace(structure, steps=None)
    prices = bound_prices(structure, no_duals(structure, np.zeros(len(structure.cap_limit))))
    cheapest = cheapest_arcs(structure, prices, arrival_prices(structure, prices.service))
    highest = highest_values(structure)
    worth = np.zeros(structure.classes)
    np.maximum.at(worth, structure.demand_class, highest)
    return replace(free, demand_amount=structure.demand_amount * share_above(structure, cheapest), unserved_cost=worth)


def master_answer(structure: Structure, chosen: Assignments) -> Answer:
    """Answer a structure with steps of demand over some assignments alone.

    Raises
    ------
    NoSolutionError
        If the program has no solution, or none was found in time.
    """
    program = expand(structure, chosen)
    solution, _ = solve_program(program, HiGHS(time_limit_seconds=seconds_left()))
    answer = answer_of(structure, program, solution, chosen)
    return replace(answer, duals=_with_queue_prices(structure, answer.prices))


def _with_queue_prices(structure: Structure, duals: Duals) -> Duals:
    """Return duals whose prices of queues are those of the best periods: a master leaves queues without work free."""
    exact = arrival_prices(structure, bound_prices(structure, duals).service)
    there = (structure.window > 0)[:, None, None] & np.isfinite(exact)
    return replace(duals, queue=np.where(there, exact, duals.queue))


def assignments_at(structure: Structure, position: IntArray) -> Assignments:
    """Return the assignments at some positions among all, in order."""
    demand = np.searchsorted(structure.assignment_starts, position, side="right") - 1
    rank = position - structure.assignment_starts[demand]
    return Assignments(demand, structure.arc_starts[structure.demand_pair[demand]] + rank)
