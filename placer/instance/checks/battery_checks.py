"""The table ``batteries``: what it may hold beside the ranges of its cells and its unknown names.

A battery stands behind the meter of a data centre, or at a power zone with supplies, and has power and energy, or
neither. Products that do not carry batteries yet refuse them in the words of ``batteries_refused``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from placer.errors import Violation
from placer.instance.checks.clean_tables import CleanTables
from placer.utils.records import records_of

_TABLE = "batteries"
#: Both ends of a battery's size, and what each is without the other.
_SIZES = (("power_mw", "energy_mwh"), ("energy_mwh", "power_mw"))


def battery_problems(tables: CleanTables) -> list[Violation]:
    """Return the defects of the clean table ``batteries`` beside those of its cells and its unknown names."""
    batteries, supplies = tables.frames[_TABLE], tables.frames["supplies"]
    found = list[Violation]()
    if batteries.empty:
        return found
    supplied = set(supplies["power_zone"].dropna())
    for row in records_of(batteries):
        if tables.sound(_TABLE, "data_centre", "power_zone"):
            found += _place_problems(row)
        found += _size_problems(row)
        zone = row["power_zone"]
        known = tables.sound("supplies", "power_zone") and zone in set(tables.frames["power_zones"]["power_zone"])
        if known and zone not in supplied:
            problem = f"{zone} has no supply to a data centre"
            found.append(Violation(_TABLE, str(row["battery"]), "power_zone", problem, "a power zone with a supply"))
    return found


def _place_problems(row: Mapping[str, object]) -> Iterator[Violation]:
    """Yield a violation of a battery that is at no place, or at two."""
    given = [name for name in ("data_centre", "power_zone") if row[name] is not None]
    if len(given) != 1:
        problem = "neither a data_centre nor a power_zone" if not given else "a data_centre and a power_zone"
        yield Violation(_TABLE, str(row["battery"]), "data_centre", problem, "one of data_centre and power_zone")


def _size_problems(row: Mapping[str, Any]) -> Iterator[Violation]:
    """Yield a violation of a battery with energy and no power, or power and no energy."""
    for own, other in _SIZES:
        if row[own] == 0 and row[other] > 0:
            problem = f"0, and {other} is {row[other]:g}"
            yield Violation(_TABLE, str(row["battery"]), own, problem, f"> 0, or 0 for {other} too")


def batteries_refused(batteries: pd.DataFrame, what: str) -> list[Violation]:
    """Return the violation of batteries where ``what`` does not carry them."""
    problem = f"{what} carries no batteries yet"
    allowed = "no batteries, as in instance.replace(batteries=[]); placer.solve carries them"
    return [Violation(_TABLE, "", "", problem, allowed)] if len(batteries) else []
