"""``placer obstacles``: what keeps tokens of a country from users abroad."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from placer.cli.cluster import cluster, needs_workers
from placer.cli.completion import scenario_names
from placer.cli.run import Run, command
from placer.cli.screen import occasionally, say
from placer.cli.tables import print_columns
from placer.datasets import folder
from placer.instance.problem import Instance
from placer.trades.obstacles import trade_obstacles

if TYPE_CHECKING:
    from placer.trades.obstacle_parts import TradeObstacles

_MadeIn = Annotated[str, typer.Option(metavar="REGION", help="The country of the data centres.")]
_Obstacles = Annotated[
    list[str] | None,
    typer.Option(
        "--obstacle",
        metavar="NAME",
        autocompletion=scenario_names,
        help="Scenario that keeps tokens from users abroad, after those of --scenario; may be given several times.",
    ),
]

_PARTS = ("takes_mtok", "takes_share", "least_takes_mtok", "most_takes_mtok")
_SETS = ("exports_mtok", "low_mtok", "high_mtok")


@command("workers scheduler time_limit out as_json")
def obstacles_command(run: Run, *, made_in: _MadeIn, obstacle: _Obstacles = None) -> None:
    """Split the tokens that a country does not sell abroad by obstacle: distance, and each --obstacle.

    Places the demand without every set of obstacles. Distance is lifted so that every route is in time and transit is
    free; a scenario is lifted by leaving it out. The part of an obstacle is its Shapley value.
    """
    names = obstacle or []

    def with_obstacles(chosen: Sequence[str]) -> Instance:
        return run.changed(folder.load(run.dataset, [*run.scenarios, *chosen]))

    with cluster(run.scheduler) as executor, run.working() as (step, _), needs_workers():
        step("loading")
        replace(run, scenario=[*run.scenarios, *names]).load()  # for its notes
        step("lifting obstacles")
        found = trade_obstacles(
            with_obstacles, names, made_in, workers=run.workers, executor=executor, progress=occasionally(step)
        )
    run.answer(found, {}, lambda: _print(found))


def _print(found: TradeObstacles) -> None:
    say(found.headline)
    print_columns(f"What keeps tokens of {found.made_in} from users abroad", found.table, *_PARTS)
    sets = found.coalitions
    print_columns(f"What {found.made_in} sells abroad without them", sets, *_SETS, rows=len(sets))
