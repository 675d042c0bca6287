"""The largest export at which the loss of any single element strands the least work, under the rule ``displaced``.

The programs are those of ``placer.ceiling.secure.programs``, over merged demands that are alike
(``placer.security.alike``): no cost depends on the origin, so that few demands remain separate.

Contingencies enter by exact audit of the whole placement, if more work strands than the work that strands for certain.
In the other contingencies the work that strands for certain enters as a constant per unit. If one contingency enters,
all enter, unless links are lost: lost links keep demands separate. Every program is a relaxation that leaves
contingencies out. When the audit adds no contingency, the point of the program attains its figures over all
contingencies, so they are optimal for all contingencies.

Prices of contingencies hold in any placement and with any admissible arcs (``placer.security.cuts``). So the
rounds begin with the cuts at the prices of the audits, and at prices of a ceiling at another limit on latency.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from placer.ceiling.programs import ExportPrograms, Extent
from placer.ceiling.secure.programs import objectives_of, solve_secure_export
from placer.ceiling.secure.proof import need_bound
from placer.model.answer import Duals, Flows, answer_of
from placer.model.counts import net
from placer.model.program import Solver
from placer.model.structure import assignment_positions
from placer.proof.certificate import Certificate, Tolerances
from placer.running import check_time, in_time, phase
from placer.security.alike import Alike, alike_in, certain_per_unit
from placer.security.coupling import RecourseStructure, merged_recourses
from placer.security.cuts import CutPrices, stranded_beyond
from placer.security.rounds import Entered, SecureRounds
from placer.solvers.highs import HiGHS
from placer.solvers.memory import whole_program
from placer.tolerances import PROOF
from placer.utils.arrays import BoolArray, FloatArray

if TYPE_CHECKING:
    from placer.ceiling.result import ExportCeiling
    from placer.security.outages import Outage

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class SecureExtent:
    """The optimum of the programs in turn.

    Attributes
    ----------
    exported : float
        In the unit of the weights.
    stranded : (contingencies,) array
        Mtok.
    binds : (contingencies,) bool array
        Whether the last program has a dual in them.
    certificates : tuple of Certificate
        Of all programs.
    prices : tuple of CutPrices
        Of the cuts that hold with equality.
    """

    exported: float
    flows: Flows
    stranded: FloatArray
    binds: BoolArray
    certificates: tuple[Certificate, ...]
    prices: tuple[CutPrices, ...]


@dataclass(frozen=True, eq=False)
class _Task:
    """What does not change from round to round.

    Attributes
    ----------
    recourses : list of RecourseStructure
        Of all contingencies, for the audits.
    certain : (contingencies, arcs) sparse array
        Share of a unit that strands for certain.
    """

    programs: ExportPrograms
    outages: Sequence[Outage]
    recourses: list[RecourseStructure]
    certain: csr_array
    solver: Solver

    def surely_stranded(self, flows: Flows) -> FloatArray:
        """Return the work of some flows that strands for certain (contingencies,)."""
        return np.asarray(self.certain[:, flows.arc] @ flows.amount)


def most_secure_export(
    ceiling: ExportCeiling,
    outages: Sequence[Outage],
    share: FloatArray,
    solver: Solver | None,
    prices: Sequence[CutPrices] = (),
) -> SecureExtent:
    """Return the optimum of the programs in turn.

    Parameters
    ----------
    ceiling : ExportCeiling
        Without security; its flows are audited first.
    share : (classes,) array
        The protected share of every workload, and of its further modes.
    solver : Solver or None
        Of the programs; if None, HiGHS.
    prices : sequence of CutPrices
        Of the same contingencies, with which the rounds begin.

    Raises
    ------
    NoSolutionError
        If a program was not proven, or is too large for free memory.
    """
    whole = ceiling.formulation.structure
    recourses = merged_recourses(whole, outages, share)
    certain = csr_array(np.array([certain_per_unit(each) for each in in_time(recourses, "finding work that strands")]))
    programs = ExportPrograms.of(ceiling.formulation, net(ceiling.instance, ceiling.weights, ceiling.cut))
    task = _Task(programs, outages, recourses, certain, solver or HiGHS())
    extent = ceiling.extent
    surely, none = task.surely_stranded(extent.flows), np.zeros(len(outages), dtype=bool)
    found = SecureExtent(extent.exported, extent.flows, surely, none, extent.certificates, ())
    known = [*prices, *_missing(task, found.flows, ())]
    entered = _at_once(task, sorted({each.place for each in known}))
    # The work that strands for certain depends only on the unserved work, which need not be unique.
    unsolved = bool(entered) or (extent.unserved_mtok > 0 and bool(surely.any()))
    while unsolved:
        check_time("secure ceiling")
        with phase(_log, f"the secure ceiling of {len(entered)} contingencies"):
            found = _solved(task, entered, known, extent)
        missing = _missing(task, found.flows, entered)
        known = [*found.prices, *missing]
        entered, unsolved = [*entered, *(each.place for each in missing)], bool(missing)
    return found


def _at_once(task: _Task, entered: list[int]) -> list[int]:
    """Return the first contingencies that enter: all or none, or if links are lost those with prices."""
    lost_links = any(outage.contingency.links.any() for outage in task.outages)
    return entered if lost_links or not entered else list(range(len(task.outages)))


def _missing(task: _Task, flows: Flows, entered: Sequence[int]) -> list[CutPrices]:
    """Audit contingencies that have not entered; return prices of those with more stranded work than for certain."""
    missing: list[CutPrices] = []
    left_out = [place for place in range(len(task.outages)) if place not in entered]
    with phase(_log, f"auditing {len(left_out)} contingencies"):
        for place in in_time(left_out, "auditing contingencies"):
            certain = task.certain[[place]].toarray()[0]
            audited = stranded_beyond(task.recourses[place], certain, flows)
            if audited is not None:
                stranded, duals = audited
                if stranded.sum() > PROOF * task.recourses[place].displaced_mtok(flows):
                    missing.append(CutPrices(place, np.flatnonzero(stranded > 0), duals))
    return missing


def _solved(task: _Task, entered: Sequence[int], known: Sequence[CutPrices], without: Extent) -> SecureExtent:
    """Solve the programs of the contingencies that entered, given the optimum without security."""
    programs = task.programs
    told_apart = [task.recourses[place] for place in entered]
    surely = np.asarray(task.certain.sum(axis=0))
    alike = alike_in(programs.structure, surely, told_apart)
    rounds = _rounds(task, entered, known, alike, without.flows)
    optimum = solve_secure_export(rounds, objectives_of(rounds, surely[alike.arcs]), programs, without)
    solution = optimum.solved.solution
    answer = alike.merged.spread(answer_of(alike.structure, rounds.base, solution))
    duals = rounds.duals(optimum.solved)
    left_out = np.setdiff1d(np.arange(len(task.outages)), entered)
    if optimum.weighted is not None:
        pairs = list(zip(told_apart, duals, strict=True))
        need_bound(programs, optimum.weighted, answer.prices, pairs, np.asarray(task.certain[left_out].sum(axis=0)))
    found = programs.extent(answer, optimum.certificates, ())
    stranded = task.surely_stranded(found.flows)
    stranded[list(entered)] += rounds.beyond(solution).sum(axis=1)
    binds = np.zeros(len(stranded), dtype=bool)
    binds[list(entered)] = _binding(rounds, duals)
    return SecureExtent(
        found.exported, found.flows, stranded, binds, optimum.certificates, rounds.tight(optimum.solved)
    )


def _rounds(
    task: _Task, entered: Sequence[int], known: Sequence[CutPrices], alike: Alike, flows: Flows
) -> SecureRounds:
    """Return the program of the contingencies that entered; the assignments of some flows enter first."""
    small, whole = alike.structure, task.programs.structure
    entries = [
        Entered(place, alike.recourse(task.recourses[place]), task.certain[[place]].toarray()[0][alike.arcs])
        for place in in_time(entered, "finding the recourse of contingencies")
    ]
    demand = alike.merged.demand[flows.demand]
    beyond = flows.arc - whole.arc_starts[whole.demand_pair[flows.demand]]
    used = assignment_positions(small, demand, small.arc_starts[small.demand_pair[demand]] + beyond)
    rounds = SecureRounds(small, whole_program(small), entries, np.unique(used), task.solver)
    rounds.know(known)
    return rounds


def _binding(rounds: SecureRounds, duals: Sequence[Duals]) -> BoolArray:
    """Return which contingencies have a positive dual of a remaining limit."""
    largest = []
    for each, prices in zip(rounds.entered, duals, strict=True):
        left = each.recourse.structure
        lit = ~left.dark
        parts = (
            (prices.capacity, left.capacity > 0),
            (prices.intake, lit),
            (prices.balance, lit),
            (prices.link, left.link_capacity > 0),
        )
        largest.append(max(float(np.abs(dual).max(initial=0.0, where=there)) for dual, there in parts))
    # Duals up to the tolerance of the certificate, as a share of the largest, are rounding.
    return np.array(largest, dtype=float) > Tolerances.dual * max([*largest, 0.0])
