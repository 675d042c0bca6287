"""The optimal face as a program: columns of near-zero reduced cost, and the columns that can still change.

``placer.least_cost.second_objective`` minimises second objectives over it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_array, csc_array
from scipy.sparse.csgraph import connected_components

from placer.least_cost.parameters import DEFAULTS, FaceParameters
from placer.model.answer import STORE_COLUMNS, Answer, Flows
from placer.model.edits import with_slacks
from placer.model.expansion import expand
from placer.model.loads import cost_of
from placer.model.positions import Assignments
from placer.model.program import LinearProgram, blocks
from placer.model.structure import Structure, assignment_positions
from placer.proof.answer_certificate import cost_interval
from placer.proof.magnitudes import magnitudes
from placer.proof.near import Surpluses
from placer.solvers.highs import HiGHS
from placer.termination import Reason
from placer.utils.arrays import NOISE, FloatArray, IntArray, union

#: 2^64 over the golden ratio: multiples of it, modulo 2^64, lie evenly (Knuth, The Art of Computer Programming, 6.4).
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
#: Preferences make the optimum unique already; with its own perturbation HiGHS takes twice the time on large faces.
_OPTIONS = {"dual_simplex_cost_perturbation_multiplier": 0.0}


@dataclass(frozen=True, eq=False)
class Face:
    """The optimal face: its columns and the surplus (reduced cost) of each.

    Attributes
    ----------
    known : Surpluses
        Surpluses at proven duals.
    flows : Flows
        A placement of least cost.
    reach : float
        Largest surplus of the columns that enter; see ``placer.least_cost.second_objective``.
    assigned : Assignments
        Assignments with a surplus up to ``reach``, and those of the flows.
    program : LinearProgram
        The program over these assignments.
    start : (columns,) array
        The flows as a point of the program.
    surplus, rent : (columns,), (rows,) arrays
        Of the columns and rows of the program, in units (``cost_unit_of``).
    """

    known: Surpluses
    flows: Flows
    reach: float
    assigned: Assignments
    program: LinearProgram
    start: FloatArray
    surplus: FloatArray
    rent: FloatArray
    parameters: FaceParameters = DEFAULTS

    @property
    def structure(self) -> Structure:
        """The structure that is placed."""
        return self.known.structure


def cost_unit_of(structure: Structure, flows: Flows, parameters: FaceParameters = DEFAULTS) -> float:
    """Return the unit of cost differences: ``parameters.tied`` x the mean cost per unit of demand.

    If the placement costs nothing, the typical cost of serving a unit stands in its place.
    """
    size = abs(cost_of(structure, flows)) / structure.total_demand
    return parameters.tied * (size or float(np.median(magnitudes(structure).price)))


def face_at(known: Surpluses, flows: Flows, reach: float, parameters: FaceParameters = DEFAULTS) -> Face:
    """Return the face over the columns with a surplus of at most ``reach`` units and those of the flows."""
    structure = known.structure
    unit = cost_unit_of(structure, flows, parameters)
    rounding = NOISE / parameters.tied
    near, _ = known.near(reach * unit)
    position = union(
        assignment_positions(structure, near.demand, near.arc), assignment_positions(structure, flows.demand, flows.arc)
    )
    demand = np.searchsorted(structure.assignment_starts, position, side="right") - 1
    arc = structure.arc_starts[structure.demand_pair[demand]] + position - structure.assignment_starts[demand]
    assigned = Assignments(demand, arc)
    program = expand(structure, assigned)
    start = np.zeros(len(demand))
    start[np.searchsorted(position, assignment_positions(structure, flows.demand, flows.arc))] = flows.amount
    stored = [getattr(flows, name).ravel() for name in STORE_COLUMNS]
    surplus = np.concatenate(
        [
            known.of_assignments(assigned),
            known.of_unserved(),
            known.of_queue_flows(),
            known.of_tiers().ravel(),
            known.of_stores(),
        ]
    )
    return Face(
        known=known,
        flows=flows,
        reach=reach,
        assigned=assigned,
        program=program,
        start=np.concatenate([start, flows.unserved, flows.waiting, flows.taken.ravel(), *stored]),
        surplus=_without_rounding(surplus / unit, rounding),
        rent=_without_rounding(_rents(program, known) / unit, rounding),
        parameters=parameters,
    )


def _without_rounding(values: FloatArray, rounding: float) -> FloatArray:
    return np.where(np.abs(values) <= rounding, 0.0, values)


def _rents(program: LinearProgram, known: Surpluses) -> FloatArray:
    rents, rows = np.zeros(len(program.row_lower)), known.structure.rows
    for name in ("capacity", "intake", "link", "cap"):
        there = getattr(rows, name) >= 0
        rents[program.row_blocks[name]] = np.maximum(getattr(known.duals, name), 0.0)[there]
    if (stores := known.structure.stores) is not None:
        rents[program.row_blocks["power"]] = known.power_rents[stores.leads].ravel()
        rents[program.row_blocks["source"]] = np.maximum(known.duals.source, 0.0).ravel()
        if rows.energy is not None:
            rents[program.row_blocks["energy"]] = np.maximum(known.duals.energy, 0.0)[rows.energy >= 0]
    return rents


@dataclass(frozen=True, eq=False)
class _Reduced:
    """The program over the columns that can change: ``columns``, ``rows`` of the face, then the slacks of ``soft``."""

    program: LinearProgram
    columns: IntArray
    rows: IntArray
    amount: float


def _reduced(face: Face, cost: FloatArray) -> _Reduced | None:
    """Return the program over the columns that can change, given costs by column of the face; None if no column can."""
    program, matrix = face.program, face.program.matrix
    columns = _changeable(face)
    if not len(columns):
        return None
    inside = csc_array(matrix[:, columns])
    rows = np.flatnonzero(np.bincount(inside.indices, minlength=matrix.shape[0]))
    inside = csc_array(inside[rows])
    size = np.asarray(abs(inside).max(axis=1).todense()).ravel()
    weight = face.rent[rows] * size
    activity = (matrix @ face.start)[rows]
    held = (weight > face.reach) | (program.row_lower[rows] == program.row_upper[rows])
    lower = np.where(held, activity, np.minimum(program.row_lower[rows], activity))
    upper = np.where(held, activity, np.maximum(program.row_upper[rows], activity))
    soft = np.flatnonzero((weight > 0) & ~held)
    lower[soft] = upper[soft]
    moving = inside @ face.start[columns]
    amount = float(np.median(face.structure.demand_amount[face.structure.demand_amount > 0]))
    ends = program.col_upper[columns] / amount
    hard = LinearProgram(
        cost=cost[columns],
        matrix=inside,
        row_lower=(lower - activity + moving) / amount,
        row_upper=(upper - activity + moving) / amount,
        col_lower=np.zeros(len(ends)),
        col_upper=ends,
        implied_upper=ends,
        row_blocks=blocks({"row": len(rows)}),
        col_blocks=blocks({"column": len(columns)}),
    )
    lp = with_slacks(hard, "slack", soft, 1.0, face.rent[rows][soft], np.full(len(soft), np.inf))
    return _Reduced(lp, columns, rows, amount)


def _changeable(face: Face) -> IntArray:
    """Return the columns that can change: tied with another of their demand, or linked to such a column by rows."""
    structure, part = face.structure, face.program.col_blocks
    weight = np.ones(len(face.surplus))
    drawn = (structure.overhead * structure.draw.max(axis=0, initial=0.0)[:, None])[structure.tier_site]
    weight[part["y"]] = np.maximum(drawn, 1e-300).ravel()
    for name in store_parts(face):
        weight[part[name]] = max(float(drawn.max(initial=0.0)), 1e-300)
    free = np.abs(face.surplus) * weight <= face.reach
    demand = np.concatenate([face.assigned.demand, np.arange(len(structure.demand_amount))])
    ways = np.bincount(demand[free[: len(demand)]], minlength=len(structure.demand_amount))
    free[: len(demand)] &= (ways > 1)[demand]
    columns = np.flatnonzero(free)
    inside = face.program.matrix[:, columns].tocoo()
    count = len(columns)
    graph = coo_array(
        (np.ones(inside.nnz), (inside.col, count + inside.row)), shape=(count + inside.shape[0],) * 2
    ).tocsr()
    _, group = connected_components(graph, directed=False)
    chosen = np.zeros(group.max(initial=0) + 1, dtype=bool)
    chosen[group[:count][columns < len(demand)]] = True
    return columns[chosen[group[:count]]]


def solved(face: Face, cost: FloatArray, time_limit_seconds: float) -> tuple[FloatArray, FloatArray, str]:
    """Return the values of the columns, the duals of the rows, and the solver's reason if it found no optimum."""
    values, duals = face.start.copy(), np.zeros(len(face.program.row_lower))
    small = _reduced(face, cost)
    if small is None:
        return values, duals, ""
    solution = HiGHS(time_limit_seconds=time_limit_seconds, options=_OPTIONS).solve(small.program)
    if solution.termination.reason is not Reason.OPTIMAL:
        return values, duals, solution.termination.detail
    found = solution.point[: len(small.columns)]
    values[small.columns] = np.where(found > NOISE, found, 0.0) * small.amount
    duals[small.rows] = solution.duals
    return values, duals, ""


def flows_at(face: Face, values: FloatArray) -> Flows:
    """Return the values of the columns as flows."""
    part = face.program.col_blocks
    assigned = values[part["x"]]
    used = np.flatnonzero(assigned)
    return Flows(
        demand=face.assigned.demand[used],
        arc=face.assigned.arc[used],
        amount=assigned[used],
        unserved=values[part["u"]],
        waiting=values[part["f"]],
        taken=values[part["y"]].reshape(face.structure.tier_cost.shape),
        **{
            name: values[part[block]].reshape(getattr(face.flows, name).shape)
            for name, block in STORE_COLUMNS.items()
            if block in part
        },
    )


def store_parts(face: Face) -> list[str]:
    """Return the names of the blocks of columns of stores."""
    return [block for block in STORE_COLUMNS.values() if block in face.program.col_blocks]


def keeps_limits(face: Face, answer: Answer, flows: Flows) -> bool:
    """Whether flows keep all limits, which HiGHS alone says of those of a face; an answer's own flows are proven."""
    return flows is answer.flows or cost_interval(face.structure, replace(answer, flows=flows)) is not None


def preferences(face: Face) -> FloatArray:
    """Return an evenly spread weight in [0, 1) for every column: a hash of its position, the same on every machine.

    The only tier of a site takes what the site draws, and has the weight 0.
    """
    part, structure = face.program.col_blocks, face.structure
    number = np.arange(len(face.surplus), dtype=np.uint64)
    number[part["x"]] = assignment_positions(structure, face.assigned.demand, face.assigned.arc)
    for first, name in enumerate(("u", "f", "y", *store_parts(face)), 1):
        number[part[name]] -= np.uint64(part[name].start)
        number[part[name]] += np.uint64(first << 48)
    mixed = (number + np.uint64(1)) * _GOLDEN
    mixed = (mixed ^ (mixed >> np.uint64(31))) * _GOLDEN
    weight = (mixed >> np.uint64(11)) / 2.0**53
    alone = (np.bincount(structure.tier_site, minlength=structure.sites) == 1)[structure.tier_site]
    weight[part["y"]].reshape(structure.tier_cost.shape)[alone] = 0.0
    return weight


def excess(face: Face, values: FloatArray) -> float:
    """Return the cost of a point beyond the bound, in units of the face."""
    program, surplus = face.program, face.surplus
    above = np.where(np.isfinite(surplus), np.maximum(surplus, 0.0), 0.0) @ _used(values, program.implied_upper)
    below = np.maximum(-surplus, 0.0) @ _left(values, program.col_upper)
    return float(above + below + face.rent @ _left(program.matrix @ values, program.row_upper))


def _used(values: FloatArray, most: FloatArray) -> FloatArray:
    """Return the values of columns; 0 where a value is rounding beside the most that the column can take."""
    return np.where(values > NOISE * np.where(np.isfinite(most), most, 0.0), np.maximum(values, 0.0), 0.0)


def _left(load: FloatArray, limit: FloatArray) -> FloatArray:
    """Return the slack of every limit; 0 where the slack is rounding or the limit is infinite."""
    left = np.where(np.isfinite(limit), limit - load, 0.0)
    return np.where(left > NOISE * np.abs(load), left, 0.0)
