"""``placer models``: load whole replicas of models where they serve, and print what each model costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import pandas as pd
import typer

from placer.cli.run import Run, command
from placer.cli.screen import say
from placer.cli.tables import print_columns, records
from placer.presence.models import place_models

if TYPE_CHECKING:
    from placer.presence.result import Presence

_Gap = Annotated[float, typer.Option(min=0.0, max=0.99, help="How far the cost may be above its bound, relative.")]
_ByHour = Annotated[
    bool, typer.Option("--by-hour", help="Let replicas change from hour to hour, each further one at a cold start.")
]

_MODELS = (
    *("half", "demand_mtok", "replicas", "data_centres", "utilisation", "idle_usd", "cold_starts_usd"),
    *("cost_usd", "cost_usd_per_mtok"),
)
_REPLICAS = ("replicas", "loaded_accelerators", "utilisation")
#: Rows of the table of replicas on the screen.
_SHOWN = 20


@command("time_limit out require_served as_json")
def models_command(run: Run, *, gap: _Gap = 0.01, by_hour: _ByHour = False) -> None:
    """Load whole replicas of the models of a dataset where they serve, and place its demand over them.

    The dataset needs the table served_models. Prints what each model costs, what the rare half of the models costs, and
    what an answer with fractions of replicas would leave out. --out writes every table.
    """
    with run.working() as (step, note):
        step("loading")
        instance = run.load_models()
        step(f"placing models of {instance!r}")
        found = place_models(instance, gap, by_hour=by_hour)
        note(found.headlines[0])
    summary = run.asked | {"by_hour": by_hour} | found.summary()
    tables = {name: records(getattr(found, name)) for name in ("models", "replicas")}
    run.tell(summary | {"tables": tables}, lambda: _print(found))
    run.save(summary, found)
    run.end(unserved=found.placement.unserved_mtok > 0)


def _print(found: Presence) -> None:
    for line in found.headlines:
        say(line)
    print_columns("Models", found.models, *_MODELS, currency=found.currency)
    largest = found.replicas.sort_values("loaded_accelerators", ascending=False, kind="stable").iloc[:_SHOWN]
    named = pd.Index(
        [" at ".join(map(str, key[:2])) + "".join(f", {hour}" for hour in key[2:]) for key in largest.index]
    )
    rows = largest.set_axis(named.rename("loaded"))
    print_columns("Largest replicas", rows, *_REPLICAS, currency=found.currency)
