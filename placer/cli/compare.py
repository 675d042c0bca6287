"""``placer compare``: a dataset beside what it would be with other scenarios or with changes."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer

from placer.cli.options import Scenarios
from placer.cli.placing import placed
from placer.cli.run import Run, command
from placer.cli.screen import say
from placer.cli.tables import cell_text, print_named, records
from placer.cli.unserved import say_all_unserved
from placer.errors import PlacerError
from placer.placement.result import Placement
from placer.report.html.document import check_target
from placer.report.side_by_side import Comparison, compare_placements, differing
from placer.report.write import check_count
from placer.result_columns import heading, is_share
from placer.solve import place_instance
from placer.tolerances import DISPLAY
from placer.utils.numbers import in_full, percent, points, signed

_GIVEN, _CHANGED = "as given", "changed"
#: Figures that are not printed: the gap, and the cost per Mtok again in another unit.
_HIDDEN = ("gap", "cost_usd_per_token")

_Report = Annotated[Path | None, typer.Option(help="HTML file for a page that sets them side by side.")]


@command("scenario change add without report time_limit out require_served as_json")
def compare_command(run: Run, *, scenario: Scenarios = None, report: _Report = None) -> None:
    """Set placements side by side, with differences from the first: scenarios, or a dataset as given and changed.

    With --change, --add or --without every scenario has two columns, as given and with all the changes. Prints the
    figures that differ, and the data centres and hubs where anything does; --json and --out hold all.
    """
    cases = _cases(replace(run, scenario=scenario))
    if report is not None:
        check_target(report)
        check_count(len(cases))
    placements: dict[str, Placement] = {}
    with run.working() as (step, note):
        step("loading")
        instances = {name: case.load() for name, case in cases.items()}
        for name, instance in instances.items():
            step(f"{name}: solving {instance!r}")
            placements[name] = place_instance(instance)
            note(f"{name}: {placed(placements[name])}")
    found = compare_placements(placements)
    asked = run.asked | {"scenarios": scenario or [], "cases": list(placements)}
    summary = asked | {name: records(table) for name, table in found.tables.items()}
    replace(run, scenario=None).tell(summary, lambda: _print(found))
    run.save(asked, found)
    if report is not None:
        found.report(report, dataset=run.described)
    run.end(unserved=say_all_unserved(placements.values()))


def _cases(run: Run) -> dict[str, Run]:
    """Return what is set side by side, by name."""
    cases: dict[str, Run] = {}
    for each in run.each_scenario():
        names = list(each.scenarios)
        cases[" + ".join(names) or _GIVEN] = replace(each, change=None, add=None, without=None)
        if run.changes:
            cases[" + ".join([*names, _CHANGED])] = each
    if len(cases) < 2:
        raise PlacerError("nothing to compare; give --change, --add, --without, or --scenario more than once")
    return cases


def _print(found: Comparison) -> None:
    """Print what differs: figures, and data centres and hubs, the largest differences first."""
    figures = differing(found.figures).drop(index=[*_HIDDEN], errors="ignore")
    if figures.empty:
        say("No figure differs.")
        return
    shown = _in_words(figures, list(figures.index)).set_axis([heading(name, found.currency) for name in figures.index])
    print_named("Figures", shown.rename_axis("figure"), len(shown))
    for label, table, column in (
        ("Data centres, Mtok", found.data_centres, "mtok"),
        (f"Hubs, {found.currency}/Mtok", found.hubs, "cost_usd_per_mtok"),
    ):
        moved = differing(table)
        spread = np.ptp(moved.fillna(0.0).to_numpy(), axis=1)
        if len(moved):
            largest_first = moved.iloc[np.argsort(-spread, kind="stable")]
            print_named(label, _in_words(largest_first, [column] * len(moved)))


def _in_words(table: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Return the values of rows as text, all but the first with what they are more or less than the first."""
    rows = [
        [cell_text(column, base), *(_beside(column, value, base) for value in others)]
        for column, (base, *others) in zip(columns, table.itertuples(index=False, name=None), strict=True)
    ]
    return pd.DataFrame(rows, index=table.index, columns=table.columns)


def _beside(column: str, value: float, base: float) -> str:
    """Return a value, and how far it is from another: in points of a share, or also as a part of the other.

    Examples
    --------
    >>> _beside("cost_usd", 110.0, 100.0), _beside("export_share", 0.35, 0.5), _beside("mtok", 3.0, math.nan)
    ('110 (+10, +10.0%)', '35.00% (\u221215.0 points)', '3')
    """
    text, more = cell_text(column, value), value - base
    if math.isnan(more) or abs(more) <= DISPLAY * (1.0 if is_share(column) else abs(base)):
        return text
    if is_share(column):
        return f"{text} ({signed(points(more), more)})"
    part = f", {signed(percent(more / abs(base)), more)}" if base else ""
    return f"{text} ({signed(in_full(more), more)}{part})"
