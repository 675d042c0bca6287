"""Who earns what, as the page shows it: payments to regions by part, who pays whom, and a sentence on stability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from placer.accounting.result import accounts
from placer.accounting.tables import PARTS
from placer.report.html.markup import labelled

if TYPE_CHECKING:
    from placer.placement.result import Placement


@dataclass(frozen=True, eq=False)
class AccountsContent:
    """The accounts of a placement by region.

    Attributes
    ----------
    regions : DataFrame
        Rows as ``placer.Accounts.regions``, without parties that are paid nothing and spend nothing.
    parts : DataFrame
        What each of them is paid, thousand USD, by part.
    spent : Series
        What their users spend, thousand USD.
    trade : DataFrame
        What the users of regions (columns) pay each of them (rows), USD.
    stability : str
    remarks : tuple of str
    """

    regions: pd.DataFrame
    parts: pd.DataFrame
    spent: pd.Series
    trade: pd.DataFrame
    stability: str
    remarks: tuple[str, ...]


def accounts_content(placement: Placement) -> AccountsContent | None:
    """Return the accounts by region; None with fewer than two regions, or for a model with own rows."""
    regions = {
        name for table in ("hubs", "data_centres") for name in placement.instance.tables[table]["region"].dropna()
    }
    if len(regions) < 2 or getattr(placement, "extended", None) is not None:
        return None
    read = accounts(placement)
    table = read.regions
    shown = table[(table["made_usd"] != 0) | (table["spent_usd"] != 0) | (table["lost_usd"] != 0)]
    parts = shown[[f"{part}_usd" for part in PARTS]].set_axis(list(PARTS), axis=1) / 1000
    trade = read.trade.loc[shown.index]
    return AccountsContent(
        regions=labelled(shown),
        parts=labelled(parts),
        spent=labelled(shown[["spent_usd"]])["spent_usd"] / 1000,
        trade=labelled(labelled(trade).T).T,
        stability=str(read.stability),
        remarks=read.remarks,
    )
