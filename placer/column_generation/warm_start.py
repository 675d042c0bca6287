"""Warm starts: prices proven for one structure start the restricted master of another.

Prices are kept by their resource: the capacity of a site, supply beyond its first tier, a link, a cap. Which of these
can become scarce differs from structure to structure; a limit that cannot be reached has no price. Answers are proven
from any start, so that prices that do not fit cost time only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from placer.column_generation.dual.path import cost_spread
from placer.column_generation.market.definition import Market, asked_of, market, typical
from placer.column_generation.market.merit_order import merit_order
from placer.column_generation.market.pricing import near
from placer.column_generation.parameters import DEFAULTS, ColumnGenerationParameters
from placer.column_generation.start import Start, dual_bound
from placer.model.answer import Duals
from placer.model.structure import Structure
from placer.utils.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class KnownPrices:
    """Prices of a structure by resource, at the structure's positions.

    Attributes
    ----------
    capacity : (t, s) array
    supply : (t, s) array
        Per unit drawn before the overhead, beyond the cost of the first tier.
    link : (l, t) array
        Of all links.
    cap : (c,) array
    asked : (k, t) array
        Demand of each class in each period at these prices.
    """

    capacity: FloatArray
    supply: FloatArray
    link: FloatArray
    cap: FloatArray
    asked: FloatArray

    def suit(self, structure: Structure) -> bool:
        """Whether a structure has the classes, sites, periods, links and caps that the prices are for."""
        return (
            self.asked.shape == (structure.classes, structure.periods)
            and self.capacity.shape == structure.capacity.T.shape
            and self.link.shape == structure.link_capacity.shape
            and self.cap.shape == structure.cap_limit.shape
        )


def record_prices(structure: Structure, duals: Duals) -> KnownPrices:
    """Return the prices of a proven answer, whichever solver it is from."""
    cap = np.maximum(duals.cap, 0.0)
    first = merit_order(structure, cap).base
    power = ((duals.balance + duals.intake) * structure.overhead).T
    return KnownPrices(
        capacity=np.maximum(duals.capacity.T, 0.0),
        supply=np.maximum(np.where(np.isfinite(first), power - first, 0.0), 0.0),
        link=np.maximum(duals.link, 0.0),
        cap=cap,
        asked=asked_of(structure),
    )


def interpolate(first: KnownPrices, last: KnownPrices, part: float) -> KnownPrices:
    """Return ``first + part * (last - first)``; a part below 0 or above 1 extrapolates, and no price falls below 0."""

    def interpolated(name: str) -> FloatArray:
        start: FloatArray = getattr(first, name)
        return np.maximum(start + part * (getattr(last, name) - start), 0.0)

    return KnownPrices(**{each.name: interpolated(each.name) for each in fields(KnownPrices)})


def best_start(
    structure: Structure, choice: Iterable[KnownPrices], parameters: ColumnGenerationParameters = DEFAULTS
) -> Start | None:
    """Return the start from the known prices with the highest dual bound.

    Parameters
    ----------
    structure : Structure
    choice : iterable of KnownPrices
    parameters : ColumnGenerationParameters

    Returns
    -------
    Start or None
        None if the structure has no demand or several routes, or no prices suit it.
    """
    if structure.routes > 1 or not (structure.demand_amount > 0).any():
        return None
    suitable = [known for known in choice if known.suit(structure)]
    if not suitable:
        return None
    laid = [_lay_prices(structure, known) for known in suitable]
    bounds = [dual_bound(structure, *each) for each in laid] if len(laid) > 1 else [0.0]
    best = int(np.argmax(bounds))
    at_caps, caps, prices = laid[best]
    return Start(
        market=at_caps,
        prices=prices,
        caps=caps,
        width=_width(structure, at_caps, prices, parameters),
        changed=_changed_part(structure, suitable[best]),
    )


def start_at(structure: Structure, known: KnownPrices, width_spreads: float) -> Start | None:
    """Return the start from known prices at a given width, in cost spreads; None if they do not suit."""
    if not known.suit(structure):
        return None
    at_caps, caps, prices = _lay_prices(structure, known)
    return Start(at_caps, prices, caps, width_spreads * cost_spread(at_caps))


def joint_start(
    structure: Structure, choice: Sequence[KnownPrices], parameters: ColumnGenerationParameters = DEFAULTS
) -> Start | None:
    """Return the start from the first of the known prices that suit, with columns near each of the others.

    Between several sets of prices the optimum often takes columns near one or another, where those near the best set
    alone do not suffice.

    Parameters
    ----------
    structure : Structure
    choice : sequence of KnownPrices
        The best first.
    parameters : ColumnGenerationParameters

    Returns
    -------
    Start or None
        As of ``best_start``.
    """
    found = [best_start(structure, [known], parameters) for known in choice]
    starts = [start for start in found if start is not None]
    if not starts:
        return None
    first, *others = starts
    reach = parameters.warm_start.joint_reach_widths
    columns = tuple(near(each.market, each.prices, reach * each.width)[1] for each in others)
    return replace(first, columns=columns)


def _lay_prices(structure: Structure, known: KnownPrices) -> tuple[Market, FloatArray, FloatArray]:
    """Return the market at the known cap prices, these prices, and the prices (t, r) of the market's resources.

    A limit that cannot be reached has no price.
    """
    caps = np.where(np.isfinite(structure.cap_limit), known.cap, 0.0)
    at_caps = market(structure, caps)
    parts = [np.where(at_caps.most_used > structure.capacity.T, known.capacity, 0.0)]
    if at_caps.supplied:
        parts.append(np.where(at_caps.most_drawn > at_caps.order.within[0], known.supply, 0.0))
    parts.append(np.where(np.isfinite(structure.link_capacity), known.link, 0.0)[at_caps.link].T)
    return at_caps, caps, np.concatenate(parts, axis=1)


def _width(structure: Structure, market: Market, prices: FloatArray, parameters: ColumnGenerationParameters) -> float:
    """Return the widest width at which few enough columns are near, per unit of the median class."""
    warm, reach = parameters.warm_start, parameters.shortlist.reach_widths
    most = warm.most_near_per_demand * len(structure.demand_amount)
    spread, width, least = cost_spread(market), warm.first_width_spreads, parameters.descent.least_width_spreads
    while width > least and len(near(market, prices, reach * width * spread)[1]) > most:
        width /= 2
    return width * spread


def _changed_part(structure: Structure, known: KnownPrices) -> float:
    """Return the changed part of demand, ``sum |asked - known| / sum asked``, weighted by its use of sites.

    It is 0 if no demand uses any site: prices of sites then hold for all demand.
    """
    takes = sum((needs / typical(needs)).mean(axis=1) for needs in (structure.use, structure.draw))
    asked = asked_of(structure)
    changed, whole = (float(takes @ each.sum(axis=1)) for each in (np.abs(asked - known.asked), asked))
    return changed / whole if whole > 0 else 0.0
