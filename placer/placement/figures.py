"""The summary figures of a placement."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from placer.least_cost.tie_break import TieBreak
from placer.model.counts import net_exported_mtok
from placer.placement.accounts import CONTRACTS, COST_PARTS, POLICY, arc_usd, cap_use
from placer.placement.placement_tables import PlacementTables
from placer.placement.prices import settlement, unserved_of
from placer.placement.resource_tables import spilt_mwh
from placer.termination import Termination

#: Tokens in a Mtok.
TOKENS_PER_MTOK = 1_000_000


@dataclass(frozen=True, eq=False, repr=False)
class PlacementFigures(PlacementTables):
    """The figures of a placement over all hours, with units in their names.

    Attributes
    ----------
    tie_break : TieBreak or None
        How it was chosen among the placements of least cost; None if it is the one that the solver found.
    """

    tie_break: TieBreak | None = None

    @property
    def currency(self) -> str:
        """The currency of all amounts; names of columns say ``usd`` whatever it is."""
        return self.instance.settings.currency

    @property
    def termination(self) -> Termination:
        """Why the solver stopped."""
        return self.answer.termination

    @property
    def gap(self) -> float:
        """Relative gap between cost and proven lower bound."""
        return self.certificate.gap

    @cached_property
    def cost_parts_usd(self) -> dict[str, float]:
        """Cost by part, in the order of ``placer.placement.accounts.COST_PARTS``; they add up to ``cost_usd``.

        With contracts of power ``energy`` counts their energy at its price of sale, and a part ``contracts`` what they
        cost in any case. Tables by workload, hub, data centre, hour or month leave this part out.
        """
        structure, accounts = self.formulation.structure, self.accounts
        parts = {part: float(arc_usd(structure, accounts, part).sum()) for part in COST_PARTS}
        if structure.stores is not None:
            paid = accounts.storing_usd + float((structure.tier_cost * accounts.bought).sum())
            parts["storage"] = paid - parts["energy"] - parts["carbon"]
        return parts | self.contracts_part

    @property
    def contracts_part(self) -> dict[str, float]:
        """The part ``contracts`` of the cost, paid in any case; none without contracts."""
        fixed = self.formulation.contracts.fixed_usd
        return {CONTRACTS: float(fixed.sum())} if len(fixed) else {}

    @property
    def cost_usd(self) -> float:
        """Cost of served demand and of contracts, without the penalty and without transfers."""
        return sum(self.cost_parts_usd.values())

    @cached_property
    def transfers_usd(self) -> float:
        """Charges of policies that a region is paid: in the decision and in prices, and no cost."""
        return float(arc_usd(self.formulation.structure, self.accounts, POLICY).sum())

    @property
    def energy_share_of_cost(self) -> float:
        """Energy as a share of the full cost, accelerators included; NaN where nothing costs anything."""
        return self.cost_parts_usd["energy"] / self.cost_usd if self.cost_usd else float("nan")

    @property
    def energy_share_of_operating_cost(self) -> float:
        """Energy as a share of the cost without the accelerators; NaN where that is 0.

        Operating cost is operations, energy, carbon, transit and water: all that is still paid where the accelerators
        themselves are paid for.

        Examples
        --------
        >>> import placer
        >>> placement = placer.solve(placer.load("tiny"))
        >>> round(placement.energy_share_of_cost, 3), round(placement.energy_share_of_operating_cost, 3)
        (0.06, 0.952)
        """
        operating = self.cost_usd - self.cost_parts_usd["accelerators"]
        return self.cost_parts_usd["energy"] / operating if operating else float("nan")

    @property
    def penalty_usd(self) -> float:
        """Penalty for unserved demand."""
        structure = self.formulation.structure
        return float((self.accounts.unserved * structure.unserved_cost[structure.demand_class]).sum())

    @property
    def cost_and_penalty_usd(self) -> float:
        """Cost plus penalty, by which unequal answers compare; the objective is this and ``transfers_usd``."""
        return self.cost_usd + self.penalty_usd

    @property
    def cost_and_penalty_usd_per_mtok(self) -> float:
        """The same per Mtok of demand and backlog; NaN without demand."""
        total = self.formulation.structure.total_demand
        return self.cost_and_penalty_usd / total if total > 0 else float("nan")

    @property
    def cost_usd_per_mtok(self) -> float:
        """Cost per Mtok served, backlog included; NaN if nothing is."""
        served = float(self.accounts.sent.sum())
        return self.cost_usd / served if served > 0 else float("nan")

    @property
    def cost_usd_per_token(self) -> float:
        """Cost per token served."""
        return self.cost_usd_per_mtok / TOKENS_PER_MTOK

    @cached_property
    def price_usd_per_mtok(self) -> float:
        """Mean price of demand served at prices below the penalty, by tokens; NaN without such demand."""
        return self._mean_and_median[0]

    @cached_property
    def median_price_usd_per_mtok(self) -> float:
        """Median of the same."""
        return self._mean_and_median[1]

    @property
    def demand_mtok(self) -> float:
        """All demand over all hours, without the backlog that the horizon begins with."""
        return float(self.formulation.structure.demand_amount[self.asked_for].sum())

    @property
    def served_mtok(self) -> float:
        """Served demand."""
        return float(self.accounts.sent[self.asked_for[self.accounts.demand]].sum())

    @property
    def unserved_mtok(self) -> float:
        """Unserved demand: ``not_worth_serving_mtok + cannot_be_served_mtok``."""
        return float(unserved_of(self.formulation.structure, self.accounts)[self.asked_for].sum())

    @property
    def backlog_mtok(self) -> float:
        """Work that waits when the horizon begins (``instance.with_backlog``), and was asked for before it."""
        return float(self.formulation.structure.demand_amount[~self.asked_for].sum())

    @property
    def backlog_unserved_mtok(self) -> float:
        """Unserved part of the backlog."""
        return float(unserved_of(self.formulation.structure, self.accounts)[~self.asked_for].sum())

    @property
    def cut_short_mtok(self) -> float:
        """Served work that may wait past the last hour, by which all of it is served; see ``cut_short``."""
        return float(self.cut_short["mtok"].sum())

    @property
    def unserved_share(self) -> float:
        """Unserved share of all demand; 0 without demand."""
        return self.unserved_mtok / self.demand_mtok if self.demand_mtok > 0 else 0.0

    @property
    def not_worth_serving_mtok(self) -> float:
        """Unserved demand whose cheapest admissible data centre costs at least its penalty even without scarcity."""
        return self._of_asked_for("not_worth_serving_mtok")

    @property
    def cannot_be_served_mtok(self) -> float:
        """Unserved demand without an admissible data centre or without capacity; see ``unserved_reasons``."""
        return self._of_asked_for("cannot_be_served_mtok")

    @property
    def exported_mtok(self) -> float:
        """Demand served in a region that counts as export from its hub."""
        return float(self.workloads["exported_mtok"].sum())

    @property
    def export_share(self) -> float:
        """Exported share of all demand. Where the optimum is not unique, that of this optimum."""
        return self.exported_mtok / (self.demand_mtok or float("nan"))

    @property
    def net_export_share(self) -> float:
        """The same less the demand that is sent in exchange; see ``placer.model.counts.net_exported_mtok``."""
        net = net_exported_mtok(self.instance, self.formulation, self.answer.point)
        return net / (self.demand_mtok or float("nan"))

    @property
    def energy_mwh(self) -> float:
        """Energy drawn at the meters."""
        return float(self.accounts.drawn.sum())

    @property
    def spilt_mwh(self) -> float:
        """Energy that is offered for 0 USD or less, up to a limit, and not taken."""
        return float(spilt_mwh(self.formulation, self.accounts.bought).sum())

    @property
    def carbon_kg(self) -> float:
        """Carbon of the energy bought."""
        return cap_use(self.formulation, self.accounts)["carbon_kg"]

    @property
    def water_litres(self) -> float:
        """Water used at the data centres."""
        return cap_use(self.formulation, self.accounts)["water_litres"]

    @cached_property
    def settlement(self) -> pd.Series:
        """Both sides of the settlement identity, in USD; see ``placer.placement.prices.settlement``."""
        return settlement(self.formulation, self.accounts, self.rents, self.cost_usd, self.penalty_usd)

    def summary(self) -> dict[str, Any]:
        """Return the headline figures as plain values, in the order people read them."""
        return {
            "termination": str(self.termination.reason),
            "solver": self.termination.detail,
            "gap": self.gap,
            "proven": self.certificate.proven,
            "cost_usd": self.cost_usd,
            "cost_usd_per_mtok": self.cost_usd_per_mtok,
            "cost_usd_per_token": self.cost_usd_per_token,
            **{f"{part}_usd": value for part, value in self.cost_parts_usd.items()},
            "transfers_usd": self.transfers_usd,
            "penalty_usd": self.penalty_usd,
            "price_usd_per_mtok": self.price_usd_per_mtok,
            "median_price_usd_per_mtok": self.median_price_usd_per_mtok,
            "demand_mtok": self.demand_mtok,
            "served_mtok": self.served_mtok,
            "unserved_mtok": self.unserved_mtok,
            "not_worth_serving_mtok": self.not_worth_serving_mtok,
            "cannot_be_served_mtok": self.cannot_be_served_mtok,
            "backlog_mtok": self.backlog_mtok,
            "backlog_unserved_mtok": self.backlog_unserved_mtok,
            "cut_short_mtok": self.cut_short_mtok,
            "exported_mtok": self.exported_mtok,
            "export_share": self.export_share,
            "net_export_share": self.net_export_share,
            "energy_mwh": self.energy_mwh,
            "spilt_mwh": self.spilt_mwh,
            "carbon_kg": self.carbon_kg,
            "water_litres": self.water_litres,
        }

    def _of_asked_for(self, column: str) -> float:
        own = self.instance.workloads["backlog_of"].isna().to_numpy(bool)
        return float(self.workloads[column][own].sum())
