"""From a structure to a linear program, whole or over chosen assignments; see ``placer.model.structure``."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array, csc_array, csr_array

from placer.model.caps import arc_coefficients, caps_of_arcs
from placer.model.links import links_along
from placer.model.positions import Assignments
from placer.model.program import LinearProgram, blocks
from placer.model.stores import Stores
from placer.model.storing import before, charging_cost
from placer.model.structure import Structure
from placer.model.unserved import columns_of_unserved
from placer.utils.arrays import AnyArray, FloatArray, IntArray


def expand(structure: Structure, assignments: Assignments | None = None) -> LinearProgram:
    """Expand a structure to a linear program.

    Parameters
    ----------
    assignments : Assignments, optional
        Those to include, in the order of their columns; all if not given. Rows and all other columns are the same
        whichever are included, so a restricted master is the same mathematics.
    """
    chosen = structure.assignments if assignments is None else assignments
    demand, arc = chosen.demand, chosen.arc
    tiers, periods = structure.tier_cost.shape
    flows = structure.queue_flows
    waiting = len(flows.klass)
    unserved, unserved_cost, most_unserved = columns_of_unserved(structure)
    stores = structure.stores
    sizes = {"x": len(demand), "u": len(unserved), "f": waiting, "y": tiers * periods}
    col_blocks = blocks(sizes if stores is None else sizes | dict.fromkeys("cge", stores.power.size))
    entries = _all_entries(structure, chosen, col_blocks)
    row_lower, row_upper = _row_bounds(structure, entries.row_blocks)
    total = sum(part.stop - part.start for part in col_blocks.values())
    col_upper = np.full(total, np.inf)
    col_upper[col_blocks["u"]] = most_unserved
    col_upper[col_blocks["y"]] = structure.tier_limit.ravel()
    if stores is not None:
        col_upper[col_blocks["e"]] = stores.of_bank(stores.energy).ravel()
    cost = np.concatenate(
        [
            _assignment_cost(structure, demand, arc),
            unserved_cost,
            structure.work_cost[flows.klass, flows.site, flows.service],
            structure.tier_cost.ravel(),
            *_store_costs(structure),
        ]
    )
    return LinearProgram(
        cost=cost,
        matrix=csc_array(entries.matrix((len(row_lower), total))),
        row_lower=row_lower,
        row_upper=row_upper,
        col_lower=np.zeros(total),
        col_upper=col_upper,
        implied_upper=implied_upper(structure, demand),
        row_blocks=entries.row_blocks,
        col_blocks=col_blocks,
    )


def _all_entries(structure: Structure, chosen: Assignments, col_blocks: dict[str, slice]) -> _Entries:
    """Return the entries of all columns, given where they stand."""
    entries = _Entries(structure.rows.blocks, col_blocks)
    _add_assignments(entries, structure, chosen.demand, chosen.arc)
    unserved = columns_of_unserved(structure)[0]
    entries.add("demand", unserved, "u", np.arange(len(unserved)), 1.0)
    _add_queue_flows(entries, structure)
    _add_tiers(entries, structure)
    _add_stores(entries, structure)
    return entries


def terms_of(
    structure: Structure, whole: Structure, chosen: Assignments, moved: FloatArray, staying: FloatArray, place: IntArray
) -> csr_array:
    """Return the terms of some assignments of another structure in the rows of a structure (rows, assignments).

    Parameters
    ----------
    structure : Structure
        With the classes, sites, periods and links of ``whole``.
    chosen : Assignments
        Of ``whole``.
    moved : (assignments,) array
        Part of a unit that is less to assign in ``structure``: it becomes demand there.
    staying : (assignments,) array
        Part of a unit that stays at its site and on its route, and uses what there is.
    place : (assignments,) int array
        The demand of ``structure`` that the moved part belongs to; -1 for none.
    """
    entries = _Entries(structure.rows.blocks, {"x": slice(0, len(chosen.demand))})
    entries.add("demand", place, "x", np.arange(len(place)), -moved)
    stays = np.flatnonzero(staying)
    arc, period, share = chosen.arc[stays], whole.demand_period[chosen.demand[stays]], staying[stays]
    klass, site = whole.arc_class[arc], whole.arc_site[arc]
    entries.add("queue", structure.rows.queue[klass, site, period], "x", stays, share)
    served = whole.window[klass] == 0
    at = klass[served], site[served], period[served]
    _add_use(entries, structure, "x", stays[served], *at, share[served])
    _add_links(entries, structure, whole.route_links, stays, whole.arc_route[arc], klass, period, share)
    return csr_array(entries.matrix((sum(structure.rows.sizes.values()), len(place))))


class _Entries:
    """Collects matrix entries block by block."""

    def __init__(self, row_blocks: dict[str, slice], col_blocks: dict[str, slice]) -> None:
        self.row_blocks = row_blocks
        self.col_blocks = col_blocks
        self._rows: list[IntArray] = []
        self._columns: list[IntArray] = []
        self._values: list[FloatArray] = []

    def add(
        self, row_block: str, rows: IntArray, col_block: str, columns: IntArray, values: FloatArray | float
    ) -> None:
        """Add entries at positions within two blocks; rows at -1 and zero values are left out."""
        each = np.broadcast_to(np.asarray(values, dtype=float), rows.shape)
        kept = (rows >= 0) & (each != 0)
        if not kept.all():
            rows, columns, each = rows[kept], columns[kept], each[kept]
        self._rows.append((rows + self.row_blocks[row_block].start).astype(np.int32))
        self._columns.append((columns + self.col_blocks[col_block].start).astype(np.int32))
        self._values.append(each)

    def matrix(self, shape: tuple[int, int]) -> coo_array:
        """Return the sparse matrix; a position may have several entries, which add up."""
        rows, columns, values = (np.concatenate(parts) for parts in (self._rows, self._columns, self._values))
        return coo_array((values, (rows, columns)), shape=shape)


def _add_assignments(entries: _Entries, structure: Structure, demand: IntArray, arc: IntArray) -> None:
    column = np.arange(len(demand))
    klass, site, period = structure.arc_class[arc], structure.arc_site[arc], structure.demand_period[demand]
    entries.add("demand", demand, "x", column, 1.0)
    entries.add("queue", structure.rows.queue[klass, site, period], "x", column, 1.0)
    at_once = np.flatnonzero(structure.window[klass] == 0)
    _add_use(entries, structure, "x", column[at_once], klass[at_once], site[at_once], period[at_once])
    if (structure.rows.link >= 0).any():
        _add_links(entries, structure, structure.route_links, column, structure.arc_route[arc], klass, period)
    for cap in caps_of_arcs(structure).tolist():
        row = np.full(len(column), structure.rows.cap[cap])
        entries.add("cap", row, "x", column, arc_coefficients(structure, cap, arc, period))


def _add_links(
    entries: _Entries,
    structure: Structure,
    route_links: csr_array,
    column: IntArray,
    route: IntArray,
    klass: IntArray,
    period: IntArray,
    share: FloatArray | float = 1.0,
) -> None:
    """Add the use of links by a share of a unit of some assignments, over routes whose links are ``route_links``."""
    limited = np.flatnonzero((structure.rows.link >= 0).any(axis=1))
    which, position = links_along(csr_array(route_links[:, limited]), route)
    rows = structure.rows.link[limited[position], period[which]]
    uses = np.broadcast_to(share, column.shape)[which] * structure.link_use[klass[which]]
    entries.add("link", rows, "x", column[which], uses)


def _add_queue_flows(entries: _Entries, structure: Structure) -> None:
    flows = structure.queue_flows
    column = np.arange(len(flows.klass))
    entries.add("queue", flows.queue, "f", column, -1.0)
    _add_use(entries, structure, "f", column, flows.klass, flows.site, flows.service)


def _add_use(
    entries: _Entries,
    structure: Structure,
    block: str,
    column: IntArray,
    klass: IntArray,
    site: IntArray,
    period: IntArray,
    share: FloatArray | float = 1.0,
) -> None:
    """Add the terms in s of every row: what a share of a unit of a class served at a site in a period uses."""
    rows = structure.rows
    entries.add("capacity", rows.capacity[site, period], block, column, share * structure.use[klass, site])
    drawn = share * structure.overhead[site, period] * structure.draw[klass, site]
    entries.add("balance", rows.balance[site, period], block, column, drawn)
    entries.add("intake", rows.intake[site, period], block, column, drawn)
    limited = np.flatnonzero(rows.cap >= 0)
    if limited.size:
        counted = structure.cap_work[limited].at(klass, site, period).tocoo()
        shares = np.broadcast_to(share, column.shape)[counted.row]
        entries.add("cap", rows.cap[limited[counted.col]], block, column[counted.row], shares * counted.data)


def _add_tiers(entries: _Entries, structure: Structure) -> None:
    tiers, periods = structure.tier_cost.shape
    tier, period = np.repeat(np.arange(tiers), periods), np.tile(np.arange(periods), tiers)
    column = np.arange(tiers * periods)
    balance = structure.rows.balance[structure.tier_site[tier], period]
    entries.add("balance", balance, "y", column, -structure.tier_yield[tier])
    for cap, row in enumerate(structure.rows.cap):
        if row >= 0:
            entries.add("cap", np.full(len(column), row), "y", column, structure.cap_tier[cap].ravel())


def _add_stores(entries: _Entries, structure: Structure) -> None:
    """Add what stores charge, discharge and hold to the rows of their sites and sources, and their own."""
    stores, rows = structure.stores, structure.rows
    if stores is None or rows.stored is None or rows.power is None or rows.source is None:
        return
    count, periods = stores.power.shape
    column = np.arange(count * periods)
    store, period = np.divmod(column, periods)
    efficiency = stores.efficiency[store]
    bank = store if stores.bank is None else stores.bank[store]
    stored, power = rows.stored.ravel(), rows.power[bank, period]
    site, source = stores.site[store], stores.source[store]
    at_site, at_source = site >= 0, source >= 0
    for block, sign, kept in (("c", 1.0, -efficiency), ("g", -1.0, 1 / efficiency)):
        entries.add("stored", stored, block, column, kept)
        entries.add("power", power, block, column, 1.0)
        for name in ("balance", "intake"):
            row = np.where(at_site, getattr(rows, name)[site, period], -1)
            entries.add(name, row, block, column, sign)
        entries.add("source", np.where(at_source, _row_of(rows.source, source, period), -1), block, column, -sign)
        for cap, row in enumerate(rows.cap.tolist()):
            if row >= 0 and at_source.any():
                counted = np.where(at_source, _row_of(stores.cap_source[cap], source, period), 0.0)
                entries.add("cap", np.full(len(column), row), block, column, sign * counted)
    _add_own_caps(entries, structure, stores)
    if rows.energy is not None:
        entries.add("energy", rows.energy[bank, period], "e", column, 1.0)
    previous = store * periods + before(structure)[period]
    alone = previous == column  # of a block of one period, what was held before is what is held after
    entries.add("stored", np.where(alone, -1, stored), "e", column, 1.0)
    entries.add("stored", np.where(alone, -1, stored), "e", previous, -1.0)
    tiers = len(structure.tier_site)
    tier, period = np.repeat(np.arange(tiers), periods), np.tile(np.arange(periods), tiers)
    source = stores.tier_source[tier]
    row = np.where(source >= 0, _row_of(rows.source, source, period), -1)
    entries.add("source", row, "y", np.arange(tiers * periods), -1.0)


def _add_own_caps(entries: _Entries, structure: Structure, stores: Stores) -> None:
    """Add what single stores count towards caps."""
    if stores.cap_store is None:
        return
    cap, (store, period), value = stores.cap_store.entries()
    for block, sign in (("c", 1.0), ("g", -1.0)):
        entries.add("cap", structure.rows.cap[cap], block, store * structure.periods + period, sign * value)


def _row_of(of_sources: AnyArray, source: IntArray, period: IntArray) -> AnyArray:
    """Return a figure of sources at some of them, any where the source is -1; 0 without sources."""
    return of_sources[source, period] if len(of_sources) else np.zeros(len(source), dtype=of_sources.dtype)


def _store_costs(structure: Structure) -> list[FloatArray]:
    """Return the costs of a unit charged, discharged and held by every store."""
    if (stores := structure.stores) is None:
        return []
    taken = charging_cost(structure, stores)
    return [taken.ravel(), (stores.cost[:, None] - taken).ravel(), np.zeros(taken.size)]


def _assignment_cost(structure: Structure, demand: IntArray, arc: IntArray) -> FloatArray:
    klass, site, period = structure.arc_class[arc], structure.arc_site[arc], structure.demand_period[demand]
    at_once = np.where(structure.window[klass] == 0, structure.work_cost[klass, site, period], 0.0)
    return np.asarray(structure.arc_cost[arc] + at_once)


def _row_bounds(structure: Structure, row_blocks: dict[str, slice]) -> tuple[FloatArray, FloatArray]:
    rows = structure.rows
    total = sum(rows.sizes.values())
    lower, upper = np.full(total, -np.inf), np.zeros(total)
    lower[row_blocks["demand"]] = upper[row_blocks["demand"]] = structure.demand_amount
    lower[row_blocks["queue"]] = lower[row_blocks["balance"]] = 0.0
    upper[row_blocks["capacity"]] = structure.capacity[rows.capacity >= 0]
    upper[row_blocks["intake"]] = structure.intake[rows.intake >= 0]
    upper[row_blocks["link"]] = structure.link_capacity[rows.link >= 0]
    upper[row_blocks["cap"]] = structure.cap_limit[rows.cap >= 0]
    if (stores := structure.stores) is not None:
        lower[row_blocks["stored"]] = 0.0
        upper[row_blocks["power"]] = stores.power[stores.leads].ravel()
        if rows.energy is not None:
            upper[row_blocks["energy"]] = stores.energy[rows.energy >= 0]
    return lower, upper


def implied_upper(structure: Structure, demand: IntArray) -> FloatArray:
    """Return upper bounds that follow from the demands: assigned, waiting and drawn amounts do not exceed them."""
    flows, amount = structure.queue_flows, structure.demand_amount
    asked = np.zeros((structure.classes, structure.periods))
    np.add.at(asked, (structure.demand_class, structure.demand_period), amount)
    waiting = asked[structure.served_class[flows.klass], flows.arrival]
    whole_class = asked.sum(axis=1)
    drawn = structure.overhead * (structure.over_modes(structure.draw) * whole_class[:, None]).sum(axis=0)[:, None]
    stores, of_stores = structure.stores, list[FloatArray]()
    if stores is not None:
        drawn = drawn + stores.at_sites(stores.power, structure.sites)
        of_stores = [stores.power.ravel(), stores.power.ravel(), stores.energy.ravel()]
    taken = drawn[structure.tier_site] / structure.tier_yield[:, None]
    return np.concatenate(
        [
            amount[demand],
            amount[columns_of_unserved(structure)[0]],
            waiting,
            np.minimum(taken, structure.tier_limit).ravel(),
            *of_stores,
        ]
    )
