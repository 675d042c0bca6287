"""Tie-break: among the placements of least cost, the one with the lowest traffic-weighted round trip.

Placements of least cost are seldom unique: sites and hours tie. The one that a solver returns is arbitrary, so flows
would differ between solvers and machines, and shares by workload or hub would be meaningless. The second objective

    traffic-weighted round trip = sum rtt_hj x_khjt        Mtok ms;  rtt_hj = access_ms_h + r_hj

decides among them. Its weights are Mtok and not GB, since a workload that sends no GB has a round trip too. Unserved
demand counts as twice the longest round trip, so that it is served where that costs the same. Prices remain those of
the least-cost program.

Two workloads or hours can still swap places at the same round trip. A fixed preference among columns, at most a
ten-millionth of the longest round trip, breaks such ties, so that flows agree between solvers and machines.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from placer.errors import InstanceError, Violation
from placer.least_cost.parameters import DEFAULTS, FaceParameters
from placer.least_cost.second_objective import Objective, Optimal, Optimum
from placer.model.answer import Answer
from placer.model.formulation import Formulation
from placer.model.structure import Structure
from placer.proof.answer_certificate import certify_answer
from placer.proof.certificate import Certificate, Tolerances
from placer.utils.numbers import gap_in_words, gap_percent
from placer.utils.threads import one_blas_thread

#: Rules that may break ties; None leaves the placement as the solver found it.
Rule = Literal["round_trip"] | None
RULES: tuple[Rule, ...] = ("round_trip", None)


def check_rule(rule: Rule, function: str) -> Rule:
    """Return the rule, or raise ``InstanceError`` with a list of the known rules."""
    if rule not in RULES:
        raise InstanceError([Violation(function, "", "tie_break", f"{rule!r} is unknown", "round_trip or None")])
    return rule


@dataclass(frozen=True)
class TieBreak:
    """How a placement was chosen among those of least cost.

    Attributes
    ----------
    mtok_ms : float
        Traffic-weighted round trip of the served demand.
    certificate : Certificate or None
        The proof that no placement of the same cost has a lower one. Objective and bound are in Mtok ms, unserved
        demand counted as in ``placer.least_cost.tie_break``; the gap is a share of the largest possible difference
        without limits. None if there is no bound.
    detail : str
        Why there is no proof; empty if there is one.
    """

    mtok_ms: float
    certificate: Certificate | None
    detail: str = ""

    @property
    def proven(self) -> bool:
        """Whether no placement of least cost has a lower traffic-weighted round trip."""
        return self.certificate is not None and self.certificate.proven and not self.detail


def round_trips(formulation: Formulation) -> Objective:
    """Return the traffic-weighted round trip as a second objective."""
    structure = formulation.structure
    over_arc = formulation.rtt_ms[structure.arc_origin, structure.arc_way]
    return Objective(over_arc, 2 * float(over_arc.max(initial=0.0)))


def break_ties(
    formulation: Formulation,
    answer: Answer,
    certificate: Certificate,
    time_limit_seconds: float = math.inf,
    parameters: FaceParameters = DEFAULTS,
) -> tuple[Answer, Certificate, TieBreak]:
    """Return the least-cost answer with the lowest traffic-weighted round trip, its certificate and the choice.

    If the choice cannot be proven within the time limit, the answer stays unchanged.

    Parameters
    ----------
    answer : Answer
        Proven.
    certificate : Certificate
        Of the answer.
    """
    structure, objective = formulation.structure, round_trips(formulation)
    return choose(structure, objective, answer, certificate, time_limit_seconds, parameters)


def choose(
    structure: Structure,
    objective: Objective,
    answer: Answer,
    certificate: Certificate,
    time_limit_seconds: float = math.inf,
    parameters: FaceParameters = DEFAULTS,
) -> tuple[Answer, Certificate, TieBreak]:
    """Do as ``break_ties`` on a structure, given its ``round_trips``."""
    if time_limit_seconds <= 0:
        return answer, certificate, as_found(objective, answer, "the time limit was reached")
    started = time.perf_counter()
    preferred = replace(objective, preference=parameters.preference)
    with one_blas_thread():
        optimal = Optimal(structure, answer, parameters)
        found = optimal.least(preferred, time_limit_seconds)
        left = time_limit_seconds - (time.perf_counter() - started)
        if not found.proven and left > 0:
            found = optimal.least(objective, left)
    if not found.proven:
        why = found.detail or f"{gap_in_words(found.gap)} > {gap_percent(found.largest_gap)}"
        return answer, certificate, as_found(objective, answer, why)
    chosen = replace(answer, flows=found.flows)
    proof = certify_answer(structure, chosen, gap=certificate.tolerances.gap)
    if not proof.proven:
        detail = f"the placement found is not proven to cost least: {', '.join(proof.failures)}"
        return answer, certificate, as_found(objective, answer, detail)
    return chosen, proof, TieBreak(_mtok_ms(objective, chosen), _certificate_of(found, proof))


def as_found(objective: Objective, answer: Answer, detail: str) -> TieBreak:
    """Return the choice of an answer that stays as the solver found it, and why."""
    return TieBreak(_mtok_ms(objective, answer), None, detail)


def _certificate_of(found: Optimum, proof: Certificate) -> Certificate:
    """Return the certificate of the second objective, given the certificate of the cost of the same flows."""
    most = found.largest_gap
    return Certificate(
        objective=found.value,
        bound=found.bound,
        primal_infeasibility=proof.primal_infeasibility,
        dual_infeasibility=0.0,  # the bound holds for any duals
        complementarity=abs(found.gap),
        gap=found.gap,
        serving_gap=found.gap,
        tolerances=Tolerances(complementarity=most, gap=most, serving_gap=most),
    )


def _mtok_ms(objective: Objective, answer: Answer) -> float:
    flows = answer.point
    return float(np.dot(objective.arc[flows.arc], flows.amount))
