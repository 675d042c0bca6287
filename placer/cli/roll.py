"""``placer roll``: a long horizon in steps, each with a look ahead and the work that waits from the step before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from placer.cli.run import Run, command
from placer.cli.screen import print_table, say
from placer.cli.tables import as_table
from placer.instance.hours.timestamps import short_text
from placer.result_columns import heading
from placer.rolling.horizon import roll

if TYPE_CHECKING:
    from placer.rolling.result import RolledPlacement

_Hours = Annotated[float, typer.Option(help="Hours that a step keeps.")]
_Ahead = Annotated[
    float,
    typer.Option(help="Further hours that a step solves and does not keep; the longest deadline shortens no wait."),
]

_STEP = ("demand_mtok", "backlog_mtok", "served_mtok", "unserved_mtok", "remaining_mtok", "cost_usd", "penalty_usd")
_WORKLOAD = _STEP[:4]


@command("time_limit out require_served as_json")
def roll_command(run: Run, *, hours: _Hours = 24.0, look_ahead: _Ahead = 24.0) -> None:
    """Solve a long horizon step by step, where each step sees some hours ahead and no further.

    Prints what every step is asked for, serves, leaves unserved and hands on, with its cost, and the same by workload.
    """
    with run.working() as (step, _):
        step("loading")
        instance = run.load()
        step(f"solving {instance!r} in steps")
        found = roll(instance, hours, look_ahead)
    run.answer(found, {"hours": hours, "look_ahead": look_ahead}, lambda: _print(found))
    run.end(unserved=bool((found.steps["unserved_mtok"] > 0).any()))


def _print(found: RolledPlacement) -> None:
    say(repr(found))
    steps = found.steps.set_index(found.steps.index.map(short_text).rename("from hour"))
    print_table(as_table("Steps", steps, {name: heading(name, found.currency) for name in _STEP}))
    print_table(as_table("Workloads", found.workloads, {name: heading(name) for name in _WORKLOAD}))
