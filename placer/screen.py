"""What the command line shows: steps on standard error, tables and JSON on standard output."""

from __future__ import annotations

import contextlib
import json
import math
import os
import sys
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.console import Console
from rich.table import Table

from placer.baselines import compare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from placer.placement import Placement

#: Rows of a table on the screen; ``--out`` writes all of them.
_SHOWN_ROWS = 15

#: Columns shown on the screen, and what stands above them there.
_DEMAND_HEADINGS = {
    "demand_mtok": "Mtok",
    "unserved_mtok": "unserved",
    "export_share": "exported",
    "rtt_ms": "rtt ms",
    "cost_usd_per_mtok": "USD/Mtok",
    "price_usd_per_mtok": "price",
}
_SITE_HEADINGS = {
    "mtok": "Mtok",
    "utilisation": "used",
    "peak_utilisation": "peak",
    "mwh": "MWh",
    "cost_usd": "USD",
    "accelerator_rent_usd": "rent/accel.",
}
_RULE_HEADINGS = {
    "cost_usd": "USD",
    "cost_usd_per_mtok": "USD/Mtok",
    "penalty_usd": "penalty",
    "unserved_mtok": "unserved",
    "export_share": "exported",
}


@contextlib.contextmanager
def steps() -> Iterator[Any]:
    """Show what is being done on standard error; keep what solvers print themselves off standard output."""
    console = Console(stderr=True, highlight=False)
    with _output_aside(), console.status("starting") as status:

        def step(text: str) -> None:
            if console.is_terminal:
                status.update(text.replace("[", r"\["))
            else:
                console.print(f"placer: {text}", markup=False, soft_wrap=True)

        yield step


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


def print_placement(placement: Placement, title: str) -> None:
    """Print the headline figures and the main tables."""
    console = Console(highlight=False)
    console.print(f"[bold]{title}[/bold]")
    console.print(repr(placement), markup=False, soft_wrap=True)
    scarce = placement.scarcities.reset_index()
    scarce.index = pd.Index(scarce["limit"] + " " + scarce["name"], name="limit")
    console.print(as_table("Workloads", _largest_first(placement.workloads, "demand_mtok"), _DEMAND_HEADINGS))
    console.print(as_table("Data centres", _largest_first(placement.data_centres, "mtok"), _SITE_HEADINGS))
    console.print(as_table("Hubs", _largest_first(placement.hubs, "demand_mtok"), _DEMAND_HEADINGS))
    console.print(as_table("Scarce limits", scarce, {"hours": "hours", "rent_usd": "rent USD"}))
    console.print(as_table("Beside naive rules", compare(placement), _RULE_HEADINGS))


def _largest_first(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    return frame.sort_values(column, ascending=False)


def as_table(title: str, frame: pd.DataFrame, headings: dict[str, str]) -> Table:
    """Lay out some columns of a table, the first rows only."""
    frame = frame[list(headings)]
    table = Table(title=f"\n{title}", title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column(str(frame.index.name).replace("_", " "))
    for heading in headings.values():
        table.add_column(heading, justify="right")
    for label, *values in frame.head(_SHOWN_ROWS).itertuples():
        figures = (_figure(name, value) for name, value in zip(headings, values, strict=True))
        table.add_row(str(label).replace("[", r"\["), *figures)
    if len(frame) > _SHOWN_ROWS:
        table.add_row(f"and {len(frame) - _SHOWN_ROWS} more")
    return table


def _figure(name: str, value: float) -> str:
    if math.isnan(value):
        return "-"
    if "share" in name or "utilisation" in name:
        return f"{value:.1%}"
    return f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table row by row, its index included, as JSON has it."""
    return [{str(key): value for key, value in row.items()} for row in frame.reset_index().to_dict("records")]


def to_json(value: Any) -> str:
    """Return JSON in which what is unknown (NaN) or unlimited (inf) is null."""

    def plain(item: Any) -> Any:
        if isinstance(item, dict):
            return {key: plain(part) for key, part in item.items()}
        if isinstance(item, (list, tuple)):
            return [plain(part) for part in item]
        return None if isinstance(item, float) and not math.isfinite(item) else item

    return json.dumps(plain(value), indent=2, ensure_ascii=False)
