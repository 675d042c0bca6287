"""Rounds of cuts: rows over the placement only replace the recourse of every contingency.

    minimise    any costs
    subject to  the program of the placement, and limits on further costs
                (part_ip - certain_ip) x_ip - rents of limits <= v_og       the cuts (``placer.security.cuts``)

with v_og the work that strands in contingency o and group of hours g beyond the work that strands for certain, and
certain_ip the part of a unit that strands for certain in o (``placer.security.alike``), or 0. Demand without a place in
o strands whatever the prices. The cut of all other demand bounds v_og, so that the difference is 0 where it would be
negative.

Each round solves the program over listed assignments (``placer.security.listing``), audits contingencies exactly, and
adds a cut for each group of hours in which more work strands than v_og. The program is a relaxation in every round.
When no audit finds a violated cut, its optimum is the optimum of the explicit program (Benders, Numerische Mathematik
4, 1962). The certificate is of all assignments.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from placer.errors import NoSolutionError
from placer.extended.extension import BLOCK, Extended
from placer.model.answer import Duals, Flows, answer_of
from placer.model.program import LinearProgram, LPSolution, Solver
from placer.model.structure import Structure
from placer.proof.certificate import Certificate
from placer.running import check_time, in_time, phase
from placer.security.coupling import RecourseStructure
from placer.security.cuts import (
    ContingencyCut,
    CostLimit,
    CutPrices,
    cut_extension,
    cuts_at,
    need_new_cuts,
    stranded_beyond,
    weighted_duals,
    with_cuts,
)
from placer.security.listing import Listing
from placer.termination import Reason
from placer.tolerances import SOLVER
from placer.utils.arrays import FloatArray, IntArray

_log = logging.getLogger(__name__)

#: Largest number of rounds of a program: a safety, far above the tens of rounds that programs take.
_MOST_ROUNDS = 200


@dataclass(frozen=True, eq=False)
class Entered:
    """A contingency that entered.

    Attributes
    ----------
    place : int
        Its position among all contingencies.
    recourse : RecourseStructure
        Of the structure of the program.
    certain : (arcs,) array
        Part of a unit on every arc of the structure that strands for certain in it.
    """

    place: int
    recourse: RecourseStructure
    certain: FloatArray


@dataclass(frozen=True, eq=False)
class Solved:
    """A program that no audit finds to lack a cut, or whose bound is enough.

    Attributes
    ----------
    extended : Extended
        It and its solution.
    cuts : tuple of ContingencyCut
        In it, the first of its own rows.
    """

    extended: Extended
    certificate: Certificate
    cuts: tuple[ContingencyCut, ...]

    @property
    def solution(self) -> LPSolution:
        """The solution of the program."""
        return self.extended.solution

    def rents(self) -> FloatArray:
        """Return the rents of the cuts, and then of the limits, >= 0."""
        return np.maximum(-self.solution.duals[self.extended.program.row_blocks[BLOCK]], 0.0)


class SecureRounds:
    """The program of some contingencies, which cuts and rows enter.

    Parameters
    ----------
    structure : Structure
        Of the placement.
    base : LinearProgram
        The whole program of the structure.
    used : int array
        Positions of the assignments that enter first.

    Attributes
    ----------
    entered : tuple of Entered
    base : LinearProgram
        Own columns, the stranded work ``v_og``, follow its columns.
    rounding : float
        Stranded work of a contingency above ``v`` up to this is rounding, Mtok.
    """

    def __init__(
        self,
        structure: Structure,
        base: LinearProgram,
        entered: Sequence[Entered],
        used: IntArray,
        solver: Solver,
    ) -> None:
        self.structure, self.base, self.entered = structure, base, tuple(entered)
        self.rounding = SOLVER * structure.total_demand
        self._cuts: list[ContingencyCut] = []
        self._limits: dict[str, CostLimit] = {}
        self._suspected = set(range(len(entered)))
        part = base.col_blocks["x"]
        listed = np.ones(self.columns, dtype=bool)
        listed[part] = False
        listed[part.start + used] = True
        demand = structure.assignments.demand
        self._listing = Listing(demand, listed, solver)

    @property
    def groups(self) -> int:
        """The number of groups of hours; 0 without contingencies."""
        return len(self.entered[0].recourse.most_by_group) if self.entered else 0

    @property
    def columns(self) -> int:
        """The number of columns, own columns included."""
        return len(self.base.cost) + len(self.entered) * self.groups

    def know(self, prices: Iterable[CutPrices]) -> None:
        """Add the cuts at known prices; those of contingencies that have not entered are passed over."""
        position = {each.place: number for number, each in enumerate(self.entered)}
        for each in in_time(prices, "the first cuts of contingencies"):
            if each.place in position:
                self._add(position[each.place], each.duals, each.groups)

    def limit(self, limit: CostLimit) -> None:
        """Add a limit, in place of one of its name, from the next program on."""
        self._limits[limit.name] = limit

    def solve(self, cost: FloatArray, enough: float = np.inf) -> Solved:
        """Minimise a cost, and prove the answer over all assignments of the structure.

        Parameters
        ----------
        cost : (columns,) array
        enough : float
            If the proven bound reaches it, cuts may be missing.

        Raises
        ------
        NoSolutionError
            If no answer was proven within the rounds.
        """
        recourses = [each.recourse for each in self.entered]
        for _ in range(_MOST_ROUNDS):
            check_time("rounds of cuts")
            extension = cut_extension(self.base, recourses, self._cuts, self._limits.values(), cost)
            program = with_cuts(self.base, recourses, extension, cost)
            with phase(_log, f"the secure program with {len(self._cuts):,} cuts"):
                solution, certificate = self._listing.solve(program, extension.rows.names)
            if self._exceeds(solution):
                continue
            flows = answer_of(self.structure, program, solution).point
            if certificate.bound >= enough or not self.cut_off(flows, self.beyond(solution)):
                return Solved(Extended(extension, program, solution), certificate, tuple(self._cuts))
        raise NoSolutionError(Reason.ITERATION_LIMIT, f"{len(self._cuts):,} cuts in {_MOST_ROUNDS} rounds")

    def beyond(self, solution: LPSolution) -> FloatArray:
        """Return the stranded work beyond that which strands for certain (contingencies, groups)."""
        return np.asarray(solution.point[len(self.base.cost) :].reshape(len(self.entered), self.groups))

    def duals(self, solved: Solved) -> list[Duals]:
        """Return the prices of every contingency: the sums of those of its cuts, at their rents."""
        rents, found = solved.rents(), []
        for place, each in enumerate(in_time(self.entered, "adding up the prices of contingencies")):
            own = [number for number, cut in enumerate(solved.cuts) if cut.place == place]
            found.append(weighted_duals(each.recourse, [solved.cuts[number] for number in own], rents[own]))
        return found

    def tight(self, solved: Solved) -> tuple[CutPrices, ...]:
        """Return the prices of the cuts that hold with equality."""
        point, beyond = solved.solution.point, self.beyond(solved.solution)
        tight: dict[int, tuple[int, Duals, list[int]]] = {}
        for cut in self._cuts:
            slack = cut.limit + beyond[cut.place, cut.group] - float(cut.value @ point[cut.column])
            if slack <= self.rounding / self.groups:
                place = self.entered[cut.place].place
                tight.setdefault(id(cut.duals), (place, cut.duals, []))[2].append(cut.group)
        return tuple(CutPrices(place, np.array(groups), duals) for place, duals, groups in tight.values())

    def cut_off(self, flows: Flows, allowed: FloatArray) -> bool:
        """Audit contingencies, and add the cuts that a placement violates; return whether there are any.

        Contingencies that had violated cuts in the round before are audited first, and all others only if none of these
        has any. This spares audits.

        Parameters
        ----------
        allowed : (contingencies, groups) array
            The ``v_og`` of the placement, Mtok.
        """
        known, everyone = len(self._cuts), set(range(len(self.entered)))
        violated: set[int] = set()
        for part in filter(None, (self._suspected, everyone - self._suspected)):
            with phase(_log, f"auditing {len(part)} contingencies"):
                every = in_time(sorted(part), "auditing contingencies")
                violated = {place for place in every if self._audit(place, flows, allowed[place])}
            if violated:
                break
        need_new_cuts(self.structure, flows, self._cuts[known:], allowed, self.rounding / max(self.groups, 1) / 2)
        self._suspected = violated or everyone
        return bool(violated)

    def _exceeds(self, solution: LPSolution) -> bool:
        """Let the limits enter that a solution exceeds; return whether there are any."""
        entering = [each for each in self._limits.values() if not each.entered and each.exceeded_at(solution.point)]
        self._limits |= {each.name: replace(each, enters_above=-np.inf) for each in entering}
        return bool(entering)

    def _audit(self, place: int, flows: Flows, allowed: FloatArray) -> bool:
        """Add the violated cuts of one contingency; return whether there are any."""
        found = stranded_beyond(self.entered[place].recourse, self.entered[place].certain, flows)
        if found is None or (over := found[0] - allowed).sum() <= self.rounding:
            return False
        self._add(place, found[1], np.flatnonzero(over > self.rounding / self.groups))
        return True

    def _add(self, place: int, duals: Duals, groups: IntArray) -> None:
        """Add cuts of one contingency at some prices."""
        each = self.entered[place]
        for cut in cuts_at(each.recourse, place, duals, groups):
            kept = each.certain[self.structure.assignments.arc[cut.column]] == 0
            self._cuts.append(replace(cut, column=cut.column[kept], value=cut.value[kept]))
