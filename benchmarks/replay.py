"""Regret of every rule over the second week of ServeGen's rates around ``china``, at several loads.

Each day is replayed as it came. Its regret is the cost and penalty of a rule over the least cost of the day known in
advance, less 1. The forecast is the demand of ``china``, whose hours stand for the medians of the first week. The *gap*
of a workload is what a rule leaves unserved beyond the programs behind the bound, as a part of the demand of the
workload; gaps of 0.001 % or more are shown. The dispersion is that of Azure's conversations in a minute
(``docs/requests.md``).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import placer
from placer.replays.result import Replay
from placer.replays.rules import RULES

from .machine import machine

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

LOADS = ("default", "load_63", "0.9")
#: The second week.
DAYS = tuple(range(7, 14))
POOLS = ("m-large", "m-mid", "m-small")
DISPERSION = 16.4
#: Gaps that are shown, as a part of the demand of a workload.
_SHOWN = 1e-5
EXAMPLE = """examples:
  python -m benchmarks.replay --workers 2 --without-filled
  python -m benchmarks.replay --load load_63 --days 7 --rules cheapest online --seeds 0 --json"""


@dataclass(frozen=True)
class Line:
    """A rule at a load: means over days, the worst day, and the gap of every workload."""

    load: str
    days: list[int]
    rule: str
    regret_share: float
    worst_regret_share: float
    worst_day: int
    unserved_share: float
    decision_ms: float
    gap_shares: dict[str, float]


def main(arguments: Sequence[str] | None = None) -> int:
    """Replay at every load, and print the tables."""
    options = _options(arguments)
    if options.store:
        options.store.mkdir(parents=True, exist_ok=True)
    if not options.json:
        print("; ".join(f"{name} {value}" for name, value in machine().items()), end="\n\n")
    for load in options.load:
        began = time.perf_counter()
        found = placer.replay(
            *around(load),
            options.rules,
            days=options.days,
            dispersion=options.dispersion,
            seeds=options.seeds,
            store=options.store and options.store / f"{load}.db",
            resume=True,
            workers=options.workers,
            progress=_tell,
        )
        seconds = time.perf_counter() - began
        parts = [found, *([whole_days(found)] if options.without_filled else [])]
        for lines in [lines_of(load, part) for part in parts]:
            print("\n".join(json.dumps(asdict(line)) for line in lines) if options.json else _tables(lines))
        about = f"{load}: {seconds:.0f} s with {options.workers} processes, {len(found.filled)} steps filled"
        print(about, end="\n\n", file=sys.stderr if options.json else sys.stdout)
    return 0


def _tell(text: str) -> None:
    """Print how many days are replayed; leave out how far their programs are."""
    if text.endswith("replayed"):
        print(text, file=sys.stderr)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.replay",
        description=__doc__,
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--load", nargs="+", default=LOADS, help="default, a scenario of china, or a mean load")
    parser.add_argument("--days", nargs="+", type=int, default=DAYS, metavar="DAY", help="days of the history")
    parser.add_argument("--rules", nargs="+", choices=RULES, default=list(RULES), metavar="RULE")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2], metavar="SEED")
    parser.add_argument("--dispersion", type=float, default=DISPERSION, help="variance over mean; 0: as expected")
    parser.add_argument("--workers", type=int, default=1, help="processes")
    parser.add_argument("--store", type=Path, help="folder that keeps the days of every load; the same command goes on")
    parser.add_argument("--without-filled", action="store_true", help="also the days of which no step was filled")
    parser.add_argument("--json", action="store_true", help="print a JSON object a line")
    return parser.parse_args(arguments)


def around(load: str) -> tuple[placer.Instance, placer.DemandHistory]:
    """Return ``china`` at a load, and the history around it."""
    is_scenario = load.startswith("load_")
    china = placer.load("china", [load] if is_scenario else [])
    if not (is_scenario or load == "default"):
        china = placer.with_load(china, float(load))
    history = placer.History.of_rates("servegen_rates", POOLS, missing="profile")
    return china, placer.DemandHistory(history, china, "servegen_china")


def whole_days(found: Replay) -> Replay:
    """Return the part of a replay whose days had every step."""

    def whole(table: pd.DataFrame) -> pd.DataFrame:
        return table[~table.index.get_level_values("day").isin(found.filled["day"])]

    return Replay(whole(found.days), whole(found.workloads), found.filled.iloc[:0])


def lines_of(load: str, found: Replay) -> list[Line]:
    """Return a line for every rule."""
    days = found.days["regret_share"].groupby(["rule", "day"]).mean()
    lost = found.workloads.groupby(["rule", "workload"], sort=False).sum()
    gaps = (lost["unserved_mtok"] - lost["least_unserved_mtok"]) / lost["demand_mtok"]
    return [
        Line(
            load,
            sorted(found.days.index.unique("day").tolist()),
            rule,
            row["regret_share"],
            row["worst_regret_share"],
            int(days[rule].idxmax()),
            row["unserved_share"],
            row["decision_ms"],
            gaps[rule].to_dict(),
        )
        for rule, row in found.rules.iterrows()
    ]


def _tables(lines: list[Line]) -> str:
    """Return the table of rules, and that of gaps, of the lines of a load."""
    if not lines:
        return "no day has all its steps\n"
    days = ", ".join(map(str, lines[0].days))
    heads = f"| load {lines[0].load}, days {days} | mean regret | worst day | unserved | a decision, ms |"
    rows = [heads, "|---|---|---|---|---|"]
    for line in lines:
        worst = f"{line.worst_regret_share:.3%} (day {line.worst_day})"
        unserved = f"{line.unserved_share:.3%} | {line.decision_ms:.1f}"
        rows.append(f"| `{line.rule}` | {line.regret_share:.3%} | {worst} | {unserved} |")
    names = [name for name in lines[0].gap_shares if any(abs(line.gap_shares[name]) >= _SHOWN for line in lines)]
    if names:
        rows += ["", "| gap | " + " | ".join(f"`{line.rule}`" for line in lines) + " |", "|---|" + "---|" * len(lines)]
        rows += [
            f"| {name} | " + " | ".join(f"{line.gap_shares[name]:+.3%}" for line in lines) + " |" for name in names
        ]
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.exit(main())
