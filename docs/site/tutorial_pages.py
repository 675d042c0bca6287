"""Tutorials: scripts in cells, run while the site is built, as pages and as notebooks with their results.

A tutorial is a script of ``docs/tutorials`` in the percent format: ``# %% [markdown]`` begins a cell of text, whose
lines are comments, and ``# %%`` one of code. Jupyter (with jupytext), VS Code and PyCharm open it as a notebook, and
Python runs it as it is. Differences of scripts can be read, and no result is kept that its code does not give.

The cells run in the process of the build. A kernel would need sockets, several packages and seconds for every tutorial,
and its warnings would not stop the build; here a warning is an error, and an error names the cell.
"""

from __future__ import annotations

import ast
import base64
import contextlib
import html
import io
import json
import logging
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.artist import Artist

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from matplotlib.figure import Figure

#: Dots per inch of figures.
DPI = 110
#: Files beside a page, by their ending.
FILES = {"ipynb": "the notebook with these results", "py": "the script"}


class TutorialError(Exception):
    """A cell of a tutorial failed."""


@dataclass(frozen=True)
class Output:
    """What a cell shows: by media type, as notebooks have it."""

    data: dict[str, str]
    alternative: str = ""


@dataclass(frozen=True)
class Cell:
    """A cell of text or code: its source, the line where it begins, and what it showed."""

    kind: str
    source: str
    line: int
    outputs: tuple[Output, ...] = ()


@dataclass(frozen=True)
class Tutorial:
    """A tutorial that was run."""

    name: str
    cells: tuple[Cell, ...]

    @property
    def title(self) -> str:
        """Its heading."""
        return self.cells[0].source.splitlines()[0].removeprefix("# ")


def cells_of(text: str) -> tuple[Cell, ...]:
    r"""Return the cells of a script in the percent format; lines before the first cell are left out.

    Examples
    --------
    >>> [(cell.kind, cell.source) for cell in cells_of("# %% [markdown]\n# # Title\n# %%\n1 + 1\n")]
    [('markdown', '# Title'), ('code', '1 + 1')]
    """
    cells: list[Cell] = []
    lines: list[str] = []
    kind, begin = "", 0
    for number, line in enumerate([*text.splitlines(), "# %%"], start=1):
        if not line.startswith("# %%"):
            lines.append(re.sub(r"^# ?", "", line) if kind == "markdown" else line)
            continue
        if kind and (source := "\n".join(lines).strip("\n")):
            cells.append(Cell(kind, source, begin + 1))
        kind, begin, lines = "markdown" if "[markdown]" in line else "code", number, []
    return tuple(cells)


def run_tutorial(path: Path) -> Tutorial:
    """Run the cells of a tutorial in order, in one namespace, with warnings as errors.

    Raises
    ------
    TutorialError
        If a cell fails; it names the file, the line and the error.
    """
    mpl.use("Agg")
    plt.close("all")  # figures of others are no output of a cell
    names: dict[str, Any] = {"__name__": "tutorial"}
    cells = cells_of(path.read_text(encoding="utf-8"))
    with _logging_kept():
        done = tuple(cell if cell.kind == "markdown" else _run(cell, path, names) for cell in cells)
    return Tutorial(path.stem, done)


@contextlib.contextmanager
def _logging_kept() -> Iterator[None]:
    """Silence logs, and undo what libraries do to the root logger when they are imported."""
    root, before = logging.getLogger(), logging.root.manager.disable
    level, handlers = root.level, list(root.handlers)
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
        root.setLevel(level)
        root.handlers[:] = handlers


def _run(cell: Cell, path: Path, names: dict[str, Any]) -> Cell:
    """Run a cell of code and return it with what it printed, the value of its last line and its figures."""
    printed = io.StringIO()
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(printed):
            warnings.simplefilter("error")
            value = _value_of(cell, path, names)
    except Exception as error:
        plt.close("all")
        raise TutorialError(f"{path}, cell at line {cell.line}: {type(error).__name__}: {error}") from error
    outputs = [Output({"text/plain": printed.getvalue().rstrip("\n")})] if printed.getvalue() else []
    if value is not None and not isinstance(value, Artist):
        outputs.append(Output(_shown(value)))
    outputs += [_picture(plt.figure(number)) for number in plt.get_fignums()]
    return Cell(cell.kind, cell.source, cell.line, tuple(outputs))


def _value_of(cell: Cell, path: Path, names: dict[str, Any]) -> Any:
    """Run the statements of a cell, and return the value of the last if it is an expression."""
    tree = ast.increment_lineno(ast.parse(cell.source), cell.line - 1)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, path, "exec"), names)  # noqa: S102 - a script of this repository
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), path, "eval"), names)  # noqa: S307 - as above


def _shown(value: Any) -> dict[str, str]:
    """Return a value as a notebook shows it: as HTML if it has any, and as text."""
    as_html = getattr(value, "_repr_html_", None)
    made = {"text/html": re.sub(r"<style.*?</style>\s*", "", as_html(), flags=re.DOTALL)} if as_html else {}
    return made | {"text/plain": repr(value)}


def _picture(figure: Figure) -> Output:
    """Return a figure as a picture, with its title or the names of its axes in words, and close it."""
    axis = figure.axes[0]
    named = " against ".join(filter(None, (axis.get_ylabel(), axis.get_xlabel())))
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=DPI, bbox_inches="tight")
    plt.close(figure)
    data = base64.b64encode(stream.getvalue()).decode("ascii")
    return Output({"image/png": data}, axis.get_title() or named or "Figure")


def page_of(tutorial: Tutorial) -> str:
    """Return a tutorial as a page in Markdown."""
    parts, pictures = [], 0
    for cell in tutorial.cells:
        parts.append(cell.source if cell.kind == "markdown" else f"```python\n{cell.source}\n```")
        for output in cell.outputs:
            pictures += "image/png" in output.data
            parts.append(_output_on_page(output, f"{tutorial.name}_{pictures}.png"))
    links = (f'<a href="{tutorial.name}.{ending}" download>{word}</a>' for ending, word in FILES.items())
    files = f"*To take away: {', or '.join(links)}.*"
    return "\n\n".join([parts[0], files, *parts[1:]]) + "\n"


def _output_on_page(output: Output, picture: str) -> str:
    if "image/png" in output.data:
        return f"![{output.alternative}]({picture})"
    if "text/html" in output.data:
        # The theme styles, and lets scroll, tables without a class.
        table = re.sub(r'<table(?: border="\d")? class="dataframe">', "<table>", output.data["text/html"])
        return f'<div class="output">\n{table}\n</div>'
    return f'<pre class="output"><code>{html.escape(output.data["text/plain"])}</code></pre>'


def pictures_of(tutorial: Tutorial) -> dict[str, bytes]:
    """Return the pictures of a tutorial by the names that its page has for them."""
    shown = (output.data for cell in tutorial.cells for output in cell.outputs)
    data = [each["image/png"] for each in shown if "image/png" in each]
    return {f"{tutorial.name}_{number}.png": base64.b64decode(each) for number, each in enumerate(data, start=1)}


def notebook_of(tutorial: Tutorial) -> str:
    """Return a tutorial as a notebook of Jupyter (nbformat 4.5) with its results.

    Links to other pages become names in italics, since a notebook that was taken away has no pages beside it.
    """
    cells = []
    for number, cell in enumerate(tutorial.cells, start=1):
        text = re.sub(r"\[([^\]]+)\]\((?!https?:)[^)]+\)", r"*\1*", cell.source)
        source = text if cell.kind == "markdown" else cell.source
        made: dict[str, Any] = {"cell_type": cell.kind, "id": f"cell-{number}", "metadata": {}, "source": source}
        if cell.kind == "code":
            outputs = [{"output_type": "display_data", "metadata": {}, "data": each.data} for each in cell.outputs]
            made |= {"execution_count": number, "outputs": outputs}
        cells.append(made)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    book = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": cells}
    return json.dumps(book, indent=1, ensure_ascii=False) + "\n"
