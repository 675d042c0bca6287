"""Solve small random instances with every solver, and compare the answers.

Three instances in four are wild (``benchmarks.wild``); the others belong to the benchmark families at their smallest
size. ``benchmarks.sides`` defines agreement. An instance that column generation alone does not prove counts as a
fallback; an instance that no solver answers counts as refused.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from .families import FAMILIES, build
from .machine import machine
from .sides import AGREED, DIFFERS, REFUSED, SIDES, ask, judge, missing, problem_of
from .wild import wild

if TYPE_CHECKING:
    import placer

EXAMPLE = """example:
  python -m benchmarks.agreement --count 100
  python -m benchmarks.agreement --count 2000 --seed 0 --out agreement.jsonl
  python -m benchmarks.agreement --count 2000 --seed 0 --out agreement.jsonl --resume --json"""

#: Time limit of an instance in seconds, over all sides.
LIMIT = 60.0
WILD = "wild"


def family_of(number: int) -> str:
    """Return the family of an instance: every fourth belongs to a benchmark family, in turn."""
    names = list(FAMILIES)
    return names[number // 4 % len(names)] if number % 4 == 3 else WILD


def make(seed: int, number: int) -> placer.Instance:
    """Return an instance of the campaign of a seed, independent of all other instances."""
    random = np.random.default_rng([seed, number])
    family = family_of(number)
    return wild(random) if family == WILD else build(family, "smoke", int(random.integers(2**31)))


def compare(seed: int, number: int, sides: Iterable[str]) -> dict[str, Any]:
    """Solve an instance with some sides, and return the row with the outcome."""
    row: dict[str, Any] = {"seed": seed, "number": number, "family": family_of(number)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of magnitudes and of sites without power, which wild instances are full of
        problem = problem_of(make(seed, number))
    row["columns"], deadline, found, seconds = len(problem.program.cost), time.perf_counter() + LIMIT, {}, {}
    for name in sides:
        started = time.perf_counter()
        found[name] = ask(name, problem, max(deadline - started, 1.0))
        seconds[name] = round(time.perf_counter() - started, 3)
    return row | judge(problem, found) | {"seconds": seconds}


def read(file: Path, seed: int) -> list[dict[str, Any]]:
    """Return the rows of a file, without a truncated last row.

    Raises
    ------
    ValueError
        If the rows belong to another seed.
    """
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True) if file.exists() else []
    rows = [json.loads(line) for line in lines if line.endswith("\n")]
    if any(row["seed"] != seed for row in rows):
        raise ValueError(f"{file} holds rows of another seed")
    return rows


def run(
    count: int, seed: int, sides: list[str], rows: list[dict[str, Any]], file: Path | None = None
) -> Iterator[dict[str, Any]]:
    """Compare all instances without a row, append each row to the file, and yield it."""
    done = {row["number"] for row in rows}
    if file is not None:
        text = "".join(json.dumps(row) + "\n" for row in rows)
        draft = file.with_name(f"{file.name}.part")
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(file)
    for number in range(count):
        if number in done:
            continue
        row = compare(seed, number, sides)
        if file is not None:
            with file.open("a", encoding="utf-8", newline="\n") as out:
                out.write(json.dumps(row) + "\n")
        yield row


def fell_back(row: dict[str, Any]) -> bool:
    """Whether column generation would have needed its fallback while another side has an answer."""
    return row["status"] != REFUSED and "columns" in row["silent"] | row["unproven"]


def summary(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a record for every family, and one for all families."""
    families = [name for name in (WILD, *FAMILIES) if any(row["family"] == name for row in rows)]
    return [
        *(_record(name, [row for row in rows if row["family"] == name]) for name in families),
        _record("all", rows),
    ]


def _record(name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    def most(side: str) -> float | None:
        return max((row["apart"][side] for row in rows if side in row.get("apart", {})), default=None)

    return {
        "family": name,
        "count": len(rows),
        **{status: sum(row["status"] == status for row in rows) for status in (AGREED, DIFFERS, REFUSED)},
        "fallbacks": sum(fell_back(row) for row in rows),
        "silent": {side: count for side in SIDES if (count := sum(side in row.get("silent", {}) for row in rows))},
        "apart": {side: most(side) for side in list(SIDES)[1:]},
    }


def _table(rows: list[dict[str, Any]], absent: dict[str, str]) -> str:
    others = list(SIDES)[1:]
    header = ["family", "count", AGREED, DIFFERS, REFUSED, "fallbacks", *others]
    cells = [header]
    for record in summary(rows):
        apart = ["" if record["apart"][name] is None else f"{record['apart'][name]:.1e}" for name in others]
        cells.append([str(record[name]) for name in header[:6]] + apart)
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    lines.insert(1, "  ".join("-" * width for width in widths))
    lines += ["", f"Largest difference from {next(iter(SIDES))}, relative; {_words(machine())}"]
    lines += [f"{name} is left out: {words}" for name, words in absent.items()]
    return "\n".join([*lines, *_notes(rows)])


def _notes(rows: list[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        place = f"{row['family']} {row['number']}"
        if row["status"] == REFUSED:
            yield f"{place}: refused by all: {_words(row['why'])}"
            continue
        if row["wrong"]:
            yield f"{place}: DIFFERS: {'; '.join(row['wrong'])}"
        if row["silent"]:
            yield f"{place}: no answer: {_words(row['silent'])}"


def _words(named: dict[str, str]) -> str:
    return ", ".join(f"{name} {words}" for name, words in named.items())


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, compare and print; return the exit status."""
    chosen, rows, sides, absent = _asked_for(arguments)
    try:
        with _progress(chosen.count, rows) as step:
            for row in run(chosen.count, chosen.seed, sides, rows, chosen.out):
                rows.append(row)
                step()
    except KeyboardInterrupt:
        kept = f"; --out {chosen.out} --resume goes on" if chosen.out else ""
        print(f"interrupted after {len(rows)} instances{kept}", file=sys.stderr)
        return 130
    if chosen.json:
        facts = {"machine": machine(), "missing": absent, "families": summary(rows), "notes": list(_notes(rows))}
        print(json.dumps(facts, indent=2))
    else:
        print(_table(rows, absent))
    return int(any(row["status"] == DIFFERS for row in rows))


def _asked_for(
    arguments: list[str] | None,
) -> tuple[argparse.Namespace, list[dict[str, Any]], list[str], dict[str, str]]:
    """Return the options, the rows of the run to go on with, the sides, and those that are not installed."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks.agreement",
        description=__doc__,
        epilog=f"exit status: 0 all agree, 1 some do not, 2 bad input, 130 interrupted\n\n{EXAMPLE}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--count", type=int, default=2000, help="instances (default 2000)")
    parser.add_argument("--seed", type=int, default=0, help="of all instances (default 0)")
    parser.add_argument("--side", action="append", choices=SIDES, help="solve with this side; several times; else all")
    parser.add_argument("--out", type=Path, help="file that gets a line of JSON for every instance as it is done")
    parser.add_argument("--resume", action="store_true", help="keep the rows that --out holds already")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    chosen = parser.parse_args(arguments)
    if chosen.count < 1 or chosen.seed < 0:
        parser.error("--count must be at least 1, --seed at least 0")
    if chosen.resume and chosen.out is None:
        parser.error("--resume needs --out, the file of the run to go on with")
    if chosen.out is not None and chosen.out.exists() and not chosen.resume:
        parser.error(f"{chosen.out} is there already; give --resume to go on with it, or another file")
    try:
        rows = read(chosen.out, chosen.seed) if chosen.resume else []
    except ValueError as error:
        parser.error(str(error))
    asked = [name for name in SIDES if name in (chosen.side or SIDES)]
    absent = {name: words for name, words in missing().items() if name in asked}
    if not (sides := [name for name in asked if name not in absent]):
        parser.error(f"nothing to solve with: {_words(absent)}")
    return chosen, rows, sides, absent


@contextmanager
def _progress(count: int, rows: list[dict[str, Any]]) -> Iterator[Callable[[], None]]:
    """Show the progress on standard error: a bar on a terminal, otherwise a line for every hundred instances."""
    console = Console(stderr=True, highlight=False)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("comparing", total=count, completed=len(rows))

        def step() -> None:
            odd = sum(row["status"] == DIFFERS or fell_back(row) for row in rows)
            bar.update(task, description=f"comparing, {odd} odd", completed=len(rows))
            if not console.is_terminal and len(rows) % 100 == 0:
                console.print(f"agreement: {len(rows)} of {count}, {odd} odd", markup=False, soft_wrap=True)

        yield step


if __name__ == "__main__":
    raise SystemExit(main())
