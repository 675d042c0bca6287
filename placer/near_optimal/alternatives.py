"""Alternatives to an answer of least cost: least and most of groups over all within a budget, each with its proof.

``placer.least_cost.within`` has the mathematics of an end, ``placer.near_optimal.hops`` that of the answers shown;
``placer.near_optimal.plans`` has those of plans.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from placer.errors import ArgumentError, InstanceError, NoSolutionError, Violation, refuse
from placer.instance.arguments import need_at_least_0, need_plain_placement, need_progress
from placer.least_cost.within import End, Known, Within
from placer.near_optimal.groups import Counted, Grouping, Groups, groups_of_candidates, groups_of_placement
from placer.near_optimal.hops import hops
from placer.near_optimal.plans import alternatives_to_plan
from placer.near_optimal.result import AlternativePlacement, Alternatives
from placer.near_optimal.tables import amounts_table, answers_table, spanned
from placer.placement.result import Placement
from placer.planning.answer.result import Plan
from placer.proof.answer_certificate import certify_answer
from placer.running import check_time, running
from placer.termination import Reason
from placer.tolerances import SOLVER
from placer.utils.arrays import FloatArray


def alternatives(
    answer: Placement | Plan,
    within: float = 0.01,
    groups: Grouping | None = None,
    *,
    counted: Counted = "tokens",
    answers: int = 4,
    time_limit_seconds: float = math.inf,
    progress: Callable[[str], None] | None = None,
) -> Alternatives:
    """Return the least and the most of groups over all placements or plans of nearly least cost, and a few of these.

    Parameters
    ----------
    answer : Placement or Plan
        Of least cost, proven.
    within : float
        Excess cost allowed, as a share of the least cost, transfers and penalty included, or of the yearly cost of the
        plan; finite and at least 0.
    groups : str, iterable of str, or mapping, optional
        Of ``data_centre``, ``region``, ``jurisdiction``, ``power_zone`` (the data centres that it supplies) and
        ``exports`` (by workload); the first two and the last if not given. A mapping of labels to names makes groups of
        data centres, regions or power zones. Of a plan: ``candidate``, if not given, or a mapping of labels to
        candidates.
    counted : str
        What groups count: ``tokens`` (Mtok), ``work`` (accelerator-hours at the data centre) or ``energy`` (MWh of IT
        energy). Those of a plan count units.
    answers : int
        Most answers that are shown beside the one of least cost.
    time_limit_seconds : float
        As in ``placer.running``.
    progress : callable, optional
        Called with a sentence after every group.

    Raises
    ------
    InstanceError
        Listing every argument, group and name that is wrong.
    ArgumentError
        If the placement is not proven.
    NoSolutionError
        If a program or a state of the plan cannot be proven, or not in time.

    Examples
    --------
    >>> import placer
    >>> found = placer.alternatives(placer.solve(placer.load("tiny")), groups={"coast": ["Metro", "Port"]})
    >>> found.ranges[["least", "most"]].round(1)
                      least   most
    kind      group
    own group coast  100.7  151.3
    """
    need_progress(progress)
    if not isinstance(answer, Plan):
        need_plain_placement(answer, "alternatives")
        if not answer.certificate.proven:
            raise ArgumentError("expected a proven placement: without a proof, the least cost is not known")
    violations = wrong_numbers({"within": within, "answers": answers})
    try:
        chosen = _groups(answer, groups, counted)
    except InstanceError as error:
        raise InstanceError([*violations, *error.violations]) from None
    refuse(violations)
    with running(time_limit_seconds=time_limit_seconds):
        check_time("no time was left for alternatives")
        if isinstance(answer, Plan):
            return alternatives_to_plan(answer, within, chosen, int(answers))
        return _alternatives(answer, within, chosen, int(answers), progress or (lambda _: None))


def _groups(answer: Placement | Plan, groups: Grouping | None, counted: str) -> Groups:
    """Return the groups of a placement or a plan; raises as ``alternatives``."""
    if isinstance(answer, Plan):
        return groups_of_candidates(answer.question.candidates.names, groups, counted)
    return groups_of_placement(answer, groups, counted)


def wrong_numbers(numbers: dict[str, float]) -> list[Violation]:
    """Return the arguments that are no finite numbers of at least 0."""
    wrong = []
    for name, value in numbers.items():
        try:
            need_at_least_0(value, name)
        except ArgumentError as error:
            wrong.append(Violation("alternatives", "", name, str(error)))
    return wrong


def _alternatives(
    placement: Placement, within: float, groups: Groups, count: int, tell: Callable[[str], None]
) -> Alternatives:
    search = Within(placement.formulation.structure, placement.answer, groups.counts, within)
    ends = []
    for number, label in enumerate(groups.index):
        alone = np.zeros(len(groups.index))
        alone[number] = 1.0
        ends.append((search.least(alone), search.least(-alone)))
        tell(f"the range of {' '.join(label)}, {number + 1} of {len(groups.index)}")
    ranges = _ranges(search.cheapest.counts, ends, groups)
    least, most = (ranges[name].to_numpy(float) for name in ("least_found", "most_found"))
    found = [search.cheapest]

    def hop(weights: FloatArray) -> FloatArray:
        found.append(search.answer(weights))
        return found[-1].counts

    shown = hops(search.cheapest.counts, least, most, count, hop)
    placements = (placement, *(_placed(placement, each, search.most) for each in found[1 : len(shown)]))
    return Alternatives(
        within,
        search.cheapest.cost,
        search.most,
        ranges.assign(spanned_share=spanned(shown, least, most)),
        _answers(placements),
        amounts_table(shown, least, most, groups.index),
        placements,
        placement.currency,
        placement.bought_demand,
    )


def _ranges(cheapest: FloatArray, ends: list[tuple[End, End]], groups: Groups) -> pd.DataFrame:
    least = np.array([low.bound for low, _ in ends]) + 0.0
    most = np.array([-high.bound for _, high in ends]) + 0.0
    return pd.DataFrame(
        {
            "unit": groups.unit,
            "at_least_cost": cheapest,
            "least": least,
            "most": most,
            "least_found": np.array([low.value for low, _ in ends]) + 0.0,
            "most_found": np.array([-high.value for _, high in ends]) + 0.0,
            "least_share": least / groups.total if groups.total else np.nan,
            "most_share": most / groups.total if groups.total else np.nan,
            "proven": [low.proven and high.proven for low, high in ends],
        },
        index=groups.index,
    )


def _placed(placement: Placement, known: Known, most: float) -> AlternativePlacement:
    """Return the placement of flows within the budget, checked against every limit.

    Raises
    ------
    NoSolutionError
        If the flows break a limit or the budget by more than rounding.
    """
    if known.flows is None:
        raise ValueError("an answer without flows")
    answer = replace(placement.answer, flows=known.flows)
    proof = certify_answer(placement.formulation.structure, answer, gap=placement.certificate.tolerances.gap)
    if not proof.feasible or proof.objective > most + SOLVER * abs(most):
        raise NoSolutionError(Reason.FAILED, f"an answer within the budget: {', '.join(proof.failures)}")
    return AlternativePlacement(placement.instance, placement.formulation, answer, proof)


def _answers(placements: tuple[Placement, ...]) -> pd.DataFrame:
    least = placements[0].certificate.objective
    return answers_table(
        {
            "cost_usd": [each.cost_usd for each in placements],
            "unserved_mtok": [each.unserved_mtok for each in placements],
            "penalty_usd": [each.penalty_usd for each in placements],
            "above_share": [(each.certificate.objective - least) / abs(least) if least else 0.0 for each in placements],
        }
    )
