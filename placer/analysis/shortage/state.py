"""An instance on the way to its cure: the formulation after some changes, without stating the instance anew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from placer.analysis.shortage.changes import Change, Key
from placer.instance.problem import Instance
from placer.model.assembly import GB_PER_GBPS_HOUR
from placer.model.caps import CARBON_CAP, OWN_CAPS, WATER_CAP
from placer.model.formulation import Formulation, with_arcs
from placer.model.latency import lawful_ways
from placer.model.limit_rows import with_amount
from placer.model.structure import Structure
from placer.tolerances import INPUT
from placer.utils.arrays import FloatArray

#: Position of each cap by the setting that holds its limit.
CAPS = {"carbon_limit_kg": CARBON_CAP, "water_limit_litres": WATER_CAP}


@dataclass(frozen=True, eq=False)
class State:
    """An instance on the way to its cure.

    Attributes
    ----------
    instance : Instance
        The instance that gave routes and names: the original one with new links.
    formulation : Formulation
        After the changes.
    jurisdictions : tuple
        Of every workload, after the changes: a tuple of names, or None for any.
    """

    instance: Instance
    formulation: Formulation
    jurisdictions: tuple[Any, ...] = ()


def per_unit(formulation: Formulation) -> dict[str, float | FloatArray]:
    """Return by how much the rows of a limit rise per unit of it, by the column of tables that holds the limit.

    The arrays have hours for their last axis.
    """
    hours = formulation.period_hours
    return {
        "accelerators": formulation.max_utilisation[:, None] * hours,
        "power_limit_mw": hours,
        "limit_mw": hours,
        "capacity_gbps": GB_PER_GBPS_HOUR * hours,
        **dict.fromkeys(CAPS, 1.0),
    }


def ratio_keys(instance: Instance, formulation: Formulation) -> frozenset[Key]:
    """Return where the amounts stand that are coefficients of their rows: shares of what flows."""
    ratios = {limit.name for limit in formulation.limits if limit.is_of_flows}
    names = enumerate(instance.limits["limit"])
    return frozenset(("limits", position, "amount") for position, name in names if name in ratios)


def changed(state: State, changes: Iterable[Change]) -> State:
    """Return the state after some changes of values; new links need a new instance, and penalties are left out."""
    changes, form = tuple(changes), state.formulation
    slo, allowed = form.latency_slo_ms.copy(), form.allowed.copy()
    places = state.instance.data_centres["jurisdiction"]
    jurisdictions, served = list(state.instance.workloads["jurisdictions"]), form.structure.served_class
    for change in changes:
        if change.limit == "latency":
            slo[served == change.position] = change.new
        elif change.limit == "residency":
            jurisdictions[change.position] = change.new
            allowed[served == change.position] = [change.new is None or place in change.new for place in places]
    in_time = form.latency_ms <= slo[:, None, None] + INPUT
    lawful = lawful_ways(allowed, form.banned, form.structure.routes)
    with_new_arcs = with_arcs(form, in_time & lawful & np.isfinite(form.latency_ms))
    structure = _raised(with_new_arcs, changes)
    formulation = replace(form, structure=structure, latency_slo_ms=slo, allowed=allowed, in_time=in_time)
    return State(state.instance, formulation, tuple(jurisdictions))


def _raise_zone(formulation: Formulation, change: Change, caps: FloatArray) -> None:
    """Write the caps of a power zone as a change of its limit says."""
    by_hour = np.broadcast_to(np.asarray(change.new, dtype=float), len(formulation.period_hours))
    for number, limit in enumerate(formulation.limits):
        if limit.zone == change.name:
            caps[OWN_CAPS + number] = float((by_hour * formulation.period_hours)[limit.hour][0])


def _raised(formulation: Formulation, changes: Iterable[Change]) -> Structure:
    """Return the structure with the limits that are amounts as the changes say."""
    changes, units = tuple(changes), per_unit(formulation)
    structure = _with_own_limits(formulation, changes)
    caps = structure.cap_limit.copy()
    limits = {
        "accelerators": structure.capacity.copy(),
        "power_limit_mw": structure.intake.copy(),
        "limit_mw": structure.tier_limit.copy(),
        "capacity_gbps": structure.link_capacity.copy(),
        **dict.fromkeys(CAPS, caps),
    }
    for change in changes:
        if change.column in limits and change.table != "power_zones":
            array, position = limits[change.column], CAPS.get(change.column, change.position)
            array[position] = np.asarray(change.new) * np.broadcast_to(units[change.column], array.shape)[position]
        elif change.table == "power_zones":
            _raise_zone(formulation, change, caps)
    return replace(
        structure,
        capacity=limits["accelerators"],
        intake=limits["power_limit_mw"],
        tier_limit=limits["limit_mw"],
        link_capacity=limits["capacity_gbps"],
        cap_limit=caps,
    )


def _with_own_limits(formulation: Formulation, changes: Iterable[Change]) -> Structure:
    """Return the structure with the amounts of limits of one's own as the changes say."""
    structure = formulation.structure
    for change in changes:
        if change.table == "limits":
            for number, limit in enumerate(formulation.limits):
                if limit.name == change.name and not limit.zone:
                    cap = OWN_CAPS + number
                    structure = with_amount(structure, cap, limit, formulation.quantities, change.new)
    return structure
