"""The extensive form: all states of a small planning problem as one linear program.

    minimise  c z + sum_o w_o cost_o x_o
    state o   row_lower <= A_o x_o - N_o z <= row_upper,      bounds of x_o as in the state        N_o: added limits
    sides     y_st - M z <= tier_limit_st                     where builds raise it, and contents of stores alike
    limits    A z <= L,   0 <= z <= most

HiGHS solves it. Its duals of each state, divided by ``w_o``, make one price vector for the state. The certificate
(``placer.planning.search.certificate``) checks these with the multipliers ``w_o`` and the duals of the build limits as
rents, as it checks the prices of a search. If they do not pass, the search goes on from them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import block_array, csc_array, csr_array, vstack

from placer.decomposition.bound import Bound, Multiplied, prove_bound
from placer.decomposition.cuts import PriceVector
from placer.decomposition.limits import laid_limits
from placer.decomposition.member import Member
from placer.ladder.proven import BY_SIZE
from placer.ladder.whole_program import solve_program
from placer.model.answer import read_duals
from placer.model.expansion import expand, implied_upper
from placer.model.program import LinearProgram, blocks
from placer.planning.question.plan_program import PlanProgram
from placer.running import in_time
from placer.solvers.highs import HiGHS
from placer.utils.arrays import FloatArray

#: Most columns, over all states, for which the extensive form is solved (for one placement: ``BY_SIZE.large_from``).
SMALL = BY_SIZE.large_from
#: Rows of the expansion with an upper side that builds raise, by limit.
_ROWS = {
    "capacity": "capacity",
    "intake": "intake",
    "link_capacity": "link",
    "cap_limit": "cap",
    "power": "power",
    "energy": "energy",
}
#: Columns of the expansion with an upper side that builds raise, by limit.
_COLUMNS = {"tier_limit": "y", "energy": "e"}


@dataclass(frozen=True, eq=False)
class ExtensivePlan:
    """An optimum of the extensive form.

    Attributes
    ----------
    units, costs : (candidates,), (states,) arrays
        The plan, and the cost of each state's horizon in the point of the program.
    vectors : list of PriceVector
        One for each state.
    bound : Bound
        That these prove.
    """

    units: FloatArray
    costs: FloatArray
    vectors: list[PriceVector]
    bound: Bound


def is_small(problem: PlanProgram) -> bool:
    """Whether the extensive form is faster and has the same optimum: the cost is a mean, and no units are whole."""
    if problem.risk.weight > 0 or problem.is_whole or not (problem.weights > 0).all():
        return False
    return sum(state.structure.assignment_count for state in problem.states) <= SMALL


def solve_extensive(problem: PlanProgram) -> ExtensivePlan:
    """Return the optimum of the extensive form.

    Parameters
    ----------
    problem : PlanProgram
        Without risk, whole numbers and states of weight 0, whose build limits can be kept.

    Raises
    ------
    NoSolutionError
        If no answer is proven within the time limit.
    """
    program, states = extensive_program(problem)
    solution, _ = solve_program(program, HiGHS())
    values, duals = solution.point, solution.duals
    vectors, costs = [], []
    for place, (state, alone, weight) in enumerate(zip(problem.states, states, problem.weights.tolist(), strict=True)):
        rows, columns = program.row_blocks[f"state_{place}"], program.col_blocks[f"state_{place}"]
        costs.append(float(alone.cost @ values[columns]))
        vectors.append(PriceVector.of(read_duals(state.structure, alone, duals[rows] / weight)))
    everything = np.arange(len(states))
    rents = np.maximum(-duals[program.row_blocks["limits"]], 0.0)
    multiplied = Multiplied(everything, everything, problem.weights, rents, np.zeros(len(states)))
    units = np.clip(values[program.col_blocks["z"]], 0.0, problem.most)
    return ExtensivePlan(units, np.array(costs), vectors, prove_bound(problem, vectors, multiplied))


def extensive_program(problem: PlanProgram) -> tuple[LinearProgram, list[LinearProgram]]:
    """Return the extensive form of a problem without risk, and the program of each state within it.

    Blocks of rows and columns are ``state_0``, ``state_1`` and so on; rows ``sides_0``, ... of columns whose upper
    sides builds raise, and ``limits``; columns ``z``, the units.
    """
    parts = [_part(state, problem.most) for state in in_time(problem.states, "the program of all states")]
    return _program(problem, parts), [part.program for part in parts]


@dataclass(frozen=True, eq=False)
class _Part:
    """A state as a block of the program.

    Attributes
    ----------
    program : LinearProgram
        Of the state, with upper sides of columns that builds raise taken off.
    raised : (rows, candidates) sparse array
        The amount that a unit adds to the upper side of each row.
    sides : (raised columns, columns) sparse array
        Picks the columns whose upper sides builds raise.
    sides_raised : (raised columns, candidates) sparse array
    sides_limit : (raised columns,) array
    """

    program: LinearProgram
    raised: csr_array
    sides: csr_array
    sides_raised: csr_array
    sides_limit: FloatArray


def _part(state: Member, most: FloatArray) -> _Part:
    structure, program = state.structure, expand(state.structure)
    laid = laid_limits(structure)
    starts = np.cumsum([0, *(each.size for each in laid.values())])
    of = {name: state.added[starts[place] : starts[place + 1]] for place, name in enumerate(laid)}
    parts = []
    for name, block in program.row_blocks.items():
        limit = next((limit for limit, rows in _ROWS.items() if rows == name), None)
        if limit is None:
            parts.append(csr_array((block.stop - block.start, state.added.shape[1])))
        else:
            parts.append(csr_array(of[limit][np.flatnonzero(getattr(structure.rows, name).ravel() >= 0)]))
    raised = {
        name: np.flatnonzero(np.diff(csr_array(of[name]).indptr))
        for name, block in _COLUMNS.items()
        if block in program.col_blocks
    }
    column = np.concatenate([program.col_blocks[_COLUMNS[name]].start + rows for name, rows in raised.items()])
    upper = program.col_upper.copy()
    upper[column] = np.inf
    implied = implied_upper(state.at(most), structure.assignments.demand)
    count = len(column)
    return _Part(
        program=replace(program, col_upper=upper, implied_upper=implied),
        raised=csr_array(block_array([[part] for part in parts])),
        sides=csr_array((np.ones(count), (np.arange(count), column)), shape=(count, len(upper))),
        sides_raised=csr_array(vstack([of[name][rows] for name, rows in raised.items()])),
        sides_limit=np.concatenate([laid[name].ravel()[rows] for name, rows in raised.items()]),
    )


def _program(problem: PlanProgram, parts: list[_Part]) -> LinearProgram:
    """Lay the states end to end, bordered by the units."""
    count = len(parts)
    matrix = [
        *([-part.raised, *_at(part.program.matrix, place, count)] for place, part in enumerate(parts)),
        *([-part.sides_raised, *_at(part.sides, place, count)] for place, part in enumerate(parts)),
        [csr_array(problem.takes), *[None] * count],
    ]
    rows = {f"state_{place}": len(part.program.row_lower) for place, part in enumerate(parts)}
    rows |= {f"sides_{place}": len(part.sides_limit) for place, part in enumerate(parts)}
    columns = {"z": len(problem.cost)} | {f"state_{place}": len(each.program.cost) for place, each in enumerate(parts)}
    programs = [part.program for part in parts]
    nothing = np.zeros(len(problem.cost))
    costs = [weight * each.cost for weight, each in zip(problem.weights, programs, strict=True)]
    row_lower = [each.row_lower for each in programs] + [np.full(len(part.sides_limit), -np.inf) for part in parts]
    row_upper = [each.row_upper for each in programs] + [part.sides_limit for part in parts]
    filled = [row for row in matrix if any(block is not None and block.shape[0] for block in row)]
    return LinearProgram(
        cost=np.concatenate([problem.cost, *costs]),
        matrix=csc_array(block_array(filled)),
        row_lower=np.concatenate([*row_lower, np.full(len(problem.amount), -np.inf)]),
        row_upper=np.concatenate([*row_upper, problem.amount]),
        col_lower=np.concatenate([nothing, *(each.col_lower for each in programs)]),
        col_upper=np.concatenate([problem.most, *(each.col_upper for each in programs)]),
        implied_upper=np.concatenate([problem.most, *(each.implied_upper for each in programs)]),
        row_blocks=blocks(rows | {"limits": len(problem.amount)}),
        col_blocks=blocks(columns),
    )


def _at(matrix: csr_array | csc_array, place: int, count: int) -> list[csr_array | csc_array | None]:
    """Return a row of blocks with a matrix at one place."""
    row: list[csr_array | csc_array | None] = [None] * count
    row[place] = matrix
    return row
