"""What each figure that tunes an algorithm is worth: processor time and work as it is halved, doubled, and more.

    python -m benchmarks.tuning --class PathParameters                   # every numeric field of a class
    python -m benchmarks.tuning --class PathParameters --field shift     # those whose name holds a word
    python -m benchmarks.tuning --out tuning.csv                         # all classes; the same command goes on
    python -m benchmarks.tuning --out tuning.csv --show                  # the table of what is measured so far
    python -m benchmarks.tuning --list                                   # classes and their cases
    python -m benchmarks.tuning --json

A field takes 1/4 and 4 times its value (whole numbers change by at least 1), and 1/2 and 2 times it where these change
the mean time by more than 5 %; a factor by which something grows or falls moves towards 1 or away from it instead. All
instances of the class take the value within this process. The time of a case is the least of some runs, beside that of
the default; the mean over cases is geometric. *Work* counts evaluations of the smoothed dual, factorisations, runs and
iterations of the simplex method, its columns, and whole programs: where it is equal at every value, a field does
nothing in these cases, and on a busy machine work says more than time. A case must answer as with the default. A run
that fails, or takes ten times as long, counts as infinite.
"""

from __future__ import annotations

import argparse
import csv
import gc
import importlib
import inspect
import json
import math
import pkgutil
import signal
import statistics
import sys
import time
import warnings
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import placer
from benchmarks.tuning_cases import CASES, case
from placer.column_generation.dual.capped_dual import CappedDual
from placer.column_generation.dual.path import PricePath
from placer.column_generation.dual.smoothed_dual import SmoothedDual
from placer.errors import PlacerError
from placer.solvers.highs import HiGHS
from placer.solvers.incremental import IncrementalLP
from placer.solvers.started import StartedHiGHS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from benchmarks.tuning_cases import Run

#: A change of the mean time below this is none.
NONE = 0.05
#: Relative difference between equal answers.
AGREEMENT = 1e-8
#: What a value is multiplied by, in turn until the time changes by less than that, downwards and upwards.
FACTORS = ((1 / 4, 1 / 2), (4.0, 2.0))
#: A run that takes this many times as long as the default is ended.
_ENDED_AFTER = 10.0
_LARGEST = 2**31 - 1
#: Words of fields whose values multiply or divide: at 1 they do nothing.
_MULTIPLIES = ("shrink", "rise", "fall", "grow", "margin")


@dataclass(frozen=True)
class Measured:
    """A case at a value of a field.

    Attributes
    ----------
    klass, field : str
    default, value : float
    case : str
    seconds, default_seconds : float
        Least processor seconds; inf where the run failed.
    work, default_work : str
        Counts.
    is_equal : bool
        Whether the answers agree.
    """

    klass: str
    field: str
    default: float
    value: float
    case: str
    seconds: float
    default_seconds: float
    work: str
    default_work: str
    is_equal: bool

    @property
    def ratio(self) -> float:
        """Processor time as a multiple of that of the default."""
        return self.seconds / self.default_seconds


class OverlongError(Exception):
    """A run takes too long."""


def classes() -> dict[str, type]:
    """Return the classes of parameters of the package by name."""
    for module in pkgutil.walk_packages(placer.__path__, "placer."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    known: dict[str, type] = {}
    for name, loaded in list(sys.modules.items()):
        if name.startswith("placer."):
            held = {each: of for each, of in vars(loaded).items() if each.endswith("Parameters")}
            known |= {each: of for each, of in held.items() if isinstance(of, type) and is_dataclass(of)}
    return known


def figures_of(klass: type) -> list[str]:
    """Return the numeric fields that a class defines itself."""
    own = inspect.get_annotations(klass)
    return [each.name for each in fields(klass) if each.name in own and each.type in ("int", "float")]


def moved(name: str, value: float, factor: float) -> float:
    """Return a value that is a multiple of another; a multiplier goes towards 1 or away from it."""
    if any(word in name for word in _MULTIPLIES) and value > 1:
        return 1 + (value - 1) * factor
    if isinstance(value, int):
        other = round(value * factor)
        return min(max(other if other != value else value + (1 if factor > 1 else -1), 0), _LARGEST)
    return value * factor


@contextmanager
def changed(klass: type, name: str, factor: float) -> Iterator[None]:
    """Multiply a field of all instances of a class, and of those that are made within the context.

    So do classes that inherit the field and its value.
    """
    gc.unfreeze()  # frozen objects are not among those that are got
    takers = [klass, *(each for each in klass.__subclasses__() if name not in inspect.get_annotations(each))]
    instances = [(each, getattr(each, name)) for each in gc.get_objects() if type(each) in takers]
    with ExitStack() as stack:
        for taker in takers:
            stack.enter_context(mock.patch.object(taker.__init__, "__defaults__", _other(taker, name, factor)))
        for each, value in instances:
            object.__setattr__(each, name, moved(name, value, factor))
            stack.callback(object.__setattr__, each, name, value)
        yield


def _other(klass: type, name: str, factor: float) -> tuple[Any, ...]:
    """Return the defaults of the arguments of a class with another one of a field."""
    places = [each.name for each in fields(klass) if each.init]
    defaults = list(klass.__init__.__defaults__ or ())  # type: ignore[misc]
    place = places.index(name) - (len(places) - len(defaults))
    if place >= 0:
        defaults[place] = moved(name, defaults[place], factor)
    return tuple(defaults)


@contextmanager
def counted() -> Iterator[dict[str, int]]:
    """Count the work within the context."""
    work: dict[str, int] = {}

    def counting(what: str, method: Any) -> Any:
        def call(self: Any, *given: Any, **named: Any) -> Any:
            work[what] = work.get(what, 0) + 1
            before = getattr(self, "iterations", 0)
            try:
                return method(self, *given, **named)
            finally:
                if what == "runs":
                    work["iterations"] = work.get("iterations", 0) + self.iterations - before
                    work["columns"] = work.get("columns", 0) + self.columns

        return call

    with ExitStack() as stack:
        for of, name, what in (
            (SmoothedDual, "evaluate", "values"),
            (SmoothedDual, "evaluate_curved", "curvatures"),
            (CappedDual, "evaluate", "values"),
            (CappedDual, "evaluate_curved", "curvatures"),
            (PricePath, "_factorised", "factors"),
            (IncrementalLP, "run", "runs"),
            (HiGHS, "solve", "programs"),
            (StartedHiGHS, "solve", "programs"),
        ):
            stack.enter_context(mock.patch.object(of, name, counting(what, getattr(of, name))))
        yield work


def timed(run: Run, times: int, most_seconds: float = math.inf) -> tuple[float, list[float], str]:
    """Return the least processor seconds of some runs, the answers and the work; inf where one fails."""

    def end(*_: object) -> None:
        raise OverlongError

    least, answers, text = math.inf, [], ""
    gc.collect()
    previous = signal.signal(signal.SIGVTALRM, end)
    try:
        for _ in range(times):
            if math.isfinite(most_seconds):
                signal.setitimer(signal.ITIMER_VIRTUAL, most_seconds)
            with counted() as work:
                started = time.process_time()
                answers = run()
                least = min(least, time.process_time() - started)
            text = " ".join(f"{what}={count}" for what, count in sorted(work.items()))
    except (PlacerError, OverlongError, ArithmeticError, ValueError, IndexError) as error:
        return math.inf, [], type(error).__name__
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, previous)
    return least, answers, text


def measure(klass: type, name: str, cases: dict[str, Run], times: int, known: list[Measured]) -> Iterator[Measured]:
    """Yield the cases at the values of a field that are not known yet; the default is run beside each value."""
    defaults: dict[str, tuple[float, list[float], str]] = {key: (math.inf, [], "") for key in cases}
    default = getattr(klass, name)
    for factors in FACTORS:
        for factor in factors:
            value = moved(name, default, factor)
            lines = [line for line in known if (line.field, line.value) == (name, value)]
            missing = cases.keys() - {line.case for line in lines}
            for key in [key for key in cases if key in missing and value != default]:
                if not defaults[key][1]:
                    defaults[key] = timed(cases[key], times)
                seconds, answers, work = defaults[key]
                with changed(klass, name, factor):
                    found = timed(cases[key], times, _ENDED_AFTER * seconds + 1)
                is_equal = len(found[1]) == len(answers) and all(
                    math.isclose(one, two, rel_tol=AGREEMENT, abs_tol=AGREEMENT)
                    for one, two in zip(answers, found[1], strict=True)
                )
                line = Measured(klass.__name__, name, default, value, key, found[0], seconds, found[2], work, is_equal)
                lines.append(line)
                yield line
            if abs(mean_ratio(lines) - 1) < NONE:
                break


def measured(
    chosen: Iterable[str], of_name: dict[str, type], options: argparse.Namespace, known: list[Measured]
) -> Iterator[Measured]:
    """Yield what is not known yet of the chosen classes."""
    warnings.simplefilter("ignore")
    for name in chosen:
        runs = {each: case(each) for each in options.case or CASES[name]}
        for run in runs.values():
            run()
        mine = [line for line in known if line.klass == name]
        for field in figures_of(of_name[name]):
            if options.field in field:
                yield from measure(of_name[name], field, runs, options.runs, mine)


def mean_ratio(lines: Iterable[Measured]) -> float:
    """Return the geometric mean of ratios; 1 without any."""
    ratios = [line.ratio for line in lines]
    if not all(map(math.isfinite, ratios)):
        return math.inf
    return statistics.geometric_mean(ratios) if ratios else 1.0


@dataclass(frozen=True)
class Verdict:
    """What a field is worth.

    Attributes
    ----------
    klass, field : str
    default : float
    lowest, highest : float
        The range of values at which the mean time changes by less than 5 %, or the work not at all.
    ratios : str
        Mean, and least and largest ratio over the cases, at each value.
    does_nothing : bool
        Whether the work is equal at every value in every case.
    is_equal : bool
        Whether the answers are equal at every value.
    """

    klass: str
    field: str
    default: float
    lowest: float
    highest: float
    ratios: str
    does_nothing: bool
    is_equal: bool


def verdicts(lines: list[Measured]) -> list[Verdict]:
    """Return the verdict on every field that is measured."""
    found = []
    for klass, name in dict.fromkeys((line.klass, line.field) for line in lines):
        mine = [line for line in lines if (line.klass, line.field) == (klass, name)]
        default, told, within = mine[0].default, [], [mine[0].default]
        for value in sorted({line.value for line in mine}):
            at = [line for line in mine if line.value == value]
            mean, ratios = mean_ratio(at), [line.ratio for line in at]
            told.append(f"{value:.3g}: {mean:.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
            if abs(mean - 1) < NONE or all(line.work == line.default_work != "" for line in at):
                within.append(value)
        is_idle = all(line.work == line.default_work != "" for line in mine)
        equal = all(line.is_equal for line in mine)
        found.append(Verdict(klass, name, default, min(within), max(within), "; ".join(told), is_idle, equal))
    return found


def print_table(found: list[Verdict]) -> None:
    """Print a line for each field."""
    for each in found:
        words = f"{each.lowest:.3g} to {each.highest:.3g}", "same work" if each.does_nothing else ""
        wrong = "" if each.is_equal else "ANSWERS DIFFER"
        print(f"{each.klass}.{each.field} = {each.default:.6g} | {' | '.join(words)} | {each.ratios} {wrong}")


def kept(path: Path | None) -> list[Measured]:
    """Return the lines of a file; none without one."""
    if path is None or not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    types = {each.name: each.type for each in fields(Measured)}
    read: dict[str, Any] = {"str": str, "float": float, "bool": lambda text: text == "True"}
    return [Measured(**{name: read[str(types[name])](text) for name, text in row.items()}) for row in rows]


def write(path: Path, line: Measured) -> None:
    """Append a line to a file."""
    is_new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [each.name for each in fields(Measured)])
        if is_new:
            writer.writeheader()
        writer.writerow(asdict(line))


def main(arguments: list[str] | None = None) -> int:
    """Measure fields; return 1 if an answer differs."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.tuning",
        description=__doc__.splitlines()[0],
        epilog="example: python -m benchmarks.tuning --class SweepParameters --out tuning.csv",
    )
    parser.add_argument("--class", dest="klass", choices=CASES, action="append", help="only this class; several times")
    parser.add_argument("--field", default="", help="only fields whose name holds this word")
    parser.add_argument("--case", action="append", help="only these cases; several times")
    parser.add_argument("--runs", type=int, default=3, help="runs of which the least counts (default 3)")
    parser.add_argument("--out", type=Path, help="CSV file that lines are appended to; what it has is not run again")
    parser.add_argument("--show", action="store_true", help="print the table of the file, and measure nothing")
    parser.add_argument("--json", action="store_true", help="print an object a field in place of the table")
    parser.add_argument("--list", action="store_true", help="print classes, fields and cases")
    options = parser.parse_args(arguments)
    chosen, known = options.klass or list(CASES), kept(options.out)
    of_name = classes()
    if options.list:
        for name in chosen:
            print(f"{name}: {', '.join(figures_of(of_name[name]))}\n    {'; '.join(CASES[name])}")
        return 0
    lines = [line for line in known if line.klass in chosen and options.field in line.field]
    for line in () if options.show else measured(chosen, of_name, options, lines):
        lines.append(line)
        if options.out:
            write(options.out, line)
    found = verdicts(lines)
    if options.json:
        print(json.dumps([asdict(each) for each in found]))
    else:
        print_table(found)
    return int(not all(each.is_equal for each in found))


if __name__ == "__main__":
    sys.exit(main())
