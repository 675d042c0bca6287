"""Why demand is short, and the least change that cures it.

No instance is infeasible: every demand may stay unserved, at a penalty. A placement is *short* where that happens. With
u_kht the unserved demand, the module works on the rows of ``placer.formulation`` with limits made elastic:

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

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import csc_array, hstack, vstack

from placer.errors import InstanceError, NoSolutionError, Violation
from placer.formulation import GB_PER_GBPS_HOUR, Formulation, formulate
from placer.prices import demand_index, least_ahead
from placer.program import LinearProgram, Reason, blocks
from placer.solve import solve_program
from placer.solvers.highs import HiGHS
from placer.structure import expand

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from placer.instance import Instance
    from placer.placement import Placement
    from placer.program import Solver
    from placer.structure import Structure

#: A shortage of at most this share of all demand counts as none.
SHORT = 1e-8
#: Slack given to ``sum u <= left``, as a share of all demand, so that rounding does not make it infeasible.
_SLACK = 1e-10
#: Duals and promises below this, as a share of all demand, are rounding.
_NOTHING = 1e-12
#: What the columns left out of a program may still gain, as a share of its scale.
_UNPROVEN = 1e-9
#: Programs up to this many columns are solved whole.
_WHOLE = 20_000
#: Amounts are raised, and penalties set above a price, by this share, so that rounding does not leave a rest.
_MARGIN, _ABOVE = 1e-8, 1e-6
#: What is built where there is nothing counts as so many times the most there could be use for.
_NEW = 10.0
#: Changes of one kind are compared by share of the present limit; the kinds come in this order.
_AMOUNT, _BUILD, _LAW = 0, 1, 2

#: The rows of the program that each kind of limit bounds.
_BLOCKS = {
    "accelerators": "capacity",
    "site power": "intake",
    "supply": "supply",
    "link": "link",
    "carbon cap": "cap",
    "water cap": "cap",
}

#: Where a value stands: table, row, column.
_Key = tuple[str, int, str]

_TABLE = ["workload", "hub", "hours", "unserved_mtok", "limit", "name", "cure", "amount", "unit"]
_FURTHER = ["round_trip_ms", "without_mtok", "change"]
_UNITS = {
    "latency": "ms",
    "residency": "",
    "no route": "ms",
    "accelerators": "accelerators",
    "site power": "MW",
    "supply": "MW",
    "no supply": "MW",
    "link": "Gbps",
    "carbon cap": "kg",
    "water cap": "litres",
    "penalty": "USD per Mtok",
}


@dataclass(frozen=True)
class Change:
    """One change of one limit.

    Attributes
    ----------
    limit : str
        latency, residency, no route, accelerators, site power, supply, no supply, link, carbon cap, water cap, penalty.
    name : str
        The workload, data centre, supply or link whose limit it is; empty for a cap.
    table, position, column : str, int, str
        Where the value stands: a table and row of the instance, or ``settings``. A new supply or link stands after the
        last row.
    old, new : object
        The value there is and the value that cures.
    """

    limit: str
    name: str
    table: str
    position: int
    column: str
    old: Any
    new: Any

    @property
    def key(self) -> tuple[str, int, str]:
        """Where the value stands."""
        return self.table, self.position, self.column

    @property
    def amount(self) -> float:
        """By how much the limit is raised, in ``unit``; NaN for a jurisdiction, the round trip for a new link."""
        if self.limit == "residency":
            return math.nan
        return float(self.new["rtt_ms"]) if self.limit == "no route" else float(self.new - self.old)

    @property
    def unit(self) -> str:
        """Unit of the amount."""
        return _UNITS[self.limit]

    @property
    def cure(self) -> str:
        """The change in words, the amount rounded up to four digits."""
        if self.limit == "residency":
            if self.new is None:
                return f"any jurisdiction for {self.name}"
            return (
                f"{', '.join(name for name in self.new if name not in self.old)} among the jurisdictions of {self.name}"
            )
        amount = f"{_rounded_up(self.amount):,.12g}"
        return {
            "latency": f"{amount} ms more of latency_slo_ms of {self.name}",
            "no route": f"a link of at most {self.amount:,.4g} ms on {self.name}",
            "accelerators": f"{amount} more accelerators at {self.name}",
            "site power": f"{amount} MW more of power_limit_mw at {self.name}",
            "supply": f"{amount} MW more at supply {self.name}",
            "no supply": f"a supply of {amount} MW, {self.name}",
            "link": f"{amount} Gbps more on {self.name}",
            "carbon cap": f"{amount} kg more of carbon_limit_kg",
            "water cap": f"{amount} litres more of water_limit_litres",
            "penalty": f"{amount} USD per Mtok more of unserved_usd_per_mtok of {self.name}",
        }[self.limit]


@dataclass(frozen=True, eq=False)
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


def explain(placement: Placement, solver: Solver | None = None, *, most_tried: int = 24) -> Explanation:
    """Explain the unserved demand of a placement.

    Parameters
    ----------
    placement : Placement
    solver : Solver, optional
        ``placer.HiGHS()`` if not given.
    most_tried : int
        How many limits are tried at each step; of more, those whose duals promise most for a given share.

    Raises
    ------
    NoSolutionError
        If a program was not solved, or the changes found do not restore full service when they are made and solved.

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
    demand = placement.formulation.structure.demand_amount
    unserved = np.where(placement.accounts.unserved > SHORT * demand, placement.accounts.unserved, 0.0)
    index = demand_index(placement.formulation)
    shortages = pd.Series(unserved, index, name="unserved_mtok")[unserved > 0]
    search = _Search(placement, solver or HiGHS(), most_tried)
    if unserved.sum() <= SHORT * demand.sum():
        return Explanation(shortages, pd.DataFrame(columns=[*_TABLE, *_FURTHER]), (), _alternatives([], {}))
    search.find()
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
    changes = (what,) if isinstance(what, Change) else what.changes if isinstance(what, Explanation) else tuple(what)
    widened = dict(instance.tables) | _spare_supplies(instance)
    misfits = [
        Violation(change.table, str(change.position), change.column, "no such row", "the instance explained")
        for change in changes
        if change.table != "settings" and change.limit != "no route" and change.position >= len(widened[change.table])
    ]
    if misfits:
        raise InstanceError(misfits)
    tables, settings = _edited(widened, changes)
    given = len(instance.supplies)
    spare = np.arange(len(tables["supplies"])) >= given
    kept = ~spare | (tables["supplies"]["limit_mw"].to_numpy(float) > 0)
    tables["supplies"] = tables["supplies"][kept]
    if not (spare & kept).any():
        tables.pop("power_zones")
    return instance.replace(**tables, **settings)


def _edited(
    tables: dict[str, pd.DataFrame], changes: Iterable[Change]
) -> tuple[dict[str, pd.DataFrame], dict[str, float]]:
    tables, settings = dict(tables), {}
    for change in changes:
        if change.table == "settings":
            settings[change.column] = float(change.new)
            continue
        frame = tables[change.table]
        if change.limit == "no route":
            tables[change.table] = pd.concat([frame, pd.DataFrame([change.new])], ignore_index=True)
            continue
        column = frame[change.column]
        values = column.tolist()
        values[change.position] = change.new
        tables[change.table] = frame.assign(**{change.column: pd.Series(values, frame.index, dtype=column.dtype)})
    return tables, settings


def _spare_supplies(instance: Instance) -> dict[str, pd.DataFrame]:
    """Return supplies and power zones with a supply of 0 MW, from the cheapest zone, wherever there is none."""
    supplies, zones = instance.supplies, instance.power_zones
    dark = [name for name in instance.data_centres["data_centre"] if name not in set(supplies["data_centre"])]
    if not dark or not (instance.workloads["kwh_per_mtok"] > 0).any():
        return {"supplies": supplies, "power_zones": zones}
    if zones.empty:
        zones = pd.DataFrame([{"power_zone": "new power zone", "usd_per_mwh": 0.0, "carbon_kg_per_mwh": 0.0}])
        cheapest = 0
    else:
        cheapest = int(instance.hourly("power_zones", "usd_per_mwh").mean(axis=1).argmin())
    zone = zones["power_zone"].iloc[cheapest]
    spare = [
        {"power_zone": zone, "data_centre": name, "limit_mw": 0.0, "loss": 0.0, "usd_per_mwh_adder": 0.0}
        for name in dark
    ]
    more = pd.DataFrame(spare)
    return {
        "supplies": more if supplies.empty else pd.concat([supplies, more], ignore_index=True),
        "power_zones": zones,
    }


class _Search:
    """Finds the changes, one after another."""

    def __init__(self, placement: Placement, solver: Solver, most_tried: int) -> None:
        self.instance = placement.instance
        self.changes: dict[_Key, Change] = {}
        self.others: list[tuple[_Key, Change]] = []
        self._most_tried = most_tried
        self._demand = float(placement.formulation.structure.demand_amount.sum())
        self._programs = _Programs(placement, solver)
        spare = _spare_supplies(self.instance)
        widened = len(spare["supplies"]) > len(self.instance.supplies)
        instance = self.instance.replace(**spare) if widened else self.instance
        formulation = formulate(instance) if widened else placement.formulation
        self._bases: dict[tuple[tuple[int, str], ...], _State] = {(): _State(instance, formulation)}

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

    def _step(self, changes: Iterable[Change]) -> _Step:
        return _Step(self._state(changes), self._programs, len(self.instance.supplies))

    def check(self) -> None:
        """Make all changes, and refuse them if they leave anything unserved."""
        structure = formulate(cure(self.instance, self.changes.values())).structure
        if self._short(structure).sum() > SHORT * self._demand:
            raise NoSolutionError(Reason.FAILED, "the changes found leave demand unserved")

    def prune(self, unserved: np.ndarray) -> list[np.ndarray]:
        """Drop the changes that are not needed, and return what is short without each of the others."""
        if len(self.changes) == 1:
            return [unserved]
        without: dict[_Key, np.ndarray] = {}
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

    def _short_without(self, left_out: _Key) -> np.ndarray:
        changes = [change for key, change in self.changes.items() if key != left_out]
        if any(change.limit == "penalty" for change in self.changes.values()):  # spare supplies alter the default
            return self._short(formulate(cure(self.instance, changes)).structure)
        return self._short(self._state(changes).formulation.structure)

    def _short(self, structure: Structure) -> np.ndarray:
        """Return what the placement of least cost leaves unserved, by demand."""
        program = expand(structure)
        values, _ = self._programs.solve(program, structure)
        return np.maximum(values[program.col_blocks["u"]], 0.0)

    def _state(self, changes: Iterable[Change]) -> _State:
        """Return the problem after some changes. Only a new link needs a new instance: it changes the routes."""
        changes = tuple(changes)
        links = tuple(change for change in changes if change.limit == "no route")
        key = tuple((change.position, change.name) for change in links)
        if key not in self._bases:
            base = self._bases[()].instance
            linked = base.replace(**_edited(dict(base.tables), links)[0])
            self._bases[key] = _State(linked, formulate(linked))
        return _changed(self._bases[key], [change for change in changes if change.limit != "no route"])

    def _made(self, found: Iterable[Change]) -> dict[_Key, Change]:
        """Return the changes with some more; where one stands already, it goes further."""
        changes = dict(self.changes)
        for change in found:
            before = changes.get(change.key)
            changes[change.key] = replace(change, old=before.old) if before else change
        return changes

    def _best_single(self, step: _Step) -> list[Change]:
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

    def _best_opening(self, step: _Step) -> list[Change]:
        """Return what opens an arc for a pair that has none: the least change, of those that then leave least short."""
        ways = step.openings()[: self._most_tried]
        if len(ways) <= 1:
            return ways[0] if ways else []
        lefts = [self._step([*self._made(way).values()]).left for way in ways]
        return next(way for way, left in zip(ways, lefts, strict=True) if left <= min(lefts) + SHORT * self._demand)

    def _penalties(self, structure: Structure, above: float) -> list[Change]:
        """Return penalties above the price of the dearest demand when all are served."""
        program = expand(structure)
        unserved = program.col_blocks["u"]
        col_upper = program.col_upper.copy()
        col_upper[unserved] = SHORT * self._demand
        _, duals = self._programs.solve(replace(program, col_upper=col_upper), structure)
        price = np.full(len(structure.window), -math.inf)
        np.maximum.at(price, structure.demand_class, duals[program.row_blocks["demand"]])
        names = self.instance.workloads["workload"]
        where = ("workloads", "unserved_usd_per_mtok")
        return [
            Change("penalty", names.iloc[k], where[0], int(k), where[1], float(old), float(price[k]) * (1 + above))
            for k, old in enumerate(structure.unserved_cost)
            if price[k] * (1 + _ABOVE) > old
        ]


@dataclass(frozen=True)
class _State:
    """A problem on the way: the instance that gave the routes and names, and the formulation with the changes."""

    instance: Instance
    formulation: Formulation
    jurisdictions: tuple[Any, ...] = ()


def _changed(state: _State, changes: Iterable[Change]) -> _State:
    """Return the problem after some changes of values, new links apart."""
    form, structure = state.formulation, state.formulation.structure
    hours = form.hour_length
    slo, allowed = form.latency_slo_ms.copy(), form.allowed.copy()
    values = {
        "accelerators": (structure.capacity.copy(), hours),
        "power_limit_mw": (structure.intake.copy(), hours),
        "limit_mw": (structure.tier_limit.copy(), hours),
        "capacity_gbps": (structure.link_capacity.copy(), GB_PER_GBPS_HOUR * hours),
        "carbon_limit_kg": (structure.cap_limit[:1].copy(), 1.0),
        "water_limit_litres": (structure.cap_limit[1:].copy(), 1.0),
    }
    places = state.instance.data_centres["jurisdiction"]
    jurisdictions = list(state.instance.workloads["jurisdictions"])
    for change in changes:
        if change.limit == "latency":
            slo[change.position] = change.new
        elif change.limit == "residency":
            jurisdictions[change.position] = change.new
            allowed[change.position] = [change.new is None or place in change.new for place in places]
        elif change.limit != "penalty":
            array, unit = values[change.column]
            array[change.position] = change.new * unit
    in_time = form.latency_ms <= slo[:, None, None] + 1e-9
    structure = replace(
        _with_arcs(structure, form, in_time & allowed[:, None, :] & np.isfinite(form.latency_ms)),
        capacity=values["accelerators"][0],
        intake=values["power_limit_mw"][0],
        tier_limit=values["limit_mw"][0],
        link_capacity=values["capacity_gbps"][0],
        cap_limit=np.concatenate([values["carbon_limit_kg"][0], values["water_limit_litres"][0]]),
    )
    changed = replace(form, structure=structure, latency_slo_ms=slo, allowed=allowed, in_time=in_time)
    return _State(state.instance, changed, tuple(jurisdictions))


def _with_arcs(structure: Structure, form: Formulation, admitted: np.ndarray) -> Structure:
    klass, origin, site = np.nonzero(admitted)
    cost = form.transit_usd_per_gb[origin, site] * structure.link_use[klass]
    return replace(structure, arc_class=klass, arc_origin=origin, arc_site=site, arc_cost=cost)


class _Programs:
    """Solves programs over the columns that were of use before, and over all others that would lower the cost."""

    def __init__(self, placement: Placement, solver: Solver) -> None:
        structure = placement.formulation.structure
        self._solver = solver
        self._scale = float(structure.demand_amount.sum())
        self._useful = np.zeros((len(structure.demand_amount), structure.sites), dtype=bool)
        self._keep(structure, placement.accounts.sent > 0)

    def solve(self, program: LinearProgram, structure: Structure) -> tuple[np.ndarray, np.ndarray]:
        """Return a proven point of the program and its row duals."""
        part = program.col_blocks["x"]
        kept = np.ones(len(program.cost), dtype=bool)
        columns = structure.columns
        if len(kept) > _WHOLE:
            kept[part] = self._useful[columns.x_demand, structure.arc_site[columns.x_arc]]
        while True:
            solution, certificate = solve_program(_over(program, kept), self._solver)
            reduced = np.where(kept, 0.0, program.cost - program.matrix.T @ solution.duals)
            missed = np.minimum(reduced, 0.0) * np.minimum(program.implied_upper, program.col_upper)
            if -missed.sum() <= _UNPROVEN * max(self._scale, abs(certificate.objective)):
                break
            kept |= missed < 0
        values = np.zeros(len(kept))
        values[kept] = solution.point
        self._keep(structure, kept[part])
        return values, solution.duals

    def _keep(self, structure: Structure, chosen: np.ndarray) -> None:
        columns = structure.columns
        if len(columns.x_demand) > _WHOLE:
            self._useful[columns.x_demand[chosen], structure.arc_site[columns.x_arc[chosen]]] = True


class _Kind(NamedTuple):
    """A kind of limit that is an amount: names, sizes (in the units of the rows) and rows, by position."""

    limit: str
    table: str
    column: str
    names: Iterable[str]
    sizes: np.ndarray
    per_unit: float
    rows: np.ndarray


@dataclass(frozen=True)
class _Knob:
    """A limit that is an amount: the rows it bounds, each by ``per_unit`` times the limit."""

    limit: str
    name: str
    table: str
    position: int
    column: str
    size: float
    per_unit: float
    rows: np.ndarray

    def raised(self, amount: float) -> Change:
        new = self.size + amount * (1 + _MARGIN)
        return Change(self.limit, self.name, self.table, self.position, self.column, self.size, new)


@dataclass(frozen=True)
class _Option:
    """A single change: what it leaves short if it is as large as it likes, and how to find its least size."""

    left: float
    rank: int
    least: Callable[[], tuple[Change, float]]


class _Step:
    """The least shortage of one instance, and what would lower it."""

    def __init__(self, state: _State, programs: _Programs, given_supplies: int) -> None:
        self._instance = state.instance
        self._jurisdictions = state.jurisdictions
        self._given_supplies = given_supplies
        self._formulation = state.formulation
        self._programs = programs
        self._limits = self._formulation.structure.tier_limit
        structure = self._formulation.structure
        self._structure = replace(structure, tier_limit=np.full_like(structure.tier_limit, math.inf))
        self._program = _shortage(self._structure, self._limits)
        self._demand = float(structure.demand_amount.sum())
        values, self._duals = programs.solve(self._program, self._structure)
        self._unserved = values[self._program.col_blocks["u"]]
        self.left = float(self._unserved.sum())
        # What a row can be asked to hold at the most; a limit above that is none.
        self._most = np.asarray(abs(self._program.matrix) @ self._program.implied_upper)

    def options(self, most: int) -> Iterator[_Option]:
        """Yield the single changes that may lower the shortage, solved for what they leave."""
        press = 0.0 - self._duals
        worth = [
            (press[knob.rows].sum() * knob.per_unit * (knob.size or self._bound(knob)), knob) for knob in self._knobs
        ]
        worth = [each for each in worth if each[0] > _NOTHING * self._demand]
        for _, knob in sorted(worth, key=lambda each: -each[0])[:most]:
            yield self._amount_option(knob)
        profit = _profit(self._structure, self._duals, self._program)
        form = self._formulation
        asked = np.zeros(form.latency_ms.shape[:2], dtype=bool)
        asked[self._structure.demand_class, self._structure.demand_origin] = True
        near = asked[:, :, None] & np.isfinite(form.latency_ms)
        late = near & form.allowed[:, None, :] & ~form.in_time
        for klass in np.flatnonzero((profit * late).sum(axis=(1, 2)) > _NOTHING * self._demand):
            yield self._latency_option(int(klass), late[klass])
        unlawful = near & ~form.allowed[:, None, :] & form.in_time
        gain = (profit * unlawful).sum(axis=1)
        places = self._instance.data_centres["jurisdiction"].to_numpy(object)
        for klass in np.flatnonzero(gain.sum(axis=1) > _NOTHING * self._demand):
            for place in dict.fromkeys(places[gain[klass] > 0]):
                yield self._law_option(int(klass), place, unlawful[klass] & (places == place))

    def openings(self) -> list[list[Change]]:
        """Return the ways to open one arc for the pair without arcs that is shortest, the least change first."""
        structure = self._structure
        short = np.zeros(self._formulation.latency_ms.shape[:2])
        np.add.at(short, (structure.demand_class, structure.demand_origin), self._unserved)
        short[structure.arc_class, structure.arc_origin] = 0.0
        klass, hub = np.unravel_index(int(short.argmax()), short.shape)
        if short[klass, hub] <= 0:
            return []
        ways = [self._open(int(klass), int(hub), site) for site in range(structure.sites)]
        return sorted(ways, key=lambda way: (len(way), sum(_hardship(change) for change in way)))

    def joint(self) -> list[Change]:
        """Return the limits to lift when all amounts together cure everything at the least sum of shares."""
        if not self._knobs:
            return []
        amounts = self._least(self._knobs, self._shares(self._knobs), 0.0)
        return [
            knob.raised(math.inf)
            for knob, amount in zip(self._knobs, amounts, strict=True)
            if amount > SHORT * self._bound(knob)
        ]

    def least_amounts(self, keys: Collection[_Key], left: float) -> list[Change]:
        """Return how far some limits must be raised to leave no more short, at the least sum of shares."""
        by_key = {knob.raised(0.0).key: knob for knob in self._knobs}
        knobs = [by_key[key] for key in keys]
        amounts = self._least(knobs, self._shares(knobs), left)
        return [knob.raised(float(amount)) for knob, amount in zip(knobs, amounts, strict=True)]

    def _shares(self, knobs: list[_Knob]) -> np.ndarray:
        """Return the cost of raising each limit: as a share of itself, or of the most there is use for if it is 0."""
        share = [1 / knob.size if knob.size > 0 else _NEW / self._bound(knob) for knob in knobs]
        return self._demand * np.array(share)

    @cached_property
    def _knobs(self) -> list[_Knob]:
        """All limits that are amounts and could bind."""
        structure, rows = self._structure, self._structure.rows
        hours, centres = self._formulation.hour_length, self._formulation.data_centres
        supplies, links = self._instance.supplies, self._instance.links
        finite = np.isfinite(self._limits)
        held = np.where(finite, np.cumsum(finite).reshape(finite.shape) - 1, -1)
        routes = links["from"] + " - " + links["to"]
        feeds = supplies["power_zone"] + " - " + supplies["data_centre"]
        caps, per_gbps = structure.cap_limit, GB_PER_GBPS_HOUR * hours
        kinds = (
            _Kind("accelerators", "data_centres", "accelerators", centres, structure.capacity, hours, rows.capacity),
            _Kind("site power", "data_centres", "power_limit_mw", centres, structure.intake, hours, rows.intake),
            _Kind("supply", "supplies", "limit_mw", feeds, self._limits, hours, held),
            _Kind("link", "links", "capacity_gbps", routes, structure.link_capacity, per_gbps, rows.link),
            _Kind("carbon cap", "settings", "carbon_limit_kg", [""], caps[:1], 1.0, rows.cap[:1]),
            _Kind("water cap", "settings", "water_limit_litres", [""], caps[1:], 1.0, rows.cap[1:]),
        )
        found = []
        for kind in kinds:
            block = self._program.row_blocks[_BLOCKS[kind.limit]]
            for position, name in enumerate(kind.names):
                at = np.atleast_1d(kind.rows[position])
                if (at >= 0).all():
                    dark = kind.limit == "supply" and position >= self._given_supplies
                    limit = "no supply" if dark else kind.limit
                    size = float(np.atleast_1d(kind.sizes[position])[0]) / kind.per_unit
                    where = (kind.table, position, kind.column)
                    found.append(_Knob(limit, str(name), *where, size, kind.per_unit, block.start + at))
        return [knob for knob in found if self._bound(knob) > 0]

    def _bound(self, knob: _Knob) -> float:
        return float(self._most[knob.rows].max()) / knob.per_unit

    def _amount_option(self, knob: _Knob) -> _Option:
        program = _elastic(self._program, [knob], np.array([self._bound(knob)]), np.zeros(1))
        values, _ = self._programs.solve(program, self._structure)
        left = float(values[program.col_blocks["u"]].sum())

        def least() -> tuple[Change, float]:
            (amount,) = self._least([knob], np.array([self._demand / self._bound(knob)]), left)
            return knob.raised(amount), amount / knob.size if knob.size > 0 else amount

        return _Option(left, _AMOUNT if knob.size > 0 else _BUILD, least)

    def _least(self, knobs: list[_Knob], cost: np.ndarray, left: float) -> np.ndarray:
        """Return the least amounts that leave no more short than ``left``."""
        bounds = np.array([self._bound(knob) for knob in knobs])
        program = _elastic(self._program, knobs, bounds, cost)
        unserved = self._program.cost
        whole = np.append(unserved, np.zeros(len(knobs)))
        program = replace(
            program,
            cost=program.cost - whole,
            matrix=csc_array(vstack([program.matrix, whole[None, :]], format="csc")),
            row_lower=np.append(program.row_lower, -math.inf),
            row_upper=np.append(program.row_upper, max(left, 0.0) + _SLACK * self._demand),
            row_blocks=_and_one(program.row_blocks, "shortage", 1),
        )
        values, _ = self._programs.solve(program, self._structure)
        return np.maximum(values[program.col_blocks["raise"]], 0.0)

    def _left_with(self, klass: int, opened: np.ndarray) -> float:
        """Return the least shortage with some more arcs (hubs, data centres) of a workload."""
        structure, form = self._structure, self._formulation
        admitted = np.zeros(form.latency_ms.shape, dtype=bool)
        admitted[structure.arc_class, structure.arc_origin, structure.arc_site] = True
        admitted[klass] |= opened
        more = _with_arcs(structure, form, admitted)
        program = _shortage(more, self._limits)
        values, _ = self._programs.solve(program, more)
        return float(values[program.col_blocks["u"]].sum())

    def _latency_option(self, klass: int, late: np.ndarray) -> _Option:
        latency = self._formulation.latency_ms[klass]
        left = self._left_with(klass, late)
        name = self._formulation.workloads[klass]
        old = float(self._formulation.latency_slo_ms[klass])

        def least() -> tuple[Change, float]:
            corners = np.unique(latency[late])
            low, high = 0, len(corners) - 1  # corners[high] is enough
            while low < high:
                middle = (low + high) // 2
                if self._left_with(klass, late & (latency <= corners[middle])) <= left + SHORT * self._demand:
                    high = middle
                else:
                    low = middle + 1
            new = float(corners[high])
            return Change("latency", name, "workloads", klass, "latency_slo_ms", old, new), (new - old) / old

        return _Option(left, _AMOUNT, least)

    def _law_option(self, klass: int, place: str | None, opened: np.ndarray) -> _Option:
        change = self._allow(klass, place)
        return _Option(self._left_with(klass, opened), _LAW, lambda: (change, 0.0))

    def _allow(self, klass: int, place: str | None) -> Change:
        """Let a workload run in one more jurisdiction, or anywhere if the place belongs to none."""
        old = self._jurisdictions[klass]
        new = None if place is None else (*old, place)
        return Change("residency", self._formulation.workloads[klass], "workloads", klass, "jurisdictions", old, new)

    def _open(self, klass: int, hub: int, site: int) -> list[Change]:
        """Return the changes that open one arc."""
        form, changes = self._formulation, []
        old, trips = float(form.latency_slo_ms[klass]), float(form.round_trips[klass])
        latency = float(form.latency_ms[klass, hub, site])
        if not math.isfinite(latency):
            access = float(self._instance.hubs["access_ms"].iloc[hub])
            server = float(self._instance.workloads["server_ms"].iloc[klass])
            budget = (old - server) / trips - access if trips > 0 else math.inf
            longest = self._instance.routes.rtt_ms
            rtt = max(budget * (1 - 1e-12), 0.0) if budget < math.inf else longest[np.isfinite(longest)].max()
            ends = (str(form.hubs[hub]), str(form.data_centres[site]))
            link = {"from": ends[0], "to": ends[1], "rtt_ms": float(rtt), "capacity_gbps": math.inf, "usd_per_gb": 0.0}
            position = len(self._instance.links)
            changes.append(Change("no route", " - ".join(ends), "links", position, "", None, link))
            latency = server + trips * (access + float(rtt))
        if latency > old + 1e-9:
            name = form.workloads[klass]
            changes.append(Change("latency", name, "workloads", klass, "latency_slo_ms", old, latency))
        if not form.allowed[klass, site]:
            changes.append(self._allow(klass, self._instance.data_centres["jurisdiction"].iloc[site]))
        return changes


def _hardship(change: Change) -> float:
    """Order changes of different kinds: milliseconds by share, then law, then links."""
    if change.limit == "latency":
        return change.amount / (change.amount + change.old)
    return 1.0 if change.limit == "residency" else 2.0


def _shortage(structure: Structure, limits: np.ndarray) -> LinearProgram:
    """Return the program of the least shortage, with the limits of supplies as rows of their own."""
    program = expand(structure)
    held = np.flatnonzero(np.isfinite(limits.ravel()))
    columns = program.col_blocks["y"].start + held
    more = csc_array((np.ones(len(held)), (np.arange(len(held)), columns)), shape=(len(held), len(program.cost)))
    cost = np.zeros(len(program.cost))
    cost[program.col_blocks["u"]] = 1.0
    return replace(
        program,
        cost=cost,
        matrix=csc_array(vstack([program.matrix, more], format="csc")),
        row_lower=np.append(program.row_lower, np.full(len(held), -math.inf)),
        row_upper=np.append(program.row_upper, limits.ravel()[held]),
        row_blocks=_and_one(program.row_blocks, "supply", len(held)),
    )


def _elastic(program: LinearProgram, knobs: list[_Knob], bounds: np.ndarray, cost: np.ndarray) -> LinearProgram:
    """Add a column for each limit by which it is raised."""
    count = np.array([len(knob.rows) for knob in knobs])
    rows = np.concatenate([knob.rows for knob in knobs])
    entries = np.repeat([-knob.per_unit for knob in knobs], count)
    shape = (program.matrix.shape[0], len(knobs))
    more = csc_array((entries, (rows, np.repeat(np.arange(len(knobs)), count))), shape=shape)
    return replace(
        program,
        cost=np.append(program.cost, cost),
        matrix=csc_array(hstack([program.matrix, more], format="csc")),
        col_lower=np.append(program.col_lower, np.zeros(len(knobs))),
        col_upper=np.append(program.col_upper, bounds),
        implied_upper=np.append(program.implied_upper, bounds),
        col_blocks=_and_one(program.col_blocks, "raise", len(knobs)),
    )


def _over(program: LinearProgram, kept: np.ndarray) -> LinearProgram:
    """Return the program over some of its columns."""
    if kept.all():
        return program
    return replace(
        program,
        cost=program.cost[kept],
        matrix=csc_array(program.matrix[:, np.flatnonzero(kept)]),
        col_lower=program.col_lower[kept],
        col_upper=program.col_upper[kept],
        implied_upper=program.implied_upper[kept],
        col_blocks=blocks({name: int(kept[part].sum()) for name, part in program.col_blocks.items()}),
    )


def _and_one(parts: Mapping[str, slice], name: str, size: int) -> dict[str, slice]:
    return blocks({each: part.stop - part.start for each, part in parts.items()} | {name: size})


def _profit(structure: Structure, duals: np.ndarray, program: LinearProgram) -> np.ndarray:
    """Return the most that one more arc of each workload, hub and data centre could lower the shortage."""
    rows, part = structure.rows, program.row_blocks

    def price(block: str, position: np.ndarray) -> np.ndarray:
        return 0.0 - np.append(duals[part[block]], 0.0)[position]

    drawn = structure.draw[:, :, None] * structure.overhead[None]
    service: np.ndarray = structure.use[:, :, None] * price("capacity", rows.capacity)[None]
    service = service + drawn * (price("balance", rows.balance) + price("intake", rows.intake))[None]
    service += np.einsum("c,ckj->kj", price("cap", rows.cap), structure.cap_work)[:, :, None]
    for klass in np.flatnonzero(structure.window > 0):
        service[klass] = least_ahead(service[klass], int(structure.window[klass]), cyclic=structure.cyclic)
    klasses, origin, period = structure.demand_class, structure.demand_origin, structure.demand_period
    route = origin[:, None] * structure.sites + np.arange(structure.sites)
    link = np.asarray(structure.route_links @ price("link", rows.link))
    cost = service[klasses, :, period] + structure.link_use[klasses][:, None] * link[route, period[:, None]]
    gain = np.maximum(duals[part["demand"]][:, None] - cost, 0.0) * structure.demand_amount[:, None]
    profit = np.zeros((len(structure.window), structure.route_links.shape[0] // structure.sites, structure.sites))
    np.add.at(profit, (klasses, origin), gain)
    return profit


def _table(search: _Search, unserved: np.ndarray, without: list[np.ndarray]) -> pd.DataFrame:
    """List, change by change, the workloads and hubs that are short for want of it."""
    after = search.formulation
    structure, changes = after.structure, list(search.changes.values())
    noise = SHORT * float(structure.demand_amount.sum())
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


def _alternatives(others: list[tuple[_Key, Change]], changes: Mapping[_Key, Change]) -> pd.DataFrame:
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


def _rounded_up(amount: float) -> float:
    """Round up to four digits, so that the figure in words is enough."""
    if not amount > 0:
        return amount
    unit = math.floor(math.log10(amount)) - 3
    return round(math.ceil(amount / 10.0**unit * (1 - 1e-7)) * 10.0**unit, max(-unit, 0))
