"""First-order solvers on an accelerator, beside placer, on the same MPS files; and what their answers are good for.

    python -m benchmarks.first_order --solver cupdlpx=/path/to/cupdlpx --size small --size medium --size large
    python -m benchmarks.first_order --solver cuopt=/path/to/python --tolerance 1e-4 --tolerance 1e-6 --out files

``cupdlpx`` names the program of cuPDLPx (MIT-Lu-Lab), ``cuopt`` a Python interpreter that has NVIDIA's cuOpt. Both need
an accelerator; everything else runs without one. Each solver reads a file that HiGHS writes of placer's program, and
returns point and duals in files, at each tolerance. All seconds are of the wall clock:

    write, own, whole   writing the file; the solver by its own clock; its whole process, reading and writing included
    read                reading point and duals
    gap                 by placer's certificate of point and duals, and how far the cost is from the least
    proof               column generation to a proven answer from the prices of the duals
    crossover           HiGHS from the point and the duals to a basic optimum
    placer              column generation to a proven answer from nothing, for comparison

A row is printed as soon as it is measured. The exit status is 1 if a solver has no answer.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import highspy
import numpy as np

import placer
from placer.column_generation.warm_start import best_start, record_prices
from placer.ladder.proven import solve_structure
from placer.model.answer import answer_of
from placer.model.expansion import expand
from placer.model.formulation import formulate
from placer.solvers.highs import Silent, arrays_of

from .families import build
from .measure import certificate_of
from .peers.peer import GIVEN, PeerError
from .report import markdown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placer.model.structure import Structure

#: What a Python interpreter with cuOpt runs: file, tolerance, seconds, and where point, duals and time go.
_CUOPT = """
import sys
from cuopt import linear_programming as lp
file, tolerance, seconds, stem = sys.argv[1:]
settings = lp.SolverSettings()
settings.set_optimality_tolerance(float(tolerance))
settings.set_parameter("method", 1)
settings.set_parameter("time_limit", float(seconds))
solution = lp.Solve(lp.ParseMps(file), settings)
for name, values in (("primal", solution.get_primal_solution()), ("dual", solution.get_dual_solution())):
    with open(f"{stem}_{name}_solution.txt", "w") as out:
        out.writelines(f"{float(value)!r}\\n" for value in values)
with open(f"{stem}_summary.txt", "w") as out:
    out.write(f"Termination Reason: {solution.get_termination_reason()}\\n")
    out.write(f"Runtime (sec): {solution.get_solve_time()}\\n")
"""
#: Line of a summary that holds the solver's own seconds.
_RUNTIME = "Runtime (sec):"


def _cupdlpx(executable: str, file: Path, folder: Path, tolerance: str, seconds: float) -> list[str]:
    limits = ("--eps_opt", tolerance, "--eps_feas", tolerance, "--time_limit", f"{seconds:g}")
    return [executable, "--quiet", *limits, str(file), str(folder)]


def _cuopt(executable: str, file: Path, folder: Path, tolerance: str, seconds: float) -> list[str]:
    return [executable, "-c", _CUOPT, str(file), tolerance, f"{seconds:g}", str(folder / file.stem)]


#: Solvers by name: from executable, file, folder for the answer, tolerance and seconds to the command. The answer is in
#: ``NAME_primal_solution.txt``, ``NAME_dual_solution.txt`` and ``NAME_summary.txt``, a number or a fact a line.
SOLVERS: dict[str, Callable[[str, Path, Path, str, float], list[str]]] = {"cupdlpx": _cupdlpx, "cuopt": _cuopt}


@dataclass(frozen=True)
class Case:
    """A program and its file.

    Attributes
    ----------
    name : str
    structure : Structure
    program : LinearProgram
    file : Path
    write, placer : float
        Seconds to write the file, and of column generation.
    least : float
        The least cost.
    """

    name: str
    structure: Structure
    program: placer.LinearProgram
    file: Path
    write: float
    placer: float
    least: float


@dataclass(frozen=True)
class Row:
    """A solver at a tolerance; the module says what its figures are."""

    case: str
    columns: int
    solver: str
    tolerance: str
    write: float
    own: float
    whole: float
    read: float
    gap: float
    cost_off: float
    proof: float
    crossover: float
    placer: float


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    """Return what a call returns, and its seconds."""
    started = time.perf_counter()
    found = call()
    return found, time.perf_counter() - started


def prepared(family: str, size: str, seed: int, folder: Path) -> Case:
    """Solve an instance by column generation, and write the file of its program."""
    structure = formulate(build(family, size, seed)).structure
    solve_structure(formulate(placer.load("tiny")).structure, placer.ColumnGeneration())  # so that no import is timed
    (_, certificate), seconds = timed(lambda: solve_structure(structure, placer.ColumnGeneration()))
    program, file = expand(structure), folder / f"{family}_{size}_{seed}.mps"
    _, write = timed(lambda: _write(program, file))
    return Case(f"{family} {size}, seed {seed}", structure, program, file, write, seconds, certificate.objective)


def _write(program: placer.LinearProgram, file: Path) -> None:
    engine = _engine(program)
    if engine.writeModel(str(file)) == highspy.HighsStatus.kError:
        raise PeerError(f"HiGHS cannot write {file}")


def _engine(program: placer.LinearProgram) -> highspy.Highs:
    engine = Silent()
    engine.passModel(*arrays_of(program))
    return engine


def measured(case: Case, solver: str, executable: str, tolerance: str, seconds: float) -> Row:
    """Let a solver answer a file, check the answer, and carry it on to a proof and to a basis.

    Raises
    ------
    PeerError
        If the solver ends without an answer, or HiGHS finds no optimum from it.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = SOLVERS[solver](executable, case.file, Path(folder), tolerance, seconds)
        done, whole = timed(lambda: subprocess.run(command, capture_output=True, text=True, check=False))  # noqa: S603
        if done.returncode:
            raise PeerError(f"{solver} ends with {done.returncode}: {(done.stderr or done.stdout).strip()[-300:]}")
        (solution, own), read = timed(lambda: answer(case.program, Path(folder) / case.file.stem))
    certificate = certificate_of(case.program, solution)
    cost = float(case.program.cost @ solution.point)
    return Row(
        case=case.name,
        columns=len(case.program.cost),
        solver=solver,
        tolerance=tolerance,
        write=case.write,
        own=own,
        whole=whole,
        read=read,
        gap=certificate.gap,
        cost_off=abs(cost - case.least) / max(abs(case.least), 1e-300),
        proof=timed(lambda: proved(case, solution))[1],
        crossover=timed(lambda: crossed_over(case, solution))[1],
        placer=case.placer,
    )


def answer(program: placer.LinearProgram, stem: Path) -> tuple[placer.LPSolution, float]:
    """Read point, duals and the solver's own seconds of an answer.

    Raises
    ------
    PeerError
        If a file is missing, or holds another number of values than the program has columns or rows.
    """
    rows, columns = program.matrix.shape
    values, duals = (_numbers(stem, name, count) for name, count in (("primal", columns), ("dual", rows)))
    facts = _read(stem, "summary").splitlines()
    own = next((float(line.removeprefix(_RUNTIME)) for line in facts if line.startswith(_RUNTIME)), float("nan"))
    done = placer.Termination(placer.Reason.OPTIMAL, "; ".join(facts[:1]))
    return placer.LPSolution(done, values, duals, basic=False), own


def _numbers(stem: Path, name: str, count: int) -> np.ndarray:
    found = np.array(_read(stem, f"{name}_solution").split(), dtype=float)
    if len(found) != count:
        raise PeerError(f"the {name} solution has {len(found):,} values, where the program has {count:,}")
    return found


def _read(stem: Path, name: str) -> str:
    file = stem.with_name(f"{stem.name}_{name}.txt")
    if not file.is_file():
        raise PeerError(f"there is no {file.name}")
    return file.read_text(encoding="utf-8")


def proved(case: Case, solution: placer.LPSolution) -> float:
    """Return the cost that column generation proves from the prices of a solution."""
    prices = answer_of(case.structure, case.program, solution).prices
    start = best_start(case.structure, [record_prices(case.structure, prices)])
    return solve_structure(case.structure, placer.ColumnGeneration(), start)[1].objective


def crossed_over(case: Case, solution: placer.LPSolution) -> float:
    """Return the cost of the basic optimum that HiGHS finds from a solution.

    Raises
    ------
    PeerError
        If it finds none.
    """
    engine, point = _engine(case.program), highspy.HighsSolution()
    point.col_value, point.row_value = solution.point, case.program.matrix @ solution.point
    point.row_dual, point.col_dual = solution.duals, case.program.cost - case.program.matrix.T @ solution.duals
    point.value_valid = point.dual_valid = True
    engine.crossover(point)
    engine.run()
    if engine.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise PeerError(f"HiGHS says {engine.getModelStatus().name} after crossover")
    return float(engine.getInfo().objective_function_value)


def rows(given: argparse.Namespace, folder: Path) -> Iterator[Row]:
    """Yield a row for each program, solver and tolerance; say on standard error which has no answer."""
    for size in given.size or ["small"]:
        case = prepared(given.family, size, given.seed, folder)
        for solver, executable in given.solver:
            for tolerance in given.tolerance or GIVEN:
                try:
                    yield measured(case, solver, executable, tolerance, given.limit)
                except (PeerError, OSError, placer.NoSolutionError) as error:
                    print(f"{case.name}, {solver} at {tolerance}: {error}", file=sys.stderr, flush=True)


def _solver(text: str) -> tuple[str, str]:
    """Return name and executable of a solver."""
    name, _, executable = text.partition("=")
    if name not in SOLVERS or not executable:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=EXECUTABLE with a NAME of {', '.join(SOLVERS)}")
    return name, executable


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m benchmarks.first_order", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--solver", type=_solver, action="append", required=True, metavar="NAME=EXECUTABLE")
    parser.add_argument("--family", default="fleet")
    parser.add_argument("--size", action="append", help="a size or a shape; several times; default small")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tolerance", choices=GIVEN, action="append", help="several times; default all")
    parser.add_argument("--limit", type=float, default=3600.0, help="seconds of a solver (default 3600)")
    parser.add_argument("--out", type=Path, help="folder that keeps the files")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a row for each answer; return 1 if a solver has none."""
    given = _options(arguments)
    count = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.out or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        if not given.json:
            print(markdown([each.name.replace("_", " ") for each in fields(Row)], ()), flush=True)
        for row in rows(given, folder):
            count += 1
            print(json.dumps(asdict(row)) if given.json else _line(row), flush=True)
    return int(count < len(given.size or ["small"]) * len(given.solver) * len(given.tolerance or GIVEN))


def _line(row: Row) -> str:
    shown = {float: "{:.3g}".format, int: "{:,}".format, str: str}
    return f"| {' | '.join(shown[type(value)](value) for value in asdict(row).values())} |"


if __name__ == "__main__":
    sys.exit(main())
