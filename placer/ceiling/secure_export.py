"""The largest export at which the loss of any single element strands the least work, under the rule ``displaced``.

The programs are those of ``placer.ceiling.secure_programs``, over merged demands that are alike
(``placer.security.alike``): no cost depends on the origin, so that few demands remain separate.

Contingencies enter by exact audit of the whole placement, if more work strands than the work that strands for certain.
In the other contingencies the work that strands for certain enters as a constant per unit. If one contingency enters
and the columns of all are few, all enter, unless links are lost: lost links keep demands separate. Every program is a
relaxation that leaves contingencies out. When the audit adds no contingency, the point of the program attains its
figures over all contingencies, so they are optimal for all contingencies.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from placer.ceiling.programs import ExportPrograms
from placer.ceiling.secure_programs import objectives_of, solve_secure_export
from placer.ceiling.secure_proof import need_bound
from placer.model.answer import answer_of
from placer.model.counts import net
from placer.model.expansion import expand
from placer.proof.bound import without_supply
from placer.running import check_time, phase
from placer.security.alike import alike_in, certain_per_unit
from placer.security.coupling import merged_recourse
from placer.security.program import LARGE_FROM, check_explicit_size, explicit_columns, secure_program
from placer.security.replacement import TOLERANCE, least_stranded
from placer.solvers.highs import HiGHS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placer.ceiling.programs import Extent
    from placer.ceiling.result import ExportCeiling
    from placer.model.answer import Flows
    from placer.model.program import LPSolution, Solver
    from placer.proof.certificate import Certificate
    from placer.security.coupling import Recourse
    from placer.security.outages import Outage
    from placer.security.program import SecureProgram
    from placer.utils.arrays import BoolArray, FloatArray

_log = logging.getLogger(__name__)

#: Duals of contingencies up to this share of the largest are rounding.
_BINDS = 1e-7
#: Columns of recourse up to which all contingencies enter at once.
_AT_ONCE = 400_000


@dataclass(frozen=True, eq=False)
class SecureExtent:
    """The optimum of the programs in turn.

    Attributes
    ----------
    exported : float
        In the unit of the weights.
    flows : Flows
    stranded : (contingencies,) array
        Mtok.
    binds : (contingencies,) bool array
        Whether the last program has a dual in them.
    certificates : tuple of Certificate
        Of all programs.
    """

    exported: float
    flows: Flows
    stranded: FloatArray
    binds: BoolArray
    certificates: tuple[Certificate, ...]


@dataclass(frozen=True, eq=False)
class _Task:
    """What does not change from round to round.

    Attributes
    ----------
    programs : ExportPrograms
    outages : sequence of Outage
    share : (classes,) array
        The protected share.
    recourses : list of Recourse
        Of all contingencies, for the audits.
    certain : (contingencies, arcs) sparse array
        Share of a unit that strands for certain.
    solver : Solver or None
    """

    programs: ExportPrograms
    outages: Sequence[Outage]
    share: FloatArray
    recourses: list[Recourse]
    certain: csr_array
    solver: Solver | None

    def surely_stranded(self, flows: Flows) -> FloatArray:
        """Return the work of some flows that strands for certain (contingencies,)."""
        return np.asarray(self.certain[:, flows.arc] @ flows.amount)


def most_secure_export(
    ceiling: ExportCeiling, outages: Sequence[Outage], share: FloatArray, solver: Solver | None
) -> SecureExtent:
    """Return the optimum of the programs in turn.

    Parameters
    ----------
    ceiling : ExportCeiling
        Without security; its flows are audited first.
    outages : sequence of Outage
    share : (workloads,) array
        The protected share of every workload.
    solver : Solver or None
        Of the programs; if None, HiGHS with the simplex method, or with interior points from 50,000 columns on.

    Raises
    ------
    NoSolutionError
        If a program was not proven, or is too large for free memory.
    """
    whole = ceiling.formulation.structure
    recourses = [merged_recourse(whole, outage, share) for outage in outages]
    certain = csr_array(np.array([certain_per_unit(each) for each in recourses]))
    programs = ExportPrograms.of(ceiling.formulation, net(ceiling.instance, ceiling.weights, ceiling.cut))
    task = _Task(programs, outages, share, recourses, certain, solver)
    extent = ceiling.extent
    surely = task.surely_stranded(extent.flows)
    found = SecureExtent(extent.exported, extent.flows, surely, np.zeros(len(outages), dtype=bool), extent.certificates)
    entered = _at_once(task, _missing(task, found.flows, ()))
    # The work that strands for certain depends only on the unserved work, which need not be unique.
    unsolved = bool(entered) or (extent.unserved_mtok > 0 and bool(surely.any()))
    while unsolved:
        check_time("secure ceiling")
        with phase(_log, f"the secure ceiling of {len(entered)} contingencies"):
            found = _solved(task, entered, extent)
        missing = _missing(task, found.flows, entered)
        entered, unsolved = [*entered, *missing], bool(missing)
    return found


def _at_once(task: _Task, missing: list[int]) -> list[int]:
    """Return the first contingencies that enter: all, none, or those in which work strands."""
    columns = sum(recourse.structure.assignment_count for recourse in task.recourses)
    lost_links = any(outage.contingency.links.any() for outage in task.outages)
    return missing if lost_links or not missing or columns > _AT_ONCE else list(range(len(task.outages)))


def _missing(task: _Task, flows: Flows, entered: Sequence[int]) -> list[int]:
    """Audit contingencies that have not entered; return those with more stranded work than strands for certain."""
    whole, surely, missing = task.programs.structure, task.surely_stranded(flows), []
    protected = flows.amount * task.share[whole.arc_class[flows.arc]]
    left_out = [place for place in range(len(task.outages)) if place not in entered]
    with phase(_log, f"auditing {len(left_out)} contingencies"):
        for place in left_out:
            displaced = float(protected[task.outages[place].hit[flows.arc]].sum())
            if displaced - surely[place] > TOLERANCE * displaced:
                stranded = float(least_stranded(task.recourses[place], flows)[0].sum())
                if stranded - surely[place] > TOLERANCE * displaced:
                    missing.append(place)
    return missing


def _solved(task: _Task, entered: Sequence[int], without: Extent) -> SecureExtent:
    """Solve the programs of the contingencies that entered, given the optimum without security."""
    programs = task.programs
    told_apart = [task.recourses[place] for place in entered]
    surely = np.asarray(task.certain.sum(axis=0))
    alike = alike_in(programs.structure, surely, told_apart)
    recourses = [alike.recourse(task.outages[place], task.share) for place in entered]
    check_explicit_size(alike.structure, recourses)
    solver = task.solver or _by_size(explicit_columns(alike.structure, recourses))
    secure = secure_program(alike.structure, expand(alike.structure), recourses, 1.0)
    left_out = np.setdiff1d(np.arange(len(task.outages)), entered)
    of_left_out = np.asarray(task.certain[left_out].sum(axis=0))
    costs = objectives_of(secure, surely[alike.arcs], of_left_out[alike.arcs])
    optimum = solve_secure_export(secure, costs, programs, without, solver)
    solution = optimum.solution
    answer = alike.merged.spread(answer_of(alike.structure, secure.extended, solution))
    if optimum.weighted is not None:
        pairs = list(zip(told_apart, secure.duals(solution.duals), strict=True))
        need_bound(programs, optimum.weighted, answer.prices, pairs, of_left_out)
    found = programs.extent(answer, optimum.certificates, ())
    stranded = task.surely_stranded(found.flows)
    stranded[list(entered)] = [float(each.sum()) for each in secure.stranded(solution.point)]
    binds = np.zeros(len(stranded), dtype=bool)
    binds[list(entered)] = _binding(secure, solution)
    return SecureExtent(found.exported, found.flows, stranded, binds, optimum.certificates)


def _by_size(columns: int) -> Solver:
    """Return HiGHS with the faster method."""
    return HiGHS("ipm") if columns >= LARGE_FROM else HiGHS()


def _binding(secure: SecureProgram, solution: LPSolution) -> BoolArray:
    """Return which contingencies have a positive dual of a remaining limit in the last program."""
    largest = []
    for block, duals in zip(secure.blocks, secure.duals(solution.duals), strict=True):
        left = block.structure
        lit = ~without_supply(left)
        parts = (
            (duals.capacity, left.capacity > 0),
            (duals.intake, lit),
            (duals.balance, lit),
            (duals.link, left.link_capacity > 0),
        )
        largest.append(max(float(np.abs(dual).max(initial=0.0, where=there)) for dual, there in parts))
    return np.array(largest) > _BINDS * max([*largest, 0.0])
