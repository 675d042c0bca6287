"""Command line of the library: list, make and check instances, and write their table, results and metadata."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..report import markdown  # noqa: TID252 - the package has another name where it is installed
from .files import SHIPPED, checker, is_complete, statement
from .instances import ENTRIES
from .making import LIBRARY, make
from .open_energy import write_metadata
from .results import profile_texts, read_results


def main(arguments: list[str] | None = None) -> int:
    """List, make or check instances, or write metadata; return 1 if one is not as stated."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.library", description=__doc__)
    parser.add_argument("what", choices=("list", "make", "check", "metadata", "table", "results"))
    parser.add_argument("names", nargs="*", metavar="NAME", help="instances; all that ship if none are named")
    parser.add_argument("--folder", type=Path, default=LIBRARY, help=f"of what is made (default {LIBRARY})")
    parser.add_argument("--no-proof", action="store_true", help="make the programs alone")
    parser.add_argument("--new", action="store_true", help="make what is stated anew, where the library itself changed")
    given = parser.parse_intermixed_args(arguments)
    if unknown := [name for name in given.names if name not in ENTRIES]:
        parser.error(f"{unknown[0]!r} is unknown; python -m benchmarks.library list has the names")
    if given.what == "list":
        print("\n".join(map(line_of, given.names or ENTRIES)))
        return 0
    if given.what == "table":
        print(table())
        return 0
    if given.what == "results":
        print("\n\n".join(profile_texts(read_results(SHIPPED / "results.csv"))))
        return 0
    names = given.names or [name for name in ENTRIES if is_complete(name, SHIPPED)]
    if given.what == "check":
        check = checker().check
        return max(check(str((SHIPPED if is_complete(name, SHIPPED) else given.folder) / name)) for name in names)
    for name in names:
        if given.what == "metadata":
            print(write_metadata(name, given.folder))
            continue
        print(make(name, given.folder, prove=not given.no_proof, anew=given.new), flush=True)
    return 0


def line_of(name: str) -> str:
    """Return a name, and what is stated of it."""
    entry, stated = ENTRIES[name], statement(name)
    if stated is None:
        return f"{name:24}{'':>46}  {entry.about}"
    size = f"{stated['rows']:>10,}{stated['columns']:>12,}{stated['whole_columns']:>5,}"
    return f"{name:24}{size}{stated['optimum']:>19.10g}  {entry.about}"


def table() -> str:
    """Return what is stated of all instances as a table in Markdown, as it stands in ``docs/library.md``."""
    lines = [
        (
            f"`{name}`" + ("" if is_complete(name, SHIPPED) else " (made)"),
            f"{stated['rows']:,}",
            f"{stated['columns']:,}",
            f"{stated['nonzeros']:,}",
            f"{stated['whole_columns']:,}" if stated["whole_columns"] else "",
            f"{stated['optimum']:.10g}",
            f"{stated['leaves']:,}",
        )
        for name in ENTRIES
        if (stated := statement(name)) is not None
    ]
    return markdown(("instance", "rows", "columns", "nonzeros", "whole", "optimum, USD", "leaves"), lines)


if __name__ == "__main__":
    sys.exit(main())
