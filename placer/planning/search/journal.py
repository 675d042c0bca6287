"""A file of solved states, from which the search for a plan resumes after a run was killed.

Every solve of a state is a row of a store (``placer.batch.store``), committed as soon as it is proven: the state, the
units, the cost, the prices and the flows. A resumed run puts the prices into its pool. It begins at the cheapest plan
with all states solved, or else at the plan with the most states solved. It solves no state twice at the same units. A
state that was priced inexactly has a row too, with its prices and its early point (``placer.planning.costs.inexact``):
a run that was killed before any state was solved goes on from these. Rows depend on the states and on the targets of
candidates and their shares by hour, in a plan over years also on the years of service of each decision. Costs, build
limits, risk and gap may change between runs.

A store is not believed. Prices bound the cost of a state whatever they are. A cost counts only if it is proven again
from the data: the flows of its row are feasible and cost it, and its prices bound it from below within the gap of
proven placements. Otherwise the state is solved again. The proof takes a small part of the time of a solve.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from placer.batch.identity import digest
from placer.batch.store import Store
from placer.column_generation.early_point import EarlyPoint
from placer.decomposition.cuts import PriceVector
from placer.decomposition.oracle import Evaluated
from placer.instance.arguments import need
from placer.planning.question.plan_program import PlanProgram
from placer.planning.question.problem import PlanQuestion
from placer.planning.search.journal_rows import PRICED, priced_row, proves, read_point, read_row, solved_row
from placer.running import tell
from placer.utils.arrays import FloatArray
from placer.utils.reading import with_home
from placer.version import VERSION

_log = logging.getLogger(__name__)


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
    points : dict of int to EarlyPoint
        The last early point of every state that was priced inexactly.
    """

    def __init__(self, store: Store, problem: PlanProgram) -> None:
        self._store, self._problem, self._next = store, problem, 0
        self._units: dict[bytes, FloatArray] = {}
        self._solved: dict[bytes, dict[int, Evaluated]] = {}
        self._unproven: dict[tuple[bytes, int], int] = {}  # numbers of the rows of an earlier run, by units and state
        self._priced: list[PriceVector] = []
        self._priced_at: Counter[bytes] = Counter()
        self.points: dict[int, EarlyPoint] = {}
        for row in store.rows():
            units, each = read_row(store.path, row, problem)
            if row["status"] == PRICED:
                self._priced.append(each.prices)
                self._priced_at[units.tobytes()] += 1
                self.points[each.member] = read_point(store.path, row, problem.states[each.member].structure)
            else:
                self._keep(units, each)
                self._unproven[_key(units), each.member] = int(row["number"])
            self._next = int(row["number"]) + 1

    def find(self, state: int, units: FloatArray) -> Evaluated | None:
        """Return a state at some units, if it was solved there; that of an earlier run only if it is proven again.

        Raises
        ------
        StoreError
            If the row cannot be read.
        """
        key = _key(units)
        number = self._unproven.pop((key, state), None)
        if number is not None and not proves(self._store.row(number), self._problem.states[state], units):
            name = self._problem.states[state].name
            tell(_log, f"{self._store.path}: row {number} does not prove its cost; {name} is solved again")
            self._priced.append(self._solved[key].pop(state).prices)  # which bound every plan
        return self._solved.get(key, {}).get(state)

    def add(self, units: FloatArray, each: Evaluated) -> None:
        """Keep a state that was solved at some units.

        Raises
        ------
        StoreError
            If it cannot be written.
        """
        self._write(solved_row(units, each, self._problem.states[each.member].structure))
        self._keep(units, replace(each, flows=None))

    def add_priced(self, units: FloatArray, each: Evaluated, point: EarlyPoint) -> None:
        """Keep a state that was priced at some units, with its early point.

        Raises
        ------
        StoreError
            If it cannot be written.
        """
        self._write(priced_row(units, each, point))

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

        Raises
        ------
        StoreError
            If a row cannot be read.
        """
        begin = self._begin()
        vectors = [each.prices for key, solved in self._solved.items() if key != begin for each in solved.values()]
        return (*self._priced, *vectors), None if begin is None else self._units[begin]

    def _begin(self) -> bytes | None:
        """Return the key of the units to resume from, all of whose rows are proven; None without any."""
        while True:
            within = [key for key, units in self._units.items() if self._problem.keeps_limits(units)]
            begin = min((key for key in within if self._solved[key]), key=self._rank, default=None)
            if begin is None or all(self.find(state, self._units[begin]) for state in list(self._solved[begin])):
                return begin

    def _keep(self, units: FloatArray, each: Evaluated) -> None:
        key = _key(units)
        self._units[key] = units
        self._solved.setdefault(key, {})[each.member] = each

    def _rank(self, key: bytes) -> tuple[int, float]:
        """Return the sort key of plans: the number of unsolved states, then the cost."""
        solved, states = self._solved[key], len(self._problem.states)
        if len(solved) < states:
            return states - len(solved), 0.0
        costs = np.array([solved[state].cost for state in range(states)])
        return 0, self._problem.total(self._units[key], costs)


@contextmanager
def journal_store(file: str | os.PathLike[str] | None, question: PlanQuestion) -> Iterator[Store | None]:
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
    path, identity = with_home(file), _identity(question)
    with Store.resume(path, identity) if path.exists() else Store.create(path, identity) as store:
        if store.dropped:
            tell(_log, f"{store.about_damaged()}: solved again")
        yield store


def _identity(question: PlanQuestion) -> dict[str, Any]:
    """Return all data on which the cost and the prices of a state at some units depend."""
    found = hashlib.sha256()
    for states in (each.states for each in question.by_year):
        for name, instance in zip(states.names, states.instances, strict=True):
            lost = sorted(states.lost.get(name, frozenset()))
            found.update(repr((name, digest(instance), lost)).encode())
    return {
        "placer": VERSION,
        "plan_of": ", ".join(digest(each.instance) for each in question.by_year),
        "states": found.hexdigest(),
        "candidates": hashlib.sha256(repr(question.additions).encode()).hexdigest(),
    }


def _key(units: FloatArray) -> bytes:
    return (units + 0.0).tobytes()  # -0 is 0
