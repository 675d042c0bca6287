"""Accounts of random instances: net costs, the cost of every group of regions alone, and ranges of net costs."""

from __future__ import annotations

import math
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

import placer
from placer.model.caps import CARBON_CAP, OWN_CAPS, WATER_CAP

from .explicit_program import ExplicitProgram
from .verb_cases import AGREEMENT, Finding, answered
from .verb_draws import Draw, draw

if TYPE_CHECKING:
    from collections.abc import Collection

    from placer.placement.result import Placement

    from .explicit_program import Terms


def accounts(seed: int, number: int) -> Finding:
    """Net costs add up to the least cost, and no group of regions pays more than it costs alone."""
    finding, given = Finding(), _in_districts(draw(seed, number, 3), np.random.default_rng([seed, number, 5]))
    true = ExplicitProgram(given).solve()
    placement = answered(finding, true, lambda: placer.solve(given.instance()))
    if placement is None or true is None:
        return finding
    read = placer.accounts(placement)
    regions, gains = read.regions["net_cost_usd"] / given.unit, read.gains
    finding.cost("sum of net costs", float(regions.sum()), true.cost, true.size)
    names = list(read.groups.names)
    for size in range(1, len(names) + 1):
        for group in combinations(names, size):
            alone = group_program(given, group, placement).solve()
            if alone is None:
                raise RuntimeError("a group alone has no program")
            most = max(true.size, alone.size)
            finding.cost(f"{group} alone", gains.alone_usd[" + ".join(group)] / given.unit, alone.cost, most)
            net = float(regions[list(group)].sum())
            finding.must(net <= alone.cost + AGREEMENT * most, f"{group} pays {net}, alone {alone.cost}")
    table = gains.table / given.unit
    slack = AGREEMENT * true.size * 10
    finding.must(bool((table["least_net_cost_usd"] <= table["net_cost_usd"] + slack).all()), "below its range")
    finding.must(bool((table["most_net_cost_usd"] >= table["net_cost_usd"] - slack).all()), "above its range")
    shared = float(table["shapley_net_cost_usd"].sum())
    finding.cost("sum of Shapley values", shared, gains.alone_usd[" + ".join(names)] / given.unit, true.size)
    return finding


def _in_districts(given: Draw, random: np.random.Generator) -> Draw:
    """Return a draw with up to three regions of hubs and data centres, and no surcharges, which name regions."""
    names = ("e", "w", "n")[: int(random.integers(2, 4))]
    moved = {
        table: [row | {"region": str(random.choice(names))} for row in given.tables[table]]
        for table in ("hubs", "data_centres")
    }
    return given.with_tables(**moved, surcharges=[])


def group_program(given: Draw, group: Collection[str], placement: Placement) -> ExplicitProgram:
    """Return the program of some regions alone, which pay the rents of links, caps and power zones of the whole."""
    hubs = {row["hub"] for row in given.tables["hubs"] if row["region"] in group}
    own = given.with_tables(
        demand=[row | {"mtok": row["mtok"] if row["hub"] in hubs else 0.0} for row in given.tables["demand"]],
        data_centres=[row for row in given.tables["data_centres"] if row["region"] in group],
    )
    sites = {row["data_centre"] for row in own.tables["data_centres"]}
    zones = [row | {"limit_mw": math.inf} for row in given.tables["power_zones"]]
    supplies = [row for row in given.tables["supplies"] if row["data_centre"] in sites]
    own = own.with_tables(supplies=supplies, power_zones=zones)
    without = {"carbon_limit_kg": math.inf, "water_limit_litres": math.inf}
    program = ExplicitProgram(Draw(own.tables, given.settings | without, given.mtok, given.usd))
    for terms in _rents(program, given, placement):
        for key, usd in terms.items():
            program.cost[key] += usd
    return program


def _rents(program: ExplicitProgram, given: Draw, placement: Placement) -> list[Terms]:
    """Return the rents that columns pay, in USD of numbers near 1."""
    prices, limits = placement.answer.prices, placement.formulation.limits
    cap = np.maximum(prices.cap, 0.0) / given.usd
    paid: list[Terms] = []
    for number, rents in enumerate(np.maximum(prices.link, 0.0) / given.usd):
        open_to = {key: gb for key, gb in program.carried(number).items() if gb > 0}
        paid.append({key: gb * float(rents[key[4]]) for key, gb in open_to.items()})
    supplies, hours = program.tables["supplies"], program.hours
    carbon, water = (float(cap[place]) for place in (CARBON_CAP, WATER_CAP))
    paid.append({key: carbon * kg for key, kg in program.bought(program.carbon, supplies, hours).items()})
    served = program.of_served(program.site, hours, program.litres)
    paid.append({key: water * litres for key, litres in served.items()})
    for place, limit in enumerate(limits):
        rent, hour = float(cap[OWN_CAPS + place]), int(limit.hour.argmax())
        chosen = [row for row in supplies if row["power_zone"] == limit.zone]
        paid.append(program.bought(lambda *_, rent=rent: rent, chosen, [hour]))
    return paid
