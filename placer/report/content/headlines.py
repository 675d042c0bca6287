"""The headline figures of a report, each with its unit and a line of explanation."""

from __future__ import annotations

from dataclasses import dataclass

from placer.placement.headlines import cut_short_in_words
from placer.placement.result import Placement
from placer.placement.unserved import reason_in_words
from placer.report.content.ceiling import CeilingContent
from placer.tolerances import SOLVER
from placer.utils.numbers import figure, gap_percent, percent

KG_PER_T = LITRES_PER_M3 = 1000.0


@dataclass(frozen=True)
class Headline:
    """A headline figure: its label, value, unit, and a line of explanation.

    ``text`` replaces the value where a word is better than a number.
    """

    label: str
    value: float
    unit: str
    note: str = ""
    text: str = ""


def written(headline: Headline) -> str:
    """Return the text of a headline figure."""
    if headline.text:
        return headline.text
    if headline.unit == "share":
        return percent(headline.value, 2 if 0 < headline.value < 0.01 else 1)
    return figure(headline.value)


def headlines_of(placement: Placement, ceiling: CeilingContent | None) -> tuple[Headline, ...]:
    """Return the headline figures of a placement and of its ceiling, if any."""
    cost, demand, currency = placement.cost_usd, placement.demand_mtok, placement.currency
    penalty = f"{figure(placement.penalty_usd)} {currency}"
    if placement.penalty_usd:
        penalty = f"{penalty}; {figure(placement.cost_and_penalty_usd)} {currency} with it"
    parts = [
        f"{part} {percent(value / cost)}"
        for part, value in placement.cost_parts_usd.items()
        if abs(value) > 5e-4 * abs(cost)
    ]
    if ceiling is None:
        most, beneath = float("nan"), "not computed for this report"
    else:
        most = ceiling.share
        beneath = (
            f"of {ceiling.weight} could leave at most, {percent(ceiling.work_share)} of the work, net of swaps; "
            f"{percent(ceiling.latency_share)} by distance and law alone, {percent(ceiling.gross_share)} with swaps"
        )
    served = f"of {figure(demand)} Mtok asked for"
    if placement.bought_demand is not None:
        served = f"{served}; {placement.bought_demand.in_words}"
    if placement.unserved_share > SOLVER:
        served = f"{served}; first reason: {reason_in_words(*placement.unserved_reasons.index[0])}"
    if not placement.cut_short.empty:
        served = f"{served}; {cut_short_in_words(placement.cut_short)}"
    return (
        Headline("Cost per million tokens", placement.cost_usd_per_mtok, currency, ", ".join(parts)),
        Headline("Cost in all", cost, currency, f"without the penalty for unserved demand, {penalty}"),
        Headline(
            "Exported",
            placement.export_share,
            "share",
            "of demand is served in another region, at least cost; "
            f"{percent(placement.net_export_share)} net of demand sent in exchange",
        ),
        Headline("Export ceiling", most, "share", beneath),
        Headline("Unserved", placement.unserved_share, "share", served),
        Headline("Energy", placement.energy_mwh, "MWh", "at the meters"),
        Headline("Carbon", placement.carbon_kg / KG_PER_T, "t", "of the energy bought"),
        Headline("Water", placement.water_litres / LITRES_PER_M3, "m\u00b3", "at the data centres"),
        _proof(placement),
    )


def _proof(placement: Placement) -> Headline:
    """Return the verdict of the certificate as a headline."""
    found = placement.certificate
    if found.proven:
        note = f"no placement costs less, to within {gap_percent(found.tolerances.gap)} of the cost"
        return Headline("Least cost", abs(found.gap), "gap", note, "proven")
    return Headline("Least cost", abs(found.gap), "gap", found.verdict, "not proven")
