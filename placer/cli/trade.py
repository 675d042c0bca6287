"""``placer trade``: who sells tokens to whom, at what price, and who gains."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import pandas as pd
import typer

from placer.cli.outputs import check_page, check_plot, write_plot
from placer.cli.placing import least_cost
from placer.cli.run import Run, command
from placer.cli.screen import mention, say
from placer.cli.tables import print_columns
from placer.report.content.origin import origin_of
from placer.report.content.page import Subject
from placer.report.write import write_page
from placer.trades.regimes import unknown_gains
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
    check_plot(plot)
    check_page(report)
    with run.working() as (step, note):
        placement = least_cost(run, step, note)
        found = trade(placement, by)
        if gains:
            step("solving other regimes")
            note(f"what {len(found.gains)} parties gain")
            if (unknown := unknown_gains(found.gains)) is not None:
                mention(f"note: {unknown}")
    run.answer(found, {"by": by}, lambda: _print(found))
    write_plot(plot, lambda plots: plots.plot_trade(found))
    if report is not None:
        about = Subject(run.title, placement, dataset=run.described, scenarios=tuple(run.scenarios), trade=found)
        write_page(report, [about], origin_of(_command(run, by, gains=gains)))
    run.end(unserved=placement.unserved_mtok > 0)


def _command(run: Run, by: str, *, gains: bool) -> str:
    """Return the command that writes the same page, without its target."""
    chosen = [part for name in run.scenarios for part in ("--scenario", name)]
    asked = [*(["--by", by] if by != "region" else []), *(["--gains"] if gains else [])]
    return shlex.join(["placer", "trade", run.dataset, *chosen, *run.change_options, *asked])


def _print(found: Trade) -> None:
    say(found.headline)
    countries, currency = found.countries, found.currency
    size = countries["used_mtok"] + countries["made_mtok"]
    ordered = countries.loc[size.sort_values(ascending=False, kind="stable").index]
    gained = () if ordered["welfare_usd"].isna().all() else _WELFARE
    print_columns("Countries", ordered, *_COUNTRIES, *gained, currency=currency)
    between = found.flows[found.flows.index.get_level_values(0) != found.flows.index.get_level_values(1)]
    pairs = between.set_axis(pd.Index([f"{made} to {used}" for made, used in between.index], name="sold"))
    print_columns("Sold abroad", pairs, *_FLOWS, currency=currency)
    prices = found.prices.sort_values("mtok", ascending=False, kind="stable")
    named = pd.Index([f"{workload} in {country}" for country, workload in prices.index], name="bought")
    print_columns("Prices", prices.set_axis(named), *_PRICES, currency=currency)
    if "gains" in found.tables:
        by_gain = found.gains.sort_values("gain_on_autarky_usd", ascending=False, kind="stable")
        print_columns("Who gains by trade", by_gain, *map(str, by_gain), currency=currency)
