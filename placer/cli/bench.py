"""``placer bench``: measure placer beside its peers. The suite itself is the package ``benchmarks``."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from placer.cli.bench_library import BenchError, measure_library
from placer.cli.options import Json, Scenario, Status
from placer.cli.outputs import draw_plots
from placer.cli.progress import case_bar
from placer.cli.screen import mention, say, write
from placer.cli.tables import json_text
from placer.datasets.folder import load
from placer.solvers.program_files import read_program
from placer.utils.atomic import check_folder, whole_folder

#: Location of the suite: inside an installed package, or beside it in a checkout.
_INSTALLED, _CHECKOUT = "placer._benchmarks", "benchmarks"
#: Measurements by default and with ``--quick``.
_FAMILIES, _SIZES, _PHASES = ["fleet"], ["small", "medium"], ["end-to-end"]
_QUICK_SIZES, _QUICK_ROUNDS, _QUICK_LIMIT = ["smoke"], 1, 60.0
_ALL = "all"

_Names = list[str] | None


_Family = Annotated[_Names, typer.Option(metavar="NAME", help="Family of instances, or 'all'; several times.")]
_Size = Annotated[
    _Names,
    typer.Option(metavar="NAME", help="smoke, small, medium, large, wide, week, huge, or a shape as 9x50x4x24."),
]
_Phase = Annotated[_Names, typer.Option(metavar="NAME", help="Phase of the work, or 'all'; likewise.")]
_Solver = Annotated[_Names, typer.Option(metavar="NAME", help="What to compare with; all if not given; likewise.")]
_Seed = Annotated[
    list[int] | None,
    typer.Option(metavar="NUMBER", help="Seed of the instances, and of the noise on a dataset's demand; likewise."),
]
_Datasets = Annotated[
    _Names, typer.Option(metavar="DATASET", help="A dataset in place of families, by name or folder; several times.")
]
_Files = Annotated[
    list[Path] | None,
    typer.Option(metavar="FILE", help="A linear program in place of families, .mps or .lp; several times."),
]
_Library = Annotated[
    _Names,
    typer.Option(metavar="NAME", help="An instance of the library in place of families, 'shipped' or 'all'; likewise."),
]
_Command = Annotated[
    _Names,
    typer.Option(metavar="TEXT", help="A solver of one's own for --library: a command with {mps} and {solution}."),
]
_Csv = Annotated[Path | None, typer.Option(help="Table of results of --library, to which rows are added.")]
_Repeat = Annotated[int, typer.Option(min=1, max=1_000, help="Times each case is measured.")]
_CaseTimeLimit = Annotated[
    float | None, typer.Option(min=1, help="Seconds a measurement may take; else 10 times ours, at least 60.")
]
_Quick = Annotated[bool, typer.Option("--quick", help="Smallest size, once, to see that all works.")]
_Out = Annotated[Path | None, typer.Option(help="Folder for results.json, table.md and plots of scaling and profiles.")]
_ResumeOut = Annotated[bool, typer.Option("--resume", help="Keep what results.json in --out holds already.")]


def bench_command(
    *,
    dataset: _Datasets = None,
    scenario: Scenario = None,
    instance: _Files = None,
    library: _Library = None,
    command: _Command = None,
    csv: _Csv = None,
    family: _Family = None,
    size: _Size = None,
    phase: _Phase = None,
    solver: _Solver = None,
    seed: _Seed = None,
    repeat: _Repeat = 3,
    time_limit: _CaseTimeLimit = None,
    quick: _Quick = False,
    as_json: Json = False,
    out: _Out = None,
    resume: _ResumeOut = False,
) -> None:
    """Measure placer beside its peers, every measurement in a separate process.

    Families of instances by default, or with --dataset and --instance one's own. benchmarks/README.md lists families,
    phases and solvers; a wrong name lists them too. The table says which peers are not installed or cannot express an
    instance. Over two problems or seeds and more there are performance profiles. An answer that the certificate refuses
    is marked, and has no rank. Long runs can be interrupted and resumed. With --library solvers read the instances of
    the library from their files, and each answer is held against the optimum that is proven.

    Exit status: 0 measured, 1 some answer was wrong, 2 bad input.
    """
    if library or command or csv:
        others = dataset, scenario, instance, family, size, phase, seed, resume
        if not library or any(others):
            raise BenchError("--library takes --solver, --command, --csv, --time-limit, --out and --json alone")
        measure_library(
            suite_module("library.results"),
            library,
            [*(solver or []), *(command or [])],
            csv,
            out,
            time_limit,
            as_json=as_json,
        )
        return
    if resume and out is None:
        raise BenchError("--resume needs --out, the folder of the run to go on with")
    if out is not None:
        out = check_folder(out)
    if dataset or instance:
        if family or size:
            raise BenchError("--family and --size are of instances drawn; leave them out with --dataset and --instance")
        groups = _own_groups(dataset or [], scenario or [], instance or [], phase, solver, seed)
    else:
        groups = _groups(family, size or (_QUICK_SIZES if quick else _SIZES), phase, solver, seed)
    rounds, limit = (_QUICK_ROUNDS, _QUICK_LIMIT) if quick else (repeat, None)
    rows = _measured(groups, out, rounds, time_limit or limit, resume=resume)
    report = suite_module("report")
    if as_json:
        write(json_text({"machine": suite_module("suite").machine(), "rows": report.as_records(rows)}))
    else:
        say(report.table(rows))
    if out is not None:
        _save_results(report, rows, out)
    if any(row.agrees == report.WRONG for row in rows):
        raise typer.Exit(Status.NO_SOLUTION)


def _groups(family: _Names, sizes: list[str], phase: _Names, solver: _Names, seed: list[int] | None) -> list[Any]:
    """Return the requested cases, or refuse names that the suite does not have."""
    suite = suite_module("suite")
    families = _names(family, _FAMILIES, suite.FAMILIES)
    phases = _names(phase, _PHASES, suite.PHASES)
    try:
        groups: list[Any] = suite.cases(families, sizes, phases, solver or [], seed or [0])
    except ValueError as error:
        raise BenchError(str(error)) from error
    if not groups:
        raise BenchError("no family has these sizes and phases")
    return groups


def _own_groups(
    datasets: list[str], scenarios: list[str], files: list[Path], phase: _Names, solver: _Names, seed: list[int] | None
) -> list[Any]:
    """Return the cases of datasets and files, or refuse what cannot be read and names that the suite does not have."""
    suite, subjects = suite_module("suite"), suite_module("subjects")
    for name in datasets:
        load(name, scenarios)
    for file in files:
        read_program(file)
    named = [subjects.dataset_text(name, scenarios) for name in datasets]
    try:
        groups: list[Any] = suite.own_cases(
            named, list(map(str, files)), _names(phase, _PHASES, suite.PHASES), solver or [], seed or [0]
        )
    except ValueError as error:
        raise BenchError(str(error)) from error
    return groups


def _measured(groups: list[Any], out: Path | None, rounds: int, limit_seconds: float | None, *, resume: bool) -> Any:
    """Measure the cases, and return a row for each."""
    with _folder(out) as folder, case_bar() as step:
        file = folder / "results.json"
        if file.exists() and not resume:
            raise BenchError(f"{file} is there already; give --resume to go on with it, or another folder")
        found = suite_module("suite").run(groups, file, rounds=rounds, limit_seconds=limit_seconds, progress=step)
    return suite_module("report").rows_of(found)


def suite_module(name: str) -> Any:
    """Return a module of the suite.

    In a checkout the package is loaded from its folder: the repository's root stays off ``sys.path``, where files
    beside the package could shadow libraries.

    Raises
    ------
    BenchError
        If this copy of placer lacks the suite.
    """
    if importlib.util.find_spec(_INSTALLED) is not None:
        return importlib.import_module(f"{_INSTALLED}.{name}")
    folder = Path(__file__).resolve().parents[2] / _CHECKOUT
    if not (folder / f"{name.replace('.', '/')}.py").is_file():
        raise BenchError("the benchmarks are not installed with this copy of placer")
    if _CHECKOUT not in sys.modules:
        _load_package(_CHECKOUT, folder)
    return importlib.import_module(f"{_CHECKOUT}.{name}")


def _load_package(name: str, folder: Path) -> None:
    """Load a package from its folder, as if the folder's parent were on ``sys.path``."""
    spec = importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise BenchError(f"{folder} cannot be loaded")
    package = importlib.util.module_from_spec(spec)
    sys.modules[name] = package
    spec.loader.exec_module(package)


def _names(given: _Names, default: list[str], every: dict[str, Any]) -> list[str]:
    return list(every) if given and _ALL in given else given or default


def _save_results(report: Any, rows: list[Any], folder: Path) -> None:
    def step(text: str) -> None:
        mention(f"placer: {text}")

    with whole_folder(folder) as drafts:
        (drafts / "table.md").write_text(report.table(rows), encoding="utf-8", newline="\n")
        draw_plots(step, lambda _plots: [report.draw_scaling(rows, drafts), report.draw_profiles(rows, drafts)])


@contextmanager
def _folder(out: Path | None) -> Iterator[Path]:
    """Create the requested folder, or a temporary one."""
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        yield out
        return
    with TemporaryDirectory() as folder:
        yield Path(folder)
