"""Reports on a batch: quantiles of every figure over its sets, their statuses, and two batches side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from placer.batch.bounding import BOUNDED
from placer.batch.columns import hub_of, limit_in_column, region_of
from placer.currency import USD
from placer.errors import BatchError, StoreError
from placer.instance.attributes.columns import Column
from placer.instance.attributes.validation import is_missing, number_problem
from placer.termination import Reason
from placer.tolerances import SOLVER

#: Quantiles of every figure, over the solved sets.
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
#: Statuses of sets that have figures.
ANSWERED = (str(Reason.OPTIMAL), BOUNDED)
#: Columns of a row that are not figures.
_ABOUT = ("number", "status", "detail", "seconds", "gap", "ceiling_gap", "work_ceiling_gap", "solver")
#: Names of powers of ten, and the value from which figures are shown in them.
_UNITS = {1e3: "thousands", 1e6: "millions", 1e9: "billions", 1e12: "trillions"}
_IN_FULL_BELOW = 1e5
#: Headline figures.
HEADLINES = (
    "cost_usd_per_mtok",
    "security_usd_per_mtok",
    "export_share",
    "unserved_share",
    "ceiling_share",
    "secure_ceiling_share",
    "demand_mtok",
    "not_bought_mtok",
)


def quantiles(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the distribution of every figure over the solved sets.

    Parameters
    ----------
    rows : DataFrame
        Of ``placer.solve_many``, or of a store.

    Returns
    -------
    DataFrame
        Index ``figure``; ``mean``, ``p05``, ``p25``, ``p50``, ``p75``, ``p95``, ``sets``. Quantiles are linearly
        interpolated between two sets.
    """
    solved, figures = _solved(rows), _figures(rows)
    table = pd.DataFrame(index=pd.Index(figures, name="figure"), columns=["mean", *map(label, QUANTILES), "sets"])
    for name in figures:
        values = _numbers(solved, name).dropna().to_numpy()
        if values.size:
            table.loc[name] = [values.mean(), *np.quantile(values, QUANTILES), values.size]
        else:
            table.loc[name] = [np.nan] * (1 + len(QUANTILES)) + [0]
    return table.astype(float).astype({"sets": int})


def label(quantile: float) -> str:
    """Return the name of a quantile: p05 for 0.05."""
    return f"p{round(100 * quantile):02d}"


def in_round_units(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table for display: shares in per cent, figures from a hundred thousand on in thousands and so on.

    The label names the unit; counts of sets are unchanged.

    Examples
    --------
    >>> figures = ["cost_usd_per_mtok", "demand_mtok", "export_share"]
    >>> table = pd.DataFrame({"mean": [1.5, 160663123.0, 0.25]}, index=figures)
    >>> in_round_units(table)["mean"].to_dict()
    {'cost_usd_per_mtok': 1.5, 'demand_mtok, millions': 160.663123, 'export_share, %': 25.0}
    """
    counted = table.columns != "sets"
    largest = table.loc[:, counted].abs().max(axis=1)
    units = [_unit(name, value) for name, value in zip(table.index, largest, strict=True)]
    rounded = table.copy()
    shares = np.array([unit == "%" for unit, _ in units], dtype=bool)
    rounded.loc[:, counted] = table.loc[:, counted].div([size for _, size in units], axis=0)
    rounded.loc[shares, counted] = rounded.loc[shares, counted].round(3)
    labels = [f"{name}, {unit}" if unit else name for name, (unit, _) in zip(table.index, units, strict=True)]
    return rounded.set_axis(pd.Index(labels, name=table.index.name))


def _unit(figure: str, largest: float) -> tuple[str, float]:
    """Return the display unit of a figure and its size."""
    if figure.endswith("_share"):
        return "%", 0.01
    if largest < _IN_FULL_BELOW or np.isnan(largest):
        return "", 1.0
    size = max(size for size in _UNITS if largest >= size)
    return _UNITS[size], size


def headlines(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the headline figures."""
    return table.loc[[name for name in HEADLINES if name in table.index]]


def hub_prices(table: pd.DataFrame) -> pd.DataFrame:
    """Return the distribution of the price by hub, the dearest median first; no rows without that analysis."""
    hubs = {name: hub for name in table.index if (hub := hub_of(name)) is not None}
    named = table.loc[list(hubs)].set_axis(pd.Index(hubs.values(), name="hub", dtype=object))
    return named.sort_values("p50", ascending=False, kind="stable")


def own_limits(table: pd.DataFrame) -> pd.DataFrame:
    """Return the distribution of use and rent of every limit of one's own; no rows without that analysis."""
    limits = {name: limit for name in table.index if (limit := limit_in_column(name)) is not None}
    return table.loc[list(limits)].set_axis(pd.Index(limits.values(), name="limit", dtype=object))


def account_figures(table: pd.DataFrame, currency: str = USD) -> pd.DataFrame:
    """Return the distribution of the balance and the uplift of every region; no rows without that analysis."""
    regions = {name: region for name in table.index if (region := region_of(name, currency)) is not None}
    return table.loc[list(regions)].set_axis(pd.Index(regions.values(), name="region", dtype=object))


def endings(rows: pd.DataFrame) -> pd.Series:
    """Return the number of sets by status."""
    return rows["status"].value_counts().rename("sets") if len(rows) else pd.Series(dtype=int, name="sets")


def share_below(rows: pd.DataFrame, figure: str, threshold: float) -> float:
    """Return the share of the solved sets in which a figure is below a threshold.

    Raises
    ------
    BatchError
        If no set has the figure.
    """
    return float((_known(rows, figure) < threshold).mean())


def worst(
    rows: pd.DataFrame, figure: str, count: int = 5, end: Literal["highest", "lowest"] = "highest"
) -> pd.DataFrame:
    """Return the rows of the solved sets with the highest or the lowest values of a figure, the most extreme first.

    Parameters
    ----------
    rows : DataFrame
        Of ``placer.solve_many``, or of a store.
    figure : str
        A column of the rows, such as ``export_share``.
    count : int
        Number of sets.
    end : {"highest", "lowest"}
        Where bad is: a cost is bad where it is high, a ceiling where it is low.

    Returns
    -------
    DataFrame
        Index ``number``; the figure first, then the other columns. ``sets[number]`` is the instance of a set.

    Raises
    ------
    BatchError
        If no set has the figure, or ``end`` is neither.

    Examples
    --------
    >>> rows = pd.DataFrame({"number": [0, 1], "status": "optimal", "export_share": [0.25, 0.75]})
    >>> worst(rows, "export_share", 1)
            export_share   status
    number
    1               0.75  optimal
    """
    if end not in ("highest", "lowest"):
        raise BatchError(f"{end!r} is neither 'highest' nor 'lowest'")
    found = _known(rows, figure)
    order = found.sort_values(ascending=end == "lowest", kind="stable").index[:count]
    table = rows.loc[order].set_index("number")
    return table[[figure, *(name for name in table if name != figure)]]


def extremes(rows: pd.DataFrame, figures: Sequence[str]) -> pd.DataFrame:
    """Return the least and the most of figures over the solved sets, and the numbers of these sets.

    Returns
    -------
    DataFrame
        Index ``figure``; ``low``, ``low_set``, ``high``, ``high_set``.
    """
    found = solved_figures(rows, figures).dropna(axis=1, how="all")
    ends = {"low": found.min(), "low_set": found.idxmin(), "high": found.max(), "high_set": found.idxmax()}
    return pd.DataFrame(ends).rename_axis("figure")


def solved_figures(rows: pd.DataFrame, figures: Sequence[str]) -> pd.DataFrame:
    """Return figures of the solved sets as floats, NaN where they are missing; index ``number``."""
    solved = _solved(rows)
    return pd.DataFrame({name: _numbers(solved, name) for name in figures}).set_axis(solved["number"])


def compare_batches(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Return two batches side by side, matched by set number where both solved the set.

    Parameters
    ----------
    first, second : DataFrame
        Rows. With the same seed, sets of one number have the same demand shocks.

    Returns
    -------
    DataFrame
        Index ``figure``; ``first_p50``, ``second_p50``, ``difference_p50``, ``difference_p05``, ``difference_p95`` of
        the difference (second less first) within a set, and ``sets``, the number that both solved.
    """
    solved = [_solved(rows) for rows in (first, second)]
    both = pd.Index(solved[0]["number"]).intersection(pd.Index(solved[1]["number"]))
    records = {}
    for figure in [name for name in _figures(first) if name in second]:
        one, other = (_numbers(rows, figure).set_axis(rows["number"])[both].to_numpy() for rows in solved)
        there = ~(np.isnan(one) | np.isnan(other))
        if there.any():
            difference = np.quantile((other - one)[there], (0.5, 0.05, 0.95))
            records[figure] = [np.median(one[there]), np.median(other[there]), *difference, int(there.sum())]
    columns = ["first_p50", "second_p50", "difference_p50", "difference_p05", "difference_p95", "sets"]
    return pd.DataFrame.from_dict(records, orient="index", columns=columns).rename_axis("figure")


def failed(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the unsolved sets."""
    return rows.drop(index=_solved(rows).index)


def unserved_sets(rows: pd.DataFrame) -> int:
    """Return the number of solved sets that leave demand unserved, as far as an analysis reports it."""
    columns = [name for name in ("unserved_share", "ceiling_unserved_share") if name in rows]
    solved = _solved(rows)
    unserved = [(_numbers(solved, name) > SOLVER).to_numpy() for name in columns]
    return int(np.any(unserved, axis=0).sum()) if columns else 0


def _solved(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the sets solved or bounded; an empty store has no column ``status`` either."""
    return rows[rows["status"].isin(ANSWERED)] if len(rows) else rows


def check_figure(number: int, figure: str, value: object) -> None:
    """Refuse a figure of a row that is no number, as in the store of another program.

    Raises
    ------
    StoreError
    """
    if not is_missing(value) and (problem := number_problem(value, Column(figure, unlimited=True, scaled=False))):
        raise StoreError(f"row {number}: {figure}: {problem}")


def _numbers(rows: pd.DataFrame, figure: str) -> pd.Series:
    """Return a figure of rows as floats, NaN where it is missing."""
    values = rows[figure]
    if values.dtype.kind not in "iuf":
        for number, value in zip(rows["number"], values, strict=True):
            check_figure(number, figure, value)
    return pd.Series(values.to_numpy(float, na_value=np.nan), rows.index)


def _known(rows: pd.DataFrame, figure: str) -> pd.Series:
    """Return the known values of a figure; raises ``BatchError`` if no set has it."""
    solved = _solved(rows)
    values = _numbers(solved, figure).dropna() if figure in _figures(rows) else pd.Series(dtype=float)
    if values.empty:
        raise BatchError(f"no set has the figure {figure!r}; there are {', '.join(_figures(rows)) or 'none'}")
    return values


def _figures(rows: pd.DataFrame) -> list[str]:
    return [name for name in rows.columns if name not in _ABOUT]
