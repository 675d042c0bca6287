"""The headline figures of a placement as text."""

from __future__ import annotations

import math

import pandas as pd

from placer.currency import amount_in
from placer.placement.figures import PlacementFigures
from placer.placement.unserved import reason_in_words
from placer.tolerances import DISPLAY, SOLVER
from placer.utils.numbers import gap_in_words, percent, quantity

#: Number of workloads that a line names.
_NAMED = 3


def headline_figures(placement: PlacementFigures) -> list[tuple[str, str]]:
    """Return the headline figures of a placement as pairs of a label and text, in the order people read them."""
    shares = {part: value / placement.cost_usd for part, value in placement.cost_parts_usd.items() if value}
    parts = ", ".join(f"{part} {percent(share)}" for part, share in shares.items() if abs(share) > DISPLAY)
    unserved, certificate = placement.unserved_share, placement.certificate
    gap = gap_in_words(max(certificate.gap, 0.0))
    chosen = placement.tie_break
    unchosen = [] if chosen is None or chosen.proven else [("Ties", f"least round trip not proven ({chosen.detail})")]
    currency = placement.currency
    served, demand = quantity(placement.served_mtok), quantity(placement.demand_mtok)
    headlines = [
        ("Placement", f"{placement.termination.reason}, {gap}, {certificate.verdict}"),
        *unchosen,
        ("Cost", amount_in(placement.cost_usd, currency) + (f" ({parts})" if parts else "")),
        (
            "Cost per Mtok",
            ratio_in_words(placement.cost_usd_per_mtok, f"{quantity(placement.cost_usd_per_mtok)} {currency}"),
        ),
        ("Price per Mtok", _price_in_words(placement)),
        ("Served", f"{served} of {demand} Mtok, {percent(unserved, 2)} unserved"),
        ("Exported", ratio_in_words(placement.export_share, f"{percent(placement.export_share, 2)} of demand")),
        ("Energy", f"{quantity(placement.energy_mwh)} MWh, {quantity(placement.carbon_kg / 1000)} t carbon"),
    ]
    if placement.transfers_usd:
        headlines.insert(
            -4, ("Transfers", f"{amount_in(placement.transfers_usd, currency)} of tariffs and premia, beside the cost")
        )
    if placement.spilt_mwh > SOLVER * placement.energy_mwh:
        headlines.append(("Spilt", f"{quantity(placement.spilt_mwh)} MWh of free power"))
    if unserved > SOLVER:
        headlines.insert(5, ("Unserved", _unserved_in_words(placement)))
    if placement.penalty_usd > SOLVER * abs(placement.cost_usd):
        whole = amount_in(placement.cost_and_penalty_usd, currency)
        headlines.insert(1, ("Cost + penalty", f"{whole}, {percent(unserved, 2)} of demand unserved"))
    if placement.backlog_mtok > 0:
        left, waited = placement.backlog_unserved_mtok, quantity(placement.backlog_mtok)
        headlines.append(("Backlog", f"{waited} Mtok at the beginning, {quantity(left)} Mtok of it unserved"))
    if not placement.cut_short.empty:
        headlines.append(("Cut short", cut_short_in_words(placement.cut_short)))
    return headlines


def cut_short_in_words(cut_short: pd.DataFrame) -> str:
    """Return what the end of the horizon cuts short, the largest workload first."""
    largest = cut_short.sort_values("mtok", ascending=False, kind="stable")
    named = [f"{name} {quantity(mtok)} Mtok" for name, mtok in largest["mtok"].head(_NAMED).items()]
    more = f" and {len(largest) - _NAMED} more" if len(largest) > _NAMED else ""
    total = quantity(float(largest["mtok"].sum()))
    return f"{total} Mtok may wait past the last hour, and are served by then: {', '.join(named)}{more}"


def ratio_in_words(value: float, written: str) -> str:
    """Return a figure for each Mtok in words; it is NaN where there are no tokens."""
    return "no tokens" if math.isnan(value) else written


def _price_in_words(placement: PlacementFigures) -> str:
    """Return the mean and the median price of served demand."""
    mean, median = placement.price_usd_per_mtok, placement.median_price_usd_per_mtok
    if math.isnan(mean):
        return "nothing is served below the penalty"
    dear = bool((placement.workloads["at_penalty_mtok"] > 0).any())
    of_what = "demand served below the penalty" if dear else "served demand"
    return f"{quantity(mean)} {placement.currency} mean, {quantity(median)} {placement.currency} median of {of_what}"


def _unserved_in_words(placement: PlacementFigures) -> str:
    """Return how much cannot be served and how much is not worth it, and the first reason."""
    first = placement.unserved_reasons.index[0]
    kinds = {
        "cannot be served": placement.cannot_be_served_mtok,
        "not worth serving": placement.not_worth_serving_mtok,
    }
    said = ", ".join(f"{quantity(mtok)} Mtok {kind}" for kind, mtok in kinds.items() if mtok > 0)
    return f"{said}; first reason: {reason_in_words(*first)}"
