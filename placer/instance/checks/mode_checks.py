"""The table ``modes``: what it may hold beside the ranges of its cells.

A mode is a way to run a workload: the time that a task takes without the network, and the accelerator-hours and energy
of a Mtok in it. The time is that of the mode, and so no other one stands beside it. Accelerator-hours and energy of the
workload itself stay: ceilings weigh demand by them. A mode that is too slow for the limit of the workload is left out,
since one table of measurements serves many limits; a workload needs one that is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from placer.errors import Violation
from placer.instance.attributes.schema import WORKLOADS
from placer.instance.attributes.synonyms import with_nearest
from placer.instance.attributes.validation import show
from placer.instance.checks.clean_tables import CleanTables
from placer.utils.records import records_of

#: Columns of workloads that modes stand in place of.
_OF_MODES = {
    "server_ms": "0: each mode has its own",
    "peak_accelerator_hours_per_mtok": "empty: modes have the accelerator-hours of a full site",
}


def mode_problems(tables: CleanTables) -> list[Violation]:
    """Return the defects of the clean table ``modes`` beside those of its cells and its unknown workloads.

    Cells with defects are empty. They hide nothing of other rows.
    """
    frames, modes = tables.frames, tables.frames["modes"]
    if modes.empty or not tables.sound("modes"):
        return []
    found, run_in_modes = [], set(modes["workload"].dropna())
    for row in records_of(frames["workloads"]):
        problems = _beside_modes(row) if row["workload"] in run_in_modes else ()
        found += [
            Violation("workloads", str(row["workload"]), *each)
            for each in problems
            if ("workloads", each[0]) not in tables.defects
        ]
    owners = ("data_centres", "accelerator_pools")
    if all(tables.sound(each, "accelerator_type") for each in owners):
        types = pd.concat([frames[each]["accelerator_type"] for each in owners])
        found += _unknown_types(modes, tuple(types.dropna().unique()))
    return [*found, *_all_late(modes, frames["workloads"])]


def _beside_modes(workload: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield column, problem and allowed values of what a workload with modes may not have."""
    for column, allowed in _OF_MODES.items():
        value = workload[column]
        if pd.notna(value) and value != WORKLOADS.column(column).default:
            yield column, f"{value:g} beside the modes of the workload", allowed
    if workload["backlog_of"] is not None:
        yield "backlog_of", "a backlog with modes of its own", "no modes: those of its workload hold"


def _unknown_types(modes: pd.DataFrame, types: tuple[str, ...]) -> Iterator[Violation]:
    """Yield a violation for every mode for accelerators that no data centre has."""
    for row in records_of(modes[modes["accelerator_type"].notna() & ~modes["accelerator_type"].isin(types)]):
        name, allowed = row["accelerator_type"], "a type of data_centres or accelerator_pools"
        allowed = with_nearest(allowed, name, types) if types else f"{allowed}, none of which has one"
        problem = f"no data centre has {show(name)}"
        yield Violation("modes", f"{row['workload']}|{row['mode']}", "accelerator_type", problem, allowed)


def _all_late(modes: pd.DataFrame, workloads: pd.DataFrame) -> Iterator[Violation]:
    """Yield a violation for every workload whose modes all answer too late over any route."""
    for name, late in _too_slow(modes, workloads).groupby(modes["workload"], sort=False):
        if late.all():
            least = modes["server_ms"][modes["workload"] == name].min()
            problem = f"no route is short enough for any mode of {name}: the fastest takes {least:g} ms"
            yield Violation("modes", str(name), "server_ms", problem, "a mode within its latency_slo_ms")


def _too_slow(modes: pd.DataFrame, workloads: pd.DataFrame) -> pd.Series:
    """Return which modes answer in time over no route, however short."""
    limit = modes["workload"].map(dict(zip(workloads["workload"], workloads["latency_slo_ms"], strict=True)))
    return modes["server_ms"] > limit


def modes_refused(modes: pd.DataFrame, what: str) -> list[Violation]:
    """Return the violation of modes where ``what`` takes workloads that run in one way."""
    problem, allowed = f"{what} takes workloads that run in one way", "no modes: figures of the workloads themselves"
    return [Violation("modes", "", "", problem, allowed)] if len(modes) else []
