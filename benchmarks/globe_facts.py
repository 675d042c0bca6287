"""The facts that trade may explain: predicted without it, with it, and with two fitted numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

import placer
from placer.sensitivity.study import cases_of

from . import observed
from .globe_fit import found_before, roles
from .observed_globe import SCENARIOS, predictions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .globe_fit import Fit
    from .observed import Fact, Prediction

#: A prediction explains a fact if it is at most this factor from the observed range, and nearer than that without.
NEAR = 2.0
#: Scenarios of the study that use no list price of an accelerator, read beside those of the prediction.
BESIDE = ("chips", "dispatch", "china_by_income", "estimated_capacity_low", "estimated_capacity_high")
#: Ratios of prices are equal within this.
SAME = 1e-3
HEAD = (
    "| fact | observed | without trade | with trade | over the study | | trust of 10 % | two numbers fitted | |",
    "|---|---|---|---|---|---|---|---|---|",
)


def facts_of_trade() -> list[Fact]:
    """Return the facts that are fitted or held out, in this order."""
    known = {fact.name: fact for fact in observed.read_facts()}
    return [known[name] for names in roles().values() for name in names]


def table() -> str:
    """Return the rows of all facts of trade, with what two fitted numbers make of those held out."""
    facts, fitted = facts_of_trade(), found_before()
    before: dict[str, float] = {}
    for figures in observed.figures(quick=True):
        before |= figures
    found = observed.predicted(facts, [predictions(placer.solve(each)) for each in _studied()])
    trust, out = (
        predictions(placer.solve(each)) for each in (placer.load("globe", [*SCENARIOS, "trust"]), fitted.instance())
    )
    rows = [_row(each, before[each.fact.name], trust[each.fact.name], out[each.fact.name]) for each in found]
    return "\n".join([_said(fitted), "", *HEAD, *rows])


def _studied() -> Iterator[placer.Instance]:
    """Yield the instance as given, then cases of the study of ``globe``, all with what the prediction assumes.

    A case of the study that is a scenario replaces the scenarios of the prediction, so it is read beside them.
    """
    given = placer.load("globe", SCENARIOS)
    yield given
    for scenario in BESIDE:
        yield placer.load("globe", [*SCENARIOS, scenario])
    price = given.data_centres["accelerator_usd_per_hour"]
    for case in cases_of(given, placer.read_assumptions("globe")[0])[1:]:
        found = case.instance.data_centres["accelerator_usd_per_hour"]
        if np.allclose(found / found.max(), price / price.max(), atol=SAME):
            yield case.instance


def explains(fact: Fact, with_numbers: float, without: float) -> bool:
    """Return whether a prediction is near the observed range, and nearer than the one without fitted numbers."""
    return _is_near(fact, with_numbers) and _miss(fact, with_numbers) < _miss(fact, without)


def _is_near(fact: Fact, value: float) -> bool:
    if fact.unit == "correlation" or not fact.low:
        return fact.low <= value <= fact.high
    return fact.low / NEAR <= value <= fact.high * NEAR


def _miss(fact: Fact, value: float) -> float:
    return max(fact.low - value, value - fact.high, 0.0)


def _row(each: Prediction, before: float, trust: float, out: float) -> str:
    fact, given = each.fact, each.values[0]
    ends = fact.span(fact.low, fact.high) if fact.low < fact.high else fact.text(fact.value)
    over = fact.span(min(each.values), max(each.values))
    told = "explained" if explains(fact, out, given) else "not explained"
    role = "fitted" if fact.name in roles()["fitted"] else told
    figures = [fact.text(value) for value in (before, given)]
    return (
        "| "
        + " | ".join([fact.fact, ends, *figures, over, each.verdict, fact.text(trust), fact.text(out), role])
        + " |"
    )


def _said(found: Fit) -> str:
    return (
        f"A premium on China's tokens abroad of {found.premium_usd_per_mtok:.5f} USD/Mtok, and {found.pool:.1%} more"
        " accelerator time for work that has to stay."
    )
