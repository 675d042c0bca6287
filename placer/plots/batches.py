"""Plots of many solves: figures over demand sets, swings by assumption, performance profiles, and time against size."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from matplotlib.ticker import NullFormatter, PercentFormatter

from placer.currency import USD
from placer.errors import InstanceError, Violation
from placer.instance.arguments import need
from placer.instance.attributes.validation import show
from placer.plots.axes import FILLS, Axes, axis_or_new, figure_label
from placer.result_columns import is_share
from placer.sensitivity.result import Sensitivity
from placer.utils.numbers import in_full, percent
from placer.utils.profiles import growth, performance_profile


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
        axis.axvline(at, linestyle=style, color="black", label=f"{100 * quantile:.0f} %: {in_full(at)}")
    axis.set(xlabel=figure_label(figure, currency), ylabel="demand sets")
    axis.legend()
    return axis


def plot_tornado(sensitivity: Sensitivity, figure: str = "ceiling_share", axis: Axes | None = None) -> Axes:
    """Draw the lowest and highest value of a figure by assumption, as bars on both sides of its value as given.

    Each end of a bar is labelled with its value of the assumption. An assumption without effect has no bar.

    Parameters
    ----------
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
        xlabel=f"{figure_label(figure, sensitivity.currency)}: {percent(base) if share else in_full(base)} as given"
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


_STYLES = ("-", "--", ":", "-.")
_COLOURS = 10


def plot_profiles(seconds: pd.DataFrame, axis: Axes | None = None) -> Axes:
    """Draw the share of problems that each solver solves within a multiple of the least time.

    These are the performance profiles of Dolan and Moré (2002): the height at 1 is the share of problems on which a
    solver is the fastest, the height at the right end the share that it solves at all.

    Parameters
    ----------
    seconds : DataFrame
        A row for each problem, a column for each solver; NaN where the solver has no right answer.
    axis : matplotlib Axes, optional
        A new one if not given.

    Raises
    ------
    ArgumentError
        If an argument is not a table or an axis.
    InstanceError
        If no solver has a time.
    """
    need(seconds, pd.DataFrame, "a table of seconds", "one row a problem and one column a solver")
    if not seconds.notna().to_numpy().any():
        raise InstanceError([Violation("plot_profiles", "", "seconds", "no solver has a time", "a time or more")])
    profile, axis = performance_profile(seconds), axis_or_new(axis)
    last = 1.1 * profile.index[-1]
    for place, (name, shares) in enumerate(profile.items()):
        ends = pd.concat([shares, pd.Series([shares.iloc[-1]], index=[last])])
        axis.step(ends.index, ends, where="post", label=str(name), color=f"C{place % _COLOURS}", ls=_style(place))
    axis.set(xscale="log", xlabel="time, as a multiple of the least", ylabel="problems solved", ylim=(0.0, 1.02))
    axis.yaxis.set_major_formatter(PercentFormatter(1.0))
    axis.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize="small")
    return axis


def plot_scaling(times: pd.DataFrame, axis: Axes | None = None) -> Axes:
    """Draw the time of solvers against the size of problems, on logarithmic axes, with the exponents of their growth.

    Parameters
    ----------
    times : DataFrame
        Columns ``solver``, ``columns`` (of the program) and ``seconds``.
    axis : matplotlib Axes, optional
        A new one if not given.

    Raises
    ------
    ArgumentError
        If an argument is not a table or an axis.
    """
    need(times, pd.DataFrame, "a table of times", "one with the columns solver, columns and seconds is")
    axis = axis_or_new(axis)
    for place, (name, own) in enumerate(times.sort_values("columns").groupby("solver", sort=False)):
        points = list(zip(own["columns"], own["seconds"], strict=True))
        exponent = growth(points)
        label = str(name) if math.isnan(exponent) else f"{name}: columns^{exponent:.2f}"
        style = {"color": f"C{place % _COLOURS}", "ls": _style(place)}
        axis.loglog(own["columns"], own["seconds"], marker="o", label=label, **style)
    axis.set(xlabel="columns of the program", ylabel="seconds")
    axis.xaxis.set_minor_formatter(NullFormatter())
    axis.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize="small")
    return axis


def _style(place: int) -> str:
    return _STYLES[place // _COLOURS % len(_STYLES)]
