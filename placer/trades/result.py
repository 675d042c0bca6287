"""The trade of a placement as a result: countries, prices and flows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from placer.accounting.tables import STRANDED
from placer.io.results import Result
from placer.placement.elastic import ElasticPlacement
from placer.trades import tables
from placer.trades.regimes import gain_table
from placer.utils import notebook
from placer.utils.numbers import percent, quantity
from placer.utils.readable import readable

if TYPE_CHECKING:
    from placer.accounting.result import Accounts

#: The columns of ``countries`` that a representation shows, and of how many countries.
SHOWN = ["used_mtok", "made_mtok", "exports_mtok", "imports_mtok", "price_usd_per_mtok", "net_cost_usd"]
SHOWN_COUNTRIES = 12


@dataclass(frozen=True, eq=False, repr=False)
class Trade(Result):
    """Tokens between countries. The exporter is the country of the data centre.

    Attributes
    ----------
    accounts : Accounts
        Of the placement, by country.
    """

    accounts: Accounts

    @property
    def currency(self) -> str:
        """The currency of all amounts."""
        return self.accounts.currency

    @cached_property
    def countries(self) -> pd.DataFrame:
        """One row a country, and one each for the network and the authority, who earn the rents of links and limits.

        ``used_mtok``, ``made_mtok``, ``exports_mtok``, ``imports_mtok``, ``exports_usd``, ``imports_usd``;
        ``price_usd_per_mtok``, the mean over all that its users are served, at the penalty too; ``value_bought_usd``
        and ``consumers_surplus_usd`` (NaN for demand without steps of value); ``producers_rent_usd`` of accelerators
        and power, ``other_rent_usd``; ``policy_revenue_usd``, the tariffs and premia that it is paid; ``lost_usd``, the
        penalty of unserved demand; ``chip_usd``, what one more accelerator saves over the horizon, in the mean of its
        accelerators; ``net_cost_usd``, which adds up to cost and penalty, and ``welfare_usd``, the value bought less
        that. Of a secure placement also ``stranded_usd``, the penalty of stranded work. No party pays or receives it,
        and no other column holds it.
        """
        return tables.country_table(self.accounts)

    @cached_property
    def prices(self) -> pd.DataFrame:
        """One row a country and workload: ``mtok`` and ``price_usd_per_mtok`` of its users.

        ``marginal_cost_usd_per_mtok`` is the price without rents, those of headroom included, and without the charges
        of policies that a region is paid. ``lerner_share`` is their part of the price.
        """
        return tables.price_table(self.accounts)

    @cached_property
    def price_parts(self) -> pd.DataFrame:
        """One row a country: ``mtok``, the mean ``price_usd_per_mtok`` of its users, and the parts that it consists of.

        Parts are costs, rents and ``policy_usd_per_mtok``, as in ``Accounts.prices``.
        """
        return tables.price_part_table(self.accounts)

    @cached_property
    def flows(self) -> pd.DataFrame:
        """One row a ``made_in`` and ``used_in`` with tokens between them: ``mtok``, ``paid_usd``; the largest first.

        What is paid leaves out the tariffs and premia that users pay to their own country.
        """
        return tables.flow_table(self.accounts)

    @cached_property
    def gains(self) -> pd.DataFrame:
        """One row a country and party: what it gains by trade. Solves each other regime when it is first asked for.

        ``welfare_usd``; ``autarky_welfare_usd`` and ``gain_on_autarky_usd``, if no country could buy from another; and
        ``free_trade_welfare_usd`` and ``gain_on_free_trade_usd``, if the instance has policies. Of demand without steps
        of value the welfare is the net cost with its sign reversed. In autarky, work that no data centre of its country
        may serve is unserved at its penalty, else its value; the figures of a country are NaN if it has neither.

        Raises
        ------
        InstanceError
            If countries are not regions.
        NoSolutionError
            If a regime has no proven placement.
        PlacerError
            If the placement is secure.
        """
        return gain_table(self.accounts)

    @property
    def table(self) -> pd.DataFrame:
        """The main table: ``countries``."""
        return self.countries

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """``countries``, ``prices``, ``price_parts`` and ``flows``, and ``gains`` if it was requested before."""
        names = ("countries", "prices", "price_parts", "flows", *(["gains"] if "gains" in vars(self) else []))
        return {name: getattr(self, name) for name in names}

    def summary(self) -> dict[str, Any]:
        """Return the totals as plain values: tokens, trade, and where the value that users put on tokens goes."""
        countries, placement = self.countries, self.accounts.placement
        used = float(countries["used_mtok"].sum())
        known = isinstance(placement, ElasticPlacement)
        shares = {
            "value_bought_usd": float(countries["value_bought_usd"].sum()),
            "consumers_surplus_usd": float(countries["consumers_surplus_usd"].sum()),
            "welfare_usd": float(countries["welfare_usd"].sum()),
        }
        stranded = {STRANDED: float(countries[STRANDED].sum())} if STRANDED in countries else {}
        return {
            "countries": len(self.accounts.groups.names),
            "used_mtok": used,
            "traded_mtok": float(countries["exports_mtok"].sum()),
            "traded_share": float(countries["exports_mtok"].sum()) / (used or 1.0),
            **(shares if known else {}),
            "producers_rent_usd": float(countries["producers_rent_usd"].sum()),
            "other_rent_usd": float(countries["other_rent_usd"].sum()),
            "policy_revenue_usd": float(countries["policy_revenue_usd"].sum()),
            "cost_usd": placement.cost_usd,
            "penalty_usd": placement.penalty_usd,
            **stranded,
            "proven": placement.certificate.proven,
        }

    @property
    def headline(self) -> str:
        """The traded share and the largest seller and buyer, in one line."""
        summary, flows = self.summary(), self.flows
        between = flows[flows.index.get_level_values("made_in") != flows.index.get_level_values("used_in")]
        largest = ""
        if len(between):
            made, used = between.index[0]
            largest = f"; most from {made} to {used}, {quantity(between['mtok'].iloc[0])} Mtok"
        return (
            f"Trade: {percent(summary['traded_share'], 2)} of tokens between {summary['countries']} countries{largest}"
        )

    def __repr__(self) -> str:
        """Return the traded share and the countries that use and make the most, as text."""
        return f"{self.headline}\n{readable(self._shown(), self.currency).to_string()}"

    def _repr_html_(self) -> str:
        """Return the same as HTML, for notebooks."""
        return notebook.sentence(self.headline) + notebook.rows(self._shown(), self.currency)

    def _shown(self) -> pd.DataFrame:
        size = self.countries["used_mtok"] + self.countries["made_mtok"]
        return self.countries.loc[size.sort_values(ascending=False, kind="stable").index[:SHOWN_COUNTRIES], SHOWN]
