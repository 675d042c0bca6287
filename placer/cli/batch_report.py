"""``placer batch report``: the distribution of every figure of a batch, and two batches side by side."""

from __future__ import annotations

import math
import shlex
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from placer.batch import report
from placer.batch.identity import digest
from placer.batch.store import EXPORTS, Store, export_rows
from placer.cli.options import Json, Scenario
from placer.cli.outputs import check_page, check_plot, write_plot
from placer.cli.run import Run
from placer.cli.screen import print_table, say, title, write
from placer.cli.tables import as_table, json_text, records
from placer.currency import USD
from placer.datasets import folder
from placer.errors import BatchError, Violation, refuse
from placer.instance.arguments import need_one_currency
from placer.report.batch_report import write_batch_page
from placer.report.content.batch import BatchSubject
from placer.report.content.origin import origin_of
from placer.synthetic import DemandSets, Uncertainty
from placer.utils.atomic import check_ending, check_file
from placer.utils.numbers import percent
from placer.utils.optional import extra

_HEADINGS = {name: name for name in ("mean", "p05", "p25", "p50", "p75", "p95", "sets")}
_COMPARED = {
    "first_p50": "first p50",
    "second_p50": "second p50",
    "difference_p50": "difference p50",
    "difference_p05": "p05",
    "difference_p95": "p95",
    "sets": "sets",
}

_Stores = Annotated[
    list[Path], typer.Argument(metavar="STORE", help="Store of a batch; with a second one, both are compared.")
]
Below = Annotated[
    list[str] | None,
    typer.Option(metavar="FIGURE=THRESHOLD", help="How often the figure is below; several times."),
]
RowsFile = Annotated[
    Path | None,
    typer.Option(help="File for all rows: .csv, .parquet with token-placer[parquet], .xlsx with token-placer[excel]."),
]
PlotFile = Annotated[
    Path | None, typer.Option(help="File for histograms, such as .png, .svg or .pdf; needs token-placer[plot].")
]
PageFile = Annotated[
    Path | None,
    typer.Option("--report", help="File for an HTML page (.html): distributions, what moves them, extreme sets."),
]
_Dataset = Annotated[
    str | None,
    typer.Option("--dataset", help="Dataset of the batch, for what moves the figures and for sources in --report."),
]


def batch_report_command(
    *,
    stores: _Stores,
    below: Below = None,
    dataset: _Dataset = None,
    scenario: Scenario = None,
    out: RowsFile = None,
    plot: PlotFile = None,
    page: PageFile = None,
    as_json: Json = False,
) -> None:
    """Print the distribution of every figure of a batch, or compare two.

    Exit status: 0, or 2 for a file that is not a store, not readable or damaged.
    """
    if len(stores) > 2:
        raise BatchError("one store is reported, or two are compared; more cannot be")
    asked = Asked(below or [], out, plot, page, as_json=as_json)
    batches = [_rows_of(file) for file in stores]
    rows, settings = batches[0]
    need_one_currency({str(file): each.get("currency", USD) for file, (_, each) in zip(stores, batches, strict=True)})
    if len(batches) > 1:
        if page is not None:
            raise BatchError("--report is on one store; two are compared without a page")
        _print_compared([table for table, _ in batches], as_json=as_json)
        asked.write(rows)
        return
    subject = BatchSubject(f"{stores[0].name}: {len(rows)} demand sets", rows, identity=settings)
    if dataset is not None:
        subject = _of_dataset(subject, settings, dataset, tuple(scenario or ()))
    asked.tell(subject, ["report", str(stores[0]), *(["--dataset", dataset] if dataset else [])])


def _rows_of(file: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    with Store.read(file) as store:
        return store.frame(), store.settings


def _of_dataset(
    subject: BatchSubject, settings: Mapping[str, Any], dataset: str, scenarios: tuple[str, ...]
) -> BatchSubject:
    """Return what a page is about with the sets, which are drawn again around the instance of a dataset."""
    instance = folder.load(dataset, scenarios)
    if settings.get("instance") != digest(instance):
        named = " + ".join([dataset, *scenarios])
        raise BatchError(f"the batch was solved around another instance than {named}, or after --change")
    if not {"uncertainty", "count", "seed"} <= settings.keys():
        raise BatchError("only sets that were drawn can be drawn again, not days of a history; leave out --dataset")
    uncertainty = Uncertainty(**settings["uncertainty"])
    sets = DemandSets(instance, uncertainty, settings["count"], settings["seed"])
    return replace(subject, sets=sets, dataset=Run(dataset).described, scenarios=scenarios)


class Asked:
    """What is asked for on a batch: thresholds, files and JSON, checked before the work.

    Raises
    ------
    PlacerError
        If a target cannot be written or a threshold cannot be read.
    """

    def __init__(
        self, below: Sequence[str], out: Path | None, plot: Path | None, page: Path | None, *, as_json: bool
    ) -> None:
        _check_targets(out, plot)
        check_page(page)
        self._thresholds = [assignment(each) for each in below]
        self._out, self._plot, self._page, self._as_json = out, plot, page, as_json

    def tell(self, subject: BatchSubject, command: Sequence[str]) -> None:
        """Write the rows, print the distribution of every figure, draw it, and write the page.

        ``command`` has the arguments of ``placer batch`` that reproduce the page, without files.
        """
        rows, heading, currency = subject.rows, subject.title, subject.currency
        self.write(rows)  # first: a figure that no row has is an error
        shares = {f"{name} < {value:g}": report.share_below(rows, name, value) for name, value in self._thresholds}
        drawn = _drawn(rows) if self._plot is not None else ""
        print_distribution(rows, as_json=self._as_json, heading=heading, shares=shares, currency=currency)
        write_plot(self._plot, lambda plots: plots.plot_distributions(rows, figure=drawn, currency=currency))
        if self._page is not None:
            written = shlex.join(["placer", "batch", *command])
            write_batch_page(self._page, replace(subject, below=self._thresholds), origin_of(written))

    def write(self, rows: pd.DataFrame) -> None:
        """Write the rows to the file for them, if any."""
        if self._out is not None:
            export_rows(rows, self._out)


def _check_targets(out: Path | None, plot: Path | None) -> None:
    """Refuse targets that cannot be written, before the work; the ending decides the format, of pipes too."""
    if out is not None:
        check_ending(check_file(out), tuple(EXPORTS))
        if library := EXPORTS[out.suffix.lower()]:
            extra(*library)
    check_plot(plot)


def print_distribution(
    table: pd.DataFrame, *, as_json: bool, heading: str, shares: dict[str, float] | None = None, currency: str = USD
) -> None:
    """Print the distribution of every figure of a batch, the statuses of its sets, and some failures.

    Parameters
    ----------
    table : DataFrame
        Rows of the sets.
    shares : dict of str to float, optional
        Text of a condition -> the share of the sets that meet it.
    currency : str
        Of the amounts.
    """
    found, ended = report.quantiles(table), report.endings(table)
    if as_json:
        write(json_text({"endings": ended.to_dict(), "shares": shares or {}, "quantiles": records(found)}))
        return
    title(heading)
    say(", ".join(f"{count} {status}" for status, count in ended.items()))
    print_table(as_table("Figures", report.in_round_units(report.headlines(found)), _HEADINGS))
    if len(hubs := report.hub_prices(found)):
        print_table(as_table(f"Mean price by hub, {currency} per Mtok", hubs, _HEADINGS))
    if len(limits := report.own_limits(found)):
        print_table(as_table(f"Limits of one's own: use, and rent in {currency} per unit", limits, _HEADINGS))
    if len(regions := report.account_figures(found, currency)):
        print_table(as_table("Who earns what: balance and uplift by region", regions, _HEADINGS))
    for name, share in (shares or {}).items():
        say(f"{name} in {percent(share)} of the sets")
    for row in report.failed(table).head(5).itertuples():
        say(f"set {row.number}: {row.status}: {row.detail}")


def _print_compared(tables: Sequence[pd.DataFrame], *, as_json: bool) -> None:
    found = report.compare_batches(*tables)
    if as_json:
        write(json_text(records(found)))
    else:
        print_table(as_table("Second less first, set by set", report.in_round_units(found), _COMPARED))


def assignment(text: str) -> tuple[str, float]:
    """Return the name and the number of an option NAME=NUMBER.

    Raises
    ------
    BatchError
        If the text has another form.
    """
    name, _, value = text.partition("=")
    with suppress(ValueError):
        if not math.isnan(number := float(value)):
            return name, number
    raise BatchError(f"{text!r} is not NAME=NUMBER")


def assignments(option: str, texts: Sequence[str], known: Collection[str] = ()) -> dict[str, float]:
    """Return the numbers by name of the values NAME=NUMBER of an option; of the known names, if there are any.

    Raises
    ------
    InstanceError
        Listing every value of another form, and every name that is unknown or given twice.
    """
    numbers: dict[str, float] = {}
    found = []
    for text in texts:
        try:
            name, number = assignment(text)
        except BatchError:
            found.append(Violation(option, text, "", "not understood", "NAME=NUMBER"))
            continue
        if known and name not in known:
            found.append(Violation(option, name, "", "unknown", f"any of {', '.join(known)}"))
        if name in numbers:
            found.append(Violation(option, name, "", "given twice", "once"))
        numbers[name] = number
    refuse(found)
    return numbers


def _drawn(table: pd.DataFrame) -> str:
    """Return the figure to draw: the first headline that any set has."""
    drawn = next((name for name in report.HEADLINES if name in table and table[name].notna().any()), None)
    if drawn is None:
        raise BatchError(f"no set has a figure to draw; those that are drawn are {', '.join(report.HEADLINES)}")
    return drawn
