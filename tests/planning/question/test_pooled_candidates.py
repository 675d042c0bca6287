"""Halls that share the servers of their site: gains by hand, and plans beside all numbers of modules there are."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

import placer
from placer.errors import InstanceError
from tests.effort import tries

RULE = {"wait_probability": 0.05}
HOURS = 8760


def network(accelerators, mtok=40.0, hours=(1.0,)):
    """Return sites X, Y, ... of some accelerators, and demand of one workload; a Mtok takes an accelerator-hour."""
    names = "XYZ"[: len(accelerators)]
    return placer.Instance.from_tables(
        {
            "hubs": [{"hub": "coast"}],
            "data_centres": [
                {"data_centre": name, "accelerators": each, "operations_usd_per_hour": 0.1 * place}
                for place, (name, each) in enumerate(zip(names, accelerators, strict=True))
            ],
            "links": [{"from": "coast", "to": name, "rtt_ms": 30} for name in names],
            "workloads": [
                {
                    "workload": "chat",
                    "accelerator_hours_per_mtok": 1,
                    "kwh_per_mtok": 0,
                    "unserved_usd_per_mtok": 100,
                }
            ],
            "demand": [
                {"workload": "chat", "hub": "coast", "hour": hour, "mtok": mtok * part}
                for hour, part in enumerate(hours)
            ],
        },
        accelerators="sunk",
    )


def hall(site, usd=30.0, module=10.0, most=60.0):
    return {
        "candidate": f"hall {site}",
        "adds": "accelerators",
        "target": site,
        "usd_per_unit_year": HOURS * usd,
        "module_units": module,
        "max_units": most,
    }


def load(servers, **rule):
    return placer.queue_margin(servers, **(rule or RULE)).load if servers else 0.0


def test_gains_by_hand():
    """Tests modules of 4 servers of 2 accelerators beside 3 that stand, and that utilisation and usable share stay."""
    instance = network([7.0, 100.0]).with_value("data_centres.max_utilisation", 0.9, where="X")
    row = hall("X", module=8.0, most=20.0) | {"usable_share": 0.5}
    planned, halls, limits = placer.pooled_candidates(instance, [row], server_accelerators=2, **RULE)
    assert (halls.names, halls.module_units.tolist()) == (("hall X x 1", "hall X x 2"), [8.0, 16.0])
    gains = [2 * (load(3 + added) - load(3)) for added in (4, 8)]
    assert halls.usable_share == pytest.approx((0.5 * gains[0] / 8, 0.5 * gains[1] / 16))
    assert gains[1] > 2 * gains[0]
    table = planned.data_centres.set_index("data_centre")
    assert table["accelerators"].astype(float).tolist() == pytest.approx([2 * load(3), 100.0])
    assert table["max_utilisation"].tolist() == pytest.approx([0.9, load(50) / 50])
    assert (limits.names, limits.sense) == (("one number of modules of hall X",), ("<=",))
    assert (halls.takes[:, 0] * halls.module_units).tolist() == [1.0, 1.0]


def test_other_candidates_and_limits_stay():
    """Tests a link beside a hall, a budget, and a share of a hall that changes by the hour."""
    link = {"candidate": "cable", "adds": "capacity_gbps", "target": "coast|X", "usd_per_unit_year": 5.0}
    given = [hall("X", most=20.0) | {"usable_share": (1.0, 0.5)}, link | {"usable_share": 1.0}]
    instance = network([0.0], hours=(1.0, 0.5))
    instance = instance.replace(links=instance.links.assign(capacity_gbps=1.0))
    budget = {"budget_usd_year": 1e7}
    _, found, limits = placer.pooled_candidates(instance, given, budget, server_accelerators=1, **RULE)
    assert found.names == ("hall X x 1", "hall X x 2", "cable")
    assert limits.names == ("budget_usd_year", "one number of modules of hall X")
    assert limits.amount.tolist() == [1e7, 1.0]
    assert found.takes.tolist() == [[HOURS * 30, 0.1], [HOURS * 30, 0.05], [5.0, 0.0]]
    assert found.usable_share[0] == pytest.approx((load(10) / 10, load(10) / 20))
    assert np.isnan(found.module_units[2])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(2, 30)))
def test_a_plan_is_the_best_number_of_modules(seed):
    """Tests cost, gap and bound beside every plan there is, each with the queue margin of what it builds."""
    draw = np.random.default_rng(seed)
    there = [float(each) for each in draw.integers(0, 30, 2)]
    there = [each if each > 5 else 0.0 for each in there]
    mtok, hours = float(draw.integers(20, 60)), (1.0, float(draw.uniform(0.3, 1.0)))
    usd = draw.uniform(20, 60, 2)
    rule = {"quantile": 0.95, "peakedness": float(draw.choice([1.0, 2.0]))}
    halls = [hall(site, each, most=30.0) for site, each in zip("XY", usd, strict=True)]
    planned, candidates, limits = placer.pooled_candidates(
        network(there, mtok, hours), halls, server_accelerators=1, **rule
    )
    plan = placer.plan(planned, candidates, build_limits=limits)
    costs = {}
    for numbers in itertools.product(range(4), range(4)):
        built = [each + 10.0 * number for each, number in zip(there, numbers, strict=True)]
        margin = network(built, mtok, hours).with_queue_margin(1, **rule)
        horizons = HOURS / len(hours)
        costs[numbers] = 10 * HOURS * float(usd @ numbers) + horizons * placer.solve(margin).certificate.objective
    least = min(costs.values())
    assert plan.cost_usd_per_year == pytest.approx(least, rel=2e-4)
    assert plan.gap <= 1e-4
    assert plan.certificate.relaxation_bound_usd_per_year <= least * (1 + 1e-9)
    number = plan.builds["units"].groupby(lambda name: name[:6]).sum() / 10
    chosen = costs[tuple(int(number[f"hall {site}"]) for site in "XY")]
    assert chosen == pytest.approx(plan.cost_usd_per_year, rel=1e-6)


@pytest.mark.slow
def test_an_economy_of_scale_builds_in_one_place():
    """Tests that three equal modules stand together, where two sites of 10 and 20 would carry less."""
    halls = [hall("X", most=30.0), hall("Y", most=30.0)]
    planned, candidates, limits = placer.pooled_candidates(
        network([0.0, 0.0], mtok=load(30)), halls, server_accelerators=1, **RULE
    )
    plan = placer.plan(planned, candidates, build_limits=limits)
    assert plan.builds["units"][plan.builds["units"] > 0].tolist() == [30.0]
    assert load(10) + load(20) < 0.9 * load(30)
    assert plan.certificate.proven  # the largest pool is the best one, so that the relaxation closes the gap


def test_every_defect_at_once():
    """Tests halls without modules, of parts of servers, of less than a module, two at a site, and what is unknown."""
    instance = network([(5.0, 6.0), 0.0], hours=(1.0, 1.0))
    rows = [
        hall("X") | {"module_units": None, "candidate": "loose"},
        hall("X", module=3.0),
        hall("Y", module=4.0, most=3.0),
    ]
    with pytest.raises(InstanceError) as caught:
        placer.pooled_candidates(instance, rows, server_accelerators=2)
    twice = "2 candidates enlarge the pool of X (allowed: one, since their gains do not add up)"
    hourly = "data_centres[X].accelerators: changes from hour to hour, and candidates enlarge it"
    assert [str(each) for each in caught.value.violations] == [
        "candidates[loose].module_units: missing: pools grow by modules (allowed: > 0)",
        f"candidates[loose].target: {twice}",
        "candidates[hall X].module_units: 3 accelerators are 1.5 servers of 2 (allowed: whole servers)",
        f"candidates[hall X].target: {twice}",
        "candidates[hall Y].max_units: less than a module (allowed: >= 4)",
        f"{hourly} (allowed: the same number in all hours)",
    ]
    with pytest.raises(InstanceError) as caught:
        placer.pooled_candidates(
            instance, [hall("Z")], {"land": 1}, server_accelerators={"chat": 1}, quantile=2, wait_probability=0.1
        )
    told = "\n".join(str(each) for each in caught.value.violations)
    for part in ("land", "'Z'", "quantile: 2", "quantile and wait_probability", "server_accelerators: by name"):
        assert part in told


def test_candidates_may_be_checked_before():
    """Tests that a table and its ``Candidates`` make the same plan."""
    table = pd.DataFrame([hall("X")])
    pairs = [
        placer.pooled_candidates(network([0.0]), each, server_accelerators=1)
        for each in (table, placer.Candidates.of(table))
    ]
    assert pairs[0][0] == pairs[1][0]
    assert pairs[0][1].usable_share == pairs[1][1].usable_share
