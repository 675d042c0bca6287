"""The section on a plan: what to build, what it is worth, and what limits it."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from placer.report.content.page import PageContent
from placer.report.content.plan import PlanContent
from placer.report.html.curves import breakpoint_curve
from placer.report.html.markup import Html, folded, fragment, para, tag
from placer.report.html.tables import table
from placer.report.sections.results import cards
from placer.report.sections.site_map import site_map
from placer.result_columns import long
from placer.utils.numbers import figure, money, money_unit

_BUILDS = (
    *("adds", "units", "least", "most", "cost_usd_per_year", "unit_cost_usd_per_year"),
    *("limits_rent_usd_per_unit_year", "value_usd_per_unit_year", "profit_usd_per_unit_year"),
)
_LIMITS = ("sense", "amount", "use", "rent_usd_per_unit_year")
_CURVE = ("cost_usd_per_year", "rent_usd_per_unit_year")
_SITES = ("utilisation", "accelerator_rents_usd_per_year", "power_rents_usd_per_year")
_ANNUAL = ("amount", "use", "unit", "rent_usd_per_unit")
#: Stranded sites that a sentence names.
_NAMED = 5
_STATES = ("horizons_per_year", "cost_usd", "cost_usd_per_year")


def plan_section(content: PageContent) -> Html | None:
    """Return the section on what to build; nothing without a plan."""
    found = content.plan
    if found is None:
        return None
    headings = partial(long, currency=content.currency)
    return fragment(
        cards(found.headlines, "cards wrapped"),
        _map(content, f"{content.prefix}plan-map"),
        para(_reading(found)),
        table(found.builds, "candidate", headings(*_BUILDS), "Candidates, their costs and their values"),
        None
        if found.build_limits.empty
        else table(found.build_limits, "limit", headings(*_LIMITS), "Build limits; a rent is what a unit more saves"),
        None
        if found.annual_limits.empty
        else table(found.annual_limits, "limit", headings(*_ANNUAL), "Annual limits; a rent is what a unit more saves"),
        *(_curve(name, curve, content.currency) for name, curve in found.curves.items()),
        None if found.sites is None else _sites(found.sites, content.currency),
        folded(
            "States",
            fragment(
                table(found.states, "state", headings(*_STATES), "States, and what the demand of each costs"),
                None
                if found.parts is None
                else table(found.parts, "state", headings(*found.parts), "A horizon of each state, and what it costs"),
            ),
        ),
    )


def _map(content: PageContent, identity: str) -> Html | None:
    """Draw the data centres and links with candidates, larger where more is spent; None if none has a place."""
    found = content.plan
    if found is None:
        return None
    sites, links = (_marked(each, content.currency) for each in (found.builds_by_site, found.builds_by_link))
    summary = "Map of what may be built, by what is spent on it; the table holds the figures."
    legend = [("more", f"built, the larger the more {content.currency} a year")]
    return site_map(content.flows, sites, identity, summary, legend, links.sort_values("amount", ascending=False))


def _marked(builds: pd.DataFrame, currency: str) -> pd.DataFrame:
    """Return the amount, the kind and the tip of the mark of everything with candidates."""
    spent = builds["cost_usd_per_year"].astype(float)
    said = [
        f"{built}, {figure(usd)} {currency} a year" if usd else built
        for built, usd in zip(builds["said"], spent, strict=True)
    ]
    return builds.assign(amount=spent, kind=np.where(spent > 0, "more", "same"), said=said)


def _sites(sites: pd.DataFrame, currency: str) -> Html:
    """Show what is used of every site and what it still earns; the least first."""
    idle = sites[(sites[list(_SITES)[1:]] == 0).all(axis=1)].index
    said = ", ".join(str(name) for name in idle[:_NAMED]) + (", ..." if len(idle) > _NAMED else "")
    return fragment(
        tag("h3", "What stands already"),
        para(f"Stranded, since more of it would be worth nothing: {said}.") if len(idle) else None,
        table(sites, "data centre", long(*_SITES, currency=currency), "Sites: use, and rents of what stands already"),
    )


def _curve(name: str, curve: pd.DataFrame, currency: str) -> Html:
    """Draw the least cost over a build limit, with the table of its breakpoints."""
    amounts, costs = curve["amount"].tolist(), curve["cost_usd_per_year"].tolist()
    first, last = f"{figure(costs[0])} {currency} a year at {figure(amounts[0])}", figure(costs[-1])
    said = f"from {first} to {last} at {figure(amounts[-1])}"
    rows = curve.set_axis([figure(amount) for amount in amounts])
    size, unit = money_unit(max(map(abs, costs)), currency)
    height, summary = [usd / size for usd in costs], f"Least cost over {name}: {said}."
    return fragment(
        tag("h3", f"Least cost over {name}"),
        breakpoint_curve(amounts, height, name, f"{unit} a year", summary),
        folded(
            "Breakpoints",
            table(rows, name, long(*_CURVE, currency=currency), f"Breakpoints of the least cost over {name}"),
        ),
    )


def _reading(found: PlanContent) -> str:
    """Return how the table of candidates is read; plans of whole numbers have no values."""
    ranges = (
        "What stands already is paid for and has no cost here. No plan that costs up to a thousandth more has fewer "
        "units than the least, or more than the most."
    )
    if found.builds["profit_usd_per_unit_year"].isna().all():
        whole = "Units come in whole modules, or sites cost something to open: the next unit has no value of its own."
        return f"{whole} {ranges}"
    return (
        "A unit is built as long as its value, what it saves a year over all states, covers its cost and the rents of "
        "what it takes of build limits. So the profit of a unit is 0 where some are built and more could be, at most 0 "
        f"where none are, and at least 0 where no more can be, all within the gap. {ranges}"
    )


def plan_opening(found: PlanContent) -> str:
    """Return the builds, their cost, the bound and the verdict as sentences."""
    built = int((found.builds["units"] > 0).sum())
    builds, year, bound = (
        " ".join(money(usd, found.currency))
        for usd in (found.build_cost_usd_per_year, found.cost_usd_per_year, found.bound_usd_per_year)
    )
    said = (
        f"{built} of {len(found.builds)} candidates are built, for {builds} a year. With the placement of all demand, "
        f"{found.counted}, a year costs {year}; no plan costs less than {bound} ({found.verdict})."
    )
    return f"{said} The search ended early: {found.stopped}." if found.stopped else said
