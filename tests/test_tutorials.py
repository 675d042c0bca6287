"""Tutorials: cells are read and run as a notebook would, and what they show stands on the page and in the notebook."""

from __future__ import annotations

import ast
import json
import re
import sys
from pathlib import Path

import pytest

pytest.importorskip("matplotlib")

from tutorial_pages import TutorialError, cells_of, notebook_of, page_of, pictures_of, run_tutorial

ROOT = Path(__file__).parents[1]
TUTORIALS = sorted((ROOT / "docs" / "tutorials").glob("*.py"))
#: Libraries that come with the package itself, and with each extra.
CORE = {"networkx", "numpy", "pandas", "placer", "pulp", "scipy"}
EXTRAS = {
    "matplotlib": "plot",
    "plot": "plot",
    "plots": "plot",
    "linopy": "pypsa",
    "pypsa": "pypsa",
    "to_pypsa": "pypsa",
    "xarray": "pypsa",
    "save_excel": "excel",
    "save_parquet": "parquet",
}
SMALL = """# a line before the first cell
# %% [markdown]
# # Small
#
# Text, and [another page](../other.md).

# %%
import pandas as pd
print("<printed>")
pd.DataFrame({"a": [1]})

# %%
from matplotlib import pyplot as plt
figure, axis = plt.subplots()
axis.set_title("A line")
axis.plot([0, 1])[0]
"""


def _run(tmp_path, text):
    path = tmp_path / "small.py"
    path.write_text(text)
    return run_tutorial(path)


def test_cells_are_text_and_code():
    """Tests that text loses its comment signs, and that every cell knows its line."""
    cells = cells_of(SMALL)
    assert [(cell.kind, cell.line) for cell in cells] == [("markdown", 3), ("code", 8), ("code", 13)]
    assert cells[0].source == "# Small\n\nText, and [another page](../other.md)."


def test_page_shows_what_cells_show(tmp_path):
    """Tests that the page has printed text as text, tables as tables and figures as pictures with words for them."""
    tutorial = _run(tmp_path, SMALL)
    page = page_of(tutorial)
    assert page.startswith("# Small")
    assert "<code>&lt;printed&gt;</code>" in page
    assert "<table>" in page
    assert "![A line](small_1.png)" in page
    assert 'href="small.ipynb"' in page
    assert pictures_of(tutorial)["small_1.png"].startswith(b"\x89PNG")


def test_notebook_keeps_results(tmp_path):
    """Tests that the notebook is one of format 4.5, with unique ids, the outputs of each cell and no dead links."""
    book = json.loads(notebook_of(_run(tmp_path, SMALL)))
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in book["cells"]}) == 3
    assert book["cells"][0]["source"] == "# Small\n\nText, and *another page*."
    assert [sorted(output["data"]) for output in book["cells"][1]["outputs"]] == [
        ["text/plain"],
        ["text/html", "text/plain"],
    ]
    assert [list(output["data"]) for output in book["cells"][2]["outputs"]] == [["image/png"]]


@pytest.mark.parametrize("line", ["1 / 0", "import warnings; warnings.warn('old')", "assert 1 > 2", "x = ("])
def test_failure_names_the_cell(tmp_path, line):
    """Tests that an error, a warning and wrong grammar stop the build with the file and the line of the cell."""
    with pytest.raises(TutorialError, match=r"small\.py, cell at line 4: \w+"):
        _run(tmp_path, f"# %% [markdown]\n# # Small\n# %%\n{line}\n")


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_tutorials_are_written_alike(path):
    """Tests that a tutorial begins with a heading, is Python, has text around its code and leads to the next page.

    That they run is tested where the site is built.
    """
    text = path.read_text(encoding="utf-8")
    ast.parse(text)
    cells = cells_of(text)
    assert cells[0].source.startswith("# ")
    assert {"markdown", "code"} == {cell.kind for cell in cells}
    assert "**Question.**" in cells[0].source
    assert re.search(r"\*\*What it means\.\*\*", text)
    assert "**Try this next.**" in cells[-1].source


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_head_names_the_extras_that_the_code_needs(path):
    """Tests that the extras named at the head are those of the imports and calls, so that the script runs with them."""
    text = path.read_text(encoding="utf-8")
    (named,) = re.findall(
        r"^\*Needs `token-placer(?:\[([a-z,]+)\])?`\.\*$", cells_of(text)[0].source, flags=re.MULTILINE
    )
    nodes = list(ast.walk(ast.parse(text)))
    modules = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    modules += [node.module for node in nodes if isinstance(node, ast.ImportFrom)]
    used = {part for module in modules for part in module.split(".")}
    used |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    assert {module.partition(".")[0] for module in modules} <= CORE | EXTRAS.keys() | sys.stdlib_module_names
    assert set(filter(None, named.split(","))) == {extra for name, extra in EXTRAS.items() if name in used}
