"""The limits that are amounts and could bind: where each stands, its rows, and its change by an amount."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from placer.analysis.shortage.changes import Change, Key
from placer.analysis.shortage.state import CAPS, State, per_unit
from placer.instance.checks.limit_checks import KINDS
from placer.instance.contracts import covered_supplies
from placer.model.caps import OWN_CAPS
from placer.model.limit_rows import per_amount
from placer.model.program import LinearProgram
from placer.utils.arrays import NOISE, FloatArray, IntArray


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
                # The division by hours rounds: limits of hours that differ by no more are one limit.
                given = float(sizes[0]) if np.ptp(sizes) <= NOISE * sizes.max() else tuple(sizes.tolist())
                size = float(np.max(given))
                found.append(ElasticLimit(limit, str(name), *where, given, size, unit, first + at, largest))
    found += _own_limits(state, program, most) + _zone_limits(state, program, most)
    return tuple(limit for limit in found if limit.largest > 0)


def _own_limits(state: State, program: LinearProgram, most: FloatArray) -> list[ElasticLimit]:
    """Return the limits of one's own that could bind, given the most that every row may hold.

    The amount of a share of what flows is a coefficient of its row: a raise of the row stands for another amount.
    """
    formulation, found = state.formulation, []
    structure, first = formulation.structure, program.row_blocks["cap"].start
    for position, name in enumerate(state.instance.limits["limit"]):
        own = [number for number, limit in enumerate(formulation.limits) if limit.name == name and not limit.zone]
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


def _zone_limits(state: State, program: LinearProgram, most: FloatArray) -> list[ElasticLimit]:
    """Return the limits of power zones that could bind, given the most that every row may hold."""
    formulation, zones, found = state.formulation, state.instance.power_zones["power_zone"], []
    sold = set(state.instance.contracts["power_zone"])  # more of them is more of a contract too, and of its price
    structure, first = formulation.structure, program.row_blocks["cap"].start
    for position, zone in enumerate(zones):
        mine = [number for number, limit in enumerate(formulation.limits) if limit.zone == zone and zone not in sold]
        row = structure.rows.cap[[OWN_CAPS + number for number in mine]]
        if not mine or (row < 0).any():
            continue
        hour = np.array([int(formulation.limits[number].hour.argmax()) for number in mine])
        unit, mw = formulation.period_hours[hour], np.full(structure.periods, math.inf)
        mw[hour] = structure.cap_limit[[OWN_CAPS + number for number in mine]] / unit
        is_one = len(mine) == len(mw) and np.ptp(mw) <= NOISE * mw.max()
        given = float(mw[0]) if is_one else tuple(mw.tolist())
        where = "power zone", str(zone), "power_zones", position, "limit_mw"
        largest = float((most[first + row] / unit).max())
        found.append(ElasticLimit(*where, given, float(mw[hour].max()), unit, first + row, largest))
    return found


def _kinds(state: State, tier_limits: FloatArray) -> Iterator[_Kind]:
    """Yield the kinds of limits that are amounts."""
    structure, rows, centres = state.formulation.structure, state.formulation.structure.rows, "data_centres"
    names, supplies, links = state.formulation.data_centres, state.instance.supplies, state.instance.links
    finite = np.isfinite(tier_limits)
    held = np.where(finite, np.cumsum(finite).reshape(finite.shape) - 1, -1)
    held[covered_supplies(state.instance)] = -1  # what a contract offers is no limit of a line
    feeds = supplies["power_zone"] + " - " + supplies["data_centre"]
    routes = links["from"] + " - " + links["to"]
    yield _Kind("accelerators", centres, "accelerators", "capacity", names, structure.capacity, rows.capacity)
    yield _Kind("site power", centres, "power_limit_mw", "intake", names, structure.intake, rows.intake)
    yield _Kind("supply", "supplies", "limit_mw", "supply", feeds, tier_limits, held)
    yield _Kind("link", "links", "capacity_gbps", "link", routes, structure.link_capacity, rows.link)
    for limit, (column, cap) in zip(("carbon cap", "water cap"), CAPS.items(), strict=True):
        yield _Kind(limit, "settings", column, "cap", [""], structure.cap_limit[[cap]], rows.cap[[cap]])
