"""What of an instance PyPSA cannot express exactly, so that ``to_pypsa`` refuses it."""

from __future__ import annotations

import math

from placer.errors import Violation
from placer.instance.checks.contract_checks import contracts_refused
from placer.instance.checks.mode_checks import modes_refused
from placer.instance.checks.policy_checks import quota_problems, transfer_problems
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


def inexpressible(instance: Instance) -> list[Violation]:
    """Return a violation for every feature of an instance without an exact component in PyPSA."""
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
    found += contracts_refused(instance.contracts, "PyPSA has no component for contracts of power")
    found += quota_problems(instance.tables["policies"], "PyPSA has no component for quotas", "no quota")
    found += transfer_problems(instance.tables["policies"], "PyPSA")
    if len(instance.batteries) and instance.blocks.max() > 0:
        problem = "a battery holds the same at both ends of each block, and a store of PyPSA at those of all snapshots"
        found.append(Violation("periods", "", "block", problem, "one block, or no batteries"))
    found += modes_refused(instance.modes, "PyPSA") + pools_refused(instance.accelerator_pools, "PyPSA")
    return found + [
        Violation("settings", "", name, f"PyPSA has not {what}", "inf")
        for name, what in caps
        if math.isfinite(getattr(settings, name))
    ]
