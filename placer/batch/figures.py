"""Analyses of a demand set: from an instance to a few figures by name.

Column generation starts every placement from the prices of the base instance, never of a neighbouring set, so that
figures depend neither on the order of the sets nor on their workers. An optimal placement may be one of many; the
figures kept are those that all optima share, except the export shares, which belong to the placement found.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from placer.accounting.result import accounts
from placer.batch.columns import hub_price_name, limit_names, region_names
from placer.batch.secure_figures import PLAIN, PREFIXED, named, price_of_security, secure_ceiling_figures
from placer.ceiling.directions import largest_cut
from placer.ceiling.economics import economic_range
from placer.ceiling.limits import LIMITS, shapley
from placer.ceiling.maximum import most_export
from placer.column_generation.solver import ColumnGeneration
from placer.column_generation.warm_start import KnownPrices, best_start, record_prices
from placer.errors import InstanceError, Violation, refuse
from placer.instance.checks.battery_checks import batteries_refused
from placer.instance.cut import cut_of
from placer.instance.problem import Instance
from placer.ladder.proven import AnySolver, default_solver
from placer.model.counts import Count, Weight, export_weights, may_leave, net, share_of, total_weight
from placer.model.formulation import Formulation, formulate_to_solve
from placer.placement.accounts import COST_PARTS
from placer.placement.result import Placement
from placer.solve import place
from placer.utils.arrays import FloatArray

if TYPE_CHECKING:
    from placer.ceiling.programs import Extent
    from placer.security.definition import Kind

Row = dict[str, float | str]

#: Quantiles of the prices, weighted by demand.
PRICE_QUANTILES = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class SetAnswers:
    """An analysed instance; each answer is solved for once, on first access.

    Attributes
    ----------
    known : tuple of KnownPrices
        Prices of other placements, as warm starts.
    time_limit_seconds : float
        For each answer.
    """

    instance: Instance
    known: tuple[KnownPrices, ...]
    time_limit_seconds: float

    @property
    def formulation(self) -> Formulation:
        """The instance in the terms of the mathematics: of demand with steps of value, what is bought."""
        return self.placement.formulation if self.has_steps else self._offered

    @cached_property
    def placement(self) -> Placement:
        """The cheapest placement."""
        if self.begins_without:
            return place(self.instance, self._offered, default_solver(self._offered.structure, self.time_limit_seconds))
        return place(self.instance, self._offered, self._solver(), best_start(self._offered.structure, self.known))

    @cached_property
    def _offered(self) -> Formulation:
        return formulate_to_solve(self.instance)

    @property
    def has_steps(self) -> bool:
        """Whether the demand has steps of value."""
        return self._offered.structure.steps is not None

    @property
    def begins_without(self) -> bool:
        """Whether column generation begins without known prices: with steps of value, and with batteries."""
        return self.has_steps or self._offered.structure.stores is not None

    @cached_property
    def token_ceiling(self) -> SetCeiling:
        """The ceiling by tokens."""
        return self.ceiling("tokens")

    def ceiling(self, weight: Weight) -> SetCeiling:
        """Return the ceiling by a weight, over the cut of the instance or otherwise the cut of the largest ceiling.

        Raises
        ------
        InstanceError
            If there are batteries.
        """
        refuse(batteries_refused(self.instance.batteries, "a ceiling"))
        instance, formulation = self.instance, self.formulation
        weights = export_weights(instance, formulation.distance, weight)
        cut, limit = cut_of(instance), self.time_limit_seconds
        if cut is None:
            cut, extent = largest_cut(instance, formulation, weights, time_limit_seconds=limit)
            count = net(instance, weights, cut)
        else:
            count = net(instance, weights, cut)
            extent = most_export(formulation, count, time_limit_seconds=limit)
        return SetCeiling(count, extent, total_weight(formulation, weights.asked))

    @property
    def demand_mtok(self) -> float:
        """All demand."""
        return self.formulation.structure.total_demand

    def _solver(self) -> AnySolver:
        """Return column generation if there are prices to start from, otherwise the default of ``placer.solve``."""
        if self.known:
            return ColumnGeneration(time_limit_seconds=self.time_limit_seconds)
        return default_solver(self.formulation.structure, self.time_limit_seconds)


@dataclass(frozen=True)
class SetCeiling:
    """The weights of exports, the maximum export, and the weight of all demand."""

    count: Count
    extent: Extent
    total: float


def figures_of(
    instance: Instance, analyses: Iterable[str], known: tuple[KnownPrices, ...], time_limit_seconds: float
) -> Row:
    """Return the figures of some analyses of an instance.

    Raises
    ------
    NoSolutionError
        As ``placer.solve``.
    """
    subject, row = SetAnswers(instance, known, time_limit_seconds), Row()
    for name in analyses:
        row |= ANALYSES[name](subject)
    return row


def base_prices(instance: Instance, analyses: Iterable[str], time_limit_seconds: float) -> tuple[KnownPrices, ...]:
    """Return the prices of an instance's placement, if any analysis needs a placement.

    Raises
    ------
    NoSolutionError
        As ``placer.solve``.
    """
    if PLACED.keys().isdisjoint(analyses):
        return ()
    subject = SetAnswers(instance, (), time_limit_seconds)
    if subject.begins_without:
        return ()
    return (record_prices(subject.formulation.structure, subject.placement.answer.prices),)


def check_analyses(analyses: Sequence[str]) -> tuple[str, ...]:
    """Return the names, or refuse all unknown names in one error."""
    unknown = [name for name in analyses if name not in ANALYSES]
    if unknown or not analyses:
        problems = [f"{name!r} is unknown" for name in unknown] or ["none is named"]
        raise InstanceError([Violation("batch", "", "analyses", each, ", ".join(ANALYSES)) for each in problems])
    return tuple(dict.fromkeys(analyses))


def _cost(subject: SetAnswers) -> Row:
    placement = subject.placement
    demand = placement.demand_mtok
    return {
        "cost_usd": placement.cost_usd,
        "cost_usd_per_mtok": placement.cost_usd_per_mtok,
        **{f"{part}_usd": placement.cost_parts_usd[part] for part in COST_PARTS},
        **{f"{part}_usd": usd for part, usd in placement.contracts_part.items()},
        "transfers_usd": placement.transfers_usd,
        "penalty_usd": placement.penalty_usd,
        "demand_mtok": demand,
        **(placement.bought_demand.figures if placement.bought_demand else {}),
        "unserved_share": placement.unserved_mtok / demand if demand else 0.0,
        "export_share": placement.export_share,
        "energy_share_of_cost": placement.energy_share_of_cost,
        "energy_share_of_operating_cost": placement.energy_share_of_operating_cost,
        "energy_mwh": placement.energy_mwh,
        "carbon_kg": placement.carbon_kg,
        **_price_quantiles(placement.rents.price, placement.priced_mtok),
        "gap": placement.gap,
        "solver": placement.termination.detail,
    }


def _hub_prices(subject: SetAnswers) -> Row:
    """Return the mean price at every hub over demand that is served at prices below the penalty."""
    hubs, mean = subject.formulation.hubs, subject.placement.hubs["price_usd_per_mtok"]
    return {hub_price_name(hub): value for hub, value in zip(hubs, mean.tolist(), strict=True)}


def _own_limits(subject: SetAnswers) -> Row:
    """Return use and rent of every limit of one's own, in the units of ``placement.limits``."""
    row: Row = {}
    figures = subject.placement.limits[["use", "rent_usd_per_unit"]]
    for (limit, hours), *values in figures.itertuples(name=None):
        row |= dict(zip(limit_names(limit, hours), values, strict=True))
    return row


def _accounts(subject: SetAnswers) -> Row:
    """Return the balance of trade and the uplift of every region."""
    read = accounts(subject.placement)
    row: Row = {}
    for region, *values in read.regions.loc[list(read.groups.names), ["balance_usd", "uplift"]].itertuples(name=None):
        row |= dict(zip(region_names(region), values, strict=True))
    return row


def _price_of_security(subject: SetAnswers, kind: Kind = PLAIN) -> Row:
    return {**price_of_security(subject.placement, kind, subject.time_limit_seconds)}


def _unserved(subject: SetAnswers) -> Row:
    """Return the demand that is unserved for its cost, for lack of a data centre, or for lack of capacity."""
    placement = subject.placement
    kinds = {"not_worth_serving": placement.not_worth_serving_mtok, "cannot_be_served": placement.cannot_be_served_mtok}
    return {f"{name}_share": mtok / placement.demand_mtok for name, mtok in kinds.items()}


def _economic(subject: SetAnswers, name: str, weight: Weight) -> Row:
    """Return the lowest and highest export share of cost-optimal placements; NaN where they are not proven."""
    found = economic_range(subject.placement, weight=weight)
    if found.detail and subject.known:  # its duals are near the warm start, and may leave many columns tied
        found = economic_range(replace(subject, known=()).placement, weight=weight)
    low, high = (math.nan, math.nan) if found.detail else found
    return {f"{name}_share_low": low, f"{name}_share_high": high}


def _secure_ceiling(subject: SetAnswers, kind: Kind = PLAIN) -> Row:
    return {**secure_ceiling_figures(subject.instance, kind, subject.time_limit_seconds)}


def _ceiling(subject: SetAnswers, name: str, weight: Weight) -> Row:
    """Return the shares of a ceiling: exportable, allowed by distance and law alone, unserved, and the gap."""
    ceiling = subject.token_ceiling if weight == "tokens" else subject.ceiling(weight)
    return {
        f"{name}_share": share_of(ceiling.extent.exported, ceiling.total),
        f"{name}_latency_share": share_of(may_leave(subject.formulation, ceiling.count), ceiling.total),
        f"{name}_unserved_share": ceiling.extent.unserved_mtok / subject.demand_mtok,
        f"{name}_gap": ceiling.extent.gap,
    }


def _limits(subject: SetAnswers) -> Row:
    """Return the share of tokens that each limit takes (Shapley); the time limit holds for each of its ceilings."""
    ceiling, limit = subject.token_ceiling, subject.time_limit_seconds
    solver = None if math.isinf(limit) else default_solver(subject.formulation.structure, limit)
    split = shapley(subject.formulation, ceiling.count, ceiling.total, solver, ceiling.extent)["share"]
    return {f"{name}_takes_share": float(split[name]) for name in LIMITS}


def _price_quantiles(price: FloatArray, amount: FloatArray) -> Row:
    """Return quantiles of a price, weighted by amounts; NaN if there are none."""
    order = np.argsort(price, kind="stable")
    reached = np.cumsum(amount[order])
    places = np.minimum(np.searchsorted(reached, reached[-1] * np.array(PRICE_QUANTILES)), len(order) - 1)
    found = price[order][places] if reached[-1] > 0 else np.full(len(places), np.nan)
    names = [f"price_p{round(100 * quantile):02d}_usd_per_mtok" for quantile in PRICE_QUANTILES]
    return dict(zip(names, found.tolist(), strict=True))


#: Analyses by name, as ``solve_many`` takes them; first those of a placement.
PLACED: dict[str, Callable[[SetAnswers], Row]] = {
    "cost": _cost,
    "hub_prices": _hub_prices,
    "own_limits": _own_limits,
    "accounts": _accounts,
    "price_of_security": _price_of_security,
    "unserved": _unserved,
    "economic": partial(_economic, name="economic", weight="tokens"),
    "work_economic": partial(_economic, name="work_economic", weight="work"),
    **{named(kind, "price_of_security"): partial(_price_of_security, kind=kind) for kind in PREFIXED},
}
ANALYSES: dict[str, Callable[[SetAnswers], Row]] = PLACED | {
    "ceiling": partial(_ceiling, name="ceiling", weight="tokens"),
    "work_ceiling": partial(_ceiling, name="work_ceiling", weight="work"),
    "secure_ceiling": _secure_ceiling,
    "limits": _limits,
    **{named(kind, "secure_ceiling"): partial(_secure_ceiling, kind=kind) for kind in PREFIXED},
}
