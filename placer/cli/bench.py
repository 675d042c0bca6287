"""``placer bench``: measure placer beside what it is compared with. The suite itself is the package ``benchmarks``."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from placer.cli.options import Json, Status
from placer.cli.screen import console, say, to_json, write
from placer.errors import PlacerError
from placer.utils.atomic import check_folder, whole_folder
from placer.utils.optional import how_to_install

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Where the suite stands: inside an installed package, or beside it in a checkout.
_INSTALLED, _CHECKOUT = "placer._benchmarks", "benchmarks"
#: What is measured unless something is asked for, and by ``--quick``.
_FAMILIES, _SIZES, _PHASES = ["fleet"], ["small", "medium"], ["end-to-end"]
_QUICK_SIZES, _QUICK_ROUNDS, _QUICK_LIMIT = ["smoke"], 1, 60.0
_ALL = "all"

_Names = list[str] | None


class BenchError(PlacerError):
    """The suite is not there, or was asked for what it does not have."""


def _several(text: str) -> Any:
    return typer.Option(metavar="NAME", help=text)


def bench(
    *,
    family: Annotated[
        _Names, typer.Option(metavar="NAME", help="Family of instances, or 'all'; several times.")
    ] = None,
    size: Annotated[
        _Names, typer.Option(metavar="NAME", help="smoke, small, medium, large, wide, week or huge; likewise.")
    ] = None,
    phase: Annotated[_Names, typer.Option(metavar="NAME", help="Phase of the work, or 'all'; likewise.")] = None,
    solver: Annotated[
        _Names, typer.Option(metavar="NAME", help="What to compare with; all if not given; likewise.")
    ] = None,
    seed: Annotated[list[int] | None, typer.Option(metavar="NUMBER", help="Seed of the instances; likewise.")] = None,
    repeat: Annotated[int, typer.Option(min=1, help="Times each case is measured.")] = 3,
    time_limit: Annotated[
        float | None, typer.Option(min=1, help="Seconds a measurement may take; else 10 times ours, at least 60.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Smallest size, once, to see that all works.")] = False,
    as_json: Json = False,
    out: Annotated[Path | None, typer.Option(help="Folder for results.json, table.md and the scaling plot.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Keep what results.json in --out holds already.")] = False,
) -> None:
    """Measure placer beside what it is compared with, every measurement in a process of its own.

    Families, phases and solvers are listed in benchmarks/README.md; a wrong name lists them too. What is not installed
    or cannot express an instance is said in the table. Long runs can be interrupted and resumed.

    Exit status: 0 measured, 1 some answer was wrong, 2 bad input.
    """
    if resume and out is None:
        raise BenchError("--resume needs --out, the folder of the run to go on with")
    if out is not None:
        check_folder(out)
    suite, report = _part("suite"), _part("report")
    sizes = size or (_QUICK_SIZES if quick else _SIZES)
    families = _names(family, _FAMILIES, suite.FAMILIES)
    phases = _names(phase, _PHASES, suite.PHASES)
    try:
        groups = suite.cases(families, sizes, phases, solver or [], seed or [0])
    except ValueError as error:
        raise BenchError(str(error)) from error
    if not groups:
        raise BenchError("no family has these sizes and phases")
    with _folder(out) as folder, _progress() as step:
        file = folder / "results.json"
        if file.exists() and not resume:
            raise BenchError(f"{file} is there already; give --resume to go on with it, or another folder")
        rounds, limit = (_QUICK_ROUNDS, _QUICK_LIMIT) if quick else (repeat, None)
        found = suite.run(groups, file, rounds=rounds, limit_seconds=time_limit or limit, progress=step)
    rows = report.rows_of(found)
    records = {"machine": suite.machine(), "rows": report.as_records(rows)}
    if as_json:
        write(to_json(records))
    else:
        say(report.table(rows))
    if out is not None:
        _save(report, rows, out)
    if any(row.agrees == report.WRONG for row in rows):
        raise typer.Exit(Status.NO_SOLUTION)


def _part(name: str) -> Any:
    """Import a module of the suite."""
    if importlib.util.find_spec(_INSTALLED) is not None:
        return importlib.import_module(f"{_INSTALLED}.{name}")
    beside = Path(__file__).resolve().parents[2]
    if not (beside / _CHECKOUT / f"{name}.py").is_file():
        raise BenchError("the benchmarks are not installed with this copy of placer")
    if str(beside) not in sys.path:
        sys.path.insert(0, str(beside))
    return importlib.import_module(f"{_CHECKOUT}.{name}")


def _names(given: _Names, default: list[str], every: dict[str, Any]) -> list[str]:
    return list(every) if given and _ALL in given else given or default


def _save(report: Any, rows: list[Any], folder: Path) -> None:
    with whole_folder(folder) as drafts:
        (drafts / "table.md").write_text(report.table(rows), encoding="utf-8", newline="\n")
        try:
            report.draw_scaling(rows, drafts)
        except ImportError:
            say(f"placer: no plot, since matplotlib is not installed: {how_to_install('plot')}", errors=True)


@contextmanager
def _folder(out: Path | None) -> Iterator[Path]:
    """Make the folder asked for, or one that is gone afterwards."""
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        yield out
        return
    with TemporaryDirectory() as folder:
        yield Path(folder)


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """Show on standard error what is measured: a bar on a terminal, a line each otherwise."""
    aside = console(errors=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=aside, disable=not aside.is_terminal) as bar:
        task = bar.add_task("starting")

        def step(text: str, done: int, total: int) -> None:
            bar.update(task, description=text, completed=done, total=total)
            if not aside.is_terminal:
                say(f"placer: {text} ({done} of {total})", errors=True)

        yield step
