"""Accounts of regions at the marginal prices of a placement: payments, earnings and the net cost of each region."""

from __future__ import annotations

import math
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from placer.accounting import tables
from placer.accounting.gains import Gains, gains_of
from placer.accounting.groups import Groups, groups_of
from placer.accounting.headroom import Headroom, headroom_of, stranding_in_words
from placer.accounting.payments import Payments, payments_of
from placer.accounting.stability import NOT_STATED, Stability, secure_stability_of, stability_of
from placer.currency import amount_in
from placer.errors import InstanceError, PlacerError, Violation
from placer.instance.arguments import need_instance_placement, need_workers
from placer.io.results import BoughtDemand, Result
from placer.placement.accounts import arc_usd
from placer.placement.elastic import ElasticPlacement
from placer.placement.result import Placement
from placer.running import check_time_limit, running
from placer.security.placement import SecurePlacement
from placer.tolerances import PROOF
from placer.utils import notebook
from placer.utils.arrays import FloatArray, sums_by
from placer.utils.readable import readable

#: The columns of ``regions`` that a representation shows.
SHOWN = ["spent_usd", "made_usd", "balance_usd", "net_cost_usd"]


@dataclass(frozen=True, eq=False, repr=False)
class Accounts(Result):
    """The accounts of a placement by region, in USD over the horizon.

    Attributes
    ----------
    placement : Placement
    groups : Groups
        The region of every hub and data centre, and of the owners of accelerators.
    workers : int
        Number of processes that solve ``gains``.
    time_limit_seconds : float
        Of ``gains``.
    executor : Executor, optional
        Solves ``gains`` in place of processes.
    """

    placement: Placement
    groups: Groups
    workers: int = 1
    time_limit_seconds: float = math.inf
    executor: Executor | None = None

    @property
    def currency(self) -> str:
        """The currency of all amounts."""
        return self.placement.currency

    @property
    def bought_demand(self) -> BoughtDemand | None:
        """As of the placement."""
        return self.placement.bought_demand

    @property
    def remarks(self) -> tuple[str, ...]:
        """Remarks on rows counted as ``other`` and on stranded work in a secure placement; one sentence each."""
        said = stranding_in_words(self.placement) if isinstance(self.placement, SecurePlacement) else ""
        return (*self.groups.remarks, said) if said else self.groups.remarks

    @cached_property
    def regions(self) -> pd.DataFrame:
        """One row for every region, the ``network`` (links) and the ``authority`` (caps and limits).

        Columns, USD over the horizon: ``spent_usd`` (payments of its users, price times Mtok) and ``lost_usd`` (the
        penalty of their unserved tokens); ``made_usd`` (its earnings) and its parts ``accelerators_usd``,
        ``operations_usd``, ``energy_usd``, ``carbon_usd``, ``transit_usd``, ``water_usd``, ``accelerator_rent_usd``,
        ``power_rent_usd``, ``link_rent_usd``, ``limits_rent_usd``, ``policy_revenue_usd`` (charges of policies that it
        is paid); ``exports_usd``, ``imports_usd`` and their difference ``balance_usd``.

        ``made_mtok``, ``used_mtok`` and ``mwh`` (drawn); ``value_usd_per_mtok``, ``usd_per_mwh`` and ``uplift``: the
        earnings of its data centres per Mtok made, per MWh drawn, and as a multiple of their cost of energy.

        ``net_cost_usd``: spent and lost, less the rents of its own limits and the charges that it is paid, and with
        contracts of power ``contracts_usd``, what they cost in any case. The column adds up to cost and penalty.

        With batteries also ``storage_rent_usd``, what they earn: those at a data centre for its region, those of power
        zones for the ``authority``.

        Of a secure placement also ``security_usd`` (the part of ``spent_usd`` that pays for headroom) and, as a part of
        ``made_usd``, ``security_rent_usd`` (earnings of its headroom over all contingencies). If work strands, its
        users pay the price less ``stranded_usd``, the penalty of their stranded work over all contingencies. No party
        receives this penalty, and it is no part of the net cost.
        """
        formulation, settled = self.placement.formulation, self.placement.accounts
        return tables.region_table(formulation, settled, self.groups, self._payments, self._parts, self.trade)

    @cached_property
    def prices(self) -> pd.DataFrame:
        """``placement.prices`` as users pay them: less the penalty of stranded work, which no party receives.

        Times ``served_mtok`` they add up to ``spent_usd`` of ``regions``. Only those of a secure placement that strands
        work differ, in ``usd_per_mtok`` and ``security_usd_per_mtok``.
        """
        return tables.price_table(self.placement, self._payments)

    @cached_property
    def trade(self) -> pd.DataFrame:
        """Payments of users, USD: rows ``made_in`` (regions, network, authority), columns ``used_in`` (regions).

        Rows add up to ``made_usd``, columns to ``spent_usd``.
        """
        formulation, settled = self.placement.formulation, self.placement.accounts
        return tables.trade_table(formulation, settled, self._payments, self.groups, self._headroom)

    @cached_property
    def tokens(self) -> pd.DataFrame:
        """Mtok by the region that makes them (rows ``made_in``) and the region that uses them (columns ``used_in``)."""
        return tables.token_table(self.placement.formulation, self.placement.accounts, self.groups)

    @cached_property
    def workloads(self) -> pd.DataFrame:
        """Tokens made by region and workload: one row for every ``made_in`` and ``workload`` with any.

        Columns: ``made_mtok``; ``made_share``, the share of the tokens made in the region; ``made_usd``, the earnings
        of its data centres by them without headroom, and ``value_usd_per_mtok``, the same per Mtok.
        """
        placement = self.placement
        return tables.workload_table(placement.formulation, placement.accounts, self.groups, self._payments)

    @cached_property
    def contracts(self) -> pd.DataFrame:
        """Payments under contracts of power: one row for every ``contract``.

        Columns: ``paid_by``, the region of its data centre, and ``paid_to``, its power zone; ``payments_usd``,
        ``sales_usd`` (what is left over, sold) and their difference ``cost_usd``; ``rent_usd`` and ``profit_usd`` as in
        ``Placement.contracts``. Of ``cost_usd`` the part that is paid in any case is ``contracts_usd`` of ``regions``;
        the rest, the price of sale of what is used, is in ``energy_usd``.
        """
        placement = self.placement
        return tables.contract_payments(placement.contracts, placement.formulation, self.groups)

    @cached_property
    def chain(self) -> pd.DataFrame:
        """Parts of a USD paid for tokens: one row for every party and for ``all``, one column for every part.

        Rows add up to 1; a row is NaN if the party receives nothing.
        """
        return tables.chain_table(self._parts)

    @cached_property
    def stability(self) -> Stability:
        """The proof that no region and no group of regions does better alone; its text is a sentence for a page.

        With charges of policies that a region is paid there is no such proof, and its text says so.
        """
        if self.placement.instance.tables["policies"]["paid_to"].notna().any():
            return NOT_STATED
        net = self.regions["net_cost_usd"].to_numpy(float)
        own = net[: len(self.groups.names)] - tables.contract_costs(self.placement.formulation, self.groups)
        if isinstance(self.placement, SecurePlacement):
            stranded = self.regions[tables.STRANDED].to_numpy(float)[: len(own)]
            return secure_stability_of(self.placement, self.groups, own + stranded)
        return stability_of(self.placement.formulation, self.placement.answer.prices, self.groups, own, self.currency)

    @cached_property
    def gains(self) -> Gains:
        """The gains from trade, at marginal prices and by Shapley; solves the program of every group of regions.

        Raises
        ------
        InstanceError
            If a workload has neither ``value_usd_per_mtok`` nor ``unserved_usd_per_mtok``.
        NoSolutionError
            If an answer was not proven, or not in time.
        BatchError
            If the executor broke, its cluster is gone, or the process of a program died on every try.
        PlacerError
            If the placement is secure, or its demand has steps of value.
        """
        if isinstance(self.placement, ElasticPlacement):
            hint = "placer.trade(placement).gains has them"
            raise PlacerError(f"a region alone would buy other amounts of demand with steps of value; {hint}")
        if self._headroom is not None:
            hint = "placer.accounts(placement.without) has those without security"
            raise PlacerError(f"the gains from trade of a secure placement would leave its contingencies out; {hint}")
        with running(time_limit_seconds=self.time_limit_seconds):
            return gains_of(self.placement, self.groups, self.regions, self.workers, self.executor)

    @property
    def cost_usd(self) -> float:
        """The sum of the net costs: cost, and the penalty of unserved tokens."""
        return self.placement.cost_and_penalty_usd

    @cached_property
    def _payments(self) -> Payments:
        placement = self.placement
        return payments_of(placement.formulation, placement.accounts, placement.rents, self._headroom)

    @cached_property
    def _headroom(self) -> Headroom | None:
        """Payments for headroom of a secure placement; None without security."""
        return headroom_of(self.placement, self.groups) if isinstance(self.placement, SecurePlacement) else None

    @cached_property
    def _parts(self) -> pd.DataFrame:
        placement = self.placement
        return tables.part_table(
            placement.formulation, placement.accounts, self._payments, self.groups, self._headroom, self._of_batteries
        )

    @property
    def _of_batteries(self) -> FloatArray | None:
        """What the batteries at the data centres of every region earn (regions,), USD; None without batteries."""
        structure, rents = self.placement.formulation.structure, self.placement.rents
        if (stores := structure.stores) is None:
            return None
        earned = rents.store_power * stores.power + rents.store_energy * stores.energy
        at_sites = stores.at_sites(earned, structure.sites).sum(axis=1)
        return sums_by(self.groups.site, at_sites, len(self.groups.names))

    def summary(self) -> dict[str, Any]:
        """Return the headline figures as plain values."""
        own = {"by": self.groups.by, "regions": len(self.groups.names), "cost_usd": self.cost_usd}
        return own | self._bought_figures()

    @property
    def table(self) -> pd.DataFrame:
        """The main table: ``regions``."""
        return self.regions

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """``regions``, ``trade``, ``tokens``, ``workloads``, ``chain``, ``contracts``, ``gains`` and ``alone``.

        ``contracts`` is there if the instance has any, and the last two if ``gains`` was requested before.
        """
        tables = {name: getattr(self, name) for name in ("regions", "trade", "tokens", "workloads", "chain")}
        if len(self.placement.formulation.contracts.names):
            tables |= {"contracts": self.contracts}
        if "gains" in vars(self):
            tables |= {"gains": self.gains.table, "alone": self.gains.alone_usd.rename_axis("group").to_frame()}
        return tables

    def __repr__(self) -> str:
        """Return the least cost, and what every party earns and pays, as text."""
        return f"{self.headline}\n{readable(self.regions[SHOWN], self.currency).to_string()}"

    def _repr_html_(self) -> str:
        """Return the same as HTML, for notebooks."""
        return notebook.sentence(self.headline) + notebook.rows(self.regions[SHOWN], self.currency)

    @property
    def headline(self) -> str:
        """The number of regions and the least cost in one line."""
        cost = amount_in(self.cost_usd, self.currency)
        return self._with_bought(f"Accounts: {len(self.groups.names)} regions by {self.groups.by}, {cost}")


def accounts(
    placement: Placement,
    by: str = "region",
    *,
    owners: str | None = None,
    workers: int = 1,
    executor: Executor | None = None,
    time_limit_seconds: float = math.inf,
) -> Accounts:
    """Return the accounts of a placement by region: payments of users, earnings of sites, and net costs.

    Parameters
    ----------
    placement : Placement
        Of an instance; it may be secure.
    by : str
        ``region``, ``jurisdiction``, ``power_zone`` (data centres only) or any column of ``hubs`` or ``data_centres``.
    owners : str, optional
        Column of ``data_centres`` with the region of the owner of the accelerators, which receives their cost and rent;
        by default ``owner`` if there is such a column. Without an owner, the region of the data centre receives both.
    workers : int
        Number of processes that solve the costs of groups of regions, for ``gains``; its answer is the same for any
        number. With several, a script needs ``if __name__ == "__main__":`` around its calls.
    executor : concurrent.futures.Executor, optional
        Runs the tasks in place of processes of this machine, such as ``client.get_executor(pure=False)`` of a Dask
        client; ``workers`` is the number of its workers.
    time_limit_seconds : float
        As in ``placer.running``, for ``gains``, which alone takes long.

    Raises
    ------
    ArgumentError
        If ``placement`` is not the placement of an instance.
    SolverError
        If the number of workers is not a whole number from 1 to 1,000, or the limit not a positive number.
    InstanceError
        If there is no such column, an owner is no region, or batteries act where no work draws power in a block of
        hours.

    Examples
    --------
    >>> import placer
    >>> accounts = placer.accounts(placer.solve(placer.load("tiny")))
    >>> accounts.regions[["spent_usd", "made_usd", "balance_usd", "net_cost_usd"]].round(2)
               spent_usd  made_usd  balance_usd  net_cost_usd
    region
    east           303.3     124.7       -177.6        300.87
    west            44.4     222.0        177.6         29.90
    network          0.0       1.0          0.0          0.00
    authority        0.0       0.0          0.0          0.00
    """
    if not isinstance(placement, SecurePlacement):
        need_instance_placement(placement, "accounts")
    _need_paid_storage(placement)
    need_workers(workers, executor)
    check_time_limit(time_limit_seconds)
    return Accounts(placement, groups_of(placement.instance, by, owners), workers, time_limit_seconds, executor)


def _need_paid_storage(placement: Placement) -> None:
    """Raise an error if batteries act where no work draws power in a block of hours, so that no work pays for them."""
    structure, parts = placement.formulation.structure, placement.cost_parts_usd
    if structure.stores is None:
        return
    paid = float(sum(arc_usd(structure, placement.accounts, part).sum() for part in _OF_POWER))
    if abs(paid - sum(parts[part] for part in _OF_POWER)) > PROOF * sum(map(abs, parts.values())):
        problem = "some act where no work draws power in a block of hours, so that no work pays for them"
        raise InstanceError([Violation("batteries", "", "", problem, "batteries beside work, or none, for accounts")])


#: The costs that batteries change.
_OF_POWER = ("energy", "carbon", "storage")
