"""A lower bound on the least cost of a family, from price vectors and data, without trust in a master or a solver.

Given price vectors p with multipliers mu_op >= 0 for the members and rents beta >= 0 of the rows ``A z <= L``, the
multipliers of each member are scaled to sum to a weight omega_o that the risk admits (``placer.decomposition.risk``;
``w_o`` without one). The cuts of ``placer.decomposition.cuts``, computed again from prices and data, then say that
every z with ``A z <= L``, ``0 <= z <= most`` costs at least

    bound   = sum_op mu_op constant_op - beta L - sum_r max(0, value_r - c_r - (beta A)_r) most_r
    value_r = sum_op mu_op slope_opr        constant_op = d_o m(p) - r(p) b_o,   slope_op = r(p) M_o

since ``c z + measure >= c z + sum mu (constant - slope z) + beta (A z - L)``, whose minimum has each unit at 0 or at
its maximum. ``value_r`` is the value of a unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from placer.decomposition.cuts import PriceVector, cuts_of
from placer.decomposition.family import Family, Problem
from placer.decomposition.risk import admissible_weights
from placer.utils.arrays import FloatArray, IntArray

#: Gaps are relative to the cost. If the cost is small, they are relative to this share of the sizes of its parts.
_SMALL = 1e-3


@dataclass(frozen=True, eq=False)
class Multiplied:
    """Multipliers of cuts at an optimum of the master.

    Attributes
    ----------
    vector, member : (cuts,) int arrays
    weight : (cuts,) array
        ``mu``, above 0.
    limit_rents : (rows,) array
        ``beta``.
    extra : (members,) array
        ``y``, of the risk.
    """

    vector: IntArray
    member: IntArray
    weight: FloatArray
    limit_rents: FloatArray
    extra: FloatArray


@dataclass(frozen=True, eq=False)
class Bound:
    """A lower bound on the cost of every point, and the values that prove it.

    Attributes
    ----------
    value : (variables,) array
    limit_rents : (rows,) array
    member_weights : (members,) array
    """

    amount: float
    value: FloatArray
    limit_rents: FloatArray
    member_weights: FloatArray


def prove_bound(problem: Family, vectors: Sequence[PriceVector], multiplied: Multiplied) -> Bound:
    """Return the bound that multipliers of price vectors prove; it holds for any multipliers.

    Parameters
    ----------
    multiplied : Multiplied
        Positions of vectors and members, with multipliers.
    """
    constant = np.zeros(len(multiplied.weight))
    slope = np.zeros((len(constant), len(problem.cost)))
    for vector, places in _by_vector_and_kin(problem, multiplied).items():
        of_shape = [problem.members[member] for member in multiplied.member[places].tolist()]
        for place, cut in zip(places, cuts_of(vectors[vector[0]], of_shape), strict=True):
            constant[place], slope[place] = cut.constant, cut.slope
    return bound_by_cuts(problem, multiplied, constant, slope)


def bound_by_cuts(problem: Problem, multiplied: Multiplied, constant: FloatArray, slope: FloatArray) -> Bound:
    """Return the bound that multipliers of cuts make: a proven bound if the cuts are those of the price vectors.

    Parameters
    ----------
    constant : (cuts,) array
    slope : (cuts, variables) array
    """
    rents = np.maximum(multiplied.limit_rents, 0.0)
    omega = np.zeros(len(problem.weights))
    for rows in problem.groups:
        omega[rows] = admissible_weights(problem.risk, problem.weights[rows], multiplied.extra[rows])
    weight = np.maximum(multiplied.weight, 0.0)
    sums = np.bincount(multiplied.member, weight, len(omega))
    used = weight > 0
    part = np.divide(weight * omega[multiplied.member], sums[multiplied.member], out=np.zeros(len(weight)), where=used)
    total = -np.inf if (omega[sums <= 0] > 0).any() else float(part[used] @ constant[used])
    value = np.asarray(part[used] @ slope[used])
    profit = value - problem.cost - rents @ problem.takes
    amount = total - float(rents @ problem.amount) - float(np.maximum(profit, 0.0) @ problem.most)
    return Bound(amount, _of_next_unit(problem, value, profit), rents, omega)


def _of_next_unit(problem: Problem, value: FloatArray, profit: FloatArray) -> FloatArray:
    """Return values that do not exceed what a unit takes, for variables without a maximum.

    The costs of members are flat above the useful units U of a variable. So a cut ``constant - v z``, which holds up to
    U, proves ``constant - (v - v') U - v' z`` for every ``0 <= v' <= v`` and every ``z >= 0``. The bound is the same
    with the value lowered to ``v' = min(v, c + beta A)``, and with a value of 0 if U is 0.
    """
    lowered = np.where(problem.useful > 0, np.maximum(value - np.maximum(profit, 0.0), 0.0), 0.0)
    return np.where(problem.has_no_maximum, lowered, value)


def _by_vector_and_kin(problem: Family, multiplied: Multiplied) -> dict[tuple[int, bytes], list[int]]:
    """Return the positions of all positive multipliers by vector and shape of the member: each pair is priced once."""
    grouped: dict[tuple[int, bytes], list[int]] = {}
    for place in np.flatnonzero(multiplied.weight > 0).tolist():
        shape_digest = problem.members[int(multiplied.member[place])].shape_digest
        grouped.setdefault((int(multiplied.vector[place]), shape_digest), []).append(place)
    return grouped


def size_of(problem: Problem, z: FloatArray, costs: FloatArray, member_weights: FloatArray) -> float:
    """Return the denominator of the gap of a point: its cost, or a share of the sizes of its parts if that is more.

    Parameters
    ----------
    z : (variables,) array
    costs : (members,) array
        Cost of each member's horizon at this z.
    member_weights : (members,) array
    """
    parts = problem.build_cost(z) + float(member_weights @ np.abs(costs))
    return max(abs(problem.total(z, costs)), _SMALL * parts) or 1.0
