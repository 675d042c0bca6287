"""The secure program, explicitly: the program of the placement, and a block of recourse for each contingency.

    minimise    cost of the placement + penalty of unserved demand + P sum_o sum_i v^o_i
    subject to  the program of the instance
                the rows of recourse of every contingency o (``placer.security.coupling``)
                sum_i unserved_k u_i <= its value without security, in every block     only if one would be exceeded

Recourse has no cost, since a contingency has no weight. P ranks stranded work before cost. The last rows rank unserved
demand before stranded work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import block_diag, csr_array, hstack, vstack

from placer.extended.extension import BLOCK, Extension, OwnColumns, OwnRows, extend
from placer.ladder.proven import BY_SIZE
from placer.model.answer import Answer, Duals, read_duals
from placer.model.blocks import block_count, demand_blocks
from placer.model.expansion import expand
from placer.model.program import LinearProgram
from placer.model.structure import Structure
from placer.running import in_time
from placer.security.coupling import RecourseStructure, coupling, without_costs
from placer.solvers.memory import MEASURED, check_memory
from placer.tolerances import SOLVER
from placer.utils.arrays import FloatArray, sums_by

#: Number of assignment columns from which cuts, or interior points, are faster than the explicit program.
LARGE_FROM = BY_SIZE.large_from
#: Name of the row that limits unserved demand, after the number of its block if there are several.
UNSERVED_ROW = "unserved demand"


@dataclass(frozen=True, eq=False)
class Unsecured:
    """A structure, its answer without security, and the penalties of stranded work to secure it with.

    Attributes
    ----------
    penalties : tuple of float
        To be tried in turn, ascending, USD per Mtok.
    """

    structure: Structure
    answer: Answer
    penalties: tuple[float, ...]

    @property
    def unserved_usd(self) -> FloatArray:
        """The penalty of the demand that the answer leaves unserved in each block (blocks,)."""
        return unserved_by_block(self.structure, self.answer.point.unserved)

    @property
    def most_unserved_usd(self) -> FloatArray:
        """The highest penalty of unserved demand that is that of the answer, to rounding (blocks,)."""
        return self.unserved_usd + SOLVER * unserved_by_block(self.structure, self.structure.demand_amount)


@dataclass(frozen=True, eq=False)
class RecourseBlock:
    """The recourse of one contingency within the secure program.

    Attributes
    ----------
    structure : Structure
        Of recourse, without costs, with the penalty on stranded work, and with all work that may be displaced as
        demand.
    program : LinearProgram
        Of that structure; its demand rows have sides of 0.
    rows, columns : slice
        Its positions among own rows and own columns.
    """

    recourse: RecourseStructure
    structure: Structure
    program: LinearProgram
    rows: slice
    columns: slice


@dataclass(frozen=True, eq=False)
class SecureProgram:
    """The secure program of some contingencies.

    Attributes
    ----------
    whole : Structure
        Of the instance.
    base : LinearProgram
        Of that structure.
    penalty : float
        ``P``, USD per Mtok.
    most_unserved_usd : (blocks,) array or None
        The largest penalty of unserved demand in each block; None without such rows.
    extension : Extension
        Own rows and own columns.
    """

    whole: Structure
    base: LinearProgram
    blocks: tuple[RecourseBlock, ...]
    penalty: float
    most_unserved_usd: FloatArray | None
    extension: Extension
    extended: LinearProgram

    def stranded(self, values: FloatArray) -> list[FloatArray]:
        """Return ``v^o`` of every contingency at a point."""
        own = values[self.extended.col_blocks[BLOCK]]
        return [own[block.columns][block.program.col_blocks["u"]] for block in self.blocks]

    def duals(self, row_duals: FloatArray) -> list[Duals]:
        """Return the duals of every contingency."""
        own = row_duals[self.extended.row_blocks[BLOCK]]
        return [read_duals(block.structure, block.program, own[block.rows]) for block in self.blocks]

    def unserved_rents(self, row_duals: FloatArray) -> FloatArray:
        """Return the rents of the rows that limit unserved demand, per USD of its penalty, >= 0 (blocks,)."""
        if self.most_unserved_usd is None:
            return np.zeros(block_count(self.whole))
        own = row_duals[self.extended.row_blocks[BLOCK]]
        return np.maximum(-own[len(own) - len(self.most_unserved_usd) :], 0.0)

    def stranding(self) -> LinearProgram:
        """Return the program whose cost is the stranded work alone."""
        cost = np.zeros(len(self.extended.cost))
        first = self.extended.col_blocks[BLOCK].start
        for block in self.blocks:
            part = block.program.col_blocks["u"]
            start = first + block.columns.start
            cost[start + part.start : start + part.stop] = 1.0
        return replace(self.extended, cost=cost)


def secure_program(
    whole: Structure,
    base: LinearProgram,
    recourses: Sequence[RecourseStructure],
    penalty: float,
    most_unserved_usd: FloatArray | None = None,
) -> SecureProgram:
    """Return the secure program of some contingencies.

    Parameters
    ----------
    whole : Structure
        Of the instance.
    base : LinearProgram
        Its whole program.
    recourses : sequence of RecourseStructure
        For all protected demand.
    penalty : float
        Of a stranded Mtok, USD.
    most_unserved_usd : (blocks,) array, optional
        The largest penalty of unserved demand in each block.
    """
    parts, row, column = [], 0, 0
    for recourse in in_time(recourses, "writing the programs of contingencies"):
        block = _block(recourse, penalty, row, column)
        parts.append(block)
        row, column = block.rows.stop, block.columns.stop
    extension = Extension(_columns(parts), _rows(whole, base, parts, most_unserved_usd))
    extended = extend(base, extension)
    implied = extended.implied_upper.copy()
    implied[extended.col_blocks[BLOCK]] = np.concatenate([_implied(block) for block in parts] or [np.zeros(0)])
    extended = replace(extended, implied_upper=implied)
    return SecureProgram(whole, base, tuple(parts), penalty, most_unserved_usd, extension, extended)


def _block(recourse: RecourseStructure, penalty: float, row: int, column: int) -> RecourseBlock:
    """Return the block of one contingency, from a position of own rows and own columns on."""
    free = without_costs(recourse.structure, penalty)
    program = expand(free)
    lower, upper = program.row_lower.copy(), program.row_upper.copy()
    lower[program.row_blocks["demand"]] = upper[program.row_blocks["demand"]] = 0.0
    rows, columns = program.matrix.shape
    program = replace(program, row_lower=lower, row_upper=upper)
    return RecourseBlock(recourse, free, program, slice(row, row + rows), slice(column, column + columns))


def _implied(block: RecourseBlock) -> FloatArray:
    """Return upper bounds that follow from the demand: waiting work and power may belong to work that stays."""
    program, left, whole = block.program, block.structure, block.recourse.whole
    implied, flows = program.implied_upper.copy(), left.queue_flows
    asked = np.zeros((left.classes, left.periods))
    amount = block.recourse.share[whole.demand_class] * whole.demand_amount
    np.add.at(asked, (whole.demand_class, whole.demand_period), amount)
    implied[program.col_blocks["f"]] = asked[left.served_class[flows.klass], flows.arrival]
    drawn = left.overhead * (left.over_modes(left.draw) * asked.sum(axis=1)[:, None]).sum(axis=0)[:, None]
    if left.stores is not None:
        drawn = drawn + left.stores.at_sites(left.stores.power, left.sites)
    taken = drawn[left.tier_site] / left.tier_yield[:, None]
    implied[program.col_blocks["y"]] = np.minimum(taken, left.tier_limit).ravel()
    return implied


def _columns(parts: Sequence[RecourseBlock]) -> OwnColumns:
    """Return the columns of recourse as own columns."""
    nothing = [np.zeros(0)]
    names = (f"{block.recourse.outage.name}: {name}" for block in parts for name in block.program.col_names)
    cost = np.concatenate([block.program.cost for block in parts] or nothing)
    return OwnColumns(
        names=tuple(names),
        cost=cost,
        lower=np.zeros(len(cost)),
        upper=np.concatenate([block.program.col_upper for block in parts] or nothing),
        integer=np.zeros(len(cost), dtype=bool),
    )


def _rows(
    whole: Structure, base: LinearProgram, parts: Sequence[RecourseBlock], most_unserved_usd: FloatArray | None
) -> OwnRows:
    """Return the rows of recourse as own rows, and the rows that limit unserved demand, if there are any."""
    chosen = whole.assignments
    assigned, columns = len(chosen.demand), base.matrix.shape[1]
    names = [f"{block.recourse.outage.name}: {name}" for block in parts for name in block.program.row_names]
    matrices = [csr_array((0, columns))]
    for block in in_time(parts, "coupling the programs of contingencies"):
        terms = coupling(block.recourse, chosen.demand, chosen.arc)
        matrices.append(hstack([terms, csr_array((terms.shape[0], columns - assigned))], format="csr"))
    own = [block.program.matrix for block in parts] or [csr_array((0, 0))]
    matrix = hstack([vstack(matrices, format="csr"), block_diag(own, format="csr")], format="csr")
    lower, upper = (
        np.concatenate([getattr(block.program, side) for block in parts] or [np.zeros(0)])
        for side in ("row_lower", "row_upper")
    )
    if most_unserved_usd is not None:
        part = base.col_blocks["u"]
        place = np.arange(part.start, part.stop)
        entries = (base.cost[place], (demand_blocks(whole), place))
        matrix = vstack([matrix, csr_array(entries, shape=(len(most_unserved_usd), matrix.shape[1]))], format="csr")
        names += unserved_rows(len(most_unserved_usd))
        lower = np.append(lower, np.full(len(most_unserved_usd), -np.inf))
        upper = np.append(upper, most_unserved_usd)
    return OwnRows(tuple(names), csr_array(matrix), lower, upper)


def unserved_rows(blocks: int) -> list[str]:
    """Return the names of the rows that limit unserved demand, one for each block."""
    return [UNSERVED_ROW] if blocks == 1 else [f"block {number}: {UNSERVED_ROW}" for number in range(blocks)]


def unserved_by_block(structure: Structure, unserved: FloatArray) -> FloatArray:
    """Return the penalty of unserved amounts (demands,) in each block, USD."""
    usd = unserved * structure.unserved_cost[structure.demand_class]
    return sums_by(demand_blocks(structure), usd, block_count(structure))


def explicit_columns(whole: Structure, recourses: Sequence[RecourseStructure]) -> int:
    """Return the number of columns that assign work in the explicit program."""
    return whole.assignment_count + sum(each.structure.assignment_count for each in recourses)


def check_explicit_size(whole: Structure, recourses: Sequence[RecourseStructure]) -> None:
    """Raise ``NoSolutionError`` for an explicit program that does not fit into free memory."""
    needed = MEASURED.bytes_per_column * explicit_columns(whole, recourses)
    check_memory(needed, f"the secure program of {len(recourses)} contingencies")
