"""Limits of one's own as rows: the flows that each counts, as caps of ``placer.model.structure``.

With the scope of a limit as indicators of workloads k, hubs h, data centres j, hours t and supplies s,

    tokens              count = sum over x in scope, by the hour they are asked for
    share of asked      count = the same;   limit amount * demand of the scope's workloads, hubs and hours
    share of served     count - amount * (tokens of the scope's workloads, hubs and hours, served anywhere) <= 0
    accelerator_hours   count = sum b_kj s_kjt
    energy_mwh          count = sum pue_jt e_kj s_kjt;   with a power zone sum y_st
    carbon_kg           count = sum carbon_kg_per_mwh_zt y_st
    water_litres        count = sum litres_kj s_kjt
    cost_usd            count = sum c_khj x_khjt + sum w_kjt s_kjt + sum p_st y_st;   with a power zone sum p_st y_st
    green_share         amount * (sum (1 - loss_s) y_st) - sum green_s (1 - loss_s) y_st <= 0   for at least

A limit ``limit_mw`` of a power zone is one on ``energy_mwh`` in every hour: ``sum over s of z: y_st <= limit_mw_zt``
times the length of the hour and its weight.

A row of sense ``>=`` is written ``-count <= -amount``. Tokens that cannot wait, or of all hours, are counted where they
are served, as ``cap_work``; where the scope names hubs, or some hours of work that waits, by assignment.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from placer.errors import InstanceError, Violation

if TYPE_CHECKING:
    from placer.model.answer import Flows
    from placer.model.limits import Limit
    from placer.model.structure import Structure
    from placer.utils.arrays import BoolArray, FloatArray


#: The most that the coefficients of rows of limits may take, zeros included: of every workload, site and hour.
MOST_GB = 8.0


@dataclass(frozen=True, eq=False)
class Quantities:
    """Quantities that limits count and a structure does not hold.

    Attributes
    ----------
    water_litres : (k, j) array
        Per Mtok served.
    carbon_kg : (s, t) array
        Per MWh bought.
    green : (s,) array
        Part of a supply that is green.
    usd_per_gb : (h, w) array
    """

    water_litres: FloatArray
    carbon_kg: FloatArray
    green: FloatArray
    usd_per_gb: FloatArray


@dataclass(frozen=True, eq=False)
class CapRow:
    """Coefficients of a linear count of flows, as ``Structure`` has them for a cap."""

    work: FloatArray
    tier: FloatArray
    send: FloatArray
    route: FloatArray
    arrival: FloatArray


def with_limits(structure: Structure, limits: tuple[Limit, ...], quantities: Quantities) -> Structure:
    """Return the structure with a cap for every limit, after the caps it has.

    Raises
    ------
    InstanceError
        If the coefficients of the rows take more than ``MOST_GB``.
    """
    if not limits:
        return structure
    _check_memory(structure, len(limits))
    given = {name: getattr(structure, f"cap_{name}") for name in ("work", "tier", "send", "route", "arrival")}
    # Zeros that are not written take no memory: of limits by the hour nearly all are zeros.
    laid = {name: np.zeros((len(array) + len(limits), *array.shape[1:])) for name, array in given.items()}
    for name, array in given.items():
        laid[name][: len(array)] = array
    for place, limit in enumerate(limits, len(structure.cap_limit)):
        count = _row(structure, limit, quantities)
        for name, array in laid.items():
            if (coefficients := getattr(count, name)).any():
                array[place] = coefficients
    sides = [limit.sign * right_side(structure, limit) for limit in limits]
    caps: dict[str, Any] = {f"cap_{name}": array for name, array in laid.items()}
    return replace(structure, cap_limit=np.append(structure.cap_limit, sides), **caps)


def _check_memory(structure: Structure, rows: int) -> None:
    gb = rows * structure.work_cost.nbytes / 1e9
    if gb > MOST_GB:
        problem = f"{rows:,} rows of limits over {structure.periods:,} hours take {gb:,.0f} GB"
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
    work, tier = structure.cap_work.copy(), structure.cap_tier.copy()
    send, route = structure.cap_send.copy(), structure.cap_route.copy()
    work[cap], tier[cap], send[cap], route[cap] = count.work, count.tier, count.send, count.route
    return replace(changed, cap_work=work, cap_tier=tier, cap_send=send, cap_route=route)


def asked_mtok(structure: Structure, limit: Limit) -> float:
    """Return the demand of a limit's workloads, hubs and hours, Mtok."""
    inside = limit.workload[structure.demand_class] & limit.hub[structure.demand_origin]
    return float(structure.demand_amount[inside & limit.hour[structure.demand_period]].sum())


def use_of(structure: Structure, limit: Limit, quantities: Quantities, flows: Flows, served: FloatArray) -> float:
    """Return the use of a limit by flows, in the unit of its amount; NaN for a share of 0.

    Parameters
    ----------
    structure : Structure
    limit : Limit
    quantities : Quantities
    flows : Flows
    served : (k, j, t) array
        Work served at each data centre in each hour.
    """
    used = _total(structure, _counted(structure, limit, quantities), flows, served)
    if limit.kind == "share":
        whole = asked_mtok(structure, limit)
        if limit.is_of_served:
            whole = _total(structure, _tokens(structure, limit, np.ones_like(limit.site)), flows, served)
    elif limit.kind == "green_share":
        whole = _total(structure, _of_tiers(structure, limit, structure.tier_yield[:, None]), flows, served)
    else:
        return used
    return used / whole if whole > 0 else float("nan")


def _row(structure: Structure, limit: Limit, quantities: Quantities) -> CapRow:
    """Return the coefficients of the row of a limit, as one that may be at most its limit."""
    count = _counted(structure, limit, quantities)
    if limit.kind == "green_share":
        delivered = structure.tier_yield * limit.amount
        count = _of_tiers(structure, limit, (structure.tier_yield * quantities.green - delivered)[:, None])
    elif limit.is_of_served:
        count = _tokens(structure, limit, limit.site.astype(float) - limit.amount)
    return replace(count, work=limit.sign * count.work, tier=limit.sign * count.tier, send=limit.sign * count.send)


def _counted(structure: Structure, limit: Limit, quantities: Quantities) -> CapRow:
    """Return the count of a limit; for a share, the count of its numerator."""
    work = limit.workload[:, None, None] * limit.site[:, None] * limit.hour.astype(float)
    if limit.kind in ("tokens", "share"):
        return _tokens(structure, limit, limit.site.astype(float))
    if limit.kind == "green_share":
        return _of_tiers(structure, limit, (structure.tier_yield * quantities.green)[:, None])
    if limit.kind == "carbon_kg":
        return _of_tiers(structure, limit, quantities.carbon_kg)
    if limit.kind == "energy_mwh" and limit.of_zones:
        return _of_tiers(structure, limit, np.ones((len(limit.tier), 1)))
    if limit.kind == "cost_usd":
        energy = _of_tiers(structure, limit, structure.tier_cost)
        if limit.of_zones:
            return energy
        route = (np.nan_to_num(quantities.usd_per_gb, posinf=0.0) * np.repeat(limit.site, structure.routes)).ravel()
        own = replace(energy, work=structure.work_cost * work, send=structure.link_use, route=route)
        return replace(own, arrival=limit.hour.astype(float))
    per_unit = {
        "accelerator_hours": structure.use[:, :, None],
        "energy_mwh": structure.draw[:, :, None] * structure.overhead,
        "water_litres": quantities.water_litres[:, :, None],
    }[limit.kind]
    return replace(_nothing(structure), work=per_unit * work)


def _tokens(structure: Structure, limit: Limit, of_site: FloatArray | BoolArray) -> CapRow:
    """Return the count of tokens in a limit's demand side, with a coefficient for each site."""
    waits = structure.window[limit.workload] > 0
    if limit.of_hubs or (waits.any() and not limit.hour.all()):
        return replace(
            _nothing(structure),
            send=limit.workload.astype(float),
            route=np.outer(limit.hub, np.repeat(of_site, structure.routes)).ravel().astype(float),
            arrival=limit.hour.astype(float),
        )
    return replace(
        _nothing(structure), work=limit.workload[:, None, None] * of_site[:, None] * limit.hour.astype(float)
    )


def _of_tiers(structure: Structure, limit: Limit, per_mwh: FloatArray) -> CapRow:
    return replace(_nothing(structure), tier=limit.tier[:, None] * limit.hour * per_mwh)


def _nothing(structure: Structure) -> CapRow:
    routes, periods = structure.route_links.shape[0], structure.periods
    return CapRow(
        work=np.zeros_like(structure.work_cost),
        tier=np.zeros_like(structure.tier_cost),
        send=np.zeros(structure.classes),
        route=np.zeros(routes),
        arrival=np.ones(periods),
    )


def _total(structure: Structure, count: CapRow, flows: Flows, served: FloatArray) -> float:
    """Return the value of a count at given flows."""
    route, period = structure.arc_route[flows.arc], structure.demand_period[flows.demand]
    sent = count.send[structure.arc_class[flows.arc]] * count.route[route] * count.arrival[period]
    return float((count.work * served).sum() + (count.tier * flows.taken).sum() + sent @ flows.amount)
