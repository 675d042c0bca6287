"""The programs of the secure ceiling over some contingencies, solved and proven.

With U unserved demand, V stranded work over all contingencies, D displaced demand and E exports, in their order

    1.  U* = least U        2.  V* = least V        3.  D* = least D        4.  E* = most E

each over the optimal points of those before it. ``placer.ceiling.secure_rounds`` has the rows. One program weights all
objectives,

    least  P U + Q V + R D - E        at weights P > Q > R > 0,   over points with D = 0 if D is 0 without security

and proves E* at any weights if its point attains U*, V* and D*: no other point that attains them costs less. Bounds
show that the point attains them:

    U*      is that of the ceiling without security
    D*      is no less than that of the ceiling without security, nor than 0
    V* >=   sum c_i amount_i - most sum c_i u_i    over 0 <= u_i <= amount_i with sum u_i = U*

with c_i the part of a unit of demand i that strands for certain over all contingencies (``placer.security.alike``). The
maximum takes the largest c_i first. If more work strands than that, a program with the objective P U + Q V bounds V*.
If the point does not attain these bounds, the program is solved at a larger P: a unit of demand can take the room of
several units of lighter workloads, so that Q alone may pay for leaving it unserved. If no P suffices, the programs are
solved in turn, and each optimum is a limit of the programs after it. An assignment that displaces costs P where the
program is over points with D = 0.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from placer.ceiling.programs import SMALL, TOLERANCE, without_priced
from placer.ceiling.walk.answer import LEAST_PENALTY
from placer.running import phase

if TYPE_CHECKING:
    from placer.ceiling.programs import ExportPrograms, Extent
    from placer.ceiling.secure_rounds import SecureRounds
    from placer.model.program import LPSolution
    from placer.model.structure import Structure
    from placer.proof.certificate import Certificate
    from placer.utils.arrays import BoolArray, FloatArray

_log = logging.getLogger(__name__)

#: The weight of stranded work is at least this many times that of displaced demand.
_AHEAD = 8.0
#: The weight of unserved demand is as many times that of stranded work, tried in this order. Larger ones cost digits.
_UNSERVED_AHEAD = (8.0, 64.0)
#: The same if demand that an arc serves stays unserved: it is open which, and a smaller weight seldom does.
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

    @property
    def in_turn(self) -> dict[str, FloatArray]:
        """The objectives in their order by name, without those that are 0 everywhere."""
        several = {"unserved": self.unserved, "stranded": self.stranded, "displaced": self.displaced}
        return {name: cost for name, cost in several.items() if cost.any()} | {"exported": self.exported}

    def weights(self, ahead: float) -> tuple[float, float, float]:
        """Return the weights of an unserved and a stranded Mtok and of a displaced accelerator-hour, in exports.

        Parameters
        ----------
        ahead : float
            How many times the weight of unserved demand is that of stranded work, at least.
        """
        unit = LEAST_PENALTY * (float(-self.exported.min(initial=0.0)) or 1.0)
        most = max(1.0, float(self.certain.max(initial=0.0)))
        dearest = float(self.displaced.max(initial=0.0)) or 1.0
        return ahead * _AHEAD * most * unit, _AHEAD * unit, unit / dearest


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
class SecureOptimum:
    """The optimum of the four programs.

    Attributes
    ----------
    solution : LPSolution
    certificates : tuple of Certificate
        That prove it.
    weighted : Weighted or None
        The program that was solved; None if four were, in turn.
    """

    solution: LPSolution
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
    rounds : SecureRounds
    costs : Objectives
    programs : ExportPrograms
        Of the ceiling; tolerances are shares of these sizes.
    without : Extent
        Of the ceiling without security.

    Raises
    ------
    NoSolutionError
        If a program was not proven.
    """
    spare = without.unserved_mtok - float(rounds.structure.demand_amount[_nowhere(rounds.structure)].sum())
    for ahead in _UNSERVED_AHEAD if spare <= TOLERANCE * programs.demand else _UNSERVED_AHEAD_SHORT:
        found = _at_weights(rounds, costs, programs, without, costs.weights(ahead))
        if found is not None:
            return found
    return _in_turn(rounds, costs, programs)


def _at_weights(
    rounds: SecureRounds,
    costs: Objectives,
    programs: ExportPrograms,
    without: Extent,
    weights: tuple[float, float, float],
) -> SecureOptimum | None:
    """Return the optimum of the program at weights; None if its point does not attain the bounds."""
    served, kept, work = weights
    counted = work * costs.displaced if without.displaced_hours else np.where(costs.displaced > 0, served, 0.0)
    priced = served * costs.unserved + kept * costs.stranded + counted
    with phase(_log, "the most export at weights"):
        solution, weighed = rounds.solve(priced + costs.exported)
    unserved, stranded, displaced = (
        float(cost @ solution.point) for cost in (costs.unserved, costs.stranded, costs.displaced)
    )
    slack = TOLERANCE * programs.demand
    if unserved <= without.unserved_mtok + slack and (
        displaced <= without.displaced_hours + TOLERANCE * programs.hours
    ):
        second = _least_stranded(rounds, costs, programs, without, (stranded, served / kept))
        if stranded <= second.bound + slack:
            first, *third = without.certificates[:-1]
            last = without_priced(weighed, float(priced @ solution.point), SMALL * programs.most or 1.0)
            exported = -float(costs.exported @ solution.point)
            of_point = weighed.objective, exported
            weighted = Weighted(served, kept, work, not without.displaced_hours, *of_point)
            return SecureOptimum(solution, (first, second, *third, last), weighted)
    return None


def _least_stranded(
    rounds: SecureRounds,
    costs: Objectives,
    programs: ExportPrograms,
    without: Extent,
    of_point: tuple[float, float],
) -> Certificate:
    """Certify the least stranded work: by the work that strands for certain if no more strands, else by a program.

    ``of_point`` is the stranded work of the point, and the weight of unserved beside stranded work.
    """
    stranded, served = of_point
    size, slack = SMALL * programs.demand, TOLERANCE * programs.demand
    least = certain_at_least(rounds.structure, costs.certain, without.unserved_mtok)
    if stranded <= least + slack:
        gap = (stranded - least) / max(stranded, size)
        return replace(without.certificates[0], objective=stranded, bound=least, gap=gap, serving_gap=gap)
    priced = served * without.unserved_mtok
    with phase(_log, "the least stranded work"):
        _, certificate = rounds.solve(served * costs.unserved + costs.stranded, priced + stranded - slack)
    return without_priced(certificate, priced, size)


def certain_at_least(whole: Structure, certain: FloatArray, unserved_mtok: float) -> float:
    """Return the least work that strands for certain over all choices of unserved demand.

    Parameters
    ----------
    whole : Structure
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


def _in_turn(rounds: SecureRounds, costs: Objectives, programs: ExportPrograms) -> SecureOptimum:
    """Solve the programs in turn; each optimum, with its tolerance, limits the programs after it."""
    certificates = []
    sizes = {"unserved": programs.demand, "stranded": programs.demand, "displaced": programs.hours}
    for name, cost in costs.in_turn.items():
        # No cut bears on unserved demand.
        solution, certificate = rounds.solve(cost, -np.inf if name == "unserved" else np.inf)
        certificates.append(certificate)
        if name in sizes:
            rounds.limit(name, cost, certificate.objective + TOLERANCE * sizes[name])
    return SecureOptimum(solution, tuple(certificates), None)
