"""``placer ceiling``: the maximum exportable demand, its latency, and the limits on the rest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import pandas as pd
import typer

from placer.ceiling.curve import LIMIT, By, CeilingCurve
from placer.ceiling.effort import EFFORT, Effort, EffortCurve
from placer.ceiling.exports import export_ceiling
from placer.ceiling.secure.curve import SecureCurve
from placer.cli.answers import print_ceiling
from placer.cli.options import CEILING_PARTS
from placer.cli.outputs import write_out
from placer.cli.run import Run, command
from placer.cli.screen import say
from placer.cli.security import asked_security
from placer.cli.tables import print_columns, records
from placer.cli.unserved import say_unserved, unserved_places
from placer.errors import PlacerError
from placer.model.counts import Weight

if TYPE_CHECKING:
    from placer.ceiling.result import ExportCeiling
    from placer.ceiling.secure.result import SecureCeiling
    from placer.security.definition import Security

_EXPORTABLE = {"share": "exportable_share"}
#: The parts that are printed and saved in addition to the curve.
_PARTS = ("by_work", "gross_share", "work_gross_share", "limits", "walls", "economic_range", "shortenings")

#: What a curve is over: a kind of limit, or effort -> the curve of a ceiling.
_CURVES = {"rtt": "curve", "slo": "slo_curve", "shorten": "shorten_curve", EFFORT: "effort_curve"}

_ByOption = Annotated[
    Literal[By, Effort] | None,
    typer.Option(
        help="The curve over a limit on round trips (default), a factor on all latency limits, ms off every trip, or "
        "the accelerator-hours that all work takes."
    ),
]
_At = Annotated[
    list[float] | None,
    typer.Option(
        metavar="LIMIT",
        help="A limit of --by at which the ceiling is printed too; repeatable. With --secure it takes the place of the "
        "curve, for instances of any size.",
    ),
]
_WeightOption = Annotated[Weight, typer.Option(help="What the ceiling is a share of.")]
_Exporting = Annotated[
    list[str] | None,
    typer.Option(
        metavar="REGION",
        help="A region that exports; repeatable. If not given: the largest ceiling, or the pairs of the dataset.",
    ),
]


@command("secure recourse protected time_limit out require_served as_json")
def ceiling_command(
    run: Run,
    *,
    by: _ByOption = None,
    at: _At = None,
    weight: _WeightOption = "tokens",
    exporting: _Exporting = None,
) -> None:
    """Find the maximum exportable demand, its latency, and the limits on the rest.

    Prints three ceilings (net of swaps, by distance and law alone, with swaps), by the weight and by work side by side,
    the first by workload, destination and region, the limits on the rest, the economic range of exports, the arcs to
    shorten first, what of the rest is a wall and what a price, and the exact curve. --out also draws the curve and the
    split if matplotlib is installed.

    With --secure it prints the ceiling that the loss of any one thing leaves, the contingencies, and with --by the
    curve of that ceiling, or with --at single points of it.
    """
    if not all(limit >= 0 for limit in at or []):
        raise PlacerError("--at is a limit from 0 on: ms, a factor with --by slo, or hours with --by accelerators")
    if (security := asked_security(run)) is not None:
        if by == EFFORT:
            raise PlacerError(f"--by {EFFORT} has no curve with --secure: take {', '.join(LIMIT)}")
        secured, secure_curve = _secured(run, weight, exporting, security, by, at or [])
        run.end(unserved=tell_secure_ceiling(run, secured, secure_curve))
    by = by or "rtt"
    found, curve = _solved(run, weight, exporting, by)
    summary = run.asked | found.summary()
    unserved = unserved_places(found.formulation, found.extent.flows.unserved)
    summary |= {"by": by, "unserved": records(unserved)}
    if not isinstance(curve, EffortCurve):
        summary |= {"served_from": curve.served_from, "exportable_from": curve.exportable_from}
    points = _points(curve, at or [])
    summary |= {"at_limits": records(points)} if at else {}
    run.tell(summary | {"curve": records(curve.table)}, lambda: print_ceiling(found, curve, points))
    say_unserved(unserved, found.formulation.structure.total_demand)
    _write(found, curve, summary, run.out)
    run.end(unserved=len(unserved) > 0)


def _solved(
    run: Run, weight: Weight, exporting: list[str] | None, by: Literal[By, Effort]
) -> tuple[ExportCeiling, CeilingCurve | EffortCurve]:
    """Return the ceiling of a dataset with all its parts solved, and its curve."""
    with run.working() as (step, note):
        instance = run.loaded(step, "solving for the ceiling of")
        found = export_ceiling(instance, weight, exporting=exporting or None)
        note(repr(found))
        for part in _PARTS:
            step(CEILING_PARTS[part])
            getattr(found, part)
        step(CEILING_PARTS["curve"])
        return found, getattr(found, _CURVES[by])


def _points(curve: CeilingCurve | EffortCurve, limits: list[float]) -> pd.DataFrame:
    """Return the rows of a curve that hold at some limits."""
    chosen = sorted(set(limits))
    if isinstance(curve, EffortCurve):
        return pd.DataFrame([curve.at(hours) for hours in chosen])
    return curve.table.loc[[curve.at(limit).name for limit in chosen]].assign(**{LIMIT[curve.by]: chosen})


def _secured(
    run: Run,
    weight: Weight,
    exporting: list[str] | None,
    security: Security,
    by: By | None,
    at: list[float],
) -> tuple[SecureCeiling, SecureCurve | pd.DataFrame | None]:
    """Return the secure ceiling of a dataset, and its curve or points of it if they are asked for."""
    with run.working() as (step, note):
        instance = run.loaded(step, "solving for the secure ceiling of")
        found = export_ceiling(instance, weight, exporting=exporting or None, security=security)
        note(repr(found))
        if by is None and not at:
            return found, None
        step(CEILING_PARTS["curve"])
        by = by or "rtt"
        return found, found.at_limits(at, by) if at else getattr(found, _CURVES[by])


def _write(
    ceiling: ExportCeiling, curve: CeilingCurve | EffortCurve, summary: dict[str, Any], out: Path | None
) -> None:
    """Write the tables of a ceiling, and plots of the curve and of the limits."""

    def draw(plots: Any, folder: Path) -> None:
        plots.save_plot(plots.plot_curve(curve), folder / f"curve_{curve.by}.png")
        plots.save_plot(plots.plot_limits(ceiling), folder / "limits.png")

    write_out(
        out,
        summary,
        excel=lambda file: ceiling.save_excel(file, curve),
        tables=lambda folder: ceiling.save_tables(folder, curve),
        plots=draw,
    )


def tell_secure_ceiling(run: Run, found: SecureCeiling, curve: SecureCurve | pd.DataFrame | None) -> bool:
    """Print and write a secure ceiling, and return whether any demand is unserved.

    Parameters
    ----------
    curve : SecureCurve, DataFrame or None
        Of the ceiling, or points of its curve, where they are asked for.
    """
    formulation = found.without.formulation
    unserved = unserved_places(formulation, found.flows.unserved)
    summary = run.asked | found.summary() | {"unserved": records(unserved)}
    name, points = _secure_points(curve)
    tables = {"by_contingency": records(found.contingencies)} | ({} if points is None else {name: records(points)})
    run.tell(summary | tables, lambda: _print_secure(found, curve))
    say_unserved(unserved, formulation.structure.total_demand)
    write_out(
        run.out,
        summary,
        excel=lambda file: found.save_excel(file, curve),
        tables=lambda folder: found.save_tables(folder, curve),
    )
    return len(unserved) > 0


def _print_secure(found: SecureCeiling, curve: SecureCurve | pd.DataFrame | None) -> None:
    """Print the ceilings with and without security, the contingencies and the curve."""
    say(repr(found))
    if found.security.recourse == "all":
        shown = found.contingencies.sort_values("share", kind="stable").rename(columns=_EXPORTABLE)
        print_columns("The ceiling if it is lost", shown, "exportable_share", "unserved_mtok")
    else:
        table = found.contingencies.sort_values(["stranded_mtok", "binds"], ascending=False, kind="stable")
        shown = table[table["binds"] | (table["stranded_mtok"] > 0)]
        shown = shown.assign(binds=np.where(shown["binds"], "yes", ""))
        print_columns("If any one is lost", shown, "binds", "stranded_mtok")
    _, points = _secure_points(curve)
    if points is not None:
        heading = f"By {curve.by}" if isinstance(curve, SecureCurve) else "At these limits"
        rows = points.set_index(str(points.columns[0])).rename(columns=_EXPORTABLE)
        print_columns(heading, rows, "exportable_share", "unserved_mtok", "stranded_mtok")


def _secure_points(curve: SecureCurve | pd.DataFrame | None) -> tuple[str, pd.DataFrame | None]:
    """Return the name and the rows of a curve, or of points of it."""
    return ("curve", curve.table) if isinstance(curve, SecureCurve) else ("at_limits", curve)
