"""A proven answer with its accounts, rents and reasons, and the tables made from them when first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from placer.instance.problem import Instance
from placer.model.answer import Answer
from placer.model.formulation import Formulation
from placer.placement import resource_tables, tables
from placer.placement.accounts import SettledFlows, settle
from placer.placement.contracts import contract_hour_table, contract_table
from placer.placement.modes import mode_table
from placer.placement.pools import pool_table
from placer.placement.price_summary import demand_axis, mean_and_median, summarise_prices
from placer.placement.prices import at_penalty, price_table, served_of
from placer.placement.queues import cut_short_table, queue_table, remaining_work
from placer.placement.rents import Rents, read_rents
from placer.placement.storage import battery_table
from placer.placement.tables import limit_table
from placer.placement.unserved import VALUE, reasons_of, unserved_reasons
from placer.proof.certificate import Certificate
from placer.utils.arrays import BoolArray, FloatArray, IntArray

#: The tables of a placement, by the names of their attributes.
TABLE_NAMES = (
    *("flows", "waiting", "queues", "workloads", "hubs", "hours", "data_centres", "data_centre_hours"),
    *("supplies", "power_zones", "links", "limits", "prices", "scarcities", "unserved_reasons"),
)


@dataclass(frozen=True, eq=False, repr=False)
class PlacementTables:
    """The tables of a placement: pandas DataFrames with units in their column names.

    Attributes
    ----------
    instance : Instance
        The solved instance.
    formulation : Formulation
        The instance as arrays.
    answer : Answer
        Flows and duals.
    certificate : Certificate
        The proof, in figures.
    """

    instance: Instance
    formulation: Formulation
    answer: Answer
    certificate: Certificate

    @cached_property
    def accounts(self) -> SettledFlows:
        """The quantities all tables are made from."""
        return settle(self.formulation, self.answer.point)

    @cached_property
    def rents(self) -> Rents:
        """The duals, by limit."""
        return read_rents(self.formulation, self.answer.prices)

    @cached_property
    def _reasons(self) -> tuple[IntArray, IntArray]:
        """Why each demand is unserved, and by which way it would be served; see ``reasons_of``."""
        return reasons_of(self.formulation, self.accounts, self.rents)

    @cached_property
    def asked_for(self) -> BoolArray:
        """Whether each demand is asked for within the horizon; a backlog is not (demands,)."""
        own = self.instance.workloads["backlog_of"].isna().to_numpy(bool)
        return own[self.formulation.structure.demand_class]

    @cached_property
    def flows(self) -> pd.DataFrame:
        """What runs where: one row per ``workload``, ``hub``, ``data_centre`` and ``hour`` of arrival.

        Columns: ``mtok``; ``rtt_ms`` (access and links), ``latency_ms`` (of a task); ``exported``;
        ``accelerators_usd``, ``operations_usd``, ``energy_usd``, ``carbon_usd``, ``storage_usd``, ``transit_usd``,
        ``water_usd``, ``latency_loss_usd`` (value that latency loses), ``surcharges_usd`` and their sum ``cost_usd``;
        ``policy_usd``, the charges of policies that a region is paid, which are no cost.

        With several routes (``Settings.routes``) there is one row per ``route`` too, and the column ``path``; see
        ``placer.placement.tables``.
        """
        return tables.whole_flows(self.instance, self.formulation, self.accounts)

    @cached_property
    def modes(self) -> pd.DataFrame:
        """Who runs how: one row per ``workload``, ``mode``, ``hub`` and ``data_centre``; see ``mode_table``."""
        return mode_table(self.formulation, self.accounts)

    @cached_property
    def pools(self) -> pd.DataFrame:
        """One row per pool of accelerators, by ``data_centre`` and ``accelerator_type``, and ``hour``.

        Its use, price and rent; see ``placer.placement.pools``.
        """
        return pool_table(self.instance, self.formulation, self.accounts, self.rents)

    @cached_property
    def waiting(self) -> pd.DataFrame:
        """Work that may wait: one row per ``workload``, ``data_centre``, ``arrival_hour`` and ``service_hour``.

        Column: ``mtok``.
        """
        return tables.waiting_table(self.formulation, self.accounts)

    @cached_property
    def queues(self) -> pd.DataFrame:
        """Work that waits: one row per ``workload``, ``data_centre``, ``hour`` and ``hours_left``.

        Column ``mtok``: what has arrived by the end of the hour and is served later. It may still wait ``hours_left``
        when the next hour begins; 0 is served in that hour.
        """
        return queue_table(self.instance, self.formulation, self.accounts)

    @cached_property
    def cut_short(self) -> pd.DataFrame:
        """One row per ``workload`` that may wait past the end of the horizon, by which all of it is served.

        Columns: ``mtok``, the served part of such demand; ``share`` of all served demand of the workload;
        ``last_hour_mtok``, the part of it that is served in the last hour. Empty where the horizon is cyclic.
        """
        return cut_short_table(self.instance, self.formulation, self.accounts)

    def remaining(self, hour: object) -> pd.DataFrame:
        """Return the work that waits when an hour begins: arrived before it, and served in it or later.

        It is what ``instance.with_backlog`` of the hours from there on takes, with columns ``workload``,
        ``data_centre``, ``hours_left`` and ``mtok``. Work that is due first counts as served first, so that the
        rest has the most time left; ``queues`` and ``waiting`` show the order that the solver found, with the same
        amounts.

        Parameters
        ----------
        hour : int, timestamp or text
            An hour of the horizon, as ``Instance.between`` reads it.

        Raises
        ------
        InstanceError
            If the hour is not in the horizon, or the horizon is cyclic, or has blocks or weights.

        Examples
        --------
        >>> import placer
        >>> placement = placer.solve(placer.load("tiny"))
        >>> bool((placement.remaining(1)["hours_left"] == 0).all())
        True
        """
        return remaining_work(self.instance, self.formulation, self.accounts, hour)

    @cached_property
    def workloads(self) -> pd.DataFrame:
        """One row per ``workload``: demand, served and exported amounts, costs and payments.

        Columns: ``demand_mtok``, ``served_mtok``, ``unserved_mtok``, ``exported_mtok``, ``export_share`` (of demand),
        ``rtt_ms`` (mean over served demand); the cost parts ``accelerators_usd``, ``operations_usd``, ``energy_usd``,
        ``carbon_usd``, ``storage_usd``, ``transit_usd``, ``water_usd``, ``latency_loss_usd`` (value that latency
        loses), ``surcharges_usd``, their sum ``cost_usd`` and ``cost_usd_per_mtok`` (of served demand);
        ``not_worth_serving_mtok`` and ``cannot_be_served_mtok``, which add up to unserved demand;
        ``price_usd_per_mtok`` and ``median_price_usd_per_mtok``, mean and median over demand served at prices below the
        penalty; ``at_penalty_mtok``, demand served at the penalty. A mean over no demand is NaN.
        """
        return self._along(demand_axis(self.formulation, "workload"))

    @cached_property
    def hubs(self) -> pd.DataFrame:
        """One row per ``hub``; columns as in ``workloads``."""
        return self._along(demand_axis(self.formulation, "hub"))

    @cached_property
    def hours(self) -> pd.DataFrame:
        """One row per ``hour`` of arrival; columns as in ``workloads``."""
        return self._along(demand_axis(self.formulation, "hour"))

    @cached_property
    def data_centres(self) -> pd.DataFrame:
        """One row per ``data_centre``, over the whole horizon.

        Columns: ``mtok``, ``accelerator_hours``, ``utilisation`` (mean; NaN without a limit), ``peak_utilisation``,
        ``mwh``, ``carbon_kg``, ``water_litres``; the cost parts and ``cost_usd`` as in ``workloads``; the shadow prices
        ``accelerator_rent_usd`` and ``power_rent_usd``: what one accelerator and one MW more of ``power_limit_mw``
        would save over the horizon.
        """
        return resource_tables.data_centre_table(self.formulation, self.accounts, self.rents)

    @cached_property
    def data_centre_hours(self) -> pd.DataFrame:
        """One row per ``data_centre`` and ``hour`` of service.

        Columns: ``mtok``, ``accelerator_hours``, ``utilisation`` (NaN without a limit), ``mwh``, ``carbon_kg``,
        ``water_litres``; the shadow prices ``accelerator_rent_usd_per_hour``, ``power_usd_per_mwh`` (marginal cost of a
        MWh at the meter, limits of supplies and site included) and ``power_rent_usd_per_mwh`` (of the site's limit).
        """
        return resource_tables.data_centre_hour_table(self.formulation, self.accounts, self.rents)

    @cached_property
    def supplies(self) -> pd.DataFrame:
        """One row per ``supply`` (position in ``instance.supplies``), ``power_zone``, ``data_centre`` and ``hour``.

        Columns: ``mwh`` bought, ``spilt_mwh`` (left over at a price of 0 or less), ``limit_mwh``, ``usd_per_mwh``
        (energy and carbon; of a contract its price of sale), ``rent_usd_per_mwh`` of the limit, and of it
        ``inframarginal_rent_usd_per_mwh`` (what the supply saves over the marginal one, which sets the price) and
        ``power_rent_usd_per_mwh`` (scarcity). See ``placer.placement.rents``.
        """
        return resource_tables.supply_table(self.instance, self.formulation, self.accounts, self.rents)

    @cached_property
    def batteries(self) -> pd.DataFrame:
        """One row per ``battery`` and ``hour``: what it did, and what that earned; empty without batteries.

        Columns: ``charged_mwh``, ``discharged_mwh``, ``content_mwh`` at the end of the hour, ``lost_mwh``,
        ``burnt_mwh``, ``usd_per_mwh``, ``stored_usd_per_mwh``, ``earned_usd``, ``power_rent_usd_per_mwh`` and
        ``energy_rent_usd_per_mwh``; see ``placer.placement.storage.battery_table``.
        """
        return battery_table(self.formulation, self.answer.point, self.rents, self.answer.prices.stored)

    @cached_property
    def power_zones(self) -> pd.DataFrame:
        """One row per ``power_zone`` and ``hour``.

        Columns: ``mwh`` bought over all supplies of the zone, ``limit_mwh``, ``rent_usd_per_mwh`` of its ``limit_mw``.
        """
        return resource_tables.zone_table(self.instance, self.formulation, self.accounts, self.rents)

    @cached_property
    def contracts(self) -> pd.DataFrame:
        """One row per ``contract`` of power: MWh and USD paid, used, left and sold; see ``contract_table``."""
        return contract_table(self.formulation, self.accounts, self.rents)

    @cached_property
    def contract_hours(self) -> pd.DataFrame:
        """One row per ``contract`` and ``hour``; see ``contract_hour_table``."""
        return contract_hour_table(self.formulation, self.accounts, self.rents)

    @cached_property
    def links(self) -> pd.DataFrame:
        """One row per ``link`` (position in ``instance.links``), ``from``, ``to`` and ``hour``.

        Columns: ``gb``, ``limit_gb``, ``utilisation`` (NaN without a limit), ``rent_usd_per_gb``.
        """
        return resource_tables.link_table(self.instance, self.formulation, self.accounts, self.rents)

    @cached_property
    def limits(self) -> pd.DataFrame:
        """One row per limit of one's own, and per hour of a limit on ``each``: index ``limit`` and ``hours``.

        Columns: ``kind``, ``sense``; ``use`` and ``amount`` (of a share, shares); ``unit`` of the rent,
        ``rent_usd_per_unit`` (what the least cost falls by per unit by which the limit is relaxed) and ``rent_usd``
        (rent times limit, as in the settlement: below 0 for at least an amount).
        """
        return limit_table(self.formulation, self.answer.point, self.accounts, self.rents)

    @cached_property
    def prices(self) -> pd.DataFrame:
        """The marginal price of every demand: one row per ``workload``, ``hub`` and ``hour``.

        Columns: ``usd_per_mtok``; its parts ``accelerators_usd_per_mtok``, ``operations_usd_per_mtok``,
        ``energy_usd_per_mtok``, ``carbon_usd_per_mtok``, ``storage_usd_per_mtok``, ``transit_usd_per_mtok``,
        ``water_usd_per_mtok``, ``latency_loss_usd_per_mtok``, ``surcharges_usd_per_mtok``, ``policy_usd_per_mtok``,
        ``accelerator_rent_usd_per_mtok``, ``power_rent_usd_per_mtok``, ``link_rent_usd_per_mtok``,
        ``carbon_cap_rent_usd_per_mtok``, ``water_cap_rent_usd_per_mtok``, ``limits_rent_usd_per_mtok`` and, where no
        demand is served, ``unserved_usd_per_mtok``; ``latency_rent_usd_per_mtok``; ``served_mtok``, ``unserved_mtok``;
        ``at_penalty``, whether the price is what leaving the demand unserved costs. See ``placer.placement.prices``;
        ``price_summary`` has means and medians.
        """
        return price_table(self.formulation, self.accounts, self.rents)

    @cached_property
    def scarcities(self) -> pd.DataFrame:
        """One row per limit that is scarce in any hour, the dearest first: index ``limit`` and ``name``.

        Columns: ``hours`` in which it is scarce; ``rent_usd``, its shadow price times the limit, over the horizon.
        """
        return resource_tables.scarcity_table(self.instance, self.formulation, self.rents)

    @cached_property
    def unserved_reasons(self) -> pd.DataFrame:
        """Why demand is unserved, the largest first: index ``reason`` and ``name``; see ``placer.placement.unserved``.

        Column: ``unserved_mtok``. ``placer.explain`` finds the changes that cure it.
        """
        return unserved_reasons(self.instance, self.formulation, self.accounts, self.rents, *self._reasons)

    def price_summary(self, by: Literal["workload", "hub", "hour"] | None = None) -> pd.DataFrame:
        """Return means and medians of the prices of served demand; unserved demand has columns of its own.

        Parameters
        ----------
        by : str, optional
            ``workload``, ``hub`` or ``hour``; all demand in one row if not given.

        Returns
        -------
        DataFrame
            Columns: ``served_mtok``, ``at_penalty_mtok`` (of it, priced at the penalty), ``unserved_mtok``;
            ``mean_usd_per_mtok`` and ``median_usd_per_mtok`` of demand served below the penalty, by tokens, with the
            mean of every part of the price and of the latency rent; ``payments_usd`` and ``latency_rent_usd`` of the
            same, of demand served at the penalty (``at_penalty_payments_usd``, ``at_penalty_latency_rent_usd``) and of
            unserved demand (``unserved_payments_usd``, ``unserved_latency_rent_usd``).

        Examples
        --------
        >>> import placer
        >>> tiny = placer.solve(placer.load("tiny"))
        >>> tiny.price_summary("workload")[["served_mtok", "mean_usd_per_mtok", "median_usd_per_mtok"]].round(3)
                  served_mtok  mean_usd_per_mtok  median_usd_per_mtok
        workload
        voice           120.0              1.131                 1.12
        chat             70.0              2.229                 2.23
        batch            50.0              1.120                 1.12
        """
        return summarise_prices(self.prices, self.priced_mtok, *demand_axis(self.formulation, by))

    @cached_property
    def priced_mtok(self) -> FloatArray:
        """The Mtok of every demand (demands,) that means of prices are of: served, at a price below the penalty."""
        structure = self.formulation.structure
        dear = at_penalty(structure, self.accounts, self.rents.price)
        return np.where(dear, 0.0, served_of(structure, self.accounts))

    @cached_property
    def _mean_and_median(self) -> tuple[float, float]:
        """The mean and the median price of priced demand, without the backlog."""
        price, priced = self.rents.price, np.where(self.asked_for, self.priced_mtok, 0.0)
        mean, median = mean_and_median(price, priced, np.zeros(len(price), dtype=int), 1)
        return float(mean[0]), float(median[0])

    def _along(self, along: tuple[IntArray, pd.Index]) -> pd.DataFrame:
        not_worth = self._reasons[0] == VALUE
        price, priced = self.rents.price, self.priced_mtok
        return tables.demand_summary(self.formulation, self.accounts, price, priced, not_worth, along)
