"""What the command line shows: steps on standard error, tables and JSON on standard output.

Names, titles, paths and messages come from files of strangers, and are shown as they are: nothing here reads markup,
and ``placer.texts.visible`` escapes what a terminal would obey. All commands write through ``say``, ``title``, ``show``
and ``to_json``.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import logging
import math
import os
import sys
import time
from typing import IO, TYPE_CHECKING, Any

import pandas as pd
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from placer.instance.settings import BETWEEN_REGIONS
from placer.placement.accounts import NEGLIGIBLE
from placer.texts import visible
from placer.utils.optional import how_to_install

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import numpy as np

    from placer.ceiling.curve import CeilingCurve
    from placer.ceiling.exports import ExportCeiling
    from placer.model.formulation import Formulation
    from placer.placement.result import Placement

#: Rows of a table on the screen; ``--out`` writes all of them.
_SHOWN_ROWS = 15
_SHOWN_ARCS = 5
#: Places named where demand is unserved.
_SHOWN_PLACES = 3
#: Width of what is not shown on a terminal: as much as a table takes.
_UNBOUNDED = 10_000

#: Columns shown on the screen, and what stands above them there.
_DEMAND_HEADINGS = {
    "demand_mtok": "Mtok",
    "unserved_mtok": "unserved",
    "export_share": "exported",
    "rtt_ms": "rtt ms",
    "cost_usd_per_mtok": "USD/Mtok",
    "price_usd_per_mtok": "price",
    "median_price_usd_per_mtok": "median",
}
_SITE_HEADINGS = {
    "mtok": "Mtok",
    "utilisation": "used",
    "peak_utilisation": "peak",
    "mwh": "MWh",
    "cost_usd": "USD",
    "accelerator_rent_usd": "rent/accel.",
}
_ARC_HEADINGS = {
    "workload": "workload",
    "shorten_ms": "shorten ms",
    "share_gained": "gains",
    "share_at_most": "at most",
}
_CURVE_HEADINGS = {
    "share": "exportable",
    "share_low": "at least",
    "share_high": "at most",
    "unserved_share": "unserved",
}
_REGION_HEADINGS = {
    "demand_share": "demand",
    "share": "exportable",
    "latency_share": "by distance and law",
    "gross_share": "with swaps",
    "unserved_share": "unserved",
}
_RULE_HEADINGS = {
    "cost_usd": "USD",
    "cost_usd_per_mtok": "USD/Mtok",
    "penalty_usd": "penalty",
    "cost_and_penalty_usd": "USD + penalty",
    "unserved_share": "unserved",
    "export_share": "exported",
}


def console(*, errors: bool = False) -> Console:
    """Return what is written to: standard output or standard error, with text as it is."""
    return _Console(stderr=errors, highlight=False, markup=False, emoji=False)


class _Console(Console):
    """What is written to; where nobody reads any more, the command goes on for its files and its exit status."""

    def on_broken_pipe(self) -> None:
        """Write what follows to nowhere."""
        _read_no_more(self.file)


def write(text: str) -> None:
    """Print text on standard output as it is, for programs to read."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        _read_no_more(sys.stdout)


def _read_no_more(stream: IO[str]) -> None:
    """Let a stream whose reader is gone (``placer solve china | head``) write to nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def say(text: str, *, errors: bool = False) -> None:
    """Print text of one or several lines."""
    console(errors=errors).print(Text(visible(text, keep="\n")), soft_wrap=True)


def title(text: str) -> None:
    """Print a heading."""
    console().print(Text(visible(text), style="bold"), soft_wrap=True)


def show(table: Table) -> None:
    """Print a table whose figures are never cut: a terminal too narrow for them wraps the lines itself."""
    out = console()
    needed = Measurement.get(out, out.options.update(max_width=_UNBOUNDED), table)
    width = max(out.width, needed.minimum if out.is_terminal else needed.maximum)
    out.width = width
    out.print(table, crop=False)


@contextlib.contextmanager
def steps() -> Iterator[Any]:
    """Show what is being done on standard error; keep what solvers print themselves off standard output."""
    aside = console(errors=True)
    with _output_aside(), aside.status("starting") as status:

        def step(text: str) -> None:
            if aside.is_terminal:
                status.update(Text(visible(text)))
            else:
                say(f"placer: {text}", errors=True)

        yield step


@contextlib.contextmanager
def log_shown() -> Iterator[None]:
    """Show meanwhile what the package logs as INFO, such as where the time goes, on standard error."""
    log, handler = logging.getLogger("placer"), _Shown()
    before = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(before)


class _Shown(logging.Handler):
    """Says what is logged."""

    def emit(self, record: logging.LogRecord) -> None:
        say(f"{record.name}: {record.getMessage()}", errors=True)


def occasionally(tell: Callable[[str], None], seconds: float = 2.0) -> Callable[[str], None]:
    """Return a function that passes on what it is told, but not more than once in so many seconds."""
    last = time.monotonic()

    def told(text: str) -> None:
        nonlocal last
        if time.monotonic() - last >= seconds:
            last = time.monotonic()
            tell(text)

    return told


@contextlib.contextmanager
def _output_aside() -> Iterator[None]:
    """Send the process' standard output to standard error meanwhile: HiGHS inside PuLP prints its banner there."""
    try:
        target = sys.__stderr__.fileno() if sys.__stderr__ else -1
        source = sys.__stdout__.fileno() if sys.__stdout__ else -1
        kept = os.dup(source)
    except (OSError, ValueError):
        yield
        return
    try:
        sys.stdout.flush()
        os.dup2(target, source)
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, source)
        os.close(kept)


def print_placement(placement: Placement, rules: pd.DataFrame, heading: str) -> None:
    """Print the headline figures and the main tables."""
    title(heading)
    say(repr(placement))
    scarce = placement.scarcities.reset_index()
    scarce.index = pd.Index(scarce["limit"] + " " + scarce["name"], name="limit")
    show(as_table("Workloads", _largest_first(placement.workloads, "demand_mtok"), _DEMAND_HEADINGS))
    show(as_table("Data centres", _largest_first(placement.data_centres, "mtok"), _SITE_HEADINGS))
    show(as_table("Hubs", _largest_first(placement.hubs, "demand_mtok"), _DEMAND_HEADINGS))
    show(as_table("Scarce limits", scarce, {"hours": "hours", "rent_usd": "rent USD"}))
    show(as_table("Beside naive rules", rules, _RULE_HEADINGS))


def unserved_places(formulation: Formulation, unserved: np.ndarray) -> pd.DataFrame:
    """Return what is unserved by workload and hub, the most first: ``workload``, ``hub``, ``unserved_mtok``, ``share``.

    Parameters
    ----------
    formulation : Formulation
    unserved : (demands,) array
        Mtok of each demand.
    """
    structure = formulation.structure
    if not unserved.sum() > NEGLIGIBLE * structure.demand_amount.sum():
        return pd.DataFrame(columns=["workload", "hub", "unserved_mtok", "share"])
    names = {
        "workload": pd.Index(formulation.workloads)[structure.demand_class],
        "hub": pd.Index(formulation.hubs)[structure.demand_origin],
    }
    table = pd.DataFrame(names | {"unserved_mtok": unserved, "demand": structure.demand_amount})
    by_place = table.groupby(["workload", "hub"], as_index=False, sort=False).sum()
    by_place["share"] = by_place["unserved_mtok"] / by_place.pop("demand")
    kept = by_place[by_place["unserved_mtok"] > NEGLIGIBLE * structure.demand_amount.sum()]
    return kept.sort_values("unserved_mtok", ascending=False, kind="stable", ignore_index=True)


def say_unserved(places: pd.DataFrame, demand_mtok: float, *, errors: bool = False) -> None:
    """Print how much is unserved, and where most of it, in one line; nothing if all is served."""
    if places.empty:
        return
    total = places["unserved_mtok"].sum()
    named = [
        f"{row['workload']} at {row['hub']} {_figure('mtok', row['unserved_mtok'])} Mtok"
        for _, row in places.head(_SHOWN_PLACES).iterrows()
    ]
    more = len(places) - len(named)
    say(
        f"placer: {_figure('mtok', total)} Mtok ({total / demand_mtok:.2%} of demand) unserved: {', '.join(named)}"
        + (f" and {more} more" if more else ""),
        errors=errors,
    )


def print_ceiling(ceiling: ExportCeiling, curve: CeilingCurve, heading: str) -> None:
    """Print the ceiling, what takes the rest, what is economic, the arcs to shorten first, and the curve's corners."""
    title(heading)
    say(repr(ceiling))
    say(
        f"By work: {ceiling.work_share:.2%} can be exported. With the rest's own demand sent in exchange: "
        f"{ceiling.gross_share:.2%} of {ceiling.weight}"
    )
    (low, high), (net_low, net_high) = ceiling.economic_range, ceiling.net_economic_range
    say(
        f"Exports of cost-optimal placements: {low:.2%} to {high:.2%} of tokens; "
        f"net of the rest's own demand displaced {net_low:.2%} to {net_high:.2%}"
    )
    if ceiling.economic_range.detail:
        say(f"not proven, bounds only: {ceiling.economic_range.detail}")
    show(as_table("What takes the rest", ceiling.limits, {"share": "share", "unserved_share": "unserved"}))
    if ceiling.instance.settings.exports == BETWEEN_REGIONS:
        show(as_table("Each region exporting alone", ceiling.regions, _REGION_HEADINGS))
    by_workload, by_site = _largest_first(ceiling.workloads, "demand"), _largest_first(ceiling.data_centres, "exported")
    show(as_table("Workloads", by_workload, {"demand": "demand", "exported": "exported", "share": "share"}))
    show(as_table("Destinations", by_site[by_site["exported"] > 0], {"exported": "exported", "share": "share"}))
    arcs = ceiling.shortenings.reset_index()
    arcs.index = pd.Index(arcs["hub"] + " - " + arcs["data_centre"], name="arc")
    show(as_table("Arcs to shorten first", arcs.head(_SHOWN_ARCS), _ARC_HEADINGS))
    show(as_table("The curve", _shown_corners(curve), _CURVE_HEADINGS))
    say(
        f"{len(curve.table)} corners; all that can be is served from {curve.served_from:g}, "
        f"exported from {curve.exportable_from:g}"
    )


def print_shortages(table: pd.DataFrame, heading: str) -> None:
    """Print what is short, why, and what cures it."""
    title(heading)
    if table.empty:
        say("All demand is served.")
    shown = table.set_index(pd.Index(table["workload"] + " at " + table["hub"], name="short")).drop(columns="workload")
    for label, row in shown.iterrows():
        say(
            f"{label}, hours {row['hours']}: {row['unserved_mtok']:,.6g} Mtok short by {row['limit']} {row['name']}; "
            f"cure: {row['cure']}"
        )


def draw_ceiling(ceiling: ExportCeiling, curve: CeilingCurve, folder: Path, step: Callable[[str], None]) -> None:
    """Draw the curve and the split as PNG files; say so where matplotlib is missing."""
    try:
        plots = importlib.import_module("placer.plots")
    except ModuleNotFoundError:
        step(f"no plots: matplotlib is not installed ({how_to_install('plot')})")
        return
    plots.save(plots.plot_curve(curve), folder / f"curve_{curve.by}.png")
    plots.save(plots.plot_limits(ceiling), folder / "limits.png")


def _shown_corners(curve: CeilingCurve) -> pd.DataFrame:
    """Return some rows of a long curve, the first and the last among them."""
    table = curve.table
    places = sorted({round(place * (len(table) - 1) / (_SHOWN_ROWS - 1)) for place in range(_SHOWN_ROWS)})
    shown = table.iloc[places]
    demand = curve.total_mtok
    shown = shown.assign(unserved_share=shown["unserved_mtok"] / demand)
    return shown.set_index(pd.Index([f"{limit:.6g}" for limit in shown.iloc[:, 0]], name=table.columns[0]))


def _largest_first(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    return frame.sort_values(column, ascending=False)


def as_table(heading: str, frame: pd.DataFrame, headings: dict[str, str]) -> Table:
    """Lay out some columns of a table, the first rows only; labels may be wrapped, figures are not."""
    frame = frame[list(headings)]
    table = Table(
        title=Text(f"\n{visible(heading)}"), title_justify="left", title_style="bold", box=None, pad_edge=False
    )
    table.add_column(Text(visible(str(frame.index.name).replace("_", " "))))
    for column in headings.values():
        table.add_column(Text(column), justify="right", no_wrap=True)
    for label, *values in frame.head(_SHOWN_ROWS).itertuples():
        figures = (Text(_figure(name, value)) for name, value in zip(headings, values, strict=True))
        table.add_row(Text(visible(str(label))), *figures)
    if len(frame) > _SHOWN_ROWS:
        table.add_row(f"and {len(frame) - _SHOWN_ROWS} more")
    return table


def _figure(name: str, value: float | str) -> str:
    if isinstance(value, str):
        return visible(value)
    if math.isnan(value):
        return "-"
    value = value or 0.0  # -0.0 is 0
    if "share" in name or "utilisation" in name:
        return f"{value:.2%}".replace("-0.00%", "0.00%")
    return f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table row by row, its index included, as JSON has it."""
    return [{str(key): value for key, value in row.items()} for row in frame.reset_index().to_dict("records")]


def to_json(value: Any) -> str:
    """Return JSON in which what is unknown (NaN) or unlimited (inf) is null, and no character acts on a terminal."""

    def plain(item: Any) -> Any:
        if isinstance(item, dict):
            return {key: plain(part) for key, part in item.items()}
        if isinstance(item, (list, tuple)):
            return [plain(part) for part in item]
        return None if isinstance(item, float) and not math.isfinite(item) else item

    text = json.dumps(plain(value), indent=2, ensure_ascii=False)
    return "".join(sign if sign.isprintable() or sign == "\n" else json.dumps(sign)[1:-1] for sign in text)
