"""Who sells tokens to whom, as the page shows it: the matrix, the map, prices by country and who gains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.errors import InstanceError, Violation
from placer.placement.result import Placement
from placer.report.content.accounts import has_accounts
from placer.report.content.flow_map import LEAST_SHARE
from placer.report.html.markup import labelled, shortened
from placer.texts import spaced
from placer.trades.regimes import AUTARKY, FREE, unknown_gains
from placer.trades.shown import MOST, has_welfare, mean_prices, sold_abroad, welfare_parts
from placer.trades.trade import trade
from placer.utils.arrays import FloatArray, IntArray, without_noise
from placer.utils.largest import largest_rows
from placer.utils.numbers import figure, money, money_unit, percent

if TYPE_CHECKING:
    from placer.trades.result import Trade

#: Flows between countries that the map draws, the largest.
MOST_ARCS = 60


@dataclass(frozen=True, eq=False)
class TradeContent:
    """The trade of a placement.

    Attributes
    ----------
    by : str
        The column of the countries, in words.
    said : tuple of str
        The share that is traded and the largest flow, and what all gain on autarky if that is known.
    countries, price_parts : DataFrame
        As of ``placer.Trade``; countries that use and make nothing are left out.
    sold : DataFrame
        Tokens sold abroad in ``sold_unit``, sellers by buyers, with the others; the last row and column are sums.
    sold_unit : str
        As ``million Mtok``.
    points : DataFrame
        Countries with a place: ``name``, ``lat``, ``lon``, ``mtok`` sold abroad and ``bought_mtok``, by label.
    arcs : DataFrame
        The largest flows between them: positions ``seller`` and ``buyer`` in ``points``, ``mtok``, ``said``.
    prices : DataFrame
        Parts of the mean price, of the countries that use most and of the others together.
    mean_price : float
        Of all tokens that are used.
    welfare : DataFrame
        Parts of welfare, or of net cost, in ``unit``, likewise.
    unit : str
        Of ``welfare``, as ``million USD``.
    is_welfare : bool
        Whether ``welfare`` is about welfare, and not net cost.
    gains : DataFrame or None
        As of ``placer.Trade``, the largest gain first; None if it was not asked for.
    largest_gains : DataFrame
        The largest gains and losses in ``unit``, and the sum of the others; empty without gains.
    """

    by: str
    said: tuple[str, ...]
    countries: pd.DataFrame
    price_parts: pd.DataFrame
    sold: pd.DataFrame
    sold_unit: str
    points: pd.DataFrame
    arcs: pd.DataFrame
    prices: pd.DataFrame
    mean_price: float
    welfare: pd.DataFrame
    unit: str
    is_welfare: bool
    gains: pd.DataFrame | None
    largest_gains: pd.DataFrame


def trade_content(given: Trade | None, placement: Placement) -> TradeContent | None:
    """Return the trade of a placement; None if nothing is sold abroad, or none is given and ``has_accounts`` is False.

    Raises
    ------
    InstanceError
        If a given trade is of another placement.
    """
    if given is not None and given.accounts.placement is not placement:
        problem = "it is of another placement"
        raise InstanceError([Violation("report", "", "trade", problem, "placer.trade of this placement")])
    if given is None and not has_accounts(placement):
        return None
    found = trade(placement) if given is None else given
    if not found.summary()["traded_share"] > LEAST_SHARE:
        return None
    gains = found.gains[found.gains.any(axis=1)] if "gains" in found.tables else None
    sold, welfare = sold_abroad(found), welfare_parts(found)
    sold_size, sold_unit = money_unit(float(sold.to_numpy().sum()), "Mtok")
    size, unit = money_unit(float(welfare.abs().to_numpy().max()), found.currency)
    points, arcs = _on_map(found, sold_size, sold_unit)
    paying = found.price_parts[found.price_parts["mtok"] > 0]
    named = found.countries.loc[found.countries[["used_mtok", "made_mtok", "net_cost_usd"]].any(axis=1)]
    return TradeContent(
        by=spaced(shortened(found.accounts.groups.by)),
        said=_said(found, gains, sold_size, sold_unit),
        countries=labelled(named),
        price_parts=labelled(paying),
        sold=_with_sums(labelled(labelled(sold).T).T / sold_size),
        sold_unit=sold_unit,
        points=points,
        arcs=arcs,
        prices=labelled(mean_prices(found)),
        mean_price=float(np.average(paying["price_usd_per_mtok"], weights=paying["mtok"])),
        welfare=labelled(welfare) / size,
        unit=unit,
        is_welfare=has_welfare(found),
        gains=None if gains is None else labelled(gains.sort_values("gain_on_autarky_usd", ascending=False)),
        largest_gains=pd.DataFrame() if gains is None else labelled(_largest_gains(gains)) / size,
    )


def _largest_gains(gains: pd.DataFrame) -> pd.DataFrame:
    gained = gains[["gain_on_autarky_usd"]].dropna().set_axis(["gain_on_autarky"], axis=1)
    return largest_rows(gained, gained["gain_on_autarky"].abs(), MOST)


def _said(found: Trade, gains: pd.DataFrame | None, size: float, unit: str) -> tuple[str, ...]:
    """Return what the section says in sentences."""
    by, flows = spaced(shortened(found.accounts.groups.by)), found.flows.reset_index()
    largest = flows[flows["made_in"] != flows["used_in"]].iloc[0]
    seller, buyer = shortened(str(largest["made_in"])), shortened(str(largest["used_in"]))
    share = percent(found.summary()["traded_share"])
    mtok = figure(float(largest["mtok"]) / size)
    first = f"{share} of tokens are made in one {by} and used in another; most from {seller} to {buyer}, {mtok} {unit}."
    if gains is None:
        return (first,)
    if (unknown := unknown_gains(gains)) is None:
        gained = _money(gains, AUTARKY, 1.0, found.currency)
        said = [first, f"All together gain {gained} on autarky, in which no {by} buys from another."]
    else:
        said = [first, f"{unknown[0].upper()}{unknown[1:]}."]
    if f"gain_on_{FREE}_usd" in gains:
        said.append(f"Policies cost all together {_money(gains, FREE, -1.0, found.currency)} against free trade.")
    return tuple(said)


def _money(gains: pd.DataFrame, regime: str, sign: float, currency: str) -> str:
    """Return what all together gain on another regime, or lose with a sign of -1; rounding is 0."""
    total = np.array([sign * gains[f"gain_on_{regime}_usd"].sum()])
    return " ".join(money(float(without_noise(total, float(gains["welfare_usd"].abs().sum()))[0]), currency))


def _with_sums(frame: pd.DataFrame) -> pd.DataFrame:
    """Append the sums of rows as a column, then those of columns as a row."""
    wide = pd.concat([frame, frame.sum(axis=1).rename("all")], axis=1)
    return pd.concat([wide, wide.sum().to_frame("all").T])


def _on_map(found: Trade, size: float, unit: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the countries with a place, and the largest flows between them."""
    groups, countries = found.accounts.groups, found.countries.iloc[: len(found.accounts.groups.names)]
    points = countries[["exports_mtok", "imports_mtok"]].set_axis(["mtok", "bought_mtok"], axis=1)
    points = labelled(points.assign(lat=np.nan, lon=np.nan, number=np.arange(len(points))))
    points[["lat", "lon"]] = _places(found)
    points = points[points["lat"].notna() & (points[["mtok", "bought_mtok"]] > 0).any(axis=1)]
    place = pd.Series(np.arange(len(points)), [groups.names[number] for number in points["number"]])
    flows = found.flows.reset_index()
    flows = flows[flows["made_in"] != flows["used_in"]]
    flows = flows[flows["made_in"].isin(place.index) & flows["used_in"].isin(place.index)].head(MOST_ARCS)
    label = list(points.index)
    ends = [(int(place[made]), int(place[used])) for made, used in zip(flows["made_in"], flows["used_in"], strict=True)]
    arcs = pd.DataFrame(ends, columns=["seller", "buyer"]).assign(mtok=flows["mtok"].to_numpy())
    arcs["said"] = [
        f"{label[seller]} to {label[buyer]}: {figure(mtok / size)} {unit}"
        for seller, buyer, mtok in arcs.itertuples(index=False)
    ]
    return points.drop(columns="number").assign(name=label).rename_axis("label"), arcs


def _places(found: Trade) -> FloatArray:
    """Return latitude and longitude of every country: its busiest data centre, or else its largest hub; NaN without."""
    groups, placement = found.accounts.groups, found.accounts.placement
    at = np.full((len(groups.names), 2), np.nan)
    nodes: tuple[tuple[pd.DataFrame, IntArray, pd.Series], ...] = (
        (placement.instance.hubs, groups.hub, placement.hubs["demand_mtok"]),
        (placement.instance.data_centres, groups.site, placement.data_centres["mtok"]),
    )
    for table, country, mtok in nodes:
        place = table[["lat", "lon"]].to_numpy(float)
        order = np.argsort(mtok.to_numpy(float), kind="stable")
        order = order[np.isfinite(place[order]).all(axis=1)]
        at[country[order]] = place[order]
    return at
