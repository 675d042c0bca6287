"""Random planning problems at the edges of the schema: wild instances with changes that plans must bear.

Sites without power, hubs without demand, free work, values far above cost, units of money and tokens far from 1, limits
of at least an amount, candidates of every kind with and without a maximum, states of demand and of outages; in some of
them demand has steps of value, and policies hold between regions.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

import placer
from benchmarks.wild import GB_PER_GBPS_HOUR, KWH_PER_MWH, draw_size, wild
from placer.planning.question.problem import planning_problem
from placer.planning.question.targets import row_labels

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from placer.planning.question.problem import PlanningProblem

#: Factors on money and on tokens.
SCALES = (1.0, 1.0, 1.0, 1e-8, 1e9)
#: Columns that scale with tokens; those with ``usd`` in their name scale with money.
_TOKENS = frozenset({"mtok", "accelerators", "power_limit_mw", "limit_mw", "capacity_gbps"})
#: Largest number of sites, hubs, workloads and hours: plans are read in seconds.
_LARGEST = (4, 6, 3, 6)


def drawn_question(random: np.random.Generator) -> PlanningProblem:
    """Return a random planning problem."""
    sites, hubs, workloads, hours = np.minimum(draw_size(random), _LARGEST).tolist()
    (apart,) = random.spawn(1)  # so that other draws are those without steps and policies
    instance = _scaled(random, _changed(random, wild(random, (sites, hubs, workloads, hours))))
    instance = _with_policies(apart, _with_steps(apart, instance))
    budget = float(10 ** random.uniform(-4, 0)) * _worth(instance, "accelerators") * 1e4
    limits = {"budget_usd_year": budget} if random.random() < 0.3 else None
    rows = list(_candidates(random, instance))
    return planning_problem(instance, rows, _states(random, instance), limits)


def _changed(random: np.random.Generator, given: placer.Instance) -> placer.Instance:
    """Return an instance with sunk accelerators and own penalties, and some draws at the edges of the schema."""

    def chance(part: float) -> bool:
        return bool(random.random() < part)

    def one(names: pd.Series) -> str:
        return str(random.choice(names.to_numpy(object)))

    workloads, sites, demand, supplies = given.workloads, given.data_centres, given.demand, given.supplies
    penalty = workloads["unserved_usd_per_mtok"].fillna(float(random.uniform(5, 50)))
    workloads = workloads.assign(unserved_usd_per_mtok=penalty * (1000.0 if chance(0.2) else 1.0))
    for needs in ("accelerator_hours_per_mtok", "kwh_per_mtok", "gb_per_mtok"):
        if chance(0.2):
            workloads.loc[workloads["workload"] == one(workloads["workload"]), needs] = 0.0
    if chance(0.2):
        supplies = supplies[supplies["data_centre"] != one(sites["data_centre"])]
    hub = one(given.hubs["hub"])
    if chance(0.2) and (demand["mtok"][demand["hub"] != hub] > 0).any():
        demand = demand.assign(mtok=demand["mtok"].where(demand["hub"] != hub, 0.0))
    changed = given.replace(
        accelerators="sunk",
        workloads=workloads,
        data_centres=sites.assign(accelerators=sites["accelerators"].replace(np.inf, 0.0)),  # inf has no candidates
        supplies=supplies,
        demand=demand,
    )
    if not chance(0.25):
        return changed
    scope = {"workload": (one(workloads["workload"]),), "hub": (one(given.hubs["hub"]),)}
    amount = float(random.choice([0.3, 0.9, 1.0]))
    return changed.replace(limits=[{"limit": "serve", "kind": "share", "sense": ">=", "amount": amount} | scope])


def _with_steps(random: np.random.Generator, instance: placer.Instance) -> placer.Instance:
    """Return the instance with steps of demand of some workloads in a third of the draws, if solvers take them."""
    if random.random() >= 1 / 3:
        return instance
    names = instance.workloads["workload"]
    chosen = set(random.permutation(names.to_numpy(object))[: int(random.integers(1, len(names) + 1))])
    worth = instance.workloads.set_index("workload")["unserved_usd_per_mtok"]
    demand = []
    for row in instance.demand.to_dict("records"):
        if row["workload"] not in chosen:
            demand.append(row)
            continue
        for part in random.dirichlet(np.ones(int(random.integers(1, 4)))):
            value = float(worth[row["workload"]] * 10 ** random.uniform(-2.5, 0.3))
            demand.append(row | {"mtok": row["mtok"] * float(part), "value_usd_per_mtok": value})
    return _replaced(instance, demand=demand)


def _with_policies(random: np.random.Generator, instance: placer.Instance) -> placer.Instance:
    """Return the instance with policies between two regions in a third of the draws, or as it is if they bar a hub."""
    if random.random() >= 1 / 3:
        return instance
    hubs, sites = (
        frame.assign(region=random.choice(["one", "two"], len(frame)))
        for frame in (instance.hubs, instance.data_centres)
    )
    usd, asked = float(instance.workloads["unserved_usd_per_mtok"].median()), float(instance.demand["mtok"].sum())
    rows = []
    for number in range(int(random.integers(1, 4))):
        kind = str(random.choice(["tariff_usd_per_mtok", "tariff_share", "premium_usd_per_mtok", "quota_mtok", "ban"]))
        row = {"policy": f"p{number}", "kind": kind, "to_region": str(random.choice(["one", "two"]))}
        size = {"tariff_share": 1.0, "quota_mtok": asked}.get(kind, usd)
        if kind != "ban":
            row["amount"] = size * float(10 ** random.uniform(-2, 0))
        if kind.startswith("tariff") or (kind.startswith("premium") and random.random() < 0.5):
            row["paid_to"] = str(random.choice(["importer", "exporter"]))
        rows.append(row)
    return _replaced(instance, hubs=hubs, data_centres=sites, policies=rows)


def _replaced(instance: placer.Instance, **changes: Any) -> placer.Instance:
    """Return the instance with changes, or as it is if they are refused."""
    try:
        return instance.replace(**changes)
    except placer.InstanceError:
        return instance


def _scaled(random: np.random.Generator, instance: placer.Instance) -> placer.Instance:
    """Return the instance in other units of money and tokens, or as it is where no solver takes the numbers."""
    money, tokens = (float(random.choice(SCALES)) for _ in range(2))
    settings = instance.settings
    changes: dict[str, Any] = {
        name: table.assign(**{column: _times(table[column], by) for column, by in _factors(table, money, tokens)})
        for name, table in instance.tables.items()
    }
    changes |= {
        "carbon_usd_per_kg": settings.carbon_usd_per_kg * money,
        "carbon_limit_kg": settings.carbon_limit_kg * tokens,
        "water_limit_litres": settings.water_limit_litres * tokens,
    }
    return _replaced(instance, **changes)


def _factors(table: pd.DataFrame, money: float, tokens: float) -> Iterator[tuple[str, float]]:
    for column in table.columns:
        if column in _TOKENS or "usd" in column:
            yield column, tokens if column in _TOKENS else money


def _times(values: pd.Series, factor: float) -> list[Any]:
    """Return numbers, or numbers by the hour, times a factor."""
    return [tuple(factor * np.array(each)) if isinstance(each, tuple) else factor * each for each in values]


def _worth(instance: placer.Instance, adds: str) -> float:
    """Return what a unit that adds to a limit is worth a year if it serves the work of a typical value."""
    needs, per_hour = {
        "accelerators": ("accelerator_hours_per_mtok", 1.0),
        "power_limit_mw": ("kwh_per_mtok", KWH_PER_MWH),
        "limit_mw": ("kwh_per_mtok", KWH_PER_MWH),
        "capacity_gbps": ("gb_per_mtok", GB_PER_GBPS_HOUR),
    }[adds]
    workloads = instance.workloads
    need = float(workloads[needs].median()) or 1.0
    return 8760.0 * per_hour / need * float(workloads["unserved_usd_per_mtok"].median())


def _candidates(random: np.random.Generator, instance: placer.Instance) -> Iterator[dict[str, Any]]:
    """Yield accelerators at every site, and some candidates of other limits."""
    asked = float(instance.demand["mtok"].sum())
    for adds, table, part in (
        ("accelerators", "data_centres", 1.0),
        ("power_limit_mw", "data_centres", 0.3),
        ("limit_mw", "supplies", 0.3),
        ("capacity_gbps", "links", 0.3),
    ):
        labels, limits = row_labels(instance, table), instance.hourly(table, adds)
        for label, limit in zip(labels, limits, strict=True):
            if labels.count(label) > 1 or not np.isfinite(limit).all() or random.random() >= part:
                continue
            row = {"candidate": f"{adds} of {label}", "adds": adds, "target": label}
            row["usd_per_unit_year"] = _worth(instance, adds) * float(10 ** random.uniform(-3, 0.5))
            if random.random() < 0.3:
                row["max_units"] = float(random.choice([0.0, 0.01, 0.1, 1.0])) * asked
            yield row


def _states(random: np.random.Generator, instance: placer.Instance) -> placer.States:
    """Return states of other demands, or of outages."""
    if random.random() < 0.3:
        kind = random.choice(["data_centres", "power_zones", "links"])
        security = placer.Security(kind, most_stranded=1.0, hours_a_year=8760 / 100)
        with suppress(placer.InstanceError):  # where one loss would leave nothing
            return placer.States({"all year": (instance, 1.0)}, instance).with_security(security)
    factors = random.uniform(0.6, 1.8, int(random.integers(1, 5))).tolist()
    demands = {}
    for factor in factors:
        with suppress(placer.InstanceError):  # where it leaves an amount that solvers take for nothing
            demands[f"{factor}"] = instance.scaled_demand(factor)
    return placer.States.of(demands or {"1": instance}, instance)
