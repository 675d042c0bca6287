"""Modes of service in the shipped data: the tables of ``docs/service.md``, with modes and without.

    python -m benchmarks.service                # all tables; two minutes
    python -m benchmarks.service chips          # one: cases, curves, chips
    python -m benchmarks.service --page         # writes them into docs/service.md

Each dataset has four cases. *One way* is the default, without modes. *Slowest* and *fastest* are the scenario ``modes``
with the slowest or the fastest mode of each class alone, *modes* the scenario itself.
"""

from __future__ import annotations

import argparse
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import placer
from placer.placement.distance import chips_by_distance, paid_in_chips

from .who_sells import with_table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PAGE = Path(__file__).parents[1] / "docs" / "service.md"
#: The datasets, and whose demand may leave: None, as the dataset says.
CUTS = (("china", None), ("world", None), ("globe", "China"))
CASES = ("one way", "slowest", "fastest", "modes")
#: Factors on all latency limits, and limits on the round trip, ms.
FACTORS, LIMITS_MS = (0.5, 0.7, 0.9, 1.0, 1.5), (30, 50, 100)


@cache
def instance_of(name: str, case: str) -> placer.Instance:
    """Return a dataset in a case."""
    if case == "one way":
        return placer.load(name)
    instance = placer.load(name, ["modes"])
    by_time = instance.modes.sort_values("server_ms", kind="stable").groupby("workload", sort=False)
    alone = {"slowest": by_time.tail(1), "fastest": by_time.head(1)}
    return instance if case == "modes" else instance.replace(modes=alone[case])


@cache
def solved(name: str, case: str) -> placer.Placement:
    """Return the placement of a case."""
    sys.stderr.write(f"{name}, {case}\n")
    return placer.solve(instance_of(name, case))


@cache
def ceiling(name: str, exporting: str | None, case: str, weight: str) -> placer.ExportCeiling:
    """Return a ceiling of a case."""
    return placer.export_ceiling(instance_of(name, case), weight, exporting=exporting)


def case_table() -> str:
    """Return what tokens cost and how much can leave."""
    rows = []
    for name, exporting in CUTS:
        for case in CASES:
            placement = solved(name, case)
            shares = [ceiling(name, exporting, case, weight).share for weight in ("tokens", "work")]
            hours = placement.data_centres["accelerator_hours"].sum() / placement.served_mtok
            cells = [
                f"{placement.cost_usd_per_mtok:.4f}",
                f"{placement.cost_and_penalty_usd_per_mtok:.4f}",
                f"{hours:.4f}",
                f"{placement.unserved_mtok / placement.demand_mtok:.2%}",
                *(f"{share:.1%}" for share in shares),
            ]
            rows.append(_row([_named(name, exporting), case, *cells]))
    return "\n".join([*_CASES, *rows])


def curve_table() -> str:
    """Return the ceiling over the latency limits of the classes and over a limit on the round trip, one way and not."""
    rows = []
    for name, exporting in CUTS:
        for case in ("one way", "modes"):
            found = ceiling(name, exporting, case, "tokens")
            points = [found.slo_curve.at(factor) for factor in FACTORS]
            points += [found.curve.at(limit) for limit in LIMITS_MS]
            rows.append(_row([_named(name, exporting), case, *(f"{point['share']:.1%}" for point in points)]))
    headings = [*(f"{factor:g} times" for factor in FACTORS), *(f"{limit} ms" for limit in LIMITS_MS)]
    return "\n".join([*_table_head(["users", "case", *headings]), *rows])


def chip_table() -> str:
    """Return accelerator-hours of a Mtok by its round trip, of the classes in which they differ; count the others."""
    rows = []
    for name in dict.fromkeys(name for name, _ in CUTS):
        chips = chips_by_distance(solved(name, "modes"))
        paid = paid_in_chips(chips)
        for workload in paid.index:
            bands = chips.loc[workload]
            whole = bands["mtok"].sum()
            for band, mtok, hours in bands.itertuples():
                cells = [f"{mtok / whole:.1%}", f"{hours:.5f}", f"{hours / paid['least'][workload]:.2f}"]
                rows.append(_row([name, workload, band, *cells]))
        others = chips.index.get_level_values("workload").nunique() - len(paid)
        rows.append(_row([name, f"{others} others", "any", "100.0%", "", "1.00"]))
    return "\n".join([*_CHIPS, *rows])


TABLES: dict[str, Callable[[], str]] = {"cases": case_table, "curves": curve_table, "chips": chip_table}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables, or write them into the page."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.service", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tables", nargs="*", choices=[*TABLES, []], help="which; all if none is named")
    parser.add_argument("--page", action="store_true", help="write docs/service.md")
    asked = parser.parse_args(arguments)
    for name in asked.tables or TABLES:
        table = TABLES[name]()
        if asked.page:
            PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), name, table), encoding="utf-8")
        print(f"{name}\n\n{table}\n", flush=True)
    return 0


def _named(name: str, exporting: str | None) -> str:
    return name if exporting is None else f"{name}, users of {exporting}"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _table_head(headings: Sequence[str]) -> tuple[str, str]:
    return _row(headings), "|" + "---|" * len(headings)


_CASES = _table_head(
    [
        *("users", "case", "USD/Mtok", "cost and penalty", "accelerator-hours a Mtok", "unserved"),
        *("can leave, tokens", "can leave, work"),
    ]
)
_CHIPS = _table_head(["dataset", "class", "round trip", "of its tokens", "accelerator-hours a Mtok", "times the least"])

if __name__ == "__main__":
    sys.exit(main())
