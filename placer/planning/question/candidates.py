"""Candidates: the units that can be built, their sites, and the yearly cost of a unit.

The yearly cost of a unit is the annuity of its investment over its lifetime, at the weighted average cost of capital
``w`` (wacc), plus its fixed yearly cost:

    cost = usd_per_unit . w / (1 - (1 + w)^-lifetime) + fixed        w = 0:  usd_per_unit / lifetime + fixed

(the capital recovery factor; Park, Contemporary Engineering Economics, chapter 3).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pandas as pd

from placer.errors import Violation, refuse
from placer.instance.arguments import need
from placer.instance.attributes.columns import Column, Kind, Table
from placer.instance.attributes.synonyms import nearest_or_all, perhaps
from placer.instance.attributes.validation import show
from placer.instance.tables.cleaning import clean, slips, tabulate
from placer.instance.tables.given import TableLike
from placer.planning.question.build_limits import BuildLimits
from placer.planning.question.targets import ADDS, OF_BATTERIES
from placer.utils.arrays import NOISE, FloatArray, IntArray

#: One number for all hours, one per hour, or one per hour with its hours.
UsableShare = float | tuple[float, ...] | pd.Series

#: Build limit on the yearly cost of all builds. Without a column of this name, a unit uses its yearly cost.
BUDGET = "budget_usd_year"

CANDIDATES = Table(
    "candidates",
    ("candidate",),
    (
        Column("candidate", Kind.TEXT),
        Column("adds", Kind.TEXT),
        Column("target", Kind.TEXT),
        Column("usd_per_unit", low=0, default=None, scaled=False),
        Column("wacc", low=0, high=1, default=None, scaled=False),
        Column("lifetime_years", low=0, low_open=True, high=1000, default=None, scaled=False),
        Column("usd_per_unit_year", low=0, default=None, scaled=False),
        Column("fixed_usd_per_unit_year", low=0, default=0.0, scaled=False),
        Column("max_units", low=0, default=math.inf, unlimited=True, scaled=False),
        Column("module_units", low=0, low_open=True, default=None, scaled=False),
        Column("opening_usd_per_year", low=0, default=None, scaled=False),
        Column("lead_years", low=0, default=0.0, scaled=False),
        Column("usable_share", Kind.HOURLY, low=0, high=1, default=1.0, scaled=False),
    ),
)


@dataclass(frozen=True, eq=False)
class Candidates:
    """The units that can be built; all arrays are by candidate.

    Attributes
    ----------
    names : tuple of str
    adds : tuple of str
        The limit that a unit adds 1 to: ``accelerators``, ``power_limit_mw``, ``limit_mw``, ``capacity_gbps``, or
        ``power_mw`` or ``energy_mwh`` of a battery.
    target : tuple of str
        The row of the instance with that limit; see ``placer.planning.question.targets`` for its name.
    cost_usd_per_unit_year : (candidates,) float array
        Annuity and fixed cost of a unit, in USD a year.
    max_units : (candidates,) float array
        Maximum number of units; inf for no maximum.
    module_units : (candidates,) float array
        Units are built in whole multiples of this; NaN if the number of units is continuous.
    opening_usd_per_year : (candidates,) float array
        Cost of building any units at all, in USD a year; NaN for none.
    lead_years : (candidates,) float array
        Years from the decision until a unit is in service; for plans over years (``placer.plan_years``).
    lifetime_years : (candidates,) float array
        Years for which a unit is then in service; inf for no end.
    usable_share : tuple of float, or of values by hour
        The share of a unit that can be used, in all hours or in each; see ``placer.planning.question.problem``.
    takes : (candidates, limits) float array
        Use of each build limit by a unit.
    limit_names : tuple of str
        The build limits, in the order of ``BuildLimits.names``.
    """

    names: tuple[str, ...]
    adds: tuple[str, ...]
    target: tuple[str, ...]
    cost_usd_per_unit_year: FloatArray
    max_units: FloatArray
    module_units: FloatArray
    opening_usd_per_year: FloatArray
    lead_years: FloatArray
    lifetime_years: FloatArray
    usable_share: tuple[UsableShare, ...]
    takes: FloatArray
    limit_names: tuple[str, ...]

    @classmethod
    def of(cls, table: TableLike, build_limits: BuildLimits | None = None) -> Candidates:
        """Return the candidates of a table.

        Parameters
        ----------
        table : DataFrame or sequence of mappings
            One row a candidate: ``candidate``, ``adds``, ``target``; either ``usd_per_unit`` with ``wacc`` and
            ``lifetime_years``, or ``usd_per_unit_year``; optionally ``fixed_usd_per_unit_year`` (0), ``max_units``
            (inf), ``module_units`` and ``opening_usd_per_year`` (none), ``lead_years`` (0), ``usable_share`` (1): the
            share of a unit that can be used, one number or one per hour, as of wind and sun. A column of the name of a
            build limit holds the use of it by a unit (0). Without a column ``budget_usd_year``, a unit uses its yearly
            cost of the build limit of that name. Other columns are ignored.
        build_limits : BuildLimits, optional

        Raises
        ------
        ArgumentError
            If it is no table.
        InstanceError
            Listing every violation.

        Examples
        --------
        >>> row = {"candidate": "hall", "adds": "accelerators", "target": "Port", "usd_per_unit": 1000}
        >>> built = Candidates.of([row | {"wacc": 0.1, "lifetime_years": 5}])
        >>> round(float(built.cost_usd_per_unit_year[0]), 2)
        263.8
        """
        candidates, violations = candidates_of(table, build_limits or BuildLimits.of(None))
        refuse(violations)
        return candidates

    def __len__(self) -> int:
        """Return the number of candidates."""
        return len(self.names)


def candidates_at(candidates: Candidates, places: IntArray) -> Candidates:
    """Return the candidates at some positions, which may repeat."""
    columns = {each.name: getattr(candidates, each.name) for each in fields(candidates) if each.name != "limit_names"}
    taken: dict[str, Any] = {
        name: tuple(column[place] for place in places.tolist()) if isinstance(column, tuple) else column[places]
        for name, column in columns.items()
    }
    return replace(candidates, **taken)


def annuity(wacc: FloatArray, lifetime_years: FloatArray) -> FloatArray:
    """Return the annuity of an investment as a share of it (the capital recovery factor).

    Parameters
    ----------
    wacc : (n,) float array
        Weighted average cost of capital, a share a year.
    lifetime_years : (n,) float array

    Examples
    --------
    >>> annuity(np.array([0.1, 0.0]), np.array([10.0, 10.0])).round(4).tolist()
    [0.1627, 0.1]
    """
    discount = -np.expm1(-lifetime_years * np.log1p(wacc))
    # At lower rates the formula would divide one rounding error by another.
    return np.divide(wacc, discount, out=1 / lifetime_years, where=wacc > NOISE)


def candidates_of(table: TableLike, limits: BuildLimits) -> tuple[Candidates, list[Violation]]:
    """Return the candidates of a table, and its violations.

    In the place of a cell with a violation stands NaN, or an empty text, for the checks of the other cells.

    Raises
    ------
    ArgumentError
        If the argument is no table.
    """
    frame, violations = _as_table(table, limits)
    taken = tuple(name for name in limits.names if name in frame and name not in CANDIDATES.names)
    columns = (*CANDIDATES.columns, *(Column(name, default=0.0, scaled=False) for name in dict.fromkeys(taken)))
    cleaned, found = clean(frame, replace(CANDIDATES, columns=columns))
    violations += found
    if frame.empty:
        violations.append(Violation("candidates", "", "", "no rows", "one row a candidate"))
    if not any(violation.row == "" and violation.column in CANDIDATES.names for violation in violations):
        known = {(violation.row, violation.column) for violation in violations}
        for row, record in enumerate(cleaned.to_dict("records")):
            cells = {str(column): value for column, value in record.items()}
            name = _label(row, cells["candidate"])
            violations += [
                Violation("candidates", name, column, problem, allowed)
                for column, problem, allowed in _row_problems(cells)
                if (name, column) not in known
            ]
    violations += _untaken(cleaned, limits, tuple(map(str, frame.columns)))
    return _typed(cleaned, limits), violations


def _label(row: int, name: object) -> str:
    return f"row {row + 1}" if name is None else str(name)


def _as_table(table: TableLike, limits: BuildLimits) -> tuple[pd.DataFrame, list[Violation]]:
    hint = "candidates are a DataFrame or a list of mappings, one a candidate"
    need(table, (pd.DataFrame, Sequence), "a table of candidates", hint)
    if isinstance(table, pd.DataFrame):
        return table, []
    for row in table:
        need(row, Mapping, "a table of candidates", hint)
    frame = tabulate(table, CANDIDATES)
    return frame, [
        Violation("candidates", f"row {place + 1}", slip, "unknown column", perhaps(slip, intended))
        for place, row in enumerate(table)
        for slip, intended in slips(row, CANDIDATES).items()
        if intended in frame and slip not in limits.names
    ]


def _row_problems(row: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    """Yield column, problem and allowed values of every contradiction between the cells of a row."""
    if row["adds"] is not None and row["adds"] not in ADDS:
        yield "adds", f"{show(row['adds'])} is unknown", nearest_or_all(row["adds"], ADDS)
    given = {column for column, value in row.items() if isinstance(value, float) and not math.isnan(value)}
    one, three = "usd_per_unit_year", ("usd_per_unit", "wacc", "lifetime_years")
    either = f"either {one}, or {', '.join(three[:2])} and {three[2]}"
    if one in given and given & set(three):
        yield one, f"the cost is given twice: {', '.join(column for column in three if column in given)} too", either
    elif one not in given and not given & set(three):
        yield one, "the cost is not given", either
    elif one not in given:
        for column in three:
            if column not in given:
                yield column, "missing: the annuity needs it", either
    if row["adds"] in OF_BATTERIES and math.isinf(float(row["max_units"])):  # type: ignore[arg-type]
        yield "max_units", "inf, of a battery, which may be of use at any size", "a finite maximum"
    for column in ("module_units", "opening_usd_per_year"):
        if column in given and math.isinf(float(row["max_units"])):  # type: ignore[arg-type]
            yield "max_units", f"inf, with {column}", "a finite maximum for units in modules or with an opening cost"


def _untaken(frame: pd.DataFrame, limits: BuildLimits, given: tuple[str, ...]) -> list[Violation]:
    """Return a violation for every build limit that no candidate uses."""
    found = []
    others = tuple(name for name in given if name not in CANDIDATES.names)
    for name in dict.fromkeys(limits.names):
        if name in CANDIDATES.names:
            problem = "a build limit cannot have the name of a column of the candidates"
            found.append(Violation("build_limits", name, "limit", problem, "a name of its own"))
        elif name == BUDGET and name not in frame:
            opened = frame["candidate"][frame["opening_usd_per_year"].notna()]
            problem = "column missing: a yearly cost of a unit leaves the opening out"
            allowed = "the use of the budget by a unit"
            found += [Violation("candidates", str(row), BUDGET, problem, allowed) for row in opened]
        elif name not in frame or not frame[name].astype(float).abs().gt(0).any():
            allowed = f"a column {name} of the candidates: the use of it by a unit"
            allowed = allowed if name in frame else nearest_or_all(name, others, allowed)
            found.append(Violation("build_limits", name, "limit", "no candidate takes anything of it", allowed))
    return found


def _typed(frame: pd.DataFrame, limits: BuildLimits) -> Candidates:
    numbers = (column.name for column in CANDIDATES.columns if column.kind is Kind.NUMBER)
    number = {name: frame[name].to_numpy(float) for name in numbers}
    yearly = number["usd_per_unit"] * annuity(number["wacc"], number["lifetime_years"])
    cost = np.where(np.isnan(yearly), number["usd_per_unit_year"], yearly) + number["fixed_usd_per_unit_year"]
    unused = np.zeros(len(frame))
    takes = [
        frame[name].to_numpy(float) if name in frame else cost if name == BUDGET else unused for name in limits.names
    ]
    return Candidates(
        names=tuple(_label(row, name) for row, name in enumerate(frame["candidate"])),
        adds=tuple(each if each in ADDS else "" for each in frame["adds"]),
        target=tuple(each or "" for each in frame["target"]),
        cost_usd_per_unit_year=cost,
        max_units=number["max_units"],
        module_units=number["module_units"],
        opening_usd_per_year=number["opening_usd_per_year"],
        lead_years=number["lead_years"],
        lifetime_years=np.nan_to_num(number["lifetime_years"], nan=math.inf),
        usable_share=tuple(frame["usable_share"]),
        takes=np.array(takes).reshape(len(takes), len(frame)).T,
        limit_names=limits.names,
    )
