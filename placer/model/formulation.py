"""The mathematics: from an instance to the structure that every solver and every analysis works on.

Sets: workloads k, hubs h, data centres j, hours t, supplies s, links l. Units: Mtok, USD, MWh, GB, ms. A workload that
runs in several modes is one k for each (``placer.instance.service_classes``), and its demand the sum over all of them.

Coefficients; ``placer.model.latency`` computes those of arcs, ``placer.model.coefficients`` all others:

    n_k     = user_round_trips + (1 - tools_colocated) * tool_round_trips            round trips of a task
    arcs    (k, h, w) is admissible iff  server_ms_k + n_k (access_ms_h + r_hw) <= latency_slo_ms_k,
            the jurisdiction of j is allowed to k, no ban holds (``placer.model.policies``), and the route exists;
            a way w is a data centre j over the n-th of its shortest routes from h
            (``placer.instance.network.routes``), without those that no optimum needs
            (``placer.instance.network.dominance``)
    a_kj    = accelerator_hours_per_mtok_k / speed_j                                 accelerator-hours per Mtok
    b_kj    = peak_accelerator_hours_per_mtok_k / speed_j                            the same of busy accelerators;
              a_kj where it is not given
    e_kj    = kwh_per_mtok_k * energy_factor_j / 1000                                IT energy, MWh per Mtok
    c_khw   = transit_hw * gb_per_mtok_k + loss_khw + surcharge_khj + charge_khj     USD per Mtok sent;
              the last three are of ``placer.model.distance``; charges are transfers and no cost
    w_kj    = accelerator_usd_per_hour_kj a_kj + operations_usd_per_hour_j a_kj + water_usd_per_litre_j litres_kj
              litres_kj = water_litres_per_kwh_j * 1000 e_kj;                        USD per Mtok served
              accelerator_usd_per_hour_kj counts as 0 where accelerators are sunk, operations_usd_per_hour_j never does
    p_st    = usd_per_mwh_zt + usd_per_mwh_adder_s + carbon_usd_per_kg * carbon_kg_per_mwh_zt     USD per MWh bought
              under a contract the price of sale in place of the first two (``placer.model.contracts``)

The program (``placer.model.expansion`` builds its rows and columns in this order):

    minimise  sum c_khw x_khwt + sum w_kj s_kjt + sum p_st y_st + sum unserved_k u_kht

    demand        sum_w x_khwt + u_kht = d_kht
    queue         sum_hw x_khwt = sum_t' f_kjtt'        w to j; t <= t' <= t + deadline_k   (workloads that wait)
    accelerators  sum_k b_kj s_kjt <= accelerators_j * max_utilisation_j * hour_length;    of a pool: its k alone
    power         sum_k pue_jt e_kj s_kjt = sum_{s to j} (1 - loss_s) y_st
    site limit    sum_k pue_jt e_kj s_kjt <= power_limit_mw_j * hour_length
    link          sum over the arcs routed through l of gb_per_mtok_k x_khwt <= 450 capacity_gbps_l * hour_length
    batteries     ``placer.model.stores``: at a data centre the balance is power used + charged - discharged = bought
                  after losses; at a zone its supplies are bought + discharged - charged
    caps          sum carbon_kg_per_mwh_zt y_st <= carbon_limit_kg;   sum litres_kj s_kjt <= water_limit_litres
    zones         sum_{s of zone z} y_st <= limit_mw_zt * hour_length                where finite
    limits        one row for each limit of one's own (``placer.model.limit_rows``)

    x, u, f >= 0;   0 <= y_st <= limit_mw_s * hour_length

Costs count a_kj, which may include the idle hours of a fleet that follows its demand. The capacity of a site counts
b_kj, the accelerator-hours of a Mtok at peak throughput.

A request travels in the hour t of its arrival, and waits at the data centre if it may. The work served in hour t is
s_kjt = sum_t' f_kjt't, and s_kjt = sum_hw x_khwt (w to j) for work that cannot wait. The horizon is cyclic or clipped.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from placer.currency import USD
from placer.errors import InstanceError, Violation, refuse
from placer.instance.attributes.schema import BATTERIES, DEMAND_STEPS
from placer.instance.checks.battery_checks import batteries_refused
from placer.instance.cut import exported_pairs
from placer.instance.hours.horizon import Hours, index_of
from placer.instance.network.dominance import without_dominated
from placer.instance.network.routes import Routes
from placer.instance.problem import Instance
from placer.instance.service_classes import ServiceClasses
from placer.model.assembly import arcs_of, assemble
from placer.model.batteries import battery_zones, unclear_limits, with_contents
from placer.model.caps import OWN_CAPS
from placer.model.coefficients import power_coefficients, work_coefficients
from placer.model.contracts import Contracts, read_contracts
from placer.model.distance import DistanceCosts, distance_costs
from placer.model.latency import lawful_ways, task_latency
from placer.model.limit_rows import Quantities, with_limits
from placer.model.limits import Limit, read_limits
from placer.model.modes import more_may_be_worth, without_outdone
from placer.model.penalties import steps_of, unserved_cost
from placer.model.structure import Structure
from placer.utils.arrays import BoolArray, FloatArray, IntArray

#: What holds the demand that the steps of an instance buy.
_BOUGHT = "placer.solve(instance).instance, which asks for what is bought"


@dataclass(frozen=True, eq=False, repr=False)
class Formulation:
    """A structure together with the meaning of its positions.

    Attributes
    ----------
    structure : Structure
        Classes are workloads and their further modes, origins hubs, sites data centres, periods hours, tiers supplies.
        Its ways are data centres over one of the routes to them: the data centres themselves where each has one route.
    workloads, hubs, data_centres : arrays of str
        Names, by position.
    service : ServiceClasses
        Workload and mode of every class; the first classes are the workloads, in their order.
    hours : range or DatetimeIndex
        Hours as the demand gives them, by position.
    hour_length : float
        Length of one of them, in hours.
    weights : (hours,) array
        How often each counts.
    accelerator_hours, it_mwh, water_litres : (classes, data centres) arrays
        Per Mtok served: ``a_kj``, ``e_kj``, ``litres_kj``; ``structure.use`` is ``b_kj``.
    accelerator_usd : (classes, data centres, hours) array
    operations_usd, water_usd : (classes, data centres) arrays
        USD per Mtok served, the three parts of ``w_kjt``.
    max_utilisation : (data centres,) array
        Share of the accelerators that the program may use; ``structure.capacity`` counts this share.
    energy_usd, carbon_usd, carbon_kg : (supplies, hours) arrays
        Per MWh bought; the first two are the parts of ``p_st``.
    green : (supplies,) array
        Part of a supply that is green.
    limits : tuple of Limit
        Limits of one's own, in the order of their caps.
    transit_usd_per_gb : (hubs, ways) array
        ``transit_hw``.
    distance : DistanceCosts
        ``loss_khw``, ``surcharge_khj`` and ``charge_khj``.
    rtt_ms : (hubs, ways) array
        ``access_ms_h + r_hw``; inf without a route.
    round_trips, latency_slo_ms : (classes,) arrays
        ``n_k``, and the limit of a task.
    latency_ms : (classes, hubs, ways) array
        Time of a task, ``server_ms_k + n_k (access_ms_h + r_hw)``; inf without a route, and where the data centre has
        no accelerators of the mode's type.
    in_time : (classes, hubs, ways) bool array
        Whether the task meets its limit.
    allowed : (classes, data centres) bool array
        Whether the jurisdiction admits the workload.
    banned : (classes, hubs, data centres) bool array
        Whether a ban closes the way (``placer.model.policies``).
    exported : (hubs, data centres) bool array
        Whether serving the hub there counts as export.
    batteries, battery_zones : arrays of str
        Names of the batteries, which are the stores of the structure, and of the power zones that have any, its
        sources.
    contracts : Contracts
        Contracts of power, whose fixed cost is no part of the structure.
    currency : str
        Of all amounts.
    """

    structure: Structure
    workloads: np.ndarray
    service: ServiceClasses
    hubs: np.ndarray
    data_centres: np.ndarray
    hours: Hours
    hour_length: float
    weights: FloatArray
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
    distance: DistanceCosts
    rtt_ms: FloatArray
    round_trips: FloatArray
    latency_slo_ms: FloatArray
    latency_ms: FloatArray
    in_time: BoolArray
    allowed: BoolArray
    banned: BoolArray
    exported: BoolArray
    batteries: np.ndarray
    battery_zones: np.ndarray
    contracts: Contracts
    currency: str = USD

    def __repr__(self) -> str:
        """Return the size of the structure in one line."""
        return f"<Formulation: {str(self.structure).strip('<>')}>"

    @property
    def hour_labels(self) -> pd.Index:
        """The hours as an index, which labels results."""
        return index_of(self.hours)

    @property
    def period_hours(self) -> FloatArray:
        """Hours represented by each hour: ``hour_length`` times its weight (hours,)."""
        return self.hour_length * self.weights

    @property
    def allowed_ways(self) -> BoolArray:
        """Whether law admits each way: the jurisdiction at its end, and no ban (classes, hubs, ways)."""
        return lawful_ways(self.allowed, self.banned, self.structure.routes)

    @property
    def pool_caps(self) -> tuple[IntArray, IntArray, IntArray]:
        """The caps of the structure that are pools, and the data centre and the hour of each (n,), (n,), (n,)."""
        pools = [
            (place, limit.site.argmax(), limit.hour.argmax())
            for place, limit in enumerate(self.limits, OWN_CAPS)
            if limit.pool >= 0
        ]
        cap, site, hour = np.array(pools, dtype=int).reshape(-1, 3).T
        return cap, site, hour

    @property
    def contract_caps(self) -> tuple[IntArray, IntArray]:
        """The caps of the structure that are contracts over the horizon, and the data centre of each (n,), (n,)."""
        cap = [place for place, limit in enumerate(self.limits, OWN_CAPS) if limit.contract]
        site = [int(self.limits[place - OWN_CAPS].site.argmax()) for place in cap]
        return np.array(cap, dtype=int), np.array(site, dtype=int)

    @property
    def quantities(self) -> Quantities:
        """Quantities that limits count beside those of the structure."""
        return Quantities(
            self.water_litres, self.carbon_kg, self.energy_usd, self.carbon_usd, self.green, self.transit_usd_per_gb
        )


def formulate(instance: Instance) -> Formulation:
    """State an instance as arrays: its latency, its coefficients, its structure, its penalties and its limits.

    Raises
    ------
    InstanceError
        If the demand has steps with values of their own, or there are batteries.
    """
    refuse(batteries_refused(instance.tables[BATTERIES.name], "this function"))
    return formulate_stored(instance)


def formulate_stored(instance: Instance) -> Formulation:
    """State an instance as ``formulate`` does, with its batteries: for callers that carry them.

    Raises
    ------
    InstanceError
        If the demand has steps with values of their own.
    """
    if len(instance.tables[DEMAND_STEPS.name]):
        raise InstanceError([Violation(DEMAND_STEPS.name, "", "", "demand with steps is solved for first", _BOUGHT)])
    return _formulation(instance)


def formulate_offered(instance: Instance) -> Formulation:
    """State an instance as ``formulate`` does, with the steps of its demand if it has any."""
    refuse(batteries_refused(instance.tables[BATTERIES.name], "this function"))
    return formulate_to_solve(instance)


def formulate_to_solve(instance: Instance) -> Formulation:
    """State an instance with the steps of its demand and its batteries: for callers that carry both."""
    formulation = _formulation(instance)
    if instance.tables[DEMAND_STEPS.name].empty:
        return formulation
    steps = steps_of(instance, formulation.structure)
    return replace(formulation, structure=replace(formulation.structure, steps=steps))


def _formulation(instance: Instance) -> Formulation:
    workloads, centres, capacity_gbps = (
        instance.workloads,
        instance.data_centres,
        instance.hourly("links", "capacity_gbps"),
    )
    routes = _routes_of_use(instance, capacity_gbps)
    latency = task_latency(instance, routes)
    work, power = work_coefficients(instance), power_coefficients(instance)
    limits = read_limits(instance)
    if len(instance.tables[BATTERIES.name]):
        refuse(unclear_limits(instance, limits))
    quantities = Quantities(
        work.water_litres, power.carbon_kg, power.energy_usd, power.carbon_usd, power.green, routes.usd_per_gb
    )
    distance = distance_costs(instance, latency.latency_ms)
    service, admissible = instance.service_classes, latency.admissible
    if service.serves is not None and not more_may_be_worth(instance, power):
        admissible = without_outdone(admissible, service, work, distance.loss_usd)
    structure = assemble(instance, routes, capacity_gbps, admissible, distance, work, power)
    told_apart = np.array([limit.site.argmax() for limit in limits if limit.content], dtype=int)
    if structure.stores is not None and len(told_apart):
        structure = replace(structure, stores=with_contents(structure.stores, told_apart))
    structure = replace(structure, unserved_cost=unserved_cost(workloads, structure, work.dearest_usd))
    return Formulation(
        structure=with_limits(structure, limits, quantities),
        workloads=workloads["workload"].to_numpy(),
        service=service,
        hubs=instance.hubs["hub"].to_numpy(),
        data_centres=centres["data_centre"].to_numpy(),
        hours=instance.hours,
        hour_length=instance.settings.hour_length,
        currency=instance.settings.currency,
        weights=instance.weights,
        accelerator_hours=work.accelerator_hours,
        it_mwh=work.it_mwh,
        water_litres=work.water_litres,
        accelerator_usd=work.accelerator_usd,
        operations_usd=work.operations_usd,
        max_utilisation=centres["max_utilisation"].to_numpy(float),
        water_usd=work.water_usd,
        energy_usd=power.energy_usd,
        carbon_usd=power.carbon_usd,
        carbon_kg=power.carbon_kg,
        green=power.green,
        limits=limits,
        transit_usd_per_gb=routes.usd_per_gb,
        distance=distance,
        rtt_ms=latency.rtt_ms,
        round_trips=latency.round_trips,
        latency_slo_ms=latency.latency_slo_ms,
        latency_ms=latency.latency_ms,
        in_time=latency.in_time,
        allowed=latency.allowed,
        banned=latency.banned,
        exported=exported_pairs(instance),
        batteries=instance.batteries["battery"].to_numpy(),
        battery_zones=instance.power_zones["power_zone"].to_numpy()[battery_zones(instance)],
        contracts=read_contracts(instance),
    )


def _routes_of_use(instance: Instance, capacity_gbps: FloatArray) -> Routes:
    """Return the routes that an optimum may need: with a limit of at least some cost, dear ones too."""
    limits = instance.limits
    if ((limits["kind"] == "cost_usd") & (limits["sense"] == ">=")).any():
        return instance.routes
    return without_dominated(instance.routes, np.asarray(np.isfinite(capacity_gbps).any(axis=1)))


def with_arcs(formulation: Formulation, admitted: BoolArray) -> Formulation:
    """Return the formulation with other admissible arcs, given as a bool array (classes, hubs, ways)."""
    structure = formulation.structure
    transit, distance = formulation.transit_usd_per_gb, formulation.distance
    arcs = arcs_of(admitted, structure.routes, transit, structure.link_use, distance, structure.serves)
    return replace(formulation, structure=replace(structure, **arcs))


def shortening_ms(formulation: Formulation) -> FloatArray:
    """Return the milliseconds to take off the round trip of every late arc (classes, hubs, ways).

    The task is then in time. inf where the milliseconds exceed the round trip, where the workload makes no round trip,
    and where residency or a missing route forbids the arc.
    """
    late = formulation.allowed_ways & np.isfinite(formulation.latency_ms) & ~formulation.in_time
    slo = np.broadcast_to(formulation.latency_slo_ms[:, None, None], late.shape)
    trips = np.broadcast_to(formulation.round_trips[:, None, None], late.shape)
    excess = np.where(late, formulation.latency_ms, 0.0) - np.where(late, slo, 0.0)
    missing = np.divide(excess, trips, out=np.full(late.shape, np.inf), where=late & (trips > 0))
    return np.where(missing <= formulation.rtt_ms[None], missing, np.inf)
