"""Accounts beside the solve, gains from trade of six regions, and what flexibility costs.

    python -m benchmarks.accounts                             # china and world, six regions, two zones of china
    python -m benchmarks.accounts --part gains --workers 2    # the groups of regions in two processes
    python -m benchmarks.accounts --part groups               # groups alone, by parameters of column generation
    python -m benchmarks.accounts --quick                     # tiny alone, as a check

Seconds are of processor time, processes that end included. Accounts are the tables by region with the proof of
stability. The six regions of ``world`` are those of its data, with Africa and the Middle East as one; list prices are
the value of tokens. Flexibility is of the zone with the largest draw and of one in the west, at night and in the
evening, with the error that is proven.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING
from unittest import mock

import placer
from benchmarks.clock import processor_seconds
from placer.accounting import coalitions
from placer.accounting.groups import groups_of
from placer.column_generation.parameters import DEFAULTS

from .families import dataset

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: The column that joins regions of world, and what it joins.
PARTY = "party"
JOINED = dict.fromkeys(("Sub-Saharan Africa", "Middle East & North Africa"), "Middle East & Africa")
PARTS = ("accounts", "gains", "groups", "flexibility")
#: Groups of the six regions, by bit mask, that are solved with either parameters of column generation.
GROUPS = (3, 16, 17, 20, 21, 25, 39, 42, 44, 48, 52, 56, 61)
#: Zones and hours of the flexibility of china.
ZONES, HOURS = ("Jibei grid", "Horinger special"), ("3", "20")


@dataclass(frozen=True)
class Line:
    """One measurement.

    Attributes
    ----------
    name : str
    seconds : float
        Of processor time.
    said : str
        What was found.
    """

    name: str
    seconds: float
    said: str


def accounts_beside_solve(name: str, instance: placer.Instance) -> list[Line]:
    """Return a line for the placement and one for its accounts."""
    start = processor_seconds()
    placement = placer.solve(instance)
    solved = processor_seconds()
    accounts = placer.accounts(placement)
    _ = accounts.trade, accounts.tokens, accounts.chain
    apart = accounts.regions["net_cost_usd"].sum() - placement.cost_and_penalty_usd
    rounding = accounts.stability.rounding_usd
    said = f"net costs add up to {apart:.0e} USD, stability proven to {rounding:.0e} USD"
    return [
        Line(f"{name}: placement", solved - start, f"{placement.cost_usd:,.0f} USD"),
        Line(f"{name}: accounts", processor_seconds() - solved, said),
    ]


def six_regions(instance: placer.Instance) -> placer.Instance:
    """Return world with a column of six parties."""
    hubs, centres = (
        table.assign(**{PARTY: table["region"].replace(JOINED)}) for table in (instance.hubs, instance.data_centres)
    )
    return instance.replace(hubs=hubs, data_centres=centres)


def gains(name: str, instance: placer.Instance, by: str, workers: int) -> Line:
    """Return a line for the gains from trade, every group of regions solved."""
    placement = placer.solve(instance)
    start = processor_seconds()
    found = placer.accounts(placement, by, workers=workers).gains
    used = processor_seconds() - start
    processes = f"{workers} process" + ("es" if workers > 1 else "")
    return Line(f"{name}: gains of {len(found.alone_usd)} groups, {processes}", used, str(found))


def groups_alone(name: str, instance: placer.Instance, by: str) -> Iterator[Line]:
    """Yield a line for what some groups cost alone, with the parameters of coalitions and with the default ones."""
    placement, groups = placer.solve(instance), groups_of(instance, by)
    structure, duals = placement.formulation.structure, placement.answer.prices
    members = [[region for region in range(len(groups.names)) if mask >> region & 1] for mask in GROUPS]
    for said, parameters in (("tuned", coalitions.PARAMETERS), ("default parameters", DEFAULTS)):
        with mock.patch.object(coalitions, "PARAMETERS", parameters):
            start = processor_seconds()
            total = sum(coalitions.cost_alone(structure, duals, groups, each) for each in members)
            used = processor_seconds() - start
        yield Line(f"{name}: {len(members)} groups alone, {said}", used, f"{total:,.2f} USD in all")


def flexibilities(
    name: str, instance: placer.Instance, zones: tuple[str, ...], hours: tuple[str, ...]
) -> Iterator[Line]:
    """Yield a line for every zone and hour."""
    placement = placer.solve(instance)
    for zone in zones:
        for hour in hours:
            start = processor_seconds()
            curve = placer.flexibility(placement, zone, hour)
            used, last = processor_seconds() - start, curve.table.iloc[-1]
            first, steepest = curve.table["usd_per_mwh"].iloc[[0, -2]]
            said = (
                f"{last['mw']:.1f} MW for {last['usd']:,.0f} USD, {first:,.0f} to {steepest:,.0f} USD/MWh, firm "
                f"{curve.firm_mw:.1f} MW, {len(curve.points)} points, {'exact' if curve.exact else 'not exact'}: "
                f"chords at most {curve.error_usd:.2g} USD too high; {gives_way(curve)}"
            )
            yield Line(f"{name}: {zone}, hour {hour}", used, said)


def gives_way(curve: placer.Flexibility) -> str:
    """Return what gives way at the largest reduction, and the zone and hour that draw most more, in words."""
    responses, rebound = curve.responses, curve.rebound()
    last = responses[responses["mw"] == responses["mw"].max()]
    mtok = last.groupby("response")["mtok"].sum()
    parts = ", ".join(f"{mtok.get(name, 0.0) / mtok.sum():z.0%} {name}" for name in ("waited", "moved", "dropped"))
    moved = last[last["response"] == "moved"].groupby("power_zone")["mtok"].sum()
    to = f" (most to {moved.idxmax()})" if len(moved) else ""
    hour, zone = rebound.stack().idxmax()
    return (
        f"of {mtok.sum():,.0f} Mtok {parts}{to}, most drawn more {rebound.max().max():.1f} MWh by {zone}, hour {hour}"
    )


def of_tiny(workers: int) -> Iterator[Line]:
    """Yield a line of each kind for the dataset tiny."""
    tiny = placer.load("tiny", ["patient"])
    valued = tiny.replace(workloads=tiny.workloads.assign(unserved_usd_per_mtok=20.0))
    yield from accounts_beside_solve("tiny", tiny)
    yield gains("tiny", valued, "region", workers)
    yield from flexibilities("tiny", tiny, ("Plateau wind",), ("0",))


def measured(parts: Sequence[str], workers: int) -> Iterator[Line]:
    """Yield the lines of some parts as they are measured."""
    if "accounts" in parts:
        for name in ("china", "world"):
            yield from accounts_beside_solve(name, dataset(name))
    if "gains" in parts:
        yield gains("world", six_regions(placer.load("world")), PARTY, workers)
    if "groups" in parts:
        yield from groups_alone("world", six_regions(placer.load("world")), PARTY)
    if "flexibility" in parts:
        yield from flexibilities("china", dataset("china"), ZONES, HOURS)


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="tiny alone")
    parser.add_argument("--part", action="append", choices=PARTS, help="one of them alone; several times")
    parser.add_argument("--workers", type=int, default=1, help="processes for the groups of regions (default 1)")
    parser.add_argument("--json", action="store_true", help="print machine-readable JSON")
    chosen = parser.parse_args(arguments)
    lines = of_tiny(chosen.workers) if chosen.quick else measured(chosen.part or PARTS, chosen.workers)
    if chosen.json:
        print(json.dumps([asdict(line) for line in lines]))
        return 0
    for line in lines:
        print(f"{line.seconds:7.2f} s  {line.name}: {line.said}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
