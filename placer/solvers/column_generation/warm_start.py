"""Prices carried from the proven answer of one structure to another, as a start for its restricted program.

Prices are carried by what they price: the capacity of a site, supply beyond its first tier, a link, a cap. Which of
these can become scarce differs from structure to structure; what cannot has no price. Whatever is carried, the bound
and the proof of the answer hold, so prices that do not fit cost time only.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from placer.solvers.column_generation.dual.path import cost_spread
from placer.solvers.column_generation.market.definition import Market, asked_of, market, typical
from placer.solvers.column_generation.market.merit_order import merit_order
from placer.solvers.column_generation.market.pricing import near
from placer.solvers.column_generation.parameters import DEFAULTS
from placer.solvers.column_generation.start import Start, dual_bound

if TYPE_CHECKING:
    from collections.abc import Iterable

    from placer.model.answer import Duals
    from placer.model.structure import Structure
    from placer.solvers.column_generation.parameters import ColumnGenerationParameters


@dataclass(frozen=True, eq=False)
class Known:
    """Prices of a structure by what they price, by its positions.

    Attributes
    ----------
    capacity : (t, s) array
    supply : (t, s) array
        Per unit drawn before the overhead, beyond the cost of the first tier.
    link : (l, t) array
        Of all links.
    cap : (c,) array
    asked : (k, t) array
        What was asked for of each class.
    """

    capacity: np.ndarray
    supply: np.ndarray
    link: np.ndarray
    cap: np.ndarray
    asked: np.ndarray


def remember(structure: Structure, duals: Duals) -> Known:
    """Return the prices of a proven answer, whichever solver it is from."""
    cap = np.maximum(duals.cap, 0.0)
    first = merit_order(structure, cap).base
    power = ((duals.balance + duals.intake) * structure.overhead).T
    return Known(
        capacity=np.maximum(duals.capacity.T, 0.0),
        supply=np.maximum(np.where(np.isfinite(first), power - first, 0.0), 0.0),
        link=np.maximum(duals.link, 0.0),
        cap=cap,
        asked=asked_of(structure),
    )


def between(first: Known, last: Known, part: float) -> Known:
    """Return the prices a part of the way from some to others, from 0 to 1."""

    def on_the_way(name: str) -> np.ndarray:
        start: np.ndarray = getattr(first, name)
        return start + part * (getattr(last, name) - start)

    return Known(**{each.name: on_the_way(each.name) for each in fields(Known)})


def fits(known: Known, structure: Structure) -> bool:
    """Whether a structure has as many classes, sites, periods, links and caps as the prices are for."""
    return (
        known.asked.shape == (structure.classes, structure.periods)
        and known.capacity.shape == structure.capacity.T.shape
        and known.link.shape == (len(structure.link_capacity), structure.periods)
        and known.cap.shape == structure.cap_limit.shape
    )


def nearest(
    structure: Structure, choice: Iterable[Known], parameters: ColumnGenerationParameters = DEFAULTS
) -> Start | None:
    """Return the start from the prices that prove most of a structure, of those that fit; None if none does."""
    if not (structure.demand_amount > 0).any():
        return None
    fitting = [known for known in choice if fits(known, structure)]
    if not fitting:
        return None
    laid = [_laid(structure, known) for known in fitting]
    proven = [dual_bound(structure, whole, caps, prices) for caps, whole, prices in laid] if len(laid) > 1 else [0.0]
    best = int(np.argmax(proven))
    caps, whole, prices = laid[best]
    return Start(
        market=whole,
        prices=prices,
        caps=caps,
        width=_width(structure, whole, prices, parameters),
        changed=_changed(structure, fitting[best]),
    )


def _changed(structure: Structure, known: Known) -> float:
    """Return the part of what is asked for that differs from what prices are known for, in what it takes of sites."""
    takes = sum((needs / typical(needs)).mean(axis=1) for needs in (structure.use, structure.draw))
    asked = asked_of(structure)
    return float(takes @ np.abs(asked - known.asked).sum(axis=1) / (takes @ asked.sum(axis=1)))


def _width(structure: Structure, market: Market, prices: np.ndarray, parameters: ColumnGenerationParameters) -> float:
    """Return the widest width at which few enough columns are near."""
    warm, reach = parameters.warm_start, parameters.shortlist.reach_widths
    spread, width = cost_spread(market), warm.first_width_spreads
    while width > warm.least_width_spreads:
        if len(near(market, prices, reach * width * spread)[1]) <= warm.most_near_per_demand * len(
            structure.demand_amount
        ):
            break
        width /= warm.shrink
    return width * spread


def _laid(structure: Structure, known: Known) -> tuple[np.ndarray, Market, np.ndarray]:
    """Return the prices of the caps, the market at them and the prices (t, r) of its resources.

    Limits that cannot be reached have no price.
    """
    caps = np.where(np.isfinite(structure.cap_limit), known.cap, 0.0)
    whole = market(structure, caps)
    parts = [np.where(whole.most_used > structure.capacity.T, known.capacity, 0.0)]
    if whole.supplied:
        parts.append(np.where(whole.most_drawn > whole.order.within[0], known.supply, 0.0))
    return caps, whole, np.concatenate([*parts, known.link[whole.link].T], axis=1)
