"""A plot of accounts: what each region is paid, by part, beside what its users spend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from placer.accounting.result import Accounts
from placer.accounting.tables import PARTS, SECURITY_RENT
from placer.instance.arguments import need
from placer.plots.axes import FILLS, axis_or_new
from placer.texts import spaced

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Parts below this share of the largest payment are omitted, since they would be invisible.
_VISIBLE = 1e-3


def plot_accounts(accounts: Accounts, axis: Axes | None = None) -> Axes:
    """Draw what each region is paid as a bar of costs and rents, with a mark at what its users spend.

    Parameters
    ----------
    accounts : Accounts
        Of ``placer.accounts``.
    axis : matplotlib Axes, optional
        A new one if not given.

    Raises
    ------
    ArgumentError
        If an argument is not accounts or an axis.
    """
    need(accounts, Accounts, "accounts", "placer.accounts(placement) returns them")
    table = accounts.regions
    table = table[(table["made_usd"] != 0) | (table["spent_usd"] != 0)]
    axis = axis_or_new(axis, 8.0, 1.4 + 0.4 * len(table))
    place, above, below = np.arange(len(table)), np.zeros(len(table)), np.zeros(len(table))
    size = float(table["made_usd"].abs().max())
    there = [part for part in (*PARTS, SECURITY_RENT) if f"{part}_usd" in table]
    shown = [part for part in there if table[f"{part}_usd"].abs().max() > _VISIBLE * size]
    for part, fill in zip(shown, FILLS, strict=False):
        value = table[f"{part}_usd"].to_numpy()
        axis.barh(place, value, left=np.where(value >= 0, above, below), label=spaced(part), **fill)
        above, below = above + np.maximum(value, 0), below + np.minimum(value, 0)
    axis.plot(table["spent_usd"], place, "|", color="black", markersize=14, label="spent by its users")
    axis.set_yticks(place, table.index, parse_math=False)
    axis.set(xlabel="paid to each region, USD", ylim=(len(table) - 0.4, -0.6))
    axis.grid(axis="x", alpha=0.3)
    axis.set_axisbelow(True)
    axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return axis
