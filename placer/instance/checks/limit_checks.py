"""Limits of one's own: the unit and the scopes of each kind, and the defects of a table of limits.

    kind                what counts, over the hours of the scope                unit                scopes
    tokens              Mtok, by the hour they are asked for                    Mtok                hubs, sites
    share               the same, as a share of what its demand side asks for   share               hubs, sites
                        (``of`` = asked) or of what of it is served (served)
    accelerator_hours   accelerator-hours at peak throughput                    accelerator-hours   workload, site
    energy_mwh          MWh at the meter; bought, with a power zone             MWh                 workload, site, zone
    carbon_kg           carbon of the energy bought                             kg                  site, zone
    water_litres        water at the data centres                               litres              workload, site
    cost_usd            cost of transit, work and energy, without the price     USD                 site, zone
                        of carbon; of energy alone, with a power zone
    green_share         green energy delivered as a share of all delivered      share               site, zone

Hubs are the scopes ``workload``, ``hub`` and ``hub_region``, the demand side; sites are ``data_centre`` and ``region``;
the zone is ``power_zone``. Every kind may have ``hours``. All kinds but tokens and share count by the hour of service
or purchase, and transit by the hour in which work is sent. Energy, carbon and cost are those of a site, so that a limit
on them cannot name a workload together with supplies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from placer.errors import Violation
from placer.instance.attributes.synonyms import nearest_or_all, with_nearest
from placer.instance.attributes.validation import show
from placer.instance.checks.clean_tables import CleanTables
from placer.instance.hours.horizon import Hours, hours_of
from placer.instance.hours.hour_scopes import EACH, examples_of, hours_problems
from placer.utils.records import records_of

SENSES = ("<=", ">=")
ASKED, SERVED = "asked", "served"

_DEMAND_SIDE = ("workload", "hub", "hub_region")
_SITES = ("data_centre", "region")
#: The scopes, and the table and column that hold their names.
SCOPES = {
    "workload": ("workloads", "workload"),
    "hub": ("hubs", "hub"),
    "hub_region": ("hubs", "region"),
    "data_centre": ("data_centres", "data_centre"),
    "region": ("data_centres", "region"),
    "power_zone": ("power_zones", "power_zone"),
}


@dataclass(frozen=True)
class LimitKind:
    """The unit of a kind of limit, and its scopes beside hours.

    Attributes
    ----------
    unit : str
        Unit of a row, and of its rent's denominator.
    is_share : bool
        Whether the amount is a share, from 0 to 1.
    """

    unit: str
    scopes: tuple[str, ...]
    is_share: bool = False


KINDS = {
    "tokens": LimitKind("Mtok", (*_DEMAND_SIDE, *_SITES)),
    "share": LimitKind("Mtok", (*_DEMAND_SIDE, *_SITES), is_share=True),
    "accelerator_hours": LimitKind("accelerator-hour", ("workload", *_SITES)),
    "energy_mwh": LimitKind("MWh", ("workload", *_SITES, "power_zone")),
    "carbon_kg": LimitKind("kg", (*_SITES, "power_zone")),
    "water_litres": LimitKind("litre", ("workload", *_SITES)),
    "cost_usd": LimitKind("USD", (*_SITES, "power_zone")),
    "green_share": LimitKind("MWh", (*_SITES, "power_zone"), is_share=True),
}


def limit_problems(tables: CleanTables) -> list[Violation]:
    """Return the defects of the clean table ``limits`` beside those of its cells."""
    frames = tables.frames
    if frames["limits"].empty:
        return []
    hour = frames["demand"]["hour"]
    hours = hours_of(hour) if tables.sound("demand", "hour") and len(hour) else None
    names = {
        scope: tuple(str(name) for name in frames[table][column].dropna().unique())
        for scope, (table, column) in SCOPES.items()
        if tables.sound(table, column)
    }
    found = []
    for row in records_of(frames["limits"]):
        for column, problem, allowed in _row_problems(row, names, hours):
            found.append(Violation("limits", str(row["limit"]), column, problem, allowed))
        if tables.sound("supplies") and ("data_centres", "region") not in tables.defects:
            found += _empty_scopes(row, frames)
    return found


def _row_problems(
    row: Mapping[str, Any], names: Mapping[str, tuple[str, ...]], hours: Hours | None
) -> Iterator[tuple[str, str, str]]:
    """Yield column, problem and allowed values of every defect of a limit."""
    for column, known in (("kind", tuple(KINDS)), ("sense", SENSES), ("of", (ASKED, SERVED))):
        value = row[column]
        if value is not None and value not in known:
            yield column, f"{show(value)} is unknown", nearest_or_all(value, known)
    for scope, known in names.items():
        given: tuple[str, ...] = row[scope] or ()
        for name in given:
            if name not in known:
                yield scope, f"{show(name)} is unknown", with_nearest(f"a name of {SCOPES[scope][0]}", name, known)
    if hours is not None and row["hours"] is not None:
        for problem in hours_problems(str(row["hours"]), hours):
            yield "hours", problem, f"{examples_of(hours)}, or {EACH}"
    kind = KINDS.get(str(row["kind"]))
    if kind is not None:
        yield from _kind_problems(row, kind)


def _kind_problems(row: Mapping[str, Any], kind: LimitKind) -> Iterator[tuple[str, str, str]]:
    """Yield the violations of a limit against its kind."""
    name, amount = str(row["kind"]), row["amount"]
    if kind.is_share and isinstance(amount, float) and amount > 1:
        yield "amount", f"{amount:g} is more than all", "a share from 0 to 1"
    if row["of"] is not None and name != "share":
        yield "of", f"a limit of {name} is not of anything", "empty; asked or served for kind share"
    given = [scope for scope in SCOPES if row[scope] is not None]
    for scope in given:
        if scope not in kind.scopes:
            problem = f"{name} cannot be told apart by {scope}"
            yield scope, problem, f"empty; {', '.join((*kind.scopes, 'hours'))} for kind {name}"
    if name == "energy_mwh" and {"workload", "power_zone"} <= set(given):
        yield "workload", "energy bought of a power zone cannot be told apart by workload", "workload or power_zone"
    if name == "share" and not given:
        yield "", "a share of all of everything: the limit has no scope", f"one of {', '.join(kind.scopes)}"
    elif name == "share" and row["of"] == SERVED and not set(_SITES) & set(given):
        yield "of", "a share of what is served, wherever it is served", "a scope data_centre or region, or of asked"


def _empty_scopes(row: Mapping[str, Any], frames: Mapping[str, pd.DataFrame]) -> list[Violation]:
    """Return a violation where scopes that are each known have nothing in common."""
    found = []
    for table, columns in (
        ("hubs", {"hub": "hub", "hub_region": "region"}),
        ("data_centres", {"data_centre": "data_centre", "region": "region"}),
    ):
        given = {column: set(row[scope]) for scope, column in columns.items() if row[scope] is not None}
        frame = frames[table]
        if len(given) == 2 and all(names <= set(frame[column]) for column, names in given.items()):
            inside = [frame[column].isin(names) for column, names in given.items()]
            if not (inside[0] & inside[1]).any():
                scopes = " and ".join(columns)
                found.append(
                    Violation("limits", str(row["limit"]), "", f"no row of {table} is in both {scopes}", "one")
                )
    return found
