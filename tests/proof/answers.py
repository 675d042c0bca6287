"""Answers to prove: by hand, by an exact solver, and with some of their figures changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from placer.ladder.whole_program import solve_program
from placer.model.answer import Duals, answer_of
from placer.model.expansion import expand
from placer.model.formulation import formulate
from placer.proof.answer_certificate import certify_answer
from placer.solvers.highs import HiGHS
from placer.termination import Reason, Termination
from tests.effort import tries

SEEDS = range(tries(18, 30))
UNLIMITED = {"carbon_limit_kg": np.inf, "water_limit_litres": np.inf}
OPTIMAL = Termination(Reason.OPTIMAL)
GAP = 1e-9
#: Duals of stores, which ``test_stored`` changes.
OF_STORES = ("stored", "power", "source", "energy")
FIGURES = ("primal_infeasibility", "dual_infeasibility", "complementarity", "gap", "serving_gap")


def workload(**changes):
    return {
        "workload": "w",
        "accelerator_hours_per_mtok": 1.0,
        "kwh_per_mtok": 1000.0,
        "unserved_usd_per_mtok": 1000.0,
    } | changes


def solved(instance):
    structure = formulate(instance).structure
    program = expand(structure)
    solution, certificate = solve_program(program, HiGHS())
    return structure, answer_of(structure, program, solution), certificate.objective


def duals_of(structure, **given):
    """The given duals; all others are 0."""
    shape = structure.capacity.shape
    nothing = Duals(
        demand=np.zeros(len(structure.demand_amount)),
        queue=np.zeros((len(structure.window), *shape)),
        balance=np.zeros(shape),
        capacity=np.zeros(shape),
        intake=np.zeros(shape),
        link=np.zeros(structure.link_capacity.shape),
        cap=np.zeros(len(structure.cap_limit)),
    )
    return replace(nothing, **given)


def certify(structure, answer):
    return certify_answer(structure, answer, gap=GAP)


def with_flows(answer, **changes):
    return replace(answer, flows=replace(answer.flows, **changes))


def with_duals(answer, **changes):
    return replace(answer, duals=replace(answer.duals, **changes))


def changed_at(array, place, change):
    array = array.copy()
    array[place] = change(array[place])
    return array
