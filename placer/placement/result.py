"""The answer: a placement, its summary figures and its files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from placer.io.results import Result
from placer.model.answer import whole_solution
from placer.model.program import LinearProgram, LPSolution
from placer.placement.accounts import ROWS
from placer.placement.figures import PlacementFigures
from placer.placement.groups import By, groups_of, period_axis, period_table
from placer.placement.headlines import headline_figures
from placer.placement.placement_tables import TABLE_NAMES
from placer.placement.prices import price_pieces
from placer.placement.statistics_table import statistics_table
from placer.placement.tables import flow_pieces
from placer.solvers.memory import whole_program
from placer.utils import notebook


@dataclass(frozen=True, eq=False, repr=False)
class Placement(PlacementFigures, Result):
    """Where every workload runs in each hour, with costs and prices; ``certificate`` says whether it is proven optimal.

    Tables are pandas DataFrames made when first asked for; ``instance``, ``formulation``, ``answer`` and
    ``certificate`` are what they are made from.

    Attributes
    ----------
    tie_break : TieBreak or None
        How it was chosen among the placements of least cost; None if it is the one that the solver found.
    """

    @cached_property
    def program(self) -> LinearProgram:
        """The whole linear program, for analyses that work on it; no figure or table of a placement needs it."""
        return whole_program(self.formulation.structure)

    @cached_property
    def solution(self) -> LPSolution:
        """The answer as a solution of ``program``, for analyses over the whole linear program."""
        return whole_solution(self.formulation.structure, self.program, self.answer)

    def by_period(self, by: By) -> pd.DataFrame:
        """Return the figures of every month, week, day or block, which add up to those of the whole horizon.

        Amounts count times the weight of their hours. Demand, costs and prices stand in the period in which tokens are
        asked for, energy, carbon, water and spilt power in the period in which they are drawn.

        Parameters
        ----------
        by : str
            ``month``, ``week`` or ``day`` of hours that are timestamps, in their time zone; or ``block``.

        Returns
        -------
        DataFrame
            One row per period, labelled as in ``2026-01``, ``2026-W02``, ``2026-01-05`` or with the name of the block.
            Columns: ``hours`` (times their weight); those of ``workloads``, the backlog that the horizon begins with
            included; ``energy_mwh``, ``spilt_mwh``, ``carbon_kg``, ``water_litres``.

        Raises
        ------
        ArgumentError
            If ``by`` is unknown, or the hours are whole numbers, which have no month, week or day.

        Examples
        --------
        >>> import placer
        >>> tiny = placer.solve(placer.load("tiny"))
        >>> tiny.by_period("block")[["hours", "served_mtok", "cost_usd", "energy_mwh"]].round(2)
               hours  served_mtok  cost_usd  energy_mwh
        block
        all      2.0        240.0    330.77        0.39
        """
        period, labels = period_axis(self.instance, by)
        summary = self._along((period[self.formulation.structure.demand_period], labels))
        return period_table(self.formulation, self.accounts, summary, period)

    def statistics(self, by: str | Iterable[str]) -> pd.DataFrame:
        """Return the figures by any groups, such as region and workload; they add up to those of the placement.

        Everything stands in the hour in which tokens are asked for. Energy, carbon and water of work that waits do too,
        while ``by_period`` has them in the hour of service. The work of a data centre with several power zones is split
        by the power that each delivers.

        Parameters
        ----------
        by : str or iterable of str
            ``workload``, ``hub``, ``hub_region``; ``data_centre``, and its ``region``, ``jurisdiction`` and
            ``power_zone``; ``hour``, ``day``, ``week``, ``month``, ``block``.

        Returns
        -------
        DataFrame
            One row for each combination that has any demand. Unserved demand is at no data centre and has the label
            ``not served`` there, what has no region ``none``, work without power ``no power``. Columns:
            ``demand_mtok``, ``served_mtok``, ``unserved_mtok``, ``exported_mtok``, ``export_share`` (of demand),
            ``rtt_ms`` (mean over served demand); ``energy_mwh``, ``carbon_kg``, ``water_litres``; the cost parts,
            ``cost_usd`` and ``cost_usd_per_mtok`` as in ``workloads``; ``price_usd_per_mtok``, mean over demand served
            at prices below the penalty. A mean over no demand is NaN.

        Raises
        ------
        ArgumentError
            If a group is unknown or given twice; or if the hours are whole numbers, which have no month, week or day.

        Examples
        --------
        >>> import placer
        >>> tiny = placer.solve(placer.load("tiny"))
        >>> tiny.statistics(["region", "workload"])[["served_mtok", "energy_mwh", "cost_usd"]].round(2)
                         served_mtok  energy_mwh  cost_usd
        region workload
        east   voice           100.0        0.13    111.31
               batch            10.0        0.01     10.96
        west   voice            20.0        0.02     20.75
               chat             70.0        0.18    145.85
               batch            40.0        0.05     41.90
        """
        groups = groups_of(self.instance, self.formulation, by)
        paid = np.where(self.priced_mtok > 0, self.rents.price, np.nan)
        return statistics_table(self.instance, self.formulation, self.accounts, paid, groups)

    @property
    def table(self) -> pd.DataFrame:
        """The main table: ``data_centres``."""
        return self.data_centres

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table by name."""
        return {name: getattr(self, name) for name in self._table_names}

    @property
    def _table_names(self) -> tuple[str, ...]:
        service, contracts = self.formulation.service, ["contracts", "contract_hours"]
        more = [*["modes"] * service.has_modes, *["pools"] * service.has_pools]
        stores = ["batteries"] * (self.formulation.structure.stores is not None)
        return (*TABLE_NAMES, *more, *stores, *(contracts if len(self.formulation.contracts.names) else []))

    def _pieces(self) -> dict[str, Iterator[pd.DataFrame]]:
        """The tables, each made when its turn comes; flows and prices, the longest, in pieces.

        The tables of a year are thus never in memory together.
        """
        made = {name: self._whole(name) for name in self._table_names}
        accounts = self.accounts
        return made | {
            "flows": flow_pieces(self.instance, self.formulation, accounts, ROWS),
            "prices": price_pieces(self.formulation, accounts, self.rents, ROWS),
        }

    def _whole(self, name: str) -> Iterator[pd.DataFrame]:
        yield getattr(self, name)

    def __repr__(self) -> str:
        """Return the headline figures as text."""
        return "\n".join(f"{label:<16}{value}" for label, value in self._headlines())

    def _repr_html_(self) -> str:
        """Return the headline figures and the data centres as HTML, for notebooks."""
        shown = self.data_centres[["mtok", "utilisation", "mwh", "cost_usd"]].sort_values("mtok", ascending=False)
        return notebook.figures(self._headlines()) + notebook.rows(shown, self.currency)

    def _headlines(self) -> list[tuple[str, str]]:
        return headline_figures(self)
