"""Minimise a second objective over the placements of least cost, with a proof of its own.

Any proven duals determine the optimal face. With the surpluses and rents of ``placer.proof.near``,

    excess = sum surplus * column + sum rent * slack >= 0        the cost of a placement beyond the bound

A second objective ``w``, linear in the assignments and in the unserved demand, is minimised together with the excess,

    min  w + excess / t          t = tied * (mean cost per unit of demand) / (range of w)

so that a surplus of ``tied`` x the mean cost weighs as much as the whole range of ``w``. The known placement is a
point of that program for any duals, so the program is feasible. Its optimum costs at most ``tied`` x the cost
above the minimum. Surpluses up to ``NOISE`` x the mean cost are rounding and count as 0.

Only columns with a surplus up to ``reach * t`` enter; the others keep their values. The optimum is proven over all
columns: at the duals ``y`` of the program no placement has

    w + excess / t  <  B = sum_i amount_i min_j (w_ij - y A_j + surplus_ij / t) + the worth of y at the other limits

where the columns left out are priced too and lie above the minimum. Hence ``w >= B - e / t`` for every placement with
an excess of at most ``e``, the excess of the optimum. Where a column left out could matter, the program is widened.
``placer.least_cost.parameters`` has these figures.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from placer.least_cost.face import (
    Face,
    cost_unit_of,
    excess,
    face_at,
    flows_at,
    keeps_limits,
    preferences,
    solved,
    store_parts,
)
from placer.least_cost.parameters import DEFAULTS, FaceParameters
from placer.model.answer import Answer, Duals, Flows, read_duals
from placer.model.structure import Structure
from placer.proof.bound import BoundPrices, cheapest_arcs, service_prices
from placer.proof.near import Surpluses, surpluses
from placer.running import seconds_left
from placer.tolerances import PROOF
from placer.utils.arrays import NOISE, FloatArray
from placer.utils.threads import one_blas_thread


@dataclass(frozen=True, eq=False)
class Objective:
    """A second objective.

    Attributes
    ----------
    arc : (arcs,) array
        Value of one unit over each arc.
    unserved : float
        Value of one unit left unserved.
    preference : float
        Fixed weights of the columns, up to this share of the range, decide remaining ties. They are the same on every
        machine and no part of the value.
    """

    arc: FloatArray
    unserved: float = 0.0
    preference: float = 0.0

    @property
    def range(self) -> float:
        """The largest difference that one unit can make."""
        values = np.append(self.arc, self.unserved)
        return float(values.max() - values.min())

    def alone(self, structure: Structure) -> tuple[float, float]:
        """Return the least and the largest value if nothing were limited."""
        pairs = len(structure.arc_starts) - 1
        low, high = np.full(pairs, self.unserved), np.full(pairs, self.unserved)
        pair = structure.arc_pair
        np.minimum.at(low, pair, self.arc)
        np.maximum.at(high, pair, self.arc)
        asked = np.bincount(structure.demand_pair, structure.demand_amount, pairs)
        return float(low @ asked), float(high @ asked)

    def most_apart(self, structure: Structure) -> float:
        """Return the largest difference between two placements if nothing were limited."""
        low, high = self.alone(structure)
        return high - low

    def of(self, flows: Flows) -> float:
        """Return the value of the objective at some flows."""
        return float(self.arc[flows.arc] @ flows.amount) + self.unserved * float(flows.unserved.sum())


@dataclass(frozen=True, eq=False)
class Optimum:
    """The optimum of a second objective.

    Attributes
    ----------
    value, bound : float
        The second objective at the flows, and its lower bound over all placements of least cost.
    gap : float
        ``value - bound`` as a share of the largest possible difference without limits.
    largest_gap : float
        Largest gap of a proven optimum.
    detail : str
        Why there is no proof; empty if there is one.
    """

    flows: Flows
    value: float
    bound: float
    gap: float
    largest_gap: float
    detail: str = ""

    @property
    def proven(self) -> bool:
        """Whether the flows are optimal to within ``largest_gap``."""
        return not self.detail and abs(self.gap) <= self.largest_gap


def least_on_face(
    structure: Structure,
    answer: Answer,
    objective: Objective,
    time_limit_seconds: float = math.inf,
    parameters: FaceParameters = DEFAULTS,
) -> Optimum:
    """Return the placement of least cost that is best by a second objective, starting from a proven answer.

    Parameters
    ----------
    answer : Answer
        With flows and duals, proven.
    """
    started = time.perf_counter()
    with one_blas_thread():
        optimal = Optimal(structure, answer, parameters)
        return optimal.least(objective, time_limit_seconds - (time.perf_counter() - started))


class Optimal:
    """The placements of least cost of a structure, for one second objective after the other.

    Parameters
    ----------
    answer : Answer
        With flows and duals, proven.
    """

    def __init__(self, structure: Structure, answer: Answer, parameters: FaceParameters = DEFAULTS) -> None:
        self._structure, self._answer, self._parameters = structure, answer, parameters

    def least(self, objective: Objective, time_limit_seconds: float = math.inf) -> Optimum:
        """Return the placement of least cost that is best by a second objective."""
        until = time.perf_counter() + time_limit_seconds
        if objective.most_apart(self._structure) == 0:  # there is no demand, or none has a choice
            value = objective.of(self._answer.point)
            return Optimum(self._answer.point, value, value, 0.0, PROOF)
        flows = self._faces[0].flows
        found = Optimum(flows, objective.of(flows), -np.inf, np.inf, PROOF, "the time limit was reached")
        for number, reach in enumerate(self._parameters.reaches):
            left = until - time.perf_counter()
            if left <= 0:
                break
            if number == len(self._faces):
                self._faces.append(face_at(self._faces[0].known, flows, reach, self._parameters))
            found = _least(self._faces[number], objective, left)
            if not keeps_limits(self._faces[number], self._answer, found.flows):
                found = replace(found, detail="the flows break a limit")
            if found.proven:
                break
        return found

    @cached_property
    def _faces(self) -> list[Face]:
        """The faces of the reaches tried so far; the first at duals that leave as little of the cost unproven."""
        parameters = self._parameters
        known = surpluses(self._structure, self._answer.prices)
        first = face_at(known, self._answer.point, parameters.reaches[0], parameters)
        for within in parameters.polished_within:
            if _unproven(first) <= NOISE or seconds_left() <= 0:
                break
            first = _polished(first, within)
        return [first]


def _least(face: Face, objective: Objective, time_limit_seconds: float) -> Optimum:
    """Solve over a face and prove the optimum over all columns."""
    weight = np.zeros(len(face.surplus))
    part = face.program.col_blocks
    weight[part["x"]] = objective.arc[face.assigned.arc] / objective.range
    weight[part["u"]] = objective.unserved / objective.range
    size = objective.most_apart(face.structure)
    at_most = objective.of(face.flows)
    at_least = (_best_alone(face, weight) - excess(face, face.start)) * objective.range
    gap = at_most - at_least
    if gap <= NOISE * size:
        return Optimum(face.flows, at_most, at_least, gap / size, PROOF)
    preferred = objective.preference * preferences(face)
    cost = weight + np.where(np.isfinite(face.surplus), face.surplus, 0.0) + preferred
    values, duals, detail = solved(face, cost, time_limit_seconds)
    flows = flows_at(face, values)
    bound = (_bound(face, weight, objective, duals, preferred) - excess(face, values)) * objective.range
    value = objective.of(flows)
    return Optimum(flows, value, bound, (value - bound) / size, PROOF, detail)


def _best_alone(face: Face, weight: FloatArray) -> float:
    """Return a lower bound of the objective, in ranges: every demand at its best column, all limits ignored."""
    part = face.program.col_blocks
    total = weight + face.surplus
    best = total[part["u"]].copy()
    np.minimum.at(best, face.assigned.demand, total[part["x"]])
    return float(np.minimum(best, weight.min() + face.reach) @ face.structure.demand_amount)


def _bound(face: Face, weight: FloatArray, objective: Objective, duals: FloatArray, preferred: FloatArray) -> float:
    """Return ``B`` of the module's text, in ranges of the objective.

    The duals are those of a program that adds preferences to assignments and queue flows. So does ``B``, less the most
    that these can add: a preference is at most ``objective.preference``, and both are at most all demand together.
    """
    program, structure, part = face.program, face.structure, face.program.col_blocks
    limited = program.row_lower != program.row_upper
    y = np.where(limited, np.minimum(duals, face.rent), duals)
    y[program.row_blocks["demand"]] = 0.0
    finite = np.isfinite(program.row_upper)
    y, sides = np.where(finite, y, 0.0), np.where(finite, program.row_upper, 0.0)
    gain = program.matrix.T @ y
    reduced = weight - gain + face.surplus
    assigned, unserved, flows = (reduced[part[name]] + preferred[part[name]] for name in ("x", "u", "f"))
    least = unserved
    np.minimum.at(least, face.assigned.demand, assigned)
    elsewhere = _cheapest_anywhere(face, objective, y) + face.reach
    value = float(structure.demand_amount @ np.minimum(least, elsewhere)) + float(y @ sides)
    value += float(np.minimum(flows, 0.0) @ program.implied_upper[part["f"]])
    value -= objective.preference * structure.total_demand * (2 if len(flows) else 1)
    return value + sum(_worth_of_supply(face, part[name], reduced, gain) for name in ("y", *store_parts(face)))


def _worth_of_supply(face: Face, part: slice, every_reduced: FloatArray, every_gain: FloatArray) -> float:
    """Return the maximum worth of the tiers, or of columns of stores, less their worth at the duals of the cost."""
    program, reduced, gain = face.program, every_reduced[part], every_gain[part]
    own, limit, implied = face.surplus[part], program.col_upper[part], program.implied_upper[part]
    finite = np.where(np.isfinite(limit), limit, 0.0)
    at_limit = np.where(reduced < 0, -gain, -np.where(own < 0, own, 0.0)) * finite
    from_none = np.minimum(np.where(np.isfinite(own), reduced, 0.0), 0.0) * implied
    return float(np.where(own < 0, at_limit, from_none).sum())


def _cheapest_anywhere(face: Face, objective: Objective, y: FloatArray) -> FloatArray:
    """Return ``min_j (w_ij - y A_j)`` of every demand ``i`` over all its arcs, in ranges of the objective."""
    known = face.known
    structure = replace(face.structure, arc_cost=objective.arc / objective.range)
    duals = read_duals(structure, face.program, y)
    prices = _prices_at(known, duals)
    waits = (structure.window > 0)[:, None, None]
    closed = np.isinf(known.arriving)
    arriving = np.where(closed, np.inf, np.where(waits, duals.queue, prices.service))
    return cheapest_arcs(structure, prices, arriving)


def _prices_at(known: Surpluses, duals: Duals) -> BoundPrices:
    structure, shut = known.structure, known.structure.link_capacity == 0
    links = np.flatnonzero((shut | (duals.link != 0)).any(axis=1))
    free = np.zeros_like(structure.work_cost)
    service = service_prices(structure, free, duals.capacity, duals.balance + duals.intake, duals.cap)
    return replace(
        known.prices,
        cap=duals.cap,
        links=links,
        link=np.where(shut[links], np.inf, duals.link[links]),
        service=np.where(np.isinf(known.prices.service), np.inf, service),
    )


def _unproven(face: Face) -> float:
    """Return the share of the cost that the duals leave unproven."""
    return excess(face, face.start) * face.parameters.tied / face.structure.total_demand


def _polished(rough: Face, within: float) -> Face:
    """Return the face at new duals and flows that leave less of the cost unproven, or the face as it was.

    Both come from the least-cost program over the columns with a surplus up to ``within`` x the mean cost. The flows
    are new too, since no duals prove flows that a solver left slightly above the minimum cost.
    """
    known, flows, parameters = rough.known, rough.flows, rough.parameters
    wide = face_at(known, flows, max(within / parameters.tied, _dearest_used(rough)), parameters)
    values, y, _ = solved(wide, np.where(np.isfinite(wide.surplus), wide.surplus, 0.0), math.inf)
    change = read_duals(rough.structure, wide.program, y * cost_unit_of(rough.structure, flows, parameters))
    old = known.duals
    rents = {
        name: np.maximum(getattr(old, name) + getattr(change, name), 0.0)
        for name in ("capacity", "intake", "link", "cap", "power", "energy", "source")
    }
    free = {name: getattr(old, name) + getattr(change, name) for name in ("queue", "balance", "stored")}
    new = replace(old, **free, **rents)
    sharp = face_at(surpluses(rough.structure, new), flows_at(wide, values), rough.reach, parameters)
    return sharp if _unproven(sharp) < _unproven(rough) else rough


def _dearest_used(face: Face) -> float:
    """Return the largest surplus, in units, of the columns that leave more than ``carries * NOISE`` unproven."""
    parameters = face.parameters
    limit = parameters.carries * NOISE / parameters.tied * face.structure.total_demand
    surplus = np.where(np.isfinite(face.surplus), face.surplus, 0.0)
    return 1.001 * float(surplus.max(initial=0.0, where=surplus * face.start > limit))
