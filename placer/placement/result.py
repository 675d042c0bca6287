"""The answer: a placement, its summary figures and its files."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from placer.io import table_files
from placer.model.answer import whole_solution
from placer.model.counts import net_exported_mtok
from placer.placement.accounts import COST_PARTS, NEGLIGIBLE, cap_use
from placer.placement.placement_tables import TABLE_NAMES, PlacementTables
from placer.placement.prices import settlement, unserved_of
from placer.placement.unserved import in_words
from placer.solvers.memory import whole_program
from placer.utils import notebook

if TYPE_CHECKING:
    import datetime as dt
    import os
    from pathlib import Path

    from placer.least_cost.tie_break import TieBreak
    from placer.model.program import LinearProgram, LPSolution
    from placer.termination import Termination

#: Tokens in a Mtok.
TOKENS_PER_MTOK = 1_000_000


@dataclass(frozen=True, eq=False, repr=False)
class Placement(PlacementTables):
    """Where every workload runs, hour by hour, what it costs and why. ``certificate`` says whether it is proven.

    Tables are pandas DataFrames made when first asked for; ``instance``, ``formulation``, ``answer`` and
    ``certificate`` are what they are made from.

    Attributes
    ----------
    tie_break : TieBreak or None
        How it was chosen among the placements of least cost; None if it is the one that the solver found.
    """

    tie_break: TieBreak | None = None

    @property
    def termination(self) -> Termination:
        """Why the solver stopped."""
        return self.answer.termination

    @property
    def gap(self) -> float:
        """Relative gap between cost and proven lower bound."""
        return self.certificate.gap

    @cached_property
    def program(self) -> LinearProgram:
        """The whole linear program, for analyses that work on it; no figure or table of a placement needs it."""
        return whole_program(self.formulation.structure)

    @cached_property
    def solution(self) -> LPSolution:
        """The answer as a solution of ``program``, for analyses over the whole linear program."""
        return whole_solution(self.formulation.structure, self.program, self.answer)

    @cached_property
    def cost_parts_usd(self) -> dict[str, float]:
        """Cost by part: accelerators, operations, energy, carbon, transit, water. They add up to ``cost_usd``."""
        return {part: float(self.accounts.arc_cost[part].sum()) for part in COST_PARTS}

    @property
    def cost_usd(self) -> float:
        """Cost of serving what is served, without the penalty."""
        return sum(self.cost_parts_usd.values())

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
        """Penalty for what is not served."""
        structure = self.formulation.structure
        return float((self.accounts.unserved * structure.unserved_cost[structure.demand_class]).sum())

    @property
    def cost_and_penalty_usd(self) -> float:
        """Cost and penalty together: what the placement makes least, and what unequal answers are compared by."""
        return self.cost_usd + self.penalty_usd

    @property
    def cost_and_penalty_usd_per_mtok(self) -> float:
        """The same per Mtok of demand; NaN without demand."""
        return self.cost_and_penalty_usd / self.demand_mtok if self.demand_mtok > 0 else float("nan")

    @property
    def cost_usd_per_mtok(self) -> float:
        """Cost per Mtok served; NaN if nothing is."""
        return self.cost_usd / self.served_mtok if self.served_mtok > 0 else float("nan")

    @property
    def cost_usd_per_token(self) -> float:
        """Cost per token served."""
        return self.cost_usd_per_mtok / TOKENS_PER_MTOK

    @cached_property
    def price_usd_per_mtok(self) -> float:
        """Mean price of what is served at prices below the penalty, by tokens; NaN if nothing is."""
        return self._mean_and_median[0]

    @cached_property
    def median_price_usd_per_mtok(self) -> float:
        """Median of the same."""
        return self._mean_and_median[1]

    @property
    def demand_mtok(self) -> float:
        """What is asked for, over all hours."""
        return self.formulation.structure.total_demand

    @property
    def served_mtok(self) -> float:
        """What is served."""
        return float(self.accounts.sent.sum())

    @property
    def unserved_mtok(self) -> float:
        """What is not: ``not_worth_serving_mtok`` and ``cannot_be_served_mtok`` together."""
        return float(unserved_of(self.formulation.structure, self.accounts).sum())

    @property
    def unserved_share(self) -> float:
        """Unserved share of all demand; 0 without demand."""
        return self.unserved_mtok / self.demand_mtok if self.demand_mtok > 0 else 0.0

    @property
    def not_worth_serving_mtok(self) -> float:
        """What is unserved since the cheapest admissible way to serve it, with nothing scarce, costs its penalty."""
        return float(self.workloads["not_worth_serving_mtok"].sum())

    @property
    def cannot_be_served_mtok(self) -> float:
        """What is unserved for want of an admissible data centre or of capacity; see ``unserved_reasons``."""
        return float(self.workloads["cannot_be_served_mtok"].sum())

    @property
    def exported_mtok(self) -> float:
        """What is served in a region that counts as export from its hub."""
        return float(self.workloads["exported_mtok"].sum())

    @property
    def export_share(self) -> float:
        """Exported share of all demand. Where the optimum is not unique, that of this optimum."""
        return self.exported_mtok / self.demand_mtok

    @property
    def net_export_share(self) -> float:
        """The same less the demand that is sent in exchange; see ``placer.model.counts.net_exported_mtok``."""
        return net_exported_mtok(self.instance, self.formulation, self.answer.point) / self.demand_mtok

    @property
    def energy_mwh(self) -> float:
        """Energy drawn at the meters."""
        return float(self.accounts.drawn.sum())

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
            "penalty_usd": self.penalty_usd,
            "price_usd_per_mtok": self.price_usd_per_mtok,
            "median_price_usd_per_mtok": self.median_price_usd_per_mtok,
            "demand_mtok": self.demand_mtok,
            "served_mtok": self.served_mtok,
            "unserved_mtok": self.unserved_mtok,
            "not_worth_serving_mtok": self.not_worth_serving_mtok,
            "cannot_be_served_mtok": self.cannot_be_served_mtok,
            "exported_mtok": self.exported_mtok,
            "export_share": self.export_share,
            "net_export_share": self.net_export_share,
            "energy_mwh": self.energy_mwh,
            "carbon_kg": self.carbon_kg,
            "water_litres": self.water_litres,
        }

    def save_tables(self, folder: str | os.PathLike[str]) -> list[Path]:
        """Write every table as CSV into a folder, which is made if it is not there, and return the files.

        Names that a spreadsheet would take for a formula get an apostrophe in front; see ``placer.io.table_files``.
        """
        return table_files.write_csv_tables(self._tables(), folder)

    def save_parquet(self, folder: str | os.PathLike[str]) -> list[Path]:
        """Write every table as Parquet into a folder, as ``save_tables`` does; needs ``token-placer[parquet]``."""
        return table_files.write_parquet_tables(self._tables(), folder)

    def save_excel(self, file: str | os.PathLike[str]) -> Path:
        """Write the summary and every table as sheets of one Excel file; needs ``token-placer[excel]``.

        Raises
        ------
        PlacerError
            If openpyxl is not installed, or a table is longer than a sheet.
        """
        summary = pd.Series(self.summary(), name="value", dtype=object).rename_axis("figure").to_frame()
        return table_files.write_excel({"summary": summary} | self._tables(), file)

    def report(
        self,
        path: str | os.PathLike[str],
        *,
        title: str = "Placement",
        ceiling: Any = None,
        dataset: Any = None,
        date: dt.date | None = None,
    ) -> Path:
        """Write one self-contained HTML file that opens offline and prints, and return its path.

        Parameters
        ----------
        path : str or path
            The file; its folder must be there. A file that is there is replaced.
        title : str
        ceiling : ExportCeiling, optional
            Of the same instance; what the report needs of it and is not there yet is solved for, which may take longer
            than the placement did.
        dataset : Dataset, optional
            Where the instance comes from (``placer.datasets.describe``), for its description and sources.
        date : date, optional
            Written in the foot; today's if not given.

        Raises
        ------
        PlacerError
            If no file can be written there.
        """
        # The only imports up: sugar, as tables have ``plot``; a test names them.
        from placer.report.content.origin import origin_of  # noqa: PLC0415
        from placer.report.content.page import Subject  # noqa: PLC0415
        from placer.report.write import write_report  # noqa: PLC0415

        return write_report(path, [Subject(title, self, ceiling, dataset)], origin_of("Placement.report", date))

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {name: getattr(self, name) for name in TABLE_NAMES}

    def __repr__(self) -> str:
        """Return the headline figures as text."""
        return "\n".join(f"{label:<16}{value}" for label, value in _headlines(self))

    def _repr_html_(self) -> str:
        """Return the headline figures and the data centres as HTML, for notebooks."""
        shown = self.data_centres[["mtok", "utilisation", "mwh", "cost_usd"]].sort_values("mtok", ascending=False)
        return notebook.figures(_headlines(self)) + notebook.rows(shown)


def _headlines(placement: Placement) -> list[tuple[str, str]]:
    parts = ", ".join(
        f"{part} {value / placement.cost_usd:.1%}" for part, value in placement.cost_parts_usd.items() if value
    )
    unserved, certificate = placement.unserved_share, placement.certificate
    gap = f"{max(certificate.gap, 0.0):.1e}"
    chosen = placement.tie_break
    unchosen = [] if chosen is None or chosen.proven else [("Ties", f"as the solver broke them ({chosen.detail})")]
    headlines = [
        ("Placement", f"{placement.termination.reason}, gap {gap}, {certificate.verdict}"),
        *unchosen,
        ("Cost", f"{placement.cost_usd:,.2f} USD" + (f" ({parts})" if parts else "")),
        ("Cost per Mtok", f"{placement.cost_usd_per_mtok:.6g} USD ({placement.cost_usd_per_token:.3e} a token)"),
        ("Price per Mtok", _price(placement)),
        ("Served", f"{_mtok(placement.served_mtok)} of {_mtok(placement.demand_mtok)} Mtok, {unserved:.2%} unserved"),
        ("Exported", f"{placement.export_share:.2%} of demand"),
        ("Energy", f"{placement.energy_mwh:,.6g} MWh, {placement.carbon_kg / 1000:,.6g} t carbon"),
    ]
    if unserved > NEGLIGIBLE:
        headlines.insert(5, ("Unserved", _unserved(placement)))
    return headlines


def _mtok(amount: float) -> str:
    """Return an amount with six significant digits, whole from a million on."""
    return f"{amount:,.0f}" if abs(amount) >= 1e6 else f"{amount:,.6g}"


def _price(placement: Placement) -> str:
    """Return the mean and the median price of served demand."""
    mean, median = placement.price_usd_per_mtok, placement.median_price_usd_per_mtok
    if math.isnan(mean):
        return "nothing is served below the penalty"
    return f"{mean:.6g} USD mean, {median:.6g} USD median of served demand"


def _unserved(placement: Placement) -> str:
    """Return how much cannot be served and how much is not worth it, and the first reason."""
    first = placement.unserved_reasons.index[0]
    kinds = {
        "cannot be served": placement.cannot_be_served_mtok,
        "not worth serving": placement.not_worth_serving_mtok,
    }
    said = ", ".join(f"{mtok:,.6g} Mtok {kind}" for kind, mtok in kinds.items() if mtok > 0)
    return f"{said}; first reason: {in_words(*first)}"
