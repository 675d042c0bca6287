"""Explanations of shortages in generated instances of every kind."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from placer.analysis.shortage.changes import UNITS
from placer.analysis.shortage.explanation import cure, explain
from placer.analysis.shortage.programs import Programs
from placer.instance.problem import Instance
from placer.solve import solve
from tests.effort import tries

#: Demand may stay unserved by this share after a cure: the rounding of solvers.
ROUNDING = 1e-7


#: The families of generated cases, and the limits that an explanation of one may name.
FAMILIES = {
    "latency": {"latency"},
    "jurisdiction": {"residency"},
    "accelerators": {"accelerators"},
    "supply": {"supply"},
    "site power": {"site power"},
    "link": {"link"},
    "no supply": {"no supply", "latency"},
    "caps": {"carbon cap", "water cap"},
    "two causes": set(UNITS),
    "mixed": set(UNITS),
}


#: Short cases of a family that are cured: 300 in all where that is asked for.
CASES_PER_FAMILY = tries(4, 30)


def _served(instance, explanation):
    """Return whether all is served once the changes are made."""
    cured = solve(cure(instance, explanation), tie_break=None)
    return cured.unserved_mtok <= ROUNDING * cured.demand_mtok


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(3, 6)))
def test_nothing_goes_further_than_it_must(seed):
    """Tests that all changes are needed as they are: with any of them a little smaller, demand is short again."""
    instance = _generate(np.random.default_rng([100, seed]), "mixed")
    changes = explain(solve(instance)).changes
    assert changes
    for place, change in enumerate(changes):
        if change.limit in ("residency", "no route"):
            continue
        less = replace(change, new=change.new - (1e-3 if change.limit == "latency" else 0.01 * change.amount))
        too_little = cure(instance, [*changes[:place], less, *changes[place + 1 :]])
        assert solve(too_little, tie_break=None).unserved_mtok > 1e-7, change.cure


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_cures_every_generated_case(family):
    """Tests that the changes named restore full service in every one of the short cases of a family.

    They must also name only limits that the family has, and cover exactly what is unserved.
    """
    short = 0
    for seed in range(200):
        instance = _generate(np.random.default_rng([list(FAMILIES).index(family), seed]), family)
        placement = solve(instance)
        if placement.unserved_mtok <= 1e-6:
            continue
        explanation = explain(placement)
        assert _served(instance, explanation), (family, seed)
        assert {change.limit for change in explanation.changes} <= FAMILIES[family], (family, seed)
        listed = explanation.table.drop_duplicates(["workload", "hub"])["unserved_mtok"].sum()
        assert listed == pytest.approx(placement.unserved_mtok, rel=1e-6), (family, seed)
        assert (explanation.table["without_mtok"] > 0).any()
        short += 1
        if short == CASES_PER_FAMILY:
            break
    assert short == CASES_PER_FAMILY


def _all_of_use(programs, *given, begin=Programs.__init__):
    begin(programs, *given)
    programs._useful[:] = True


@pytest.mark.slow
def test_part_of_the_columns(make_random_instance, monkeypatch):
    """Tests that solving over part of the columns and pricing the others gives the amounts of the whole program."""
    for seed in range(tries(2, 4)):
        placement = solve(make_random_instance(seed, carbon_limit_kg=1500.0))
        part = explain(placement)
        with monkeypatch.context() as patch:
            patch.setattr(Programs, "__init__", _all_of_use)
            whole = explain(placement)
        assert whole.changes
        assert [change.key for change in part.changes] == [change.key for change in whole.changes]
        assert [change.amount for change in part.changes] == pytest.approx(
            [change.amount for change in whole.changes], rel=1e-5, nan_ok=True
        )


@pytest.mark.slow
def test_few_limits_tried(make_random_instance):
    """Tests that an explanation that tries one limit of each kind at a step still cures."""
    instance = make_random_instance(1, carbon_limit_kg=1500.0)
    explanation = explain(solve(instance), most_tried=1)
    assert explanation.changes
    assert _served(instance, explanation)


def _generate(random, family):
    """Return three hubs and three data centres in a row, with the limits of a family, one or two hours."""

    def some(*values):
        return float(random.choice(values))

    kinds = ("latency", "jurisdiction", "accelerators", "supply", "site power", "link", "no supply", "caps")
    several = {"two causes": 2, "mixed": 4}
    on = set(random.choice(kinds, several[family], replace=False)) if family in several else {family}
    hours = 2 if family == "two causes" else 1

    def limited(kind, *values):
        return some(*values) if kind in on else math.inf

    hubs, sites = ("A", "B", "C"), ("X", "Y", "Z")
    dark = set(random.choice(sites, random.integers(2, 4), replace=False)) if "no supply" in on else set()
    late = "latency" in on or len(dark) == 2
    settings = {"cyclic": bool(random.integers(2))}
    if "caps" in on:
        settings["carbon_limit_kg" if random.integers(2) else "water_limit_litres"] = some(500, 1000)
    kinds_of_work = ("w0", "w1", "w2")[: 3 if family == "mixed" else 2]
    return Instance.from_tables(
        {
            "hubs": [{"hub": hub, "access_ms": some(0, 5)} for hub in hubs],
            "data_centres": [
                {
                    "data_centre": site,
                    "accelerators": limited("accelerators", 0, 2, 4),
                    "power_limit_mw": limited("site power", 0, 1, 3),
                    "water_litres_per_kwh": some(0.5, 1.5),
                    "pue": some(1.1, 1.4),
                    "jurisdiction": place,
                    "speed": some(1, 2),
                }
                for site, place in zip(sites, ("CN", "EU", None), strict=True)
            ],
            "power_zones": [
                {"power_zone": "P", "usd_per_mwh": 50.0, "carbon_kg_per_mwh": 300.0},
                {"power_zone": "Q", "usd_per_mwh": 30.0, "carbon_kg_per_mwh": 100.0},
            ],
            "links": [
                {"from": "A", "to": "X", "rtt_ms": some(5, 9), "capacity_gbps": limited("link", 0.0, 0.002, 0.01)},
                {"from": "B", "to": "X", "rtt_ms": some(5, 9), "capacity_gbps": limited("link", 0.001, 0.01)},
                {"from": "C", "to": "Z", "rtt_ms": some(5, 9)},
                {"from": "X", "to": "Y", "rtt_ms": some(10, 20), "capacity_gbps": limited("link", 0.001, 0.01)},
                {"from": "Y", "to": "Z", "rtt_ms": some(10, 20)},
            ],
            "supplies": [
                {
                    "power_zone": zone,
                    "data_centre": site,
                    "limit_mw": limited("supply", 0, 0.5, 1.5),
                    "loss": some(0, 0.05),
                }
                for site in sites
                if site not in dark
                for zone in ("P", "Q")
            ],
            "workloads": [
                {
                    "workload": work,
                    "accelerator_hours_per_mtok": some(0.5, 1, 2),
                    "kwh_per_mtok": some(250, 1000),
                    "gb_per_mtok": some(0.5, 1, 4),
                    "latency_slo_ms": some(5, 8, 12, 20) if late else math.inf,
                    "server_ms": some(0, 10),
                    "user_round_trips": some(1, 2),
                    "deadline_hours": 1.0 if work == "w1" else 0.0,
                    "jurisdictions": (str(random.choice(["CN", "EU", "US", "US"])),) if "jurisdiction" in on else None,
                }
                for work in kinds_of_work
            ],
            "demand": [
                {"workload": work, "hub": hub, "hour": hour, "mtok": some(0.5, 1, 3, 6)}
                for work in kinds_of_work
                for hub in hubs
                for hour in range(hours)
            ],
        },
        **settings,
    )
