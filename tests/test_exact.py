"""Optima against exact rational arithmetic."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

from placer.instance.problem import Instance
from placer.ladder.whole_program import solve_program
from placer.solve import solve, to_program
from placer.solvers.highs import HiGHS


def _solve_exactly(matrix, sides):
    """Solve a square system of fractions by Gauss-Jordan elimination; None if it is singular."""
    rows = [[*row, side] for row, side in zip(matrix, sides, strict=True)]
    size = len(rows)
    for place in range(size):
        pivot = next((row for row in range(place, size) if rows[row][place]), None)
        if pivot is None:
            return None
        rows[place], rows[pivot] = rows[pivot], rows[place]
        rows[place] = [value / rows[place][place] for value in rows[place]]
        for row in range(size):
            if row != place and rows[row][place]:
                factor = rows[row][place]
                rows[row] = [a - factor * b for a, b in zip(rows[row], rows[place], strict=True)]
    return [row[-1] for row in rows]


def _half_spaces(program):
    """Return every finite side as (coefficients, least value) of fractions."""
    columns = len(program.cost)
    rows = [*program.matrix.toarray().tolist(), *np.eye(columns).tolist()]
    lower = [*program.row_lower, *program.col_lower]
    upper = [*program.row_upper, *program.col_upper]
    found = []
    for row, low, high in zip(rows, lower, upper, strict=True):
        exact = [Fraction(value) for value in row]
        if math.isfinite(low):
            found.append((exact, Fraction(low)))
        if math.isfinite(high):
            found.append(([-value for value in exact], -Fraction(high)))
    return found


def _least_cost(program):
    """Return the least cost over all vertices, exactly; None if there is no vertex."""
    cost = [Fraction(value) for value in program.cost]
    spaces = _half_spaces(program)
    best = None
    for chosen in itertools.combinations(spaces, len(cost)):
        point = _solve_exactly([row for row, _ in chosen], [side for _, side in chosen])
        if point is None:
            continue
        if all(sum(a * x for a, x in zip(row, point, strict=True)) >= side for row, side in spaces):
            value = sum(c * x for c, x in zip(cost, point, strict=True))
            best = value if best is None else min(best, value)
    return best


@pytest.mark.parametrize("seed", range(30))
def test_least_vertex(make_program, seed):
    """Tests that the optimum of a small program in sevenths and halves is that of its cheapest vertex, to 1e-9."""
    random = np.random.default_rng(seed)
    rows, columns = random.integers(2, 4), random.integers(2, 5)
    matrix = random.integers(-1, 5, (rows, columns)) / 2
    lower = random.integers(0, 9, rows) / 7
    upper = np.where(random.random(rows) < 0.4, lower + random.integers(0, 4, rows), np.inf)
    boxed = np.where(random.random(columns) < 0.5, random.integers(1, 5, columns), np.inf)
    program = make_program(random.integers(1, 12, columns) / 7, matrix, lower, upper, np.zeros(columns), boxed)
    least = _least_cost(program)
    if least is None:
        assert HiGHS().solve(program).values is None
        return
    _, certificate = solve_program(program, HiGHS())
    assert certificate.objective == pytest.approx(float(least), abs=1e-9)


@pytest.mark.parametrize("seed", range(25))
def test_rational_proof_of_an_instance(make_instance, seed):
    """Tests that a placement's point and duals, read as fractions, prove each other without any tolerance.

    The data are such that a vertex has small denominators, so the nearest simple fractions are the vertex itself. The
    point is then feasible, the duals are, and their objectives are equal, all exactly.
    """
    random = np.random.default_rng(seed)

    def some(*values):
        return float(random.choice(values))

    kinds = [{"workload": "w", "deadline_hours": some(0, 1)}, {"workload": "v", "latency_slo_ms": some(15, 60)}]
    instance = make_instance(
        workloads=[
            kind
            | {
                "accelerator_hours_per_mtok": some(0.5, 1, 2),
                "kwh_per_mtok": some(500, 1000),
                "gb_per_mtok": some(1, 2),
                "unserved_usd_per_mtok": 256.0,
            }
            for kind in kinds
        ],
        demand=[
            {"workload": kind["workload"], "hub": hub, "hour": hour, "mtok": some(0.5, 1, 3)}
            for kind in kinds
            for hub in "AB"
            for hour in range(2)
        ],
        data_centres=[
            {"data_centre": centre, "accelerators": some(2, 4), "accelerator_usd_per_hour": some(1, 1.5), "pue": 1.5}
            for centre in "XY"
        ],
        supplies=[
            {"power_zone": zone, "data_centre": centre, "limit_mw": some(1, 2, np.inf), "loss": some(0, 0.5)}
            for zone in ("zx", "zy")
            for centre in "XY"
        ],
        cyclic=bool(seed % 2),
    )
    program, placement = to_program(instance), solve(instance)
    point = [Fraction(value).limit_denominator(1000) for value in placement.solution.values]
    duals = [Fraction(value).limit_denominator(1000) for value in placement.solution.row_duals]
    dense = [[Fraction(value) for value in row] for row in program.matrix.toarray()]
    cost = [Fraction(value) for value in program.cost]
    activity = [sum(a * x for a, x in zip(row, point, strict=True)) for row in dense]
    reduced = [c - sum(row[j] * y for row, y in zip(dense, duals, strict=True)) for j, c in enumerate(cost)]
    bound = Fraction(0)
    for value, dual, low, high in (
        *zip(activity, duals, program.row_lower, program.row_upper, strict=True),
        *zip(point, reduced, program.col_lower, program.col_upper, strict=True),
    ):
        assert math.isinf(low) or value >= Fraction(low)
        assert math.isinf(high) or value <= Fraction(high)
        if dual:
            bound += dual * Fraction(low if dual > 0 else high)
    objective = sum(c * x for c, x in zip(cost, point, strict=True))
    assert objective == bound
    assert placement.certificate.objective == pytest.approx(float(objective), rel=1e-12)


@pytest.mark.parametrize("solver", ["simplex", "ipm", "columns"])
@pytest.mark.parametrize("dear", [5e8, 5e9])
def test_a_way_far_dearer_than_all_others_decides_nothing(solver, dear):
    """Tests that demand served for 0.002 USD is not left unserved at 0.2 beside a way that costs 5e8 and more."""
    need = {"accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "gb_per_mtok": 1.0}
    sites = [("X", "west", "EU"), ("Y", "north", None), ("Z", "north", None)]
    premium = {"policy": "premium", "kind": "premium_usd_per_mtok", "amount": dear, "from_region": "north"}
    tables = {
        "hubs": [{"hub": "A", "region": "east"}],
        "data_centres": [dict(zip(("data_centre", "region", "jurisdiction"), row, strict=True)) for row in sites],
        "links": [{"from": "A", "to": name, "rtt_ms": 1.0, "usd_per_gb": 0.002 * (name == "X")} for name in "XYZ"],
        "workloads": [{"workload": "w"} | need, {"workload": "v", "jurisdictions": "EU"} | need],
        "demand": [{"workload": name, "hub": "A", "mtok": 1.0} for name in "wv"],
        "policies": [premium],
    }
    placement = solve(Instance.from_tables(tables), solver)
    assert placement.unserved_mtok == 0
    assert placement.cost_usd == pytest.approx(0.004)
