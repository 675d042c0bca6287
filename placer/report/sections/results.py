"""The sections of a report on one placement, each a function from its content to HTML."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import partial

import pandas as pd

from placer.placement.accounts import COST_PARTS
from placer.placement.prices import RENTS
from placer.report.content.headlines import Headline, written
from placer.report.content.own_limits import OWN_PART, SECURITY_PRICE
from placer.report.content.page import PageContent
from placer.report.content.ranges import COLUMNS as RANGE_COLUMNS
from placer.report.html import charts
from placer.report.html.markup import Html, folded, fragment, para, tag
from placer.report.html.tables import Cell, heat_table, table
from placer.result_columns import is_share, long, unit_of
from placer.texts import spaced
from placer.utils.numbers import figure, percent

#: Units of headlines that are not written behind the figure.
_UNSAID = ("share", "gap", "")
#: Numbers of hubs drawn as bars and of workloads drawn as lines.
_BARS, _LINES = 24, 100
_PRICES = ("price_usd_per_mtok", "median_price_usd_per_mtok")
#: Parts of costs and prices, which are omitted where they are empty.
_COST_PARTS = tuple(f"{part}_usd_per_mtok" for part in COST_PARTS)
_RENTS = tuple(f"{rent}_usd_per_mtok" for rent in (*RENTS, OWN_PART, SECURITY_PRICE, "latency_rent"))
_DEMAND_COLUMNS = (
    *("demand_mtok", "unserved_share", "export_share", *RANGE_COLUMNS.values(), "rtt_ms", "cost_usd_per_mtok"),
    *(*_COST_PARTS, *_PRICES, *_RENTS),
)
_SITE_COLUMNS = ("mtok", "utilisation", "peak_utilisation", "cost_usd", "accelerator_rent_usd", "power_rent_usd")
_FOOTPRINT_COLUMNS = long("mwh", "carbon_t", "carbon_kg_per_mtok", "water_m3", "water_litres_per_mtok")


def unit_of_prices(currency: str) -> str:
    """Return the unit of prices and costs of tokens, as charts say it."""
    return f"{currency} per million tokens"


def headline_section(content: PageContent) -> Html:
    """Return the headline figures that are known."""
    return cards(item for item in content.headlines if item.text or not math.isnan(item.value))


def cards(headlines: Iterable[Headline], class_: str = "cards") -> Html:
    """Return headline figures as cards."""
    made = []
    for item in headlines:
        value = tag("strong", written(item), None if item.unit in _UNSAID else tag("span", item.unit))
        made.append(tag("div", tag("dt", item.label), tag("dd", value, tag("span", item.note)), class_="card"))
    return tag("dl", *made, class_=class_)


def figure_cell(name: str, value: float) -> Cell:
    """Format a figure of a table whose first column has the unit; small shares have two decimals."""
    if is_share(name):
        return Cell(percent(value, 2 if 0 < value < 0.01 else 1).removesuffix("%"), 100 * value)
    return Cell(figure(value), value)


def cost_section(content: PageContent) -> Html:
    """Return the section on the cost of a token by hub and workload in its parts."""
    largest = content.hubs.sort_values("demand_mtok", ascending=False, kind="stable")
    drawn = largest.head(_BARS)
    parts = drawn[list(_COST_PARTS)].set_axis(list(COST_PARTS), axis=1)
    said = f"Cost of a million tokens by hub, the {len(drawn)} hubs that ask for most; the table holds all."
    return fragment(
        para(
            f"Cost of serving a million tokens in its parts, for the {len(drawn)} largest hubs, and the mean price of "
            "served demand: the cost of one more. A price above the cost holds rents of scarce resources, and power at "
            "the price of the marginal supply."
        ),
        charts.stacked_bars(parts, drawn["price_usd_per_mtok"], unit_of_prices(content.currency), said),
        _demand_table(largest, "hub", "All hubs: cost, price and their parts", content),
        _demand_table(content.workloads, "workload", "Workloads likewise", content),
    )


def _demand_table(frame: pd.DataFrame, heading: str, caption: str, content: PageContent) -> Html:
    frame = frame.assign(unserved_share=frame["unserved_mtok"] / frame["demand_mtok"].where(frame["demand_mtok"] > 0))
    used = {
        name: title
        for name, title in long(*_DEMAND_COLUMNS, currency=content.currency).items()
        if name in frame and (name not in (*_COST_PARTS, *_RENTS) or (frame[name].fillna(0.0) != 0).any())
    }
    ties = content.ties[heading]
    note = tag("p", ties, class_="note") if ties else None
    return folded(caption, fragment(table(frame, heading, used, caption), note))


def utilisation_section(content: PageContent) -> Html:
    """Return the section on the hourly utilisation of data centres and the value of their limits."""
    order = content.data_centres["mtok"].to_numpy().argsort(kind="stable")[::-1]
    sites, scarce = content.data_centres.iloc[order], content.scarcities
    headings = partial(long, currency=content.currency)
    return fragment(
        para(
            f"Share of accelerators at work in each {content.steps.unit}, in per cent; a dash is a data centre without "
            "a limit. A rent is what one accelerator or one MW more saves."
        ),
        heat_table(content.utilisation.iloc[order], content.steps, "data centre", "Accelerators at work, %"),
        table(sites, "data centre", headings(*_SITE_COLUMNS), "Data centres"),
        table(scarce, "limit", headings("hours", "rent_usd"), "Scarce limits, and what they earn over the horizon")
        if len(scarce)
        else para("No limit is scarce."),
    )


def price_section(content: PageContent) -> Html:
    """Return the section on the price of a token over the horizon."""
    unit, steps = content.steps.unit, content.steps
    lines = [
        charts.sparkline(str(name), row.to_numpy(float), content.currency)
        for name, row in content.workload_prices.iterrows()
    ]
    return fragment(
        para(
            f"Cost of one more million tokens and its parts, a mean over the served demand of each {unit}. "
            + _apart(content.price_summary, content.currency)
        ),
        _on_the_index(content),
        charts.stacked_columns(
            content.prices,
            steps,
            unit_of_prices(content.currency),
            f"Mean price by {unit} and its parts; the table holds the figures.",
            line=_index(content),
        ),
        folded(f"Prices by {unit}", _price_table(content)),
        tag("h3", "By workload"),
        para(
            f"{unit_of_prices(content.currency)} over the horizon, each on a scale of its own, with its least and its "
            "most."
        ),
        tag("div", *lines[:_LINES], class_="sparks"),
        para(f"{len(lines) - _LINES} further workloads are left out.") if len(lines) > _LINES else None,
    )


def _apart(summary: pd.Series, currency: str) -> str:
    """Return a note on the demand outside the prices, and on the mean and median of all demand."""
    mean, median = figure(summary["mean_usd_per_mtok"]), figure(summary["median_usd_per_mtok"])
    said = f"Over all hours the mean is {mean} and the median {median} {currency}."
    dear = summary[["at_penalty_mtok", "unserved_mtok"]].sum()
    if not dear > 0:
        return said
    served, unserved = figure(summary["at_penalty_mtok"]), figure(summary["unserved_mtok"])
    paid = [figure(summary[f"{kind}payments_usd"]) for kind in ("", "at_penalty_", "unserved_")]
    return (
        f"{said} Demand priced at the penalty is left out: {served} Mtok are served at that price and {unserved} Mtok "
        f"are unserved. Payments are {paid[0]} {currency} for demand served below the penalty, {paid[1]} {currency} "
        f"for demand served at it, and {paid[2]} {currency} for unserved demand."
    )


def _index(content: PageContent) -> pd.Series | None:
    """Return the index of fixed weights under its name; None if nothing is priced in every step."""
    values = content.price_index.usd_per_mtok.rename("price index of fixed weights")
    return None if values.isna().all() else values


def _on_the_index(content: PageContent) -> Html | None:
    unit = content.steps.unit
    if len(content.steps) < 2:
        return None
    if _index(content) is None:
        return para(
            f"There is no index of fixed weights: no workload of a hub is served below the penalty every {unit}."
        )
    share = percent(content.price_index.demand_share)
    return para(
        "The mean also moves when the mix of demand does. The line does not: it weights each workload of each hub by "
        f"its demand over the whole horizon. It covers the {share} of demand that has a price every {unit}."
    )


def _price_table(content: PageContent) -> Html:
    prices, index = content.prices, content.price_index.usd_per_mtok
    frame = prices.assign(price=prices.sum(axis=1, min_count=1), index=index.to_numpy())
    per_mtok = unit_of("usd_per_mtok", content.currency)
    columns = {"price": f"mean price, {per_mtok}", "index": f"index of fixed weights, {per_mtok}"} | {
        name: spaced(name) for name in prices.columns if (prices[name].fillna(0.0) != 0).any()
    }
    unit = content.steps.unit
    return table(frame, unit, columns, f"Mean price by {unit} and its parts, {content.currency} per Mtok")


def footprint_section(content: PageContent) -> Html:
    """Return the section on energy, carbon and water, by hour and by data centre."""
    sites, steps = content.data_centres, content.steps
    served = sites["mtok"].where(sites["mtok"] > 0)
    frame = sites.assign(
        carbon_t=sites["carbon_kg"] / 1000,
        carbon_kg_per_mtok=sites["carbon_kg"] / served,
        water_m3=sites["water_litres"] / 1000,
        water_litres_per_mtok=sites["water_litres"] / served,
    ).sort_values("carbon_kg", ascending=False, kind="stable")
    drawn = [
        (
            tag("h3", f"{title} by {steps.unit}"),
            charts.stacked_columns(content.energy[[name]], steps, unit, f"{title} by {steps.unit}", 150),
        )
        for name, title, unit in (("carbon_t", "Carbon, tonnes", "t"), ("water_m3", "Water, cubic metres", "m\u00b3"))
        if (content.energy[name] > 0).any()
    ]
    none = None if drawn else para("The instance states neither carbon of its power nor water of its data centres.")
    return fragment(
        none,
        *(part for pair in drawn for part in pair),
        table(frame, "data centre", _FOOTPRINT_COLUMNS, "Energy, carbon and water by data centre"),
    )
