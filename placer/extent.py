"""The technical ceiling: the most demand that can be exported, with unserved demand kept at its least.

Two programs over the rows of ``placer.formulation``, one after the other (a lexicographic optimum); cost plays no part:

    1.  U* = least  sum u_kht
    2.  E* = most   sum over exported arcs of v_k x_khjt      subject to  sum u_kht <= U*

    v_k is 1 (weight ``tokens``) or value_usd_per_mtok_k (weight ``value``); the ceiling is E* / sum v_k d_kht.

Both are solved and proven like a placement.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.sparse import csc_array, vstack

from placer.accounts import assignment_axes
from placer.errors import InstanceError, Violation
from placer.program import blocks
from placer.solve import solve_program
from placer.solvers.highs import HiGHS
from placer.structure import expand

if TYPE_CHECKING:
    from placer.certificate import Certificate
    from placer.formulation import Formulation
    from placer.instance import Instance
    from placer.program import LinearProgram, Solver

Weight = Literal["tokens", "value"]

#: The second program may leave this share of all demand more unserved than the first, so that rounding does not make it
#: infeasible.
UNSERVED_SLACK = 1e-10


@dataclass(frozen=True)
class Extent:
    """A lexicographic optimum: what is least unserved, and what can then be exported at most.

    Attributes
    ----------
    exported : float
        ``E*``, in Mtok or USD of value.
    unserved_mtok : float
        ``U*``.
    values : (columns,) array
        The point of the whole program that exports it.
    duals : (rows,) array
        Of the second program, the row that bounds unserved demand last.
    certificates : tuple of Certificate
        Of the two programs.
    """

    exported: float
    unserved_mtok: float
    values: np.ndarray
    duals: np.ndarray
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
    klass, origin, site, _ = assignment_axes(structure)
    exported = np.zeros(len(program.cost))
    exported[program.col_blocks["x"]] = weight[klass] * formulation.exported[origin, site]
    limit = max(float(unserved @ first.point), 0.0) + UNSERVED_SLACK * float(structure.demand_amount.sum())
    second, most = solve_program(_with_row(replace(program, cost=-exported), unserved, limit), solver)
    values = second.point
    return Extent(float(exported @ values), float(unserved @ values), values, second.duals, (least, most))


def _with_row(program: LinearProgram, coefficients: np.ndarray, upper: float) -> LinearProgram:
    """Add one row with an upper side."""
    sizes = {name: part.stop - part.start for name, part in program.row_blocks.items()} | {"unserved": 1}
    return replace(
        program,
        matrix=csc_array(vstack([program.matrix, coefficients[None, :]], format="csc")),
        row_lower=np.append(program.row_lower, -np.inf),
        row_upper=np.append(program.row_upper, upper),
        row_blocks=blocks(sizes),
    )
