"""Large structures with steps of demand: column generation without the steps, and then masters with them.

    1  without steps   each demand with the steps that could be bought where no limit had a rent, at the highest value
                       of its class; a solver of structures answers that
    2  master          the linear program with all steps, over the assignments near the prices of 1
    3  pricing         every assignment at the prices of the master (``placer.proof.near``)

Steps 2 and 3 repeat until the certificate proves the answer over every assignment, or none is left to add. Assignments
do not multiply by the steps.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from placer.ladder.whole_program import solve_program
from placer.model.answer import answer_of, no_duals
from placer.model.expansion import expand
from placer.model.positions import Assignments
from placer.model.structure import assignment_positions
from placer.model.unserved import highest_values, share_above
from placer.proof.answer_certificate import certify_answer
from placer.proof.bound import arrival_prices, bound_prices, cheapest_arcs
from placer.proof.near import surpluses
from placer.running import seconds_left, tell
from placer.solvers.highs import HiGHS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from placer.model.answer import Answer, Duals
    from placer.model.structure import Structure
    from placer.proof.certificate import Certificate
    from placer.proof.near import Surpluses
    from placer.utils.arrays import IntArray

_log = logging.getLogger(__name__)

#: Rounds of masters before the whole program is solved.
MOST_ROUNDS = 30
#: Assignments of a demand are in the first master if their surplus is within this part of the median price.
REACH = 0.02
#: Assignments added in a later round have a surplus below this part of the median price.
ADDED_REACH = 1e-3


def answer_with_steps(
    structure: Structure, solve: Callable[[Structure], Answer], gap: float
) -> tuple[Answer, Certificate | None]:
    """Answer a structure with steps of demand; the certificate is None where no proof was found.

    Parameters
    ----------
    structure : Structure
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
    answer = started
    for answer in answers_of_masters(structure, started, np.zeros(0, dtype=int)):
        certificate = certify_answer(structure, answer, gap=gap)
        if certificate.proven:
            return answer, certificate
    return answer, None


def answers_of_masters(structure: Structure, started: Answer, position: IntArray) -> Iterator[Answer]:
    """Yield the answers of masters, each with the assignments near the prices of the one before, until none is new.

    Parameters
    ----------
    structure : Structure
    started : Answer
        The first prices.
    position : int array
        Assignments of the first master, beside those near its prices.

    Raises
    ------
    NoSolutionError
        If a limit of time or memory was reached, or a master has no solution.
    """
    answer, reach, seen = started, REACH, -1
    for number in range(1, MOST_ROUNDS + 1):
        known = surpluses(structure, answer.prices)
        found, _ = known.near(reach * _median_price(known))
        used = answer.point
        position = np.union1d(
            np.union1d(position, assignment_positions(structure, found.demand, found.arc)),
            assignment_positions(structure, used.demand, used.arc),
        )
        if len(position) == seen:
            return
        seen, reach = len(position), ADDED_REACH
        tell(_log, f"round {number} with the steps of demand")
        answer = master_answer(structure, assignments_at(structure, position))
        yield answer


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


def _median_price(known: Surpluses) -> float:
    return float(np.median(np.abs(known.price))) or 1.0
