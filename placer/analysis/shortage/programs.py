"""The programs of ``placer.explain``: the lowest shortage, limits made elastic, and how they are solved.

    U    = min  sum u      over the rows of ``placer.model.structure``, with the limits of supplies as rows of their own

An elastic limit has a column by which its rows are raised.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.sparse import csc_array

from placer.analysis.shortage.changes import Change, Key
from placer.analysis.shortage.state import CAPS, State, per_unit
from placer.instance.limit_checks import KINDS
from placer.model.caps import OWN_CAPS
from placer.model.edits import restricted_to, with_columns, with_cost, with_rows
from placer.model.limit_rows import per_amount
from placer.solvers.memory import whole_program
from placer.solvers.whole_program import solve_program

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from placer.analysis.shortage.parameters import ShortageParameters
    from placer.model.program import LinearProgram, Solver
    from placer.model.structure import Structure
    from placer.placement.result import Placement
    from placer.utils.arrays import FloatArray, IntArray


def shortage_program(structure: Structure, tier_limits: FloatArray) -> LinearProgram:
    """Return the program of the lowest shortage.

    Parameters
    ----------
    structure : Structure
        Without limits of tiers.
    tier_limits : (tiers, periods) array
        They become rows, block "supply", where finite.
    """
    program = whole_program(structure)
    held = np.flatnonzero(np.isfinite(tier_limits.ravel()))
    columns = program.col_blocks["y"].start + held
    rows = csc_array((np.ones(len(held)), (np.arange(len(held)), columns)), shape=(len(held), len(program.cost)))
    limited = with_rows(program, "supply", rows, np.full(len(held), -math.inf), tier_limits.ravel()[held])
    return with_cost(limited, {"u": 1.0})


#: Limits of hours that differ by less than this share are one limit: the division by hours rounds.
_SAME = 1e-12


@dataclass(frozen=True, eq=False)
class ElasticLimit:
    """A limit that is an amount and could bind.

    Attributes
    ----------
    limit, name : str
        As in ``Change``.
    table, position, column : str, int, str
        Where it stands.
    given : float or tuple of float
        The limit as it is, for all hours or by hour.
    size : float
        The largest of it.
    per_unit : array
        By how much a unit of it raises each of its rows.
    rows : int array
        Positions of the rows in the program of the lowest shortage.
    largest : float
        The largest amount by which raising it could be of use.
    sign : float
        -1 for a limit of at least an amount, which is lowered.
    at_most : float
        The largest amount it may have.
    is_ratio : bool
        Whether the amount is a coefficient of the rows (``placer.solvers.ratios``): a raise of the rows lifts it.
    """

    limit: str
    name: str
    table: str
    position: int
    column: str
    given: float | tuple[float, ...]
    size: float
    per_unit: FloatArray
    rows: IntArray
    largest: float
    sign: float = 1.0
    at_most: float = math.inf
    is_ratio: bool = False

    @property
    def key(self) -> Key:
        """Where the limit stands."""
        return self.table, self.position, self.column

    def raised(self, amount: float, margin: float) -> Change:
        """Return the change by an amount in every hour, and by a share of it more; inf lifts the limit."""
        more = amount * (1 + margin)
        new: float | tuple[float, ...] = min(max(self.size + self.sign * more, 0.0), self.at_most)
        if math.isinf(more):
            new = math.inf
        elif isinstance(self.given, tuple):
            new = tuple(each + more for each in self.given)
        return Change(self.limit, self.name, self.table, self.position, self.column, self.given, new)


class _Kind(NamedTuple):
    """A kind of limit that is an amount: names, sizes (in the units of the rows) and rows, by position."""

    limit: str
    table: str
    column: str
    block: str
    names: Iterable[str]
    sizes: FloatArray
    rows: IntArray


def elastic_limits(
    state: State, program: LinearProgram, tier_limits: FloatArray, given_supplies: int
) -> tuple[ElasticLimit, ...]:
    """Return all limits that are amounts and could bind.

    Parameters
    ----------
    state : State
    program : LinearProgram
        Of the lowest shortage at the state.
    tier_limits : (tiers, periods) array
        The limits of supplies that are rows of the program.
    given_supplies : int
        Supplies from this position on are spare ones, of 0 MW (``placer.analysis.shortage.changes.spare_supplies``).
    """
    most = np.asarray(abs(program.matrix) @ program.implied_upper)  # a row never holds more; a limit above is none
    units, found = per_unit(state.formulation), []
    for kind in _kinds(state, tier_limits):
        first = program.row_blocks[kind.block].start
        unit_of = np.broadcast_to(units[kind.column], kind.rows.shape)
        for position, name in enumerate(kind.names):
            at = np.atleast_1d(kind.rows[position])
            if (at >= 0).all():
                spare = kind.limit == "supply" and position >= given_supplies
                limit, unit = "no supply" if spare else kind.limit, np.atleast_1d(unit_of[position])
                sizes = np.atleast_1d(kind.sizes[position]) / unit
                largest = float((most[first + at] / unit).max())
                where = kind.table, position, kind.column
                given = float(sizes[0]) if np.ptp(sizes) <= _SAME * sizes.max() else tuple(sizes.tolist())
                size = float(np.max(given))
                found.append(ElasticLimit(limit, str(name), *where, given, size, unit, first + at, largest))
    found += _own_limits(state, program, most)
    return tuple(limit for limit in found if limit.largest > 0)


def _own_limits(state: State, program: LinearProgram, most: FloatArray) -> list[ElasticLimit]:
    """Return the limits of one's own that could bind, given the most that every row may hold.

    The amount of a share of what flows is a coefficient of its row: a raise of the row stands for another amount.
    """
    formulation, found = state.formulation, []
    structure, first = formulation.structure, program.row_blocks["cap"].start
    for position, name in enumerate(state.instance.limits["limit"]):
        own = [number for number, limit in enumerate(formulation.limits) if limit.name == name]
        row = structure.rows.cap[[OWN_CAPS + number for number in own]]
        if not (row >= 0).all():
            continue
        limit = formulation.limits[own[0]]
        unit = np.array([per_amount(structure, formulation.limits[number]) for number in own])
        kept = unit > 0
        if limit.is_of_flows:
            unit, kept = np.ones(len(own)), np.ones(len(own), dtype=bool)
        if kept.any():
            side = limit.sign * structure.cap_limit[OWN_CAPS + own[int(kept.argmax())]]
            size = limit.amount if limit.is_of_flows else float(side / unit[kept][0])
            rows = first + row[kept]
            largest = float((most[rows] / unit[kept]).max())
            at_most = 1.0 if KINDS[limit.kind].is_share else math.inf
            where = "limit", str(name), "limits", position, "amount"
            bounds = largest, limit.sign, at_most
            found.append(ElasticLimit(*where, size, size, unit[kept], rows, *bounds, limit.is_of_flows))
    return found


def _kinds(state: State, tier_limits: FloatArray) -> Iterator[_Kind]:
    """Yield the kinds of limits that are amounts."""
    structure, rows, centres = state.formulation.structure, state.formulation.structure.rows, "data_centres"
    names, supplies, links = state.formulation.data_centres, state.instance.supplies, state.instance.links
    finite = np.isfinite(tier_limits)
    held = np.where(finite, np.cumsum(finite).reshape(finite.shape) - 1, -1)
    feeds = supplies["power_zone"] + " - " + supplies["data_centre"]
    routes = links["from"] + " - " + links["to"]
    yield _Kind("accelerators", centres, "accelerators", "capacity", names, structure.capacity, rows.capacity)
    yield _Kind("site power", centres, "power_limit_mw", "intake", names, structure.intake, rows.intake)
    yield _Kind("supply", "supplies", "limit_mw", "supply", feeds, tier_limits, held)
    yield _Kind("link", "links", "capacity_gbps", "link", routes, structure.link_capacity, rows.link)
    for limit, (column, cap) in zip(("carbon cap", "water cap"), CAPS.items(), strict=True):
        yield _Kind(limit, "settings", column, "cap", [""], structure.cap_limit[[cap]], rows.cap[[cap]])


def with_elastic(program: LinearProgram, limits: Sequence[ElasticLimit], cost: FloatArray) -> LinearProgram:
    """Return the program with a column, block "raise", by which each limit is raised, at a cost per unit."""
    count = np.array([len(limit.rows) for limit in limits])
    rows = np.concatenate([limit.rows for limit in limits])
    entries = np.concatenate([np.broadcast_to(-limit.per_unit, len(limit.rows)) for limit in limits])
    place = rows, np.repeat(np.arange(len(limits)), count)
    matrix = csc_array((entries, place), shape=(program.matrix.shape[0], len(limits)))
    return with_columns(program, "raise", matrix, cost, np.array([limit.largest for limit in limits]))


def cheapest_raise(
    program: LinearProgram, limits: Sequence[ElasticLimit], cost: FloatArray, shortage: float
) -> LinearProgram:
    """Return the program of the cheapest raise of some limits that leaves no more than a shortage.

    Parameters
    ----------
    program : LinearProgram
        Of the lowest shortage.
    limits : sequence of ElasticLimit
    cost : (limits,) array
        Per unit of each.
    shortage : float
    """
    elastic = with_elastic(program, limits, cost)
    unserved = np.append(program.cost, np.zeros(len(limits)))
    return with_shortage(replace(elastic, cost=elastic.cost - unserved), unserved, shortage)


def with_shortage(program: LinearProgram, unserved: FloatArray, shortage: float) -> LinearProgram:
    """Return the program with a row that leaves no more than a shortage.

    Parameters
    ----------
    program : LinearProgram
    unserved : (columns,) array
        1 where a column is unserved demand, otherwise 0.
    shortage : float
        In Mtok.
    """
    return with_rows(program, "shortage", unserved[None, :], np.array([-math.inf]), np.array([shortage]))


class Programs:
    """Solves programs of one instance and its changes, over part of their columns where they are large.

    A large program is solved over the assignments that were of use in programs before. Its duals price all others;
    those that would lower the cost are added, until their remaining gain is rounding.
    """

    def __init__(self, placement: Placement, solver: Solver, parameters: ShortageParameters) -> None:
        structure = placement.formulation.structure
        self._solver = solver
        self._parameters = parameters
        self._demand = structure.total_demand
        self._useful = np.zeros((len(structure.demand_amount), structure.sites), dtype=bool)
        sent = placement.accounts.sent > 0
        self._keep(structure, placement.accounts.demand[sent], placement.accounts.arc[sent])

    def solve(self, program: LinearProgram, structure: Structure) -> tuple[FloatArray, FloatArray]:
        """Return a proven point of the program and its row duals."""
        part = program.col_blocks["x"]
        kept = np.ones(len(program.cost), dtype=bool)
        every = structure.assignments
        if len(kept) > self._parameters.whole_columns:
            kept[part] = self._useful[every.demand, structure.arc_site[every.arc]]
        while True:
            solution, certificate = solve_program(restricted_to(program, kept), self._solver)
            reduced = np.where(kept, 0.0, program.cost - program.matrix.T @ solution.duals)
            missed = np.minimum(reduced, 0.0) * np.minimum(program.implied_upper, program.col_upper)
            if -missed.sum() <= self._parameters.unproven_share * max(self._demand, abs(certificate.objective)):
                break
            kept |= missed < 0
        values = np.zeros(len(kept))
        values[kept] = solution.point
        self._keep(structure, every.demand[kept[part]], every.arc[kept[part]])
        return values, solution.duals

    def _keep(self, structure: Structure, demand: IntArray, arc: IntArray) -> None:
        """Note which assignments were of use."""
        if structure.assignment_count > self._parameters.whole_columns:
            self._useful[demand, structure.arc_site[arc]] = True
