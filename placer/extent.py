"""The technical ceiling: the most demand that can be exported, with unserved demand kept at its least.

Two programs over the rows of ``placer.formulation``, one after the other (a lexicographic optimum); cost plays no part:

    1.  U* = least  sum u_kht
    2.  E* = most   sum over exported arcs of v_k x_khjt      over the optimal points of 1.

    v_k is 1 (weight ``tokens``) or value_usd_per_mtok_k (weight ``value``); the ceiling is E* / sum v_k d_kht.

Both are proven over the whole structure by ``placer.proof``. Unless a solver is named they are answered together by a
walk (``placer.curve_walk``) on which all admissible arcs enter at once. It maximises ``big S + E`` over served demand S
and export E, with ``big`` as large as S needs to come first: the program of 2 with a price on unserved demand, ``least
P sum u - sum v x``, whose optimum is that of 2 if it leaves no more unserved than ``U*``, for 2 has no other points.

With a solver for whole programs the two are solved one after the other. Column generation solves the one with a price,
and raises it while more than ``U*`` is left unserved.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from placer.answer import Duals, answer_of
from placer.column_generation import WIDEST_GAP, AnySolver, ColumnGeneration
from placer.curve_answer import LEAST_PENALTY, served_first
from placer.errors import InstanceError, NoSolutionError, Violation
from placer.expansion import expand
from placer.faces import optimal_face
from placer.merging import merge
from placer.program import Reason
from placer.proof import certify_answer
from placer.solve import default_solver, solve_program, solve_structure

if TYPE_CHECKING:
    from placer.answer import Answer, Flows
    from placer.certificate import Certificate
    from placer.formulation import Formulation
    from placer.instance import Instance
    from placer.program import Solver
    from placer.structure import Structure

Weight = Literal["tokens", "value"]

#: Duals of the first program lie between 0 and 1; those up to this count as 0 when its optimal face is formed.
FACE_TOLERANCE = 1e-9
#: Prices of unserved demand tried in turn, in units of the highest weight. Serving a unit may push out as many as take
#: its place in what is scarce, which is seldom more than the first.
UNSERVED_PRICES = (LEAST_PENALTY, 1e3, 3e4)
#: Unserved demand above the least by less than this part of all demand is rounding.
UNSERVED_TOLERANCE = 1e-9
#: Gaps are shares of the export, or of this part of all demand if that is more.
SMALL = 1e-3


@dataclass(frozen=True)
class Extent:
    """A lexicographic optimum: what is least unserved, and what can then be exported at most.

    Attributes
    ----------
    exported : float
        ``E*``, in Mtok or USD of value.
    unserved_mtok : float
        ``U*``.
    flows : Flows
        What flows where when that is exported.
    duals : Duals
        Of the second program, whose cost is less export.
    certificates : tuple of Certificate
        Of the two programs.
    """

    exported: float
    unserved_mtok: float
    flows: Flows
    duals: Duals
    certificates: tuple[Certificate, Certificate]


def export_weights(instance: Instance, weight: Weight) -> np.ndarray:
    """Return ``v_k``: 1 for every workload, or its value per Mtok.

    Raises
    ------
    InstanceError
        If the weight is unknown, or demand is to be weighted by value and has none.
    """
    workloads = instance.workloads
    if weight == "tokens":
        return np.ones(len(workloads))
    if weight != "value":
        raise InstanceError([Violation("export_ceiling", "", "weight", f"{weight!r} is unknown", "tokens or value")])
    value = workloads["value_usd_per_mtok"].to_numpy(float)
    asked = instance.demand.groupby("workload")["mtok"].sum().reindex(workloads["workload"], fill_value=0.0)
    if not float(value @ asked.to_numpy()) > 0:
        raise InstanceError([Violation("workloads", "", "value_usd_per_mtok", "no demand has a value", "a value > 0")])
    return value


def total_weight(formulation: Formulation, weight: np.ndarray) -> float:
    """Return ``sum v_k d_kht``, what a ceiling is a share of."""
    structure = formulation.structure
    return float(weight[structure.demand_class] @ structure.demand_amount)


def most_export(
    formulation: Formulation,
    weight: np.ndarray,
    solver: AnySolver | None = None,
    *,
    time_limit_seconds: float = math.inf,
) -> Extent:
    """Return the least unserved demand and the most export it leaves room for.

    Parameters
    ----------
    formulation : Formulation
    weight : (workloads,) array
        ``v_k``.
    solver : Solver or ColumnGeneration, optional
        If not given, a walk, and should it not be proven what ``placer.solve`` would take.
    time_limit_seconds : float
        Of the walk, and of what is taken in its stead; a solver that is given has its own.

    Raises
    ------
    NoSolutionError
        If no answer passed the certificate, or not in time.
    """
    chosen = solver
    if chosen is None:
        started = time.monotonic()
        found = _by_walk(formulation, weight, time_limit_seconds)
        if found is not None:
            return found
        left = time_limit_seconds - (time.monotonic() - started)
        if left <= 0:
            raise NoSolutionError(Reason.TIME_LIMIT, "walk: not proven, and no time is left to solve instead")
        chosen = default_solver(formulation.structure, left)
    if isinstance(chosen, ColumnGeneration):
        return _at_a_price(formulation, weight, chosen)
    return _on_the_face(formulation, weight, chosen)


def _by_walk(formulation: Formulation, weight: np.ndarray, time_limit_seconds: float) -> Extent | None:
    """Answer both programs by a walk; None if that is not proven."""
    free = _free(formulation.structure)
    counted = _counted(formulation, weight)
    try:
        found = served_first(replace(free, arc_cost=-counted), time_limit_seconds)
    except NoSolutionError as error:
        if error.reason == Reason.TIME_LIMIT:
            raise
        return None
    least = certify_answer(free, replace(found.answer, duals=found.duals_alone), gap=WIDEST_GAP)
    priced = certify_answer(_priced(free, counted, found.penalty), found.answer, gap=WIDEST_GAP)
    most = _without(priced, found.penalty * float(found.answer.point.unserved.sum()), _size(formulation, weight))
    close = least.objective - least.bound <= UNSERVED_TOLERANCE * float(free.demand_amount.sum())
    if not (least.proven and most.proven and close):
        return None
    return _extent(counted, found.answer, (least, most))


def _on_the_face(formulation: Formulation, weight: np.ndarray, solver: Solver) -> Extent:
    """Solve the second program over the optimal face of the first."""
    structure = formulation.structure
    program = expand(structure)
    unserved = np.zeros(len(program.cost))
    unserved[program.col_blocks["u"]] = 1.0
    first, least = solve_program(replace(program, cost=unserved), solver)
    exported = np.zeros(len(program.cost))
    exported[program.col_blocks["x"]] = _counted(formulation, weight)[structure.assignments.arc]
    face = optimal_face(replace(program, cost=unserved), first, FACE_TOLERANCE)
    second, most = solve_program(replace(face, cost=-exported), solver)
    values, answer = second.point, answer_of(structure, program, second)
    return Extent(
        exported=float(exported @ values),
        unserved_mtok=float(unserved @ values),
        flows=answer.point,
        duals=answer.prices,
        certificates=(least, most),
    )


def _at_a_price(formulation: Formulation, weight: np.ndarray, solver: ColumnGeneration) -> Extent:
    """Solve the second program with a price on unserved demand, then the first where that is not needless."""
    free = _free(formulation.structure)
    counted = _counted(formulation, weight)
    least: Certificate | None = None
    for price in UNSERVED_PRICES:
        penalty = price * float(weight.max(initial=1.0))
        second, most = _solve_merged(_priced(free, counted, penalty), solver)
        least = least or _least_unserved(free, second, solver)
        unserved = float(second.point.unserved.sum())
        if unserved <= least.objective + UNSERVED_TOLERANCE * float(free.demand_amount.sum()):
            return _extent(counted, second, (least, _without(most, penalty * unserved, _size(formulation, weight))))
    return _on_the_face(formulation, weight, solver.fallback(solver.time_limit_seconds))


def _extent(counted: np.ndarray, answer: Answer, certificates: tuple[Certificate, Certificate]) -> Extent:
    """Return what an answer exports and leaves unserved."""
    return Extent(
        exported=float(counted[answer.point.arc] @ answer.point.amount),
        unserved_mtok=float(answer.point.unserved.sum()),
        flows=answer.point,
        duals=answer.prices,
        certificates=certificates,
    )


def _counted(formulation: Formulation, weight: np.ndarray) -> np.ndarray:
    """Return what a Mtok counts as exported on every arc."""
    structure = formulation.structure
    return weight[structure.arc_class] * formulation.exported[structure.arc_origin, structure.arc_site]


def _size(formulation: Formulation, weight: np.ndarray) -> float:
    """Return what gaps of exports are measured against where hardly anything is exported; 1 where nothing counts."""
    return SMALL * total_weight(formulation, weight) or 1.0


def _priced(free: Structure, counted: np.ndarray, penalty: float) -> Structure:
    """Return the second program with a price on unserved demand."""
    return replace(free, arc_cost=-counted, unserved_cost=np.full_like(free.unserved_cost, penalty))


def _least_unserved(free: Structure, second: Answer, solver: ColumnGeneration) -> Certificate:
    """Prove the least that is unserved: at once if all that has somewhere to run is served, for no more can be."""
    nowhere = np.diff(free.assignment_starts) == 0
    duals = second.prices
    zero = Duals(**{field.name: np.zeros_like(getattr(duals, field.name)) for field in fields(Duals)})
    certificate = certify_answer(
        free, replace(second, duals=replace(zero, demand=nowhere.astype(float))), gap=WIDEST_GAP
    )
    return certificate if certificate.proven else _solve_merged(free, solver)[1]


def _solve_merged(structure: Structure, solver: ColumnGeneration) -> tuple[Answer, Certificate]:
    """Solve for demands that are alike as one, and prove the answer for all of them."""
    merged = merge(structure)
    answer = merged.spread(solve_structure(merged.structure, solver)[0])
    certificate = certify_answer(structure, answer, gap=WIDEST_GAP)
    return (answer, certificate) if certificate.proven else solve_structure(structure, solver)


def _free(structure: Structure) -> Structure:
    """Return the structure with nothing to pay, and 1 for every unit unserved."""
    return replace(
        structure,
        arc_cost=np.zeros_like(structure.arc_cost),
        work_cost=np.zeros_like(structure.work_cost),
        tier_cost=np.zeros_like(structure.tier_cost),
        unserved_cost=np.ones_like(structure.unserved_cost),
    )


def _without(certificate: Certificate, penalty: float, size: float) -> Certificate:
    """Return a certificate without a penalty that no point can avoid, its gap relative to what is left, or a size."""
    objective, bound = certificate.objective - penalty, certificate.bound - penalty
    return replace(certificate, objective=objective, bound=bound, gap=(objective - bound) / max(abs(objective), size))
