"""The meaning of every column and row of the program of an instance, as tables.

Columns (see ``placer.model.formulation`` for the formulas)::

    block   unit   workload   hub   data_centre   hour         service_hour          supply   name
    x       Mtok   yes        yes   yes           of arrival   where none can wait
    u       Mtok   yes        yes                 of arrival
    f       Mtok   yes              yes           of arrival   of service
    y       MWh                     yes           of purchase                        yes
    c       MWh                                   yes
    g       MWh                                   yes
    e       MWh                                   yes
    own                                                                                       yes

``x`` is work sent to a data centre, ``u`` work left unserved, one for each step of demand with steps of value, ``f``
work that waited at the data centre from its hour of arrival to its hour of service, ``y`` the energy bought from a
supply; ``c``, ``g`` and ``e`` what a battery charges, discharges and holds at the end of the hour, with the label
``battery``. Work that cannot wait is served as it arrives, so all columns with a ``service_hour`` together are the work
done.

Rows::

    block      sides                workload   hub   data_centre   hour   link   cap               name
    demand     Mtok asked           yes        yes                 yes
    queue      0                    yes              yes           yes
    capacity   accelerator-hours                     yes           yes
    balance    0                                     yes           yes
    intake     MWh                                   yes           yes
    link       GB                                                  yes    yes
    cap        kg or litres                                               carbon or water
    stored     0                                                   yes
    power      MWh                                                 yes
    source     0                                                   yes
    own                                                                                    yes

Rows of the block ``cap`` are also the limits of one's own, with the label ``limit``, and ``limit_mw`` of power zones,
with the labels ``power_zone`` and ``hour``, in MWh. Rows ``stored`` and ``power`` have the label ``battery``, rows
``source``, by which a zone with batteries takes no power back, the label ``power_zone``. A limit of a single hour has
the label ``hour`` too.

Columns and rows hold the amounts of one period, however many it stands for (``placer.extended.period_units``); caps and
limits of one's own hold those of the horizon, in which each period counts times its weight.

Labels are categories, ordered for hours, or times. A label without meaning is missing; a comparison with it is False.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from placer.extended.extension import BLOCK, OwnColumns, OwnRows
from placer.model.caps import CARBON_CAP, OWN_CAPS, WATER_CAP
from placer.model.formulation import Formulation
from placer.model.program import LinearProgram
from placer.model.structure import Structure
from placer.model.unserved import columns_of_unserved
from placer.utils.arrays import FloatArray, IntArray

#: Labels of columns and of rows, in the order they are shown.
COLUMN_LABELS = ("workload", "hub", "data_centre", "hour", "service_hour", "supply")
ROW_LABELS = ("workload", "hub", "data_centre", "hour", "link", "cap", "limit", "power_zone")
#: Positions of the labels of one block.
_Codes = dict[str, IntArray]


def column_table(formulation: Formulation, program: LinearProgram, own: OwnColumns) -> pd.DataFrame:
    """Return one row per column of an extended program; index ``column`` (its position).

    Columns: ``block``, the labels of this module's text, ``weight`` of the period (1 for own columns), ``lower``,
    ``upper``, ``cost_usd`` (of a unit in the objective: that of all periods that the period stands for), ``integer``,
    and the take of a unit: ``accelerator_hours``, ``mwh`` at the meter and ``water_litres`` of work done, ``gb`` of
    work sent, ``carbon_kg`` of energy bought; 0 where the column takes none. With several routes (``Settings.routes``)
    also ``route``, the number of the route from 1 on: each route has a column of its own, except those that
    ``placer.instance.network.dominance`` removes. Where workloads have modes also ``mode``, of work that is sent or
    waits, and with pools ``accelerator_type``, of their work.
    """
    codes = _column_codes(formulation)
    table = _labels(formulation, program.col_blocks, codes, _with_mode(formulation, COLUMN_LABELS), own.names)
    integer = np.zeros(len(table), dtype=bool)
    integer[program.col_blocks[BLOCK]] = own.integer
    return table.assign(
        **_routes(formulation, program),
        weight=column_weights(formulation, program),
        lower=program.col_lower,
        upper=program.col_upper,
        cost_usd=program.cost,
        integer=integer,
        **_takes(formulation, program, codes),
    ).rename_axis("column")


def row_table(formulation: Formulation, program: LinearProgram, own: OwnRows) -> pd.DataFrame:
    """Return one row per row of an extended program; index ``row`` (its position).

    Columns: ``block``, the labels of this module's text, ``lower``, ``upper``; where workloads have modes ``mode``, of
    queues, and with pools ``accelerator_type``, of queues and of the rows of pools.
    """
    labels = _with_mode(formulation, ROW_LABELS)
    table = _labels(formulation, program.row_blocks, _row_codes(formulation), labels, own.names)
    return table.assign(lower=program.row_lower, upper=program.row_upper).rename_axis("row")


def _with_mode(formulation: Formulation, labels: tuple[str, ...]) -> tuple[str, ...]:
    service = formulation.service
    of_batteries = ["battery"] * (formulation.structure.stores is not None)
    return (*labels, *["mode"] * service.has_modes, *["accelerator_type"] * service.has_pools, *of_batteries)


def column_labels(formulation: Formulation, blocks: Mapping[str, slice], own: tuple[str, ...]) -> pd.DataFrame:
    """Return block, labels and name of every column of a program with these blocks."""
    return _labels(formulation, blocks, _column_codes(formulation), (*COLUMN_LABELS, "battery"), own)


def row_labels(formulation: Formulation, blocks: Mapping[str, slice], own: tuple[str, ...]) -> pd.DataFrame:
    """Return block, labels and name of every row of a program with these blocks."""
    return _labels(formulation, blocks, _row_codes(formulation), (*ROW_LABELS, "battery"), own)


def column_weights(formulation: Formulation, program: LinearProgram) -> FloatArray:
    """Return the weight of the period of every column of a program, extended or not; 1 for own columns."""
    return _weights(formulation, program.col_blocks, _column_codes(formulation))


def row_weights(formulation: Formulation, program: LinearProgram) -> FloatArray:
    """Return the weight of the period of every row of a program, extended or not; 1 for caps and own rows."""
    codes = _row_codes(formulation)
    caps = codes["cap"]
    is_physical = (caps["power_zone"] >= 0) | (caps["accelerator_type"] >= 0)
    codes["cap"] = {"hour": np.where(is_physical, caps["hour"], -1)}
    return _weights(formulation, program.row_blocks, codes)


def _weights(formulation: Formulation, blocks: Mapping[str, slice], codes: dict[str, _Codes]) -> FloatArray:
    weights = np.ones(max(part.stop for part in blocks.values()))
    of_period = formulation.weights
    for name, part in blocks.items():
        hour = codes.get(name, {}).get("hour")
        if hour is not None:
            weights[part] = np.where(hour >= 0, of_period[np.maximum(hour, 0)], 1.0)
    return weights


def _routes(formulation: Formulation, program: LinearProgram) -> dict[str, pd.Categorical[Any]]:
    """Return the route of every column, missing if it sends no work; nothing if each pair has one route."""
    structure = formulation.structure
    if structure.routes == 1:
        return {}
    rank = np.full(len(program.cost), -1)
    rank[program.col_blocks["x"]] = structure.arc_rank[structure.assignments.arc]
    return {"route": pd.Categorical.from_codes(rank.tolist(), pd.RangeIndex(1, structure.routes + 1), ordered=True)}


def _column_codes(formulation: Formulation) -> dict[str, _Codes]:
    """Return the positions of workloads, hubs and so on of every column, by block."""
    structure = formulation.structure
    assigned, flows, left = structure.assignments, structure.queue_flows, columns_of_unserved(structure)[0]
    klass, period = structure.arc_class[assigned.arc], structure.demand_period[assigned.demand]
    tiers, periods = structure.tier_limit.shape
    tier = np.repeat(np.arange(tiers), periods)
    return {
        "x": {
            "workload": klass,
            "mode": klass,
            "accelerator_type": formulation.service.pool[klass, structure.arc_site[assigned.arc]],
            "hub": structure.arc_origin[assigned.arc],
            "data_centre": structure.arc_site[assigned.arc],
            "hour": period,
            "service_hour": np.where(structure.window[klass] == 0, period, -1),
        },
        "u": {
            "workload": structure.demand_class[left],
            "hub": structure.demand_origin[left],
            "hour": structure.demand_period[left],
        },
        "f": {
            "workload": flows.klass,
            "mode": flows.klass,
            "accelerator_type": formulation.service.pool[flows.klass, flows.site],
            "data_centre": flows.site,
            "hour": flows.arrival,
            "service_hour": flows.service,
        },
        "y": {
            "data_centre": structure.tier_site[tier],
            "hour": np.tile(np.arange(periods), tiers),
            "supply": tier,
        },
        **dict.fromkeys("cge", _stored_codes(structure)),
    }


def _stored_codes(structure: Structure) -> _Codes:
    """Return the store and the hour of every position of a block of stores."""
    if structure.stores is None:
        return {}
    store, hour = np.indices(structure.stores.power.shape).reshape(2, -1)
    return {"battery": store, "hour": hour}


def _store_names(formulation: Formulation) -> list[str]:
    """Return the names of stores: those of batteries, and of their green contents, which no other store has."""
    stores, batteries = formulation.structure.stores, formulation.batteries.tolist()
    green = [] if stores is None or stores.bank is None else stores.bank[~stores.leads].tolist()
    names = list(batteries)
    for battery in green:
        name = batteries[battery]
        while name in names:
            name = f"{name} (green)"
        names.append(name)
    return names


def _row_codes(formulation: Formulation) -> dict[str, _Codes]:
    """Return the positions of workloads, data centres and so on of every row, by block."""
    structure = formulation.structure
    rows = structure.rows
    queued, waits_at, _ = np.nonzero(rows.queue >= 0)

    def there(block: str, *labels: str) -> _Codes:
        return dict(zip(labels, np.nonzero(getattr(rows, block) >= 0), strict=True))

    return {
        "demand": {
            "workload": structure.demand_class,
            "hub": structure.demand_origin,
            "hour": structure.demand_period,
        },
        "queue": there("queue", "workload", "data_centre", "hour")
        | {"mode": queued, "accelerator_type": formulation.service.pool[queued, waits_at]},
        "capacity": there("capacity", "data_centre", "hour"),
        "balance": there("balance", "data_centre", "hour"),
        "intake": there("intake", "data_centre", "hour"),
        "link": there("link", "link", "hour"),
        "cap": _cap_codes(formulation),
        "stored": _stored_codes(structure),
        **{name: there(name, "battery", "hour") for name in ("power", "energy") if name in rows.sizes},
        "source": _source_codes(formulation),
    }


def _source_codes(formulation: Formulation) -> _Codes:
    """Return the power zone and the hour of every row of a zone with batteries."""
    labels = _cap_labels(formulation, "power_zone")
    zones = np.array([labels.index(zone) for zone in formulation.battery_zones.tolist()], dtype=int)
    periods = formulation.structure.periods
    return {"power_zone": np.repeat(zones, periods), "hour": np.tile(np.arange(periods), len(zones))}


def _cap_codes(formulation: Formulation) -> _Codes:
    """Return the positions of caps, limits, power zones, pools and hours of every row of the block ``cap``."""
    (cap,) = np.nonzero(formulation.structure.rows.cap >= 0)
    names, zones = (_cap_labels(formulation, label) for label in ("limit", "power_zone"))
    limits = [formulation.limits[place - OWN_CAPS] for place in cap[cap >= OWN_CAPS].tolist()]
    of_settings = np.full(int((cap < OWN_CAPS).sum()), -1)
    hours = [int(limit.hour.argmax()) if limit.hour.sum() == 1 else -1 for limit in limits]
    own = [names.index(limit.name) if limit.is_own or limit.content else -1 for limit in limits]
    pools = [(int(each.site.argmax()), each.pool) if each.pool >= 0 else (-1, -1) for each in limits]
    site, pool = np.array(pools, dtype=int).reshape(-1, 2).T
    return {
        "cap": np.where(cap < OWN_CAPS, cap, -1),
        "limit": np.append(of_settings, own).astype(int),
        "power_zone": np.append(of_settings, [zones.index(each.zone) if each.zone else -1 for each in limits]).astype(
            int
        ),
        "data_centre": np.append(of_settings, site),
        "accelerator_type": np.append(of_settings, pool),
        "hour": np.append(of_settings, hours).astype(int),
    }


def _cap_labels(formulation: Formulation, label: str) -> list[str]:
    """Return the names of own limits, or of power zones with a limit, each once."""
    if label == "limit":
        return list(dict.fromkeys(limit.name for limit in formulation.limits if limit.is_own or limit.content))
    limited = (limit.zone for limit in formulation.limits if limit.zone)
    return list(dict.fromkeys([*limited, *formulation.battery_zones.tolist()]))


def _labels(
    formulation: Formulation,
    blocks: Mapping[str, slice],
    codes: dict[str, _Codes],
    labels: tuple[str, ...],
    own: tuple[str, ...],
) -> pd.DataFrame:
    """Return a table with the block and the labels of every position; a label without meaning is missing."""
    sizes = {name: part.stop - part.start for name, part in blocks.items()}
    block = np.repeat(np.arange(len(sizes)), list(sizes.values()))
    table: dict[str, Any] = {"block": _categories(block, pd.Index(list(sizes)))}
    for label in labels:
        parts = [codes.get(name, {}).get(label, np.full(size, -1)) for name, size in sizes.items()]
        table[label] = _named(formulation, label, np.concatenate(parts))
    name = np.full(len(block), -1)
    name[blocks[BLOCK]] = np.arange(len(own))
    return pd.DataFrame(table | {"name": _categories(name, pd.Index(list(own)))})


def _named(formulation: Formulation, label: str, code: IntArray) -> pd.Series | pd.Categorical[Any]:
    """Return the labels at some positions; missing where the position is -1.

    A missing category or time differs from everything, so that a comparison is True or False.
    """
    structure, hours = formulation.structure, formulation.hour_labels
    modes, of_class = np.unique(formulation.service.mode, return_inverse=True)
    types, of_pool = np.unique(formulation.service.pool_type.astype(str), return_inverse=True)
    if label in ("workload", "mode"):  # of a further mode, the workload that it serves
        of_mode = np.where(formulation.service.mode == "", -1, of_class)
        code = np.append(structure.served_class if label == "workload" else of_mode, -1)[code]
    if label == "accelerator_type":
        code = np.append(of_pool, -1)[np.maximum(code, -1)]
    if label in ("hour", "service_hour"):
        if isinstance(hours, pd.DatetimeIndex):
            return hours.take(np.maximum(code, 0)).to_series(index=pd.RangeIndex(len(code))).where(code >= 0)
        return _categories(code, hours).as_ordered()
    names: dict[str, Sequence[Any]] = {
        "workload": formulation.workloads.tolist(),
        "mode": modes.tolist(),
        "accelerator_type": types.tolist(),
        "hub": formulation.hubs.tolist(),
        "data_centre": formulation.data_centres.tolist(),
        "battery": _store_names(formulation),
        "supply": range(len(structure.tier_site)),
        "link": range(len(structure.link_capacity)),
        "cap": [name for _, name in sorted([(CARBON_CAP, "carbon"), (WATER_CAP, "water")])],
        "limit": _cap_labels(formulation, "limit"),
        "power_zone": _cap_labels(formulation, "power_zone"),
    }
    return _categories(code, pd.Index(list(names[label])))


def _categories(code: IntArray, names: pd.Index) -> pd.Categorical[Any]:
    """Return names by position; missing where the position is -1."""
    return pd.Categorical.from_codes(code.astype(np.int64), categories=names)


def _takes(formulation: Formulation, program: LinearProgram, codes: dict[str, _Codes]) -> dict[str, FloatArray]:
    """Return the take of a unit of every column, by name of the resource."""
    structure, blocks = formulation.structure, program.col_blocks
    litres = structure.cap_work[WATER_CAP]
    names = ("accelerator_hours", "mwh", "water_litres", "gb", "carbon_kg")
    takes = {name: np.zeros(len(program.cost)) for name in names}
    for block in ("x", "f"):
        code = codes[block]
        klass, site, period = code["workload"], code["data_centre"], code["service_hour"]
        works = period >= 0
        drawn = structure.draw[klass, site] * structure.overhead[site, period]
        takes["accelerator_hours"][blocks[block]] = np.where(works, structure.use[klass, site], 0.0)
        takes["mwh"][blocks[block]] = np.where(works, drawn, 0.0)
        takes["water_litres"][blocks[block]] = np.where(works, litres[klass, site, period], 0.0)
    takes["gb"][blocks["x"]] = structure.link_use[codes["x"]["workload"]]
    takes["carbon_kg"][blocks["y"]] = structure.cap_tier[CARBON_CAP].ravel()
    return takes
