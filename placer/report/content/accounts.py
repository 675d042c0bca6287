"""Who pays and who earns, as the page shows it: by a placement with a sentence on stability, and by a plan."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from placer.accounting.result import accounts
from placer.accounting.tables import PARTS, POLICY_REVENUE, RENT_PARTS
from placer.errors import InstanceError, Violation
from placer.placement.result import Placement
from placer.planning.answer.accounts import NOT_BOUGHT, PlanAccounts
from placer.report.html.markup import labelled, shortened
from placer.tolerances import PROOF
from placer.utils.numbers import money_unit

if TYPE_CHECKING:
    from placer.planning.answer.result import Plan


@dataclass(frozen=True, eq=False)
class AccountsContent:
    """The accounts of a placement by region.

    Attributes
    ----------
    regions : DataFrame
        Rows as ``placer.Accounts.regions``, without parties that are paid nothing and spend nothing.
    parts : DataFrame
        What each of them is paid, in ``unit``, by part.
    unit : str
        Of ``parts`` and ``spent``, as ``million USD``.
    spent : Series
        What their users spend, in ``unit``.
    trade : DataFrame
        What the users of regions (columns) pay each of them (rows), USD.
    """

    regions: pd.DataFrame
    parts: pd.DataFrame
    unit: str
    spent: pd.Series
    trade: pd.DataFrame
    stability: str
    remarks: tuple[str, ...]


def has_accounts(placement: Placement) -> bool:
    """Return whether a page shows accounts by region: of two regions or more, without own rows and batteries."""
    regions = {
        name for table in ("hubs", "data_centres") for name in placement.instance.tables[table]["region"].dropna()
    }
    return len(regions) >= 2 and getattr(placement, "extended", None) is None and placement.instance.batteries.empty


def accounts_content(placement: Placement) -> AccountsContent | None:
    """Return the accounts by region; None without (``has_accounts``)."""
    if not has_accounts(placement):
        return None
    read = accounts(placement)
    table = read.regions
    shown = table[(table["made_usd"] != 0) | (table["spent_usd"] != 0) | (table["lost_usd"] != 0)]
    size, unit = _unit_of(shown, read.currency)
    parts = shown[[f"{part}_usd" for part in PARTS]].set_axis(list(PARTS), axis=1) / size
    trade = read.trade.loc[shown.index]
    return AccountsContent(
        regions=labelled(shown),
        parts=labelled(parts),
        unit=unit,
        spent=labelled(shown[["spent_usd"]])["spent_usd"] / size,
        trade=labelled(labelled(trade).T).T,
        stability=str(read.stability),
        remarks=read.remarks,
    )


def _unit_of(regions: pd.DataFrame, currency: str) -> tuple[float, str]:
    """Return the size and the name of the unit in which the payments of all regions read well."""
    return money_unit(float(regions[["made_usd", "spent_usd"]].abs().max().max()), currency)


@dataclass(frozen=True, eq=False)
class PlanAccountsContent:
    """The accounts of a plan by party, a year; parties that neither pay nor earn are left out.

    Attributes
    ----------
    by : str
        The column of the parties.
    regions : DataFrame
        Rows as ``PlanAccounts.regions``.
    unit : str
        Of the following four, as ``million USD a year``.
    earned : DataFrame
        Earnings of each party, in ``unit``, by part.
    spent : Series
        Payments of its users, in ``unit``.
    net : DataFrame
        The net cost of each party, in ``unit``, by part; rents count below 0.
    net_cost : Series
        The sum of these parts.
    builds : DataFrame
        Rows as ``PlanAccounts.builds``, those that are built, the dearest first.
    trade : DataFrame
        Payments of the users of regions (columns) to each party (rows), USD.
    """

    by: str
    regions: pd.DataFrame
    unit: str
    earned: pd.DataFrame
    spent: pd.Series
    net: pd.DataFrame
    net_cost: pd.Series
    builds: pd.DataFrame
    trade: pd.DataFrame


def plan_accounts_content(accounts: PlanAccounts, plan: Plan) -> PlanAccountsContent:
    """Extract the content of a report from the accounts of a plan.

    Raises
    ------
    InstanceError
        If the accounts are not of the plan.
    """
    _need_own(accounts, plan)
    table = accounts.regions
    own = ["made_usd", "spent_usd", "lost_usd", "build_cost_usd", "build_limits_usd", NOT_BOUGHT]
    table = table[(table[table.columns.intersection(own)] != 0).any(axis=1)]
    net = {
        "spent": table["spent_usd"],
        "lost": table["lost_usd"],
        "build_cost": table["build_cost_usd"],
        "build_limits": table["build_limits_usd"],
        "rents": -table[[f"{part}_usd" for part in RENT_PARTS]].sum(axis=1),
        POLICY_REVENUE: -table[f"{POLICY_REVENUE}_usd"],
    }
    if NOT_BOUGHT in table:
        net["not_bought"] = table[NOT_BOUGHT]
    size, unit = _unit_of(table, accounts.currency)
    builds = accounts.builds[accounts.builds["units"] > 0].sort_values("cost_usd", ascending=False, kind="stable")
    trade = accounts.trade.loc[table.index]
    return PlanAccountsContent(
        by=shortened(accounts.groups.by),
        regions=labelled(table),
        unit=f"{unit} a year",
        earned=labelled(table[[f"{part}_usd" for part in PARTS]].set_axis(list(PARTS), axis=1)) / size,
        spent=labelled(table[["spent_usd"]])["spent_usd"] / size,
        net=labelled(pd.DataFrame(net)) / size,
        net_cost=labelled(table[["net_cost_usd"]])["net_cost_usd"] / size,
        builds=labelled(builds.assign(paid_by=[shortened(str(party)) for party in builds["paid_by"]])),
        trade=labelled(labelled(trade).T).T,
    )


def _need_own(accounts: PlanAccounts, plan: Plan) -> None:
    """Refuse accounts whose candidates or cost are not those of a plan."""
    same = accounts.builds.index.equals(plan.builds.index)
    counted = accounts.cost_usd_per_year + accounts.transfers_usd_per_year - accounts.contracts_usd_per_year
    if same and math.isclose(counted, plan.cost_usd_per_year, rel_tol=PROOF):
        return
    raise InstanceError([Violation("report", "", "plan_accounts", "they are of another plan", "plan.accounts(...)")])
