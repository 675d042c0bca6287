"""The rows of a journal of states: as they are written, read, and proven again from the data.

The prices of a row bound the cost of its state whatever they are. Its cost counts only if its flows are feasible and
cost it, and its prices bound it from below within the gap of proven placements. Flows are written in a short form:
positions as steps from one to the next, amounts as shares of their demand, most of which are 1.
"""

from __future__ import annotations

import base64
import math
import zlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from placer.column_generation.dual.path_problem import path_problem_of
from placer.column_generation.early_point import EarlyPoint
from placer.column_generation.solver import WIDEST_GAP
from placer.decomposition.cuts import PriceVector, duals_at
from placer.decomposition.member import Member
from placer.decomposition.oracle import Evaluated
from placer.errors import StoreError
from placer.instance.attributes.columns import Column
from placer.instance.attributes.validation import number_problem
from placer.model.answer import STORE_COLUMNS, Answer, Flows
from placer.model.stores import NO_STORES
from placer.model.structure import Structure
from placer.planning.question.plan_program import PlanProgram
from placer.proof.answer_certificate import cost_interval
from placer.termination import Reason, Termination
from placer.utils.arrays import FloatArray

#: Status of the rows of solved states, and of the rows of states that were priced inexactly.
SOLVED, PRICED = "solved", "priced"
_COST = Column("cost_usd", scaled=False)
#: Numbers of rows are smaller: a larger one would leave none for further rows.
_MOST_ROWS = 2**62


class UnreadableError(Exception):
    """A cell without the numbers that it should hold."""


def solved_row(units: FloatArray, each: Evaluated, structure: Structure) -> dict[str, Any]:
    """Return the row of a state that was solved at some units; without flows it proves nothing.

    Parameters
    ----------
    units : (candidates,) array
    structure : Structure
        Of the state, at any units.
    """
    row = _row(SOLVED, units, each)
    return row if each.flows is None else row | {"flows": _flows_as_text(each.flows, structure.demand_amount)}


def priced_row(units: FloatArray, each: Evaluated, point: EarlyPoint) -> dict[str, Any]:
    """Return the row of a state that was priced at some units, with its early point."""
    shape = _shape_text(point.prices[0].shape)
    return _row(PRICED, units, each) | {"shape": shape, "point": as_text(np.stack(point.prices))}


def read_row(path: Path, row: Mapping[str, Any], problem: PlanProgram) -> tuple[FloatArray, Evaluated]:
    """Return the units and the state of a row, without its flows.

    Raises
    ------
    StoreError
        If the row does not fit the states, or holds no finite numbers.
    """
    state, cost = row.get("state"), row.get("cost_usd")
    if row["status"] not in (SOLVED, PRICED) or not row["number"] < _MOST_ROWS:
        raise StoreError(f"{path}: row {row['number']} is not a row of a plan; begin a new store")
    if not isinstance(state, int) or isinstance(state, bool) or not 0 <= state < len(problem.states):
        raise StoreError(f"{path}: row {row['number']} is of a state that the plan does not have")
    if number_problem(cost, _COST):
        raise StoreError(f"{path}: the cost of row {row['number']} is not a finite number; begin a new store")
    structure = problem.states[state].structure
    units = _read(path, row, "units", len(problem.cost))
    prices = _prices(_read(path, row, "prices", _price_count(structure)), structure)
    return units, Evaluated(state, float(row["cost_usd"]), prices)


def read_point(path: Path, row: Mapping[str, Any], structure: Structure) -> EarlyPoint:
    """Return the early point of a row.

    Raises
    ------
    StoreError
        If it has none, or one that does not fit the structure.
    """
    shape = path_problem_of(structure).start.shape
    if row.get("shape") != _shape_text(shape):
        raise StoreError(f"{path}: row {row['number']} does not fit the plan; begin a new store")
    first, second = _read(path, row, "point", 2 * math.prod(shape)).reshape(2, *shape)
    return EarlyPoint((first, second))


def proves(row: Mapping[str, Any], state: Member, units: FloatArray) -> bool:
    """Whether the flows and the prices of a row prove the cost that it says.

    Parameters
    ----------
    row : mapping
        That ``read_row`` could read.
    units : (candidates,) array
    """
    structure = state.at(units)
    flows = _read_flows(row, structure)
    if flows is None:
        return False
    prices = _prices(as_array(row["prices"], _price_count(structure)), structure)
    queue = np.zeros((*structure.window.shape, *structure.capacity.shape))
    duals = replace(duals_at(structure, prices), demand=np.zeros(len(structure.demand_amount)), queue=queue)
    found = cost_interval(structure, Answer(Termination(Reason.OPTIMAL), flows, duals))
    if found is None or not abs(found.gap) <= WIDEST_GAP:
        return False
    return abs(float(row["cost_usd"]) - found.objective) <= WIDEST_GAP * abs(found.objective)


def _row(status: str, units: FloatArray, each: Evaluated) -> dict[str, Any]:
    return {
        "status": status,
        "state": each.member,
        "cost_usd": each.cost,
        "units": as_text(units),
        "prices": as_text(np.concatenate([np.ravel(part) for part in _parts(each.prices)])),
    }


def _parts(prices: PriceVector) -> tuple[FloatArray, ...]:
    return prices.capacity, prices.supply, prices.intake, prices.link, prices.cap, prices.stored, prices.source


def _price_count(structure: Structure) -> int:
    return sum(part.size for part in _parts(PriceVector.zero(structure)))


def _prices(numbers: FloatArray, structure: Structure) -> PriceVector:
    """Return the prices of a structure from their numbers."""
    like = _parts(PriceVector.zero(structure))
    parts = np.split(numbers, np.cumsum([part.size for part in like])[:-1])
    return PriceVector(*(part.reshape(zero.shape) for part, zero in zip(parts, like, strict=True)))


def _shape_text(shape: tuple[int, ...]) -> str:
    return ",".join(str(length) for length in shape)


def _flows_as_text(flows: Flows, asked: FloatArray) -> str:
    steps = [np.diff(each, prepend=0) for each in (flows.demand, flows.arc)]
    share = flows.amount / asked[flows.demand]
    others = (flows.unserved, flows.waiting, flows.taken, *(getattr(flows, name) for name in STORE_COLUMNS))
    return as_text(np.concatenate([*steps, share, *map(np.ravel, others)]))


def _read_flows(row: Mapping[str, Any], structure: Structure) -> Flows | None:
    """Return the flows of a row; None without any, or if they do not fit the structure."""
    of_store = NO_STORES.shape if structure.stores is None else structure.stores.power.shape
    sizes = [len(structure.demand_amount), len(structure.queue_flows.klass), structure.tier_cost.size]
    sizes += [math.prod(of_store)] * len(STORE_COLUMNS)
    try:
        flows = as_array(row.get("flows"), 3 * structure.assignment_count + sum(sizes))
    except UnreadableError:
        return None
    used, rest = divmod(len(flows) - sum(sizes), 3)
    if used < 0 or rest:
        return None
    parts = np.split(flows, np.cumsum([used, used, used, *sizes[:-1]]))
    (*steps, share, unserved, waiting, taken), of_stores = parts[:6], parts[6:]
    demand, arc = (np.cumsum(each) for each in steps)
    inside = (demand >= 0) & (demand < len(structure.demand_amount)) & (np.abs(arc) < len(structure.arc_cost))
    if not inside.all():
        return None
    amount = share * structure.demand_amount[demand.astype(int)]
    taken = taken.reshape(structure.tier_cost.shape)
    stored = {name: each.reshape(of_store) for name, each in zip(STORE_COLUMNS, of_stores, strict=True)}
    return Flows(demand.astype(int), arc.astype(int), amount, unserved, waiting, taken, **stored)


def as_text(array: FloatArray) -> str:
    """Return numbers as text, every bit of them."""
    return base64.b64encode(zlib.compress(np.ascontiguousarray(array, dtype="<f8").tobytes(), 1)).decode()


def as_array(text: object, most: int) -> FloatArray:
    """Return the numbers of a text, at most as many as given: no more are unpacked.

    Raises
    ------
    UnreadableError
        If there are none, too many, or some that are not finite.
    """
    unpacking = zlib.decompressobj()
    try:
        packed = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
        content = unpacking.decompress(packed, 8 * most + 1)
    except (ValueError, zlib.error) as error:
        raise UnreadableError("no numbers") from error
    if len(content) > 8 * most or len(content) % 8 or not unpacking.eof:
        raise UnreadableError("no numbers, or too many")
    array = np.frombuffer(content, dtype="<f8").astype(float)
    if not np.isfinite(array).all():
        raise UnreadableError("not finite")
    return array


def _read(path: Path, row: Mapping[str, Any], name: str, size: int) -> FloatArray:
    """Return the numbers of a cell, or name its row in an error."""
    try:
        array = as_array(row.get(name), size)
    except UnreadableError as error:
        raise StoreError(f"{path}: the {name} of row {row['number']} are {error}; begin a new store") from error
    if len(array) != size:
        raise StoreError(f"{path}: row {row['number']} does not fit the plan; begin a new store")
    return array
