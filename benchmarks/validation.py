"""Print published problems with the published answer and ours, and then their sources.

    python -m benchmarks.validation
    python -m benchmarks.validation --json

The exit status is 1 if a figure differs: by more than 1e-9 of the published one, or, where that is rounded, from its
last place.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from .published import PUBLISHED

#: The page of the docs that shows the table.
PAGE = Path(__file__).parents[1] / "docs" / "validation.md"


def rows() -> list[dict[str, str | float | bool]]:
    """Return a row for each figure: problem, verb, source, figure, published, ours and whether they agree."""
    found = []
    for one in PUBLISHED:
        ours = one.ours()
        found.append(
            {
                "problem": one.name,
                "verb": one.verb,
                "source": one.source,
                "figure": one.figure,
                "published": one.value,
                "ours": ours,
                "agrees": one.agrees(ours),
            }
        )
    return found


def tables(found: list[dict[str, str | float | bool]]) -> list[str]:
    """Return the lines of both tables of the page: the figures, and the sources of the problems."""
    lines = ["| problem | stated as | figure | published | ours |", "|---|---|---|---|---|"]
    lines += [
        f"| {r['problem']} | {r['verb']} | {r['figure']} | {r['published']:,.9g} | {r['ours']:,.9g} |" for r in found
    ]
    sources: dict[str, dict[str, None]] = {}
    for one in PUBLISHED:
        sources.setdefault(one.problem, {})[one.source] = None
    lines += ["", "| problem | source |", "|---|---|"]
    return lines + [f"| {problem} | {'; '.join(given)} |" for problem, given in sources.items()]


def main(arguments: list[str] | None = None) -> int:
    """Print the tables; return 1 if a figure differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="a list of objects in place of the tables")
    asked = parser.parse_args(arguments)
    table = rows()
    if asked.json:
        sys.stdout.write(json.dumps(table, indent=2) + "\n")
    else:
        sys.stdout.write("\n".join(tables(table)) + "\n")
    return 0 if all(row["agrees"] for row in table) else 1


if __name__ == "__main__":
    sys.exit(main())
