"""Plans: one program and the search, ranges, curves, accounts, information, and plans over years."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import linprog

import placer
from placer.planning.question.candidates import BUDGET
from placer.planning.question.outages import is_lost
from placer.planning.search import extensive

from .checks import DocumentedError, Subject, at_most, documented, holds, near, optimum_of, shown, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.readable import Row

GAP = 1e-7
#: Tables and keys of the rows that a candidate may add to.
KEYS = {
    "accelerators": [("data_centres", ("data_centre",))],
    "power_limit_mw": [("data_centres", ("data_centre",))],
    "limit_mw": [("supplies", ("power_zone", "data_centre")), ("power_zones", ("power_zone",))],
    "capacity_gbps": [("links", ("from", "to"))],
}
#: Columns of builds that whole units do not have.
OF_MARGINS = ("value_usd_per_unit_year", "profit_usd_per_unit_year", "limits_rent_usd_per_unit_year")


@contextmanager
def by_search() -> Iterator[None]:
    """Take the search for a problem of any size."""
    before = extensive.SMALL
    extensive.SMALL = 0
    try:
        yield
    finally:
        extensive.SMALL = before


def valued(subject: Subject) -> placer.Instance:
    """Return the instance as a plan takes it: accelerators sunk, and a value of every workload."""
    workloads = subject.instance.workloads
    given = workloads["unserved_usd_per_mtok"].notna() | (workloads["value_usd_per_mtok"] > 0)
    unserved = workloads["unserved_usd_per_mtok"].where(given, 10.0)
    return subject.instance.replace(accelerators="sunk", workloads=workloads.assign(unserved_usd_per_mtok=unserved))


def planned(subject: Subject, instance: placer.Instance, **options: Any) -> placer.Plan:
    """Return the plan of a draw, or take the refusal of a question that has no plan."""
    tables = subject.draw.tables
    if not tables["candidates"]:
        raise DocumentedError("no candidates")
    with refused(subject, instance, options.get("states")):
        return placer.plan(
            instance, tables["candidates"], build_limits=tables["build_limits"] or None, **{"gap": GAP} | options
        )


@contextmanager
def refused(subject: Subject, instance: placer.Instance, sets: placer.States | None = None) -> Iterator[None]:
    """Take the refusal of build limits that cannot be kept, and of states that no builds can serve."""
    try:
        with (
            limits_refused(subject, subject.draw.tables["build_limits"]),
            documented(
                (placer.InstanceError, "budget_usd_year: column missing"),
                (placer.InstanceError, "no candidate takes anything of it"),
            ),
        ):
            yield
    except placer.NoSolutionError as error:
        if "with the most units of all candidates" not in str(error):
            raise
        given = sets or placer.States({"all year": (instance, 1.0)})
        lost = [given.lost.get(name, frozenset()) for name in given.names]
        built = [all_built(subject, each, gone) for each, gone in zip(given.instances, lost, strict=True)]
        most = [optimum_of(placer.to_program(each)) for each in built]
        holds("a plan is refused for states that builds can serve", None in most)
        raise DocumentedError("no builds meet the limits") from None


@contextmanager
def limits_refused(subject: Subject, limits: list[Row]) -> Iterator[None]:
    """Take the refusal of build limits that no units of the candidates keep.

    Units that limits of the instance need may exceed build limits that other units keep.
    """
    try:
        yield
    except placer.InfeasibleBuildLimitsError:
        kept = can_be_kept(subject.draw.tables["candidates"], limits)
        holds("build limits are refused that units can keep", subject.has_limits or not kept)
        raise DocumentedError("no plan keeps all build limits") from None


def can_be_kept(candidates: list[Row], limits: list[Row]) -> bool:
    """Return whether some units of the candidates keep all build limits, by SciPy."""
    sign = np.array([1.0 if limit["sense"] == "<=" else -1.0 for limit in limits])
    costs = [{BUDGET: row["usd_per_unit_year"]} for row in candidates]  # what a unit takes without such a column
    every = [cost | row for cost, row in zip(costs, candidates, strict=True)]
    takes = np.array([[float(row.get(limit["limit"], 0.0)) for row in every] for limit in limits])
    amount = np.array([float(limit["amount"]) for limit in limits])
    bounds = [(0.0, float(row.get("max_units", np.inf))) for row in candidates]
    found = linprog(np.zeros(len(candidates)), A_ub=sign[:, None] * takes, b_ub=sign * amount, bounds=bounds)
    return bool(found.status == 0)


def all_built(subject: Subject, instance: placer.Instance, lost: frozenset[tuple[str, str]]) -> placer.Instance:
    """Return an instance with the most units of all candidates whose targets are not lost."""
    tables = {name: frame.copy() for name, frame in instance.tables.items()}
    for row in subject.draw.tables["candidates"]:
        if is_lost(row["adds"], row["target"], lost):
            continue
        for table, key in KEYS[row["adds"]]:
            frame = tables[table]
            labels = frame[list(key)].itertuples(index=False)
            there = ["|".join(map(str, label)) == row["target"] for label in labels]
            frame[row["adds"]] = [
                np.add(value, row.get("max_units", np.inf)).tolist() if built else value
                for value, built in zip(frame[row["adds"]], there, strict=True)
            ]
    return instance.replace(**{name: tables[name] for name in ("data_centres", "supplies", "power_zones", "links")})


def size_of(plan: placer.Plan) -> float:
    """Return the yearly USD that the figures of a plan are compared to."""
    return plan.certificate.size_usd_per_year + abs(plan.cost_usd_per_year)


def figures(plan: placer.Plan) -> None:
    """Check the identities of a plan."""
    size = size_of(plan)
    at_most("the bound", plan.bound_usd_per_year, plan.cost_usd_per_year, size)
    holds(f"the gap: {plan.certificate.verdict}", plan.gap <= max(GAP, 1e-6))
    if plan.problem.risk.weight == 0:
        usd = plan.build_cost_usd_per_year + plan.states["cost_usd_per_year"].sum()
        near("builds and states", usd, plan.cost_usd_per_year, size)
    builds = plan.builds
    whole("builds", builds, OF_MARGINS if plan.problem.is_whole else ())
    most = builds["max_units"] * (1 + 1e-9)
    holds("units below 0 or above their maximum", builds["units"].between(0.0, most).all())
    wide = 1e-6 * builds["units"].abs()
    holds("units below their range", (builds["least"] <= builds["units"] + wide).all())
    holds("units above their range", (builds["most"] >= builds["units"] - wide).all())
    if not plan.problem.is_whole:
        zero_profit(plan)
    for name in ("build_limits", "states", "stranded"):
        whole(name, getattr(plan, name), ("utilisation", *(("*",) if plan.problem.is_whole else ())))
    shown(plan)
    plan.summary()


def zero_profit(plan: placer.Plan) -> None:
    """Check that a candidate earns its cost if it is built in part, no more if it is not, no less at its maximum."""
    builds, size = plan.builds, size_of(plan)
    profit, units = builds["profit_usd_per_unit_year"], builds["units"]
    names = ["unit_cost_usd_per_year", "value_usd_per_unit_year", "limits_rent_usd_per_unit_year"]
    rounding = 1e-6 * builds[names].abs().sum(axis=1)
    built, full = units > 1e-9 * units.max(), units >= builds["max_units"] * (1 - 1e-9)
    scale = np.where(built, size * 1e-6 / units.where(built, 1.0), rounding) + rounding
    holds("a candidate that is not built, or not full, has a profit", (profit[~full] <= scale[~full.to_numpy()]).all())
    holds("a candidate that is built has a loss", (profit[built] >= -scale[built.to_numpy()]).all())


def plan(subject: Subject) -> None:
    """Check a plan of one state by one program, against no builds and against the search."""
    instance = valued(subject)
    found = planned(subject, instance)
    figures(found)
    _without(found, instance)
    with by_search():
        other = planned(subject, instance)
    near("the search", other.cost_usd_per_year, found.cost_usd_per_year, size_of(found))
    figures(other)
    placement = found.placement()
    near("the placement of a plan", placement.cost_and_penalty_usd, found.state_costs_usd[0], size_of(found) / 100)


def _without(found: placer.Plan, instance: placer.Instance) -> None:
    """Check that a plan costs no more than to build nothing, where that is possible."""
    if ">=" in found.question.build_limits.sense:
        return
    try:
        nothing = placer.solve(instance)
    except placer.NoSolutionError:
        return  # limits of one's own may need builds
    yearly = float(found.problem.weights[0]) * nothing.cost_and_penalty_usd
    at_most("the cost of the plan", found.cost_usd_per_year, yearly, size_of(found))


def states(subject: Subject) -> None:
    """Check a plan over states of demand, with a risk, its information and its own states as a sample."""
    instance = valued(subject)
    sets = placer.States({"low": (instance.scaled_demand(0.5), 0.25), "high": (instance.scaled_demand(2.0), 0.75)})
    found = planned(subject, instance, states=sets)
    figures(found)
    size = size_of(found)
    with by_search():
        near("the search", planned(subject, instance, states=sets).cost_usd_per_year, found.cost_usd_per_year, size)
    sample = found.out_of_sample(sets).cost_usd_per_year
    near("its own states as a sample", float(sample @ [0.25, 0.75]), found.cost_usd_per_year, size)
    at_most("a value of perfect information below 0", 0.0, found.value_of_perfect_information(gap=GAP), size)
    with documented((placer.NoSolutionError, "no placement can meet")):
        at_most("a value of the stochastic solution below 0", 0.0, found.value_of_stochastic_solution(gap=GAP), size)
    averse = planned(subject, instance, states=sets, risk=placer.CVaR(level=0.9, weight=0.5))
    at_most("the cost without risk", found.cost_usd_per_year, averse.cost_usd_per_year, size)
    figures(averse)


def outages(subject: Subject) -> None:
    """Check a plan over the outages of data centres."""
    instance = valued(subject)
    with documented((placer.InstanceError, "everything is lost")):
        security = placer.Security("data_centres", most_stranded=1.0, hours_a_year=100.0)
        sets = placer.States({"all year": (instance, 1.0)}, instance).with_security(security)
    found = planned(subject, instance, states=sets)
    figures(found)
    with by_search():
        other = planned(subject, instance, states=sets)
    near("the search", other.cost_usd_per_year, found.cost_usd_per_year, size_of(found))


def answers(subject: Subject) -> None:
    """Check break-even costs, curves, accounts and ceilings of a plan."""
    instance = valued(subject)
    found = planned(subject, instance)
    if found.problem.is_whole:
        raise DocumentedError("costs of plans in modules or with openings are not convex")
    size = size_of(found)
    for name, row in found.builds.iterrows():
        enters = found.break_even(str(name))
        holds("a break-even cost below 0", enters >= 0)
        if row["units"] * row["unit_cost_usd_per_year"] > 1e-4 * size:
            at_most("the cost of what is built", row["unit_cost_usd_per_year"], enters, row["unit_cost_usd_per_year"])
    accounts = found.accounts()
    whole("regions", accounts.regions, ("*",))
    near("the accounts", accounts.regions["net_cost_usd"].sum(), found.cost_usd_per_year, size)
    shown(accounts)
    limits = subject.draw.tables["build_limits"]
    if BUDGET in found.question.build_limits.names:
        least = [row | {"amount": 0.0} if row["limit"] == BUDGET else row for row in limits]
        with limits_refused(subject, least):
            curve = found.curve(BUDGET, 0.0, 1e5)
        whole("curve", curve, ("rent_usd_per_unit_year",))
        holds("the curve rises", (np.diff(curve["cost_usd_per_year"]) <= 1e-6 * size).all())


def years(subject: Subject) -> None:
    """Check a plan over years of growing demand, against the search."""
    instance, tables = valued(subject), subject.draw.tables
    if not tables["candidates"]:
        raise DocumentedError("no candidates")
    years = {2026: instance, 2028: instance.scaled_demand(2.0)}
    span = placer.Years(years, until=2032, discount_rate=0.05)
    sets = placer.States({str(year): (each, 0.5) for year, each in years.items()})

    def solved() -> placer.YearsPlan:
        with refused(subject, instance, sets), documented((placer.InstanceError, "module_units")):
            return placer.plan_years(span, tables["candidates"], tables["build_limits"] or None, gap=GAP)

    found = solved()
    size = found.certificate.size_usd_per_year + abs(found.cost_usd_per_year)
    at_most("the bound", found.bound_usd_per_year, found.cost_usd_per_year, size)
    holds(f"the gap: {found.certificate.verdict}", found.gap <= 1e-6)
    for name, table in found.tables.items():
        whole(name, table, (*OF_MARGINS, "rent_usd_per_unit_year") if found.problem.is_whole else ())
    shown(found)
    found.summary()
    with by_search():
        near("the search", solved().cost_usd_per_year, found.cost_usd_per_year, size)
    found.placement(2028)
