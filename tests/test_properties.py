"""What must hold for any instance, on small ones whose numbers lie on a half-integer grid, so that ties are common."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from placer.errors import NoSolutionError, SolverError
from placer.instance.problem import Instance
from placer.model.scaling import scale
from placer.placement.accounts import COST_PARTS, assignment_axes
from placer.placement.prices import RENTS
from placer.solve import solve, to_program
from placer.solvers.highs import HiGHS
from placer.solvers.pulp import PuLP
from placer.solvers.whole_program import solve_program
from placer.termination import Reason
from tests.effort import tries

# The same examples in every run: a test that fails once in a while helps nobody.
few = settings(max_examples=tries(14, 40), deadline=None, derandomize=True)

#: What is money, and what is an amount or a limit on one; both scale together.
MONEY = {
    "data_centres": ("accelerator_usd_per_hour", "water_usd_per_litre"),
    "power_zones": ("usd_per_mwh",),
    "links": ("usd_per_gb",),
    "supplies": ("usd_per_mwh_adder",),
    "workloads": ("unserved_usd_per_mtok",),
}
AMOUNTS = {
    "data_centres": ("accelerators", "power_limit_mw"),
    "links": ("capacity_gbps",),
    "supplies": ("limit_mw",),
    "demand": ("mtok",),
}


@dataclass(frozen=True)
class Case:
    """Tables and settings of an instance, to change and build."""

    tables: dict
    settings: dict

    def build(self):
        """Return the instance."""
        return Instance.from_tables(self.tables, **self.settings)

    def changed(self, change, **settings_):
        """Return the case with every row of every table passed through a function of table name and row."""
        tables = {name: [change(name, row) for row in rows] for name, rows in self.tables.items()}
        return Case(tables, self.settings | settings_)


def halves(low, high):
    """Numbers on the grid of halves."""
    return st.integers(int(2 * low), int(2 * high)).map(lambda count: count / 2)


def maybe(strategy):
    """A limit, or none."""
    return st.one_of(st.just(math.inf), strategy)


@st.composite
def cases(draw):
    """Instances on one or two exchanges, with every kind of limit now and then."""
    hours = draw(st.integers(1, 3))
    hubs = [f"h{place}" for place in range(draw(st.integers(1, 3)))]
    centres = [f"d{place}" for place in range(draw(st.integers(1, 3)))]
    workloads = [f"w{place}" for place in range(draw(st.integers(1, 2)))]
    hourly = st.lists(halves(-5, 40), min_size=hours, max_size=hours)
    tables = {
        "hubs": [{"hub": hub, "region": draw(st.sampled_from("ew")), "access_ms": draw(halves(0, 2))} for hub in hubs],
        "data_centres": [
            {
                "data_centre": centre,
                "region": draw(st.sampled_from("ew")),
                "accelerators": draw(maybe(halves(0, 6))),
                "accelerator_usd_per_hour": draw(halves(0, 3)),
                "pue": draw(st.lists(halves(1, 2), min_size=hours, max_size=hours)),
                "power_limit_mw": draw(maybe(halves(0, 8))),
                "water_litres_per_kwh": draw(halves(0, 1)),
                "water_usd_per_litre": draw(st.sampled_from([0.0, 0.0, 0.015625])),
                "speed": draw(st.sampled_from([0.5, 1.0, 2.0])),
                "energy_factor": draw(st.sampled_from([0.5, 1.0])),
                "jurisdiction": draw(st.sampled_from(["CN", "EU"])),
            }
            for centre in centres
        ],
        "power_zones": [
            {"power_zone": zone, "usd_per_mwh": draw(hourly), "carbon_kg_per_mwh": draw(st.sampled_from([0, 128, 512]))}
            for zone in ("z0", "z1")
        ],
        "exchanges": [{"exchange": "e0"}, {"exchange": "e1"}],
        "links": [
            *({"from": hub, "to": draw(st.sampled_from(["e0", "e1"])), "rtt_ms": draw(halves(0, 5))} for hub in hubs),
            *({"from": draw(st.sampled_from(["e0", "e1"])), "to": c, "rtt_ms": draw(halves(0, 5))} for c in centres),
            {
                "from": "e0",
                "to": "e1",
                "rtt_ms": draw(halves(1, 20)),
                "capacity_gbps": draw(maybe(st.sampled_from([0.0, 0.00390625, 0.015625]))),
                "usd_per_gb": draw(halves(0, 2)),
            },
        ],
        "supplies": [
            {
                "power_zone": zone,
                "data_centre": centre,
                "limit_mw": draw(maybe(halves(0, 6))),
                "loss": draw(st.sampled_from([0.0, 0.0, 0.25])),
                "usd_per_mwh_adder": draw(halves(0, 5)),
            }
            for centre in centres
            for zone in draw(st.sampled_from([("z0",), ("z0", "z1"), ("z1", "z1")]))
        ],
        "workloads": [
            {
                "workload": workload,
                "accelerator_hours_per_mtok": draw(halves(0.5, 2)),
                "kwh_per_mtok": draw(st.sampled_from([0.0, 500.0, 1000.0])),
                "gb_per_mtok": draw(halves(0, 2)),
                "latency_slo_ms": draw(maybe(halves(1, 40))),
                "user_round_trips": draw(st.sampled_from([1.0, 2.0])),
                "deadline_hours": draw(st.sampled_from([0.0, 0.0, 1.0, 2.0])),
                "jurisdictions": draw(st.sampled_from([None, None, ("CN",)])),
                "unserved_usd_per_mtok": draw(st.sampled_from([20.0, 200.0])),
            }
            for workload in workloads
        ],
        "demand": [
            {"workload": workload, "hub": hub, "hour": hour, "mtok": draw(halves(0.5 if hub == "h0" else 0, 4))}
            for workload in workloads
            for hub in hubs
            for hour in range(hours)
        ],
    }
    given_settings = {
        "cyclic": draw(st.booleans()),
        "carbon_usd_per_kg": draw(st.sampled_from([0.0, 0.03125])),
        "carbon_limit_kg": draw(maybe(halves(0, 2000))),
        "water_limit_litres": draw(maybe(halves(0, 4000))),
        "hour_length": draw(st.sampled_from([1.0, 1.0, 0.5, 4.0])),
    }
    return Case(tables, given_settings)


def total(case):
    """Cost and penalty of the optimum."""
    placement = solve(case.build())
    return placement.cost_usd + placement.penalty_usd


def at_most(value, bound):
    """Whether a value is at most a bound, to the tolerance of a proof."""
    return value <= bound + 1e-8 * max(1.0, abs(bound))


def multiplied(columns, factor):
    """A change that multiplies columns of tables."""

    def change(table, row):
        names = [name for name in columns.get(table, ()) if name in row]
        scaled = {name: np.multiply(row[name], factor).tolist() for name in names}
        return row | scaled

    return change


def _reached(name):
    with suppress(SolverError):
        yield PuLP(name)


OTHERS = [HiGHS("ipm"), PuLP("HiGHS"), *(solver for name in ("PULP_CBC_CMD", "COIN_CMD") for solver in _reached(name))]


@few
@given(cases())
def test_solvers_agree(case):
    """Tests that every exact solver reaches the same objective by itself, to 1e-6."""
    program, _ = scale(to_program(case.build()))
    least = program.cost @ HiGHS().solve(program).values
    for solver in OTHERS:
        answer = solver.solve(program)
        assert answer.termination.reason is Reason.OPTIMAL
        assert program.cost @ answer.values == pytest.approx(least, rel=1e-6, abs=1e-6)


@few
@given(cases())
def test_any_solver_gives_a_proven_placement(case):
    """Tests that whatever solver is asked, the placement is proven and costs the same."""
    instance = case.build()
    placements = [solve(instance, solver=solver) for solver in (HiGHS(), HiGHS("pdlp"), *OTHERS)]
    costs = [placement.cost_usd + placement.penalty_usd for placement in placements]
    assert all(placement.certificate.proven for placement in placements)
    assert costs == pytest.approx([costs[0]] * len(costs), rel=1e-6, abs=1e-5)


RELIEFS = {
    "latency": ("workloads", "latency_slo_ms"),
    "accelerators": ("data_centres", "accelerators"),
    "site power": ("data_centres", "power_limit_mw"),
    "supply": ("supplies", "limit_mw"),
    "link": ("links", "capacity_gbps"),
    "deadline": ("workloads", "deadline_hours"),
}


@few
@given(cases(), st.sampled_from(sorted(RELIEFS)), halves(0.5, 3))
def test_more_room_never_costs_more(case, relief, more):
    """Tests that a wider limit of any kind never raises cost and penalty."""
    table, column = RELIEFS[relief]

    def widen(name, row):
        return row | {column: row[column] + more} if name == table and column in row else row

    assert at_most(total(case.changed(widen)), total(case))


@few
@given(cases(), st.sampled_from(["carbon_limit_kg", "water_limit_litres"]), halves(0.5, 500))
def test_wider_caps_never_cost_more(case, cap, more):
    """Tests that a wider cap never raises cost and penalty."""
    assert at_most(total(replace(case, settings=case.settings | {cap: case.settings[cap] + more})), total(case))


@few
@given(cases(), halves(0, 20), halves(0, 5))
def test_another_data_centre_never_costs_more(case, usd_per_mwh, rtt_ms):
    """Tests that one data centre more, at the end of a link of its own, never raises cost and penalty."""
    added = {
        "data_centres": {"data_centre": "new", "region": "w", "jurisdiction": "CN", "accelerators": 2.0},
        "power_zones": {"power_zone": "new zone", "usd_per_mwh": usd_per_mwh},
        "links": {"from": "e0", "to": "new", "rtt_ms": rtt_ms},
        "supplies": {"power_zone": "new zone", "data_centre": "new"},
    }
    tables = {name: [*rows, added[name]] if name in added else rows for name, rows in case.tables.items()}
    assert at_most(total(replace(case, tables=tables)), total(case))


@few
@given(cases(), st.sampled_from([0.125, 3.0, 7.0, 1000.0]))
def test_cost_is_homogeneous_in_money(case, factor):
    """Tests that all prices times k make the objective times k."""
    dearer = case.changed(multiplied(MONEY, factor), carbon_usd_per_kg=case.settings["carbon_usd_per_kg"] * factor)
    assert total(dearer) == pytest.approx(factor * total(case), rel=1e-9, abs=1e-9)


@few
@given(cases(), st.sampled_from([0.25, 3.0, 100.0]))
def test_cost_per_mtok_does_not_depend_on_size(case, factor):
    """Tests that demand and every limit times k leave the cost and penalty per Mtok."""
    caps = {name: case.settings[name] * factor for name in ("carbon_limit_kg", "water_limit_litres")}
    larger = case.changed(multiplied(AMOUNTS, factor), **caps)
    assert total(larger) / factor == pytest.approx(total(case), rel=1e-9, abs=1e-9)


@few
@given(cases(), st.randoms(use_true_random=False))
def test_names_and_order_do_not_matter(case, random):
    """Tests that nodes by other names, in another order, leave the objective."""
    new_names = {}

    def rename(table, row):
        keys = ("hub", "data_centre", "power_zone", "exchange", "from", "to", "workload")
        return {
            key: new_names.setdefault(value, f"ü {99 - len(new_names)}") if key in keys else value
            for key, value in row.items()
        }

    renamed = case.changed(rename)
    for rows in renamed.tables.values():
        random.shuffle(rows)
    assert total(renamed) == pytest.approx(total(case), rel=1e-9, abs=1e-9)


@few
@given(cases())
def test_hub_split_in_two_leaves_the_objective(case):
    """Tests that two hubs in the place of one, with half its demand each, cost the same."""
    tables = {
        "hubs": [*case.tables["hubs"], case.tables["hubs"][0] | {"hub": "twin"}],
        "links": [
            *case.tables["links"],
            *(link | {"from": "twin"} for link in case.tables["links"] if link["from"] == "h0"),
        ],
        "demand": [
            row | {"hub": hub, "mtok": row["mtok"] / (2 if row["hub"] == "h0" else 1)}
            for row in case.tables["demand"]
            for hub in (("h0", "twin") if row["hub"] == "h0" else (row["hub"],))
        ],
    }
    assert total(replace(case, tables=case.tables | tables)) == pytest.approx(total(case), rel=1e-9, abs=1e-9)


@few
@given(cases())
def test_conservation(case):
    """Tests that served and unserved are the demand, and that work runs where it was sent, within its window."""
    placement = solve(case.build())
    structure, accounts = placement.formulation.structure, placement.accounts
    sent = np.bincount(accounts.demand, accounts.sent, len(structure.demand_amount))
    np.testing.assert_allclose(sent + accounts.unserved, structure.demand_amount, rtol=1e-9, atol=1e-8)
    klass, _, site, period = assignment_axes(structure, accounts.demand, accounts.arc)
    waits = structure.window[klass] > 0
    queue = structure.rows.queue[klass[waits], site[waits], period[waits]]
    queued, queues = structure.queue_flows, structure.rows.sizes["queue"]
    arrived = np.bincount(queue, accounts.sent[waits], queues)
    served = np.bincount(queued.queue, accounts.waiting, queues)
    np.testing.assert_allclose(arrived, served, rtol=1e-9, atol=1e-8)
    delay = queued.service - queued.arrival
    delay = delay % structure.periods if structure.cyclic else delay
    assert (delay >= 0).all()
    assert (delay <= structure.window[queued.klass]).all()


@few
@given(cases())
def test_prices_and_costs_add_up(case):
    """Tests settlement, the parts of every price, the parts of the cost, and latency rents, together."""
    placement = solve(case.build())
    settlement, prices = placement.settlement, placement.prices
    size = max(1.0, abs(settlement).max())
    assert abs(settlement["difference"]) <= 1e-8 * size
    assert placement.flows["cost_usd"].sum() == pytest.approx(placement.cost_usd, rel=1e-9, abs=1e-8)
    objective = placement.program.cost @ placement.solution.values
    assert placement.cost_usd + placement.penalty_usd == pytest.approx(objective, rel=1e-9, abs=1e-8)
    served = prices[placement.formulation.structure.demand_amount > 0]
    parts = served[[f"{part}_usd_per_mtok" for part in (*COST_PARTS, *RENTS, "unserved")]].sum(axis=1)
    np.testing.assert_allclose(parts, served["usd_per_mtok"], rtol=1e-9, atol=1e-6)
    rents = prices["latency_rent_usd_per_mtok"]
    assert (rents >= 0).all()
    workloads = placement.instance.workloads
    free = np.isinf(workloads["latency_slo_ms"]) & workloads["jurisdictions"].isna()
    anywhere = rents[rents.index.get_level_values("workload").isin(workloads.loc[free, "workload"])]
    np.testing.assert_allclose(anywhere, 0, atol=1e-6)


@few
@given(cases(), st.data())
def test_duals_are_slopes(case, data):
    """Tests that where the cost has one slope in a row's side, the dual is that slope."""
    program = to_program(case.build())
    solution, here = solve_program(program, HiGHS())
    row = data.draw(st.integers(0, len(program.row_lower) - 1))
    step = 2.0**-10
    slopes = []
    for sign in (-1, 1):
        lower, upper = program.row_lower.copy(), program.row_upper.copy()
        lower[row] += sign * step
        upper[row] += sign * step
        try:
            _, there = solve_program(replace(program, row_lower=lower, row_upper=upper), HiGHS())
        except NoSolutionError:
            assume(False)  # a limit of 0 has no left side
        slopes.append((there.objective - here.objective) / (sign * step))
    assume(slopes[0] == pytest.approx(slopes[1], rel=1e-6, abs=1e-6))
    assert solution.row_duals[row] == pytest.approx(slopes[0], rel=1e-5, abs=1e-5)


@few
@given(cases(), st.sampled_from([(0.5, 1.5), (0.25, 4.0), (1.0, 3.0)]))
def test_cost_is_convex_in_demand(case, ends):
    """Tests that half of two demands costs at most half of their costs together."""
    less, more = ends
    costs = [
        total(case.changed(multiplied({"demand": ("mtok",)}, factor))) for factor in (less, (less + more) / 2, more)
    ]
    assert at_most(costs[1], (costs[0] + costs[2]) / 2)
