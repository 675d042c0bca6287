"""Time placer beside its peers in one process, and print one table.

The two sides of a comparison are timed in turn (ours, theirs, ours, theirs) and the medians compared, so that a busy
machine slows both. Both sides must give the same answer before a line is printed.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pulp

import placer
from placer.instance.network.routes import find_routes

from .families import FAMILIES, build
from .machine import machine
from .peers.hush import quiet
from .peers.plain import plain_data
from .peers.pulp_terms import pulp_model
from .peers.routes import all_pairs, as_matrix, from_hubs, link_graph
from .peers.whole import make_tables
from .phases import Stages, stages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

#: Tolerance between two optima or round trips; PuLP's side runs unscaled at 1e-7.
AGREEMENT = 1e-6
#: The time of HiGHS differs more than twofold between seeds of one size, and so does every share of it.
SEEDS = (0, 1, 2)

EXAMPLE = """example:
  python -m benchmarks.ratios --quick
  python -m benchmarks.ratios --rounds 5 --json > ratios.json"""


@dataclass(frozen=True)
class Comparison:
    """One line of the table.

    Attributes
    ----------
    what, theirs : str
        The timed call, and its peer (empty: none).
    ours_seconds, theirs_seconds : float
        Medians; NaN without a peer.
    target : float
        A ratio: at most this share of their time, or, if ``faster``, at least this many times faster. NaN if the line
        is for information. In seconds without a peer.
    faster : bool
    """

    what: str
    theirs: str
    ours_seconds: float
    theirs_seconds: float = float("nan")
    target: float = float("nan")
    faster: bool = False

    @property
    def ratio(self) -> float:
        """Their time over ours if ``faster``, otherwise ours over theirs."""
        if self.faster:
            return self.theirs_seconds / self.ours_seconds
        return self.ours_seconds / self.theirs_seconds

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without one."""
        if np.isnan(self.target):
            return None
        if not self.theirs:
            return self.ours_seconds <= self.target
        return self.ratio >= self.target if self.faster else self.ratio <= self.target


def measure(size: str, rounds: int) -> list[Comparison]:
    """Make every comparison on instances of the given size. Targets hold for the medium size only."""
    lines = [
        *(line for seed in SEEDS for line in _solving(size, seed, rounds)),
        *_building(size, rounds),
        *_routing(size, rounds),
        *_starting(rounds),
    ]
    return lines if size == "medium" else [replace(line, target=float("nan")) for line in lines]


def main(arguments: list[str] | None = None) -> None:
    """Read the command line, measure and print."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks.ratios",
        description=__doc__,
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that all works: no targets")
    parser.add_argument("--rounds", type=int, default=3, help="times each side is timed (default 3)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    chosen = parser.parse_args(arguments)
    if chosen.rounds < 1:
        parser.error("--rounds must be at least 1")
    lines = measure("smoke" if chosen.quick else "medium", chosen.rounds)
    print(_as_json(lines) if chosen.json else _as_table(lines))


def in_turn(rounds: int, *calls: Callable[[], Any]) -> list[tuple[float, Any]]:
    """Call each in turn, once a round, and return its median seconds and its last result."""
    seconds: list[list[float]] = [[] for _ in calls]
    results: list[Any] = [None for _ in calls]
    for _ in range(rounds):
        for place, call in enumerate(calls):
            results[place] = None
            gc.collect()
            started = time.perf_counter()
            results[place] = call()
            seconds[place].append(time.perf_counter() - started)
    return [(statistics.median(taken), result) for taken, result in zip(seconds, results, strict=True)]


def _solving(size: str, seed: int, rounds: int) -> Iterable[Comparison]:
    """Time placer's work around HiGHS, as a share of HiGHS' own time in the same solve."""
    instance = build("fleet", size, seed)
    shape = "x".join(map(str, FAMILIES["fleet"].sizes[size]))
    times: list[Stages] = []
    for _ in range(rounds):
        gc.collect()
        times.append(stages(instance)[0])
    run, before, after, tables = (
        statistics.median(getattr(each, stage) for each in times) for stage in ("run", "before", "after", "tables")
    )
    highs = f"HiGHS' run, {shape}, seed {seed}"
    yield Comparison("build, scale and hand over", highs, before, run, 0.05)
    yield Comparison("read back, prove and make all tables", highs, after + tables, run, 0.10)


def _building(size: str, rounds: int) -> Iterable[Comparison]:
    """Time the step from instance to linear program, beside PuLP from ready dictionaries to its model."""
    instance = build("fleet", size)
    data = plain_data(instance)
    (ours, _), (theirs, problem) = in_turn(rounds, lambda: placer.to_program(instance), lambda: pulp_model(data))
    with quiet():
        problem.solve(pulp.getSolver("HiGHS", msg=False))
    placement = placer.solve(instance)
    _agree("optima of PuLP's model and ours", pulp.value(problem.objective), placement.cost_usd + placement.penalty_usd)
    shape = "x".join(map(str, FAMILIES["fleet"].sizes[size]))
    yield Comparison("build", f"PuLP, term by term, {shape}", ours, theirs, 20, faster=True)


def _routing(size: str, rounds: int) -> Iterable[Comparison]:
    """Time routes from hubs to data centres, beside networkx from the hubs and between all pairs."""
    instance = build("network", size)
    hubs, centres = instance.hubs["hub"].tolist(), instance.data_centres["data_centre"].tolist()
    links, graph = instance.links, link_graph(instance)
    (ours, routes), (hub_wise, some), (pair_wise, every) = in_turn(
        rounds,
        lambda: find_routes(links, hubs, centres, directed=False),
        lambda: from_hubs(graph, hubs),
        lambda: all_pairs(graph),
    )
    for lengths in (some, every):
        _agree("round trips of networkx and ours", as_matrix(lengths, hubs, centres), routes.rtt_ms)
    nodes = f"{graph.number_of_nodes():,} nodes"
    yield Comparison("find routes", f"networkx, all pairs, {nodes}", ours, pair_wise, 10, faster=True)
    yield Comparison("find routes", f"networkx, {len(hubs)} hubs, {nodes}", ours, hub_wise, faster=True)


def _starting(rounds: int) -> Iterable[Comparison]:
    """Time the start-up of a user: the import, in a fresh process, and a tiny solve."""
    (bare, _), (whole, _) = in_turn(rounds, lambda: _python("pass"), lambda: _python("import placer"))
    yield Comparison("import placer", "", whole - bare, target=1.0)
    ((tiny, _),) = in_turn(rounds, lambda: make_tables(placer.solve(placer.load("tiny"))))
    yield Comparison("load, solve and all tables of tiny", "", tiny)


def _python(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - this interpreter, constant code


def _agree(what: str, theirs: object, ours: object) -> None:
    if not np.allclose(theirs, ours, rtol=AGREEMENT, atol=0):
        raise SystemExit(f"the {what} differ: {theirs} and {ours}")


def _as_json(lines: list[Comparison]) -> str:
    def plain(value: object) -> object:
        return None if isinstance(value, float) and np.isnan(value) else value

    rows: list[dict[str, Any]] = [
        {name: plain(value) for name, value in (asdict(line) | {"ratio": line.ratio, "met": line.met}).items()}
        for line in lines
    ]
    return json.dumps({**machine(), "comparisons": rows}, indent=2)


def _as_table(lines: list[Comparison]) -> str:
    header = ("what", "beside", "ours s", "theirs s", "ratio", "target", "met")
    rows = [header, *map(_cells, lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    text.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join([*text, "", ", ".join(f"{name} {value}" for name, value in machine().items())])


def _cells(line: Comparison) -> tuple[str, ...]:
    def shown(value: float, text: str) -> str:
        return "" if np.isnan(value) else text

    if not line.theirs:
        target = shown(line.target, f"<= {line.target:g} s")
    elif line.faster:
        target = shown(line.target, f">= {line.target:g}x")
    else:
        target = shown(line.target, f"<= {line.target:.0%}")
    return (
        line.what,
        line.theirs,
        f"{line.ours_seconds:.4f}",
        shown(line.theirs_seconds, f"{line.theirs_seconds:.3f}"),
        shown(line.ratio, f"{line.ratio:.1f}x" if line.faster else f"{line.ratio:.1%}"),
        target,
        {None: "", True: "yes", False: "no"}[line.met],
    )


if __name__ == "__main__":
    main()
