"""Random questions to each verb over a draw, and the answers of placer beside those of an explicit program.

Each case returns the costs that placer gives, in the units of the draw, and the optimum of the explicit program.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

import placer
from placer.by_blocks.solve_blocks import is_by_blocks, solve_blocks
from placer.model.formulation import formulate
from placer.placement.result import Placement
from placer.termination import Reason

from .explicit_limits import ExplicitLimits
from .explicit_program import ExplicitProgram, Solved
from .verb_draws import Draw, Drawing, Row, draw, in_blocks

#: Largest difference between placer and the explicit program, as a share of the magnitudes of the terms of the cost.
AGREEMENT = 1e-7
#: Largest difference of a settlement, of the parts of a price, or of a bound, as a share of its size.
IDENTITY = 1e-6
#: Kinds of limits, and those that blocks may share.
KINDS = ("tokens", "share", "accelerator_hours", "energy_mwh", "carbon_kg", "water_litres", "cost_usd", "green_share")
BLOCK_KINDS = KINDS[2:]


@dataclass
class Finding:
    """The comparison of one draw.

    Attributes
    ----------
    infeasible : bool
        Whether neither has an answer.
    refused : list of str
        Why placer gave no proven answer, where it does not claim that there is none.
    apart : float
        Largest difference of a cost, as a share of its terms.
    wrong : list of str
        In words.
    """

    infeasible: bool = False
    refused: list[str] = field(default_factory=list)
    apart: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def cost(self, what: str, found: float, true: float, size: float) -> None:
        """Compare a cost with that of the explicit program, both in numbers near 1."""
        apart = abs(found - true) / (size or 1.0)
        self.apart = max(self.apart, apart)
        self.must(apart <= AGREEMENT, f"{what}: {found:.12g}, not {true:.12g}")

    def must(self, holds: bool, what: str) -> None:  # noqa: FBT001 - a condition
        """Note what does not hold."""
        if not holds:
            self.wrong.append(what)

    def identities(self, placement: Placement) -> None:
        """Check the certificate, the settlement and the parts of prices of a placement."""
        settlement, prices = placement.settlement, placement.prices
        self.must(getattr(placement.certificate, "fixed", placement.certificate).proven, "not proven")
        size = float(settlement.drop("difference").abs().max())
        self.must(
            abs(settlement["difference"]) <= IDENTITY * size, f"the settlement differs by {settlement['difference']}"
        )
        parts = [name for name in prices if name.endswith("_usd_per_mtok") and "latency_rent" not in name]
        asked = prices["demand_mtok"] > 0 if "demand_mtok" in prices else prices["served_mtok"] > 0
        apart = (prices[parts].sum(axis=1) - prices["usd_per_mtok"])[asked].abs()
        most = np.maximum(prices[parts].abs().sum(axis=1)[asked], IDENTITY * prices["usd_per_mtok"].abs().max())
        self.must(bool((apart <= IDENTITY * most).all()), "the parts of a price do not add up")


def answered(finding: Finding, true: Solved | None, solve: Callable[[], Any]) -> Any:
    """Return the answer of placer; None where neither has one, where it refuses, and where one alone has one."""
    try:
        found = solve()
    except placer.NoSolutionError as error:
        finding.infeasible = true is None
        if error.reason in (Reason.INFEASIBLE, Reason.INFEASIBLE_OR_UNBOUNDED):
            finding.must(true is None, f"no answer: {error}")
        else:
            finding.refused.append(str(error))
        return None
    finding.must(true is not None, "an answer to what is infeasible")
    return None if true is None else found


def limits(seed: int, number: int) -> Finding:
    """Own limits of every kind: one to three at once, by HiGHS and by column generation."""
    finding, random = Finding(), np.random.default_rng([seed, number, 1])
    given = in_blocks(draw(seed, number), Drawing(random)) if number % 3 == 0 else draw(seed, number)
    limited = with_limits(given, random, number)
    true, solver = limited_program(limited).solve(), (placer.HiGHS, placer.ColumnGeneration)[number % 2]()
    placement = answered(finding, true, lambda: placer.solve(limited.instance(), solver))
    if placement is not None and true is not None:
        finding.identities(placement)
        finding.cost("cost", placement.cost_and_penalty_usd / given.unit, true.cost, true.size)
        for _, row in placement.limits.iterrows():
            sign = 1 if row["sense"] == "<=" else -1
            size = max(abs(row["amount"]), abs(row["use"]))
            kept = math.isnan(row["use"]) or sign * (row["use"] - row["amount"]) <= IDENTITY * size
            finding.must(kept, f"{row['use']} is not {row['sense']} {row['amount']}")
    return finding


def with_limits(given: Draw, random: np.random.Generator, number: int, kinds: tuple[str, ...] = KINDS) -> Draw:
    """Return a draw with limits near their use without limits, of kinds in turn."""
    drawing, program = Drawing(random), ExplicitProgram(given)
    free = program.solve()
    rows = []
    for place in range(1 + number % 3):
        kind = kinds[(number + 3 * place) % len(kinds)]
        limit: Row = {"limit": f"l{place}", "kind": kind, "sense": drawing.some("<=", ">=")} | _scope(
            drawing, program, kind
        )
        if "share" in kind:
            limit["amount"] = float(random.uniform(0.05, 0.95 if limit["sense"] == "<=" else 0.5))
        else:
            limit["amount"] = 0.0
            hours = ExplicitLimits(program).scopes(limit)[0]
            terms, _ = ExplicitLimits(program).count(limit, hours)
            used = 0.0 if free is None else sum(value * free.values[key] for key, value in terms.items())
            most = 1.4 if limit["sense"] == "<=" else 1.05
            limit["amount"] = max(abs(used) * float(random.uniform(0.4, most)), 0.25)
        rows.append(limit)
    return given.with_tables(limits=rows)


def _scope(drawing: Drawing, program: ExplicitProgram, kind: str) -> Row:
    """Return a random scope that the kind may have."""
    sites = sorted({row["region"] for row in program.site.values()})
    hubs = sorted(set(program.region.values()))
    hours = ["each", "0"] + ([f"0|{program.hours[-1]}"] if len(program.hours) > 1 else [])
    every: tuple[tuple[str, list[str]], ...] = (
        drawing.some(("data_centre", list(program.site)), ("region", sites)),
        ("workload", list(program.work)),
        drawing.some(("hub", list(program.region)), ("hub_region", hubs)),
        ("power_zone", ["z0", "z1"]),
    )
    scope: Row = {"hours": drawing.some(*hours)} if drawing.chance(0.4) else {}
    for name, names in every:
        of_work = kind == "energy_mwh" and name == "power_zone" and "workload" in scope
        if name in scopes_of(kind) and drawing.chance(0.4) and not of_work:
            scope[name] = (drawing.some(*names),)
    return _of_share(drawing, program, scope) if kind == "share" else scope


def scopes_of(kind: str) -> tuple[str, ...]:
    """Return the scopes of a kind of limit, as ``docs/limits.md`` has them."""
    sites = ("data_centre", "region")
    if kind in ("tokens", "share"):
        return (*sites, "workload", "hub", "hub_region")
    return {
        "accelerator_hours": (*sites, "workload"),
        "water_litres": (*sites, "workload"),
        "energy_mwh": (*sites, "workload", "power_zone"),
    }.get(kind, (*sites, "power_zone"))


def _of_share(drawing: Drawing, program: ExplicitProgram, scope: Row) -> Row:
    """Return the scope of a share: at least one name, and a site where it is a share of what is served."""
    scope = scope | {"of": drawing.some("asked", "served")}
    if not {"data_centre", "region", "workload", "hub", "hub_region"} & scope.keys():
        scope["workload"] = (drawing.some(*program.work),)
    if scope["of"] == "served" and not {"data_centre", "region"} & scope.keys():
        scope["data_centre"] = (drawing.some(*program.site),)
    return scope


def limited_program(given: Draw) -> ExplicitProgram:
    """Return the explicit program of a draw with its limits."""
    program = ExplicitProgram(given)
    for limit in given.tables.get("limits", []):
        ExplicitLimits(program).add(limit)
    return program


def years(seed: int, number: int) -> Finding:
    """Blocks with and without shared caps: block by block, by column generation, and as one program."""
    finding, random = Finding(), np.random.default_rng([seed, number, 2])
    given = in_blocks(draw(seed, number, 6), Drawing(random))
    if number % 2:
        given = with_limits(given, random, number, BLOCK_KINDS)
    else:
        given = replace(given, settings=given.settings | {"carbon_limit_kg": math.inf, "water_limit_litres": math.inf})
    true, instance = limited_program(given).solve(), given.instance()
    formulation = formulate(instance)
    ways: dict[str, Callable[[], Placement]] = {
        "columns": lambda: placer.solve(instance, placer.ColumnGeneration()),
        "whole": lambda: placer.solve(instance, placer.HiGHS()),
    }
    if is_by_blocks(formulation.structure, placer.ColumnGeneration(), 1):
        ways["blocks"] = lambda: Placement(instance, formulation, *solve_blocks(formulation, None, 1, "round_trip"))
    for name, solve in ways.items():
        placement = answered(finding, true, solve)
        if placement is not None and true is not None:
            finding.identities(placement)
            finding.cost(name, placement.cost_and_penalty_usd / given.unit, true.cost, true.size)
    return finding


def rolled(seed: int, number: int) -> Finding:
    """A horizon in steps that look ahead to the end, which costs as much as the whole, and in steps that do not."""
    finding, drawing = Finding(), Drawing(np.random.default_rng([seed, number, 3]))
    given = draw(seed, number, 5)
    given = replace(given, settings=given.settings | {"cyclic": False})
    waits = [row for row in given.tables["workloads"] if row["deadline_hours"] > 0]
    backlog = [
        {"workload": row["workload"], "data_centre": site["data_centre"], "mtok": drawing.number(0.5, 2)}
        | {"hours_left": drawing.some(0.0, row["deadline_hours"])}
        for row in waits
        for site in given.tables["data_centres"]
        if drawing.chance(0.3) and site["jurisdiction"] in (row["jurisdictions"] or ("CN", "EU"))
    ]
    true, instance = ExplicitProgram(given, backlog).solve(), given.instance()
    if backlog:
        instance = instance.with_backlog([row | {"mtok": row["mtok"] * given.mtok} for row in backlog])
    length, steps = given.settings["hour_length"], drawing.some(1, 2)
    for ahead in (given.hours, drawing.some(0, 1)):
        roll = lambda ahead=ahead: placer.roll(instance, min(steps, given.hours) * length, ahead * length)  # noqa: E731
        found = answered(finding, true, roll)
        if found is None or true is None:
            continue
        cost = found.cost_and_penalty_usd / given.unit
        if ahead == given.hours:
            finding.cost("rolled", cost, true.cost, true.size)
        finding.must(cost >= true.cost - AGREEMENT * true.size, f"rolled {cost:.12g} is below {true.cost:.12g}")
        left = found.workloads["demand_mtok"] + found.workloads["backlog_mtok"]
        left -= found.workloads["served_mtok"] + found.workloads["unserved_mtok"]
        finding.must(bool((left.abs() <= IDENTITY * found.demand_mtok).all()), f"{left.tolist()} Mtok are lost")
    return finding
