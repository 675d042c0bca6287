"""Mutation test of the proof: change it line by line, and check that its tests notice.

Every mutant is one change to one module: a comparison, an operator or a sign reversed, a number raised by 1, or an
operand, a check or an absolute value omitted. The module's own tests run on a copy of the package with the mutant. A
mutant that passes them survives: either a test is missing, or the change cannot matter, and ``ARGUED`` says why. The
exit status is 1 if a survivor has no argument.
"""

from __future__ import annotations

import argparse
import ast
import multiprocessing
import os
import queue
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path

import pytest

from .arguments import ARGUED
from .forking import CAN_FORK, GRACE, PATIENCE, screened
from .mutants import Mutant, mutants

EXAMPLE = """examples:
  python -m benchmarks.mutation --jobs 2
  python -m benchmarks.mutation --modules proof/certificate security/bound --list"""

ROOT = Path(__file__).resolve().parent.parent
#: The tests of the proof of answers, by subject.
_OF_ANSWERS = (
    "tests/proof/test_answer_certificate.py",
    "tests/proof/test_proof_of_queues.py",
    "tests/proof/test_proof_of_rents.py",
    "tests/proof/test_corrupt_answers.py",
    "tests/proof/test_stored.py",
)
#: The modules of the proof, and the tests that should kill their mutants.
MODULES = {
    "proof/certificate": ("tests/proof/test_certificate.py", "tests/proof/test_corrupt_programs.py"),
    "proof/answer_certificate": _OF_ANSWERS,
    "proof/complementarity": ("tests/proof/test_complementarity.py", *_OF_ANSWERS),
    "proof/bound": (
        "tests/proof/test_bound.py",
        "tests/proof/test_bound_of_rents.py",
        "tests/proof/test_stored.py",
        "tests/kernels/test_compiled.py",
    ),
    "decomposition/bound": ("tests/decomposition/test_bound.py", "tests/planning/search/test_certificate.py"),
    "planning/search/certificate": ("tests/planning/search/test_certificate.py",),
    "by_blocks/proof": ("tests/by_blocks/test_proof.py",),
    "accounting/stability": ("tests/accounting/test_stability.py", "tests/accounting/test_storage_rent.py"),
    "security/bound": ("tests/security/test_bound.py",),
    "security/rents": (
        "tests/security/test_rents.py",
        "tests/security/test_battery_outages.py",
        "tests/security/test_secure.py",
    ),
}
#: Files of the checkout that the tests need.
COPIED = ("placer", "tests")
#: The warning of problems by hand, as in ``pyproject.toml``; by class it would import the package before its mutant.
_ROUND_NUMBERS = "ignore:input that is probably not intended"
#: Options of pytest; no plugin is needed.
SETTINGS = (
    f"[pytest]\naddopts = --import-mode=importlib\nmarkers = slow\nfilterwarnings =\n    error\n    {_ROUND_NUMBERS}\n"
)
#: Modules that the tests import, loaded once where processes can be forked.
LOADED = ["highspy", "networkx", "pandas", "psutil", "pulp", "pytest", "rich.table", "scipy.optimize", "typer"]

#: Exit statuses of pytest: internal error, misuse, no tests.
_NOT_RUN = {3, 4, 5}
_CONTEXT = multiprocessing.get_context(
    "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
)


class Bench:
    """A copy of a package in a temporary folder, on which tests run with one module changed.

    Parameters
    ----------
    root : Path
        The checkout.
    folder : Path
        The folder of the copy.
    copied : tuple of str
        Files and folders of the checkout that are copied.
    """

    def __init__(self, root: Path, folder: Path, copied: tuple[str, ...] = COPIED) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        for name in copied:
            copy = shutil.copytree if (root / name).is_dir() else shutil.copy2
            copy(root / name, folder / name)
        (folder / "pytest.ini").write_text(SETTINGS, encoding="utf-8")

    def passes(self, file: str, source: str, tests: tuple[str, ...], limit: float | None = None) -> bool:
        """Run tests on a copy with one file changed, then restore the file; a run past the limit does not pass.

        Raises
        ------
        RuntimeError
            If no tests were found.
        """
        target = self.folder / file
        whole = target.read_bytes()
        target.write_text(source, encoding="utf-8")
        for stale in target.parent.glob(f"__pycache__/{target.stem}.*"):
            stale.unlink()
        try:
            return self._run(tests, limit)
        finally:
            target.write_bytes(whole)

    def _run(self, tests: tuple[str, ...], limit: float | None) -> bool:
        process = _CONTEXT.Process(target=_run_tests, args=(str(self.folder), tests))
        process.start()
        process.join(limit)
        if process.is_alive():
            process.kill()
            process.join()
            return False
        if process.exitcode in _NOT_RUN:
            raise RuntimeError(f"pytest could not run {', '.join(tests)}: exit status {process.exitcode}")
        return process.exitcode == 0


def _run_tests(folder: str, tests: tuple[str, ...]) -> None:
    """Run tests in a separate process, with the copy first on the path, and exit with the status of pytest."""
    os.chdir(folder)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.environ["PLACER_TESTS"] = "thorough"
    sys.path.insert(0, folder)
    sys.dont_write_bytecode = True
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        status = int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests]))
    os._exit(status)


def survivors(
    file: str, tests: tuple[str, ...], root: Path = ROOT, copied: tuple[str, ...] = COPIED, jobs: int = 1
) -> Iterator[tuple[Mutant, bool]]:
    """Run the tests on every mutant of a file; yield each with whether it survived.

    Raises
    ------
    RuntimeError
        If the tests do not pass without a mutant.
    """
    source = (root / file).read_text(encoding="utf-8")
    _CONTEXT.set_forkserver_preload(LOADED)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(jobs) as pool:
        benches: queue.Queue[Bench] = queue.Queue()
        for number in range(jobs):
            benches.put(Bench(root, Path(folder) / str(number), copied))
        as_it_is = ast.unparse(ast.parse(source))

        @cache
        def limit() -> float:
            """Run the tests without a mutant; return their time limit with one."""
            bench, started = benches.get(), time.monotonic()
            if not bench.passes(file, as_it_is, tests):
                raise RuntimeError(f"{file}: its tests do not pass as it is")
            benches.put(bench)
            return PATIENCE * (time.monotonic() - started) + GRACE

        def survives(mutant: Mutant) -> bool:
            seconds = limit()
            bench = benches.get()
            try:
                return bench.passes(file, mutant.source, tests, seconds)
            finally:
                benches.put(bench)

        every = list(mutants("/".join(Path(file).with_suffix("").parts[-2:]), source))
        if not CAN_FORK:
            limit()
            yield from zip(every, pool.map(survives, every), strict=True)
            return
        name = ".".join(Path(file).with_suffix("").parts)
        screens = [
            screened(
                _CONTEXT,
                Bench(root, Path(folder) / f"screen{first}", copied).folder,
                name,
                [as_it_is, *(mutant.source for mutant in every[first::jobs])],
                tests,
            )
            for first in range(jobs)
        ]
        for number, mutant in enumerate(every):
            unnoticed = not next(screens[number % jobs])
            # A mutant that passed in a child and has an argument needs no second run.
            yield mutant, unnoticed and (mutant.key in ARGUED or survives(mutant))
        for screen in screens:
            next(screen, None)  # it ends its processes, which need their folders until then


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, run, print the survivors; return the exit status."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks.mutation",
        description=__doc__,
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--modules", nargs="+", choices=MODULES, default=list(MODULES), help="default: all")
    parser.add_argument("--jobs", type=int, default=1, help="mutants at a time (default 1)")
    parser.add_argument("--list", action="store_true", help="list the mutants and run nothing")
    chosen = parser.parse_args(arguments)
    if chosen.jobs < 1:
        parser.error("--jobs must be at least 1")
    unargued = 0
    for module in chosen.modules:
        file = f"placer/{module}.py"
        if chosen.list:
            print(*mutants(module, (ROOT / file).read_text(encoding="utf-8")), sep="\n")
            continue
        count = left = 0
        for mutant, survived in survivors(file, MODULES[module], jobs=chosen.jobs):
            count += 1
            if count % 20 == 0:
                print(f"{module}: {count} mutants run", file=sys.stderr, flush=True)
            if survived:
                left += 1
                reason = ARGUED.get(mutant.key)
                unargued += reason is None
                print(f"survives: {mutant}\n    {reason or 'NOT ARGUED'}", flush=True)
        print(f"{module}: {count} mutants, {count - left} killed, {left} survive", flush=True)
    return int(unargued > 0)


if __name__ == "__main__":
    raise SystemExit(main())
