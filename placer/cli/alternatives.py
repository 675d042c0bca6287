"""``placer alternatives``: what every placement of nearly least cost has in common, and how far they differ."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import pandas as pd
import typer

from placer.cli.outputs import check_plot, write_plot
from placer.cli.placing import least_cost
from placer.cli.run import Run, command
from placer.cli.screen import occasionally, print_table, say
from placer.cli.tables import as_table, print_named
from placer.errors import PlacerError
from placer.near_optimal.alternatives import alternatives
from placer.near_optimal.groups import Counted
from placer.near_optimal.tables import named_groups
from placer.result_columns import heading

if TYPE_CHECKING:
    from placer.near_optimal.result import Alternatives

_Within = Annotated[float, typer.Option(help="Excess cost allowed, as a share of the least cost.")]
_Groups = Annotated[
    list[str] | None,
    typer.Option(
        "--group",
        metavar="GROUP",
        help="Groups to range over, several times: data_centre, region, jurisdiction, power_zone, exports; or one of "
        "your own, LABEL=NAME|NAME, of data centres, regions or power zones.",
    ),
]
_Counted = Annotated[Counted, typer.Option(help="What groups count: Mtok, accelerator-hours, or MWh of IT energy.")]
_Answers = Annotated[int, typer.Option(help="Most placements to show beside the one of least cost.")]
_Plot = Annotated[
    Path | None,
    typer.Option("--plot", help="File for the answers over the groups, such as .png, .svg; needs token-placer[plot]."),
]

#: Columns of ranges on the screen.
_RANGES = ("at_least_cost", "least", "most", "least_share", "most_share")


@command("time_limit out plot as_json")
def alternatives_command(
    run: Run,
    *,
    within: _Within = 0.01,
    group: _Groups = None,
    counted: _Counted = "tokens",
    answers: _Answers = 4,
    plot: _Plot = None,
) -> None:
    """Find the least and the most that any placement of nearly least cost has of each group, each end proven.

    It also prints a few such placements that differ most, and what is in every one and in none.
    """
    check_plot(plot)
    groups = _groups(group or [])
    with run.working() as (step, note):
        placement = least_cost(run, step, note)
        found = alternatives(placement, within, groups, counted=counted, answers=answers, progress=occasionally(step))
    run.answer(found, {}, lambda: print_alternatives(found))
    write_plot(plot, lambda plots: plots.plot_alternatives(found))


def _groups(texts: list[str]) -> list[str] | dict[str, list[str]] | None:
    """Return kinds of groups, or the names of the members of own ones by label; None if none are given."""
    own = {label: names.split("|") for label, equals, names in (text.partition("=") for text in texts) if equals}
    if own and len(own) < len(texts):
        raise PlacerError("--group takes kinds of groups, or groups of your own each with its own label, not both")
    return own or texts or None


def print_alternatives(found: Alternatives) -> None:
    """Print what all answers within the budget have, and a few of them with their cost."""
    say(repr(found))
    ranges, unit = named_groups(found.ranges), found.ranges["unit"].iloc[0]
    shown = [name for name in _RANGES if not ranges[name].isna().all()]
    heads = {name: heading(name) for name in shown}
    print_table(as_table(f"Over all within the budget, {unit}", ranges, heads, len(ranges)))
    named = found.answers.index
    amounts = named_groups(found.amounts["counted"].unstack("answer").loc[found.ranges.index][named])
    print_named(f"A few of them, {unit}", amounts, len(amounts))
    costs = found.answers.set_axis(pd.Index(named, name="answer"))
    print_table(as_table("Their cost", costs, {name: heading(name, found.currency) for name in map(str, costs)}))
