"""``placer explain``: why demand is short, and the smallest change that cures it."""

from __future__ import annotations

import typer

from placer.analysis.shortage import explanation
from placer.cli.answers import print_shortages
from placer.cli.options import (
    NO_LIMIT,
    Dataset,
    Json,
    RequireServed,
    Scenario,
    TimeLimit,
    command_time,
    dataset_title,
    placed,
    unserved_status,
    within_limit,
)
from placer.cli.screen import occasionally, steps, write
from placer.cli.tables import json_text, records
from placer.datasets import folder
from placer.solve import solve


@within_limit
def explain_command(
    *,
    dataset: Dataset,
    scenario: Scenario = None,
    time_limit: TimeLimit = NO_LIMIT,
    require_served: RequireServed = False,
    as_json: Json = False,
) -> None:
    """Explain unserved demand: its amount, the limit that causes it, and the smallest change that cures it."""
    with steps() as step, command_time(time_limit, occasionally(step)) as note:
        step("loading")
        instance = folder.load(dataset, scenario or [])
        step(f"solving {instance!r}")
        placement = solve(instance)
        note(placed(placement))
        step("looking for the limits behind the shortage")
        table = explanation.explain(placement).table.drop(columns="change")
    if as_json:
        write(json_text({"dataset": dataset, "scenarios": scenario or [], "shortages": records(table)}))
    else:
        print_shortages(table, dataset_title(dataset, scenario))
    raise typer.Exit(unserved_status(unserved=len(table) > 0, required=require_served))
