"""Exports where the accelerators of some regions are paid for and those of others are not.

Whether work leaves depends on the marginal cost of an accelerator-hour at either end. Where both ends rent by the
hour at one price, power decides. Where the home region's accelerators are paid for (0 USD an hour) and those of the
destination must still be paid, every hour sent there has to save that price. The break-even is the price above which
serving at home is cheaper for all exports that the home region has room for.

    d           the demand that a least-cost placement serves with the destination's accelerators at 0 USD an hour
    p -> E(p)   exports of a least-cost placement of d, all of it served, with every accelerator of the destination at
                p USD an hour; as a share of all demand
    E(high)     exports at a price far above any saving: no other site has room for them
    break-even  the p, found by bisection, above which E(p) <= E(high)

All of d is served at every price, so that exports fall only because serving at home is cheaper. A placement that may
turn demand away would stop exporting at a high price for another reason: that the demand is worth less than an hour.

The work done at the destination never rises with p, since the least cost is concave in p. Exports, in tokens, mostly
follow it; where several placements cost the same, E is that of the one found.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.currency import USD
from placer.errors import NoSolutionError, Violation, on_another_program, refuse
from placer.instance.arguments import need_instance, need_mapping, need_names, need_number
from placer.instance.problem import Instance
from placer.ladder.named import solver_of
from placer.ladder.proven import AnySolver
from placer.model.formulation import formulate
from placer.running import running
from placer.solve import place, place_instance
from placer.termination import Reason
from placer.tolerances import PROOF, SOLVER
from placer.utils.numbers import figure, percent, quantity

if TYPE_CHECKING:
    from placer.placement.result import Placement

#: Penalties of unserved demand tried in turn, in units of the lowest that may be enough to serve all.
PENALTY_FACTORS = (1.0, 30.0, 1000.0)


@dataclass(frozen=True, eq=False, repr=False)
class AcceleratorBreakEven:
    """The price of an accelerator-hour at the destination above which exporting does not pay.

    Attributes
    ----------
    usd_per_hour : float
        The break-even; 0 where exports do not pay even at a price of 0.
    unavoidable_share : float
        Share of all demand that is exported at any price, since other sites have no room for it.
    prices : DataFrame
        The prices that were tried, rising. Index ``usd_per_hour``; columns ``export_share`` (of all demand),
        ``cost_usd_per_mtok`` (of served demand).
    unserved_share : float
        Share of all demand that is not served at a price of 0. It is left out at every price.
    currency : str
        Of all amounts.
    """

    usd_per_hour: float
    unavoidable_share: float
    prices: pd.DataFrame
    unserved_share: float = 0.0
    currency: str = USD

    def __repr__(self) -> str:
        """Return the break-even price and the shares in one line."""
        shares = (
            f"{percent(self.unavoidable_share, 2)} exported at any price, {percent(self.unserved_share, 2)} unserved"
        )
        return f"<AcceleratorBreakEven: {figure(self.usd_per_hour)} {self.currency} per accelerator-hour; {shares}>"


def with_accelerator_prices(instance: Instance, usd_per_hour: Mapping[str, float]) -> Instance:
    """Return the instance with one price of an accelerator-hour in all data centres of each given region.

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
    need_instance(instance)
    need_mapping(usd_per_hour, "a mapping of prices of an hour by region", '{"west": 0.5}')
    for region, price in usd_per_hour.items():
        need_number(price, f"price of {region}")
    centres = instance.data_centres
    _check_regions(instance, usd_per_hour)
    prices = centres["region"].map(lambda region: usd_per_hour.get(region, math.nan)).astype(float)
    column = prices.where(prices.notna(), centres["accelerator_usd_per_hour"])
    pools = instance.accelerator_pools
    named = pools["data_centre"].isin(centres["data_centre"][prices.notna()])
    return instance.replace(
        data_centres=centres.assign(accelerator_usd_per_hour=column),
        accelerator_pools=pools.assign(accelerator_usd_per_hour=pools["accelerator_usd_per_hour"].mask(named)),
    )


def break_even_accelerator_price(
    instance: Instance,
    regions: str | Iterable[str],
    highest: float = 5.0,
    tolerance: float = 5e-3,
    solver: AnySolver | str | None = None,
    *,
    time_limit_seconds: float = math.inf,
) -> AcceleratorBreakEven:
    """Return the price of an accelerator-hour in some regions above which exporting to them does not pay.

    The prices of the other regions stay as they are: 0 where their accelerators are paid for. Demand that is served at
    a price of 0 is served at every price, even above its value, so that the break-even is where serving at home becomes
    cheaper and not where serving stops.

    Parameters
    ----------
    instance : Instance
    regions : str or iterable of str
        Regions of data centres that exports go to; all of their accelerators take one price.
    highest : float
        USD an hour, above any break-even: exports that remain at this price are unavoidable.
    tolerance : float
        USD an hour; the break-even is found to this. One solve for each halving of ``highest`` down to it.
    solver : Solver or ColumnGeneration, optional
        As for ``placer.solve``.
    time_limit_seconds : float
        As in ``placer.running``.

    Raises
    ------
    InstanceError
        If no data centre lies in a region, accelerators are sunk (so that no price of theirs counts), or ``highest``
        and ``tolerance`` are not positive.
    NoSolutionError
        If a placement is not proven, or leaves demand unserved that is served at a price of 0.

    Examples
    --------
    Metro and Port (east) are paid for. An hour at Plateau (west) saves power, 0.15 - 0.025 USD at the most:

    >>> import placer
    >>> home_paid = with_accelerator_prices(placer.load("tiny"), {"east": 0.0})
    >>> found = break_even_accelerator_price(home_paid, "west", highest=4.0)
    >>> round(found.usd_per_hour, 2), round(found.unavoidable_share, 4)
    (0.12, 0.0417)
    """
    need_instance(instance)
    solver = solver_of(solver)
    need_names(regions, "regions", '"west" or ["west", "north"]')
    need_number(highest, "highest")
    need_number(tolerance, "tolerance")
    names = [regions] if isinstance(regions, str) else list(regions)
    _check(instance, names, highest, tolerance)
    with running(time_limit_seconds=time_limit_seconds):
        return _break_even(instance, names, highest, tolerance, solver)


@on_another_program()
def _break_even(
    instance: Instance, names: list[str], highest: float, tolerance: float, solver: AnySolver | None
) -> AcceleratorBreakEven:
    """Return the answer of ``break_even_accelerator_price``."""
    at_no_price = place_instance(with_accelerator_prices(instance, dict.fromkeys(names, 0.0)), solver)
    tried = {0.0: at_no_price}

    def export_share(price: float) -> float:
        if price not in tried:
            tried[price] = _serving_the_same(at_no_price, dict.fromkeys(names, price), highest, solver)
        return tried[price].exported_mtok / at_no_price.demand_mtok

    least = export_share(highest)
    low, high = 0.0, highest
    if export_share(0.0) <= least + PROOF:
        high = 0.0
    while high - low > tolerance:
        middle = (low + high) / 2
        if export_share(middle) <= least + PROOF:
            high = middle
        else:
            low = middle
    rows = [(price, export_share(price), tried[price].cost_usd_per_mtok) for price in sorted(tried)]
    table = pd.DataFrame(rows, columns=["usd_per_hour", "export_share", "cost_usd_per_mtok"])
    return AcceleratorBreakEven(
        usd_per_hour=high,
        unavoidable_share=least,
        prices=table.set_index("usd_per_hour"),
        unserved_share=at_no_price.unserved_share,
        currency=instance.settings.currency,
    )


def _serving_the_same(
    placement: Placement, usd_per_hour: Mapping[str, float], highest: float, solver: AnySolver | None
) -> Placement:
    """Return the least-cost placement, at other prices of accelerators, of the demand that a placement serves.

    The penalty of unserved demand rises by the cost, at the highest price, of the dearest accelerator-hours of a Mtok.
    That suffices where serving a Mtok takes no more hours than its own. Where it displaces others, it is multiplied.
    A placement that serves nothing is its own answer. Shares of a limit stay those of all demand, so that the
    placement at a price of 0 stays one at the others.
    """
    if not placement.served_mtok > 0:
        return placement
    asked = placement.formulation.structure.demand_amount
    mtok = asked - placement.accounts.unserved
    served = np.where(mtok > SOLVER * asked, mtok, 0.0)
    structure, count = placement.formulation.structure, len(placement.formulation.workloads)
    hours = structure.over_modes(placement.formulation.accelerator_hours.max(axis=1, initial=0.0))
    dearest = (structure.unserved_cost + highest * hours)[:count]
    priced = with_accelerator_prices(placement.instance, usd_per_hour)
    for factor in PENALTY_FACTORS:
        instance = priced.replace(workloads=priced.workloads.assign(unserved_usd_per_mtok=factor * dearest))
        formulation = formulate(instance)
        asking = replace(formulation, structure=replace(formulation.structure, demand_amount=served))
        found = place(instance, asking, solver, tie_break="round_trip")
        if found.unserved_share <= PROOF:
            return found
    problem = (
        f"{percent(found.unserved_share, 2)} of the demand served at a price of 0 is unserved at others, at any penalty"
    )
    raise NoSolutionError(Reason.FAILED, problem)


def _check(instance: Instance, names: list[str], highest: float, tolerance: float) -> None:
    call = "break_even_accelerator_price"
    violations = [
        Violation(call, "", name, quantity(number), "a number, > 0, finite")
        for name, number in (("highest", highest), ("tolerance", tolerance))
        if not 0 < number < math.inf
    ]
    if instance.settings.accelerators == "sunk":
        problem = "accelerators are sunk, so that no price of theirs counts"
        violations.append(Violation("settings", "", "accelerators", problem, "by_use"))
    if not names:
        violations.append(Violation(call, "", "regions", "none is named", "at least one"))
    refuse(violations)
    _check_regions(instance, dict.fromkeys(names, 0.0))


def _check_regions(instance: Instance, usd_per_hour: Mapping[str, float]) -> None:
    known = sorted({region for region in instance.data_centres["region"] if region is not None})
    violations = [
        Violation("regions", str(name), "", "no data centre lies there", ", ".join(known) or "none has a region")
        for name in usd_per_hour
        if name not in known
    ]
    violations += [
        Violation("regions", str(name), "accelerator_usd_per_hour", quantity(price), "a number, >= 0, finite")
        for name, price in usd_per_hour.items()
        if not 0 <= price < math.inf
    ]
    refuse(violations)
