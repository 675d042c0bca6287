"""The technical ceiling: the most demand that can be exported, with unserved demand kept at its least.

Two programs over the rows of ``placer.formulation``, one after the other (a lexicographic optimum); cost plays no part:

    1.  U* = least  sum u_kht
    2.  E* = most   sum over exported arcs of v_k x_khjt      over the optimal points of 1.

    v_k is 1 (weight ``tokens``) or value_usd_per_mtok_k (weight ``value``); the ceiling is E* / sum v_k d_kht.

Both are solved and proven like a placement.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from placer.accounts import assignment_axes
from placer.answer import answer_of
from placer.errors import InstanceError, Violation
from placer.expansion import expand
from placer.faces import optimal_face
from placer.solve import solve_program
from placer.solvers.highs import HiGHS

if TYPE_CHECKING:
    from placer.answer import Duals, Flows
    from placer.certificate import Certificate
    from placer.formulation import Formulation
    from placer.instance import Instance
    from placer.program import Solver

Weight = Literal["tokens", "value"]

#: Duals of the first program lie between 0 and 1; those up to this count as 0 when its optimal face is formed.
FACE_TOLERANCE = 1e-9


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


def most_export(formulation: Formulation, weight: np.ndarray, solver: Solver | None = None) -> Extent:
    """Return the least unserved demand and the most export it leaves room for.

    Parameters
    ----------
    formulation : Formulation
    weight : (workloads,) array
        ``v_k``.
    solver : Solver, optional
        ``placer.HiGHS()`` if not given.
    """
    solver = solver or HiGHS()
    structure = formulation.structure
    program = expand(structure)
    unserved = np.zeros(len(program.cost))
    unserved[program.col_blocks["u"]] = 1.0
    first, least = solve_program(replace(program, cost=unserved), solver)
    every = structure.assignments
    klass, origin, site, _ = assignment_axes(structure, every.demand, every.arc)
    exported = np.zeros(len(program.cost))
    exported[program.col_blocks["x"]] = weight[klass] * formulation.exported[origin, site]
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
