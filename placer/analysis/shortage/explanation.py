"""Why demand is short, and the least change that cures it.

No instance is infeasible: every demand may stay unserved, at a penalty. A placement is *short* where that happens. With
u_kht the unserved demand, the module works on the rows of ``placer.model.formulation`` with limits made elastic:

    U            = least  sum u_kht                                       the shortage that no placement avoids
    left(c)      = least  sum u_kht      with change c as large as it likes
    amount(c)    = least  delta_c >= 0   subject to  sum u_kht <= left(c)

    a change c   one limit, over the whole horizon: accelerators_j, power_limit_mw_j, limit_mw_s, capacity_gbps_l or a
                 cap raised by delta_c; latency_slo_ms_k raised, which opens arcs in the order of their latency (a
                 step function, searched by bisection); a jurisdiction more for a workload; a supply where a site has
                 none

The change with the least ``left`` is made. Of several that cure equally much the least is taken: the amount as a share
of the present limit, then what has to be built where there is nothing, then what the law forbids; the others are listed
as alternatives. What is changed once counts as lifted from then on, and this goes on until nothing is short; then one
program finds the amounts of all that was lifted, at the least sum of shares of the present limits, and every longer
latency limit is taken back as far as the other changes allow.

  * Where no single change helps and a workload and hub have no arc at all, one is opened, whatever forbids it: that
    which leaves least short, and of several the one that fewest limits forbid.
  * Where no single change helps otherwise, all limits that are amounts are made elastic together, and those are lifted
    that the least sum of shares of the present limits raises.
  * Where nothing need be short and something is, not serving is the cheaper choice. The penalty then has to rise to the
    price of the demand in the program that serves everything, which is enough by duality (but not always least).

In the end every change is left out in turn; one without which nothing is short is dropped, and what is short without
each of the others says which demand it is for. So independent shortages have one change each, several changes for the
same demand are needed together, and all changes together always cure: they are made and solved before they are named.
Where one change cures everything it is the least of its kind; a set of several is found step by step, so that none of
it can be left out or made smaller alone, but another set may be smaller in all.

Limits that cannot cure are not tried, and that is no heuristic: by duality a row whose dual is 0, or an arc whose
reduced cost is not negative, cannot lower U. Every figure comes from a program proven by ``solve_program``; a large one
is solved over part of its columns, whose duals then price all the others, until what they could still gain is below
``_UNPROVEN`` of the demand.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.analysis.shortage.changes import Change, Key, edited, spare_supplies
from placer.analysis.shortage.relief import SHORT, Programs, State, Step, changed
from placer.errors import InstanceError, NoSolutionError, Violation
from placer.instance.arguments import need_instance, need_placement, need_solver
from placer.model.formulation import Formulation, formulate
from placer.placement.prices import demand_index
from placer.running import phase, running
from placer.solvers.highs import HiGHS
from placer.solvers.memory import whole_program
from placer.termination import Reason
from placer.utils import notebook

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from placer.instance.problem import Instance
    from placer.model.program import Solver
    from placer.model.structure import Structure
    from placer.placement.result import Placement
    from placer.running import Progress

_log = logging.getLogger(__name__)

#: Penalties are set above a price by this share, so that rounding does not leave a rest.
_ABOVE = 1e-6


_TABLE = ["workload", "hub", "hours", "unserved_mtok", "limit", "name", "cure", "amount", "unit"]
_FURTHER = ["round_trip_ms", "without_mtok", "change"]


@dataclass(frozen=True, eq=False, repr=False)
class Explanation:
    """What is short, why, and what cures it. All ``changes`` together restore full service; see ``cure``.

    Attributes
    ----------
    shortages : Series
        ``unserved_mtok`` of the placement by ``workload``, ``hub`` and ``hour``, where it is not 0.
    table : DataFrame
        One row per change, workload and hub that is short for want of it: ``workload``, ``hub``, ``hours`` (as text),
        ``unserved_mtok`` (of the placement: 0 where demand would only be displaced by what the other changes let in),
        ``limit``, ``name`` (data centre, supply, link), ``cure``, ``amount``, ``unit``; then ``round_trip_ms`` (for
        latency: how much shorter the round trip to ``name`` would have to be instead, otherwise NaN), ``without_mtok``
        (what is short when all other changes are made and this is not) and ``change`` (position in ``changes``). A
        demand that needs several changes has several rows.
    changes : tuple of Change
        None can be left out.
    alternatives : DataFrame
        Single changes that cure as much as the one taken: ``change`` (position of that), ``limit``, ``name``, ``cure``,
        ``amount``, ``unit``.
    """

    shortages: pd.Series
    table: pd.DataFrame
    changes: tuple[Change, ...]
    alternatives: pd.DataFrame

    def __repr__(self) -> str:
        """Return what is short, and how many changes cure it, in one line."""
        if self.shortages.empty:
            return "Explanation: nothing is short"
        short, count = self.shortages.sum(), len(self.changes)
        return f"Explanation: {short:,.6g} Mtok short, cured by {count} change{'s' * (count != 1)}"

    def _repr_html_(self) -> str:
        """Return the same, and what is short for want of what, as HTML, for notebooks."""
        shown = self.table[["workload", "hub", "hours", "unserved_mtok", "limit", "name", "cure"]]
        return notebook.sentence(repr(self)) + (notebook.rows(shown) if len(shown) else "")


def explain(
    placement: Placement,
    solver: Solver | None = None,
    *,
    most_tried: int = 24,
    time_limit_seconds: float = math.inf,
    progress: Progress | None = None,
) -> Explanation:
    """Explain the unserved demand of a placement.

    Parameters
    ----------
    placement : Placement
    solver : Solver, optional
        ``placer.HiGHS()`` if not given.
    most_tried : int
        How many limits are tried at each step; of more, those whose duals promise most for a given share.
    time_limit_seconds : float
        For all programs together.
    progress : callable, optional
        Called with a line of text on how far it is; see ``placer.running``.

    Raises
    ------
    NoSolutionError
        If a program was not solved, or not in time, or the changes found do not restore full service when they are made
        and solved.

    Examples
    --------
    >>> import placer
    >>> tiny = placer.load("tiny")
    >>> short = tiny.replace(data_centres=tiny.data_centres.assign(accelerators=[20, 100, 100]))
    >>> explanation = explain(placer.solve(short))
    >>> print(explanation.table[["workload", "hub", "hours", "unserved_mtok", "limit", "name"]].to_string())
      workload    hub hours  unserved_mtok    limit  name
    0    voice  Coast   0-1           20.0  latency  Port
    >>> print(explanation.changes[0].cure)
    2 ms more of latency_slo_ms of voice
    >>> print(explanation.alternatives.loc[0, "cure"])
    10 more accelerators at Metro
    >>> placer.solve(cure(short, explanation)).unserved_mtok
    0.0
    """
    need_placement(placement)
    need_solver(solver)
    demand = placement.formulation.structure.demand_amount
    unserved = np.where(placement.accounts.unserved > SHORT * demand, placement.accounts.unserved, 0.0)
    index = demand_index(placement.formulation)
    shortages = pd.Series(unserved, index, name="unserved_mtok")[unserved > 0]
    if unserved.sum() <= SHORT * demand.sum():
        return Explanation(shortages, pd.DataFrame(columns=[*_TABLE, *_FURTHER]), (), _alternatives([], {}))
    with running(progress, time_limit_seconds):
        with phase(_log, "looking for changes that cure"):
            search = _Search(placement, solver or HiGHS(), most_tried)
            search.find()
        with phase(_log, "leaving out changes that are not needed"):
            without = search.prune(unserved)
    table = _table(search, unserved, without)
    return Explanation(shortages, table, tuple(search.changes.values()), _alternatives(search.others, search.changes))


def cure(instance: Instance, what: Explanation | Change | Iterable[Change]) -> Instance:
    """Return the instance with the changes of an explanation made, or with some of them.

    Raises
    ------
    InstanceError
        If the changes do not fit, since the instance is not the one that was explained.
    """
    need_instance(instance)
    changes = (what,) if isinstance(what, Change) else what.changes if isinstance(what, Explanation) else tuple(what)
    widened = dict(instance.tables) | spare_supplies(instance)
    misfits = [
        Violation(change.table, str(change.position), change.column, "no such row", "the instance explained")
        for change in changes
        if change.table != "settings" and change.limit != "no route" and change.position >= len(widened[change.table])
    ]
    if misfits:
        raise InstanceError(misfits)
    tables, settings = edited(widened, changes)
    given = len(instance.supplies)
    spare = np.arange(len(tables["supplies"])) >= given
    kept = ~spare | (tables["supplies"]["limit_mw"].to_numpy(float) > 0)
    tables["supplies"] = tables["supplies"][kept]
    if not (spare & kept).any():
        tables.pop("power_zones")
    return instance.replace(**tables, **settings)


class _Search:
    """Finds the changes, one after another."""

    def __init__(self, placement: Placement, solver: Solver, most_tried: int) -> None:
        self.instance = placement.instance
        self.changes: dict[Key, Change] = {}
        self.others: list[tuple[Key, Change]] = []
        self._most_tried = most_tried
        self._demand = placement.formulation.structure.total_demand
        self._programs = Programs(placement, solver)
        spare = spare_supplies(self.instance)
        widened = len(spare["supplies"]) > len(self.instance.supplies)
        instance = self.instance.replace(**spare) if widened else self.instance
        formulation = formulate(instance) if widened else placement.formulation
        self._bases: dict[tuple[tuple[int, str], ...], State] = {(): State(instance, formulation)}

    @property
    def formulation(self) -> Formulation:
        """The formulation after all changes."""
        return self._state(self.changes.values()).formulation

    def find(self) -> None:
        """Lift one limit after another until nothing is short, then see how far each must go."""
        while True:
            step = self._step(self.changes.values())
            if step.left <= SHORT * self._demand:
                break
            found = self._best_single(step) or self._best_opening(step) or step.joint()
            if not found:
                raise NoSolutionError(Reason.FAILED, f"found no change that lowers {step.left:g} Mtok of shortage")
            self.changes = self._made(found)
        self._settle_amounts(step.left)
        self._settle_latencies()
        for above in (_ABOVE, 1.0):
            structure = formulate(cure(self.instance, self.changes.values())).structure
            if self._short(structure).sum() <= SHORT * self._demand:
                return
            self.changes = self._made(self._penalties(structure, above))
        self.check()

    def _settle_amounts(self, left: float) -> None:
        """Find the least amounts, as shares of their limits, of the limits that were lifted."""
        lifted = [key for key, change in self.changes.items() if change.new == math.inf]
        if lifted:
            step = self._step(change for key, change in self.changes.items() if key not in lifted)
            for key, change in zip(lifted, step.least_amounts(lifted, left), strict=True):
                self.changes[key] = change

    def _settle_latencies(self) -> None:
        """Take back what longer limits go beyond need once all other changes are made."""
        late = [key for key, change in self.changes.items() if change.limit == "latency"]
        if len(self.changes) == 1:
            return  # as short as can be already
        for key in late:
            change = self.changes[key]
            latency = self.formulation.latency_ms[change.position]
            corners = np.unique(np.append(latency[(latency > change.old) & (latency < change.new)], change.new))
            low, high = 0, len(corners) - 1  # corners[high] is enough
            while low < high:
                middle = (low + high) // 2
                shorter = self.changes | {key: replace(change, new=float(corners[middle]))}
                if self._step(shorter.values()).left <= SHORT * self._demand:
                    high = middle
                else:
                    low = middle + 1
            self.changes[key] = replace(change, new=float(corners[high]))

    def _step(self, changes: Iterable[Change]) -> Step:
        return Step(self._state(changes), self._programs, len(self.instance.supplies))

    def check(self) -> None:
        """Make all changes, and refuse them if they leave anything unserved."""
        structure = formulate(cure(self.instance, self.changes.values())).structure
        if self._short(structure).sum() > SHORT * self._demand:
            raise NoSolutionError(Reason.FAILED, "the changes found leave demand unserved")

    def prune(self, unserved: np.ndarray) -> list[np.ndarray]:
        """Drop the changes that are not needed, and return what is short without each of the others."""
        if len(self.changes) == 1:
            return [unserved]
        without: dict[Key, np.ndarray] = {}
        before = len(self.changes)
        for key in reversed(list(self.changes)):
            short = self._short_without(key)
            if short.sum() > SHORT * self._demand:
                without[key] = short
            else:
                del self.changes[key]
                without.clear()  # they were of more changes
        if len(self.changes) < before:
            self.check()
        return [without[key] if key in without else self._short_without(key) for key in self.changes]

    def _short_without(self, left_out: Key) -> np.ndarray:
        changes = [change for key, change in self.changes.items() if key != left_out]
        if any(change.limit == "penalty" for change in self.changes.values()):  # spare supplies alter the default
            return self._short(formulate(cure(self.instance, changes)).structure)
        return self._short(self._state(changes).formulation.structure)

    def _short(self, structure: Structure) -> np.ndarray:
        """Return what the placement of least cost leaves unserved, by demand."""
        program = whole_program(structure)
        values, _ = self._programs.solve(program, structure)
        return np.maximum(values[program.col_blocks["u"]], 0.0)

    def _state(self, changes: Iterable[Change]) -> State:
        """Return the problem after some changes. Only a new link needs a new instance: it changes the routes."""
        changes = tuple(changes)
        links = tuple(change for change in changes if change.limit == "no route")
        key = tuple((change.position, change.name) for change in links)
        if key not in self._bases:
            base = self._bases[()].instance
            linked = base.replace(**edited(dict(base.tables), links)[0])
            self._bases[key] = State(linked, formulate(linked))
        return changed(self._bases[key], [change for change in changes if change.limit != "no route"])

    def _made(self, found: Iterable[Change]) -> dict[Key, Change]:
        """Return the changes with some more; where one stands already, it goes further."""
        changes = dict(self.changes)
        for change in found:
            before = changes.get(change.key)
            changes[change.key] = replace(change, old=before.old) if before else change
        return changes

    def _best_single(self, step: Step) -> list[Change]:
        """Return the change that cures most, the least of them if several do; none if no change cures anything."""
        options = list(step.options(self._most_tried))
        best = min((option.left for option in options), default=math.inf)
        if best > step.left - SHORT * self._demand:
            return []
        near = [option for option in options if option.left <= best + SHORT * self._demand]
        found = [(option.rank, relative, change) for option in near for change, relative in [option.least()]]
        found.sort(key=lambda each: each[:2])
        chosen = found[0][2]
        self.others += [(chosen.key, change) for _, _, change in found[1:]]
        return [chosen if chosen.limit in ("latency", "residency") else replace(chosen, new=math.inf)]

    def _best_opening(self, step: Step) -> list[Change]:
        """Return what opens an arc for a pair that has none: the least change, of those that then leave least short."""
        ways = step.openings()[: self._most_tried]
        if len(ways) <= 1:
            return ways[0] if ways else []
        lefts = [self._step([*self._made(way).values()]).left for way in ways]
        return next(way for way, left in zip(ways, lefts, strict=True) if left <= min(lefts) + SHORT * self._demand)

    def _penalties(self, structure: Structure, above: float) -> list[Change]:
        """Return penalties above the price of the dearest demand when all are served."""
        program = whole_program(structure)
        unserved = program.col_blocks["u"]
        col_upper = program.col_upper.copy()
        col_upper[unserved] = SHORT * self._demand
        _, duals = self._programs.solve(replace(program, col_upper=col_upper), structure)
        price = np.full(structure.classes, -math.inf)
        np.maximum.at(price, structure.demand_class, duals[program.row_blocks["demand"]])
        names = self.instance.workloads["workload"]
        where = ("workloads", "unserved_usd_per_mtok")
        return [
            Change("penalty", names.iloc[k], where[0], int(k), where[1], float(old), float(price[k]) * (1 + above))
            for k, old in enumerate(structure.unserved_cost)
            if price[k] * (1 + _ABOVE) > old
        ]


def _table(search: _Search, unserved: np.ndarray, without: list[np.ndarray]) -> pd.DataFrame:
    """List, change by change, the workloads and hubs that are short for want of it."""
    after = search.formulation
    structure, changes = after.structure, list(search.changes.values())
    noise = SHORT * structure.total_demand
    by_pair: dict[tuple[int, int], list[int]] = {}
    for demand, pair in enumerate(zip(structure.demand_class.tolist(), structure.demand_origin.tolist(), strict=True)):
        by_pair.setdefault(pair, []).append(demand)
    # A demand that any all but one of the changes would serve is listed under the last.
    needs = {
        pair: [number for number, each in enumerate(without) if each[demands].max() > noise]
        or [len(changes) - 1] * int(unserved[demands].max() > 0)
        for pair, demands in by_pair.items()
    }
    rows = []
    for number, change in enumerate(changes):
        for pair in (pair for pair, numbers in needs.items() if number in numbers):
            now, short = unserved[by_pair[pair]], without[number][by_pair[pair]]
            hours = structure.demand_period[by_pair[pair]][now > 0 if now.any() else short > noise]
            name, trip = _opened(change, after, *pair)
            row = (after.workloads[pair[0]], after.hubs[pair[1]], _spans(hours + after.hours.start), float(now.sum()))
            change_of_it = (change.limit, name, change.cure, change.amount, change.unit)
            rows.append((*row, *change_of_it, trip, float(short[short > noise].sum()), number))
    return pd.DataFrame(rows, columns=[*_TABLE, *_FURTHER])


def _opened(change: Change, after: Formulation, klass: int, origin: int) -> tuple[str, float]:
    """Return the nearest data centre that a longer limit opens to a hub, and how much nearer it would have to be."""
    if change.limit != "latency" or change.position != klass:
        return change.name, math.nan
    latency = after.latency_ms[klass, origin]
    opened = np.flatnonzero(after.in_time[klass, origin] & after.allowed[klass] & (latency > change.old + 1e-9))
    if not opened.size:
        return change.name, math.nan
    site = opened[latency[opened].argmin()]
    trips = after.round_trips[klass]
    return str(after.data_centres[site]), float((latency[site] - change.old) / trips) if trips > 0 else math.nan


def _alternatives(others: list[tuple[Key, Change]], changes: Mapping[Key, Change]) -> pd.DataFrame:
    number = {key: position for position, key in enumerate(changes)}
    rows = [
        (number[key], other.limit, other.name, other.cure, other.amount, other.unit)
        for key, other in others
        if key in number and other.key not in number
    ]
    return pd.DataFrame(rows, columns=["change", "limit", "name", "cure", "amount", "unit"])


def _spans(hours: np.ndarray) -> str:
    """Write hours as spans: 0-3, 7."""
    spans: list[list[int]] = []
    for hour in sorted(hours.tolist()):
        if spans and hour == spans[-1][-1] + 1:
            spans[-1] = [spans[-1][0], hour]
        else:
            spans.append([hour])
    return ", ".join("-".join(map(str, span)) for span in spans)
