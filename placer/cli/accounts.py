"""``placer accounts``: place the demand of a dataset and say who earns what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from placer.accounting.result import accounts
from placer.cli.options import (
    NO_LIMIT,
    Dataset,
    Json,
    Scenario,
    TimeLimit,
    Workers,
    command_time,
    dataset_title,
    placed,
)
from placer.cli.screen import occasionally, print_table, say, steps, title, write
from placer.cli.tables import as_table, json_text, records
from placer.datasets import folder
from placer.solve import solve

if TYPE_CHECKING:
    from placer.accounting.gains import Gains
    from placer.accounting.result import Accounts

By = Annotated[
    str,
    typer.Option(
        help="Column of hubs and data centres that names the parties: region, jurisdiction, power_zone or any other."
    ),
]
Owners = Annotated[
    str | None,
    typer.Option(help="Column of data centres with the region of the owner of the accelerators; 'owner' if not given."),
]
WithGains = Annotated[
    bool,
    typer.Option("--gains", help="Solve what every group of regions costs alone, and split the gains from trade."),
]

_HEADINGS = {
    "spent_usd": "spent USD",
    "made_usd": "made USD",
    "balance_usd": "balance",
    "accelerator_rent_usd": "accel. rent",
    "power_rent_usd": "power rent",
    "value_usd_per_mtok": "USD/Mtok made",
    "usd_per_mwh": "USD/MWh",
    "uplift": "uplift",
    "net_cost_usd": "net cost",
}
_GAIN_HEADINGS = {
    "alone_usd": "alone USD",
    "net_cost_usd": "net cost",
    "least_net_cost_usd": "least",
    "most_net_cost_usd": "most",
    "gain_usd": "gain",
    "shapley_gain_usd": "gain by Shapley",
}


def accounts_command(
    *,
    dataset: Dataset,
    scenario: Scenario = None,
    by: By = "region",
    owners: Owners = None,
    gains: WithGains = False,
    workers: Workers = 1,
    time_limit: TimeLimit = NO_LIMIT,
    as_json: Json = False,
) -> None:
    """Place the demand of a dataset at least cost, and say what each region spends, makes and costs net."""
    scenarios = scenario or []
    with steps() as step, command_time(time_limit, occasionally(step)) as found:
        step("the placement")
        placement = solve(folder.load(dataset, scenarios))
        found(placed(placement))
        read = accounts(placement, by, owners=owners, workers=workers)
        if gains:
            step("the gains from trade")
        gained = read.gains if gains else None
    if as_json:
        write(json_text({"dataset": dataset, "scenarios": scenarios} | _summary(read, gained)))
    else:
        _print(read, gained, dataset_title(dataset, scenarios))
    for remark in read.remarks:
        say(f"note: {remark}", errors=True)


def _summary(read: Accounts, gained: Gains | None) -> dict[str, Any]:
    """Return the accounts in JSON types."""
    summary = {
        "by": read.groups.by,
        "cost_and_penalty_usd": read.cost_usd,
        "regions": records(read.regions),
        "trade_usd": read.trade.T.to_dict(),
        "tokens_mtok": read.tokens.T.to_dict(),
        "chain": read.chain.T.to_dict(),
        "stability": str(read.stability),
        "remarks": list(read.remarks),
    }
    if gained is None:
        return summary
    return summary | {
        "gains": records(gained.table),
        "alone_usd": gained.alone_usd.to_dict(),
        "shapley_in_core": gained.shapley_in_core,
        "objection": gained.objection,
    }


def _print(read: Accounts, gained: Gains | None, heading: str) -> None:
    title(heading)
    say(repr(read))
    print_table(as_table("Who earns what", read.regions, _HEADINGS))
    used = {str(name): str(name) for name in read.trade}
    print_table(as_table("Paid to (rows) by users in (columns), USD", read.trade, used))
    say(f"\n{read.stability}")
    if gained is not None:
        print_table(as_table("Gains from trade", gained.table, _GAIN_HEADINGS))
        say(str(gained))
