"""Structures of the demand sets around an instance, where they differ from its own in the amounts of demand alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from placer.instance.problem import Instance
from placer.model.formulation import Formulation, formulate_offered
from placer.model.structure import Structure
from placer.synthetic import SetsAround
from placer.synthetic.grid import within_limits
from placer.tolerances import INPUT
from placer.utils.alike import differing
from placer.utils.arrays import FloatArray


def drawn_structure(sets: Sequence[Instance], number: int, base: Formulation) -> Structure | None:
    """Return the structure of a set; None if it differs from the base in more than amounts.

    Parameters
    ----------
    base : Formulation
        Of the instance around which the sets lie.

    Raises
    ------
    InstanceError
        If the set is invalid.
    """
    if isinstance(sets, SetsAround) and _draws_amounts_alone(sets.instance, base):
        mtok, steps = sets.drawn(number)
        if mtok.sum() > 0 and _are_arcs_kept(sets.instance, base, steps):
            instance = sets.instance
            return replace(base.structure, demand_amount=mtok * instance.weights[instance.demand_period])
    found = formulate_offered(sets[number])
    is_alike = set(differing(found.structure, base.structure)) <= {"demand_amount"} and _are_charged_alike(found, base)
    return found.structure if is_alike else None


def _draws_amounts_alone(instance: Instance, base: Formulation) -> bool:
    """Whether the demand decides no cost, no limit and no check of an instance, which is that of the base."""
    names = ("limits", "latency_value", "policies", "modes", "accelerator_pools")
    tables = (instance.tables[name] for name in names)
    given = any(map(len, tables)) or instance.hubs["backlog_at"].notna().any()
    return not given and len(instance.demand) == len(base.structure.demand_amount)


def _are_arcs_kept(instance: Instance, base: Formulation, steps: FloatArray) -> bool:
    """Whether all tasks stay in time, or late, with a factor on the steps of each workload."""
    workloads = instance.workloads
    tools, colocated = (workloads[name].to_numpy(float) for name in ("tool_round_trips", "tools_colocated"))
    more = (1 - colocated) * (within_limits(tools * steps) - tools) * (steps != 1)
    reached = np.isfinite(base.latency_ms)
    added = more[:, None, None] * np.where(np.isfinite(base.rtt_ms), base.rtt_ms, 0.0)
    in_time = base.latency_ms + added <= base.latency_slo_ms[:, None, None] + INPUT
    return bool((in_time == base.in_time)[reached].all())


def _are_charged_alike(first: Formulation, second: Formulation) -> bool:
    """Whether the same part of the same cost over every arc is a charge that a region is paid.

    And whether contracts of power cost the same in any case.
    """
    one, other = (each.distance.charged(each.structure) for each in (first, second))
    return bool(np.array_equal(one, other)) and np.array_equal(first.contracts.fixed_usd, second.contracts.fixed_usd)
