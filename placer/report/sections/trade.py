"""The section on who sells tokens to whom: map, matrix, prices by country, and who gains."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from placer.accounting.groups import AUTHORITY, NETWORK
from placer.report.content.page import PageContent
from placer.report.content.trade import MOST_ARCS, TradeContent
from placer.report.html.charts import stacked_bars
from placer.report.html.markup import Html, folded, fragment, para, tag
from placer.report.html.svg import line_legend
from placer.report.html.tables import matrix_table, table
from placer.report.sections import map_svg
from placer.report.sections.map_labels import LETTERINGS, name_places
from placer.report.sections.results import unit_of_prices
from placer.report.sections.site_map import dots, marks
from placer.result_columns import long
from placer.utils.numbers import figure

#: Sellers whose arcs have a line of their own, and the class of the others.
_SELLERS, _OTHERS = 5, "c5"
#: Widths of the widest and of the narrowest arc, in units of the drawing.
_WIDEST, _FINEST = 9.0, 0.6


def trade_map(content: PageContent) -> Html | None:
    """Draw the largest flows between countries over the land of the map of flows; None where nothing has a place."""
    found = content.trade
    if found is None or found.arcs.empty:
        return None
    points, arcs = found.points, found.arcs
    shown = map_svg.project(content.flows)
    at = np.column_stack(shown.at(points["lon"].to_numpy(float), points["lat"].to_numpy(float))).round(1)
    sellers = (points["mtok"] > 0).to_numpy()
    largest = list(dict.fromkeys(np.argsort(-points["mtok"].to_numpy(), kind="stable")[:_SELLERS].tolist()))
    lines = {seller: f"c{place}" for place, seller in enumerate(largest)}
    drawn = [
        tag(
            "path",
            tag("title", said),
            d=map_svg.arc_path(at[seller].tolist(), at[buyer].tolist(), shown.round_the_world),
            class_=lines.get(seller, _OTHERS),
            stroke_width=f"{max(_FINEST, _WIDEST * mtok / arcs['mtok'].iloc[0]):.1f}",
        )
        for seller, buyer, mtok, said in arcs.itertuples(index=False)
    ]
    named = points.assign(amount=points["mtok"], kind=None, said="").reset_index()
    drawing = map_svg.framed(
        shown,
        "Map of tokens sold abroad; the matrix holds the amounts.",
        tag("use", href=f"#{content.prefix}atlas-land"),
        tag("g", *reversed(drawn), class_="sold"),
        tag("g", *dots(at[~sellers]), class_="places"),
        tag("g", *marks(named[sellers], at[sellers]), class_="sites"),
        *(name_places(named[sellers], at[sellers], named[~sellers], at[~sellers], each) for each in LETTERINGS),
    )
    key = [(f"swatch {lines[seller]}", points.index[seller]) for seller in largest if sellers[seller]]
    others = set(arcs["seller"]) - lines.keys()
    return fragment(drawing, line_legend([*key, *([(f"swatch {_OTHERS}", "others")] if others else [])]))


_COUNTRIES = (
    *("used_mtok", "made_mtok", "exports_mtok", "imports_mtok", "exports_usd", "imports_usd", "price_usd_per_mtok"),
    *("value_bought_usd", "consumers_surplus_usd", "producers_rent_usd", "other_rent_usd", "policy_revenue_usd"),
    *("lost_usd", "chip_usd", "net_cost_usd", "welfare_usd"),
)
#: What those who are no country earn.
_PARTIES = {
    NETWORK: "The network earns the rents of links.",
    AUTHORITY: "The authority earns the rents of caps, limits and quotas.",
}


def trade_section(content: PageContent) -> Html | None:
    """Return the section on who sells tokens to whom; nothing where no tokens are sold abroad."""
    found = content.trade
    if found is None:
        return None
    return fragment(
        *map(para, found.said),
        *_sold(content, found),
        *_prices(content, found),
        *_welfare(content, found),
        *_gains(content, found),
    )


def _sold(content: PageContent, found: TradeContent) -> list[Html | None]:
    drawing = trade_map(content)
    said = (
        f"Arcs run from sellers to buyers, the wider the more tokens, and bend to the left; at most the {MOST_ARCS} "
        f"largest are drawn. A square is a {found.by} that sells abroad, at its busiest data centre, the larger the "
        f"more; a circle is a {found.by} that only buys."
    )
    caption = f"Tokens sold abroad, from rows to columns, {found.sold_unit}"
    return [para(said) if drawing else None, drawing, matrix_table(found.sold, "made in", caption)]


def _prices(content: PageContent, found: TradeContent) -> list[Html | None]:
    parts = found.price_parts
    unit, headings = unit_of_prices(content.currency), partial(long, currency=content.currency)
    price, mean = found.prices.sum(axis=1), found.mean_price
    said = f"Behind each price stands how far it is from the mean of all, {figure(mean)} {unit}." if mean > 0 else ""
    return [
        tag("h3", f"Price by {found.by}"),
        para(
            "The mean price of the tokens that users buy, in its parts: costs at the margin, rents of what is scarce, "
            f"and tariffs and premia that are paid to somebody. {said}"
        ),
        stacked_bars(
            found.prices,
            price,
            unit,
            f"Mean price by {found.by}, in its parts; the table holds all.",
            ("price", "mean price"),
            [f"{round(100 * (each / mean - 1), 1) + 0.0:+.1f}%" for each in price] if mean > 0 else None,
        ),
        folded(
            "All prices and their parts",
            table(parts, found.by, headings(*_used(parts)), f"Mean price by {found.by}, and its parts"),
        ),
    ]


def _welfare(content: PageContent, found: TradeContent) -> list[Html | None]:
    headings = partial(long, currency=content.currency)
    if found.is_welfare:
        heading, mark = f"Welfare by {found.by}", "welfare"
        said = (
            "What users gain beyond the price that they pay, the rents of data centres and power, other rents, and the "
            f"tariffs and premia that a {found.by} is paid, less the penalty of unserved demand."
        )
    else:
        heading, mark = f"Net cost by {found.by}", "net cost"
        said = (
            "What users spend, and the penalty of what is unserved, less the rents and the tariffs and premia that the "
            f"{found.by} earns. What tokens are worth to users is not known without steps of value in the demand."
        )
    return [
        tag("h3", heading),
        para(" ".join([said, *(text for party, text in _PARTIES.items() if party in found.welfare.index)])),
        stacked_bars(
            found.welfare,
            found.welfare.sum(axis=1),
            found.unit,
            f"{heading}, in its parts; the table holds all.",
            (mark, mark),
        ),
        folded(
            f"All figures by {found.by}",
            table(
                found.countries, found.by, headings(*_used(found.countries[list(_COUNTRIES)])), f"Trade by {found.by}"
            ),
        ),
    ]


def _gains(content: PageContent, found: TradeContent) -> list[Html | None]:
    if found.gains is None:
        said = (
            "Gains on autarky are not on this page: another solve finds them (placer trade NAME --gains --report FILE)."
        )
        return [tag("p", said, class_="note")]
    headings = long(*map(str, found.gains), currency=content.currency)
    reversed_cost = " Welfare is the net cost with its sign reversed." if not found.is_welfare else ""
    return [
        tag("h3", "Who gains by trade"),
        para(f"Welfare less that in autarky, in which no {found.by} buys from another.{reversed_cost}"),
        stacked_bars(found.largest_gains, None, found.unit, f"Gains by {found.by}; the table holds all."),
        folded("All gains", table(found.gains, found.by, headings, "Welfare, and what trade adds to it")),
    ]


def _used(frame: pd.DataFrame) -> list[str]:
    """Return the columns that hold anything but zeros and unknown figures."""
    return [str(name) for name in frame if (frame[name].fillna(0.0) != 0).any()]
