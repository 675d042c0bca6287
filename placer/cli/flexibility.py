"""``placer flexibility``: the least cost at which power zones draw less in some hours, and the work that gives way."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
import typer

from placer.analysis.flexibility.curve import Flexibility, flexibility
from placer.cli.options import CurvePlot, Tolerance
from placer.cli.outputs import check_plot, write_plot, write_tables
from placer.cli.placing import least_cost
from placer.cli.run import Run, command
from placer.cli.screen import print_table, say
from placer.cli.tables import as_table, records, spread_rows
from placer.result_columns import heading
from placer.utils.numbers import in_full, quantity

_Zones = Annotated[list[str], typer.Option("--zone", metavar="NAME", help="A power zone; several draw less together.")]
_Hours = Annotated[
    str, typer.Option(help="Hours in which they draw less, as in a table of limits: 17-20, 2026-01-05T17:00, a date.")
]

_CURVE = ("usd", "usd_per_mwh", "transfers_usd", "mwh", "unserved_mtok")


@command("time_limit out plot as_json")
def flexibility_command(
    run: Run, *, zone: _Zones, hours: _Hours, tolerance: Tolerance = 0.0, plot: CurvePlot = None
) -> None:
    """Find the least cost at which power zones draw less than in the placement of least cost.

    Prints the curve of that cost, with what the next MWh costs, and the work that waits, moves or is dropped at its
    end. --out also holds the work at every point, and what each zone draws more in each hour at the end.
    """
    check_plot(plot)
    with run.working() as (step, note):
        placement = least_cost(run, step, note)
        step("the curve of the reduction")
        found = flexibility(placement, zone, hours, tolerance=tolerance)
        firm_mw = found.firm_mw
    tables = found.tables | {"rebound": found.rebound()}
    summary = run.asked | {"zones": zone, "hours": hours, "firm_mw": firm_mw} | found.summary()
    run.tell(summary | {name: records(table) for name, table in tables.items()}, lambda: _print(found))
    write_tables(run.out, summary, tables)
    write_plot(plot, lambda plots: plots.plot_flexibility(found))


def _print(found: Flexibility) -> None:
    say(repr(found))
    say(f"{quantity(found.firm_mw)} MW less are possible without more unserved demand")
    curve = spread_rows(found.table)
    curve.index = pd.Index([in_full(mw) for mw in curve["mw"]], name="MW less")
    print_table(
        as_table("The curve, beside the placement", curve, {name: heading(name, found.currency) for name in _CURVE})
    )
    last = found.responses[found.responses["mw"] == found.table["mw"].iloc[-1]]
    last = last.sort_values("mtok", key=abs, ascending=False, kind="stable")
    to = last["power_zone"].map(lambda zone: f" to {zone}" if zone else "")
    work = pd.Index(last["workload"] + " " + last["response"] + to, name="work")
    print_table(as_table("Work at its end", last.set_index(work), {"mtok": heading("mtok")}))
