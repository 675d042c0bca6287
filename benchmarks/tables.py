"""Measure the tables of ``benchmarks/README.md`` and ``docs/profiles.md``, and write them there.

    python -m benchmarks.tables --list                         # tables and the runs of each
    python -m benchmarks.tables --out tables                   # all of them: a day; the same command goes on
    python -m benchmarks.tables --out tables targets year      # these
    python -m benchmarks.tables --out tables targets --run week --run huge    # these runs of it
    python -m benchmarks.tables --out tables --quick           # every command at a small size, to see that it works
    python -m benchmarks.tables --out tables --show --write    # no run: what runs.csv holds, into the pages
    python -m benchmarks.tables --out tables solvers --libraries FOLDER       # with the versions of libraries there

Every run is a process of its own. Its output, seconds and memory are a row of ``runs.csv`` in the folder, so that a
run is measured once; ``--again`` measures the chosen ones anew. Seeds are 0, 7 and one that is drawn when the folder is
made and kept in ``seed.txt``. A page holds a table between the comments ``table NAME`` and ``end of table``.
"""

from __future__ import annotations

import argparse
import re
import secrets
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from .machine import machine
from .report import draw_profiles, draw_scaling
from .runs import FAST, ROOT, Finished, Run, forget, measure, read
from .suite import check_known
from .table_list import PROBLEMS, TABLES
from .table_sides import HIGHS, WITHOUT, rows_of_runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .table_forms import Table

PAGES = (ROOT / "benchmarks" / "README.md", ROOT / "docs" / "profiles.md")
#: Where the figures go.
SCALING, PROFILES = ROOT / "benchmarks" / "scaling.png", ROOT / "docs" / "assets" / "profiles.png"
#: The runs that profiles are drawn of; and those, with families and solvers, that the growth of time is drawn of.
_OF_PROFILES = tuple(run.name for run in PROBLEMS)
_OF_GROWTH = (*_OF_PROFILES, "families", "weeks", "huge, seeds"), ("fleet", "tiers"), ("columns", WITHOUT, HIGHS)
#: The part of a page about the machine.
MACHINE = "machine"


def machine_text(found: Sequence[Finished], seed: int) -> str:
    """Return the machine, versions, seeds and dates of runs in words, with what differs in the machine of a run."""
    days = sorted({each.date[:10] for each in found})
    dates = " to ".join(dict.fromkeys((days[0], days[-1]))) if days else "not yet"
    here = machine()
    facts = ", ".join(f"{name} {value}".removeprefix("machine ") for name, value in here.items())
    others = {
        f"; {each.name} with {', '.join(f'{name} {value}' for name, value in sorted(its.items() - here.items()))}": None
        for each in found
        if (its := each.machine) and its.items() - here.items()
    }
    return f"Measured {dates}, seeds 0, 7 and {seed} (drawn): {facts}{''.join(others)}."


def replaced(page: str, name: str, text: str) -> str:
    """Return a page with the text between the marks of a table; the page itself if it has no such marks."""
    marks = re.compile(rf"(<!-- table {re.escape(name)} -->\n).*?(\n<!-- end of table -->)", re.DOTALL)
    return marks.sub(lambda found: f"{found[1]}{text}{found[2]}", page)


def write_pages(texts: dict[str, str], pages: Iterable[Path] = PAGES) -> None:
    """Write tables between their marks in pages."""
    for page in pages:
        before = page.read_text(encoding="utf-8")
        after = before
        for name, text in texts.items():
            after = replaced(after, name, text)
        if after != before:
            page.write_text(after, encoding="utf-8", newline="\n")


def draw(found: Sequence[Finished], folder: Path) -> None:
    """Draw profiles and the growth of time from what is measured; a figure of too few problems is not drawn."""
    runs, families, solvers = _OF_GROWTH
    rows = rows_of_runs(each for each in found if each.name in runs)
    grown = [row for row in rows if row.case.family in families and row.case.solver in solvers]
    of_problems = rows_of_runs(each for each in found if each.name in _OF_PROFILES)
    for files, target in ((draw_profiles(of_problems, folder), PROFILES), (draw_scaling(grown, folder), SCALING)):
        for file in files:
            if file.suffix == ".png":
                target.write_bytes(file.read_bytes())


def seed_of(folder: Path, given: int | None) -> int:
    """Return the third seed: the given one, that of the folder, or one that is drawn and kept there."""
    file = folder / "seed.txt"
    if given is None and file.exists():
        return int(file.read_text(encoding="utf-8"))
    seed = secrets.randbelow(1_000_000) if given is None else given
    file.write_text(f"{seed}\n", encoding="utf-8")
    return seed


def chosen_runs(table: Table, given: argparse.Namespace) -> list[Run]:
    """Return the runs of a table that are asked for."""
    runs = [run for run in table.runs if not given.run or run.name in given.run]
    return [replace(run, path=given.libraries, extras=(FAST,) if given.fast else run.extras) for run in runs]


def measured(table: Table, given: argparse.Namespace, seed: int) -> list[Finished]:
    """Return the finished runs of a table, measured unless they are only to be shown."""
    file, runs = given.out / "runs.csv", chosen_runs(table, given)
    names = {run.name for run in runs}
    if given.show:
        return [each for each in read(file) if each.name in names]
    if given.again:
        forget(file, names)

    def tell(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    return measure(runs, file, seed=seed, quick=given.quick, limit_seconds=given.limit, tell=tell)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m benchmarks.tables", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tables", nargs="*", metavar="TABLE", help="only these; else all")
    parser.add_argument("--out", type=Path, default=Path("tables"), help="folder of the runs (default tables)")
    parser.add_argument("--run", action="append", metavar="NAME", help="only this run; several times")
    parser.add_argument("--seed", type=int, help="in place of the one that is drawn")
    parser.add_argument("--limit", type=float, metavar="SECONDS", help="after which a run is ended, and kept as such")
    parser.add_argument("--libraries", default="", metavar="FOLDER", help="versions of libraries that come first")
    parser.add_argument("--fast", action="store_true", help="no runs without the extra")
    parser.add_argument("--quick", action="store_true", help="small sizes, once")
    parser.add_argument("--again", action="store_true", help="measure anew what is kept")
    parser.add_argument("--show", action="store_true", help="measure nothing")
    parser.add_argument("--write", action="store_true", help="write tables and figures into the pages")
    parser.add_argument("--partial", action="store_true", help="write tables of which some runs are not measured, too")
    parser.add_argument("--list", action="store_true", help="print tables and their runs")
    given = parser.parse_args(arguments)
    try:
        check_known(given.tables, TABLES)
        check_known(given.run or (), {run.name for table in TABLES.values() for run in table.runs})
    except ValueError as error:
        parser.error(str(error))
    if given.quick and given.write:
        parser.error("--write is for tables at full size")
    return given


def main(arguments: list[str] | None = None) -> int:
    """Measure, print and write; return 1 if a run failed, 130 if interrupted."""
    given = _options(arguments)
    tables = [TABLES[name] for name in given.tables or TABLES]
    if given.list:
        for table in tables:
            print(table.name, *(f"  {run.name}: python -m {run.command}" for run in table.runs), sep="\n")
        return 0
    given.out.mkdir(parents=True, exist_ok=True)
    try:
        every = _shown(tables, given, seed_of(given.out, given.seed))
    except KeyboardInterrupt:
        print("interrupted; the same command goes on", file=sys.stderr)
        return 130
    failed = [f"{each.name} ({each.extra}): status {each.status}" for each in every if each.status]
    print(*failed, sep="\n", file=sys.stderr)
    return int(bool(failed))


def _shown(tables: Sequence[Table], given: argparse.Namespace, seed: int) -> list[Finished]:
    """Measure and print tables, write them if asked for, and return their runs."""
    every, texts = list[Finished](), dict[str, str]()
    for table in tables:
        found = measured(table, given, seed)
        every += found
        text = table.form(found)
        print(f"\n{table.name}\n\n{text}", flush=True)
        if (found and given.partial) or {run.name for run in table.runs} <= {each.name for each in found}:
            texts[table.name] = text
    texts[MACHINE] = machine_text(every, seed)
    print(f"\n{texts[MACHINE]}")
    if given.write:
        write_pages(texts)
        draw(read(given.out / "runs.csv"), given.out)
    return every


if __name__ == "__main__":
    sys.exit(main())
