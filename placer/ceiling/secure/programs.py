"""The programs of the secure ceiling over some contingencies, solved and proven.

With U unserved demand, D displaced demand, V stranded work over all contingencies and E exports, in their order

    1.  U* = least U        2.  D* = least D        3.  V* = least V        4.  E* = most E

each over the optimal points of those before it. Contingencies bind no placement: any work may strand. So programs 1 and
2 are those of the ceiling without security, whose U* and D* hold here too, and program 4 is over a part of the points
of program 3 of that ceiling: a secure ceiling is never above the ceiling. A point above it bought exports with unserved
or displaced demand that is rounding beside all demand, and is no answer. ``placer.security.rounds`` has the
rows. One program weights all objectives,

    least  P U + R D + Q V - E        at weights P > R > Q > 0,   over points with D = 0 if D* is 0

and proves E* at any weights if its point attains U*, D* and V*: no other point that attains them costs less. A bound
shows that it attains V*:

    V* >=   sum c_i amount_i - most sum c_i u_i    over 0 <= u_i <= amount_i with sum u_i = U*

with c_i the part of a unit of demand i that strands for certain over all contingencies (``placer.security.alike``). The
maximum takes the largest c_i first. If more work strands than that, a program with the objective P U + R D + Q V bounds
V*. If the point does not attain U*, D* and the bound, the program is solved at a larger P and R: a unit of demand can
take the room of several units of lighter workloads, so that Q alone may pay for leaving it unserved. If none suffices,
U* and D* are limits of programs 3 and 4, which are solved in turn. An assignment that displaces costs P where the
program is over points with D = 0.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from placer.ceiling.programs import SMALL, ExportPrograms, Extent, without_priced
from placer.ceiling.walk.answer import LEAST_PENALTY
from placer.errors import NoSolutionError
from placer.model.structure import Structure
from placer.proof.certificate import Certificate
from placer.running import phase
from placer.security.cuts import CostLimit
from placer.termination import Reason
from placer.tolerances import PROOF, SOLVER
from placer.utils.arrays import NOISE, BoolArray, FloatArray

if TYPE_CHECKING:
    from placer.security.rounds import SecureRounds, Solved

_log = logging.getLogger(__name__)

#: The weight of stranded work is at least this many times that of exports, and the weight of unserved demand that of
#: displaced demand.
_AHEAD = 8.0
#: The weight of displaced demand, or of unserved demand if none is displaced, is as many times that of stranded work,
#: tried in this order. Larger ones cost digits.
_UNSERVED_AHEAD = (8.0, 64.0)
#: The same weights where demand that could be served must stay unserved. Which demand does is then open, and smaller
#: weights rarely suffice.
_UNSERVED_AHEAD_SHORT = (64.0, 512.0)


@dataclass(frozen=True, eq=False)
class Objectives:
    """The objectives of a secure program, as costs of its columns.

    Attributes
    ----------
    unserved, stranded, displaced, exported : (columns,) arrays
        The last one is minus the export.
    certain : (demands,) array
        ``c_i``, the least over the arcs of the demand.
    """

    unserved: FloatArray
    stranded: FloatArray
    displaced: FloatArray
    exported: FloatArray
    certain: FloatArray

    def weights(self, ahead: float) -> tuple[float, float]:
        """Return the weights of a Mtok that counts before stranded work, and of a stranded Mtok, in exports.

        Parameters
        ----------
        ahead : float
            How many times the first weight is the second, at least.
        """
        unit = LEAST_PENALTY * (float(-self.exported.min(initial=0.0)) or 1.0)
        most = max(1.0, float(self.certain.max(initial=0.0)))
        return ahead * _AHEAD * most * unit, _AHEAD * unit


@dataclass(frozen=True)
class Weighted:
    """The program at weights.

    Attributes
    ----------
    unserved, stranded, displaced : float
        The weights ``P``, ``Q`` and ``R``.
    none_displaced : bool
        Whether it is over points without displaced demand.
    objective, exported : float
        At its point.
    """

    unserved: float
    stranded: float
    displaced: float
    none_displaced: bool
    objective: float
    exported: float


@dataclass(frozen=True, eq=False)
class _Before:
    """Unserved and displaced demand at their weights, in units of the weight of stranded work.

    Attributes
    ----------
    cost : (columns,) array
    least : float
        At ``U*`` and ``D*``.
    """

    cost: FloatArray
    least: float


@dataclass(frozen=True, eq=False)
class SecureOptimum:
    """The optimum of the four programs.

    Attributes
    ----------
    solved : Solved
        The last program.
    certificates : tuple of Certificate
        That prove it.
    weighted : Weighted or None
        The program that was solved; None if programs 3 and 4 were, in turn.
    """

    solved: Solved
    certificates: tuple[Certificate, ...]
    weighted: Weighted | None


def objectives_of(rounds: SecureRounds, surely: FloatArray) -> Objectives:
    """Return the objectives of the program of a secure ceiling.

    Parameters
    ----------
    rounds : SecureRounds
        Its structure has the weights of ``placer.ceiling.programs``.
    surely : (arcs,) array
        Part of a unit that strands for certain, over all contingencies.
    """
    whole, blocks = rounds.structure, rounds.base.col_blocks
    arc, sent = whole.assignments.arc, blocks["x"]
    unserved, stranded, counted = np.zeros((3, rounds.columns))
    unserved[blocks["u"]] = 1.0
    stranded[sent] = surely[arc]
    stranded[len(rounds.base.cost) :] = 1.0
    counted[sent] = whole.arc_cost[arc]
    certain = np.full(len(whole.demand_amount), np.inf)
    np.minimum.at(certain, whole.assignments.demand, surely[arc])
    certain[np.isinf(certain)] = 0.0
    return Objectives(unserved, stranded, np.maximum(counted, 0.0), np.minimum(counted, 0.0), certain)


def solve_secure_export(
    rounds: SecureRounds, costs: Objectives, programs: ExportPrograms, without: Extent
) -> SecureOptimum:
    """Return the optimum of the four programs, with the certificates that prove it.

    Parameters
    ----------
    programs : ExportPrograms
        Of the ceiling; tolerances are shares of these sizes.
    without : Extent
        Of the ceiling without security.

    Raises
    ------
    NoSolutionError
        If a program was not proven, or its point exports more than the ceiling.
    """
    spare = without.unserved_mtok - float(rounds.structure.demand_amount[_nowhere(rounds.structure)].sum())
    for ahead in _UNSERVED_AHEAD if spare <= SOLVER * programs.demand else _UNSERVED_AHEAD_SHORT:
        found = _at_weights(rounds, costs, programs, without, costs.weights(ahead))
        if found is not None:
            return found
    return _in_turn(rounds, costs, programs, without)


def _at_weights(
    rounds: SecureRounds,
    costs: Objectives,
    programs: ExportPrograms,
    without: Extent,
    weights: tuple[float, float],
) -> SecureOptimum | None:
    """Return the optimum of the program at weights; None if its point does not attain the bounds."""
    served, kept = weights
    work = served / (float(costs.displaced.max(initial=0.0)) or 1.0)
    counted = np.where(costs.displaced > 0, served, 0.0)
    if without.displaced_hours:
        served, counted = _AHEAD * served, work * costs.displaced
    before = served * costs.unserved + counted
    priced = before + kept * costs.stranded
    with phase(_log, "the most export at weights"):
        solved = rounds.solve(priced + costs.exported)
    weighed, point = solved.certificate, solved.solution.point
    unserved, stranded, displaced = (float(cost @ point) for cost in (costs.unserved, costs.stranded, costs.displaced))
    slack = SOLVER * programs.demand
    if unserved <= without.unserved_mtok + NOISE * programs.demand and (
        displaced <= without.displaced_hours + NOISE * programs.hours
    ):
        of_least = served * without.unserved_mtok + work * without.displaced_hours
        second = _least_stranded(rounds, costs, programs, without, _Before(before / kept, of_least / kept), stranded)
        last = without_priced(weighed, float(priced @ point), programs.small_export)
        exported = -float(costs.exported @ point)
        within = exported <= without.exported + PROOF * programs.most
        if within and stranded <= second.bound + slack and second.proven and last.proven:
            of_point = weighed.objective, exported
            weighted = Weighted(served, kept, work, not without.displaced_hours, *of_point)
            return SecureOptimum(solved, (*without.certificates[:-1], second, last), weighted)
    return None


def _least_stranded(
    rounds: SecureRounds,
    costs: Objectives,
    programs: ExportPrograms,
    without: Extent,
    before: _Before,
    stranded: float,
) -> Certificate:
    """Certify the least stranded work: by the work that strands for certain if no more strands, else by a program.

    ``stranded`` is that of the point, Mtok.
    """
    size, slack = SMALL * programs.demand, SOLVER * programs.demand
    least = certain_at_least(rounds.structure, costs.certain, without.unserved_mtok)
    if stranded <= least + slack:
        gap = (stranded - least) / max(stranded, size)
        return replace(without.certificates[0], objective=stranded, bound=least, gap=gap, serving_gap=gap)
    with phase(_log, "the least stranded work"):
        certificate = rounds.solve(before.cost + costs.stranded, before.least + stranded - slack).certificate
    return without_priced(certificate, before.least, size)


def certain_at_least(whole: Structure, certain: FloatArray, unserved_mtok: float) -> float:
    """Return the least work that strands for certain over all choices of unserved demand.

    Parameters
    ----------
    certain : (demands,) array
        Part of a served unit that strands for certain.
    unserved_mtok : float
        The least total of unserved demand.
    """
    amount, nowhere = whole.demand_amount, _nowhere(whole)
    choice = max(unserved_mtok - float(amount[nowhere].sum()), 0.0)
    order = np.argsort(-certain, kind="stable")
    order = order[~nowhere[order]]
    before = np.cumsum(amount[order]) - amount[order]
    spared = np.clip(choice - before, 0.0, amount[order])
    return float(certain[order] @ (amount[order] - spared))


def _nowhere(whole: Structure) -> BoolArray:
    """Return which demands no arc serves."""
    return np.asarray(np.diff(whole.assignment_starts) == 0)


def _in_turn(rounds: SecureRounds, costs: Objectives, programs: ExportPrograms, without: Extent) -> SecureOptimum:
    """Solve programs 3 and 4 in turn; each optimum before is a limit.

    Unserved and displaced demand have no slack: a unit of either may make room for a million exported ones.
    """
    rounds.limit(CostLimit("unserved", costs.unserved, without.unserved_mtok))
    rounds.limit(CostLimit("displaced", costs.displaced, without.displaced_hours))
    third = rounds.solve(costs.stranded).certificate
    rounds.limit(CostLimit("stranded", costs.stranded, third.objective + SOLVER * programs.demand))
    solved = rounds.solve(costs.exported)
    last = solved.certificate
    if -last.objective > without.exported + PROOF * programs.most:
        problem = f"{-last.objective:.9g} exported, more than the ceiling of {without.exported:.9g}"
        raise NoSolutionError(Reason.FAILED, problem)
    return SecureOptimum(solved, (*without.certificates[:-1], third, last), None)
