"""``placer accounts``: place the demand of a dataset and print the accounts of its regions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pandas as pd
import typer

from placer.accounting.result import Accounts, accounts
from placer.cli.cluster import cluster, needs_workers
from placer.cli.placing import placed
from placer.cli.run import Run, command
from placer.cli.screen import mention, say
from placer.cli.security import asked_security, lost_in_words, print_headroom
from placer.cli.tables import print_columns, print_named, records
from placer.errors import PlacerError
from placer.security.placement import SecurePlacement
from placer.security.secure import secured
from placer.solve import place_instance

if TYPE_CHECKING:
    from placer.accounting.gains import Gains
    from placer.planning.answer.accounts import PlanAccounts

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
    typer.Option("--gains", help="Solve the cost of every group of regions alone, and split the gains from trade."),
]
ByWorkload = Annotated[
    bool,
    typer.Option("--workloads", help="Also print the tokens that each region makes, by workload, and their value."),
]

#: The option of a plan, whose accounts have the same columns.
PlanAccountsBy = Annotated[
    str | None,
    typer.Option(
        "--accounts",
        metavar="COLUMN",
        help="Also who pays and who earns, by a column of hubs and data centres, such as region.",
    ),
]

_EARNED = ("spent_usd", "made_usd", "balance_usd", "accelerator_rent_usd", "power_rent_usd", "value_usd_per_mtok")
_HEADINGS = (*_EARNED, "usd_per_mwh", "uplift", "net_cost_usd")
_WORKLOAD_HEADINGS = ("made_mtok", "made_share", "made_usd", "value_usd_per_mtok")
_BUILT = ("build_cost_usd", "build_limits_usd", "build_value_usd", "net_cost_usd")
_PLAN_HEADINGS = (*_EARNED, "usd_per_mwh", "uplift", *_BUILT)
_BUILD_HEADINGS = ("paid_by", "units", "cost_usd", "limits_usd", "value_usd", "profit_usd")
_GAIN_HEADINGS = (
    "alone_usd",
    "net_cost_usd",
    "least_net_cost_usd",
    "most_net_cost_usd",
    "gain_usd",
    "shapley_gain_usd",
)


@command("secure protected workers scheduler time_limit out as_json")
def accounts_command(
    run: Run,
    *,
    by: By = "region",
    owners: Owners = None,
    gains: WithGains = False,
    workloads: ByWorkload = False,
) -> None:
    """Place the demand of a dataset at least cost, and print the payments, earnings and net cost of each region.

    With --secure the placement survives the loss of any one thing, and headroom is paid for. --out writes every table.
    """
    security = asked_security(run)
    if gains and security is not None:
        raise PlacerError("--gains is about placements without security; leave out one of --gains and --secure")
    with cluster(run.scheduler) as executor, run.working() as (step, found):
        step("the placement")
        placement = place_instance(run.load())
        found(placed(placement))
        if security is not None:
            step(f"securing it against the loss of {lost_in_words(security)}")
            placement = secured(placement, security)
        read = accounts(placement, by, owners=owners, workers=run.workers, executor=executor)
        if gains:
            step("the gains from trade")
        with needs_workers():
            gained = read.gains if gains else None
    summary = run.asked | _summary(read, gained)
    run.tell(summary, lambda: _print(read, gained, workloads=workloads))
    for remark in read.remarks:
        mention(f"note: {remark}")
    run.save(summary, read)


def _summary(read: Accounts, gained: Gains | None) -> dict[str, Any]:
    """Return the accounts in JSON types."""
    summary = {
        "by": read.groups.by,
        "cost_and_penalty_usd": read.cost_usd,
        "regions": records(read.regions),
        "trade_usd": read.trade.T.to_dict(),
        "tokens_mtok": read.tokens.T.to_dict(),
        "workloads": records(read.workloads),
        "chain": read.chain.T.to_dict(),
        "stability": str(read.stability),
        "remarks": list(read.remarks),
    } | (read.bought_demand.figures if read.bought_demand else {})
    if gained is None:
        return summary
    return summary | {
        "gains": records(gained.table),
        "alone_usd": gained.alone_usd.to_dict(),
        "shapley_in_core": gained.shapley_in_core,
        "objection": gained.objection,
        "net_cost_objection": gained.net_cost_objection,
    }


def _print(read: Accounts, gained: Gains | None, *, workloads: bool) -> None:
    say(read.headline)
    print_columns("Who earns what", read.regions, *_HEADINGS, currency=read.currency)
    if isinstance(read.placement, SecurePlacement):
        print_headroom(read.regions, read.currency)
    print_named(f"Paid to (rows) by users in (columns), {read.currency}", read.trade)
    if workloads:
        for region, made in read.workloads.groupby(level="made_in", sort=False):
            rows = made.droplevel("made_in").sort_values("made_mtok", ascending=False, kind="stable")
            print_columns(f"Made in {region}, by workload", rows, *_WORKLOAD_HEADINGS, currency=read.currency)
    say(f"\n{read.stability}")
    if gained is not None:
        print_columns("Gains from trade", gained.table, *_GAIN_HEADINGS, currency=read.currency)
        say(str(gained))


def valued_alone(candidates: pd.DataFrame, by: str | None) -> pd.DataFrame:
    """Return the candidates of a plan whose accounts are asked for; refuse whole units, which have no marginal values.

    Parameters
    ----------
    by : str or None
        The column of the accounts; None for no accounts.

    Raises
    ------
    PlacerError
    """
    whole = [name for name in ("module_units", "opening_usd_per_year") if name in candidates]
    if by is not None and candidates[whole].notna().any(axis=None):
        raise PlacerError(
            "--accounts: a plan in modules or with openings has no marginal prices, and so no accounts; leave it out"
        )
    return candidates


def print_plan_accounts(read: PlanAccounts) -> None:
    """Print the accounts of a plan: yearly payments and earnings of each party, and the payer of each build."""
    currency = read.currency
    print_columns(f"Who earns what, {currency} a year", read.regions, *_PLAN_HEADINGS, currency=currency)
    built = read.builds[read.builds["units"] > 0]
    heading = f"Who pays for what is built, {currency} a year"
    print_columns(heading, built, *_BUILD_HEADINGS, currency=currency)
