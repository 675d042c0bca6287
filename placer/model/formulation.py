"""The mathematics: from an instance to the structure that every solver and every analysis works on.

Sets: workloads k, hubs h, data centres j, hours t, supplies s, links l. Units: Mtok, USD, MWh, GB, ms.

Coefficients, in the order the code computes them:

    n_k     = user_round_trips + (1 - tools_colocated) * tool_round_trips            round trips of a task
    arcs    (k, h, w) is admissible iff  server_ms_k + n_k (access_ms_h + r_hw) <= latency_slo_ms_k,
            the jurisdiction of j is allowed to k, and the route exists; a way w is a data centre j over the n-th of
            its shortest routes from h (``placer.instance.routes``, without those of ``placer.instance.dominance``)
    a_kj    = accelerator_hours_per_mtok_k / speed_j                                 accelerator-hours per Mtok
    b_kj    = peak_accelerator_hours_per_mtok_k / speed_j                            the same of busy accelerators;
              a_kj where it is not given
    e_kj    = kwh_per_mtok_k * energy_factor_j / 1000                                IT energy, MWh per Mtok
    c_khw   = transit_hw * gb_per_mtok_k                                             USD per Mtok sent
    w_kj    = accelerator_usd_per_hour_j a_kj + operations_usd_per_hour_j a_kj + water_usd_per_litre_j litres_kj
              litres_kj = water_litres_per_kwh_j * 1000 e_kj;                        USD per Mtok served
              accelerator_usd_per_hour_j counts as 0 where accelerators are sunk, operations_usd_per_hour_j never does
    p_st    = usd_per_mwh_zt + usd_per_mwh_adder_s + carbon_usd_per_kg * carbon_kg_per_mwh_zt     USD per MWh bought

The program (``placer.model.expansion`` builds its rows and columns in this order):

    minimise  sum c_khw x_khwt + sum w_kj s_kjt + sum p_st y_st + sum unserved_k u_kht

    demand        sum_w x_khwt + u_kht = d_kht
    queue         sum_hw x_khwt = sum_t' f_kjtt'        w to j; t <= t' <= t + deadline_k   (workloads that wait)
    accelerators  sum_k b_kj s_kjt <= accelerators_j * max_utilisation_j * hour_length
    power         sum_k pue_jt e_kj s_kjt = sum_{s to j} (1 - loss_s) y_st
    site limit    sum_k pue_jt e_kj s_kjt <= power_limit_mw_j * hour_length
    link          sum over the arcs routed through l of gb_per_mtok_k x_khwt <= 450 capacity_gbps_l * hour_length
    caps          sum carbon_kg_per_mwh_zt y_st <= carbon_limit_kg;   sum litres_kj s_kjt <= water_limit_litres
    limits        one row for each limit of one's own (``placer.model.limit_rows``)

    x, u, f >= 0;   0 <= y_st <= limit_mw_s * hour_length

What is paid for is a_kj, which may hold the idle hours of a fleet that follows its demand; what a full site can do is
b_kj, the accelerator-hours that a Mtok takes at peak throughput.

A request travels in the hour t it arrives; work that may wait does so at the data centre, so s_kjt = sum_t' f_kjt't is
what runs in hour t, and s_kjt = sum_hw x_khwt (w to j) for work that cannot wait. The horizon is cyclic or clipped.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from placer.instance.cut import exported_pairs
from placer.instance.dominance import without_dominated
from placer.instance.horizon import index_of
from placer.model.limit_rows import Quantities, with_limits
from placer.model.limits import read_limits
from placer.model.penalties import dearest_usd, penalty_usd
from placer.model.structure import Structure

if TYPE_CHECKING:
    from placer.instance.horizon import Hours
    from placer.instance.problem import Instance
    from placer.instance.routes import Routes
    from placer.model.limits import Limit
    from placer.utils.arrays import BoolArray, FloatArray, IntArray

#: GB a link of 1 Gbps carries in an hour: 3600 s / 8 bits per byte.
GB_PER_GBPS_HOUR = 450.0
KWH_PER_MWH = 1000.0

#: Positions of the caps of settings; limits of one's own follow from ``OWN_CAPS`` on, in their order.
CARBON_CAP, WATER_CAP, OWN_CAPS = 0, 1, 2

#: Deadlines that are whole numbers of steps stay so although the division rounds (0.3 / 0.1 is less than 3), and a task
#: that takes exactly its limit meets it although the sum of milliseconds rounds.
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Formulation:
    """A structure together with what its positions mean.

    Attributes
    ----------
    structure : Structure
        Classes are workloads, origins hubs, sites data centres, periods hours, tiers supplies. Its ways are data
        centres over one of the routes to them: the data centres themselves where each has one route.
    workloads, hubs, data_centres : arrays of str
        Names, by position.
    hours : range or DatetimeIndex
        Hours as the demand gives them, by position.
    hour_length : float
        Length of one of them, in hours.
    period_hours : (hours,) array
        The hours that each stands for: ``hour_length`` times its weight.
    accelerator_hours, it_mwh, water_litres : (workloads, data centres) arrays
        Per Mtok served: ``a_kj``, ``e_kj``, ``litres_kj``; ``structure.use`` is ``b_kj``.
    accelerator_usd : (workloads, data centres, hours) array
    operations_usd, water_usd : (workloads, data centres) arrays
        USD per Mtok served, the three parts of ``w_kjt``.
    max_utilisation : (data centres,) array
        Share of the accelerators that the program may use; ``structure.capacity`` is this share of what is there.
    energy_usd, carbon_usd, carbon_kg : (supplies, hours) arrays
        Per MWh bought; the first two are the parts of ``p_st``.
    green : (supplies,) array
        Part of a supply that is green.
    limits : tuple of Limit
        Limits of one's own, in the order of their caps.
    transit_usd_per_gb : (hubs, ways) array
        ``transit_hw``.
    rtt_ms : (hubs, ways) array
        ``access_ms_h + r_hw``; inf without a route.
    round_trips, latency_slo_ms : (workloads,) arrays
        ``n_k``, and the limit of a task.
    latency_ms : (workloads, hubs, ways) array
        Time of a task, ``server_ms_k + n_k (access_ms_h + r_hw)``; inf without a route.
    in_time : (workloads, hubs, ways) bool array
        Whether the task meets its limit.
    allowed : (workloads, data centres) bool array
        Whether the jurisdiction admits the workload.
    exported : (hubs, data centres) bool array
        Whether serving the hub there counts as export.
    """

    structure: Structure
    workloads: np.ndarray
    hubs: np.ndarray
    data_centres: np.ndarray
    hours: Hours
    hour_length: float
    period_hours: FloatArray
    accelerator_hours: FloatArray
    it_mwh: FloatArray
    water_litres: FloatArray
    accelerator_usd: FloatArray
    operations_usd: FloatArray
    max_utilisation: FloatArray
    water_usd: FloatArray
    energy_usd: FloatArray
    carbon_usd: FloatArray
    carbon_kg: FloatArray
    green: FloatArray
    limits: tuple[Limit, ...]
    transit_usd_per_gb: FloatArray
    rtt_ms: FloatArray
    round_trips: FloatArray
    latency_slo_ms: FloatArray
    latency_ms: FloatArray
    in_time: BoolArray
    allowed: BoolArray
    exported: BoolArray

    @property
    def hour_labels(self) -> pd.Index:
        """The hours as an index, which labels results."""
        return index_of(self.hours)

    @property
    def allowed_ways(self) -> BoolArray:
        """Whether the jurisdiction at the end of each way admits the workload (workloads, ways)."""
        return over_ways(self.allowed, self.structure.routes)

    @property
    def quantities(self) -> Quantities:
        """Quantities that limits count beside those of the structure."""
        return Quantities(self.water_litres, self.carbon_kg, self.green, self.transit_usd_per_gb)


def formulate(instance: Instance) -> Formulation:
    """State an instance as arrays, following the mathematics of this module line by line."""
    workloads, hubs, centres, supplies = instance.workloads, instance.hubs, instance.data_centres, instance.supplies
    settings, capacity_gbps = instance.settings, instance.hourly("links", "capacity_gbps")
    routes = _routes_of_use(instance, capacity_gbps)
    row = {name: workloads[name].to_numpy(float) for name in workloads if workloads[name].dtype == float}
    site = {name: centres[name].to_numpy(float) for name in centres if centres[name].dtype == float}

    round_trips = row["user_round_trips"] + (1 - row["tools_colocated"]) * row["tool_round_trips"]
    path_ms = hubs["access_ms"].to_numpy(float)[:, None] + routes.rtt_ms
    latency_ms = row["server_ms"][:, None, None] + _times(round_trips[:, None, None], path_ms)
    allowed = _allowed(workloads["jurisdictions"], centres["jurisdiction"])
    in_time = latency_ms <= row["latency_slo_ms"][:, None, None] + ROUNDING
    admissible = in_time & over_ways(allowed, routes.per_pair)[:, None, :] & np.isfinite(latency_ms)
    klass, origin, way = np.nonzero(admissible)

    accelerator_hours = row["accelerator_hours_per_mtok"][:, None] / site["speed"]
    peak = row["peak_accelerator_hours_per_mtok"][:, None] / site["speed"]
    it_mwh = row["kwh_per_mtok"][:, None] * site["energy_factor"] / KWH_PER_MWH
    water_litres = site["water_litres_per_kwh"] * KWH_PER_MWH * it_mwh
    arc_cost = routes.usd_per_gb[origin, way] * row["gb_per_mtok"][klass]
    charged = settings.accelerators == "by_use"
    full_accelerator_usd = accelerator_hours[:, :, None] * instance.hourly("data_centres", "accelerator_usd_per_hour")
    accelerator_usd = full_accelerator_usd * charged
    operations_usd = site["operations_usd_per_hour"] * accelerator_hours
    water_usd = site["water_usd_per_litre"] * water_litres

    zone = _positions(instance.power_zones["power_zone"], supplies["power_zone"])
    energy_usd = instance.hourly("power_zones", "usd_per_mwh")[zone] + instance.hourly("supplies", "usd_per_mwh_adder")
    carbon_kg = instance.hourly("power_zones", "carbon_kg_per_mwh")[zone]
    carbon_usd = settings.carbon_usd_per_kg * carbon_kg

    hours, steps = settings.hour_length * instance.weights, len(instance.hours)
    demand = instance.demand
    structure = Structure(
        demand_class=_positions(workloads["workload"], demand["workload"]),
        demand_origin=_positions(hubs["hub"], demand["hub"]),
        demand_period=instance.demand_period,
        demand_amount=demand["mtok"].to_numpy(float) * instance.weights[instance.demand_period],
        unserved_cost=np.zeros(len(workloads)),
        window=np.floor(row["deadline_hours"] / settings.hour_length + ROUNDING).astype(int),
        cyclic=settings.cyclic,
        routes=routes.per_pair,
        arc_class=klass,
        arc_origin=origin,
        arc_site=way // routes.per_pair,
        arc_rank=way % routes.per_pair,
        arc_cost=arc_cost,
        work_cost=accelerator_usd + (operations_usd + water_usd)[:, :, None],
        use=np.where(np.isnan(peak), accelerator_hours, peak),
        draw=it_mwh,
        capacity=instance.hourly("data_centres", "accelerators") * site["max_utilisation"][:, None] * hours,
        intake=instance.hourly("data_centres", "power_limit_mw") * hours,
        overhead=instance.hourly("data_centres", "pue"),
        tier_site=_positions(centres["data_centre"], supplies["data_centre"]),
        tier_yield=1 - supplies["loss"].to_numpy(float),
        tier_cost=energy_usd + carbon_usd,
        tier_limit=instance.hourly("supplies", "limit_mw") * hours,
        link_use=row["gb_per_mtok"],
        link_capacity=GB_PER_GBPS_HOUR * capacity_gbps * hours,
        route_links=routes.links,
        cap_limit=np.array([settings.carbon_limit_kg, settings.water_limit_litres]),
        cap_work=_every_hour(np.stack([np.zeros_like(water_litres), water_litres]), steps),
        cap_tier=np.stack([carbon_kg, np.zeros_like(carbon_kg)]),
        cap_send=np.zeros((2, len(workloads))),
        cap_route=np.zeros((2, routes.links.shape[0])),
        cap_arrival=np.ones((2, steps)),
        block=instance.blocks,
    )
    dearest = dearest_usd(structure, full_accelerator_usd.max(axis=2) + operations_usd + water_usd)
    penalty = penalty_usd(row["unserved_usd_per_mtok"], row["value_usd_per_mtok"], dearest)
    base = workloads["backlog_of"].fillna(workloads["workload"])
    penalty = penalty[_positions(workloads["workload"], base)]  # of a backlog: its workload's
    structure = replace(structure, unserved_cost=penalty)
    green, limits = supplies["green"].to_numpy(float), read_limits(instance)
    quantities = Quantities(water_litres, carbon_kg, green, routes.usd_per_gb)
    return Formulation(
        structure=with_limits(structure, limits, quantities),
        workloads=workloads["workload"].to_numpy(),
        hubs=hubs["hub"].to_numpy(),
        data_centres=centres["data_centre"].to_numpy(),
        hours=instance.hours,
        hour_length=settings.hour_length,
        period_hours=hours,
        accelerator_hours=accelerator_hours,
        it_mwh=it_mwh,
        water_litres=water_litres,
        accelerator_usd=accelerator_usd,
        operations_usd=operations_usd,
        max_utilisation=site["max_utilisation"],
        water_usd=water_usd,
        energy_usd=energy_usd,
        carbon_usd=carbon_usd,
        carbon_kg=carbon_kg,
        green=green,
        limits=limits,
        transit_usd_per_gb=routes.usd_per_gb,
        rtt_ms=path_ms,
        round_trips=round_trips,
        latency_slo_ms=row["latency_slo_ms"],
        latency_ms=latency_ms,
        in_time=in_time,
        allowed=allowed,
        exported=exported_pairs(instance),
    )


def _routes_of_use(instance: Instance, capacity_gbps: FloatArray) -> Routes:
    """Return the routes that an optimum may need: with a limit of at least some cost, dear ones too."""
    limits = instance.limits
    if ((limits["kind"] == "cost_usd") & (limits["sense"] == ">=")).any():
        return instance.routes
    return without_dominated(instance.routes, np.asarray(np.isfinite(capacity_gbps).any(axis=1)))


def with_arcs(formulation: Formulation, admitted: BoolArray) -> Formulation:
    """Return the formulation with other admissible arcs, given as a bool array (workloads, hubs, ways)."""
    klass, origin, way = np.nonzero(admitted)
    structure = formulation.structure
    site, rank = np.divmod(way, structure.routes)
    cost = formulation.transit_usd_per_gb[origin, way] * structure.link_use[klass]
    arcs = replace(structure, arc_class=klass, arc_origin=origin, arc_site=site, arc_rank=rank, arc_cost=cost)
    return replace(formulation, structure=arcs)


def over_ways(of_sites: BoolArray | FloatArray, routes: int) -> Any:
    """Return a figure of data centres, their last axis, for every way to them."""
    return np.repeat(of_sites, routes, axis=-1)


def shortening_ms(formulation: Formulation) -> FloatArray:
    """Return the milliseconds to take off the round trip of every late arc (workloads, hubs, ways).

    The task is then in time. inf where that is more than the round trip, where the workload makes none, or where
    latency is not what forbids the arc.
    """
    late = formulation.allowed_ways[:, None, :] & np.isfinite(formulation.latency_ms) & ~formulation.in_time
    slo = np.broadcast_to(formulation.latency_slo_ms[:, None, None], late.shape)
    trips = np.broadcast_to(formulation.round_trips[:, None, None], late.shape)
    excess = np.where(late, formulation.latency_ms, 0.0) - np.where(late, slo, 0.0)
    missing = np.divide(excess, trips, out=np.full(late.shape, np.inf), where=late & (trips > 0))
    return np.where(missing <= formulation.rtt_ms[None], missing, np.inf)


def _times(round_trips: FloatArray, path_ms: FloatArray) -> FloatArray:
    """Multiply, with no route staying no route even for workloads that make no round trip."""
    finite = np.isfinite(path_ms)
    return np.where(finite, round_trips * np.where(finite, path_ms, 0.0), math.inf)


def _allowed(jurisdictions: pd.Series, jurisdiction: pd.Series) -> BoolArray:
    return np.array([[names is None or place in names for place in jurisdiction] for names in jurisdictions])


def _positions(names: pd.Series, given: pd.Series) -> IntArray:
    """Return where every given name stands among the names of a table."""
    return pd.Index(names.to_numpy(object)).get_indexer(pd.Index(given.to_numpy(object)))


def _every_hour(values: FloatArray, steps: int) -> FloatArray:
    return np.repeat(values[..., None], steps, axis=-1)
