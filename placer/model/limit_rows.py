"""Limits of one's own as rows: the flows that each counts, as caps of ``placer.model.structure``.

With the scope of a limit as indicators of workloads k, hubs h, data centres j, hours t and supplies s,

    tokens              count = sum over x in scope, by the hour they are asked for
    share of asked      count = the same;   limit amount * demand of the scope's workloads, hubs and hours
    share of served     count - amount * (tokens of the scope's workloads, hubs and hours, served anywhere) <= 0
    accelerator_hours   count = sum b_kj s_kjt
    energy_mwh          count = sum pue_jt e_kj s_kjt;   with a power zone sum y_st
    carbon_kg           count = sum carbon_kg_per_mwh_zt y_st
    water_litres        count = sum litres_kj s_kjt
    quota (a policy)    count = sum over x between its hubs and data centres
    cost_usd            count = sum transit_hw gb_per_mtok_k x_khwt + sum w_kjt s_kjt + sum energy_st y_st
                        energy_st = p_st without its price of carbon;   with a power zone sum energy_st y_st
    green_share         amount * used - green <= 0   for at least, with
                        green = sum green_s (1 - loss_s) y_st - sum (c - g) of green contents
                        used  = sum (1 - loss_s) y_st - sum (c - g) of both contents
    green, grey power   green >= 0, used - green >= 0   of every site with such contents, in every hour

Energy, carbon and cost of a power zone with a battery count what is bought: ``sum y_st + sum (c - g)`` of its
batteries, which pay the price of the zone.
A limit ``limit_mw`` of a power zone is one on ``energy_mwh`` in every hour: ``sum over s of z: y_st <= limit_mw_zt``
times the length of the hour and its weight.

A row of sense ``>=`` is written ``-count <= -amount``. Tokens that cannot wait, or of all hours, are counted where they
are served, as ``cap_work``; where the scope names hubs, or some hours of work that waits, by assignment.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from placer.errors import InstanceError, Violation
from placer.model.answer import Flows
from placer.model.cap_rows import NO_CELLS, CapRows, Cells, all_cells, cells_of
from placer.model.limits import GREEN, GREY, Limit
from placer.model.storing import net_charge
from placer.model.structure import ROWS_OF_CAPS, Structure
from placer.utils.arrays import BoolArray, FloatArray, IntArray

#: The most memory that the coefficients of limits may take, and bytes of each: a value, two positions, and a copy.
MOST_GB, _BYTES = 8.0, 40


@dataclass(frozen=True, eq=False)
class Quantities:
    """Quantities that limits count and a structure does not hold.

    Attributes
    ----------
    water_litres : (k, j) array
        Per Mtok served.
    carbon_kg, energy_usd, carbon_usd : (s, t) arrays
        Per MWh bought: carbon, energy without the price of carbon, and that price.
    green : (s,) array
        Part of a supply that is green.
    usd_per_gb : (h, w) array
    """

    water_litres: FloatArray
    carbon_kg: FloatArray
    energy_usd: FloatArray
    carbon_usd: FloatArray
    green: FloatArray
    usd_per_gb: FloatArray


@dataclass(frozen=True, eq=False)
class CapRow:
    """Coefficients of a linear count of flows, as ``Structure`` has them for a cap."""

    work: Cells = NO_CELLS
    tier: Cells = NO_CELLS
    send: FloatArray | None = None
    route: Cells = NO_CELLS
    arrival: Cells = NO_CELLS
    source: Cells = NO_CELLS
    store: Cells = NO_CELLS


def with_limits(structure: Structure, limits: tuple[Limit, ...], quantities: Quantities) -> Structure:
    """Return the structure with a cap for every limit, after the caps it has.

    Raises
    ------
    InstanceError
        If the coefficients of the rows take more than ``MOST_GB``.
    """
    if not limits:
        return structure
    counts, entries = list[CapRow](), 0
    for limit in limits:
        counts.append(_row(structure, limit, quantities))
        entries += sum(len(cells.place) for cells in (counts[-1].work, counts[-1].tier, counts[-1].route))
        _check_memory(structure, len(limits), entries)
    caps: dict[str, Any] = {}
    for name in ROWS_OF_CAPS:
        given: CapRows = getattr(structure, name)
        cells = [getattr(count, name.removeprefix("cap_")) for count in counts]
        caps[name] = given.joined(CapRows.of_cells(given.axes, cells))
    if (stores := structure.stores) is not None:
        more = CapRows.of_cells(stores.cap_source.axes, [count.source for count in counts])
        own = None
        if stores.bank is not None:
            empty = CapRows.nothing(len(structure.cap_limit), stores.power.shape)
            own = (empty if stores.cap_store is None else stores.cap_store).joined(
                CapRows.of_cells(stores.power.shape, [count.store for count in counts])
            )
        caps["stores"] = replace(stores, cap_source=stores.cap_source.joined(more), cap_store=own)
    nothing = np.zeros(structure.classes)
    sends = [nothing if count.send is None else count.send for count in counts]
    sides = [limit.sign * right_side(structure, limit) for limit in limits]
    return replace(
        structure,
        cap_limit=np.append(structure.cap_limit, sides),
        cap_send=np.concatenate([structure.cap_send, sends]),
        **caps,
    )


def with_caps(structure: Structure, kept: IntArray) -> Structure:
    """Return the structure with some of its caps, given by position."""
    rows: dict[str, Any] = {name: getattr(structure, name)[kept] for name in ROWS_OF_CAPS}
    if (stores := structure.stores) is not None:
        rows["stores"] = stores.within([slice(0, structure.periods)], kept)
    return replace(structure, cap_limit=structure.cap_limit[kept], cap_send=structure.cap_send[kept], **rows)


def _check_memory(structure: Structure, rows: int, entries: int) -> None:
    gb = entries * _BYTES / 1e9
    if gb > MOST_GB:
        problem = f"{rows:,} rows of limits over {structure.periods:,} hours take more than {MOST_GB:g} GB"
        allowed = "fewer limits by the hour, or fewer hours: placer.roll takes a long horizon in steps"
        raise InstanceError([Violation("limits", "", "", f"{problem}; limit_mw of power zones counts", allowed)])


def right_side(structure: Structure, limit: Limit) -> float:
    """Return the right-hand side of a count: its upper or its lower limit."""
    if limit.is_of_flows:
        return 0.0
    return limit.amount * (asked_mtok(structure, limit) if limit.kind == "share" else 1.0)


def per_amount(structure: Structure, limit: Limit) -> float:
    """Return by how much a row is relaxed per unit of amount; 0 where the amount is a coefficient of the row."""
    return right_side(structure, replace(limit, amount=1.0))


def with_amount(structure: Structure, cap: int, limit: Limit, quantities: Quantities, amount: float) -> Structure:
    """Return the structure with another amount of the limit of a cap; inf lifts the limit."""
    caps = structure.cap_limit.copy()
    other = replace(limit, amount=amount)
    caps[cap] = np.inf if amount == np.inf else limit.sign * right_side(structure, other)
    changed = replace(structure, cap_limit=caps)
    if not limit.is_of_flows or amount == np.inf:
        return changed
    count = _row(structure, other, quantities)
    send = structure.cap_send.copy()
    send[cap] = 0.0 if count.send is None else count.send
    rows: dict[str, Any] = {
        name: getattr(structure, name).replaced(cap, getattr(count, name.removeprefix("cap_"))) for name in ROWS_OF_CAPS
    }
    if (stores := structure.stores) is not None and stores.cap_store is not None:
        rows["stores"] = replace(stores, cap_store=stores.cap_store.replaced(cap, count.store))
    return replace(changed, cap_send=send, **rows)


def asked_mtok(structure: Structure, limit: Limit) -> float:
    """Return the demand of a limit's workloads, hubs and hours, Mtok."""
    inside = limit.workload[structure.demand_class] & limit.hub[structure.demand_origin]
    return float(structure.demand_amount[inside & limit.hour[structure.demand_period]].sum())


def use_of(structure: Structure, limit: Limit, quantities: Quantities, flows: Flows, served: FloatArray) -> float:
    """Return the use of a limit by flows, in the unit of its amount; NaN for a share of 0.

    Parameters
    ----------
    served : (k, j, t) array
        Work served at each data centre in each hour.
    """
    used = _total(structure, _counted(structure, limit, quantities), flows, served)
    if limit.kind == "share":
        whole = asked_mtok(structure, limit)
        if limit.is_of_served:
            whole = _total(structure, _tokens(structure, limit, np.ones_like(limit.site)), flows, served)
    elif limit.kind == "green_share":
        whole = _total(structure, _used(structure, limit, quantities, 0.0, 1.0), flows, served)
    else:
        return used
    return used / whole if whole > 0 else float("nan")


def _row(structure: Structure, limit: Limit, quantities: Quantities) -> CapRow:
    """Return the coefficients of the row of a limit, as one that may be at most its limit."""
    count = _counted(structure, limit, quantities)
    if limit.kind == "green_share":
        count = _used(structure, limit, quantities, 1.0, -limit.amount)
    elif limit.is_of_served:
        count = _tokens(structure, limit, limit.site.astype(float) - limit.amount)
    return replace(
        count,
        work=count.work.times(limit.sign),
        tier=count.tier.times(limit.sign),
        source=count.source.times(limit.sign),
        store=count.store.times(limit.sign),
        send=None if count.send is None else limit.sign * count.send,
    )


def _counted(structure: Structure, limit: Limit, quantities: Quantities) -> CapRow:
    """Return the count of a limit; for a share, the count of its numerator."""
    if limit.kind in ("tokens", "share"):
        return _tokens(structure, limit, limit.site.astype(float))
    if limit.kind == "green_share" or limit.content == GREEN:
        return _used(structure, limit, quantities, 1.0, 0.0)
    if limit.content == GREY:
        return _used(structure, limit, quantities, -1.0, 1.0)
    if limit.kind == "carbon_kg":
        return _of_bought(structure, limit, quantities.carbon_kg, quantities.carbon_kg)
    if limit.kind == "energy_mwh" and limit.of_zones:
        return _of_bought(structure, limit, np.ones((1, 1)), np.ones((1, 1)))
    if limit.kind == "cost_usd":
        energy = _of_bought(structure, limit, quantities.energy_usd, _source_usd(structure, quantities))
        if limit.of_zones:
            return energy
        usd_per_gb = np.nan_to_num(quantities.usd_per_gb, posinf=0.0) * np.repeat(limit.site, structure.routes)
        own = replace(energy, work=_of_work(limit, structure.work_cost), send=structure.link_use)
        return replace(own, route=all_cells(usd_per_gb), arrival=all_cells(limit.hour.astype(float)))
    per_unit = {
        "accelerator_hours": structure.use[:, :, None],
        "energy_mwh": structure.draw[:, :, None] * structure.overhead,
        "water_litres": quantities.water_litres[:, :, None],
    }[limit.kind]
    return CapRow(work=_of_work(limit, per_unit))


def _tokens(structure: Structure, limit: Limit, of_site: FloatArray | BoolArray) -> CapRow:
    """Return the count of tokens in a limit's demand side, with a coefficient for each site."""
    waits = structure.window[limit.workload] > 0
    if limit.of_hubs or (waits.any() and not limit.hour.all()):
        counted = np.outer(limit.hub, of_site) * (1 if limit.pairs is None else limit.pairs)
        return CapRow(
            send=limit.workload.astype(float),
            route=all_cells(np.repeat(counted.astype(float), structure.routes, axis=1)),
            arrival=all_cells(limit.hour.astype(float)),
        )
    anywhere = np.ones(structure.sites, dtype=bool)
    return CapRow(work=cells_of([limit.workload, anywhere, limit.hour], of_site.astype(float)[:, None]))


def _of_work(limit: Limit, per_unit: FloatArray) -> Cells:
    return cells_of([limit.workload, limit.site, limit.hour], per_unit)


def _of_tiers(limit: Limit, per_mwh: FloatArray) -> CapRow:
    return CapRow(tier=cells_of([limit.tier, limit.hour], per_mwh))


def _used(structure: Structure, limit: Limit, quantities: Quantities, of_green: float, of_all: float) -> CapRow:
    """Return the count of ``of_green`` times the green power used at sites and ``of_all`` times all of it."""
    count = _of_tiers(limit, (structure.tier_yield * (of_green * quantities.green + of_all))[:, None])
    stores = structure.stores
    if stores is None or stores.bank is None:
        return count
    there = np.zeros(structure.sites, dtype=bool)
    there[structure.tier_site[limit.tier]] = True
    of_store = of_all + np.where(stores.leads, 0.0, of_green)
    return replace(count, store=cells_of([(stores.site >= 0) & there[stores.site], limit.hour], -of_store[:, None]))


def _source_usd(structure: Structure, quantities: Quantities) -> FloatArray:
    """Return what a MWh bought at the source of each supply costs, without carbon (s, t); 0 where it has no stores."""
    if structure.stores is None:
        return np.zeros((1, 1))
    there = structure.stores.tier_source[:, None] >= 0
    return np.where(there, structure.stores.of_tiers(structure.stores.source_cost) - quantities.carbon_usd, 0.0)


def _of_bought(structure: Structure, limit: Limit, per_mwh: FloatArray, of_source: FloatArray) -> CapRow:
    """Return the count of energy bought, given that of a MWh of each supply, and at the source of each (s, t)."""
    count, stores = _of_tiers(limit, per_mwh), structure.stores
    if stores is None:
        return count
    source, tier = np.unique(np.where(limit.tier, stores.tier_source, -1), return_index=True)
    hour = np.flatnonzero(limit.hour)
    cell = np.ix_(tier[source >= 0], hour)
    value = np.broadcast_to(of_source, (len(limit.tier), structure.periods))[cell].ravel()
    place = (source[source >= 0, None] * structure.periods + hour).ravel()
    return replace(count, source=Cells(place[value != 0], value[value != 0].astype(float)))


def _total(structure: Structure, count: CapRow, flows: Flows, served: FloatArray) -> float:
    """Return the value of a count at given flows."""
    total = count.work.total(served) + count.tier.total(flows.taken)
    if structure.stores is not None:
        net = net_charge(flows)
        total += count.source.total(structure.stores.at_sources(net)) + count.store.total(net)
    if count.send is None:
        return total
    route, arrival = np.zeros(structure.route_links.shape[0]), np.zeros(structure.periods)
    route[count.route.place], arrival[count.arrival.place] = count.route.value, count.arrival.value
    along = route[structure.arc_route[flows.arc]] * arrival[structure.demand_period[flows.demand]]
    return total + float((count.send[structure.arc_class[flows.arc]] * along) @ flows.amount)
