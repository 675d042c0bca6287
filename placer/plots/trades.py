"""Plots of trade: who sells tokens to whom, the price by country in its parts, and who gains."""

from __future__ import annotations

import numpy as np
import pandas as pd

from placer.instance.arguments import need
from placer.plots.axes import Axes, axis_or_new, stack_parts
from placer.result_columns import heading
from placer.trades.result import Trade
from placer.trades.shown import MOST, has_welfare, mean_prices, sold_abroad, welfare_parts
from placer.utils.arrays import FloatArray
from placer.utils.numbers import figure, money_unit

_WANTED = (Trade, "a trade", "placer.trade(instance) returns one")


def plot_trade(trade: Trade, axis: Axes | None = None, most: int = MOST) -> Axes:
    """Draw the tokens sold abroad as a matrix, darker for more: sellers in rows, buyers in columns.

    Parameters
    ----------
    axis : matplotlib Axes, optional
        A new one if not given.
    most : int
        Largest number of sellers and of buyers by themselves; all others stand together.

    Raises
    ------
    ArgumentError
        If an argument is not a trade or an axis.
    """
    need(trade, *_WANTED)
    sold = sold_abroad(trade, most)
    axis = axis_or_new(axis, 3.0 + 0.62 * len(sold.columns), 1.6 + 0.36 * len(sold))
    axis.set(xlabel=heading("used_in"), ylabel=heading("made_in"))
    if sold.empty:
        axis.set(xticks=[], yticks=[])
        axis.text(0.5, 0.5, "nothing is sold abroad", ha="center", va="center", transform=axis.transAxes)
        return axis
    size, unit = money_unit(float(sold.to_numpy().sum()), "Mtok")
    _cells(axis, sold.to_numpy(float) / size, f"sold abroad, {unit}")
    axis.set_xticks(range(len(sold.columns)), list(map(str, sold.columns)), rotation=60, ha="right", parse_math=False)
    axis.set_yticks(range(len(sold)), list(map(str, sold.index)), parse_math=False)
    return axis


def _cells(axis: Axes, sold: FloatArray, label: str) -> None:
    """Draw a matrix of amounts, each written in its cell, with a scale of colours."""
    drawn = axis.imshow(sold, cmap="Blues", aspect="auto", vmin=0.0)
    half = float(sold.max()) / 2
    for row, column in np.argwhere(sold > 0).tolist():
        mtok = float(sold[row, column])
        colour = "white" if mtok > half else "black"
        axis.text(column, row, figure(mtok, 3), ha="center", va="center", fontsize=7, color=colour)
    axis.figure.colorbar(drawn, ax=axis, label=label)


def plot_trade_prices(trade: Trade, axis: Axes | None = None, most: int = MOST) -> Axes:
    """Draw the mean price of a Mtok in every country as a bar of its parts: costs, rents, and tariffs that are paid.

    Parameters
    ----------
    axis : matplotlib Axes, optional
        A new one if not given.
    most : int
        Largest number of countries by themselves, those that use most; all others stand together.

    Raises
    ------
    ArgumentError
        If an argument is not a trade or an axis.
    """
    need(trade, *_WANTED)
    return _stacked(mean_prices(trade, most), axis, heading("price_usd_per_mtok", trade.currency))


def plot_welfare(trade: Trade, axis: Axes | None = None, most: int = MOST) -> Axes:
    """Draw the welfare of every country as a bar of its parts, or the net cost of demand without steps of value.

    A mark shows the sum of the parts.

    Parameters
    ----------
    axis : matplotlib Axes, optional
        A new one if not given.
    most : int
        Largest number of countries by themselves; all others stand together.

    Raises
    ------
    ArgumentError
        If an argument is not a trade or an axis.
    """
    need(trade, *_WANTED)
    parts, name = welfare_parts(trade, most), "welfare" if has_welfare(trade) else "net cost"
    size, unit = money_unit(float(parts.abs().to_numpy().max(initial=0.0)), trade.currency)
    parts = parts / size
    axis = _stacked(parts, axis, f"{name}, {unit}")
    axis.plot(parts.sum(axis=1), range(len(parts)), "|", color="black", markersize=14, label=name)
    _legend(axis)
    return axis


def _stacked(parts: pd.DataFrame, axis: Axes | None, label: str) -> Axes:
    """Draw a bar of parts for every row."""
    axis = axis_or_new(axis, 8.0, 1.4 + 0.3 * len(parts))
    stack_parts(axis, {str(name): values for name, values in parts.items()}, float(parts.abs().sum(axis=1).max()))
    axis.set_yticks(range(len(parts)), list(map(str, parts.index)), parse_math=False)
    axis.set(xlabel=label, ylim=(len(parts) - 0.4, -0.6))
    axis.grid(axis="x", alpha=0.3)
    axis.set_axisbelow(True)
    _legend(axis)
    return axis


def _legend(axis: Axes) -> None:
    axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
