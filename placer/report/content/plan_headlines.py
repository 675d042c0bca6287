"""The headline figures of a plan: the builds, a year's cost, the value, the runner-up and the range."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from placer.planning.answer.build_places import in_words
from placer.planning.question.problem import counted_beside_cost
from placer.report.content.headlines import Headline
from placer.utils.numbers import figure, money

if TYPE_CHECKING:
    from placer.planning.answer.result import Plan

#: Builds that a headline names.
_NAMED = 4


def plan_headlines(plan: Plan, builds: pd.DataFrame) -> tuple[Headline, ...]:
    """Return the headlines of a plan; those without a value are left out.

    Parameters
    ----------
    builds : DataFrame
        ``Plan.builds``, the dearest builds first, then the candidates nearest to being built, names as shown.
    """
    built = builds[builds["units"] > 0]
    rest = plan.cost_usd_per_year - plan.build_cost_usd_per_year
    currency = plan.currency
    text, unit = money(plan.cost_usd_per_year, currency)
    builds_cost, others = (_said(usd, currency) for usd in (plan.build_cost_usd_per_year, rest))
    parts = f"{builds_cost} for the builds, {others} for all demand, {counted_in_words(plan)}"
    every = (
        Headline("To build", float(len(built)), "", _named(built), f"{len(built)} of {len(builds)} candidates"),
        Headline("Cost of a year", plan.cost_usd_per_year, f"{unit} a year", parts, text),
        _value(built, currency),
        _runner_up(builds[builds["units"] <= 0], currency),
        _range(built),
        _bound(plan),
    )
    return tuple(item for item in every if item is not None)


def counted_in_words(plan: Plan) -> str:
    """Return what the cost of a year holds beside builds and placements."""
    with_steps, with_transfers = counted_beside_cost(plan.question.by_year)
    counted = ["the penalty for unserved demand"]
    if with_transfers:
        counted.append("tariffs and premia that regions are paid")
    if with_steps:
        counted.append("the value of demand that is not bought")
    return ", ".join([*counted[:-1], f"and {counted[-1]}"])


def _named(built: pd.DataFrame) -> str:
    """Return the dearest builds with their units."""
    named = [f"{name}: {said}" for name, said in zip(built.index, in_words(built), strict=True)]
    more = len(named) - _NAMED
    return "; ".join(named[:_NAMED]) + (f"; and {more} more" if more > 0 else "") or "nothing pays for itself"


def _said(usd: float, currency: str) -> str:
    return " ".join(money(usd, currency))


def _value(built: pd.DataFrame, currency: str) -> Headline | None:
    """Return the value of a unit of the dearest build; None without values, as for whole units."""
    if built.empty or math.isnan(built["value_usd_per_unit_year"].iloc[0]):
        return None
    first = built.iloc[0]
    text, unit = money(first["value_usd_per_unit_year"], currency)
    note = (
        f"of one more unit of {built.index[0]}, which costs {_said(first['unit_cost_usd_per_year'], currency)} a year"
    )
    return Headline("Value", first["value_usd_per_unit_year"], f"{unit} a year", note, text)


def _runner_up(idle: pd.DataFrame, currency: str) -> Headline | None:
    """Return the candidate that is nearest to being built; None if all are built or none has a value."""
    known = idle.dropna(subset=["profit_usd_per_unit_year"])
    if known.empty:
        return None
    name, row = next(known.iterrows())
    short = -float(row["profit_usd_per_unit_year"])
    cost, less = (_said(usd, currency) for usd in (float(row["unit_cost_usd_per_year"]), short))
    note = f"a unit costs {cost} a year and would save {less} less than it takes"
    return Headline("Runner-up", short, "", note, str(name))


def _range(built: pd.DataFrame) -> Headline | None:
    """Return the least and most units of the dearest build; None where they are not known."""
    if built.empty or built[["least", "most"]].iloc[0].isna().any():
        return None
    first = built.iloc[0]
    ends = " to ".join(dict.fromkeys([figure(first["least"]), figure(first["most"])]))
    note = f"of {built.index[0]}, in every plan that costs up to a thousandth more"
    return Headline("Range", float(first["units"]), "units", note, ends)


def _bound(plan: Plan) -> Headline:
    """Return the bound of the plan's certificate, and why the search ended where it left a gap."""
    text, unit = money(plan.bound_usd_per_year, plan.currency)
    note = (
        f"{plan.certificate.verdict}; the search ended early: {plan.stopped}"
        if plan.stopped
        else plan.certificate.verdict
    )
    return Headline("No plan costs less than", plan.bound_usd_per_year, f"{unit} a year", note, text)
