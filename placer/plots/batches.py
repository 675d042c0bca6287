"""Plots of many solves: the distribution of a figure over demand sets, and its swing under each assumption."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.ticker import PercentFormatter

from placer.currency import USD
from placer.errors import InstanceError, Violation
from placer.instance.arguments import need
from placer.instance.attributes.validation import show
from placer.plots.axes import FILLS, Axes, axis_or_new, figure_label
from placer.result_columns import is_share
from placer.sensitivity.result import Sensitivity
from placer.utils.numbers import in_full


def plot_distributions(
    rows: pd.DataFrame, axis: Axes | None = None, figure: str = "cost_usd_per_mtok", currency: str = USD
) -> Axes:
    """Draw the distribution of a figure over the sets of a batch, with its median and 5 and 95 % quantiles.

    Parameters
    ----------
    rows : DataFrame
        Of ``placer.solve_many``, or of a store.
    axis : matplotlib Axes, optional
        A new one if not given.
    figure : str
        A column of the rows.
    currency : str
        That of the demand sets, for the axis.

    Raises
    ------
    ArgumentError
        If an argument is not a table, a name or an axis.
    InstanceError
        If no row has such a figure.
    """
    need(rows, pd.DataFrame, "a table of rows", "pandas.DataFrame(placer.solve_many(sets)) is one")
    need(figure, str, "the name of a figure", "write 'cost_usd_per_mtok'")
    if figure not in rows or not rows[figure].notna().any():
        known = ", ".join(str(name) for name in rows.select_dtypes("number") if rows[name].notna().any())
        raise InstanceError([Violation("plot_distributions", "", "figure", f"no row has {show(figure)}", known)])
    values = rows[figure].dropna().astype(float)
    if not np.isfinite(values).all():
        raise InstanceError([Violation("plot_distributions", "", "figure", f"{show(figure)} is infinite", "finite")])
    axis = axis_or_new(axis)
    axis.hist(values, bins="auto", color="tab:blue", alpha=0.7)
    for quantile, style in ((0.05, ":"), (0.5, "-"), (0.95, ":")):
        at = float(values.quantile(quantile))
        axis.axvline(at, linestyle=style, color="black", label=f"{100 * quantile:.0f} %: {at:.4g}")
    axis.set(xlabel=figure_label(figure, currency), ylabel="demand sets")
    axis.legend()
    return axis


def plot_tornado(sensitivity: Sensitivity, figure: str = "ceiling_share", axis: Axes | None = None) -> Axes:
    """Draw the lowest and highest value of a figure by assumption, as bars on both sides of its value as given.

    Each end of a bar is labelled with its value of the assumption. An assumption without effect has no bar.

    Parameters
    ----------
    sensitivity : Sensitivity
    figure : str
        A figure of the study.
    axis : matplotlib Axes, optional
        A new one if not given.

    Raises
    ------
    ArgumentError
        If an argument is not a sensitivity or an axis.
    InstanceError
        If the study lacks the figure, or the instance as given has no answer.
    """
    need(sensitivity, Sensitivity, "a sensitivity", "placer.sensitivity(instance, assumptions) returns one")
    table = sensitivity.tornado(figure).iloc[::-1]
    if table.empty or table["base"].isna().any():
        problem = "there is no value as given to draw from"
        raise InstanceError([Violation("plot_tornado", "", figure, problem, "an assumption, and an answer as given")])
    axis = axis_or_new(axis, 8.0, 1.2 + 0.55 * len(table))
    base = float(table["base"].iloc[0])
    _draw_bars(axis, table, base)
    axis.axvline(base, color="black", linewidth=0.8)
    names = [f"{name} ({sensitivity.bases[name]})" for name in table.index]
    axis.set_yticks(range(len(table)), names, parse_math=False)
    share = is_share(figure)
    axis.set(
        xlabel=f"{figure_label(figure, sensitivity.currency)}: {f'{base:.1%}' if share else in_full(base)} as given"
    )
    axis.margins(x=0.25)
    if share:
        axis.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=None))
    return axis


def _draw_bars(axis: Axes, table: pd.DataFrame, base: float) -> None:
    """Draw the bars on both sides of the value as given, each end labelled with the value that gives it."""
    for side, fill in (("low", FILLS[0]), ("high", FILLS[1])):
        axis.barh(range(len(table)), table[side] - base, left=base, **fill)
        for row, (end, value) in enumerate(zip(table[side], table[f"{side}_value"], strict=True)):
            if end != base:
                at, align = (-3, "right") if side == "low" else (3, "left")
                axis.annotate(value, (end, row), (at, 0), textcoords="offset points", ha=align, va="center", fontsize=8)
