"""Who still has to pay for accelerators: what exports are worth where some are paid for and others are not.

Whether work leaves depends on what an accelerator-hour costs at the margin at either end. Where both ends rent by the
hour at one price, power decides. Where the home region's accelerators are paid for (0 USD an hour) and those of the
destination must still be paid, every hour sent there has to save that price. The break-even is the price above which
only what the home region has no room for leaves.

    p -> E(p)   export share of a least-cost placement, with every accelerator of the destination at p USD an hour
    E(high)     what is left at a price far above any saving: exports that no other site has room for
    break-even  the p, found by bisection, above which E(p) <= E(high)

The work done at the destination never rises with p, since the least cost is concave in p. Exports, in tokens, mostly
follow it; where several placements cost the same, E is that of the one found.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from placer.errors import InstanceError, Violation
from placer.solve import solve

if TYPE_CHECKING:
    from placer.instance.problem import Instance
    from placer.solvers.column_generation.solver import AnySolver

#: Export shares this close are one.
SAME_SHARE = 1e-6


@dataclass(frozen=True, eq=False)
class AcceleratorBreakEven:
    """The price of an accelerator-hour at the destination above which exports do not pay.

    Attributes
    ----------
    usd_per_hour : float
        The break-even; 0 where exports do not pay even at a price of 0.
    unavoidable_share : float
        Export share that remains at any price: demand that the other sites have no room for.
    prices : DataFrame
        The prices that were tried, rising. Index ``usd_per_hour``; columns ``export_share``, ``cost_usd_per_mtok``.
    """

    usd_per_hour: float
    unavoidable_share: float
    prices: pd.DataFrame


def with_accelerator_prices(instance: Instance, usd_per_hour: Mapping[str, float]) -> Instance:
    """Return the instance with one price of an accelerator-hour for all data centres of each region named.

    Parameters
    ----------
    instance : Instance
    usd_per_hour : mapping of str to float
        Region of data centres -> USD an hour; 0 where they are paid for. The other regions keep their prices.

    Raises
    ------
    InstanceError
        If no data centre lies in a region, or a price is negative or not a number.

    Examples
    --------
    >>> import placer
    >>> paid = with_accelerator_prices(placer.load("tiny"), {"east": 0.0})
    >>> paid.data_centres["accelerator_usd_per_hour"].tolist()
    [0.0, 0.0, 1.0]
    """
    centres = instance.data_centres
    _check_regions(instance, usd_per_hour)
    prices = centres["region"].map(lambda region: usd_per_hour.get(region, math.nan)).astype(float)
    column = prices.where(prices.notna(), centres["accelerator_usd_per_hour"])
    return instance.replace(data_centres=centres.assign(accelerator_usd_per_hour=column))


def break_even_accelerator_price(
    instance: Instance,
    regions: str | Iterable[str],
    highest: float = 5.0,
    tolerance: float = 5e-3,
    solver: AnySolver | None = None,
) -> AcceleratorBreakEven:
    """Return the price of an accelerator-hour in some regions above which exports do not pay.

    The prices of the other regions stay as they are: 0 where their accelerators are paid for.

    Parameters
    ----------
    instance : Instance
    regions : str or iterable of str
        Regions of data centres that exports go to; all of their accelerators take one price.
    highest : float
        USD an hour, above any break-even: what is still exported at it is unavoidable.
    tolerance : float
        USD an hour; the break-even is found to this. One solve for each halving of ``highest`` down to it.
    solver : Solver or ColumnGeneration, optional
        As for ``placer.solve``.

    Raises
    ------
    InstanceError
        If no data centre lies in a region, accelerators are sunk (so that no price of theirs counts), or ``highest``
        and ``tolerance`` are not positive.

    Examples
    --------
    Metro and Port (east) are paid for. An hour at Plateau (west) saves power, 0.15 - 0.025 USD at the most:

    >>> import placer
    >>> home_paid = with_accelerator_prices(placer.load("tiny"), {"east": 0.0})
    >>> found = break_even_accelerator_price(home_paid, "west", highest=4.0)
    >>> round(found.usd_per_hour, 2), round(found.unavoidable_share, 4)
    (0.12, 0.0417)
    """
    names = [regions] if isinstance(regions, str) else list(regions)
    _check(instance, names, highest, tolerance)
    tried: dict[float, tuple[float, float]] = {}

    def export_share(price: float) -> float:
        if price not in tried:
            placement = solve(with_accelerator_prices(instance, dict.fromkeys(names, price)), solver=solver)
            tried[price] = (placement.export_share, placement.cost_usd_per_mtok)
        return tried[price][0]

    least = export_share(highest)
    low, high = 0.0, highest
    if export_share(0.0) <= least + SAME_SHARE:
        high = 0.0
    while high - low > tolerance:
        middle = (low + high) / 2
        if export_share(middle) <= least + SAME_SHARE:
            high = middle
        else:
            low = middle
    index = pd.Index(sorted(tried), name="usd_per_hour")
    table = pd.DataFrame([tried[price] for price in index], index, ["export_share", "cost_usd_per_mtok"])
    return AcceleratorBreakEven(usd_per_hour=high, unavoidable_share=least, prices=table)


def _check(instance: Instance, names: list[str], highest: float, tolerance: float) -> None:
    place = "break_even_accelerator_price"
    violations = [
        Violation(place, "", name, f"{number:g}", "a number, > 0, finite")
        for name, number in (("highest", highest), ("tolerance", tolerance))
        if not 0 < number < math.inf
    ]
    if instance.settings.accelerators == "sunk":
        problem = "accelerators are sunk, so that no price of theirs counts"
        violations.append(Violation("settings", "", "accelerators", problem, "by_use"))
    if not names:
        violations.append(Violation(place, "", "regions", "none is named", "at least one"))
    if violations:
        raise InstanceError(violations)
    _check_regions(instance, dict.fromkeys(names, 0.0))


def _check_regions(instance: Instance, usd_per_hour: Mapping[str, float]) -> None:
    known = sorted({region for region in instance.data_centres["region"] if region is not None})
    violations = [
        Violation("regions", str(name), "", "no data centre lies there", ", ".join(known) or "none has a region")
        for name in usd_per_hour
        if name not in known
    ]
    violations += [
        Violation("regions", str(name), "accelerator_usd_per_hour", f"{price:g}", "a number, >= 0, finite")
        for name, price in usd_per_hour.items()
        if not 0 <= price < math.inf
    ]
    if violations:
        raise InstanceError(violations)
