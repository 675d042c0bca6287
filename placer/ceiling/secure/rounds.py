"""The secure ceiling's program by cuts: rows over the placement only replace the recourse of every contingency.

    minimise    any costs
    subject to  the program of the ceiling, over demands that are alike
                (part_ip - certain_ip) x_ip - rents of limits <= v_og       the cuts (``placer.security.cuts``)

with v_og the work that strands in contingency o and group of hours g beyond the work that strands for certain
(``placer.security.alike``), and certain_ip the part of a unit that strands for certain in o. Demand without a place in
o strands whatever the prices. The cut of all other demand bounds v_og, so that the difference is 0 where it would be
negative.

Each round solves the program, audits contingencies exactly, and adds the cuts that the point violates. Contingencies
that had violated cuts in the round before are audited first, and all others only if none of these has any. When no
audit finds a violated cut, the optimum is that of the explicit program (``placer.security.cutting_planes``).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array, vstack

from placer.errors import NoSolutionError
from placer.extended.extension import BLOCK, OwnRows, extend
from placer.model.answer import answer_of
from placer.running import check_time, in_time, phase
from placer.security.cut_rows import cut_extension
from placer.security.cuts import (
    cuts_at,
    hour_groups,
    need_new_cuts,
    stranded_beyond,
    stranded_by_group,
    weighted_duals,
)
from placer.security.listing import AssignmentColumns, Listing
from placer.solvers.memory import whole_program
from placer.termination import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from placer.extended.extension import Extension
    from placer.model.answer import Duals, Flows
    from placer.model.program import LinearProgram, LPSolution, Solver
    from placer.model.structure import Structure
    from placer.proof.certificate import Certificate
    from placer.security.coupling import RecourseStructure
    from placer.security.cuts import ContingencyCut
    from placer.utils.arrays import FloatArray, IntArray

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RoundsParameters:
    """Parameters of the rounds.

    Attributes
    ----------
    most_rounds : int
        Largest number of rounds of a program.
    most_listings : int
        Largest number of solves over listed assignments in a round.
    optimality : float
        Tolerance of scaled reduced costs.
    excess : float
        Stranded work of a contingency above ``v`` is rounding up to this share of all demand.
    """

    most_rounds: int = 200
    most_listings: int = 200
    optimality: float = 1e-9
    excess: float = 1e-8


#: The default.
PARAMETERS = RoundsParameters()


@dataclass(frozen=True, eq=False)
class CutPrices:
    """Prices of the limits of a contingency, at which its cuts hold in any placement and with any admissible arcs.

    Attributes
    ----------
    place : int
        Position of the contingency among all.
    groups : int array
        The groups of hours whose cuts matter.
    duals : Duals
    """

    place: int
    groups: IntArray
    duals: Duals


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


class SecureRounds:
    """The program of some contingencies, which cuts and rows enter.

    Parameters
    ----------
    structure : Structure
        Of the placement, with demands that are alike taken as one.
    entered : sequence of Entered
    prices : iterable of CutPrices
        Their cuts enter first; those of other contingencies are passed over.
    used : int array
        Positions of the assignments that enter first.
    solver : Solver
    parameters : RoundsParameters, optional

    Attributes
    ----------
    structure : Structure
    entered : tuple of Entered
    base : LinearProgram
        Of the structure. Own columns, the stranded work ``v_og``, follow its columns.
    """

    def __init__(
        self,
        structure: Structure,
        entered: Sequence[Entered],
        prices: Iterable[CutPrices],
        used: IntArray,
        solver: Solver,
        parameters: RoundsParameters = PARAMETERS,
    ) -> None:
        self.structure, self.entered = structure, tuple(entered)
        self.base = whole_program(structure)
        self._parameters = parameters
        self._cuts: list[ContingencyCut] = []
        self._limits: list[tuple[str, FloatArray, float]] = []
        self._suspected = set(range(len(entered)))
        position = {each.place: number for number, each in enumerate(entered)}
        for each in in_time(prices, "the first cuts of contingencies"):
            if each.place in position:
                self._add(position[each.place], each.duals, each.groups)
        self._listing = self._listed(used, solver)

    @property
    def groups(self) -> int:
        """The number of groups of hours; 0 without contingencies."""
        return int(hour_groups(self.entered[0].recourse).max()) + 1 if self.entered else 0

    @property
    def columns(self) -> int:
        """The number of columns, own columns included."""
        return len(self.base.cost) + len(self.entered) * self.groups

    def limit(self, name: str, cost: FloatArray, most: float) -> None:
        """Add the row that a cost of the columns is at most some figure, from the next program on."""
        self._limits.append((name, cost, most))

    def solve(self, cost: FloatArray, enough: float = np.inf) -> tuple[LPSolution, Certificate]:
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
        for _ in range(self._parameters.most_rounds):
            check_time("secure ceiling")
            extension = self._extension()
            program = self._program(extension, cost)
            with phase(_log, f"the secure ceiling with {len(self._cuts):,} cuts"):
                solution, certificate = self._listing.solve(program, extension.rows.names)
            if certificate.bound >= enough or not self._cut_off(program, solution):
                return solution, certificate
        problem = f"{len(self._cuts):,} cuts in {self._parameters.most_rounds} rounds"
        raise NoSolutionError(Reason.ITERATION_LIMIT, problem)

    def beyond(self, solution: LPSolution) -> FloatArray:
        """Return the stranded work beyond that which strands for certain (contingencies, groups)."""
        return np.asarray(solution.point[len(self.base.cost) :].reshape(len(self.entered), self.groups))

    def duals(self, solution: LPSolution) -> list[Duals]:
        """Return the prices of every contingency: the sums of those of its cuts, at their duals."""
        rents = np.maximum(-solution.duals[len(self.base.row_lower) :], 0.0)[: len(self._cuts)]
        found = []
        for place, each in enumerate(in_time(self.entered, "adding up the prices of contingencies")):
            own = [number for number, cut in enumerate(self._cuts) if cut.place == place]
            found.append(weighted_duals(each.recourse, [self._cuts[number] for number in own], rents[own]))
        return found

    def tight(self, solution: LPSolution) -> tuple[CutPrices, ...]:
        """Return the prices of the cuts that hold with equality at a solution."""
        point, beyond = solution.point, self.beyond(solution)
        tight: dict[int, tuple[int, Duals, list[int]]] = {}
        for cut in self._cuts:
            slack = cut.limit + beyond[cut.place, cut.group] - float(cut.value @ point[cut.column])
            if slack <= self._rounding / self.groups:
                place = self.entered[cut.place].place
                tight.setdefault(id(cut.duals), (place, cut.duals, []))[2].append(cut.group)
        return tuple(CutPrices(place, np.array(groups), duals) for place, duals, groups in tight.values())

    @property
    def _rounding(self) -> float:
        return self._parameters.excess * self.structure.total_demand

    def _listed(self, used: IntArray, solver: Solver) -> Listing:
        """Return the first list of columns: all that are no assignments, and the assignments in use."""
        part = self.base.col_blocks["x"]
        listed = np.ones(self.columns, dtype=bool)
        listed[part] = False
        listed[part.start + used] = True
        own, parameters = AssignmentColumns(part, self.structure.assignments.demand), self._parameters
        return Listing(own, listed, solver, parameters.optimality, parameters.most_listings)

    def _extension(self) -> Extension:
        """Return the cuts and limits as own rows, with stranded work as own columns."""
        recourses = [each.recourse for each in self.entered]
        found = cut_extension(self.base, recourses, self._cuts, 0.0)
        if not self._limits:
            return found
        names, costs, most = zip(*self._limits, strict=True)
        rows = found.rows
        more = OwnRows(
            (*rows.names, *names),
            csr_array(vstack([rows.matrix, csr_array(np.array(costs))], format="csr")),
            np.append(rows.lower, np.full(len(most), -np.inf)),
            np.append(rows.upper, most),
        )
        return replace(found, rows=more)

    def _program(self, extension: Extension, cost: FloatArray) -> LinearProgram:
        """Return the program at some costs."""
        extended = extend(self.base, extension)
        implied = extended.implied_upper.copy()
        most = [stranded_by_group(each.recourse, each.recourse.structure.demand_amount) for each in self.entered]
        implied[extended.col_blocks[BLOCK]] = np.concatenate(most or [np.zeros(0)])
        return replace(extended, cost=cost, implied_upper=implied)

    def _cut_off(self, program: LinearProgram, solution: LPSolution) -> bool:
        """Audit contingencies, and add the cuts that a solution violates; return whether there are any."""
        flows = answer_of(self.structure, program, solution).point
        beyond, violated, known = self.beyond(solution), set(), len(self._cuts)
        everyone = set(range(len(self.entered)))
        for part in (self._suspected, everyone - self._suspected):
            with phase(_log, f"auditing {len(part)} contingencies"):
                every = in_time(sorted(part), "auditing contingencies")
                violated = {place for place in every if self._audit(place, flows, beyond[place])}
            if violated:
                break
        need_new_cuts(self.structure, flows, self._cuts[known:], beyond, self._rounding / max(self.groups, 1) / 2)
        self._suspected = violated or everyone
        return bool(violated)

    def _audit(self, place: int, flows: Flows, allowed: FloatArray) -> bool:
        """Add the violated cuts of one contingency; return whether there are any."""
        found = stranded_beyond(self.entered[place].recourse, self.entered[place].certain, flows)
        if found is None:
            return False
        stranded, duals = found
        over = stranded - allowed
        if over.sum() <= self._rounding:
            return False
        self._add(place, duals, np.flatnonzero(over > self._rounding / self.groups))
        return True

    def _add(self, place: int, duals: Duals, groups: IntArray) -> None:
        """Add cuts of one contingency at some prices."""
        each, arc = self.entered[place], self.structure.assignments.arc
        for cut in cuts_at(each.recourse, place, duals, groups):
            kept = each.certain[arc[cut.column]] == 0
            self._cuts.append(replace(cut, column=cut.column[kept], value=cut.value[kept]))
