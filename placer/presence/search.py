"""Replicas of many models: each model apart at prices of what it shares, one after the other.

    1  a placement without models gives prices of power, links and caps; ``placer.presence.apart`` those of accelerators
    2  the relaxation of each model apart proves what it costs at least
    3  model by model, those that cost least first, branch and bound finds its replicas among the accelerators that are
       left, and a relaxation its fractions of replicas among those that fractions leave
    4  while the gap is open, branch and bound over a model with all accelerators raises its part of the bound, the
       model that is furthest from its own first

Bounds of relaxations are proven by placer, those of step 4 are HiGHS' word.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np

from placer.errors import NoSolutionError, on_another_program
from placer.instance.problem import Instance
from placer.ladder.whole_program import solve_program
from placer.model.answer import Duals
from placer.model.formulation import formulate
from placer.presence.apart import Shared, accelerator_rents, all_rents, apart, prices_of
from placer.presence.program import ReplicaProgram, replica_program
from placer.presence.question import Question
from placer.running import check_time, phase, seconds_left, tell
from placer.solve import place
from placer.solvers.branch_and_bound import branch_and_bound
from placer.solvers.highs import HiGHS
from placer.utils.arrays import FloatArray
from placer.utils.numbers import gap_in_words

_log = logging.getLogger(__name__)
#: Part of the gap that branch and bound may leave open.
_PART = 0.3
#: Most seconds of one branch and bound, and the part of the time left that all of them may take.
_MOST_SECONDS, _SEARCH = 60.0, 0.6


@dataclass(frozen=True, eq=False)
class Found:
    """Replicas, and what bounds their cost.

    Attributes
    ----------
    replicas, fractions : (m, j, p) arrays
        Whole replicas, and any number of them.
    proven, bound : (m,) arrays
        What each model costs at least, with fractions of replicas and with whole ones.
    rents_usd : float
        By which the sum over the models exceeds the bound of all.
    duals : Duals
        Of the placement without models.
    """

    replicas: FloatArray
    fractions: FloatArray
    proven: FloatArray
    bound: FloatArray
    rents_usd: float
    duals: Duals


def find_replicas(instance: Instance, question: Question, gap: float) -> Found:
    """Return replicas of all models, and bounds; see the module.

    Parameters
    ----------
    instance : Instance
        As asked, with its accelerators charged by use if they are.
    gap : float
        Of all together, relative.

    Raises
    ------
    NoSolutionError
        If the time is over before every model has its replicas.
    """
    duals, shared, mu = _prices(instance, question)
    models, everything = range(len(question.size)), question.accelerators
    with phase(_log, f"relaxations of {len(models)} models"):
        proven = np.array(
            [_relaxed(replica_program(apart(question, shared, mu, model, everything)))[1] for model in models]
        )
    allowed = 0.5 * _PART * gap * (np.abs(proven) + np.abs(proven).mean())
    left, left_of_fractions = everything.copy(), everything.copy()
    replicas, fractions, cost = np.zeros_like(question.usd), np.zeros_like(question.usd), np.zeros(len(models))
    for done, model in enumerate(np.argsort(proven, kind="stable").tolist()):
        check_time(f"no time was left after {done} of {len(models)} models")
        size, relative = question.size[model], allowed[model] / (abs(proven[model]) or 1.0)
        with phase(_log, f"replicas of {question.names[model]}"):
            whole = replica_program(apart(question, shared, mu, model, left))
            point = _searched(whole, relative, len(models) - done)
            replicas[model], cost[model] = whole.replicas(point)[model], whole.program.cost @ point
            some = replica_program(apart(question, shared, mu, model, left_of_fractions))
            fractions[model] = some.replicas(_relaxed(some)[0])[model]
        left = left - size * replicas[model]
        left_of_fractions = np.maximum(left_of_fractions - size * fractions[model], 0.0)
    bound = _raised(question, shared, mu, proven, cost, gap)
    return Found(replicas, fractions, proven, bound, all_rents(question, shared, mu), duals)


@on_another_program()
def _prices(instance: Instance, question: Question) -> tuple[Duals, Shared, FloatArray]:
    """Return duals of the placement without models, their prices, and rents of accelerators (j, p)."""
    with phase(_log, "prices without models"):
        duals = place(instance, formulate(instance), None).answer.prices
    shared = prices_of(question.structure, duals)
    if question.by_hour:
        return duals, shared, duals.capacity * question.hours
    return duals, shared, accelerator_rents(question, shared)


def _relaxed(whole: ReplicaProgram) -> tuple[FloatArray, float]:
    """Return the optimum with any number of replicas, and its proven bound."""
    solution, certificate = solve_program(whole.program, HiGHS())
    return solution.point, certificate.bound


def _searched(whole: ReplicaProgram, gap: float, still: int) -> FloatArray:
    """Return the point that branch and bound finds to a gap, in the part of the time of one of some models."""
    seconds = max(min(_MOST_SECONDS, 2 * _SEARCH * seconds_left() / (still + 1)), 0.1)
    found = branch_and_bound(whole.program, whole.integer, HiGHS(time_limit_seconds=seconds), gap)
    if found.values is None:
        raise NoSolutionError(found.termination.reason, found.termination.detail)
    return found.values


def _raised(
    question: Question, shared: Shared, mu: FloatArray, proven: FloatArray, cost: FloatArray, gap: float
) -> FloatArray:
    """Return what each model costs at least over whole replicas (m,), until the gap is closed or the time is over."""
    bound, total = proven.copy(), float(cost.sum()) - all_rents(question, shared, mu)
    for done, model in enumerate(np.argsort(proven - cost, kind="stable").tolist()):
        open_gap = float((cost - bound).sum()) / (abs(total) or 1.0)
        tell(_log, f"{done} models with bounds by branch and bound, {gap_in_words(open_gap)}")
        if open_gap <= (1 - _PART) * gap or seconds_left() <= 0:
            break
        whole = replica_program(apart(question, shared, mu, model, question.accelerators))
        seconds = max(min(_MOST_SECONDS, _SEARCH * seconds_left() / 3), 0.1)
        solver = HiGHS(time_limit_seconds=seconds)
        found = branch_and_bound(whole.program, whole.integer, solver, 0.1 * gap)
        bound[model] = max(bound[model], min(found.bound, cost[model]))
    return bound
