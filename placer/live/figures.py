"""The figures of an answer beside those of the start, as the strip of a live page shows them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from placer.placement.result import Placement
from placer.report.html.markup import Html, tag
from placer.tolerances import PROOF
from placer.utils.numbers import NOTHING, figure, money, percent, points, signed

HOURS_A_DAY = 24
#: Shares below this have two decimals.
SMALL = 0.01


@dataclass(frozen=True)
class Figures:
    """The figures that are compared; NaN where one is not known.

    Attributes
    ----------
    cost_and_penalty_usd_per_day : float
        In the currency of the instance: a saving by unserved demand is none.
    unserved_share, export_share, ceiling_share : float
        Of demand.
    cost_usd_per_mtok : float
        Of served demand, without the penalty for unserved demand.
    """

    cost_and_penalty_usd_per_day: float
    unserved_share: float
    cost_usd_per_mtok: float
    export_share: float
    ceiling_share: float
    currency: str


def figures_of(placement: Placement, ceiling_share: float) -> Figures:
    """Return the figures of a placement, and the share of demand that can leave if it is known."""
    instance = placement.instance
    days = float(instance.weights.sum()) * instance.settings.hour_length / HOURS_A_DAY
    return Figures(
        cost_and_penalty_usd_per_day=placement.cost_and_penalty_usd / days,
        unserved_share=placement.unserved_share,
        cost_usd_per_mtok=placement.cost_usd_per_mtok,
        export_share=placement.export_share,
        ceiling_share=ceiling_share,
        currency=placement.currency,
    )


def strip(now: Figures, start: Figures | None, *, is_whole: bool) -> Html:
    """Return the figures as a list, each with its difference to the start where that is known.

    The ceiling is marked as busy where the answer is not whole.
    """
    return tag("dl", *_cards(now, start, "ceiling_share" if not is_whole else ""), class_="strip")


def _cards(now: Figures, start: Figures | None, pending: str) -> Iterator[Html]:
    labels = {
        "cost_and_penalty_usd_per_day": f"Cost and penalty a day, {now.currency}",
        "unserved_share": "Unserved",
        "cost_usd_per_mtok": f"Cost, {now.currency}/Mtok",
        "export_share": "Exported",
        "ceiling_share": "Export ceiling",
    }
    for name, label in labels.items():
        value, before = getattr(now, name), math.nan if start is None else getattr(start, name)
        said = tag("dd", tag("strong", _written(name, value)), tag("span", _beside(name, value, before)))
        yield tag("div", tag("dt", label), said, data_figure=name, aria_busy="true" if name == pending else None)


def _written(name: str, value: float) -> str:
    if name == "cost_and_penalty_usd_per_day" and not math.isnan(value):
        return " ".join(money(value, "")).strip()
    return percent(value, 2 if 0 < value < SMALL else 1) if name.endswith("_share") else figure(value)


def _beside(name: str, value: float, before: float) -> str:
    """Return the difference to the start in words."""
    if math.isnan(value) or math.isnan(before):
        return NOTHING
    change, is_share = value - before, name.endswith("_share")
    if abs(change) <= PROOF * (1.0 if is_share else abs(before)):
        return "as at the start"
    if is_share:
        return f"{signed(points(change), change)} from {_written(name, before)}"
    text = percent(change / abs(before)) if before else _written(name, change)
    return f"{signed(text, change)} from {_written(name, before)}"
