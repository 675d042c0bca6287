"""The rows of a journal of states: as they are written, read, and proven again from the data.

The prices of a row bound the cost of its state whatever they are. Its cost counts only if its flows are feasible and
cost it, and its prices bound it from below within the gap of proven placements. Flows are written in a short form:
positions as steps from one to the next, amounts as shares of their demand, most of which are 1.
"""

from __future__ import annotations

import base64
import zlib
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from placer.errors import StoreError
from placer.model.answer import Answer, Flows
from placer.planning.cuts import PriceVector, duals_at
from placer.planning.evaluated import Evaluated
from placer.proof.answer_certificate import cost_interval
from placer.solvers.column_generation.solver import WIDEST_GAP
from placer.solvers.column_generation.wide import WidePoint
from placer.termination import Reason, Termination

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from placer.model.structure import Structure
    from placer.planning.plan_program import PlanProgram
    from placer.planning.state_program import StateProgram
    from placer.utils.arrays import FloatArray

#: Status of the rows of solved states, and of the rows of states that were priced roughly.
SOLVED, PRICED = "solved", "priced"


def solved_row(units: FloatArray, each: Evaluated, structure: Structure) -> dict[str, Any]:
    """Return the row of a state that was solved at some units; without flows it proves nothing.

    Parameters
    ----------
    units : (candidates,) array
    each : Evaluated
    structure : Structure
        Of the state, at any units.
    """
    row = _row(SOLVED, units, each)
    return row if each.flows is None else row | {"flows": _flows_as_text(each.flows, structure.demand_amount)}


def priced_row(units: FloatArray, each: Evaluated, point: WidePoint) -> dict[str, Any]:
    """Return the row of a state that was priced at some units, with its wide point."""
    shape = ",".join(str(length) for length in point.prices[0].shape)
    return _row(PRICED, units, each) | {"shape": shape, "point": as_text(np.stack(point.prices))}


def read_row(path: Path, row: Mapping[str, Any], problem: PlanProgram) -> tuple[FloatArray, Evaluated]:
    """Return the units and the state of a row, without its flows.

    Raises
    ------
    StoreError
        If the row does not fit the states, or holds no finite numbers.
    """
    with _readable(path, row):
        state, units = int(row["state"]), as_array(row["units"])
        if not 0 <= state < len(problem.states):
            raise StoreError(f"{path}: row {row['number']} is of a state that the plan does not have")
        prices = _read_prices(row, problem.states[state].structure)
        if prices is None or len(units) != len(problem.cost):
            raise StoreError(f"{path}: row {row['number']} does not fit the plan; begin a new store")
        return units, Evaluated(state, float(row["cost_usd"]), prices)


def read_point(path: Path, row: Mapping[str, Any]) -> WidePoint:
    """Return the wide point of a row.

    Raises
    ------
    StoreError
        If it has none.
    """
    with _readable(path, row):
        shape = tuple(int(length) for length in row["shape"].split(","))
        first, second = as_array(row["point"]).reshape(2, *shape)
        return WidePoint((first, second))


def proves(row: Mapping[str, Any], state: StateProgram, units: FloatArray) -> bool:
    """Whether the flows and the prices of a row prove the cost that it says.

    Parameters
    ----------
    row : mapping
        That ``read_row`` could read.
    state : StateProgram
    units : (candidates,) array
    """
    structure = state.at(units)
    flows, prices = _read_flows(row, structure), _read_prices(row, structure)
    if flows is None or prices is None:
        return False
    queue = np.zeros((*structure.window.shape, *structure.capacity.shape))
    duals = replace(duals_at(structure, prices), demand=np.zeros(len(structure.demand_amount)), queue=queue)
    found = cost_interval(structure, Answer(Termination(Reason.OPTIMAL), flows, duals))
    if found is None or not abs(found.gap) <= WIDEST_GAP:
        return False
    return abs(float(row["cost_usd"]) - found.objective) <= WIDEST_GAP * abs(found.objective)


def _row(status: str, units: FloatArray, each: Evaluated) -> dict[str, Any]:
    return {
        "status": status,
        "state": each.state,
        "cost_usd": each.cost,
        "units": as_text(units),
        "prices": as_text(np.concatenate([np.ravel(part) for part in _parts(each.prices)])),
    }


@contextmanager
def _readable(path: Path, row: Mapping[str, Any]) -> Iterator[None]:
    """Turn what makes a row unreadable into one error."""
    try:
        yield
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError, zlib.error) as error:
        raise StoreError(f"{path}: row {row['number']} cannot be read: {error}; begin a new store") from error


def _parts(prices: PriceVector) -> tuple[FloatArray, ...]:
    return prices.capacity, prices.supply, prices.intake, prices.link, prices.cap


def _read_prices(row: Mapping[str, Any], structure: Structure) -> PriceVector | None:
    """Return the prices of a row; None if they do not fit the structure."""
    prices, like = as_array(row["prices"]), _parts(PriceVector.zero(structure))
    if len(prices) != sum(part.size for part in like):
        return None
    parts = np.split(prices, np.cumsum([part.size for part in like])[:-1])
    return PriceVector(*(part.reshape(zero.shape) for part, zero in zip(parts, like, strict=True)))


def _flows_as_text(flows: Flows, asked: FloatArray) -> str:
    steps = [np.diff(each, prepend=0) for each in (flows.demand, flows.arc)]
    share = flows.amount / asked[flows.demand]
    return as_text(np.concatenate([*steps, share, flows.unserved, flows.waiting, flows.taken.ravel()]))


def _read_flows(row: Mapping[str, Any], structure: Structure) -> Flows | None:
    """Return the flows of a row; None without any, or if they do not fit the structure."""
    try:
        flows = as_array(row["flows"])
    except (KeyError, TypeError, ValueError, zlib.error):
        return None
    sizes = [len(structure.demand_amount), len(structure.queue_flows.klass), structure.tier_cost.size]
    used, rest = divmod(len(flows) - sum(sizes), 3)
    if used < 0 or rest:
        return None
    *steps, share, unserved, waiting, taken = np.split(flows, np.cumsum([used, used, used, *sizes[:-1]]))
    demand, arc = (np.cumsum(each) for each in steps)
    inside = (demand >= 0) & (demand < len(structure.demand_amount)) & (np.abs(arc) < len(structure.arc_cost))
    if not inside.all():
        return None
    amount = share * structure.demand_amount[demand.astype(int)]
    taken = taken.reshape(structure.tier_cost.shape)
    return Flows(demand.astype(int), arc.astype(int), amount, unserved, waiting, taken)


def as_text(array: FloatArray) -> str:
    """Return numbers as text, every bit of them."""
    return base64.b64encode(zlib.compress(np.ascontiguousarray(array, dtype="<f8").tobytes(), 1)).decode()


def as_array(text: str) -> FloatArray:
    """Return the numbers of a text.

    Raises
    ------
    TypeError, ValueError, zlib.error
        If there are none, or some are not finite.
    """
    array = np.frombuffer(zlib.decompress(base64.b64decode(text)), dtype="<f8").astype(float)
    if not np.isfinite(array).all():
        raise ValueError("numbers that are not finite")
    return array
