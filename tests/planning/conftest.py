"""Random planning problems, and their extensive form written out and solved without the room under test."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import block_array, csr_array, vstack

import placer
from placer.model.expansion import expand
from placer.model.formulation import formulate
from placer.planning.question.added_limits import added_limits
from placer.planning.question.build_limits import BuildLimits
from placer.planning.question.candidates import Candidates


def candidates_for(instance, seed, limits=None):
    """Return six candidates of every kind for a random instance, some of them limited."""
    random = np.random.default_rng(seed)
    links, supplies = instance.links, instance.supplies
    limited = int(np.flatnonzero(np.isfinite(links["capacity_gbps"]))[0])
    kinds = [
        ("accelerators", "D0", 3.0),
        ("accelerators", "D2", 2.0),
        ("power_limit_mw", instance.data_centres["data_centre"][int(random.integers(4))], 1.0),
        ("limit_mw", "|".join(supplies.loc[0, ["power_zone", "data_centre"]]), 10.0),
        ("capacity_gbps", "|".join(links.loc[limited, ["from", "to"]]), 500.0),
        ("accelerators", "D3", 6.0),
        ("limit_mw", "Z0", 8.0),
    ]
    rows = [
        {
            "candidate": f"c{place}",
            "adds": adds,
            "target": target,
            "usd_per_unit_year": float(random.uniform(0.3, 2.0)) * usd * 8760,
            "max_units": float(random.choice([3.0, 10.0, np.inf])),
        }
        for place, (adds, target, usd) in enumerate(kinds)
        if np.isfinite(_limit(instance, adds, target)).all()
    ]
    return Candidates.of(rows, BuildLimits.of(limits))


def _limit(instance, adds, target):
    from placer.planning.question.targets import target_rows

    table, row = target_rows(instance, [adds], [target])[0]
    return instance.hourly(table, adds)[row]


@pytest.fixture(scope="session")
def make_zoned(make_random_instance):
    """Return a function from a seed to a random instance with limits of power zones: by the hour, and all day."""

    def make(seed, all_day=5.0):
        random = np.random.default_rng(seed)
        instance = make_random_instance(seed, accelerators="sunk")
        by_hour = random.choice([0.0, 3.0, 6.0], len(instance.hours)).tolist()
        return instance.replace(power_zones=instance.power_zones.assign(limit_mw=[by_hour, all_day]))

    return make


@pytest.fixture(scope="session")
def make_candidates():
    """Return a function from a random instance and a seed to candidates of every kind."""
    return candidates_for


@pytest.fixture(scope="session")
def extensive_form():
    """Return a function that solves all states as one program and returns its least cost and the units."""
    return _extensive_form


def _extensive_form(base, states, weights, candidates, limits=None, risk=None):
    """Minimise ``c z + measure_o (cost of o)`` with ``b_o + M_o z`` as limits, by scipy.

    Columns: z, then those of each state, then the excess of each state over eta, and eta.
    """
    formulations = [formulate(state) for state in states]
    programs = [expand(each.structure) for each in formulations]
    widths = [len(candidates.names), *(len(each.cost) for each in programs), len(states), 1]
    lines, lower, upper = [], [], []

    def add(parts, least, most):
        """Add rows, given their parts by block of columns."""
        lines.append([csr_array(parts.get(place, (len(least), width))) for place, width in enumerate(widths)])
        lower.append(least)
        upper.append(most)

    for place, (formulation, program) in enumerate(zip(formulations, programs, strict=True)):
        structure = formulation.structure
        row, tier_rows = _limit_rows(structure, program, added_limits(base, states[place], formulation, candidates))
        add({0: -row, place + 1: program.matrix}, program.row_lower, program.row_upper)
        finite = np.flatnonzero(np.isfinite(structure.tier_limit.ravel()))
        columns = program.col_blocks["y"].start + finite
        pick = csr_array(
            (np.ones(len(finite)), (np.arange(len(finite)), columns)), shape=(len(finite), widths[place + 1])
        )
        limit = structure.tier_limit.ravel()[finite]
        add({0: -tier_rows[finite], place + 1: pick}, np.full(len(finite), -np.inf), limit)
        excess = -np.eye(len(states))[[place]]
        cost = program.cost[None, :]
        add({place + 1: cost, len(states) + 1: excess, len(states) + 2: -np.ones((1, 1))}, [-np.inf], [0.0])
    if limits is not None:
        sign = np.where(np.array(limits.sense) == "<=", 1.0, -1.0)
        add({0: candidates.takes.T * sign[:, None]}, np.full(len(sign), -np.inf), limits.amount * sign)
    mean, part = (1.0, 0.0) if risk is None else (1 - risk.weight, risk.weight)
    cost = [
        candidates.cost_usd_per_unit_year,
        *(mean * w * each.cost for w, each in zip(weights, programs, strict=True)),
    ]
    cost += [part * np.asarray(weights) / (1 - (0.0 if risk is None else risk.level)), [part * np.sum(weights)]]
    matrix = csr_array(block_array(lines))
    lower, upper = np.concatenate(lower), np.concatenate(upper)
    equal = lower == upper
    least, most = np.isfinite(lower) & ~equal, np.isfinite(upper) & ~equal
    bounds = [(0, most) for most in candidates.max_units.tolist()] + [(0, None)] * sum(widths[1:-1]) + [(None, None)]
    found = linprog(
        np.concatenate(cost),
        A_ub=vstack([matrix[most], -matrix[least]]),
        b_ub=np.concatenate([upper[most], -lower[least]]),
        A_eq=matrix[equal],
        b_eq=lower[equal],
        bounds=bounds,
        method="highs",
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    assert found.status == 0, found.message
    return float(found.fun), found.x[: widths[0]]


def _limit_rows(structure, program, added):
    """Return what a unit adds to the upper side of every row of the program, and to the limits of tiers."""
    sizes = [structure.capacity.size, structure.intake.size, structure.tier_limit.size, structure.link_capacity.size]
    starts = np.cumsum([0, *sizes, structure.cap_limit.size])
    row = np.zeros((len(program.row_lower), added.shape[1]))
    dense = added.toarray()
    for name, part in (("capacity", 0), ("intake", 1), ("link", 3), ("cap", 4)):
        there = getattr(structure.rows, name).ravel() >= 0
        row[program.row_blocks[name]] = dense[starts[part] : starts[part + 1]][there]
    return row, dense[starts[2] : starts[3]]


@pytest.fixture(scope="session")
def make_closed():
    """Return a function from a random instance to one with limits of 0 of each kind, and candidates that raise them."""

    def make(instance, seed):
        random = np.random.default_rng(seed)
        centres, supplies, links = instance.data_centres, instance.supplies, instance.links
        centres.loc[0, "accelerators"] = centres.loc[1, "power_limit_mw"] = 0.0
        supplies.loc[[2, 6], "limit_mw"] = 0.0
        limited = int(np.flatnonzero(np.isfinite(links["capacity_gbps"]))[0])
        links.loc[limited, "capacity_gbps"] = 0.0
        kinds = [
            ("accelerators", centres["data_centre"][0], 3.0),
            ("power_limit_mw", centres["data_centre"][1], 20.0),
            *(("limit_mw", "|".join(supplies.loc[row, ["power_zone", "data_centre"]]), 10.0) for row in (2, 6)),
            ("capacity_gbps", "|".join(links.loc[limited, ["from", "to"]]), 500.0),
            *(
                ("limit_mw", zone, 10.0)
                for zone in ("Z0", "Z1")
                if np.isfinite(_limit(instance, "limit_mw", zone)).all()
            ),
        ]
        rows = [
            {"candidate": f"c{place}", "adds": adds, "target": target}
            | {"usd_per_unit_year": float(random.uniform(0.3, 2.0)) * usd * 8760}
            for place, (adds, target, usd) in enumerate(kinds)
        ]
        return instance.replace(data_centres=centres, supplies=supplies, links=links), Candidates.of(rows)

    return make


@pytest.fixture(scope="session")
def make_program_of_plan(make_random_instance):
    """Return a function from a seed to a planning problem as arrays: three states of a random instance."""
    from placer.decomposition.risk import NEUTRAL
    from placer.planning.plan import program_of
    from placer.planning.question.problem import planning_problem
    from placer.planning.question.states import States

    def make(seed, risk=NEUTRAL, limits=None, factors=(0.8, 1.1, 1.5)):
        instance = make_random_instance(seed, accelerators="sunk")
        states = States({str(factor): (instance.scaled_demand(factor), 1 / len(factors)) for factor in factors})
        question = planning_problem(instance, candidates_for(instance, seed, limits), states, limits)
        return program_of(question, risk)

    return make


def _two_sites(sites, demand, unserved=1000.0, **tables):
    """One hub near two sites; a Mtok takes one accelerator-hour and operations cost by the accelerator-hour."""
    return placer.Instance.from_tables(
        {
            "hubs": [{"hub": "H"}],
            "data_centres": sites,
            "links": [{"from": "H", "to": each["data_centre"], "rtt_ms": 1.0} for each in sites],
            "workloads": [
                {
                    "workload": "w",
                    "accelerator_hours_per_mtok": 1.0,
                    "kwh_per_mtok": 0.0,
                    "unserved_usd_per_mtok": unserved,
                }
            ],
            "demand": [{"workload": "w", "hub": "H", "hour": hour, "mtok": mtok} for hour, mtok in enumerate(demand)],
        }
        | tables,
        accelerators="sunk",
        hour_length=12.0,
    )


@pytest.fixture(scope="session")
def east_and_west():
    """Two periods of 12 h, 130 and 60 units asked for; East has 100 units at 5 USD a unit-hour, West none at 3."""
    sites = [
        {"data_centre": "East", "accelerators": 100.0, "operations_usd_per_hour": 5.0},
        {"data_centre": "West", "accelerators": 0.0, "operations_usd_per_hour": 3.0},
    ]
    return _two_sites(sites, [130.0 * 12, 60.0 * 12])


@pytest.fixture(scope="session")
def newsvendor():
    """Demand of 80, 100, 120 or 140 with a quarter each, unserved at 100, built at 30 a unit-day; one period a day."""
    sites = [{"data_centre": "X", "accelerators": 0.0}]
    instances = {
        f"{mtok}": _two_sites(sites, [mtok * 24.0], 100.0 / 24).replace(hour_length=24.0)
        for mtok in (80, 100, 120, 140)
    }
    return instances["80"], placer.States(instances)


@pytest.fixture(scope="session")
def make_paid_for_power():
    """Return a function that makes the program of a plan for 100 Mtok in an hour, at a site without accelerators.

    A Mtok takes one accelerator-hour and 1 MWh. A hall costs 10 USD an hour a unit; there may be more with changes.
    """
    from placer.decomposition.risk import NEUTRAL
    from placer.planning.plan import program_of
    from placer.planning.question.problem import planning_problem

    def make(usd_per_mwh, unserved, changes=({},)):
        power = {
            "power_zones": [{"power_zone": "Z", "usd_per_mwh": usd_per_mwh}],
            "supplies": [{"power_zone": "Z", "data_centre": "X"}],
        }
        instance = _two_sites([{"data_centre": "X", "accelerators": 0.0}], [100.0], unserved, **power)
        instance = instance.replace(workloads=instance.workloads.assign(kwh_per_mtok=1000.0), hour_length=1.0)
        hall = {"adds": "accelerators", "target": "X", "usd_per_unit_year": 10.0 * 8760}
        rows = [{"candidate": f"hall {number}"} | hall | change for number, change in enumerate(changes)]
        return program_of(planning_problem(instance, rows), NEUTRAL)

    return make


@pytest.fixture(scope="session")
def served_at_any_cost():
    """100 units of work that must be served, at a site without accelerators, and a hall at 30 a unit-day; one period.

    Unserved work costs 1, so that nothing would be built without the limit.
    """
    limit = {"limit": "serve all", "kind": "share", "sense": ">=", "amount": 1.0, "hub": "H"}
    instance = _two_sites([{"data_centre": "X", "accelerators": 0.0}], [100.0 * 24], 1.0, limits=[limit])
    hall = {"candidate": "hall", "adds": "accelerators", "target": "X", "usd_per_unit_year": 30.0 * 365}
    return instance.replace(hour_length=24.0), [hall]
