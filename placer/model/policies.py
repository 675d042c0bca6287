"""Policies as the program has them: charges over arcs, closed arcs, and quotas as limits (``placer.model.limits``).

    charge_khj   = sum of usd_per_mtok over the tariffs and premia that hold for k between h and j    USD per Mtok sent
    tariff_share = amount * value_kj,  with the customs value, the mean over the hours of the horizon by their weights,
    value_kj     = a_kj accelerator_usd_per_hour_jt + pue_jt e_kj max(usd_per_mwh_jt, 0)                 USD per Mtok

``placer.instance.checks.policy_checks`` says for whom a policy holds. The accelerators count at their full price, paid
for (sunk) or not. Energy counts at the list price of the power zone, without adders and carbon; where several zones
supply a data centre, at the mean of their prices. So a customs value does not depend on the hour: work that waits
pays the same as work that is served at once, and the charge of an arc is one number.

A charge that a region is paid is a *transfer*: it counts in the decision and in prices, and is no cost. A premium that
nobody is paid is a cost, as a surcharge is. Both count in the default penalty of unserved demand, so that a charge
alone leaves none unserved.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from placer.instance.checks.policy_checks import (
    BAN,
    EXPORTER,
    IMPORTER,
    PREMIUM,
    TARIFF,
    TARIFF_SHARE,
    concerned,
    names_workload,
)
from placer.instance.pools import usd_per_hour
from placer.instance.problem import Instance
from placer.model.coefficients import work_coefficients
from placer.utils.arrays import BoolArray, FloatArray
from placer.utils.records import records_of


def policies_of(instance: Instance, *kinds: str) -> list[tuple[dict[str, Any], BoolArray, BoolArray]]:
    """Return the policies of some kinds, with the workloads (k,) and the pairs (h, j) that each holds for."""
    table = instance.tables["policies"]
    if not len(rows := table[table["kind"].isin(kinds)]):
        return []
    hubs, region, workload = instance.hubs, instance.data_centres["region"], instance.workloads["workload"]
    sends = hubs["backlog_at"].isna().to_numpy(bool)
    return [
        (row, names_workload(row, workload), concerned(row, hubs["region"], region) & sends[:, None])
        for row in records_of(rows)
    ]


def banned(instance: Instance) -> BoolArray:
    """Return where a ban closes the way (workloads, hubs, data centres)."""
    shape = len(instance.workloads), len(instance.hubs), len(instance.data_centres)
    closed = np.zeros(shape, dtype=bool)
    for _, workload, pairs in policies_of(instance, BAN):
        closed |= workload[:, None, None] & pairs
    return closed


def charges(instance: Instance) -> dict[str | None, FloatArray]:
    """Return the charges by the party that is paid, None for nobody: (classes, hubs, data centres), USD per Mtok."""
    of, policies = instance.service_classes.workload, policies_of(instance, TARIFF, TARIFF_SHARE, PREMIUM)
    shape = len(of), len(instance.hubs), len(instance.data_centres)
    usd: dict[str | None, FloatArray] = dict.fromkeys((None, IMPORTER, EXPORTER), np.broadcast_to(np.zeros(1), shape))
    shared = any(row["kind"] == TARIFF_SHARE for row, _, _ in policies)
    value = customs_value(instance)[:, None, :] if shared else np.ones(1)
    for row, workload, pairs in policies:
        each = value if row["kind"] == TARIFF_SHARE else np.ones(1)
        usd[row["paid_to"]] = usd[row["paid_to"]] + row["amount"] * each * (workload[of][:, None, None] & pairs)
    return usd


def customs_value(instance: Instance) -> FloatArray:
    """Return ``value_kj``, what a share is charged of (classes, data centres), USD per Mtok."""
    work = work_coefficients(instance)
    energy = instance.hourly("data_centres", "pue") * _list_price(instance)
    mean = [np.average(hourly, axis=-1, weights=instance.weights) for hourly in (usd_per_hour(instance), energy)]
    return work.accelerator_hours * mean[0] + work.it_mwh * mean[1]


def _list_price(instance: Instance) -> FloatArray:
    """Return the list price of power at every data centre (data centres, hours), USD per MWh; 0 without a supply."""
    supplies = instance.supplies
    buys = np.array(
        [
            np.isin(instance.power_zones["power_zone"], supplies["power_zone"][supplies["data_centre"] == name])
            for name in instance.data_centres["data_centre"]
        ]
    ).reshape(len(instance.data_centres), len(instance.power_zones))
    total = buys @ np.maximum(instance.hourly("power_zones", "usd_per_mwh"), 0.0)
    return np.asarray(total / np.maximum(buys.sum(axis=1), 1)[:, None])
