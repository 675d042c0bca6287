"""Plots that compare solvers over many problems: performance profiles, and time against size."""

from __future__ import annotations

import math

import pandas as pd
from matplotlib.ticker import NullFormatter, PercentFormatter

from placer.errors import InstanceError, Violation
from placer.instance.arguments import need
from placer.plots.axes import Axes, axis_or_new
from placer.utils.profiles import growth, performance_profile

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
