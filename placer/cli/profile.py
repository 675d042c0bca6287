"""``placer profile``: the figures of a trace of requests."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from placer.cli.options import Json
from placer.cli.outputs import check_plot, write_plot
from placer.cli.screen import mention, steps, title, write
from placer.cli.tables import json_text, print_columns, records
from placer.errors import InstanceError, Violation
from placer.histories.formats import Format, read_requests
from placer.histories.summary import WINDOWS

_ENDS = ("mean", "p50", "p95", "p99")
#: Columns by table; a trace has those of a cache that its cached tokens are from.
_TABLES = {
    "Load": ("requests", "span_hours", "requests_per_second", "peak_over_mean", "input_mtok", "output_mtok"),
    "Cached input": ("cached_mtok", "cached_share", "cached_mtok_upper_bound", "cached_share_upper_bound"),
    "Index of dispersion, by window": tuple(WINDOWS),
    "Input tokens of a request": tuple(f"{end}_input_tokens" for end in _ENDS),
    "Output tokens of a request": tuple(f"{end}_output_tokens" for end in _ENDS),
}

_Trace = Annotated[
    str, typer.Argument(metavar="TRACE", help="File of requests, or a trace that ships, such as azure_2023_code.")
]
_Kind = Annotated[
    Format | None,
    typer.Option("--format", help="If not given, the ending and the first line decide.", show_choices=True),
]
_Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column", metavar="NAME=COLUMN", help="Column of the file for time, input_tokens and so on; several times."
    ),
]
_Unit = Annotated[str, typer.Option(help="Unit of times that are numbers: s, ms, us, ns, min or h.")]
_Blocks = Annotated[
    int | None,
    typer.Option(min=0, help="Blocks that the cache of a Mooncake trace holds; without it an upper bound is shown."),
]
_Plot = Annotated[
    Path | None, typer.Option(help="File for the rate over time, such as .png or .svg; needs token-placer[plot].")
]


def profile_command(
    trace: _Trace,
    *,
    kind: _Kind = None,
    column: _Columns = None,
    time_unit: _Unit = "s",
    cache_blocks: _Blocks = None,
    plot: _Plot = None,
    as_json: Json = False,
) -> None:
    """Print rate, peak, dispersion and lengths of a trace of requests, by workload and of all."""
    check_plot(plot)
    with steps() as step:
        step(f"reading {trace}")
        requests = read_requests(
            trace, kind, columns=_columns(column or []), time_unit=time_unit, cache_blocks=cache_blocks
        )
        found = requests.summary()
    if as_json:
        write(json_text({"trace": trace, "notes": list(requests.notes), "workloads": records(found)}))
    else:
        title(f"{trace}: {repr(requests).strip('<>')}")
        for name, columns in _TABLES.items():
            print_columns(name, found, *(column for column in columns if column in found))
    for note in requests.notes:
        mention(f"note: {note}")
    write_plot(plot, lambda plots: plots.plot_requests(requests))


def _columns(texts: list[str]) -> dict[str, str]:
    """Return the columns of a file by the names of ``--column``."""
    pairs = [text.partition("=") for text in texts]
    bad = [text for text, (name, _, there) in zip(texts, pairs, strict=True) if not (name and there)]
    if bad:
        allowed = "NAME=COLUMN, such as time=Timestamp"
        raise InstanceError(Violation("profile", text, "--column", "not understood", allowed) for text in bad)
    return {name: there for name, _, there in pairs}
