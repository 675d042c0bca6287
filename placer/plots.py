"""Plots of results, each a function that takes a result and an optional axis and returns the axis.

Needs matplotlib: ``pip install 'placer[plot]'``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.ticker import PercentFormatter

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

    from placer.ceiling import ExportCeiling
    from placer.curve import CeilingCurve

_LABELS = {
    "rtt_limit_ms": "limit on the round trip, ms",
    "slo_factor": "factor on all latency limits",
    "shorten_ms": "ms off every round trip",
}


def plot_curve(curve: CeilingCurve, axis: Axes | None = None, **line: Any) -> Axes:
    """Draw a ceiling curve as steps, with the unserved share below it; intervals of bounds are shaded.

    Parameters
    ----------
    curve : CeilingCurve
    axis : matplotlib Axes, optional
        A new one if not given.
    **line
        Further arguments of the ceiling's line.
    """
    axis = axis or plt.subplots()[1]
    table = curve.table
    limit = table.columns[0]
    beyond = table.tail(1).assign(**{limit: 1.05 * table[limit].max()})  # shows where the last corner leads
    table = pd.concat([table, beyond], ignore_index=True)
    axis.step(table[limit], table["share"], where="post", label="exportable", **line)
    axis.step(
        table[limit],
        table["unserved_mtok"] / curve.total_mtok,
        where="post",
        linestyle=":",
        color="grey",
        label="unserved",
    )
    if not table["exact"].all():
        axis.fill_between(table[limit], table["share_low"], table["share_high"], step="post", alpha=0.3, label="bounds")
    axis.set(xlabel=_LABELS[limit], ylabel="share of demand", ylim=(0, 1))
    axis.yaxis.set_major_formatter(PercentFormatter(1.0))
    axis.legend()
    return axis


def save(axis: Axes, file: Path) -> None:
    """Write the figure of an axis to a file, and close it."""
    figure = axis.get_figure(root=True)
    assert figure is not None  # noqa: S101 - an axis that was drawn on has one
    figure.savefig(file, dpi=150, bbox_inches="tight")
    plt.close(figure)


def plot_limits(ceiling: ExportCeiling, axis: Axes | None = None) -> Axes:
    """Draw the ceiling and what takes the rest as one stacked bar; negative parts stand below zero."""
    axis = axis or plt.subplots(figsize=(3, 5))[1]
    parts = {"exportable": ceiling.share} | ceiling.limits.to_dict()
    above = below = 0.0
    for name, value in parts.items():
        axis.bar([ceiling.weight], [value], bottom=above if value >= 0 else below, label=f"{name} {value:.1%}")
        above, below = (above + value, below) if value >= 0 else (above, below + value)
    axis.set(ylabel="share of demand")
    axis.yaxis.set_major_formatter(PercentFormatter(1.0))
    axis.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return axis


def plot_distributions(rows: pd.DataFrame, axis: Axes | None = None, figure: str = "cost_usd_per_mtok") -> Axes:
    """Draw how a figure of a batch is distributed over its sets, with its median and 5 and 95 % quantiles.

    Parameters
    ----------
    rows : DataFrame
        Of ``placer.solve_many``, or of a store.
    axis : matplotlib Axes, optional
        A new one if not given.
    figure : str
        A column of the rows.
    """
    axis = axis or plt.subplots()[1]
    values = rows[figure].dropna()
    axis.hist(values, bins="auto", color="tab:blue", alpha=0.7)
    for quantile, style in ((0.05, ":"), (0.5, "-"), (0.95, ":")):
        at = float(values.quantile(quantile))
        axis.axvline(at, linestyle=style, color="black", label=f"{100 * quantile:.0f} %: {at:.4g}")
    axis.set(xlabel=figure.replace("_", " "), ylabel="demand sets")
    axis.legend()
    return axis
