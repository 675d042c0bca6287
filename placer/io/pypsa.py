"""Export of an instance as a PyPSA network, for further work in PyPSA.

Needs PyPSA: ``pip install 'token-placer[pypsa]'``.

The network's optimum in PyPSA equals that of ``placer``: cost plus penalty, in USD. All rates are per hour.

    bus ``tokens j``         a generator of unlimited Mtok; a link for every arc draws on it (``p0`` is Mtok an hour)
    bus ``accelerators j``   a generator of the site's accelerators; an arc takes ``a_kj`` of it for each Mtok
    bus ``power j``          supplies deliver ``1 - loss`` of their intake at ``zone z``; an arc takes ``pue_jt e_kj``.
                             A limit of the site is a link to it from ``meter j``, to which the supplies then lead
    bus ``zone z``           a generator of MWh at the zone's price, the price of carbon included
    bus ``bandwidth l``      a generator of the GB that a link of limited capacity carries; an arc takes ``gb_k``
    bus ``battery b``        a store, which ends with what it began with; a link to it, and one from it, lose
                             ``1 - efficiency`` and each take what they pass outside of ``charger b``
    bus ``charger b``        a generator of the battery's power, which charging and discharging share
    bus ``demand k h``       the load, arcs that deliver Mtok to it, and a generator of unserved demand

A feature without a PyPSA component is an error: work that may wait until a deadline, steps of value, caps on carbon
and water (PyPSA's caps take one intensity for all hours, and no water), quotas, and limits of one's own. Deadlines and
limits are left out where asked (``placer.io.pypsa_refusals.RELAXABLE``).

What nothing limits has a ``p_nom`` of ``_ROOM`` times its need, which the column ``no_limit_p_nom`` repeats, so that a
load may grow. ``Instance.from_pypsa`` reads the network back: buses and generators name their hub, data centre, power
zone and link, the carrier of a load is its workload, and ``network.meta["placer"]`` holds the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from placer.errors import refuse
from placer.instance.arguments import need_instance
from placer.instance.problem import Instance
from placer.instance.pypsa_network.components import BATTERY, NO_LIMIT, OF_WORKLOADS, Components
from placer.instance.pypsa_network.recorded import META, record_of
from placer.io.pypsa_refusals import inexpressible, relaxed
from placer.model.formulation import Formulation, formulate_to_solve
from placer.utils.arrays import FloatArray, IntArray, NameArray
from placer.utils.optional import extra

#: Where a network says what of the instance it leaves out, and the bound that results.
RELAXED = "placer_relaxed"

#: Ports of an arc: tokens, demand, accelerators, power; then the links of limited capacity.
_PORTS = 4

#: The ``p_nom`` of what nothing limits, as a multiple of what the demand needs. PyPSA cannot take infinity.
_ROOM = 1000.0


def to_pypsa(instance: Instance, *, relax: Iterable[str] = ()) -> Any:
    """Return the ``pypsa.Network`` of an instance; its ``optimize`` finds the cost plus penalty of ``placer.solve``.

    Parameters
    ----------
    instance : Instance
    relax : iterable of str
        What to leave out where the instance has it: ``deadlines`` (all work is served in the step in which it arrives,
        and the optimum of the network is at least that of the instance), or ``limits``, ``quotas``, ``carbon_limit``
        and ``water_limit`` (the optimum of the network is at most that of the instance). What was left out stands in
        ``network.meta["placer_relaxed"]``, each with its bound. With bounds of both kinds, neither holds.

    Raises
    ------
    InstanceError
        Listing the features of the instance that PyPSA cannot express exactly, and names to relax that are unknown.
    PlacerError
        If PyPSA is not installed.
    """
    need_instance(instance)
    instance, bounds = relaxed(instance, relax)
    refuse(inexpressible(instance))
    pypsa = extra("pypsa", "networks of PyPSA", "pypsa")
    formulation = formulate_to_solve(instance)
    network = pypsa.Network()
    network.set_snapshots(list(_snapshots(formulation.hour_labels)))
    weightings = network.snapshot_weightings
    network.snapshot_weightings = pd.DataFrame(
        np.repeat(formulation.period_hours[:, None], len(weightings.columns), axis=1),
        weightings.index,
        weightings.columns,
    ).assign(stores=formulation.hour_length)
    workloads = instance.workloads
    network.add("Carrier", ["tokens", "accelerators", "power", "bandwidth", "demand"])
    network.add(
        "Carrier",
        list(workloads["workload"]),
        overwrite=True,
        **{name: workloads[name].to_numpy(float) for name in OF_WORKLOADS},
    )
    peak_mtok = _add_demand(network, instance, formulation)
    _add_power(network, instance, formulation, peak_mtok)
    _add_batteries(network, instance)
    _add_sites(network, instance, formulation, peak_mtok)
    _add_arcs(network, instance, formulation, peak_mtok)
    network.meta[META] = record_of(
        instance.tables, instance.settings, instance.hours, Components(network), pd.Index(network.loads["bus"])
    )
    network.meta[RELAXED] = bounds
    return network


def _snapshots(hours: pd.Index) -> pd.Index:
    """Return hours as PyPSA takes them: timestamps with a time zone become UTC, which it expects without saying so."""
    if isinstance(hours, pd.DatetimeIndex) and hours.tz is not None:
        return hours.tz_convert("UTC").tz_localize(None)
    return hours


def _add_demand(network: Any, instance: Instance, formulation: Formulation) -> FloatArray:
    """Add a bus, a load and unserved demand for every workload and hub with demand; return the peaks, Mtok an hour."""
    structure = formulation.structure
    mtok = np.zeros((structure.periods, len(formulation.workloads), structure.origins))
    mtok[structure.demand_period, structure.demand_class, structure.demand_origin] = structure.demand_amount
    mtok /= formulation.period_hours[:, None, None]
    pair = np.unique(structure.demand_pair)
    klass, hub = pair // structure.origins, pair % structure.origins
    names = [_demand_names(formulation)[place] for place in pair]
    hubs = instance.hubs.iloc[hub]
    network.add(
        "Bus", names, carrier="demand", unit="Mtok", hub=formulation.hubs[hub], **_region(hubs), **_coordinates(hubs)
    )
    loads = pd.DataFrame(mtok[:, klass, hub], network.snapshots, names)
    network.add("Load", names, bus=names, p_set=loads, carrier=formulation.workloads[klass])
    peak = mtok.max(axis=0)
    network.add(
        "Generator",
        [f"unserved {name}" for name in names],
        bus=names,
        carrier="demand",
        **_unlimited(peak[klass, hub]),
        marginal_cost=structure.unserved_cost[klass],
    )
    return peak


def _unlimited(need: FloatArray) -> dict[str, FloatArray]:
    """Return the columns of components that nothing limits, given what the demand needs of them."""
    p_nom = _ROOM * np.where(need > 0, need, 1.0)
    return {"p_nom": p_nom, NO_LIMIT: p_nom}


def _limited(limit: FloatArray, need: FloatArray) -> dict[str, FloatArray]:
    """Return the columns of components with a limit, inf where nothing limits them."""
    p_nom = _unlimited(need)["p_nom"]
    return {"p_nom": np.where(np.isinf(limit), p_nom, limit), NO_LIMIT: np.where(np.isinf(limit), p_nom, np.nan)}


def _region(nodes: pd.DataFrame) -> dict[str, NameArray]:
    return {"region": nodes["region"].fillna("").to_numpy(object)}


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
    drawn = drawn + instance.batteries["power_mw"].sum()
    need = drawn[structure.tier_site] / structure.tier_yield
    entrance = np.where(limited[structure.tier_site], "meter", "power")
    network.add(
        "Link",
        [f"supply {place}" for place in range(len(supplies))],
        bus0=_named("zone", supplies["power_zone"]),
        bus1=[f"{kind} {site}" for kind, site in zip(entrance, supplies["data_centre"], strict=True)],
        carrier="power",
        efficiency=structure.tier_yield,
        **_limited(supplies["limit_mw"].to_numpy(float), need),
        marginal_cost=supplies["usd_per_mwh_adder"].to_numpy(float),
    )
    carbon_usd = instance.settings.carbon_usd_per_kg * instance.hourly("power_zones", "carbon_kg_per_mwh")
    usd = instance.hourly("power_zones", "usd_per_mwh") + carbon_usd
    names = _named("zone", zone_names)
    asked = np.array([need[(supplies["power_zone"] == zone).to_numpy()].sum() for zone in zone_names])
    network.add(
        "Generator",
        names,
        bus=names,
        carrier="power",
        power_zone=zone_names.to_numpy(object),
        **_limited(zones["limit_mw"].to_numpy(float), asked),
        marginal_cost=pd.DataFrame(usd.T, network.snapshots, names),
    )


def _add_batteries(network: Any, instance: Instance) -> None:
    """Add the batteries: PyPSA bounds what a storage unit charges and discharges apart, and we bound their sum."""
    batteries = instance.batteries
    if batteries.empty:
        return
    names = batteries["battery"].to_numpy(object)
    store, charger = _named("battery", names), _named("charger", names)
    sites, zones = batteries["data_centre"].tolist(), batteries["power_zone"].tolist()
    place = [f"zone {zone}" if site is None else f"power {site}" for site, zone in zip(sites, zones, strict=True)]
    power, efficiency = batteries["power_mw"].to_numpy(float), batteries["efficiency"].to_numpy(float)
    network.add("Carrier", BATTERY)
    network.add("Bus", store, carrier=BATTERY, unit="MWh")
    network.add("Bus", charger, carrier=BATTERY, unit="MW")
    network.add("Generator", charger, bus=charger, carrier=BATTERY, battery=names, p_nom=power)
    energy = batteries["energy_mwh"].to_numpy(float)
    network.add("Store", store, bus=store, carrier=BATTERY, battery=names, e_nom=energy, e_cyclic=True)
    both = {"bus2": charger, "carrier": BATTERY, "battery": names, "efficiency": efficiency}
    network.add(
        "Link",
        _named("charge", names),
        bus0=place,
        bus1=store,
        efficiency2=-1.0,
        **both,
        **_unlimited(power),
    )
    network.add(
        "Link",
        _named("discharge", names),
        bus0=store,
        bus1=place,
        efficiency2=-efficiency,
        marginal_cost=batteries["usd_per_mwh_throughput"].to_numpy(float) * efficiency,
        **both,
        **_unlimited(power / efficiency),
    )


def _add_sites(network: Any, instance: Instance, formulation: Formulation, peak_mtok: FloatArray) -> None:
    """Add the tokens and accelerators of every site; unlimited ones are set to the need of all demand."""
    centres, asked = instance.data_centres, peak_mtok.sum(axis=1)
    tokens, accelerators = (_named(kind, formulation.data_centres) for kind in ("tokens", "accelerators"))
    sites = formulation.data_centres
    network.add(
        "Bus", tokens, carrier="tokens", unit="Mtok", data_centre=sites, **_region(centres), **_coordinates(centres)
    )
    network.add(
        "Generator", tokens, bus=tokens, carrier="tokens", **_unlimited(np.full(len(sites), float(asked.sum())))
    )
    network.add("Bus", accelerators, carrier="accelerators", unit="accelerators")
    limit = (centres["accelerators"] * centres["max_utilisation"]).to_numpy(float)
    network.add(
        "Generator",
        accelerators,
        bus=accelerators,
        carrier="accelerators",
        **_limited(limit, asked @ formulation.structure.use),
    )


def _add_arcs(network: Any, instance: Instance, formulation: Formulation, peak_mtok: FloatArray) -> None:
    """Add a link for every admissible arc of a workload and hub that the demand names."""
    structure = formulation.structure
    asking = np.flatnonzero(np.isin(structure.arc_pair, structure.demand_pair))
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
        rtt_ms=formulation.rtt_ms[origin, structure.arc_way[asking]],
        **_unlimited(peak_mtok[klass, origin]),
        marginal_cost=structure.arc_cost[asking] + structure.work_cost[klass, site, 0],
        **_add_bandwidth(network, instance, formulation, asking),
    )


def _add_bandwidth(network: Any, instance: Instance, formulation: Formulation, asking: IntArray) -> dict[str, Any]:
    """Add a bus for every link of limited capacity, and return the further ports of the arcs that cross these links."""
    structure, links = formulation.structure, instance.links
    limited = np.flatnonzero(np.isfinite(structure.link_capacity[:, 0]))
    ends = zip(limited, links["from"].to_numpy()[limited], links["to"].to_numpy()[limited], strict=True)
    names = np.array([f"bandwidth {place} {tail} - {head}" for place, tail, head in ends], dtype=object)
    network.add("Bus", names, carrier="bandwidth", unit="GB", link=limited)
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


def _coordinates(nodes: pd.DataFrame) -> dict[str, FloatArray]:
    """Return the coordinates of nodes; none unless all are known, since PyPSA would put the others at 0, 0."""
    places = {axis: nodes[name].to_numpy(float) for axis, name in (("x", "lon"), ("y", "lat"))}
    known = all(np.isfinite(values).all() for values in places.values())
    return places if known else {}
