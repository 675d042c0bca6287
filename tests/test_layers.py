"""The shape of the package: imports run one way, and each engine is met in one module."""

from __future__ import annotations

import ast
import functools
import graphlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "placer"
TESTS = Path(__file__).parent

MODULES = {
    ".".join(file.relative_to(PACKAGE).with_suffix("").parts): file
    for file in sorted(PACKAGE.rglob("*.py"))
    if file.name not in ("__init__.py", "__main__.py")
}

#: Rooms of the package, from the bottom up: a room imports only from rooms of lines before its own.
LAYERS = [
    ("public_names", "termination", "texts", "version"),
    ("errors",),
    ("utils",),
    ("instance",),
    ("model",),
    ("running",),
    ("io", "proof", "synthetic"),
    ("datasets", "solvers"),
    ("least_cost",),
    ("by_blocks",),
    ("placement",),
    ("extended",),
    ("security",),
    ("solve",),
    ("analysis", "rolling", "session"),
    ("accounting", "ceiling"),
    ("batch",),
    ("planning",),
    ("sensitivity",),
    ("plots",),
    ("report",),
    ("cli",),
]
#: The only imports up, within a function: ``placement.report(file)``, as tables have ``plot``.
SUGAR = {("placement.result", f"report.{module}") for module in ("write", "content.page", "content.origin")}
#: The only analyses and ceilings that make or read placements.
ON_PLACEMENTS = {
    "analysis.baselines",
    "analysis.flexibility.curve",
    "analysis.flexibility.responses",
    "analysis.regimes",
    "analysis.shortage.explanation",
    "ceiling.economics",
    "ceiling.exports",
    "ceiling.result",
    "ceiling.secure",
    "ceiling.secure_export",
}
#: The package's own names, by which ``placer/pypsa_export.py`` stays where it always was.
FRONT = {"pypsa_export"}
#: The only modules that import each library at run time.
OWNERS = {
    "networkx": {"instance.graph", "io.graph_files", "io.graph_formats"},
    "highspy": {"solvers.engine", "solvers.interrupt", "solvers.highs", "solvers.incremental", "solvers.started"}
    | {"solvers.branch_and_bound"},
    "pulp": {"solvers.pulp"},
    "matplotlib": {module for module in MODULES if module.startswith("plots.")},
    "typer": {module for module in MODULES if module.startswith("cli.")},
    "rich": {"cli.screen", "cli.tables", "cli.progress"},
}

#: Modules without a test file of their name: why they may go without one, or the file that has their tests.
UNNAMED = {
    "public_names": "one constant",
    "pypsa_export": "another name of io/pypsa.py",
    "analysis/shortage/parameters": "documented fields without logic",
    "by_blocks/shared_caps_parameters": "documented fields without logic",
    "ceiling/slopes": "ceiling/test_cost_of_exporting.py",
    "proof/sides": "proof/test_complementarity.py",
}
#: Test files that are about no single module.
ABOUT_MANY = {
    "analysis/shortage/test_generated.py": "explanations of random instances",
    "batch/test_damaged_stores.py": "stores that are damaged row by row or as a whole",
    "batch/test_troubled_batches.py": "batches whose sets, processes or executors fail",
    "ceiling/test_argument_types.py": "arguments of all functions of the room",
    "ceiling/test_random_curves.py": "curves of random instances, through the whole sweep",
    "datasets/test_bad_files.py": "the corpus of spoilt datasets",
    "datasets/test_mutations.py": "datasets with random defects",
    "datasets/test_saving.py": "the half of datasets/folder.py that saves",
    "datasets/test_shipped_datasets.py": "the data that ship, not the code",
    "datasets/test_world.py": "the data that ship, not the code",
    "instance/test_bad_input.py": "the corpus of bad graphs, tables and settings",
    "plots/test_every_plot.py": "all plots",
    "proof/test_corrupt_answers.py": "answers with one figure changed, which no proof may pass",
    "proof/test_honest_answers.py": "answers of an exact method, in any units",
    "proof/test_proof_of_queues.py": "the certificate of answers with work that waits",
    "proof/test_proof_of_rents.py": "the certificate of rents",
    "test_periods.py": "weights, blocks and hourly limits through the whole package",
    "test_routes.py": "several routes through the whole package",
    "test_time.py": "timestamps through the whole package",
    "report/test_browser.py": "the page in a browser",
    "report/test_browser_appearance.py": "the page in a browser, on small screens, in dark colours and on paper",
    "sensitivity/test_shipped.py": "the data that ship, not the code",
    "solvers/column_generation/test_corners.py": "instances on which the whole method once failed",
    "test_documents.py": "the pages beside the code",
    "test_cluster.py": "batches on a cluster of Dask",
    "test_conformance.py": "one suite over every solver",
    "test_exact.py": "proofs in rational numbers",
    "test_frozen.py": "all dataclasses that hold arrays",
    "test_known_answers.py": "instances solved by hand",
    "test_layers.py": "the shape of the package",
    "test_main.py": "placer/__main__.py",
    "test_properties.py": "theorems over random instances",
    "test_reference.py": "an independent implementation",
    "test_site.py": "the site of the documentation",
    "test_made_pages.py": "pages of the site that are made from definitions and facts",
    "test_tutorials.py": "the tutorials of the site",
    "test_textbook_answers.py": "textbook problems with published optima",
    "test_workflows.py": "the workflows of the usual hosts",
}

#: What solvers may import.
_SOLVERS_KNOW = {"errors", "model", "proof", "running", "solvers", "termination", "utils"}


@functools.cache
def _tree(file):
    """Return the syntax tree of a file; no test changes it."""
    return ast.parse(file.read_text(encoding="utf-8"))


@functools.cache
def _imports(file, *, run_time_only=False):
    """Return the full names of everything a module imports, at its head or within a function."""
    skipped = set()
    if run_time_only:
        for node in ast.walk(_tree(file)):
            if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
                skipped.update(id(inner) for statement in node.body for inner in ast.walk(statement))
    found = []
    for node in ast.walk(_tree(file)):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "importlib.import_module":
            found += [part.value for part in node.args if isinstance(part, ast.Constant)]
        elif isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return tuple(found)


def _module_of(name):
    """Return the module of the package that an imported name stands in, or None."""
    inside = name.removeprefix("placer.")
    candidates = [module for module in MODULES if inside == module or inside.startswith(f"{module}.")]
    return max(candidates, key=len, default=None) if name.startswith("placer.") else None


def _room(module):
    return module.split(".")[0]


def _arrows():
    """Return every import of one module by another, in annotations and by string too, but for the sugar."""
    found = {(module, other) for module, file in MODULES.items() for other in map(_module_of, _imports(file)) if other}
    assert found >= SUGAR, "an exception that is no longer needed"
    return {arrow for arrow in found - SUGAR if arrow[0] not in FRONT and arrow[0] != arrow[1]}


def test_rooms_import_one_way():
    """Tests that a room of the package imports only from the rooms below it."""
    height = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}
    assert {_room(module) for module in MODULES} - FRONT == height.keys(), "give the room its place in LAYERS"
    up = {(here, other) for here, other in _arrows() if _room(here) != _room(other)}
    assert {arrow for arrow in up if height[_room(arrow[0])] <= height[_room(arrow[1])]} == set()


def test_no_imports_in_a_circle():
    """Tests that modules import each other in no circle, within rooms as between them."""
    before = {module: set() for module in MODULES}
    for here, other in _arrows():
        before[here].add(other)
    assert list(graphlib.TopologicalSorter(before).static_order())  # raises CycleError


def test_only_commands_import_the_package_itself():
    """Tests that no module asks the package's front for a name, which would be an arrow up."""
    askers = {module for module, file in MODULES.items() if "placer" in set(_imports(file))}
    assert {_room(module) for module in askers} <= {"cli"}


def test_imports_within_functions_are_the_sugar():
    """Tests that imports stand at the head of their module, but for the one that is named."""
    inner = {
        (module, _module_of(f"{statement.module}.{alias.name}"))
        for module, file in MODULES.items()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        for statement in ast.walk(node)
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }
    assert inner == SUGAR


@functools.cache
def _reached(module):
    """Return the modules that are imported with a module, but for its annotations and the sugar."""
    found = {(module, _module_of(name)) for name in _imports(MODULES[module], run_time_only=True)} - SUGAR
    others = {other for _, other in found if other} - {module}
    return others.union({module}, *map(_reached, others))


def test_ceilings_and_analyses_solve_without_placements():
    """Tests that what needs answers of structures imports the ladder that proves them, and no placement with it."""
    rooms = {"solvers", "least_cost", "analysis", "ceiling"}
    above = {
        module
        for module in MODULES
        if _room(module) in rooms and {"placement", "solve"} & {_room(other) for other in _reached(module)}
    }
    assert above <= ON_PLACEMENTS


def test_formulation_and_solvers_never_meet():
    """Tests that the mathematics knows no solver, and no solver where the mathematics is written."""
    for module, file in MODULES.items():
        imported = {other for other in map(_module_of, _imports(file)) if other}
        if _room(module) == "model":
            assert not any(other.startswith("solvers") for other in imported)
        if _room(module) == "solvers":
            assert {_room(other) for other in imported} <= _SOLVERS_KNOW
            assert "model.formulation" not in imported


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_a_test_file_of_its_name(module):
    """Tests that the tests of a module are found by its name, unless ``UNNAMED`` says where they are."""
    path = module.replace(".", "/")
    room, _, name = path.rpartition("/")
    assert (TESTS / room / f"test_{name}.py").is_file() is (path not in UNNAMED)


def test_every_test_file_has_its_module():
    """Tests that a test file is named after a module, unless ``ABOUT_MANY`` says what it is about."""
    modules = {module.replace(".", "/") for module in MODULES}
    files = {file.relative_to(TESTS).as_posix() for file in TESTS.rglob("test_*.py")}
    strange = {file for file in files if file.replace("test_", "", 1).removesuffix(".py") not in modules}
    assert strange == ABOUT_MANY.keys()


@pytest.mark.parametrize(("library", "owners"), OWNERS.items())
def test_each_engine_is_imported_in_its_place(library, owners):
    """Tests that a library that could be replaced is met in one place."""
    users = {
        module
        for module, file in MODULES.items()
        if any(name.split(".")[0] == library for name in _imports(file, run_time_only=True))
    }
    assert users <= owners


@pytest.mark.parametrize("module", MODULES)
def test_library_does_not_print(module):
    """Tests that only the command line prints."""
    tree = _tree(MODULES[module])
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
        if node.module not in {"placer.public_names", "placer.version"}
        for alias in node.names
    }
    modules = {(name, "placer") for name in placer.__all__ if name not in placer._HOME}
    assert told == {(name, f"placer.{module}") for name, module in placer._HOME.items()} | modules
    assert {name for name, _ in told} == set(placer.__all__)


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


@pytest.mark.parametrize("name", ["solve", "running"])
def test_functions_stay_where_modules_have_their_name(name):
    """Tests that importing the module of a function's name leaves the function in the package."""
    assert _in_python(f"import placer.{name}; assert callable(placer.{name})") == (0, b"", b"")


def test_importing_takes_no_library_along():
    """Tests that the package alone imports nothing that takes long."""
    heavy = ("numpy", "pandas", "scipy", "networkx", "highspy", "pulp", "rich", "typer")
    assert _in_python(f"import sys, placer; assert not sys.modules.keys() & {set(heavy)}") == (0, b"", b"")
