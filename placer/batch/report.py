"""What a batch says: quantiles of every figure over its sets, how they ended, and two batches side by side."""

from __future__ import annotations

import numpy as np
import pandas as pd

from placer.batch.columns import hub_of
from placer.errors import BatchError
from placer.placement.accounts import NEGLIGIBLE
from placer.termination import Reason

#: Of every figure, over the sets that were solved.
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
#: What is in a row beside figures.
_ABOUT = ("number", "status", "detail", "seconds", "gap", "ceiling_gap", "work_ceiling_gap", "solver")
#: Names of powers of ten, and from where on figures are shown in them.
_UNITS = {1e3: "thousands", 1e6: "millions", 1e9: "billions", 1e12: "trillions"}
_IN_FULL_BELOW = 1e5
#: What people look at first.
HEADLINES = ("cost_usd_per_mtok", "export_share", "unserved_share", "ceiling_share", "demand_mtok")


def quantiles(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the distribution of every figure over the sets that were solved.

    Parameters
    ----------
    rows : DataFrame
        Of ``placer.solve_many``, or of a store.

    Returns
    -------
    DataFrame
        Index ``figure``; ``mean``, ``p05``, ``p25``, ``p50``, ``p75``, ``p95``, ``sets``. Quantiles lie between two
        sets in proportion.
    """
    solved, figures = _solved(rows), _figures(rows)
    table = pd.DataFrame(index=pd.Index(figures, name="figure"), columns=["mean", *map(label, QUANTILES), "sets"])
    for name in figures:
        values = solved[name].dropna().to_numpy(float)
        if values.size:
            table.loc[name] = [values.mean(), *np.quantile(values, QUANTILES), values.size]
        else:
            table.loc[name] = [np.nan] * (1 + len(QUANTILES)) + [0]
    return table.astype(float).astype({"sets": int})


def label(quantile: float) -> str:
    """Return what a quantile is called: p05 for 0.05."""
    return f"p{round(100 * quantile):02d}"


def in_round_units(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of figures to be read: shares in per cent, and a hundred thousand and more in thousands and so on.

    The unit is named in the label, and counts of sets are as they were.

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
    """Return the unit to show a figure in, and its size."""
    if figure.endswith("_share"):
        return "%", 0.01
    if largest < _IN_FULL_BELOW or np.isnan(largest):
        return "", 1.0
    size = max(size for size in _UNITS if largest >= size)
    return _UNITS[size], size


def headlines(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows people look at first."""
    return table.loc[[name for name in HEADLINES if name in table.index]]


def hub_prices(table: pd.DataFrame) -> pd.DataFrame:
    """Return the distribution of the price by hub, the dearest median first; no rows if it was not asked for."""
    hubs = {name: hub for name in table.index if (hub := hub_of(name)) is not None}
    named = table.loc[list(hubs)].set_axis(pd.Index(hubs.values(), name="hub", dtype=object))
    return named.sort_values("p50", ascending=False, kind="stable")


def endings(rows: pd.DataFrame) -> pd.Series:
    """Return how many sets ended how."""
    return rows["status"].value_counts().rename("sets") if len(rows) else pd.Series(dtype=int, name="sets")


def share_below(rows: pd.DataFrame, figure: str, threshold: float) -> float:
    """Return the share of the sets that were solved in which a figure is below a threshold.

    Raises
    ------
    BatchError
        If no set has the figure.
    """
    values = rows[figure].dropna().to_numpy(float) if figure in _figures(rows) else np.zeros(0)
    if not values.size:
        raise BatchError(f"no set has the figure {figure!r}; there are {', '.join(_figures(rows)) or 'none'}")
    return float((values < threshold).mean())


def compare(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Return two batches side by side, set by set where both solved the same number.

    Parameters
    ----------
    first, second : DataFrame
        Rows; drawn from the same seed, sets of one number have the same demand shocks.

    Returns
    -------
    DataFrame
        Index ``figure``; ``first_p50``, ``second_p50``, ``difference_p50``, ``difference_p05``, ``difference_p95`` of
        the difference second less first within a set, and ``sets`` that both solved.
    """
    solved = [_solved(rows).set_index("number") for rows in (first, second)]
    both = solved[0].index.intersection(solved[1].index)
    records = {}
    for figure in [name for name in _figures(first) if name in second]:
        one, other = (rows.loc[both, figure].to_numpy(float) for rows in solved)
        there = ~(np.isnan(one) | np.isnan(other))
        if there.any():
            difference = np.quantile((other - one)[there], (0.5, 0.05, 0.95))
            records[figure] = [np.median(one[there]), np.median(other[there]), *difference, int(there.sum())]
    columns = ["first_p50", "second_p50", "difference_p50", "difference_p05", "difference_p95", "sets"]
    return pd.DataFrame.from_dict(records, orient="index", columns=columns).rename_axis("figure")


def failed(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the sets that were not solved."""
    return rows.drop(index=_solved(rows).index)


def unserved_sets(rows: pd.DataFrame) -> int:
    """Return how many of the sets that were solved leave demand unserved, as far as an analysis says so."""
    columns = [name for name in ("unserved_share", "ceiling_unserved_share") if name in rows]
    return int((_solved(rows)[columns] > NEGLIGIBLE).any(axis=1).sum()) if columns else 0


def _solved(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the sets that were solved; a store to which no row came has no column of endings either."""
    return rows[rows["status"] == str(Reason.OPTIMAL)] if len(rows) else rows


def _figures(rows: pd.DataFrame) -> list[str]:
    return [name for name in rows.columns if name not in _ABOUT]
