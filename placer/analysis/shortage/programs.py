"""The programs of ``placer.explain``: the lowest shortage, limits made elastic, and how they are solved.

    U    = min  sum u      over the rows of ``placer.model.structure``, with the limits of supplies as rows of their own

An elastic limit has a column by which its rows are raised. A program starts from the basis of the lowest shortage
solved last, by meaning: programs differ in a limit that is lifted, in some arcs, or in a column that raises a limit.
Assignments are known by demand, mode and way, all other columns and rows by their place in a block of the same size.
What is new starts outside the basis, as a column at 0 or a row with slack.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csc_array

from placer.analysis.shortage.elastic import ElasticLimit
from placer.errors import NoSolutionError
from placer.ladder.whole_program import solve_program
from placer.model.edits import restricted_to, with_columns, with_cost, with_rows
from placer.model.program import LinearProgram, LPSolution, Solver
from placer.model.structure import Structure
from placer.proof.certificate import Certificate
from placer.solvers.memory import whole_program
from placer.solvers.simplex import Basis
from placer.solvers.started import BASIC, LOWER, StartedHiGHS
from placer.termination import Reason
from placer.tolerances import SOLVER
from placer.utils.arrays import FloatArray, IntArray

if TYPE_CHECKING:
    from placer.placement.result import Placement

#: Shares of all demand: a shortage of at most ``SHORT`` counts as none, and amounts are raised by this share, so that
#: rounding leaves none. ``SOLVER`` is the slack of ``sum u <= left``, so that rounding does not make the row
#: infeasible, and what columns left out of a program may still gain. Duals and gains up to ``NOISE`` are rounding.
SHORT = 1e-8


def shortage_program(structure: Structure, tier_limits: FloatArray) -> LinearProgram:
    """Return the program of the lowest shortage.

    Parameters
    ----------
    structure : Structure
        Without limits of tiers.
    tier_limits : (tiers, periods) array
        They become rows, block "supply", where finite.
    """
    program = whole_program(structure)
    held = np.flatnonzero(np.isfinite(tier_limits.ravel()))
    columns = program.col_blocks["y"].start + held
    rows = csc_array((np.ones(len(held)), (np.arange(len(held)), columns)), shape=(len(held), len(program.cost)))
    limited = with_rows(program, "supply", rows, np.full(len(held), -math.inf), tier_limits.ravel()[held])
    return with_cost(limited, {"u": 1.0})


def with_elastic(program: LinearProgram, limits: Sequence[ElasticLimit], cost: FloatArray) -> LinearProgram:
    """Return the program with a column, block "raise", by which each limit is raised, at a cost per unit."""
    count = np.array([len(limit.rows) for limit in limits])
    rows = np.concatenate([limit.rows for limit in limits])
    entries = np.concatenate([np.broadcast_to(-limit.per_unit, len(limit.rows)) for limit in limits])
    place = rows, np.repeat(np.arange(len(limits)), count)
    matrix = csc_array((entries, place), shape=(program.matrix.shape[0], len(limits)))
    return with_columns(program, "raise", matrix, cost, np.array([limit.largest for limit in limits]))


def cheapest_raise(
    program: LinearProgram, limits: Sequence[ElasticLimit], cost: FloatArray, shortage: float
) -> LinearProgram:
    """Return the program of the cheapest raise of some limits that leaves no more than a shortage.

    Parameters
    ----------
    program : LinearProgram
        Of the lowest shortage.
    cost : (limits,) array
        Per unit of each.
    """
    elastic = with_elastic(program, limits, cost)
    unserved = np.append(program.cost, np.zeros(len(limits)))
    return with_shortage(replace(elastic, cost=elastic.cost - unserved), unserved, shortage)


def with_shortage(program: LinearProgram, unserved: FloatArray, shortage: float) -> LinearProgram:
    """Return the program with a row that leaves no more than a shortage.

    Parameters
    ----------
    unserved : (columns,) array
        1 where a column is unserved demand, otherwise 0.
    shortage : float
        In Mtok.
    """
    return with_rows(program, "shortage", unserved[None, :], np.array([-math.inf]), np.array([shortage]))


class Programs:
    """Solves programs of one instance and its changes, over part of their columns.

    A program is solved over the assignments that were of use in programs before. Its duals price all others; those that
    would lower the cost are added, until their remaining gain is rounding. A program that those assignments cannot
    satisfy is solved over all of them. Without a solver, HiGHS starts from the basis of the lowest shortage that was
    solved last.
    """

    def __init__(self, placement: Placement, solver: Solver | None) -> None:
        structure = placement.formulation.structure
        self._bases = Bases(len(structure.demand_amount), structure.modes.shape[1] * structure.ways)
        self._solver = solver
        self._demand = structure.total_demand
        self._useful = np.zeros((len(structure.demand_amount), structure.sites), dtype=bool)
        sent = placement.accounts.sent > 0
        self._useful[placement.accounts.demand[sent], structure.arc_site[placement.accounts.arc[sent]]] = True

    def solve(self, program: LinearProgram, structure: Structure) -> tuple[FloatArray, FloatArray]:
        """Return a proven point of the program and its row duals."""
        part = program.col_blocks["x"]
        kept = np.ones(len(program.cost), dtype=bool)
        every = structure.assignments
        site = structure.arc_site[every.arc]
        kept[part] = self._useful[every.demand, site]
        while True:
            shown = kept[part]
            axes = every.demand[shown], structure.arc_choice[every.arc[shown]]
            try:
                solution, certificate = self._solved(restricted_to(program, kept), *axes)
            except NoSolutionError as error:
                if error.reason is not Reason.INFEASIBLE or kept.all():
                    raise
                kept[:] = True
                continue
            reduced = np.where(kept, 0.0, program.cost - program.matrix.T @ solution.duals)
            missed = np.minimum(reduced, 0.0) * np.minimum(program.implied_upper, program.col_upper)
            if -missed.sum() <= SOLVER * max(self._demand, abs(certificate.objective)):
                break
            kept |= missed < 0
        values = np.zeros(len(kept))
        values[kept] = solution.point
        self._useful[every.demand[kept[part]], site[kept[part]]] = True
        return values, solution.duals

    def _solved(self, program: LinearProgram, demand: IntArray, choice: IntArray) -> tuple[LPSolution, Certificate]:
        """Solve a program over part of its columns, given demand and choice of its assignments.

        HiGHS starts from the last basis. A least raise has another objective than the lowest shortage: it starts from
        nothing.
        """
        if self._solver is not None:
            return solve_program(program, self._solver)
        is_raise = "shortage" in program.row_blocks
        solver = StartedHiGHS(None if is_raise else self._bases.start(program, demand, choice))
        found = solve_program(program, solver)
        if solver.end is not None and "raise" not in program.col_blocks:
            self._bases.keep(program, demand, choice, solver.end)
        return found


#: The block of assignments.
_ASSIGNED = "x"


class Bases:
    """The basis solved last.

    Parameters
    ----------
    demands, choices : int
        Ways of every mode (``placer.model.structure``).
    """

    def __init__(self, demands: int, choices: int) -> None:
        self._assigned = np.full((demands, choices), LOWER, dtype=np.int8)
        self._columns: dict[str, IntArray] = {}
        self._rows: dict[str, IntArray] = {}

    def keep(self, program: LinearProgram, demand: IntArray, choice: IntArray, basis: Basis) -> None:
        """Keep a basis of a program, given demand and choice of its assignments."""
        self._assigned[demand, choice] = basis.columns[program.col_blocks[_ASSIGNED]]
        self._columns = {name: basis.columns[part] for name, part in program.col_blocks.items() if name != _ASSIGNED}
        self._rows = {name: basis.rows[part] for name, part in program.row_blocks.items()}

    def start(self, program: LinearProgram, demand: IntArray, choice: IntArray) -> Basis | None:
        """Return the basis as one of another program; None if none was kept yet."""
        if not self._rows:
            return None
        columns, rows = (
            np.full(size, status, dtype=np.int8)
            for size, status in zip(program.matrix.shape[::-1], (LOWER, BASIC), strict=True)
        )
        for blocks, known, into in (
            (program.col_blocks, self._columns, columns),
            (program.row_blocks, self._rows, rows),
        ):
            for name, part in blocks.items():
                if name in known and len(known[name]) == part.stop - part.start:
                    into[part] = known[name]
        columns[program.col_blocks[_ASSIGNED]] = self._assigned[demand, choice]
        return Basis(columns, rows)
