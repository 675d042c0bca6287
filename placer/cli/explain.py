"""``placer explain``: why demand is short, and the smallest change that cures it."""

from __future__ import annotations

from placer.analysis.shortage import explanation
from placer.cli.answers import print_shortages
from placer.cli.placing import least_cost
from placer.cli.run import Run, command
from placer.cli.tables import records


@command("time_limit require_served as_json")
def explain_command(run: Run) -> None:
    """Explain unserved demand: its amount, the limit that causes it, and the smallest change that cures it."""
    with run.working() as (step, note):
        placement = least_cost(run, step, note)
        step("looking for the limits behind the shortage")
        table = explanation.explain(placement).table.drop(columns="change")
    run.tell(run.asked | {"shortages": records(table)}, lambda: print_shortages(table))
    run.end(unserved=len(table) > 0)
