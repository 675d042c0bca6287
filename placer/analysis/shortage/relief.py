"""The programs of ``placer.explain``: what is short with a limit lifted, and how far it would have to be."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.sparse import csc_array, hstack, vstack

from placer.analysis.shortage.changes import Change, Key
from placer.model.answer import read_duals
from placer.model.formulation import GB_PER_GBPS_HOUR, ROUNDING, Formulation, with_arcs
from placer.model.program import LinearProgram, blocks
from placer.proof.arc_gains import arc_gains
from placer.solvers.memory import whole_program
from placer.solvers.whole_program import solve_program

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from placer.instance.problem import Instance
    from placer.model.program import Solver
    from placer.model.structure import Structure
    from placer.placement.result import Placement

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
#: Amounts are raised by this share, so that rounding does not leave a rest.
_MARGIN = 1e-8
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


@dataclass(frozen=True)
class State:
    """A problem on the way: the instance that gave the routes and names, and the formulation with the changes."""

    instance: Instance
    formulation: Formulation
    jurisdictions: tuple[Any, ...] = ()


def changed(state: State, changes: Iterable[Change]) -> State:
    """Return the problem after some changes of values, new links apart."""
    form, structure = state.formulation, state.formulation.structure
    hours = form.hour_length
    slo, allowed = form.latency_slo_ms.copy(), form.allowed.copy()
    values: dict[str, tuple[np.ndarray, float | np.ndarray]] = {
        "accelerators": (structure.capacity.copy(), form.max_utilisation * hours),
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
            array[change.position] = change.new * np.broadcast_to(unit, len(array))[change.position]
    in_time = form.latency_ms <= slo[:, None, None] + ROUNDING
    structure = replace(
        with_arcs(form, in_time & allowed[:, None, :] & np.isfinite(form.latency_ms)).structure,
        capacity=values["accelerators"][0],
        intake=values["power_limit_mw"][0],
        tier_limit=values["limit_mw"][0],
        link_capacity=values["capacity_gbps"][0],
        cap_limit=np.concatenate([values["carbon_limit_kg"][0], values["water_limit_litres"][0]]),
    )
    changed = replace(form, structure=structure, latency_slo_ms=slo, allowed=allowed, in_time=in_time)
    return State(state.instance, changed, tuple(jurisdictions))


class Programs:
    """Solves programs over the columns that were of use before, and over all others that would lower the cost."""

    def __init__(self, placement: Placement, solver: Solver) -> None:
        structure = placement.formulation.structure
        self._solver = solver
        self._scale = structure.total_demand
        self._useful = np.zeros((len(structure.demand_amount), structure.sites), dtype=bool)
        sent = placement.accounts.sent > 0
        self._keep(structure, placement.accounts.demand[sent], placement.accounts.arc[sent])

    def solve(self, program: LinearProgram, structure: Structure) -> tuple[np.ndarray, np.ndarray]:
        """Return a proven point of the program and its row duals."""
        part = program.col_blocks["x"]
        kept = np.ones(len(program.cost), dtype=bool)
        every = structure.assignments
        if len(kept) > _WHOLE:
            kept[part] = self._useful[every.demand, structure.arc_site[every.arc]]
        while True:
            solution, certificate = solve_program(_over(program, kept), self._solver)
            reduced = np.where(kept, 0.0, program.cost - program.matrix.T @ solution.duals)
            missed = np.minimum(reduced, 0.0) * np.minimum(program.implied_upper, program.col_upper)
            if -missed.sum() <= _UNPROVEN * max(self._scale, abs(certificate.objective)):
                break
            kept |= missed < 0
        values = np.zeros(len(kept))
        values[kept] = solution.point
        self._keep(structure, every.demand[kept[part]], every.arc[kept[part]])
        return values, solution.duals

    def _keep(self, structure: Structure, demand: np.ndarray, arc: np.ndarray) -> None:
        """Note which assignments were of use."""
        if structure.assignment_count > _WHOLE:
            self._useful[demand, structure.arc_site[arc]] = True


class _Kind(NamedTuple):
    """A kind of limit that is an amount: names, sizes (in the units of the rows) and rows, by position."""

    limit: str
    table: str
    column: str
    names: Iterable[str]
    sizes: np.ndarray
    per_unit: float | np.ndarray
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


class Step:
    """The least shortage of one instance, and what would lower it."""

    def __init__(self, state: State, programs: Programs, given_supplies: int) -> None:
        self._instance = state.instance
        self._jurisdictions = state.jurisdictions
        self._given_supplies = given_supplies
        self._formulation = state.formulation
        self._programs = programs
        self._limits = self._formulation.structure.tier_limit
        structure = self._formulation.structure
        self._structure = replace(structure, tier_limit=np.full_like(structure.tier_limit, math.inf))
        self._program = _shortage(self._structure, self._limits)
        self._demand = structure.total_demand
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
        profit = arc_gains(self._structure, read_duals(self._structure, self._program, self._duals))
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

    def least_amounts(self, keys: Collection[Key], left: float) -> list[Change]:
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
        usable = hours * self._formulation.max_utilisation
        supplies, links = self._instance.supplies, self._instance.links
        finite = np.isfinite(self._limits)
        held = np.where(finite, np.cumsum(finite).reshape(finite.shape) - 1, -1)
        routes = links["from"] + " - " + links["to"]
        feeds = supplies["power_zone"] + " - " + supplies["data_centre"]
        caps, per_gbps = structure.cap_limit, GB_PER_GBPS_HOUR * hours
        kinds = (
            _Kind("accelerators", "data_centres", "accelerators", centres, structure.capacity, usable, rows.capacity),
            _Kind("site power", "data_centres", "power_limit_mw", centres, structure.intake, hours, rows.intake),
            _Kind("supply", "supplies", "limit_mw", feeds, self._limits, hours, held),
            _Kind("link", "links", "capacity_gbps", routes, structure.link_capacity, per_gbps, rows.link),
            _Kind("carbon cap", "settings", "carbon_limit_kg", [""], caps[:1], 1.0, rows.cap[:1]),
            _Kind("water cap", "settings", "water_limit_litres", [""], caps[1:], 1.0, rows.cap[1:]),
        )
        found = []
        for kind in kinds:
            block = self._program.row_blocks[_BLOCKS[kind.limit]]
            units = np.broadcast_to(kind.per_unit, len(kind.rows))
            for position, name in enumerate(kind.names):
                at = np.atleast_1d(kind.rows[position])
                if (at >= 0).all():
                    dark = kind.limit == "supply" and position >= self._given_supplies
                    limit = "no supply" if dark else kind.limit
                    size = float(np.atleast_1d(kind.sizes[position])[0]) / units[position]
                    where = (kind.table, position, kind.column)
                    found.append(_Knob(limit, str(name), *where, size, float(units[position]), block.start + at))
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
        admitted = structure.admitted
        admitted[klass] |= opened
        more = with_arcs(replace(form, structure=structure), admitted).structure
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
    program = whole_program(structure)
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
