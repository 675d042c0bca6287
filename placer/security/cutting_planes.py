"""Large secure programs by cuts: rows over the placement only replace the recourse of every contingency.

    minimise    cost of the placement + penalty of unserved demand + P sum_og v_og
    subject to  the program of the instance, the cuts found so far (``placer.security.cuts``)
                sum_i unserved_k u_i <= its value without security        if demand is unserved

Each round solves the program, audits every contingency exactly, and adds a cut for each hour in which the stranded work
exceeds v. The program is a relaxation in every round. When the audit finds no violated cut, its optimum is the optimum
of the explicit program (Benders, Numerische Mathematik 4, 1962). Each program is solved over listed assignments
(``placer.security.listing``). The certificate is of all assignments.

If work strands, a second run of rounds has stranded work as its only cost, and always the row that limits unserved
demand. It ends when its bound reaches the stranded work. This proves that no placement strands less. If the bound stays
below, P rises (``placer.security.replacement.PENALTIES``), as it does for the explicit program.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from placer.errors import NoSolutionError
from placer.extended.extension import BLOCK, extend
from placer.extended.placement import Extended
from placer.model.answer import answer_of, whole_solution
from placer.running import check_time, in_time, phase
from placer.security.answer import SecureAnswer
from placer.security.bound import Contingent
from placer.security.coupling import without_costs
from placer.security.cut_rows import cut_extension
from placer.security.cuts import cuts_at, hour_groups, need_new_cuts, stranded_by_group, weighted_duals
from placer.security.listing import AssignmentColumns, Listing
from placer.security.program import leaves_more_unserved
from placer.security.replacement import PENALTIES, STRANDED, least_stranded, penalty_usd
from placer.termination import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placer.extended.extension import Extension
    from placer.model.answer import Flows
    from placer.model.program import LinearProgram, LPSolution, Solver
    from placer.placement.result import Placement
    from placer.proof.certificate import Certificate
    from placer.security.coupling import RecourseStructure
    from placer.security.cuts import ContingencyCut
    from placer.utils.arrays import FloatArray

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CuttingPlanes:
    """Parameters of the rounds.

    Attributes
    ----------
    cheap : float
        The first list holds assignments whose reduced cost is at most this share of the price of their demand.
    most_rounds : int
        Largest number of rounds of a run.
    most_listings : int
        Largest number of solves over listed assignments in a round.
    optimality : float
        Tolerance of scaled reduced costs.
    """

    cheap: float = 2e-4
    optimality: float = 1e-9
    most_rounds: int = 60
    most_listings: int = 30


#: The default.
ROUNDS = CuttingPlanes()


@dataclass(frozen=True, eq=False)
class _Task:
    """The data that all rounds share.

    Attributes
    ----------
    placement : Placement
        Without security.
    base : LinearProgram
        The whole program of its structure.
    recourses : sequence of RecourseStructure
        Of all contingencies.
    penalty : float
    solver : Solver
    parameters : CuttingPlanes
    """

    placement: Placement
    base: LinearProgram
    recourses: Sequence[RecourseStructure]
    penalty: float
    solver: Solver
    parameters: CuttingPlanes

    @property
    def groups(self) -> int:
        """The number of groups of hours."""
        return int(hour_groups(self.recourses[0]).max()) + 1

    @property
    def rounding(self) -> float:
        """Stranded work up to this is rounding, Mtok."""
        return STRANDED * self.placement.formulation.structure.total_demand


@dataclass(frozen=True, eq=False)
class _Solved:
    """A program that no audit finds to lack a cut.

    Attributes
    ----------
    extended : Extended
        It and its solution.
    certificate : Certificate
    cuts : tuple of ContingencyCut
        In it.
    most : float
        The largest penalty of unserved demand; inf without such a row.
    """

    extended: Extended
    certificate: Certificate
    cuts: tuple[ContingencyCut, ...]
    most: float

    @property
    def stranded(self) -> FloatArray:
        """The stranded work by contingency and group of hours, Mtok."""
        return np.asarray(self.extended.solution.point[self.extended.program.col_blocks[BLOCK]])


def solve_by_cuts(
    placement: Placement,
    base: LinearProgram,
    recourses: Sequence[RecourseStructure],
    solver: Solver,
    parameters: CuttingPlanes = ROUNDS,
) -> SecureAnswer:
    """Solve the secure program of all contingencies, and prove it.

    Parameters
    ----------
    placement : Placement
        Without security.
    base : LinearProgram
        The whole program of its structure.
    recourses : sequence of RecourseStructure
        Of all contingencies.
    solver : Solver
    parameters : CuttingPlanes, optional

    Raises
    ------
    NoSolutionError
        If no answer was proven within the rounds.
    """
    structure = placement.formulation.structure
    first, least = penalty_usd(structure), 0.0
    task = _Task(placement, base, recourses, first, solver, parameters)
    nothing = np.zeros((len(recourses), task.groups))
    cuts = _missing(task, placement.answer.point, nothing)
    listing, most = _cheap(task), placement.penalty_usd or np.inf
    for factor in PENALTIES:
        priced = replace(task, penalty=first * factor)
        found = _rounds(priced, cuts, most, listing)
        stranded, most = float(found.stranded.sum()), found.most
        if stranded > task.rounding and not least:
            # From here on the program has the row: HiGHS goes on with the rows that it has.
            most = placement.penalty_usd
            least = _least_stranded(task, cuts, most, listing, stranded)
        if stranded <= least + task.rounding:
            return _answer(priced, found)
    raise NoSolutionError(Reason.FAILED, f"{stranded:.6g} Mtok strand, more than need to ({least:.6g})")


def _least_stranded(task: _Task, cuts: list[ContingencyCut], most: float, listing: Listing, stranded: float) -> float:
    """Return the least stranded work, proven, by rounds with stranded work as the only cost.

    They end early once the bound reaches the stranded work of a placement. ``most`` must be finite: without the row,
    nothing strands where all demand is unserved.
    """
    cost = np.append(np.zeros(len(task.base.cost)), np.ones(len(task.recourses) * task.groups))
    return _rounds(task, cuts, most, listing, cost, stranded - task.rounding).certificate.bound


def _rounds(
    task: _Task,
    cuts: list[ContingencyCut],
    most: float,
    listing: Listing,
    cost: FloatArray | None = None,
    enough: float = np.inf,
) -> _Solved:
    """Solve the program, and add the cuts that its solution violates, until there are none.

    Parameters
    ----------
    task : _Task
    cuts : list of ContingencyCut
        To which those that are found are added.
    most : float
        The largest penalty of unserved demand; inf without such a row, which enters once it would be exceeded.
    listing : Listing
    cost : (columns,) array, optional
        Of all columns; those of the program if not given.
    enough : float
        If the proven bound reaches it, cuts may be missing.

    Raises
    ------
    NoSolutionError
        If no answer was proven within the rounds.
    """
    for _ in range(task.parameters.most_rounds):
        check_time("cutting planes")
        extension = cut_extension(task.base, task.recourses, cuts, task.penalty, most)
        program = _program(task, extension)
        if cost is not None:
            program = replace(program, cost=cost)
        with phase(_log, f"the secure program with {len(cuts):,} cuts"):
            solution, certificate = listing.solve(program, extension.rows.names)
        if np.isinf(most) and leaves_more_unserved(task.placement, task.base, solution):
            most = task.placement.penalty_usd
            continue
        missing = [] if certificate.bound >= enough else _missing_at(task, program, solution)
        if not missing:
            return _Solved(Extended(extension, program, solution), certificate, tuple(cuts), most)
        cuts += missing
    raise NoSolutionError(Reason.ITERATION_LIMIT, f"{len(cuts):,} cuts in {task.parameters.most_rounds} rounds")


def _cheap(task: _Task) -> Listing:
    """Return the first list of columns: all but assignments with a high reduced cost at the duals without security."""
    placement, base = task.placement, task.base
    structure = placement.formulation.structure
    solution = whole_solution(structure, base, placement.answer)
    reduced = base.cost - base.matrix.T @ solution.duals
    part = base.col_blocks["x"]
    price = np.abs(placement.answer.prices.demand)[structure.assignments.demand]
    kept = np.ones(len(base.cost) + len(task.recourses) * task.groups, dtype=bool)
    kept[part] = (reduced[part] <= task.parameters.cheap * price) | (solution.point[part] > 0)
    own, parameters = AssignmentColumns(part, structure.assignments.demand), task.parameters
    return Listing(own, kept, task.solver, parameters.optimality, parameters.most_listings)


def _missing_at(task: _Task, program: LinearProgram, solution: LPSolution) -> list[ContingencyCut]:
    """Return the cuts that a solution violates."""
    flows = answer_of(task.placement.formulation.structure, program, solution).point
    allowed = solution.point[program.col_blocks[BLOCK]].reshape(len(task.recourses), task.groups)
    return _missing(task, flows, allowed)


def _missing(task: _Task, flows: Flows, allowed: FloatArray) -> list[ContingencyCut]:
    """Audit every contingency, and return the cuts of the hours whose stranded work exceeds ``v``."""
    found: list[ContingencyCut] = []
    with phase(_log, f"auditing {len(task.recourses)} contingencies"):
        for place, recourse in enumerate(in_time(task.recourses, "auditing contingencies")):
            if not recourse.displaced_mtok(flows) > 0:
                continue
            stranded, duals = least_stranded(recourse, flows)
            over = stranded_by_group(recourse, stranded) - allowed[place]
            if over.sum() > task.rounding:
                violated = np.flatnonzero(over > task.rounding / task.groups)
                found += cuts_at(recourse, place, duals, violated)
    need_new_cuts(task.placement.formulation.structure, flows, found, allowed, task.rounding / task.groups / 2)
    return found


def _program(task: _Task, extension: Extension) -> LinearProgram:
    """Return the program with some cuts."""
    extended = extend(task.base, extension)
    implied = extended.implied_upper.copy()
    most = [stranded_by_group(each, each.structure.demand_amount) for each in task.recourses]
    implied[extended.col_blocks[BLOCK]] = np.concatenate(most)
    return replace(extended, implied_upper=implied)


def _answer(task: _Task, found: _Solved) -> SecureAnswer:
    """Return the answer; the prices of a contingency are the sums of those of its cuts."""
    program, solution = found.extended.program, found.extended.solution
    rents = np.maximum(-solution.duals[program.row_blocks[BLOCK]], 0.0)
    contingents = []
    for place, recourse in enumerate(in_time(task.recourses, "adding up the prices of contingencies")):
        own = [number for number, cut in enumerate(found.cuts) if cut.place == place]
        duals = weighted_duals(recourse, [found.cuts[number] for number in own], rents[own])
        left = without_costs(recourse.structure)
        penalised = replace(left, unserved_cost=np.full(left.classes, task.penalty))
        contingents.append(Contingent(recourse, penalised, duals))
    return SecureAnswer(
        contingents=tuple(contingents),
        stranded=tuple(found.stranded.reshape(len(task.recourses), task.groups).sum(axis=1).tolist()),
        penalty=task.penalty,
        most_unserved_usd=found.most,
        unserved_rent=float(rents[-1]) if np.isfinite(found.most) else 0.0,
        extended=found.extended,
        answer=answer_of(task.placement.formulation.structure, program, solution),
        certificate=found.certificate,
    )
