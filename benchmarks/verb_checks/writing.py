"""Files: every format that is read gives an equal instance, and every result can be written."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import placer

from .checks import Subject, documented, holds, near

#: Formats of graphs that placer reads and writes.
_GRAPHS = ("graph.json", "graph.graphml")


def formats(subject: Subject) -> None:
    """Check that folders, graph files, workbooks and graphs give the instance back."""
    instance = subject.instance
    with tempfile.TemporaryDirectory() as place:
        for name in _GRAPHS:
            file = placer.save_graph(instance, Path(place) / name)
            holds(f"{name} gives another instance", placer.load(file) == instance)
    again = placer.Instance.from_tables(dict(instance.tables), **vars(instance.settings))
    holds("its own tables give another instance", again == instance)
    graph = instance.to_graph()
    given = {name: instance.tables[name] for name in ("workloads", "demand", "periods", "limits")}
    settings = vars(instance.settings)
    from_graph = placer.Instance.from_graph(graph, **given, **settings)
    if subject.optimum and instance.tables["latency_value"].empty and instance.tables["surcharges"].empty:
        cost = placer.solve(from_graph).cost_and_penalty_usd
        near("the cost of its graph", cost, subject.placement.cost_and_penalty_usd, subject.size)
    with tempfile.TemporaryDirectory() as place:
        with documented(*_parallel_hours(instance)):
            folder = placer.save(instance, Path(place) / "folder")
        holds("a folder gives another instance", placer.load(folder) == instance)
        book = placer.load(_workbook(folder)).replace(**settings)
        holds("a workbook gives another instance", book == instance)


def _parallel_hours(instance: placer.Instance) -> list[tuple[type[Exception], str]]:
    """Return the reason to write no folder, if one of several links or supplies between two ends has hourly values."""
    for name, ends in (("links", ["from", "to"]), ("supplies", ["power_zone", "data_centre"])):
        table = instance.tables[name]
        for _, row in table[table.duplicated(ends, keep=False)].iterrows():
            if any(isinstance(value, tuple) for value in row):
                return [(placer.InstanceError, "cannot tell apart")]
    return []


def _workbook(folder: Path) -> Path:
    """Return a workbook with the tables of a folder."""
    file = folder.with_suffix(".xlsx")
    with pd.ExcelWriter(file) as writer:
        for table in sorted(folder.glob("*.csv")):
            cells = pd.read_csv(table, dtype=str, keep_default_na=False)
            cells.map(_number_of).to_excel(writer, sheet_name=table.stem, index=False)
    return file


def _number_of(cell: str) -> float | str:
    """Return the number of a cell; its text if it is none, or one of more than the 16 digits that a workbook keeps."""
    try:
        number = float(cell)
    except ValueError:
        return cell
    return number if np.isfinite(number) and float(f"{number:.16g}") == number else cell


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
        with documented((placer.InstanceError, "a curve takes no limits")):
            placer.write_report(placement, Path(place) / "page.html", ceiling=ceiling)
            ceiling.save_tables(Path(place) / "ceiling")
