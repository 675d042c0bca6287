"""The shape of the package: imports run one way, and each engine is met in one module."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "placer"

#: A module imports only from those before it.
ORDER = [
    *("texts", "errors", "threads", "report.figures", "notebook", "extras", "files", "tablefiles"),
    *("schema", "synonyms", "meanings", "validation", "cleaning", "settings", "network", "crosschecks"),
    *("hourly", "whatif", "given", "instance", "arguments", "remarks", "reshape"),
    *("reading", "graphproblems", "graphfiles"),
    *("storefiles", "store", "processes"),
    *("csvfiles", "manifest", "scenarios", "workbooks", "template", "datasets"),
    *("program", "running", "structure", "answer", "expansion", "formulation", "cut", "counts", "scaling"),
    *("solvers.engine", "solvers.apart", "solvers.interrupt", "solvers.highs"),
    *("solvers.warm", "solvers.growing", "solvers.children", "solvers.pulp", "certificate"),
    *("magnitudes", "loads", "merging", "bound", "proof"),
    *("large.watch", "large.supply", "large.market", "large.service", "large.division", "large.shortlist"),
    *("large.waiting", "large.curvature", "large.smooth", "large.newton", "large.path", "large.caps", "large.pricing"),
    *("large.resources", "large.prices", "large.entries", "large.master", "large.seed"),
    *("large.generation", "large.carry", "large.recovery", "column_generation", "memory"),
    *("near", "optimal_face", "optimal", "tie_break"),
    *("accounts", "rents", "alternatives", "prices", "price_summary", "shortage", "tables", "placement_tables"),
    *("placement", "solve", "session"),
    *("synthetic.uncertainty", "synthetic.demand", "synthetic.networks", "baselines"),
    *("curve_rows", "curve_blocks", "curve_program", "curve_prices", "curve_steps", "curve_walk", "curve_answer"),
    *("faces", "extent", "directions", "limits", "shortening", "economics", "analyses", "batch", "batch_report"),
    *("curve", "latency_value"),
    *(
        *("slopes", "cost_of_exporting", "price_ranges"),
        "regimes",
        "ceiling",
        "agents",
        "changes",
        "relief",
        "explain",
        "pypsa_export",
        "geography",
        *("assumptions", "conclusions", "assumption_files", "sensitivity"),
        *("plots.axes", "plots.batches", "plots.ceilings", "plots.maps", "plots.placements", "plots.tornado"),
        *("options", "screen"),
        "convert_command",
        "batch_command",
        *("bench_command", "sensitivity_command"),
        *("report.markup", "report.steps", "report.flows", "report.assumptions"),
        *("report.ceiling_content", "report.headlines", "report.content"),
        *("report.origin", "report.drawing", "report.charts", "report.curves", "report.map_labels", "report.atlas"),
        *("report.tables", "report.parts", "report.findings", "report.changes_map", "report.sections"),
        *("report.map_section", "report.ceiling_section", "report.grounds", "report.comparison", "report.write"),
        "side_by_side",
        "report_command",
        "cli",
    ),
]
#: The only modules that import each library at run time.
OWNERS = {
    "networkx": {"network", "graphfiles"},
    "highspy": {"solvers.engine", "solvers.interrupt", "solvers.highs", "solvers.warm", "solvers.growing"},
    "pulp": {"solvers.pulp"},
    "matplotlib": {"plots.axes", "plots.batches", "plots.ceilings", "plots.maps", "plots.placements", "plots.tornado"},
    "typer": {
        "cli",
        "options",
        "convert_command",
        "batch_command",
        "bench_command",
        "report_command",
        "sensitivity_command",
    },
    "rich": {"screen", "batch_command", "bench_command"},
}

#: What solvers may import.
_SOLVERS_KNOW = {"errors", "program", "scaling", "running"} | {
    f"solvers.{name}" for name in ("highs", "interrupt", "apart", "children")
}

MODULES = {
    ".".join(file.relative_to(PACKAGE).with_suffix("").parts): file
    for file in sorted(PACKAGE.rglob("*.py"))
    if file.name not in ("__init__.py", "__main__.py")
}


def _imports(file, *, run_time_only=False):
    """Yield the full name of everything a module imports, at its head or within a function."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    skipped = set()
    if run_time_only:
        for node in ast.walk(tree):
            if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
                skipped.update(id(inner) for statement in node.body for inner in ast.walk(statement))
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _module_of(name):
    """Return the module of the package that an imported name stands in, or None."""
    inside = name.removeprefix("placer.")
    candidates = [module for module in MODULES if inside == module or inside.startswith(f"{module}.")]
    return max(candidates, key=len, default=None) if name.startswith("placer.") else None


@pytest.mark.parametrize("module", MODULES)
def test_imports_run_one_way(module):
    """Tests that a module imports only modules that stand before it in the order, in annotations too."""
    assert module in ORDER, "give the module its place in ORDER"
    imported = {other for other in map(_module_of, _imports(MODULES[module])) if other}
    assert {other for other in imported if ORDER.index(other) >= ORDER.index(module)} == set()


def test_formulation_and_solvers_never_meet():
    """Tests that the mathematics knows no solver and no solver knows the mathematics."""
    for module, file in MODULES.items():
        imported = {other for other in map(_module_of, _imports(file)) if other}
        if module in ("formulation", "structure"):
            assert not any(other.startswith("solvers") for other in imported)
        if module.startswith("solvers"):
            assert imported <= _SOLVERS_KNOW


@pytest.mark.parametrize(("library", "owners"), OWNERS.items())
def test_each_engine_is_imported_in_its_place(library, owners):
    """Tests that a library that could be replaced is met in one place."""
    users = {
        module
        for module, file in MODULES.items()
        if any(name.split(".")[0] == library for name in _imports(file, run_time_only=True))
    }
    assert users <= owners


@pytest.mark.parametrize("module", [module for module in MODULES if module != "cli"])
def test_library_does_not_print(module):
    """Tests that only the command line prints."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert not any(isinstance(call, ast.Name) and call.id == "print" for call in calls)


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


def test_public_names_are_there():
    """Tests that every name the package lists can be had from it, and the list is sorted and without repeats."""
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
        for alias in node.names
    }
    modules = {(name, "placer") for name in placer.__all__ if name not in placer._HOME}
    assert told == {(name, f"placer.{module}") for name, module in placer._HOME.items()} | modules
    assert {name for name, _ in told} == set(placer.__all__)


@pytest.mark.parametrize("name", ["Store", "BatchError", "StoreError", "pypsa_export", "formulation", "plots"])
def test_modules_and_errors_can_be_had_without_another_import(name):
    """Tests that names and modules are reachable from the package alone."""
    assert _in_python(f"import placer; placer.{name}") == (0, b"", b"")


def test_what_is_not_there_is_an_attribute_error():
    """Tests that a misspelt name of the package is Python's usual error."""
    import placer

    for name in ("slove", "__wrapped__", "_private"):
        with pytest.raises(AttributeError, match=f"module 'placer' has no attribute '{name}'"):
            getattr(placer, name)


@pytest.mark.parametrize("name", ["solve", "explain"])
def test_functions_stay_where_modules_have_their_name(name):
    """Tests that importing the module of a function's name leaves the function in the package."""
    assert _in_python(f"import placer.{name}; assert callable(placer.{name})") == (0, b"", b"")


def test_importing_takes_no_library_along():
    """Tests that the package alone imports nothing that takes long."""
    heavy = ("numpy", "pandas", "scipy", "networkx", "highspy", "pulp", "rich", "typer")
    assert _in_python(f"import sys, placer; assert not sys.modules.keys() & {set(heavy)}") == (0, b"", b"")
