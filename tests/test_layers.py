"""The shape of the package: imports run one way, and each engine is met in one module."""

from __future__ import annotations

import ast
import functools
import graphlib
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "placer"
TESTS = Path(__file__).parent
MODULES = {
    ".".join(file.relative_to(PACKAGE).with_suffix("").parts): file
    for file in sorted(PACKAGE.rglob("*.py"))
    if file.name not in ("__init__.py", "__main__.py")
}
TEST_FILES = sorted(TESTS.rglob("test_*.py"))
#: Rooms of the package from the bottom up, as ``ARCHITECTURE.md`` lists them: a room imports from earlier ones only.
ROOMS = re.findall(r"^\| `placer/(\w+)", (PACKAGE.parent / "ARCHITECTURE.md").read_text(encoding="utf-8"), re.MULTILINE)
#: The only analyses and ceilings that make or read placements.
ON_PLACEMENTS = {
    "analysis.baselines",
    "analysis.flexibility.curve",
    "analysis.flexibility.responses",
    "analysis.fronts.front",
    "analysis.fronts.trace",
    "analysis.regimes",
    "analysis.shortage.explanation",
    "ceiling.economics",
    "ceiling.exports",
    "ceiling.result",
    "ceiling.secure.result",
}
#: The package's own names, by which ``placer/pypsa_export.py`` stays where it always was.
FRONT = {"pypsa_export"}
#: The only modules that import each library at run time.
OWNERS = {
    "networkx": {"instance.tables.graph", "io.graph_files", "io.graph_formats"},
    "highspy": {"solvers.engine", "solvers.interrupt", "solvers.highs", "solvers.incremental", "solvers.started"}
    | {"solvers.branch_and_bound", "solvers.program_files"},
    "pulp": {"solvers.pulp"},
    "numba": {"kernels.jit"},
    "matplotlib": {module for module in MODULES if module.startswith("plots.")},
    "tornado": {"live.server"},
    "typer": {module for module in MODULES if module.startswith("cli.")},
    "rich": {"cli.screen", "cli.tables", "cli.progress"},
}
#: Modules without a test file of their name: why they may go without one, or the file that has their tests.
UNNAMED = {
    "public_names": "one constant",
    "pypsa_export": "another name of io/pypsa.py",
    "by_blocks/shared_caps_parameters": "documented fields without logic",
    "column_generation/dual/parameters": "documented fields without logic",
    "decomposition/bundle_parameters": "documented fields without logic",
    "decomposition/cut_pool": "a protocol",
    "proof/sides": "documented fields without logic",
    "kernels/priced_arcs": "documented fields without logic",
    "decomposition/family": "a protocol",
    "decomposition/oracle": "a protocol and a record",
    "ceiling/slopes": "ceiling/test_cost_of_exporting.py",
}
#: Test files that are about no single module.
ABOUT_MANY = {
    "accounting/test_contract_accounts.py": "contracts of power, through the whole room",
    "analysis/shortage/test_every_limit.py": "explanations of each limit, by hand",
    "analysis/shortage/test_generated.py": "explanations of random instances",
    "analysis/shortage/test_own_limits.py": "explanations of limits of one's own, by hand",
    "batch/test_damaged_stores.py": "stores that are damaged row by row or as a whole",
    "batch/test_store_exports.py": "the half of batch/store.py that exports",
    "batch/test_troubled_batches.py": "batches whose sets, processes or executors fail",
    "ceiling/test_argument_types.py": "arguments of all functions of the room",
    "ceiling/test_random_curves.py": "curves of random instances, through the whole sweep",
    "cli/test_batch_interrupted.py": "cli/batch.py in processes that are interrupted or killed",
    "datasets/test_bad_files.py": "the corpus of spoilt datasets",
    "datasets/test_globe.py": "the data that ship, not the code",
    "datasets/test_mutations.py": "datasets with random defects",
    "datasets/test_own_power.py": "the data that ship, not the code",
    "datasets/test_shipped_datasets.py": "the data that ship, not the code",
    "datasets/test_shipped_modes.py": "modes of the shipped data",
    "datasets/test_shipped_power.py": "the data that ship, not the code",
    "datasets/test_shipped_served_models.py": "served models of the shipped data",
    "datasets/test_toml_files.py": "the half of datasets/csv_files.py for TOML",
    "datasets/test_world.py": "the data that ship, not the code",
    "datasets/test_world_own_power.py": "the data that ship, not the code",
    "instance/test_bad_input.py": "the corpus of bad graphs, tables and settings",
    "live/test_browser.py": "the live page in a browser",
    "live/test_film.py": "the film of the live page",
    "model/test_contracts_through_the_package.py": "contracts of power in files, changes and products",
    "model/test_zone_limits.py": "limits of power zones",
    "planning/test_battery_plans.py": "candidates of batteries, through the whole room",
    "planning/test_steps_and_policies.py": "steps of demand and policies, through the whole room",
    "plots/test_every_plot.py": "all plots",
    "proof/test_bound_of_rents.py": "the dual bound where few rents count",
    "proof/test_corrupt_answers.py": "answers with one figure changed, which no proof may pass",
    "proof/test_corrupt_programs.py": "solutions with one figure changed, which no proof may pass",
    "proof/test_honest_answers.py": "answers of an exact method, in any units",
    "proof/test_proof_of_queues.py": "the certificate of answers with work that waits",
    "proof/test_proof_of_rents.py": "the certificate of rents",
    "queues/test_promises.py": "margins by formula beside simulated pools",
    "report/test_browser.py": "the page in a browser",
    "report/test_browser_controls.py": "zoom, regions and filters in a browser",
    "report/test_browser_time.py": "the axes of time in a browser",
    "report/test_browser_appearance.py": "the page in a browser, on small screens, in dark colours and on paper",
    "accounting/test_storage_rent.py": "what batteries earn, through the whole room",
    "security/test_battery_outages.py": "contingencies beside batteries, through the whole room",
    "sensitivity/test_shipped.py": "the data that ship, not the code",
    "column_generation/test_corners.py": "instances on which the whole method once failed",
    "column_generation/test_fallback.py": "what column generation hands over",
    "column_generation/test_generation_properties.py": "theorems over random structures",
    "solvers/test_incremental_in_sweeps.py": "solvers/incremental.py as sweeps run it",
    "test_main.py": "placer/__main__.py",
    "trades/test_bad_input.py": "steps and policies with defects, from Python and from files",
    "trades/test_hand_example.py": "the example by hand, through placement and trade",
    "trades/test_random_trade.py": "random policies against a program from the text, and theorems of trade",
    "trades/test_through_the_package.py": "steps and policies at once, in files, changes and other products",
    "utils/test_atomic_folders.py": "the half of utils/atomic.py for folders",
    "test_batteries.py": "batteries from tables to answers",
    "test_cluster.py": "batches on a cluster of Dask",
    "test_conformance.py": "one suite over every solver",
    "test_green_batteries.py": "green shares beside batteries, from tables to answers",
    "test_conformance_of_placements.py": "one suite over every solver of placements",
    "test_documents.py": "the pages beside the code",
    "test_earlier_files.py": "files that earlier versions wrote",
    "test_exact.py": "proofs in rational numbers",
    "test_frozen.py": "all dataclasses that hold arrays",
    "test_import.py": "what importing the package does",
    "test_invariances.py": "theorems over random instances, of what does not matter",
    "test_known_answers.py": "instances solved by hand",
    "test_known_answers_of_attributes.py": "instances solved by hand, an attribute at a time",
    "test_layers.py": "the shape of the package",
    "test_made_pages.py": "pages of the site that are made from definitions and facts",
    "test_mistakes.py": "what people get wrong, through the whole package",
    "test_periods.py": "weights, blocks and hourly limits through the whole package",
    "test_mode_invariances.py": "theorems of modes through the whole package",
    "test_properties.py": "theorems over random instances",
    "test_reference.py": "an independent implementation",
    "test_routes.py": "several routes through the whole package",
    "test_routes_properties.py": "several routes over random networks",
    "test_site.py": "the site of the documentation",
    "test_textbook_answers.py": "textbook problems with published optima",
    "test_time.py": "timestamps through the whole package",
    "test_time_limits.py": "the time limit of every verb",
    "test_tutorials.py": "the tutorials of the site",
    "test_workflows.py": "the workflows of the usual hosts",
    "test_tuned_figures.py": "the figures of all classes of parameters",
}
#: What solvers may import.
_SOLVERS_KNOW = {
    "kernels",
    "column_generation",
    "errors",
    "ladder",
    "model",
    "proof",
    "running",
    "solvers",
    "termination",
    "tolerances",
    "utils",
}


@functools.cache
def _tree(file):
    """Return the syntax tree of a file; no test changes it."""
    return ast.parse(file.read_text(encoding="utf-8"))


@functools.cache
def _nodes(file):
    """Return every node of the syntax tree of a file."""
    return tuple(ast.walk(_tree(file)))


@functools.cache
def _imports(file, *, run_time_only=False):
    """Return the full names of everything a module imports, at its head or within a function."""
    skipped = set()
    if run_time_only:
        for node in _nodes(file):
            if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
                skipped.update(id(inner) for statement in node.body for inner in ast.walk(statement))
    found = []
    for node in _nodes(file):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Call) and _called(node) == "import_module":
            found += [part.value for part in node.args if isinstance(part, ast.Constant)]
        elif isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return tuple(found)


def _called(call):
    """Return the last name of what a call calls: ``c`` of ``a.b.c()``."""
    return getattr(call.func, "attr", None) or getattr(call.func, "id", None)


def _module_of(name):
    """Return the module of the package that an imported name stands in, or None."""
    package, _, inside = name.partition(".")
    while package == "placer" and inside and inside not in MODULES:
        inside = inside.rpartition(".")[0]
    return inside or None if package == "placer" else None


def _room(module):
    return module.split(".")[0]


def _arrows():
    """Return every import of one module by another, in annotations and by string too."""
    found = {(module, other) for module, file in MODULES.items() for other in map(_module_of, _imports(file)) if other}
    return {arrow for arrow in found if arrow[0] not in FRONT and arrow[0] != arrow[1]}


@pytest.mark.slow
def test_rooms_import_one_way():
    """Tests that a room of the package imports only from the rooms below it."""
    height = {room: level for level, room in enumerate(ROOMS)}
    assert {_room(module) for module in MODULES} - FRONT == height.keys(), "give the room its line in ARCHITECTURE.md"
    up = {(here, other) for here, other in _arrows() if _room(here) != _room(other)}
    assert {arrow for arrow in up if height[_room(arrow[0])] <= height[_room(arrow[1])]} == set()


@pytest.mark.slow
def test_no_imports_in_a_circle():
    """Tests that modules import each other in no circle, within rooms as between them."""
    before = {module: set() for module in MODULES}
    for here, other in _arrows():
        before[here].add(other)
    assert list(graphlib.TopologicalSorter(before).static_order())  # raises CycleError


@pytest.mark.slow
def test_folders_of_a_room_import_one_way():
    """Tests that the folders within a room import each other in no circle either; files beside them stand alone."""
    before = {}
    for here, other in _arrows():
        (folder, _, _), (other_folder, _, _) = here.rpartition("."), other.rpartition(".")
        ends = [folder if "." in folder else here, other_folder if "." in other_folder else other]
        before.setdefault(ends[0], set()).update({ends[1]} - {ends[0]})
    assert list(graphlib.TopologicalSorter(before).static_order())  # raises CycleError


@pytest.mark.slow
def test_only_commands_import_the_package_itself():
    """Tests that no module asks the package's front for a name, which would be an arrow up."""
    askers = {module for module, file in MODULES.items() if "placer" in set(_imports(file))}
    assert {_room(module) for module in askers} <= {"cli"}


@pytest.mark.slow
def test_no_imports_within_functions():
    """Tests that imports stand at the head of their module."""
    inner = {
        (module, _module_of(f"{statement.module}.{alias.name}"))
        for module, file in MODULES.items()
        for node in _nodes(file)
        if isinstance(node, ast.FunctionDef)
        for statement in ast.walk(node)
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }
    assert inner == set()


@functools.cache
def _reached(module):
    """Return the modules that are imported with a module at run time."""
    found = {(module, _module_of(name)) for name in _imports(MODULES[module], run_time_only=True)}
    others = {other for _, other in found if other} - {module}
    return others.union({module}, *map(_reached, others))


def test_ceilings_and_analyses_solve_without_placements():
    """Tests that what needs answers of structures imports the ladder that proves them, and no placement with it."""
    rooms = {"solvers", "column_generation", "ladder", "least_cost", "analysis", "ceiling"}
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
            assert not {"solvers", "column_generation", "ladder"} & {_room(other) for other in imported}
        if _room(module) in {"solvers", "column_generation", "ladder"}:
            assert {_room(other) for other in imported} <= _SOLVERS_KNOW
            assert "model.formulation" not in imported


def test_every_module_has_a_test_file_of_its_name():
    """Tests that the tests of a module are found by its name, unless ``UNNAMED`` says where they are."""
    modules = {module.replace(".", "/") for module in MODULES}
    named = {file.relative_to(TESTS).as_posix().replace("test_", "", 1).removesuffix(".py") for file in TEST_FILES}
    assert modules - named == UNNAMED.keys()


def test_every_test_file_has_its_module():
    """Tests that a test file is named after a module, unless ``ABOUT_MANY`` says what it is about."""
    modules = {module.replace(".", "/") for module in MODULES}
    files = {file.relative_to(TESTS).as_posix() for file in TEST_FILES}
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


def test_library_does_not_print():
    """Tests that only the command line prints."""
    printing = {
        module
        for module, file in MODULES.items()
        for node in _nodes(file)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    }
    assert printing == set()
