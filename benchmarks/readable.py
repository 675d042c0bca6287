"""Random problems as plain tables, which can be scaled, shrunk and printed as code."""

from __future__ import annotations

import pprint
from dataclasses import dataclass
from typing import Any

import numpy as np

import placer

Row = dict[str, Any]

#: Columns that are in proportion to tokens, and columns of money, by table.
_TOKENS = {
    "data_centres": ("accelerators", "power_limit_mw"),
    "power_zones": ("limit_mw",),
    "supplies": ("limit_mw",),
    "links": ("capacity_gbps",),
    "demand": ("mtok",),
    "candidates": ("max_units", "module_units", "opening_usd_per_year"),
    "build_limits": ("amount",),
}
_USD = {
    "data_centres": ("accelerator_usd_per_hour", "operations_usd_per_hour", "water_usd_per_litre"),
    "power_zones": ("usd_per_mwh",),
    "supplies": ("usd_per_mwh_adder",),
    "links": ("usd_per_gb",),
    "workloads": ("unserved_usd_per_mtok", "value_usd_per_mtok"),
    "surcharges": ("usd_per_mtok",),
    "candidates": ("usd_per_unit_year", "opening_usd_per_year"),
}
#: Tables of a plan, which are none of an instance.
_OF_PLANS = ("candidates", "build_limits")
#: Kinds of limits of one's own that are shares, and the name of a build limit in money.
_SHARES, _BUDGET = ("share", "green_share"), "budget_usd_year"


@dataclass(frozen=True)
class Draw:
    """A random problem.

    Attributes
    ----------
    tables : dict
        As ``Instance.from_tables`` takes, and ``candidates`` and ``build_limits`` of a plan.
    settings : dict
    """

    tables: dict[str, list[Row]]
    settings: dict[str, Any]

    def instance(self, **settings: Any) -> placer.Instance:
        """Return the instance, with some settings replaced."""
        given = {name: rows for name, rows in self.tables.items() if name not in _OF_PLANS}
        return placer.Instance.from_tables(given, **self.settings | settings)

    def with_tokens(self, factor: float) -> Draw:
        """Return the draw with all tokens, and all that they need, times a factor."""
        scaled = self._times(_TOKENS, factor, ("carbon_limit_kg", "water_limit_litres"))
        for row in scaled.tables["limits"]:
            row["amount"] *= 1.0 if row["kind"] in _SHARES else factor
        return scaled

    def with_money(self, factor: float) -> Draw:
        """Return the draw with all money times a factor."""
        scaled = self._times(_USD, factor, ("carbon_usd_per_kg",))
        for table, column, name in (("limits", "kind", "cost_usd"), ("build_limits", "limit", _BUDGET)):
            for row in scaled.tables[table]:
                row["amount"] *= factor if row[column] == name else 1.0
        return scaled

    def _times(self, columns: dict[str, tuple[str, ...]], factor: float, settings: tuple[str, ...]) -> Draw:
        def scaled(row: Row, names: tuple[str, ...]) -> Row:
            found = {name: np.multiply(row[name], factor).tolist() for name in names if row.get(name) is not None}
            return row | found

        tables = {name: [scaled(row, columns.get(name, ())) for row in rows] for name, rows in self.tables.items()}
        return Draw(tables, scaled(self.settings, settings))

    @property
    def size(self) -> int:
        """Number of cells and settings."""
        return sum(len(row) for rows in self.tables.values() for row in rows) + len(self.settings)

    def snippet(self, verb: str) -> str:
        """Return code that checks a verb on this draw."""
        tables = {name: rows for name, rows in self.tables.items() if rows}
        shown = [pprint.pformat(part, width=120, sort_dicts=False, compact=True) for part in (tables, self.settings)]
        return (
            "from benchmarks.readable import draw_of\nfrom benchmarks.verb_checks import VERBS\n"
            "from benchmarks.verb_checks.checks import Subject\n"
            f"tables = {shown[0]}\nsettings = {shown[1]}\nVERBS[{verb!r}](Subject(draw_of(tables, settings)))\n"
        )


def draw_of(tables: dict[str, list[Row]], settings: dict[str, Any]) -> Draw:
    """Return a draw from the tables that have rows, and settings."""
    return Draw({"limits": [], "candidates": [], "build_limits": []} | tables, settings)
