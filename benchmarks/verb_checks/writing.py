"""Files: every format that is read gives an equal instance, and every result can be written."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

import placer

from .checks import Subject, documented, holds, near

#: Formats of graphs that placer reads and writes.
_GRAPHS = ("graph.json", "graph.graphml")


def formats(subject: Subject) -> None:
    """Check that folders, graph files, workbooks and graphs give the instance back."""
    instance = subject.instance
    with tempfile.TemporaryDirectory() as place:
        folder = placer.save(instance, Path(place) / "folder")
        holds("a folder gives another instance", placer.load(folder) == instance)
        for name in _GRAPHS:
            file = placer.save_graph(instance, Path(place) / name)
            holds(f"{name} gives another instance", placer.load(file) == instance)
        book = Path(place) / "book.xlsx"
        with pd.ExcelWriter(book) as writer:
            for table in sorted(folder.glob("*.csv")):
                pd.read_csv(table, dtype=object, keep_default_na=False).to_excel(
                    writer, sheet_name=table.stem, index=False
                )
    again = placer.Instance.from_tables(dict(instance.tables), **vars(instance.settings))
    holds("its own tables give another instance", again == instance)
    graph = instance.to_graph()
    given = {name: instance.tables[name] for name in ("workloads", "demand", "periods", "limits")}
    settings = vars(instance.settings)
    from_graph = placer.Instance.from_graph(graph, **given, **settings)
    if instance.tables["latency_value"].empty and instance.tables["surcharges"].empty:
        cost = placer.solve(from_graph).cost_and_penalty_usd if subject.optimum else 0.0
        near("the cost of its graph", cost, subject.placement.cost_and_penalty_usd, subject.size)


def _workbook(folder: Path) -> Path:
    """Return a workbook with the tables of a folder."""
    file = folder.with_suffix(".xlsx")
    with pd.ExcelWriter(file) as writer:
        for table in sorted(folder.glob("*.csv")):
            frame = pd.read_csv(table, dtype=str, keep_default_na=False)
            numbers = frame.apply(lambda column: pd.to_numeric(column, errors="coerce"))
            frame.where(numbers.isna(), numbers).to_excel(writer, sheet_name=table.stem, index=False)
    return file


def results(subject: Subject) -> None:
    """Check that every table, a page and a program of the placement can be written."""
    placement = subject.placement
    writers: list[Callable[[Path], Any]] = [
        lambda place: placement.save_tables(place / "tables"),
        lambda place: placement.save_parquet(place / "parquet"),
        lambda place: placement.save_excel(place / "placement.xlsx"),
        lambda place: placer.write_report(placement, place / "page.html"),
        lambda place: placer.write_program(placer.to_program(subject.instance), place / "program.lp"),
        lambda place: placer.accounts(placement).save_tables(place / "accounts"),
    ]
    with tempfile.TemporaryDirectory() as place:
        for write in writers:
            write(Path(place))
        with documented((placer.InstanceError, "region"), (placer.InstanceError, "no demand has any")):
            ceiling = placer.export_ceiling(subject.instance)
        with documented((placer.NoSolutionError, "walks take no limits")):
            placer.write_report(placement, Path(place) / "page.html", ceiling=ceiling)
            ceiling.save_tables(Path(place) / "ceiling")
