"""``placer trade``: who sells tokens to whom, at what price, and who gains."""

from __future__ import annotations

import shlex
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import pandas as pd
import typer

from placer.cli.options import placed
from placer.cli.outputs import check_plot, write_plot
from placer.cli.run import Run, command
from placer.cli.screen import print_table, say, title
from placer.cli.tables import as_table, records
from placer.datasets import folder
from placer.datasets.places import is_single_file
from placer.report.content.origin import origin_of
from placer.report.content.page import Subject
from placer.report.html.document import check_target
from placer.report.write import write_page
from placer.result_columns import short
from placer.solve import place_instance
from placer.trades.trade import trade

if TYPE_CHECKING:
    from placer.trades.result import Trade

_By = Annotated[str, typer.Option(help="Column of hubs and data centres that names the country.")]
_Gains = Annotated[
    bool, typer.Option("--gains", help="Solve autarky too, and free trade if there are policies: who gains by trade.")
]
_Report = Annotated[
    Path | None, typer.Option(help="HTML file for a page on the placement, with who sells tokens to whom.")
]

_Plot = Annotated[
    Path | None,
    typer.Option(
        "--plot",
        help="File for the matrix of who sells tokens to whom, such as .png, .svg or .pdf; needs token-placer[plot].",
    ),
]

_COUNTRIES = (
    *("used_mtok", "made_mtok", "exports_mtok", "imports_mtok", "price_usd_per_mtok", "producers_rent_usd"),
    "chip_usd",
)
_WELFARE = ("consumers_surplus_usd", "welfare_usd")
_FLOWS = ("mtok", "paid_usd")
_PRICES = ("mtok", "price_usd_per_mtok", "marginal_cost_usd_per_mtok", "lerner_share")


@command("time_limit out plot report require_served as_json")
def trade_command(
    run: Run, *, by: _By = "region", gains: _Gains = False, plot: _Plot = None, report: _Report = None
) -> None:
    """Place the demand of a dataset at least cost, and print who sells tokens to whom, at what price.

    The exporter is the country of the data centre. With steps of demand the surplus of consumers and the welfare of
    countries are printed too. --out writes every table.
    """
    if plot is not None:
        check_plot(plot)
    if report is not None:
        check_target(report)
    with run.working() as (step, note):
        step("loading")
        instance = run.load()
        step(f"solving {instance!r}")
        placement = place_instance(instance)
        note(placed(placement))
        found = trade(placement, by)
        if gains:
            step("solving other regimes")
            note(f"what {len(found.gains)} parties gain")
    summary = run.asked | {"by": by} | found.summary()
    tables = {name: records(table) for name, table in found.tables.items()}
    run.tell(summary | tables, lambda: _print(found, run.title))
    run.save(summary, found)
    write_plot(plot, lambda plots: plots.plot_trade(found))
    if report is not None:
        write_page(report, [_subject(run, found)], origin_of(_command(run, by, gains=gains)))
    run.end(unserved=placement.unserved_mtok > 0)


def _subject(run: Run, found: Trade) -> Subject:
    """Return the subject of a page."""
    dataset = None if is_single_file(run.dataset) else folder.describe(run.dataset)
    return Subject(run.title, found.accounts.placement, dataset=dataset, scenarios=tuple(run.scenarios), trade=found)


def _command(run: Run, by: str, *, gains: bool) -> str:
    """Return the command that writes the same page, without its target."""
    chosen = [part for name in run.scenarios for part in ("--scenario", name)]
    asked = [*(["--by", by] if by != "region" else []), *(["--gains"] if gains else [])]
    return shlex.join(["placer", "trade", run.dataset, *chosen, *run.change_options, *asked])


def _print(found: Trade, heading: str) -> None:
    title(heading)
    say(found.headline)
    countries, headings = found.countries, partial(short, currency=found.currency)
    size = countries["used_mtok"] + countries["made_mtok"]
    ordered = countries.loc[size.sort_values(ascending=False, kind="stable").index]
    gained = () if ordered["welfare_usd"].isna().all() else _WELFARE
    print_table(as_table("Countries", ordered, headings(*_COUNTRIES, *gained)))
    between = found.flows[found.flows.index.get_level_values(0) != found.flows.index.get_level_values(1)]
    pairs = between.set_axis(pd.Index([f"{made} to {used}" for made, used in between.index], name="sold"))
    print_table(as_table("Sold abroad", pairs, headings(*_FLOWS)))
    prices = found.prices.sort_values("mtok", ascending=False, kind="stable")
    named = pd.Index([f"{workload} in {country}" for country, workload in prices.index], name="bought")
    print_table(as_table("Prices", prices.set_axis(named), headings(*_PRICES)))
    if "gains" in found.tables:
        by_gain = found.gains.sort_values("gain_on_autarky_usd", ascending=False, kind="stable")
        print_table(as_table("Who gains by trade", by_gain, headings(*map(str, by_gain))))
