"""A year of days: columns, seconds, memory and proof, with and without limits over all days that bind.

``python -m benchmarks.year`` solves ``placer.datasets.year("china", days)`` block by block; ``--dataset globe`` takes
another dataset, in UTC. ``--cap`` limits the carbon to a share of what the placement without a limit emits. ``--zones``
limits the power of every power zone, hour by hour, to a share of the most that it gives without a limit. ``--energy``
limits the energy of every power zone over all days to a share of what is bought of it without: 23 limits that days
share, or as many as ``--of`` says. ``--batteries`` puts a battery of four hours at every data centre, of a share of the
mean power that it takes without. ``--workers 1 2`` solves without a limit on each number of processes in turn, and
prints how many times as fast each is as the first. ``--by month`` prints a row for every month of the placement without
a limit, ``--tables`` writes all tables of it as Parquet, and ``--hold`` makes all tables and holds them in memory.
Seconds of the processor count all processes.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pandas as pd
import psutil

import placer
from benchmarks.clock import processor_seconds
from placer.placement.groups import By
from placer.placement.placement_tables import TABLE_NAMES

from .families import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from placer.instance.problem import Instance
    from placer.placement.result import Placement

#: Seconds between two looks at the memory of all processes.
_LOOK_SECONDS = 0.2
#: The time zone of a dataset's days, if not that of ``placer.datasets.year``.
_TIME_ZONES = {"globe": "UTC", "world": "UTC"}
#: Columns of ``Placement.by_period`` that are printed, and their decimals.
PERIOD_COLUMNS = {
    "hours": 0,
    "served_mtok": 0,
    "unserved_mtok": 0,
    "cost_usd": 0,
    "cost_usd_per_mtok": 4,
    "energy_mwh": 0,
    "carbon_kg": 0,
    "export_share": 4,
}


@dataclass
class Watched:
    """What a part of the work took.

    Attributes
    ----------
    seconds, processor_seconds : float
    peak_mb : float
        Largest memory of the process and its children together.
    """

    seconds: float = 0.0
    processor_seconds: float = 0.0
    peak_mb: float = 0.0
    over: threading.Event = field(default_factory=threading.Event, repr=False)


@contextmanager
def watched(process: psutil.Process | None = None) -> Iterator[Watched]:
    """Measure what the block takes in this process, or in a child that it waits for."""
    seen = Watched()
    watcher = threading.Thread(target=_look, args=(seen, process or psutil.Process()), daemon=True)
    started, before = time.perf_counter(), processor_seconds()
    watcher.start()
    try:
        yield seen
    finally:
        seen.over.set()
        watcher.join()
        seen.seconds = time.perf_counter() - started
        seen.processor_seconds = processor_seconds() - before


def measure(
    days: int,
    workers: int | None,
    cap: float | None,
    by: By | None = None,
    tables: Path | None = None,
    zones: float | None = None,
    energy: float | None = None,
    *,
    dataset: str = "china",
    of: int | None = None,
    hold: bool = False,
    batteries: float | None = None,
) -> tuple[list[dict[str, Any]], pd.DataFrame | None]:
    """Measure building, solving, and whatever else is asked for.

    Parameters
    ----------
    days : int
    workers : int or None
    cap : float or None
        Carbon limit of a second placement, as a share of what the first one emits.
    by : str or None
        Periods of the first placement to return figures of.
    tables : Path or None
        Folder for all tables of the first placement.
    zones : float or None
        Limit on the power of every zone in every hour, as a share of the most that it gives in the first placement.
    energy : float or None
        Limit on the energy of every zone over all days, as a share of what the first placement buys of it.
    dataset : str
    of : int or None
        How many zones that limit is for, those of most energy first; None: all.
    hold : bool
        Whether all tables of the first placement are made and held.
    batteries : float or None
        Power of a battery at every data centre, as a share of the mean power that it takes in the first placement.

    Returns
    -------
    rows : list of dict
        For building, for solving, for the tables, and for solving with batteries, with the limits of zones, of energy
        and with the cap.
    periods : DataFrame or None
        ``PERIOD_COLUMNS`` of every period.
    """
    with watched() as built:
        instance = days_of(dataset, days)
    rows = [{"what": "build"} | _figures(built)]
    placement, row = _solved(instance, workers, "solve")
    rows.append(row)
    periods = None if by is None else placement.by_period(by)[list(PERIOD_COLUMNS)]
    if tables is not None:
        rows.append(_written(placement, tables))
    if hold:
        rows.append(_held(placement))
    emitted, of_zones = placement.carbon_kg, placement.power_zones["mwh"].groupby("power_zone")
    most_mwh, bought_mwh = of_zones.max(), of_zones.sum()
    mean_mw = placement.data_centre_hours["mwh"].groupby("data_centre").mean()
    del placement
    if batteries is not None:
        stored = instance.replace(batteries=batteries_of(batteries * mean_mw))
        rows.append(_solved(stored, workers, f"solve, batteries {batteries:g}")[1])
        del stored
    if zones is not None:
        limit_mw = zones * instance.power_zones["power_zone"].map(most_mwh)
        limited = instance.replace(power_zones=instance.power_zones.assign(limit_mw=limit_mw))
        rows.append(_solved(limited, workers, f"solve, zones {zones:g}")[1])
        del limited
    if energy is not None:
        chosen_mwh = bought_mwh if of is None else bought_mwh.nlargest(of)
        limited = instance.replace(limits=energy_limits(energy * chosen_mwh))
        rows.append(_solved(limited, workers, f"solve, energy {energy:g}")[1])
        del limited
    if cap is not None:
        rows.append(_solved(instance.replace(carbon_limit_kg=cap * emitted), workers, f"solve, cap {cap:g}")[1])
    return rows, periods


def batteries_of(power_mw: pd.Series) -> pd.DataFrame:
    """Return the table of batteries of four hours at data centres, given the power of each."""
    power_mw = power_mw[power_mw > 0]
    return pd.DataFrame(
        {
            "battery": [f"battery of {name}" for name in power_mw.index],
            "data_centre": power_mw.index,
            "power_mw": power_mw.to_numpy(),
            "energy_mwh": 4 * power_mw.to_numpy(),
            "efficiency": 0.95,
            "usd_per_mwh_throughput": 2.0,
        }
    )


def energy_limits(mwh: pd.Series) -> pd.DataFrame:
    """Return the table of limits on the energy of power zones over all hours, given those of each zone."""
    return pd.DataFrame(
        [
            {"limit": f"energy of {zone}", "kind": "energy_mwh", "sense": "<=", "amount": most, "power_zone": zone}
            for zone, most in mwh[mwh > 0].items()
        ]
    )


def days_of(dataset: str, days: int) -> Instance:
    """Return days of a dataset that differ."""
    zone = {"time_zone": _TIME_ZONES[dataset]} if dataset in _TIME_ZONES else {}
    return placer.datasets.year(dataset, days=days, scenarios=SCENARIOS.get(dataset, ()), **zone)


def compare(days: int, workers: Sequence[int], dataset: str = "china") -> list[dict[str, Any]]:
    """Measure solving on each number of processes; ``times as fast`` of a row is the seconds of the first over its."""
    instance = days_of(dataset, days)
    rows = [{"workers": count} | _solved(instance, count, "solve")[1] for count in workers]
    return [row | {"times as fast": round(rows[0]["seconds"] / row["seconds"], 2)} for row in rows]


def _written(placement: Placement, folder: Path) -> dict[str, Any]:
    """Write all tables, and return what that took; the memory includes that of the placement."""
    with watched() as seen:
        files = placement.save_parquet(folder)
    return (
        {"what": "tables"}
        | _figures(seen)
        | {
            "files": len(files),
            "files_mb": round(sum(file.stat().st_size for file in files) / 1e6, 1),
        }
    )


def _held(placement: Placement) -> dict[str, Any]:
    """Make all tables, and return what that took: ``more_mb`` is what the peak lies above the memory before."""
    before = psutil.Process().memory_info().rss / 1e6
    with watched() as seen:
        tables = [getattr(placement, name) for name in TABLE_NAMES]
    more = {"more_mb": round(seen.peak_mb - before), "rows": sum(len(table) for table in tables)}
    return {"what": "tables in memory"} | _figures(seen) | more


def _solved(instance: Instance, workers: int | None, what: str) -> tuple[Placement, dict[str, Any]]:
    with watched() as seen:
        placement = placer.solve(instance, workers=workers)
    certificate, choice = placement.certificate, placement.tie_break
    return placement, {"what": what} | _figures(seen) | {
        "columns": placement.formulation.structure.assignment_count,
        "verdict": certificate.verdict,
        "gap": certificate.gap,
        "cost_usd": certificate.objective,
        "ties": "as found" if choice is None else "proven" if choice.proven else choice.detail,
        "detail": placement.termination.detail,
    }


def _figures(seen: Watched) -> dict[str, float]:
    return {
        "seconds": round(seen.seconds, 1),
        "processor_seconds": round(seen.processor_seconds, 1),
        "peak_mb": round(seen.peak_mb),
    }


def _look(seen: Watched, watched_process: psutil.Process) -> None:
    while True:
        taken = 0
        for process in _tree(watched_process):
            try:
                taken += process.memory_info().rss
            except psutil.Error:
                continue
        seen.peak_mb = max(seen.peak_mb, taken / 1e6)
        if seen.over.wait(_LOOK_SECONDS):
            return


def _tree(process: psutil.Process) -> list[psutil.Process]:
    """Return a process and its children; none once it has ended."""
    try:
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def period_text(periods: pd.DataFrame) -> str:
    """Return figures of periods as aligned text."""
    texts = {name: [f"{value:,.{decimals}f}" for value in periods[name]] for name, decimals in PERIOD_COLUMNS.items()}
    return pd.DataFrame(texts, index=periods.index).to_string()


def _asked_for(given: argparse.Namespace) -> tuple[list[dict[str, Any]], pd.DataFrame | None]:
    workers = given.workers or [None]
    if len(workers) > 1:
        return compare(given.days, workers, given.dataset), None
    return measure(
        *(given.days, workers[0], given.cap, given.by, given.tables, given.zones, given.energy),
        dataset=given.dataset,
        of=given.of,
        hold=given.hold,
        batteries=given.batteries,
    )


def main(arguments: list[str] | None = None) -> int:
    """Print the rows, and return the exit status: 1 if an answer is not proven."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", default="china")
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--workers", type=int, nargs="+", help="processes; by default one for each core")
    parser.add_argument("--cap", type=float, help="carbon limit, as a share of what is emitted without one")
    parser.add_argument("--zones", type=float, help="limit on power of zones, as a share of the most without one")
    parser.add_argument("--energy", type=float, help="limit on energy of zones, as a share of what is bought without")
    parser.add_argument("--of", type=int, help="how many zones --energy limits, those of most energy first")
    parser.add_argument("--batteries", type=float, help="batteries at data centres, as a share of their mean power")
    parser.add_argument("--by", choices=get_args(By), help="print the figures of every month, week, day or block")
    parser.add_argument("--tables", type=Path, help="folder for all tables as Parquet")
    parser.add_argument("--hold", action="store_true", help="make all tables and hold them in memory")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    rows, periods = _asked_for(given)
    for row in rows:
        print(
            json.dumps(row) if given.json else ", ".join(f"{name} {value}" for name, value in row.items()), flush=True
        )
    if periods is not None:
        print(periods.to_json(orient="index") if given.json else period_text(periods))
    return int(any(row.get("verdict", "proven") != "proven" for row in rows))


if __name__ == "__main__":
    sys.exit(main())
