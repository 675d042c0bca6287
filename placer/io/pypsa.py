"""Export of an instance as a PyPSA network, for further work in PyPSA.

Needs PyPSA: ``pip install 'token-placer[pypsa]'``.

The network's optimum in PyPSA equals that of ``placer``: cost plus penalty, in USD. All rates are per hour.

    bus ``tokens j``         a generator of unlimited Mtok; a link for every arc draws on it (``p0`` is Mtok an hour)
    bus ``accelerators j``   a generator of the site's accelerators; an arc takes ``a_kj`` of it for each Mtok
    bus ``power j``          supplies deliver ``1 - loss`` of their intake at ``zone z``; an arc takes ``pue_jt e_kj``.
                             A limit of the site is a link to it from ``meter j``, to which the supplies then lead
    bus ``zone z``           a generator of MWh at the zone's price, the price of carbon included
    bus ``bandwidth l``      a generator of the GB that a link of limited capacity carries; an arc takes ``gb_k``
    bus ``demand k h``       the load, arcs that deliver Mtok to it, and a generator of unserved demand

A feature without a PyPSA component is an error: work that may wait until a deadline, caps on carbon and water
(PyPSA's caps take one intensity for all hours, and no water), and limits of one's own.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from placer.errors import InstanceError, Violation
from placer.instance.arguments import need_instance
from placer.instance.checks.mode_checks import modes_refused
from placer.instance.checks.policy_checks import quota_problems, transfer_problems
from placer.instance.checks.pool_checks import pools_refused
from placer.model.formulation import Formulation, formulate
from placer.utils.optional import extra

if TYPE_CHECKING:
    from collections.abc import Iterable

    from placer.instance.problem import Instance
    from placer.utils.arrays import FloatArray, IntArray

#: Ports of an arc: tokens, demand, accelerators, power; then the links of limited capacity.
_PORTS = 4


#: Hourly columns that the network holds as one number.
_CONSTANT = (
    ("data_centres", "accelerators"),
    ("data_centres", "accelerator_usd_per_hour"),
    ("data_centres", "power_limit_mw"),
    ("supplies", "limit_mw"),
    ("power_zones", "limit_mw"),
    ("supplies", "usd_per_mwh_adder"),
    ("links", "capacity_gbps"),
)


def to_pypsa(instance: Instance) -> Any:
    """Return the ``pypsa.Network`` of an instance; its ``optimize`` finds the cost plus penalty of ``placer.solve``.

    Raises
    ------
    InstanceError
        Listing the features of the instance that PyPSA cannot express exactly.
    PlacerError
        If PyPSA is not installed.
    """
    need_instance(instance)
    if violations := _inexpressible(instance):
        raise InstanceError(violations)
    pypsa = extra("pypsa", "networks of PyPSA", "pypsa")
    formulation = formulate(instance)
    network = pypsa.Network()
    network.set_snapshots(list(_snapshots(formulation.hour_labels)))
    weightings = network.snapshot_weightings
    network.snapshot_weightings = pd.DataFrame(
        np.repeat(formulation.period_hours[:, None], len(weightings.columns), axis=1),
        weightings.index,
        weightings.columns,
    )
    network.add("Carrier", ["tokens", "accelerators", "power", "bandwidth", "demand"])
    peak_mtok = _add_demand(network, instance, formulation)
    _add_power(network, instance, formulation, peak_mtok)
    _add_sites(network, instance, formulation, peak_mtok)
    _add_arcs(network, instance, formulation, peak_mtok)
    return network


def _snapshots(hours: pd.Index) -> pd.Index:
    """Return hours as PyPSA takes them: timestamps with a time zone become UTC, which it expects without saying so."""
    if isinstance(hours, pd.DatetimeIndex) and hours.tz is not None:
        return hours.tz_convert("UTC").tz_localize(None)
    return hours


def _inexpressible(instance: Instance) -> list[Violation]:
    settings, workloads = instance.settings, instance.workloads
    waits = workloads["workload"][workloads["deadline_hours"] >= settings.hour_length]
    found = [
        Violation("workloads", name, "deadline_hours", "work that waits has no component in PyPSA", "less than a step")
        for name in waits
    ]
    caps = (
        ("carbon_limit_kg", "an exact component for hourly carbon"),
        ("water_limit_litres", "a component for water"),
    )
    found += [
        Violation(table, "", column, "hourly values are not translated to PyPSA", "one number for all hours")
        for table, column in _CONSTANT
        if instance.tables[table][column].dtype != float
    ]
    found += [
        Violation("limits", str(name), "", "PyPSA has no component for limits of one's own", "none")
        for name in instance.limits["limit"]
    ]
    found += quota_problems(instance.tables["policies"], "PyPSA has no component for quotas", "no quota")
    found += transfer_problems(instance.tables["policies"], "PyPSA")
    found += modes_refused(instance.modes, "PyPSA") + pools_refused(instance.accelerator_pools, "PyPSA")
    return found + [
        Violation("settings", "", name, f"PyPSA has not {what}", "inf")
        for name, what in caps
        if math.isfinite(getattr(settings, name))
    ]


def _add_demand(network: Any, instance: Instance, formulation: Formulation) -> FloatArray:
    """Add a bus, a load and unserved demand for every workload and hub; return their peaks, Mtok an hour."""
    structure = formulation.structure
    mtok = np.zeros((structure.periods, len(formulation.workloads), structure.origins))
    mtok[structure.demand_period, structure.demand_class, structure.demand_origin] = structure.demand_amount
    mtok /= formulation.period_hours[:, None, None]
    names = _demand_names(formulation)
    count = len(formulation.workloads)
    network.add("Bus", names, carrier="demand", unit="Mtok", **_coordinates(instance.hubs, times=count))
    loads = pd.DataFrame(mtok.reshape(structure.periods, -1), network.snapshots, names)
    network.add("Load", names, bus=names, p_set=loads, carrier="demand")
    peak = mtok.max(axis=0)
    network.add(
        "Generator",
        [f"unserved {name}" for name in names],
        bus=names,
        carrier="demand",
        p_nom=peak.ravel(),
        marginal_cost=np.repeat(structure.unserved_cost, structure.origins),
    )
    return peak


def _add_power(network: Any, instance: Instance, formulation: Formulation, peak_mtok: FloatArray) -> None:
    """Add the power of every site: zones, supplies, and meters where sites are limited."""
    structure, supplies, zones = formulation.structure, instance.supplies, instance.power_zones
    sites, zone_names = formulation.data_centres, zones["power_zone"]
    network.add("Bus", _named("power", sites), carrier="power", unit="MW")
    network.add("Bus", _named("zone", zone_names), carrier="power", unit="MW")
    limit = instance.data_centres["power_limit_mw"].to_numpy(float)
    limited = np.isfinite(limit)
    meters, behind = _named("meter", sites[limited]), _named("power", sites[limited])
    network.add("Bus", meters, carrier="power", unit="MW")
    network.add("Link", meters, bus0=meters, bus1=behind, carrier="power", p_nom=limit[limited])

    drawn = np.einsum("kj,jt,k->jt", structure.draw, structure.overhead, peak_mtok.sum(axis=1)).max(axis=1)
    most_mw = drawn[structure.tier_site] / structure.tier_yield
    p_nom = np.minimum(supplies["limit_mw"].to_numpy(float), most_mw)
    entrance = np.where(limited[structure.tier_site], "meter", "power")
    network.add(
        "Link",
        [f"supply {place}" for place in range(len(supplies))],
        bus0=_named("zone", supplies["power_zone"]),
        bus1=[f"{kind} {site}" for kind, site in zip(entrance, supplies["data_centre"], strict=True)],
        carrier="power",
        efficiency=structure.tier_yield,
        p_nom=p_nom,
        marginal_cost=supplies["usd_per_mwh_adder"].to_numpy(float),
    )
    carbon_usd = instance.settings.carbon_usd_per_kg * instance.hourly("power_zones", "carbon_kg_per_mwh")
    usd = instance.hourly("power_zones", "usd_per_mwh") + carbon_usd
    names = _named("zone", zone_names)
    network.add(
        "Generator",
        names,
        bus=names,
        carrier="power",
        p_nom=np.minimum(
            zones["limit_mw"].to_numpy(float),
            [p_nom[(supplies["power_zone"] == zone).to_numpy()].sum() for zone in zone_names],
        ),
        marginal_cost=pd.DataFrame(usd.T, network.snapshots, names),
    )


def _add_sites(network: Any, instance: Instance, formulation: Formulation, peak_mtok: FloatArray) -> None:
    """Add the tokens and accelerators of every site; unlimited ones are set to the need of all demand."""
    centres, asked = instance.data_centres, peak_mtok.sum(axis=1)
    tokens, accelerators = (_named(kind, formulation.data_centres) for kind in ("tokens", "accelerators"))
    network.add("Bus", tokens, carrier="tokens", unit="Mtok", **_coordinates(centres))
    network.add("Generator", tokens, bus=tokens, carrier="tokens", p_nom=float(asked.sum()))
    network.add("Bus", accelerators, carrier="accelerators", unit="accelerators")
    most = np.minimum(
        (centres["accelerators"] * centres["max_utilisation"]).to_numpy(float), asked @ formulation.structure.use
    )
    network.add("Generator", accelerators, bus=accelerators, carrier="accelerators", p_nom=most)


def _add_arcs(network: Any, instance: Instance, formulation: Formulation, peak_mtok: FloatArray) -> None:
    """Add a link for every admissible arc of a workload and hub with demand."""
    structure = formulation.structure
    asking = np.flatnonzero(peak_mtok[structure.arc_class, structure.arc_origin] > 0)
    klass, origin, site = structure.arc_class[asking], structure.arc_origin[asking], structure.arc_site[asking]
    demand = np.array(_demand_names(formulation), dtype=object)[klass * structure.origins + origin]
    names = [f"{end} {formulation.data_centres[place]}" for end, place in zip(demand, site, strict=True)]
    names = _distinct(names)
    mwh = pd.DataFrame((structure.overhead[site] * structure.draw[klass, site][:, None]).T, network.snapshots, names)
    tokens, accelerators, power = (
        np.array(_named(kind, formulation.data_centres), dtype=object)[site]
        for kind in ("tokens", "accelerators", "power")
    )
    network.add(
        "Link",
        names,
        bus0=tokens,
        bus1=demand,
        bus2=accelerators,
        bus3=power,
        carrier="tokens",
        efficiency=1.0,
        efficiency2=-structure.use[klass, site],
        efficiency3=-mwh if (mwh != mwh.iloc[0]).any(axis=None) else -mwh.iloc[0].to_numpy(),
        p_nom=peak_mtok[klass, origin],
        marginal_cost=structure.arc_cost[asking] + structure.work_cost[klass, site, 0],
        **_add_bandwidth(network, instance, formulation, asking),
    )


def _add_bandwidth(network: Any, instance: Instance, formulation: Formulation, asking: IntArray) -> dict[str, Any]:
    """Add a bus for every link of limited capacity, and return the further ports of the arcs that cross these links."""
    structure, links = formulation.structure, instance.links
    limited = np.flatnonzero(np.isfinite(structure.link_capacity[:, 0]))
    ends = zip(limited, links["from"].to_numpy()[limited], links["to"].to_numpy()[limited], strict=True)
    names = np.array([f"bandwidth {place} {tail} - {head}" for place, tail, head in ends], dtype=object)
    network.add("Bus", names, carrier="bandwidth", unit="GB")
    gb = structure.link_capacity[limited, 0] / formulation.period_hours[0]
    network.add("Generator", names, bus=names, carrier="bandwidth", p_nom=gb)
    route = structure.arc_route[asking]
    through = structure.route_links[route][:, limited]
    passed = np.diff(through.indptr)
    ports: dict[str, Any] = {}
    for number in range(int(passed.max(initial=0))):
        arcs = np.flatnonzero(passed > number)
        buses = np.full(len(asking), "", dtype=object)
        buses[arcs] = names[through.indices[through.indptr[arcs] + number]]
        ports[f"bus{_PORTS + number}"] = buses
        ports[f"efficiency{_PORTS + number}"] = -structure.link_use[structure.arc_class[asking]]
    return ports


def _demand_names(formulation: Formulation) -> list[str]:
    """Return a name for every workload and hub, hubs within workloads."""
    return _distinct([f"demand {workload} {hub}" for workload in formulation.workloads for hub in formulation.hubs])


def _distinct(names: list[str]) -> list[str]:
    """Return distinct names, prefixed with their position where two would be equal once joined."""
    return names if len(set(names)) == len(names) else [f"{place} {name}" for place, name in enumerate(names)]


def _named(kind: str, names: Iterable[str]) -> list[str]:
    return [f"{kind} {name}" for name in names]


def _coordinates(nodes: pd.DataFrame, times: int = 1) -> dict[str, FloatArray]:
    """Return the coordinates of nodes; none unless all are known, since PyPSA would put the others at 0, 0."""
    places = {axis: nodes[name].to_numpy(float) for axis, name in (("x", "lon"), ("y", "lat"))}
    known = all(np.isfinite(values).all() for values in places.values())
    return {axis: np.tile(values, times) for axis, values in places.items()} if known else {}
