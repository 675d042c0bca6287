"""The least of a second objective over the placements of least cost, with a proof of its own.

Which placements cost least follows from any proven duals: with the surpluses and rents of ``placer.near``

    excess = sum surplus * column + sum rent * slack >= 0        the cost of a placement beyond the bound

A second objective ``w``, linear in the assignments and in what is left unserved, is minimised together with it,

    least  w + excess / t          t = TIED * (mean cost per unit of demand) / (range of w)

so that a column whose surplus is ``TIED`` of the mean cost weighs as much as the whole range of ``w``. The known
placement is a point of that program, whatever its duals are worth, so there always is one; and its optimum costs no
more than ``TIED`` of the cost above the least. Surpluses up to ``SAME`` of the mean cost are rounding and count as 0.

Only columns with a surplus up to ``reach * t`` enter; the others stay as they are. The optimum is proven over all
columns: at the duals ``y`` of the program no placement has

    w + excess / t  <  B = sum_i amount_i min_j (w_ij - y A_j + surplus_ij / t) + what y is worth at the other limits

where the columns left out are priced too, and found to be above the least. Hence ``w >= B - e / t`` for every placement
whose excess is at most ``e``, that of the optimum. Where a column left out could matter, the program is widened.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array, csc_array, hstack
from scipy.sparse.csgraph import connected_components
from threadpoolctl import threadpool_limits

from placer.answer import Duals, Flows, read_duals
from placer.bound import Prices, cheapest_arcs
from placer.expansion import expand
from placer.loads import cost_of
from placer.near import Surpluses, surpluses
from placer.program import LinearProgram, Reason, blocks
from placer.solvers.highs import HiGHS
from placer.structure import Assignments, positions_of

if TYPE_CHECKING:
    from placer.answer import Answer
    from placer.structure import Structure

#: A column that costs this part of the mean cost per unit of demand more than its worth is not tied with the others.
TIED = 1e-10
#: Differences of cost up to this part of the mean cost are rounding.
SAME = 1e-12
#: How many ranges of the second objective a column left out may gain; tried in turn.
REACH = (1e3, 1e5)
#: Where duals leave more than this part of the cost unproven, they are made anew.
UNPROVEN = 1e-12
#: They are then those of the program of least cost over the columns whose surplus is up to this part of the mean cost.
POLISHED_WITHIN = 1e-5
#: The most that the gap of a second objective may be, as a part of what it could differ by if nothing were limited.
GAP = 1e-6
#: A gap up to this is none.
ROUNDING = 1e-12


@dataclass(frozen=True)
class Objective:
    """A second objective.

    Attributes
    ----------
    arc : (arcs,) array
        Per unit over each arc.
    unserved : float
        Per unit left unserved.
    """

    arc: np.ndarray
    unserved: float = 0.0

    @property
    def range(self) -> float:
        """The largest difference that one unit can make."""
        values = np.append(self.arc, self.unserved)
        return float(values.max() - values.min())

    def most_apart(self, structure: Structure) -> float:
        """Return by how much it could differ between two placements if nothing were limited."""
        pairs = len(structure.arc_starts) - 1
        low, high = np.full(pairs, self.unserved), np.full(pairs, self.unserved)
        pair = structure.arc_class * structure.origins + structure.arc_origin
        np.minimum.at(low, pair, self.arc)
        np.maximum.at(high, pair, self.arc)
        return float((high - low)[structure.demand_pair] @ structure.demand_amount)

    def of(self, flows: Flows) -> float:
        """Return its value at some flows."""
        return float(self.arc[flows.arc] @ flows.amount) + self.unserved * float(flows.unserved.sum())


@dataclass(frozen=True, eq=False)
class Optimum:
    """What was found.

    Attributes
    ----------
    flows : Flows
    value, bound : float
        The second objective at the flows; no placement of least cost has less than the bound.
    gap : float
        Their difference as a part of what it could differ by if nothing were limited.
    detail : str
        What stands in the way of a proof; empty if nothing does.
    """

    flows: Flows
    value: float
    bound: float
    gap: float
    detail: str = ""

    @property
    def proven(self) -> bool:
        """Whether the flows are the best there are, up to ``GAP``."""
        return not self.detail and self.gap <= GAP


@dataclass(frozen=True, eq=False)
class Face:
    """The placements of least cost: columns that are near, and what each is dearer than its worth.

    Attributes
    ----------
    known : Surpluses
        At proven duals.
    flows : Flows
        A placement of least cost.
    reach : float
        As in the module's text.
    assigned : Assignments
        Those near, and those of the flows.
    program : LinearProgram
        Over these.
    start : (columns,) array
        The flows as a point of it.
    surplus, rent : (columns,), (rows,) arrays
        Of the program, in units of ``TIED`` of the mean cost.
    """

    known: Surpluses
    flows: Flows
    reach: float
    assigned: Assignments
    program: LinearProgram
    start: np.ndarray
    surplus: np.ndarray
    rent: np.ndarray

    @property
    def structure(self) -> Structure:
        """What is placed."""
        return self.known.structure


def least_on_face(
    structure: Structure, answer: Answer, objective: Objective, time_limit_seconds: float = math.inf
) -> Optimum:
    """Return the placement of least cost that is best by a second objective, starting from a proven answer.

    Parameters
    ----------
    structure : Structure
    answer : Answer
        With flows and duals, proven.
    objective : Objective
    time_limit_seconds : float
    """
    started = time.perf_counter()
    with threadpool_limits(limits=1, user_api="blas"):
        optimal = Optimal(structure, answer)
        return optimal.least(objective, time_limit_seconds - (time.perf_counter() - started))


class Optimal:
    """The placements of least cost of a structure, for one second objective after the other.

    Parameters
    ----------
    structure : Structure
    answer : Answer
        With flows and duals, proven.
    """

    def __init__(self, structure: Structure, answer: Answer) -> None:
        self._flows = answer.point
        self._faces = [_face(surpluses(structure, answer.prices), self._flows, REACH[0])]
        if _unproven(self._faces[0]) > UNPROVEN:
            self._faces = [_polished(self._faces[0])]

    def least(self, objective: Objective, time_limit_seconds: float = math.inf) -> Optimum:
        """Return the placement of least cost that is best by a second objective."""
        until = time.perf_counter() + time_limit_seconds
        value = objective.of(self._flows)
        if objective.range == 0:
            return Optimum(self._flows, value, value, 0.0)
        found = Optimum(self._flows, value, -np.inf, np.inf, "the time limit was reached")
        for number, reach in enumerate(REACH):
            left = until - time.perf_counter()
            if left <= 0:
                break
            if number == len(self._faces):
                self._faces.append(_face(self._faces[0].known, self._flows, reach))
            found = _least(self._faces[number], objective, left)
            if found.proven:
                break
        return found


def _unit(structure: Structure, flows: Flows) -> float:
    """Return what is told apart as a difference of cost, per unit of demand."""
    asked = float(structure.demand_amount.sum())
    size = abs(cost_of(structure, flows)) / asked
    return TIED * (size or 1.0)


def _face(known: Surpluses, flows: Flows, reach: float) -> Face:
    structure = known.structure
    unit = _unit(structure, flows)
    near, _ = known.near(reach * unit)
    position = np.union1d(
        positions_of(structure, near.demand, near.arc), positions_of(structure, flows.demand, flows.arc)
    )
    demand = np.searchsorted(structure.assignment_starts, position, side="right") - 1
    arc = structure.arc_starts[structure.demand_pair[demand]] + position - structure.assignment_starts[demand]
    assigned = Assignments(demand, arc)
    program = expand(structure, assigned)
    start = np.zeros(len(demand))
    start[np.searchsorted(position, positions_of(structure, flows.demand, flows.arc))] = flows.amount
    surplus = np.concatenate(
        [
            known.of_assignments(assigned),
            known.of_unserved(),
            known.of_queue_flows(),
            known.of_tiers().ravel(),
        ]
    )
    return Face(
        known=known,
        flows=flows,
        reach=reach,
        assigned=assigned,
        program=program,
        start=np.concatenate([start, flows.unserved, flows.waiting, flows.taken.ravel()]),
        surplus=_told_apart(surplus / unit),
        rent=_told_apart(_rents(program, known) / unit),
    )


def _told_apart(values: np.ndarray) -> np.ndarray:
    return np.where(np.abs(values) <= SAME / TIED, 0.0, values)


def _rents(program: LinearProgram, known: Surpluses) -> np.ndarray:
    rents, rows = np.zeros(len(program.row_lower)), known.structure.rows
    for name in ("capacity", "intake", "link", "cap"):
        there = getattr(rows, name) >= 0
        rents[program.row_blocks[name]] = np.maximum(getattr(known.duals, name), 0.0)[there]
    return rents


@dataclass(frozen=True, eq=False)
class _Reduced:
    """The program over what can still change; ``columns`` and ``rows`` of the face's, then the slacks of ``soft``."""

    program: LinearProgram
    columns: np.ndarray
    rows: np.ndarray
    amount: float


def _reduced(face: Face, cost: np.ndarray) -> _Reduced | None:
    """Return the program of what can change, with costs by column of the face; None if nothing can."""
    program, matrix = face.program, face.program.matrix
    columns = _changeable(face)
    if not len(columns):
        return None
    inside = csc_array(matrix[:, columns])
    rows = np.unique(inside.indices)
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
    slack = csc_array((np.ones(len(soft)), (soft, np.arange(len(soft)))), shape=(len(rows), len(soft)))
    ends = np.concatenate([program.col_upper[columns], np.full(len(soft), np.inf)]) / amount
    lp = LinearProgram(
        cost=np.concatenate([cost[columns], face.rent[rows][soft]]),
        matrix=csc_array(hstack([inside, slack], format="csc")),
        row_lower=(lower - activity + moving) / amount,
        row_upper=(upper - activity + moving) / amount,
        col_lower=np.zeros(len(ends)),
        col_upper=ends,
        implied_upper=ends,
        row_blocks=blocks({"row": len(rows)}),
        col_blocks=blocks({"column": len(columns), "slack": len(soft)}),
    )
    return _Reduced(lp, columns, rows, amount)


def _changeable(face: Face) -> np.ndarray:
    """Return the columns that can change: near, with another of the same demand, or tied to such by rows they share."""
    structure, part = face.structure, face.program.col_blocks
    weight = np.ones(len(face.surplus))
    drawn = (structure.overhead * structure.draw.max(axis=0, initial=0.0)[:, None])[structure.tier_site]
    weight[part["y"]] = np.maximum(drawn, 1e-300).ravel()
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


def _least(face: Face, objective: Objective, time_limit_seconds: float) -> Optimum:
    """Solve over a face and prove it over everything."""
    weight = np.zeros(len(face.surplus))
    part = face.program.col_blocks
    weight[part["x"]] = objective.arc[face.assigned.arc] / objective.range
    weight[part["u"]] = objective.unserved / objective.range
    size = objective.most_apart(face.structure)
    at_most = objective.of(face.flows)
    at_least = (_best_alone(face, weight) - _excess(face, face.start)) * objective.range
    if at_most - at_least <= ROUNDING * size:
        return Optimum(face.flows, at_most, at_least, (at_most - at_least) / size if size else 0.0)
    cost = weight + np.where(np.isfinite(face.surplus), face.surplus, 0.0)
    values, duals, detail = _solved(face, cost, time_limit_seconds)
    flows = flows_at(face, values)
    bound = (_bound(face, weight, objective, duals) - _excess(face, values)) * objective.range
    value = objective.of(flows)
    return Optimum(flows, value, bound, (value - bound) / size, detail)


def _best_alone(face: Face, weight: np.ndarray) -> float:
    """Return what no placement of the face goes below, in ranges: every demand at its best, whatever the limits."""
    part = face.program.col_blocks
    total = weight + face.surplus
    best = total[part["u"]].copy()
    np.minimum.at(best, face.assigned.demand, total[part["x"]])
    return float(np.minimum(best, weight.min() + face.reach) @ face.structure.demand_amount)


def _solved(face: Face, cost: np.ndarray, time_limit_seconds: float) -> tuple[np.ndarray, np.ndarray, str]:
    """Return the values of the columns, the duals of the rows, and why there are none if so."""
    values, duals = face.start.copy(), np.zeros(len(face.program.row_lower))
    small = _reduced(face, cost)
    if small is None:
        return values, duals, ""
    solution = HiGHS(time_limit_seconds=time_limit_seconds).solve(small.program)
    if solution.termination.reason is not Reason.OPTIMAL:
        return values, duals, solution.termination.detail
    found = solution.point[: len(small.columns)]
    values[small.columns] = np.where(found > SAME, found, 0.0) * small.amount
    duals[small.rows] = solution.duals
    return values, duals, ""


def flows_at(face: Face, values: np.ndarray) -> Flows:
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
    )


def _excess(face: Face, values: np.ndarray) -> float:
    """Return what a point costs beyond the least, in units of the face."""
    program, surplus = face.program, face.surplus
    above = np.where(np.isfinite(surplus), np.maximum(surplus, 0.0), 0.0) @ np.maximum(values, 0.0)
    below = np.maximum(-surplus, 0.0) @ _left(values, program.col_upper)
    return float(above + below + face.rent @ _left(program.matrix @ values, program.row_upper))


def _left(load: np.ndarray, limit: np.ndarray) -> np.ndarray:
    """Return what is left of limits, where that is more than rounding; 0 of those that are not there."""
    left = np.where(np.isfinite(limit), limit - load, 0.0)
    return np.where(left > SAME * np.abs(load), left, 0.0)


def _bound(face: Face, weight: np.ndarray, objective: Objective, duals: np.ndarray) -> float:
    """Return ``B`` of the module's text, in ranges of the objective."""
    program, structure, part = face.program, face.structure, face.program.col_blocks
    limited = program.row_lower != program.row_upper
    y = np.where(limited, np.minimum(duals, face.rent), duals)
    y[program.row_blocks["demand"]] = 0.0
    y = np.where(np.isfinite(program.row_upper), y, 0.0)
    gain = program.matrix.T @ y
    reduced = weight - gain + face.surplus
    least = reduced[part["u"]].copy()
    np.minimum.at(least, face.assigned.demand, reduced[part["x"]])
    elsewhere = _cheapest_anywhere(face, objective, y) + face.reach
    value = float(structure.demand_amount @ np.minimum(least, elsewhere)) + float(y @ _sides(program))
    flows = reduced[part["f"]]
    value += float(np.minimum(flows, 0.0) @ program.implied_upper[part["f"]])
    return value + _worth_of_tiers(face, reduced[part["y"]], gain[part["y"]])


def _sides(program: LinearProgram) -> np.ndarray:
    return np.where(np.isfinite(program.row_upper), program.row_upper, 0.0)


def _worth_of_tiers(face: Face, reduced: np.ndarray, gain: np.ndarray) -> float:
    """Return what tiers are worth at most, less what they are at the duals of the cost."""
    program, part = face.program, face.program.col_blocks["y"]
    own, limit, implied = face.surplus[part], program.col_upper[part], program.implied_upper[part]
    finite = np.where(np.isfinite(limit), limit, 0.0)
    at_limit = np.where(reduced < 0, -gain, -np.where(own < 0, own, 0.0)) * finite
    from_none = np.minimum(np.where(np.isfinite(own), reduced, 0.0), 0.0) * implied
    return float(np.where(own < 0, at_limit, from_none).sum())


def _cheapest_anywhere(face: Face, objective: Objective, y: np.ndarray) -> np.ndarray:
    """Return the least of ``w - y A`` of every demand over all its arcs, in ranges of the objective."""
    known = face.known
    structure = replace(face.structure, arc_cost=objective.arc / objective.range)
    duals = read_duals(structure, face.program, y)
    prices = _prices_at(known, duals)
    waits = (structure.window > 0)[:, None, None]
    closed = np.isinf(known.arriving)
    arriving = np.where(closed, np.inf, np.where(waits, duals.queue, prices.service))
    return cheapest_arcs(structure, prices, arriving)


def _prices_at(known: Surpluses, duals: Duals) -> Prices:
    structure, shut = known.structure, known.structure.link_capacity == 0
    links = np.flatnonzero(shut | (duals.link != 0).any(axis=1))
    work = np.einsum("c,ckj->kj", duals.cap, structure.cap_work)
    drawn = structure.draw[:, :, None] * structure.overhead
    service = work[:, :, None] + structure.use[:, :, None] * duals.capacity + drawn * (duals.balance + duals.intake)
    return replace(
        known.prices,
        links=links,
        link=np.where(shut[links, None], np.inf, duals.link[links]),
        service=np.where(np.isinf(known.prices.service), np.inf, service),
    )


def _unproven(face: Face) -> float:
    """Return the part of the cost that the duals leave unproven."""
    return _excess(face, face.start) * TIED / float(face.structure.demand_amount.sum())


def _polished(rough: Face) -> Face:
    """Return the face at duals that prove its flows to rounding, where those there are do not and such are found.

    They are those of the program of least cost over a wider face.
    """
    known, flows = rough.known, rough.flows
    wide = _face(known, flows, POLISHED_WITHIN / TIED)
    _, y, _ = _solved(wide, np.where(np.isfinite(wide.surplus), wide.surplus, 0.0), math.inf)
    change = read_duals(rough.structure, wide.program, y * _unit(rough.structure, flows))
    old = known.duals
    rents = {
        name: np.maximum(getattr(old, name) + getattr(change, name), 0.0)
        for name in ("capacity", "intake", "link", "cap")
    }
    new = replace(old, queue=old.queue + change.queue, balance=old.balance + change.balance, **rents)
    sharp = _face(surpluses(rough.structure, new), flows, rough.reach)
    return sharp if _unproven(sharp) < _unproven(rough) else rough
