"""The target of a candidate: a column of limits, and the row of the instance that holds the limit.

A target is named by the key of its row: the name of a data centre (``accelerators``, ``power_limit_mw``), ``DATA
CENTRE|TYPE`` of a pool (``accelerators``), ``FROM|TO`` of a link (``capacity_gbps``), ``POWER ZONE|DATA CENTRE`` of a
supply or the name of a power zone (``limit_mw``), the name of a battery (``power_mw``, ``energy_mwh``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from placer.errors import Violation
from placer.instance.attributes.schema import TABLES
from placer.instance.attributes.synonyms import nearest_or_all
from placer.instance.attributes.validation import show
from placer.instance.contracts import contract_zones, covered_supplies
from placer.instance.problem import Instance
from placer.utils.arrays import FloatArray

#: Those of batteries: each a number for all hours.
OF_BATTERIES = ("power_mw", "energy_mwh")
#: The limits that a candidate may raise.
ADDS = ("accelerators", "power_limit_mw", "limit_mw", "capacity_gbps", *OF_BATTERIES)

#: The tables that hold each of them.
TABLES_OF = {adds: tuple(name for name, table in TABLES.items() if adds in table.names) for adds in ADDS}


def row_labels(instance: Instance, table: str) -> list[str]:
    """Return the names of the rows of a table as targets: the key, its parts separated by ``|``."""
    key = list(TABLES[table].key)
    return ["|".join(map(str, row)) for row in instance.tables[table][key].itertuples(index=False)]


def target_rows(instance: Instance, adds: Sequence[str], targets: Sequence[str]) -> list[tuple[str, int]]:
    """Return the table and the row of every target; row -1 where the instance has no such row, as after an outage.

    Examples
    --------
    >>> import placer
    >>> target_rows(placer.load("tiny"), ("accelerators", "limit_mw"), ("Port", "Coast grid|Port"))
    [('data_centres', 1), ('supplies', 1)]
    """
    rows = _rows_by_label(instance, adds)
    found = (rows[each].get(target, []) for each, target in zip(adds, targets, strict=True))
    return [
        places[0] if len(places) == 1 else (TABLES_OF[each][0], -1) for each, places in zip(adds, found, strict=True)
    ]


def target_limits(instance: Instance, adds: Sequence[str], targets: Sequence[str]) -> list[tuple[str, int, FloatArray]]:
    """Return the table, the row and the limit (hours,) of every target; row -1 where the instance has no such row."""
    rows = target_rows(instance, adds, targets)
    kinds = dict.fromkeys((table, each) for each, (table, row) in zip(adds, rows, strict=True) if row >= 0)
    hourly = {kind: instance.hourly(*kind) for kind in kinds}
    return [
        (table, row, hourly[table, each][row] if row >= 0 else np.zeros(0))
        for each, (table, row) in zip(adds, rows, strict=True)
    ]


def target_problems(
    instance: Instance, names: Sequence[str], adds: Sequence[str], targets: Sequence[str]
) -> list[Violation]:
    """Return a violation for every target that is not one row of the instance, or is unlimited already.

    Candidates without a target, or without a limit that they raise, have violations of their own.
    """
    known = [given for given in zip(names, adds, targets, strict=True) if given[1] and given[2]]
    rows, found = _rows_by_label(instance, [each for _, each, _ in known]), []
    for name, each, target in known:
        places = rows[each].get(target, [])
        if len(places) == 1:
            table, row = places[0]
            if _unlimited(instance.tables[table][each].iloc[row]):
                problem = f"{each} of {show(target)} is unlimited: a unit adds nothing to it"
                if each == "accelerators" and target in set(instance.accelerator_pools["data_centre"]):
                    problem = f"{show(target)} has pools of accelerators, and a unit is added to one of them"
                found.append(Violation("candidates", name, "target", problem, f"a row with a finite {each}"))
            elif (table, row) in (sold := _under_contract(instance)):
                problem = f"{show(target)} is under the contract {sold[table, row]}, whose payments would grow with it"
                allowed = "no contract: usd_per_unit_year is what it is paid a year, and usd_per_mwh its price of sale"
                found.append(Violation("candidates", name, "target", problem, allowed))
        elif places:
            tables = " and ".join(dict.fromkeys(table for table, _ in places))
            problem = f"{show(target)} is {len(places)} rows of {tables}"
            found.append(Violation("candidates", name, "target", problem, "one row"))
        else:
            allowed = nearest_or_all(target, rows[each], _allowed(each))
            found.append(Violation("candidates", name, "target", f"{show(target)} is unknown", allowed))
    return found


def _rows_by_label(instance: Instance, adds: Iterable[str]) -> dict[str, dict[str, list[tuple[str, int]]]]:
    """Return for each kind of limit the rows that hold it, by their label."""
    rows: dict[str, dict[str, list[tuple[str, int]]]] = {}
    for each in dict.fromkeys(adds):
        rows[each] = {}
        for table in TABLES_OF[each]:
            for row, label in enumerate(row_labels(instance, table)):
                rows[each].setdefault(label, []).append((table, row))
    return rows


def _under_contract(instance: Instance) -> dict[tuple[str, int], str]:
    """Return the contract of every row whose limit decides how much a contract buys, by table and row."""
    names, shared = instance.contracts["contract"], instance.contracts["output_share"].notna()
    zones, supplies = contract_zones(instance)[shared].tolist(), covered_supplies(instance).tolist()
    of_zones = {("power_zones", row): str(name) for row, name in zip(zones, names[shared], strict=True)}
    return of_zones | {("supplies", row): str(name) for row, name in zip(supplies, names, strict=True)}


def _unlimited(value: float | Sequence[float] | pd.Series) -> bool:
    return bool(np.isposinf(np.asarray(value, dtype=float)).all())


def _allowed(adds: str) -> str:
    """Return the form of the targets of a kind of limit."""
    return " or ".join(f"{'|'.join(TABLES[table].key)} of a row of {table}" for table in TABLES_OF[adds])
