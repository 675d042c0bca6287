"""The placement of a model: the tables of a placement, valid with own rows and columns, and tables of these."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from placer.currency import amount_in
from placer.extended.charges import Charges, Ways, find_ways, read_charges, with_charged_supply
from placer.extended.extension import BLOCK, Extended, Extension, OwnRows
from placer.extended.file_names import named
from placer.extended.period_units import over_horizon
from placer.extended.prices import charged_price_table, charged_reasons, charged_settlement, with_own_part
from placer.model.program import LinearProgram, LPSolution
from placer.placement.headlines import headline_figures
from placer.placement.price_summary import demand_axis
from placer.placement.rents import Rents, read_rents
from placer.placement.result import Placement
from placer.utils import notebook
from placer.utils.arrays import NOISE, FloatArray, IntArray
from placer.utils.numbers import gap_in_words


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class ModelPlacement(Placement):
    """The placement of a ``placer.Model``. ``certificate`` is of the extended program.

    Tables and figures are those of ``placer.Placement``, with these differences. ``cost_parts_usd`` has a part ``own``,
    the cost of own columns, which ``cost_usd`` includes; tables by workload, hub, data centre, hour or month leave it
    out. ``prices`` has a part ``own_rows_usd_per_mtok``, and no latency rent (NaN) if own rows charge a workload for
    sent or waiting work. ``settlement`` has the lines ``own_rows_rent`` and ``own_columns_rent``. ``scarcities`` lists
    own rows that bind, ``unserved_reasons`` own rows that leave demand unserved. Flows are those of the solver: no
    second objective chooses among placements of equal cost.

    Analyses of an instance (ceilings, price ranges, costs of exporting, explanations, naive rules) raise an error for
    it, since they do not support own rows. A report has a section of own rows and columns, and no naive rules.

    With integers, ``certificate`` is an ``IntegerCertificate``: the bound is that of branch and bound, and prices,
    rents and reduced costs hold with the integers fixed. ``summary``, ``repr`` and the tables say so.

    Attributes
    ----------
    extended : Extended
        The extended program and its solution.
    """

    extended: Extended

    @cached_property
    def program(self) -> LinearProgram:
        """The extended linear program, integers relaxed, with the amounts of one period (``Model.columns``)."""
        return named(self.instance, self.extended.program, self.extended.extension)

    @cached_property
    def solution(self) -> LPSolution:
        """The answer as a solution of ``program``."""
        return self.extended.solution

    @property
    def integers_fixed(self) -> bool:
        """Whether the model has integers, so that prices hold with these fixed."""
        return self.extended.extension.has_integers

    @cached_property
    def own_rows(self) -> pd.DataFrame:
        """Own rows by name: sides, activity, rents; see ``placer.extended.placement.own_row_table``."""
        rows = self.extended.extension.rows.widened(len(self.program.cost))
        return own_row_table(self.program, self.solution, rows, integers_fixed=self.integers_fixed)

    @cached_property
    def own_columns(self) -> pd.DataFrame:
        """Own columns by name: values, costs, reduced costs; see ``placer.extended.placement.own_column_table``."""
        return own_column_table(self.program, self.solution, self.extended.extension)

    @property
    def own_usd(self) -> float:
        """Cost of the own columns."""
        return float(self.own_columns["cost_usd"].sum())

    @cached_property
    def cost_parts_usd(self) -> dict[str, float]:
        """Cost by part, ``own`` for own columns. They add up to ``cost_usd``."""
        return {**super().cost_parts_usd, "own": self.own_usd}

    @cached_property
    def rents(self) -> Rents:
        """The duals by limit; the price of power includes the charges of own rows."""
        return read_rents(with_charged_supply(self.formulation, self._charges), self.answer.prices)

    @cached_property
    def prices(self) -> pd.DataFrame:
        """The marginal price of every demand, as ``Placement.prices``, with ``own_rows_usd_per_mtok`` and a label.

        ``integers_fixed`` says whether prices hold at the integers found.
        """
        parts = (self.formulation, self.accounts, self.rents, self._charges, self._ways)
        return charged_price_table(*parts).assign(integers_fixed=self.integers_fixed)

    def price_summary(self, by: Literal["workload", "hub", "hour"] | None = None) -> pd.DataFrame:
        """Return means and medians of prices, as ``Placement.price_summary``, with the part of own rows."""
        return with_own_part(
            super().price_summary(by), self.prices, self.priced_mtok, demand_axis(self.formulation, by)[0]
        )

    @cached_property
    def settlement(self) -> pd.Series:
        """Both sides of the settlement identity, in USD; see ``placer.extended.prices``."""
        columns = self.own_columns
        of_columns = -float((columns["reduced_cost_usd_per_unit"] * columns["value"]).sum())
        return charged_settlement(super().settlement, float(self.own_rows["rent_usd"].sum()), of_columns)

    @cached_property
    def scarcities(self) -> pd.DataFrame:
        """One row per scarce limit, as ``Placement.scarcities``, binding own rows included."""
        own = scarce_own_rows(self.own_rows, len(self.formulation.hours))
        limits = super().scarcities
        both = pd.concat([limits, own]) if len(limits) and len(own) else (own if len(own) else limits)
        return both.sort_values("rent_usd", ascending=False, kind="stable")

    def summary(self) -> dict[str, Any]:
        """Return the headline figures as plain values, with the kind of the bound and of the prices."""
        whole = {
            "bound": "branch and bound" if self.integers_fixed else "dual",
            "prices": "with the integers fixed" if self.integers_fixed else "of the linear program",
        }
        return super().summary() | whole

    @cached_property
    def _over_horizon(self) -> tuple[LinearProgram, LPSolution]:
        """The extended program and its solution with the amounts of the instance, each period times its weight."""
        return over_horizon(self.formulation, self.program, self.solution)

    @cached_property
    def _charges(self) -> Charges:
        """The charges of own rows on the columns of the instance."""
        program, solution = self._over_horizon
        return read_charges(self.formulation.structure, program, solution.duals)

    @cached_property
    def _ways(self) -> Ways:
        """The cost of every way to serve at the duals."""
        program, solution = self._over_horizon
        return find_ways(self.formulation, program, solution.duals, self.rents, self._charges)

    @cached_property
    def _reasons(self) -> tuple[IntArray, IntArray]:
        """The reason why each demand is unserved; see ``charged_reasons``."""
        return charged_reasons(self.formulation, self.accounts, self.rents, self._charges, self._ways)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table by name, with ``own_rows`` and ``own_columns``."""
        return super().tables | {"own_rows": self.own_rows, "own_columns": self.own_columns}

    def _pieces(self) -> dict[str, Iterator[pd.DataFrame]]:
        own = ("prices", "own_rows", "own_columns")
        return super()._pieces() | {name: self._whole(name) for name in own}

    def _repr_html_(self) -> str:
        """Return the headline figures, own rows and own columns as HTML, for notebooks."""
        return (
            notebook.figures(self._headlines())
            + notebook.rows(self.own_rows, self.currency)
            + notebook.rows(self.own_columns, self.currency)
        )

    def _headlines(self) -> list[tuple[str, str]]:
        """Return the headline figures, with lines on own rows and own columns."""
        (first, verdict), *others = headline_figures(self)
        binding = int((self.own_rows["side"] != "").sum())
        own = [("Own rows", f"{len(self.own_rows):,}, {binding:,} of them with a rent")]
        own += [("Own columns", f"{len(self.own_columns):,}, {amount_in(self.own_usd, self.currency)}")]
        if not self.integers_fixed:
            return [(first, verdict), *own, *others]
        searched = (first, f"{self.certificate.verdict}, {gap_in_words(self.certificate.gap)}")
        return [searched, *own, ("Prices, rents", "with the integers fixed"), *others]


def own_row_table(program: LinearProgram, solution: LPSolution, rows: OwnRows, *, integers_fixed: bool) -> pd.DataFrame:
    """Return one row per own row; index ``row`` (its name).

    Columns: ``lower``, ``upper``, ``activity`` (the value of the row at the placement), ``side`` (``lower`` or
    ``upper``, the binding side; empty if the row does not bind), ``rent_usd_per_unit`` (the saving per unit of
    relaxation of that side, >= 0), ``rent_usd`` (its part of the settlement: the rent times an upper side, less the
    rent times a lower side), ``integers_fixed`` (whether rents hold at the integers found).

    Parameters
    ----------
    program : LinearProgram
        Extended.
    solution : LPSolution
        Of that program.
    integers_fixed : bool
        Whether the model has integers.
    """
    part = program.row_blocks[BLOCK]
    dual = _without_rounding(program, solution, solution.duals[part], rows)
    pressed = np.where(dual > 0, rows.lower, rows.upper)
    return pd.DataFrame(
        {
            "lower": rows.lower,
            "upper": rows.upper,
            "activity": rows.matrix @ solution.point,
            "side": np.select([dual > 0, dual < 0], ["lower", "upper"], ""),
            "rent_usd_per_unit": np.abs(dual),
            "rent_usd": np.where(dual != 0, -dual * np.where(dual != 0, pressed, 0.0), 0.0),
            "integers_fixed": integers_fixed,
        },
        index=pd.Index(rows.names, name="row", dtype=object),
    )


def own_column_table(program: LinearProgram, solution: LPSolution, extension: Extension) -> pd.DataFrame:
    """Return one row per own column; index ``column`` (its name).

    Columns: ``value``; ``usd_per_unit`` and ``cost_usd`` (of the value); ``lower``, ``upper``, ``integer``;
    ``reduced_cost_usd_per_unit`` (the change of the least cost per unit by which the value is raised from its bound);
    ``integers_fixed`` (whether reduced costs hold at the integers found).
    """
    part, own = program.col_blocks[BLOCK], extension.columns
    value = solution.point[part]
    reduced = (program.cost - program.matrix.T @ solution.duals)[part]
    size = np.abs(program.cost[part]) + np.abs(program.matrix[:, [*range(part.start, part.stop)]].T) @ np.abs(
        solution.duals
    )
    return pd.DataFrame(
        {
            "value": value,
            "usd_per_unit": own.cost,
            "cost_usd": own.cost * value,
            "lower": own.lower,
            "upper": own.upper,
            "integer": own.integer,
            "reduced_cost_usd_per_unit": np.where(np.abs(reduced) <= NOISE * size, 0.0, reduced),
            "integers_fixed": extension.has_integers,
        },
        index=pd.Index(own.names, name="column", dtype=object),
    )


def scarce_own_rows(table: pd.DataFrame, hours: int) -> pd.DataFrame:
    """Return the own rows that bind as rows of ``Placement.scarcities``: ``own row`` and its name, over all hours."""
    bound = table[table["side"] != ""]
    index = pd.MultiIndex.from_arrays([["own row"] * len(bound), bound.index], names=["limit", "name"])
    return pd.DataFrame({"hours": hours, "rent_usd": bound["rent_usd"].to_numpy()}, index=index)


def _without_rounding(program: LinearProgram, solution: LPSolution, dual: FloatArray, rows: OwnRows) -> FloatArray:
    """Return duals, with 0 for those that rounding of the cost explains, or whose side is infinite."""
    cost = float(np.abs(program.cost) @ np.abs(solution.point))
    entries = np.abs(rows.matrix) @ np.abs(solution.point)
    sides = [np.where(np.isfinite(side), np.abs(side), 0.0) for side in (rows.lower, rows.upper)]
    worth = np.abs(dual) * np.maximum(entries, np.maximum(*sides))
    there = np.where(dual > 0, np.isfinite(rows.lower), np.isfinite(rows.upper))
    return np.where(there & (worth > NOISE * cost), dual, 0.0)
