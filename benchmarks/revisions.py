"""Processor time of this tree as a multiple of that of an earlier revision, case by case.

    python -m benchmarks.revisions f580f32 --group columns               # column generation on five instances
    python -m benchmarks.revisions 257c91d --group ceilings --json       # ceilings and curves
    python -m benchmarks.revisions e3f8d0b7 --group caps --pairs 3       # column generation with caps hour by hour
    python -m benchmarks.revisions HEAD~1 --case 'ceiling capped medium' --pairs 21

The revision is checked out into a temporary folder, a git worktree that is removed at the end. Each case runs in two
processes, one of each tree, with one BLAS thread. Both build the instance with the families of their own tree, or read
the dataset of the revision, since its figures may have changed, and run once unmeasured; then the trees take turns, the
order changing from pair to pair. The table holds the best and the median seconds of processor time, the ratio of both
(below 1, this tree is faster), and whether the answers are equal within 1e-9; the last line has the geometric means of
the ratios. The exit status is 1 if answers differ. Ceilings of before 83a9f5f allow swaps, so that their shares differ
from those of today; revisions without pools cannot run those of the group ``caps``.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

HERE = Path(__file__).resolve().parents[1]
SIDE = Path(__file__).with_name("revision_side.py")
#: Largest relative difference between equal answers.
AGREEMENT = 1e-9
#: Environment of both sides: the libraries' own threads would add their waiting to the time of the processor.
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"), "1")


@dataclass(frozen=True)
class Case:
    """A task on an instance.

    Attributes
    ----------
    task : str
        ``columns``, ``ceiling`` or ``curve``.
    family, size : str
        A family and a size of it, or a dataset and nothing.
    caps : str
        ``pools`` or ``hourly``: caps of each data centre and hour (``benchmarks.revision_side``); or none.
    """

    task: str
    family: str
    size: str = ""
    caps: str = ""

    @property
    def name(self) -> str:
        """Task, family, size and caps in words."""
        return " ".join(filter(None, (self.task, self.family, self.size, self.caps)))


#: Groups of cases by name.
GROUPS: dict[str, tuple[Case, ...]] = {
    "columns": (
        *(Case("columns", family, "medium") for family in ("fleet", "tiers", "short", "tiers_linked")),
        Case("columns", "china"),
    ),
    "ceilings": (
        *(
            Case("ceiling", family, size)
            for family in ("fleet", "short", "capped", "tiers_linked")
            for size in ("medium", "large")
        ),
        Case("ceiling", "china"),
        Case("curve", "fleet", "medium"),
        Case("curve", "china"),
    ),
    "caps": tuple(
        Case("columns", family, size, caps)
        for family, size in (("china", ""), ("fleet", "medium"))
        for caps in ("hourly", "pools")
    ),
}
CASES = {case.name: case for cases in GROUPS.values() for case in cases}


@dataclass(frozen=True)
class Line:
    """A case in both trees.

    Attributes
    ----------
    case : str
    before, after : float
        Least processor seconds of the revision and of this tree.
    before_median, after_median : float
        Medians.
    ratio, median_ratio : float
        Of the least seconds, and the median over the pairs: this tree's over the revision's.
    answers, answers_before : dict
        Figures of the answers of this tree and of the revision.
    equal : bool
        Whether these agree.
    """

    case: str
    before: float
    after: float
    before_median: float
    after_median: float
    ratio: float
    median_ratio: float
    answers: dict[str, float]
    answers_before: dict[str, float]
    equal: bool


@contextmanager
def checked_out(revision: str) -> Iterator[Path]:
    """Check a revision out into a temporary folder, and remove it at the end.

    Raises
    ------
    SystemExit
        If git is absent or knows no such revision.
    """
    git = shutil.which("git")
    if git is None:
        raise SystemExit("comparing revisions needs git, which is not installed")
    with tempfile.TemporaryDirectory(prefix="placer-revision-") as folder:
        tree = Path(folder) / "tree"
        command = [git, "-C", str(HERE), "worktree"]
        added = [*command, "add", "--quiet", "--detach", str(tree), revision]
        if subprocess.run(added, check=False).returncode:  # noqa: S603
            raise SystemExit(f"git cannot check out {revision}")
        try:
            yield tree
        finally:
            subprocess.run([*command, "remove", "--force", str(tree)], check=True)  # noqa: S603


@contextmanager
def side(tree: Path, case: Case, datasets: Path) -> Iterator[subprocess.Popen[str]]:
    """Start the process of a case in a tree, past its unmeasured run; it ends with the context."""
    family = case.family if case.size else str(datasets / case.family)
    command = [sys.executable, str(SIDE), str(tree), case.task, family, case.size, case.caps]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=tree, text=True, env=os.environ | ONE_THREAD, **pipes) as process:  # noqa: S603
        try:
            yield process
        finally:
            process.kill()


def compare(trees: tuple[Path, Path], case: Case, pairs: int) -> Line:
    """Run a case in turns in the tree of a revision and in this one."""
    with ExitStack() as stack:
        sides = [stack.enter_context(side(tree, case, trees[0] / "datasets")) for tree in trees]
        for process in sides:
            _read(process, case)
        runs: tuple[list[dict[str, Any]], list[dict[str, Any]]] = ([], [])
        for pair in range(pairs):
            for place in (0, 1) if pair % 2 == 0 else (1, 0):
                print(file=sides[place].stdin, flush=True)
                runs[place].append(_read(sides[place], case))
    before, after = ([run["seconds"] for run in each] for each in runs)
    answers_before, answers = (each[-1]["answers"] for each in runs)
    return Line(
        case=case.name,
        before=min(before),
        after=min(after),
        before_median=statistics.median(before),
        after_median=statistics.median(after),
        ratio=min(after) / min(before),
        median_ratio=statistics.median(new / old for old, new in zip(before, after, strict=True)),
        answers=answers,
        answers_before=answers_before,
        equal=equal(answers_before, answers),
    )


def equal(before: Mapping[str, float], after: Mapping[str, float]) -> bool:
    """Return whether two answers have the same figures within ``AGREEMENT``."""
    return before.keys() == after.keys() and all(
        math.isclose(value, after[name], rel_tol=AGREEMENT, abs_tol=AGREEMENT) for name, value in before.items()
    )


def _read(process: subprocess.Popen[str], case: Case) -> dict[str, Any]:
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise SystemExit(f"{case.name}: a side ended early, for the reason above")
    read: dict[str, Any] = json.loads(line)
    return read


def print_table(lines: Iterable[Line]) -> list[Line]:
    """Print lines as they come, then the geometric means of their ratios; return the lines."""
    done = []
    print(f"{'case':<30}{'before s':>9}{'after s':>9}{'best':>7}{'median':>8}  answers")
    for line in lines:
        done.append(line)
        told = "equal" if line.equal else f"differ: {line.answers_before} before, {line.answers} after"
        seconds = f"{line.before:>9.3f}{line.after:>9.3f}{line.ratio:>7.3f}{line.median_ratio:>8.3f}"
        print(f"{line.case:<30}{seconds}  {told}", flush=True)
    best, median = _means(done)
    print(f"{'geometric mean':<30}{'':>18}{best:>7.3f}{median:>8.3f}")
    return done


def print_json(lines: Iterable[Line]) -> list[Line]:
    """Print lines as objects of JSON as they come, then one with the geometric means; return the lines."""
    done = []
    for line in lines:
        done.append(line)
        print(json.dumps(asdict(line)), flush=True)
    best, median = _means(done)
    print(json.dumps({"geometric_mean": best, "geometric_mean_of_medians": median}))
    return done


def _means(lines: list[Line]) -> tuple[float, float]:
    ratios = [line.ratio for line in lines], [line.median_ratio for line in lines]
    return statistics.geometric_mean(ratios[0]), statistics.geometric_mean(ratios[1])


def main(arguments: list[str] | None = None) -> int:
    """Compare this tree with a revision; return 1 if answers differ."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.revisions", description=__doc__.splitlines()[0])
    parser.add_argument("revision", help="what git can check out, or a folder that holds a tree")
    parser.add_argument("--case", choices=CASES, action="append", metavar="CASE", help="only this case; several times")
    parser.add_argument("--group", choices=GROUPS, help="only the cases of this group")
    parser.add_argument("--pairs", type=int, default=9, help="measured runs of each case in each tree (default 9)")
    parser.add_argument("--json", action="store_true", help="print a JSON object a line")
    options = parser.parse_args(arguments)
    chosen = [CASES[name] for name in options.case or ()] or list(GROUPS.get(options.group, CASES.values()))
    folder = Path(options.revision)
    with ExitStack() as stack:
        tree = folder.resolve() if folder.is_dir() else stack.enter_context(checked_out(options.revision))
        show = print_json if options.json else print_table
        done = show(compare((tree, HERE), case, options.pairs) for case in chosen)
    return int(not all(line.equal for line in done))


if __name__ == "__main__":
    # An ending by signal removes the folder too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main())
