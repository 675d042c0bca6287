"""A file of solved states, from which the search for a plan resumes after a run was killed.

Every solve of a state is a row of a store (``placer.batch.store``), committed as soon as it is proven: the state, the
units, the cost and the prices. A resumed run puts the prices into its pool. It begins at the cheapest plan with all
states solved, or else at the plan with the most states solved. It solves no state twice at the same units. A state that
was priced roughly has a row too, with its prices and its wide point (``placer.planning.rough``): a run that was killed
before any state was solved goes on from these. Rows depend on the states and on the targets of candidates and their
shares by hour. Costs, build limits, risk and gap may change between runs.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import math
import os
import zlib
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from placer.batch.identity import digest
from placer.batch.store import Store
from placer.errors import StoreError
from placer.instance.arguments import need
from placer.instance.columns import Column
from placer.instance.validation import number_problem
from placer.planning.cuts import PriceVector
from placer.planning.evaluated import Evaluated
from placer.running import tell
from placer.solvers.column_generation.dual.lane import lane_of
from placer.solvers.column_generation.wide import WidePoint
from placer.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from placer.model.structure import Structure
    from placer.planning.plan_program import PlanProgram
    from placer.planning.problem import PlanningProblem
    from placer.utils.arrays import FloatArray

_log = logging.getLogger(__name__)

#: Status of the rows of a journal, as a store needs one.
_SOLVED = "solved"
#: Status of the rows of states that were priced roughly.
_PRICED = "priced"
_COST = Column("cost_usd", scaled=False)
#: Numbers of rows are smaller: a larger one would leave none for further rows.
_MOST_ROWS = 2**62


class Journal:
    """The solves of states that a file keeps.

    Parameters
    ----------
    store : Store
        Open for writing.
    problem : PlanProgram
        With the states of the store.

    Raises
    ------
    StoreError
        If a row does not fit the states.

    Attributes
    ----------
    points : dict of int to WidePoint
        The last wide point of every state that was priced roughly.
    """

    def __init__(self, store: Store, problem: PlanProgram) -> None:
        self._store, self._problem, self._next = store, problem, 0
        self._units: dict[bytes, FloatArray] = {}
        self._solved: dict[bytes, dict[int, Evaluated]] = {}
        self._priced: list[PriceVector] = []
        self._priced_at: Counter[bytes] = Counter()
        self.points: dict[int, WidePoint] = {}
        for row in store.rows():
            units, each = _read_row(store.path, row, problem)
            if row["status"] == _PRICED:
                self._priced.append(each.prices)
                self._priced_at[units.tobytes()] += 1
                self.points[each.state] = _read_point(store.path, row, problem.states[each.state].structure)
            else:
                self._keep(units, each)
            self._next = int(row["number"]) + 1

    def find(self, state: int, units: FloatArray) -> Evaluated | None:
        """Return a state at some units, if it was solved there."""
        return self._solved.get(_key(units), {}).get(state)

    def add(self, units: FloatArray, each: Evaluated) -> None:
        """Keep a state that was solved at some units.

        Raises
        ------
        StoreError
            If it cannot be written.
        """
        self._write(_row(_SOLVED, units, each))
        self._keep(units, each)

    def add_priced(self, units: FloatArray, each: Evaluated, point: WidePoint) -> None:
        """Keep a state that was priced at some units, with its wide point.

        Raises
        ------
        StoreError
            If it cannot be written.
        """
        shape = _shape_text(point.prices[0].shape)
        self._write(_row(_PRICED, units, each) | {"shape": shape, "point": _as_text(np.stack(point.prices))})

    def priced_at(self) -> FloatArray | None:
        """Return the units at which earlier runs priced most states; None if they priced none."""
        most = self._priced_at.most_common(1)
        return np.frombuffer(most[0][0]) if most else None

    def _write(self, row: dict[str, Any]) -> None:
        self._store.add(self._next, row)
        self._next += 1

    def first(self) -> tuple[tuple[PriceVector, ...], FloatArray | None]:
        """Return the units to resume from, None if no state was solved, and the price vectors of all other plans.

        ``find`` returns the price vectors of these units.
        """
        within = [key for key, units in self._units.items() if self._problem.keeps_limits(units)]
        begin = min(within, key=self._rank, default=None)
        vectors = [each.prices for key, solved in self._solved.items() if key != begin for each in solved.values()]
        return (*self._priced, *vectors), None if begin is None else self._units[begin]

    def _keep(self, units: FloatArray, each: Evaluated) -> None:
        key = _key(units)
        self._units[key] = units
        self._solved.setdefault(key, {})[each.state] = each

    def _rank(self, key: bytes) -> tuple[int, float]:
        """Return the sort key of plans: the number of unsolved states, then the cost."""
        solved, states = self._solved[key], len(self._problem.states)
        if len(solved) < states:
            return states - len(solved), 0.0
        costs = np.array([solved[state].cost for state in range(states)])
        return 0, self._problem.total(self._units[key], costs)


@contextmanager
def journal_store(file: str | os.PathLike[str] | None, question: PlanningProblem) -> Iterator[Store | None]:
    """Open the store of a plan, new or of an earlier run; None without a file.

    Raises
    ------
    ArgumentError
        If the file is not a path.
    StoreError
        If the file belongs to another question, is damaged or cannot be written.
    """
    need(file, (str, os.PathLike, type(None)), "a file", 'such as store="plan.db"')
    if file is None:
        yield None
        return
    path, identity = Path(file), _identity(question)
    with Store.resume(path, identity) if path.exists() else Store.create(path, identity) as store:
        if store.dropped:
            tell(_log, f"{store.about_damaged()}: solved again")
        yield store


def _identity(question: PlanningProblem) -> dict[str, Any]:
    """Return all data on which the cost and the prices of a state at some units depend."""
    states, found = question.states, hashlib.sha256()
    for name, instance in zip(states.names, states.instances, strict=True):
        lost = sorted(states.lost.get(name, frozenset()))
        found.update(repr((name, digest(instance), lost)).encode())
    raised = repr((question.candidates.adds, question.candidates.target, question.candidates.usable_share))
    return {
        "placer": VERSION,
        "plan_of": digest(question.instance),
        "states": found.hexdigest(),
        "candidates": hashlib.sha256(raised.encode()).hexdigest(),
    }


def _key(units: FloatArray) -> bytes:
    return (units + 0.0).tobytes()  # -0 is 0


def _parts(prices: PriceVector) -> tuple[FloatArray, ...]:
    return prices.capacity, prices.supply, prices.intake, prices.link, prices.cap


def _row(status: str, units: FloatArray, each: Evaluated) -> dict[str, Any]:
    """Return the row of a state at some units."""
    return {
        "status": status,
        "state": each.state,
        "cost_usd": each.cost,
        "units": _as_text(units),
        "prices": _as_text(np.concatenate([np.ravel(part) for part in _parts(each.prices)])),
    }


def _read_point(path: Path, row: Mapping[str, Any], structure: Structure) -> WidePoint:
    """Return the wide point of a row."""
    shape = lane_of(structure).start.shape
    if row.get("shape") != _shape_text(shape):
        raise StoreError(f"{path}: row {row['number']} does not fit the plan; begin a new store")
    first, second = _as_array(path, row, "point", 2 * math.prod(shape)).reshape(2, *shape)
    return WidePoint((first, second))


def _shape_text(shape: tuple[int, ...]) -> str:
    return ",".join(str(length) for length in shape)


def _read_row(path: Path, row: Mapping[str, Any], problem: PlanProgram) -> tuple[FloatArray, Evaluated]:
    """Return the units and the solved state of a row."""
    state, cost = row.get("state"), row.get("cost_usd")
    if row["status"] not in (_SOLVED, _PRICED) or not row["number"] < _MOST_ROWS:
        raise StoreError(f"{path}: row {row['number']} is not a row of a plan; begin a new store")
    if not isinstance(state, int) or isinstance(state, bool) or not 0 <= state < len(problem.states):
        raise StoreError(f"{path}: row {row['number']} is of a state that the plan does not have")
    if number_problem(cost, _COST):
        raise StoreError(f"{path}: the cost of row {row['number']} is not a finite number; begin a new store")
    zero = _parts(PriceVector.zero(problem.states[state].structure))
    sizes = [part.size for part in zero]
    units, prices = _as_array(path, row, "units", len(problem.cost)), _as_array(path, row, "prices", sum(sizes))
    parts = np.split(prices, np.cumsum(sizes)[:-1])
    shaped = (part.reshape(like.shape) for part, like in zip(parts, zero, strict=True))
    return units, Evaluated(state, float(row["cost_usd"]), PriceVector(*shaped))


def _as_text(array: FloatArray) -> str:
    """Return numbers as text, every bit of them."""
    return base64.b64encode(zlib.compress(np.ascontiguousarray(array, dtype="<f8").tobytes(), 1)).decode()


def _as_array(path: Path, row: Mapping[str, Any], name: str, size: int) -> FloatArray:
    """Return the numbers of a cell: finite, and as many as given."""
    unpacking, most = zlib.decompressobj(), 8 * size
    try:
        content = unpacking.decompress(base64.b64decode(row.get(name) or "", validate=True), most + 1)
    except (TypeError, ValueError, zlib.error) as error:
        raise StoreError(f"{path}: the {name} of row {row['number']} are no numbers; begin a new store") from error
    if len(content) != most or not unpacking.eof:
        raise StoreError(f"{path}: row {row['number']} does not fit the plan; begin a new store")
    numbers = np.frombuffer(content, dtype="<f8").astype(float)
    if not np.isfinite(numbers).all():
        raise StoreError(f"{path}: the {name} of row {row['number']} are not finite; begin a new store")
    return numbers
