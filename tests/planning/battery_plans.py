"""Random plans with candidates of batteries, and the explicit program of each, with all states, for ``linprog``."""

from __future__ import annotations

import numpy as np
from scipy.linalg import block_diag
from scipy.optimize import linprog

import placer
from placer.planning.question.problem import planning_problem
from tests.batteries_at_random import explicit_rows, random_instance

#: The limits that candidates raise, with their table and the explicit columns that each limits together.
TABLES = {"power_mw": ("batteries", "cg"), "energy_mwh": ("batteries", "e"), "limit_mw": ("power_zones", "n")}


def random_question(rng, made=random_instance):
    """Return an instance, candidates and states; some batteries have no size without builds, some zones no power."""
    instance = made(rng)
    batteries = instance.batteries
    nothing = rng.random(len(batteries)) < 0.6
    sizes = batteries[["power_mw", "energy_mwh"]].mask(np.repeat(nothing[:, None], 2, axis=1), 0.0)
    zones = instance.power_zones.assign(limit_mw=[float(rng.choice([0.0, 20.0])) for _ in range(2)])
    instance = instance.replace(batteries=batteries.assign(**sizes), power_zones=zones)
    rows = [("power_mw", name, 5.0, 40.0) for name in batteries["battery"]]
    rows += [("energy_mwh", name, 2.0, 60.0) for name in batteries["battery"]]
    rows += [("limit_mw", name, 30.0, 50.0) for name in zones["power_zone"]]
    candidates = [
        {
            "candidate": f"{adds} {target}",
            "adds": adds,
            "target": target,
            "usd_per_unit_year": float(8760 * usd * rng.random()),
            "max_units": most,
        }
        for adds, target, usd, most in rows
        if rng.random() < 0.8
    ]
    demand = instance.demand.assign(mtok=np.roll(instance.demand["mtok"], 3))
    share = float(rng.choice([0.3, 1.0]))
    states = {"first": (instance, share), "second": (instance.replace(demand=demand), 1 - share)}
    states = placer.States({name: each for name, each in states.items() if each[1]})
    return instance, candidates or [{**ONE, "target": zones["power_zone"].iloc[0]}], states


ONE = {"candidate": "grid", "adds": "limit_mw", "usd_per_unit_year": 1e5, "max_units": 50.0}


def explicit_cost(instance, candidates, states, more=lambda *_: None):
    """Return the least yearly cost of a plan by the explicit program; ``more`` adds columns and rows to each state."""
    problem = planning_problem(instance, candidates, states)
    rows = [_state(state, candidates, more) for state in states.instances]
    cost = [each["usd_per_unit_year"] for each in candidates]
    for weight, (costs, *_) in zip(problem.states.weights, rows, strict=True):
        cost = [*cost, *(weight * np.array(costs))]
    a_ub = np.hstack([np.vstack([each[6] for each in rows]), block_diag(*(each[1] for each in rows))])
    a_eq = block_diag(*(each[3] for each in rows))
    a_eq = np.hstack([np.zeros((len(a_eq), len(candidates))), a_eq])
    b_ub, b_eq = (np.concatenate([each[place] for each in rows]) for place in (2, 4))
    bounds = [(0, each["max_units"]) for each in candidates] + [bound for each in rows for bound in each[5]]
    return linprog(cost, a_ub, b_ub, a_eq, b_eq, bounds, method="highs").fun


def _state(instance, candidates, more):
    """Return costs, rows and bounds of a state, and what units add to its rows of at most."""
    unlimited = instance.replace(**_without_limits(instance, candidates))
    rows = explicit_rows(unlimited)
    more(rows, unlimited)
    taken = []
    for place, each in enumerate(candidates):
        table, columns = TABLES[each["adds"]]
        frame = instance.tables[table]
        limit = float(frame.set_index(frame.columns[0])[each["adds"]][each["target"]])
        for t, weight in enumerate(instance.weights):
            terms = [((column, each["target"], t), 1.0) for column in columns]
            taken.append((len(rows.below), place, -weight))
            rows.below.append((terms, limit * weight))
    a_ub, b_ub, a_eq, b_eq, bounds = rows.laid()
    added = np.zeros((len(a_ub), len(candidates)))
    for row, place, value in taken:
        added[row, place] = value
    return rows.cost, a_ub, b_ub, a_eq, b_eq, bounds, added


def _without_limits(instance, candidates):
    """Return the tables in which no limit binds that a candidate raises: the explicit rows have these."""
    changes = {}
    for each in candidates:
        table, _ = TABLES[each["adds"]]
        frame = changes.get(table, instance.tables[table])
        name = frame.columns[0]
        changes[table] = frame.assign(**{each["adds"]: frame[each["adds"]].mask(frame[name] == each["target"], 1e6)})
    if "batteries" in changes:  # what neither builds nor the instance give is not there
        frame = changes["batteries"]
        gone = (frame[["power_mw", "energy_mwh"]].astype(float) == 0).any(axis=1)
        changes["batteries"] = frame.assign(
            power_mw=frame["power_mw"].mask(gone, 0.0), energy_mwh=frame["energy_mwh"].mask(gone, 0.0)
        )
    return changes
