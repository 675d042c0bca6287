"""What of an instance PyPSA cannot express exactly, so that ``to_pypsa`` refuses it, or relaxes it where asked."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from placer.errors import Violation, refuse
from placer.instance.checks.contract_checks import contracts_refused
from placer.instance.checks.mode_checks import modes_refused
from placer.instance.checks.policy_checks import QUOTA, quota_problems, transfer_problems
from placer.instance.checks.pool_checks import pools_refused
from placer.instance.problem import Instance

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
#: What to export of demand with steps.
_BOUGHT = "placer.solve(instance).instance, which asks for what is bought at least cost"

#: How the optimum of the network, cost plus penalty, lies to that of the instance.
AT_LEAST, AT_MOST = "network >= instance", "network <= instance"


def _without_deadlines(instance: Instance) -> dict[str, Any]:
    """Return the workloads, each served in the step in which it arrives."""
    hours = instance.workloads["deadline_hours"]
    served_at_once = hours.mask(hours >= instance.settings.hour_length, 0.0)
    return {"workloads": instance.workloads.assign(deadline_hours=served_at_once)}


def _without_quotas(instance: Instance) -> dict[str, Any]:
    policies = instance.tables["policies"]
    return {"policies": policies[policies["kind"] != QUOTA]}


#: What may be relaxed by name: the bound that results, and the changes to an instance. Work without a deadline loses
#: placements, and all else adds some.
RELAXABLE: dict[str, tuple[str, Callable[[Instance], dict[str, Any]]]] = {
    "deadlines": (AT_LEAST, _without_deadlines),
    "limits": (AT_MOST, lambda instance: {"limits": instance.limits.iloc[:0]}),
    "quotas": (AT_MOST, _without_quotas),
    "carbon_limit": (AT_MOST, lambda _: {"carbon_limit_kg": math.inf}),
    "water_limit": (AT_MOST, lambda _: {"water_limit_litres": math.inf}),
}


def relaxed(instance: Instance, names: Iterable[str]) -> tuple[Instance, dict[str, str]]:
    """Return an instance without some of what PyPSA cannot express, and the bound for each name that changed it.

    Raises
    ------
    InstanceError
        If a name is unknown.
    """
    asked, bounds = list(names), dict[str, str]()
    unknown = [name for name in asked if name not in RELAXABLE]
    refuse(Violation("relax", "", "", f"{name!r} is unknown", ", ".join(RELAXABLE)) for name in unknown)
    for name in asked:
        bound, changes = RELAXABLE[name]
        changed = instance.replace(**changes(instance))
        if changed != instance:
            instance, bounds[name] = changed, bound
    return instance, bounds


def inexpressible(instance: Instance) -> list[Violation]:
    """Return a violation for every feature of an instance without an exact component in PyPSA."""
    settings, workloads = instance.settings, instance.workloads
    waits = workloads["workload"][workloads["deadline_hours"] >= settings.hour_length]
    allowed = _or("less than a step", "deadlines")
    found = [
        Violation("workloads", name, "deadline_hours", "work that waits has no component in PyPSA", allowed)
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
        Violation("limits", str(name), "", "PyPSA has no component for limits of one's own", _or("none", "limits"))
        for name in instance.limits["limit"]
    ]
    found += [
        Violation("demand_steps", name, "value_usd_per_mtok", "steps of value are not translated to PyPSA", _BOUGHT)
        for name in instance.demand_steps["workload"].unique()
    ]
    found += contracts_refused(instance.contracts, "PyPSA has no component for contracts of power")
    found += quota_problems(instance.tables["policies"], "PyPSA has no component for quotas", _or("no quota", "quotas"))
    found += transfer_problems(instance.tables["policies"], "PyPSA")
    if len(instance.batteries) and instance.blocks.max() > 0:
        problem = "a battery holds the same at both ends of each block, and a store of PyPSA at those of all snapshots"
        found.append(Violation("periods", "", "block", problem, "one block, or no batteries"))
    found += modes_refused(instance.modes, "PyPSA") + pools_refused(instance.accelerator_pools, "PyPSA")
    return found + [
        Violation("settings", "", name, f"PyPSA has not {what}", _or("inf", name.rpartition("_")[0]))
        for name, what in caps
        if math.isfinite(getattr(settings, name))
    ]


def _or(allowed: str, name: str) -> str:
    return f"{allowed}; or relax {name}"
