"""The output files of ``--out``: checked before the work, written after it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from placer.cli.screen import steps
from placer.cli.tables import json_text
from placer.errors import PlacerError
from placer.io.table_files import WORKBOOK, write_csv_tables, write_excel
from placer.report.html.document import check_target
from placer.utils.atomic import check_ending, check_file, check_folder, whole_folder
from placer.utils.optional import extra


def check_out(out: Path | None) -> None:
    """Refuse, before the work, a folder or file that cannot be written or whose library is missing.

    Raises
    ------
    PlacerError
    """
    if out is None:
        return
    if _is_excel(out):
        check_file(out)
        extra("openpyxl", "Excel files", "excel")
    else:
        check_folder(out, (WORKBOOK,))


def write_out(
    out: Path | None,
    summary: dict[str, Any],
    *,
    excel: Callable[[Path], object],
    tables: Callable[[Path], object],
    plots: Callable[[Any, Path], object] | None = None,
) -> None:
    """Write an answer to the target of ``--out``: one workbook, or a folder of tables, plots and ``summary.json``.

    Parameters
    ----------
    out : Path or None
        None writes nothing.
    summary : dict
        The content of ``summary.json``.
    excel : callable
        Writes the workbook, given its path.
    tables : callable
        Writes tables, given a folder of drafts; the folder of the user gets all of them or none.
    plots : callable, optional
        Draws plots, given ``placer.plots`` and the same folder.
    """
    if out is None:
        return
    if _is_excel(out):
        excel(out)
        return
    with whole_folder(out) as drafts:
        tables(drafts)
        if plots is not None:
            with steps() as step:
                draw_plots(step, lambda module: plots(module, drafts))
        save_summary(summary, drafts)


def write_tables(out: Path | None, summary: dict[str, Any], tables: Mapping[str, pd.DataFrame]) -> None:
    """Write the summary and tables, by name, to the target of ``--out``."""
    write_out(
        out,
        summary,
        excel=lambda file: write_excel(tables, file),
        tables=lambda drafts: write_csv_tables(tables, drafts),
    )


def save_summary(summary: dict[str, Any], folder: Path) -> None:
    """Write the ``summary.json`` of a folder."""
    (folder / "summary.json").write_text(json_text(summary), encoding="utf-8", newline="\n")


def check_page(file: Path | None) -> None:
    """Refuse, before the work, a file that no page can be written to."""
    if file is not None:
        check_target(file)


def load_plots() -> Any:
    """Return the module ``placer.plots``.

    Raises
    ------
    PlacerError
        If matplotlib is not installed.
    """
    extra("matplotlib", "plots", "plot")
    return importlib.import_module("placer.plots")


def check_plot(file: Path | None) -> None:
    """Refuse, before the work, a file that no plot can be written to."""
    if file is None:
        return
    canvas = extra("matplotlib.backend_bases", "plots", "plot")
    check_ending(check_file(file), [f".{name}" for name in canvas.FigureCanvasBase.get_supported_filetypes()])


def write_plot(file: Path | None, draw: Callable[[Any], object]) -> None:
    """Write the plot that ``draw`` returns, given ``placer.plots``, to the file, if any."""
    if file is not None:
        plots = load_plots()
        plots.save_plot(draw(plots), file)


def draw_plots(step: Callable[[str], None], plot: Callable[[Any], object]) -> None:
    """Call ``plot`` with ``placer.plots``; print a note where matplotlib is not installed."""
    try:
        plots = load_plots()
    except PlacerError as error:
        step(f"no plots: {error}")
        return
    plot(plots)


def _is_excel(out: Path) -> bool:
    return out.suffix.lower() == WORKBOOK
