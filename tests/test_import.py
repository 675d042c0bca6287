"""What importing the package does, and the names that hang on it."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "placer"


def _in_python(code):
    """Run a program in a new interpreter, and return its exit status and what it said."""
    environment = os.environ | {"PYTHONPATH": str(PACKAGE.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment, check=False)  # noqa: S603
    return done.returncode, done.stdout, done.stderr


def test_import_is_quiet():
    """Tests that importing the package prints nothing and starts no thread and no process."""
    code = (
        "import placer, threading, multiprocessing, sys\n"
        "assert threading.active_count() == 1\n"
        "assert not multiprocessing.active_children()\n"
        "assert 'typer' not in sys.modules, 'the command line is loaded only by itself'\n"
    )
    assert _in_python(code) == (0, b"", b"")


@pytest.mark.slow
@pytest.mark.parametrize("asked", ["import placer; placer.plots", "from placer.plots import plot_load"])
def test_missing_matplotlib_is_said(asked):
    """Tests that one line names the extra to install where matplotlib is missing."""
    _, _, said = _in_python(f"import sys; sys.modules['matplotlib'] = None; {asked}")
    assert (
        said.splitlines()[-1] == b"placer.errors.PlacerError: plots need matplotlib: pip install 'token-placer[plot]'"
    )


def test_public_names_are_there():
    """Tests that every name the package lists can be had from it, and the list has no repeats."""
    import placer

    assert all(hasattr(placer, name) for name in placer.__all__)
    assert len(set(placer.__all__)) == len(placer.__all__)
    assert set(placer.__all__) <= set(dir(placer))


def test_names_are_listed_alike_for_python_and_type_checkers():
    """Tests that what is imported when asked for is what type checkers are told, name by name and module by module."""
    import placer

    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    told = {
        (alias.name, node.module)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("placer")
        if node.module not in {"placer.public_names", "placer.version"}
        for alias in node.names
    }
    modules = {(name, "placer") for name in placer.__all__ if name not in placer._HOME}
    assert told == {(name, f"placer.{module}") for name, module in placer._HOME.items()} | modules
    assert {name for name, _ in told} == set(placer.__all__)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Store", "BatchError", "StoreError", "pypsa_export", "running", "plots"])
def test_modules_and_errors_can_be_had_without_another_import(name):
    """Tests that names and modules are reachable from the package alone."""
    assert _in_python(f"import placer; placer.{name}") == (0, b"", b"")


def test_what_is_not_there_is_an_attribute_error():
    """Tests that a misspelt name of the package is Python's usual error."""
    import placer

    for name in ("slove", "__wrapped__", "_private"):
        with pytest.raises(AttributeError, match=f"module 'placer' has no attribute '{name}'"):
            getattr(placer, name)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["solve", "running"])
def test_functions_stay_where_modules_have_their_name(name):
    """Tests that importing the module of a function's name leaves the function in the package."""
    assert _in_python(f"import placer.{name}; assert callable(placer.{name})") == (0, b"", b"")


def test_importing_takes_no_library_along():
    """Tests that the package alone imports nothing that takes long."""
    heavy = ("numpy", "pandas", "scipy", "networkx", "highspy", "pulp", "rich", "typer")
    assert _in_python(f"import sys, placer; assert not sys.modules.keys() & {set(heavy)}") == (0, b"", b"")
