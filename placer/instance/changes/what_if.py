"""What-if changes of the rows of a network and its demand: the tables that they change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from placer.errors import InstanceError, Violation, refuse
from placer.instance.attributes.columns import REQUIRED, Table
from placer.instance.attributes.schema import DATA_CENTRES, LINKS, NODE_TABLES, SUPPLIES
from placer.instance.attributes.synonyms import meant, nearest_or_all, perhaps
from placer.instance.attributes.validation import show
from placer.instance.changes.chosen_rows import EDGES, Tables, rows_between
from placer.instance.checks.limit_checks import SCOPES
from placer.instance.tables.backlog import backlog_of_names

#: Tables that refer to rows of another: the table and its referring columns.
_REFERENCES = {
    "links": ("from", "to"),
    "supplies": ("power_zone", "data_centre"),
    "contracts": ("power_zone", "data_centre"),
    "demand": ("workload", "hub"),
    "demand_steps": ("workload", "hub"),
    "batteries": ("data_centre", "power_zone"),
    "accelerator_pools": ("data_centre",),
    "modes": ("workload",),
    "latency_value": ("workload",),
}


def added_data_centre(
    tables: Tables, name: str, links: object, power: object, attributes: Mapping[str, Any]
) -> dict[str, pd.DataFrame]:
    """Return the tables with one more data centre, its links and its supplies; see ``Instance.with_data_centre``."""
    site = {"data_centre": name, **attributes}
    changed = {"data_centres": appended(tables["data_centres"], [site], DATA_CENTRES, name)}
    link_rows = [
        {"from": node, "to": name, **_attributes(value, "rtt_ms")} for node, value in _pairs(links, "link_to", "rtt_ms")
    ]
    changed["links"] = appended(tables["links"], link_rows, LINKS, name)
    if power is not None:
        given = {power: {}} if isinstance(power, str) else power
        supply_rows = [
            {"power_zone": zone, "data_centre": name, **_attributes(value, "limit_mw")}
            for zone, value in _pairs(given, "power_zone", "limit_mw")
        ]
        changed["supplies"] = appended(tables["supplies"], supply_rows, SUPPLIES, name)
    return changed


def added_link(tables: Tables, first: str, second: str, attributes: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """Return the links with one more; see ``Instance.with_link``."""
    row = {"from": first, "to": second, **attributes}
    return {"links": appended(tables["links"], [row], LINKS, f"{first}|{second}")}


def _pairs(given: object, argument: str, attribute: str) -> Iterable[tuple[Any, Any]]:
    if isinstance(given, Mapping):
        return given.items()
    allowed = f"names with their {attribute}, or with attributes by name"
    raise InstanceError([Violation("with_data_centre", "", argument, f"{show(given)} is not a mapping", allowed)])


def _attributes(value: object, attribute: str) -> Mapping[str, Any]:
    """Return attributes by name; a value that is no mapping becomes the value of ``attribute``."""
    return value if isinstance(value, Mapping) else {attribute: value}


def appended(frame: pd.DataFrame, rows: list[dict[str, Any]], table: Table, name: str) -> pd.DataFrame:
    """Return a table with rows appended, whose name is that of the violations.

    Raises
    ------
    InstanceError
        For names that are no columns, which would otherwise be lost unnoticed.
    """
    known = (*table.names, *map(str, frame.columns))
    strange = [column for row in rows for column in row if column not in known]
    if strange:
        raise InstanceError(
            Violation(
                table.name, name, column, "unknown", perhaps(column, near) if near else ", ".join(dict.fromkeys(known))
            )
            for column in dict.fromkeys(strange)
            for near in (meant(column, known),)
        )
    columns = {
        column: pd.Series([*frame[column], *(row.get(column, _default(table, column)) for row in rows)], dtype=object)
        for column in frame.columns
    }
    return pd.DataFrame(columns)


def _default(table: Table, column: str) -> object:
    default = table.column(column).default if column in table.names else None
    return None if default is REQUIRED else default


def removed(
    tables: Tables, given: Iterable[str | tuple[str, str] | Iterable[str]], *, directed: bool
) -> dict[str, pd.DataFrame]:
    """Return the tables without some nodes, workloads, links and supplies; see ``Instance.without``."""
    owners = {table.name: table.key[0] for table in NODE_TABLES.values()} | {"workloads": "workload"}
    rows = [(table, str(name)) for table, key in owners.items() for name in tables[table][key]]
    changed = {name: tables[name] for name in (*owners, *_REFERENCES, "limits", "policies", "served_models")}
    names, pairs = _names_and_pairs(given)
    violations = _remove_pairs(changed, pairs, directed=directed)
    for name in dict.fromkeys([*names, *backlog_of_names(tables, names)]):
        found = [table for table, row in rows if row == str(name)]
        if len(found) != 1 or not isinstance(name, str):
            violations.append(_not_one(name, found, tuple(row for _, row in rows)))
            continue
        owner, key = found[0], owners[found[0]]
        changed[owner] = changed[owner][changed[owner][key] != str(name)]
        for table, columns in _REFERENCES.items():
            of_nodes = [column for column in columns if column == key or (table == "links" and owner != "workloads")]
            if of_nodes:
                changed[table] = changed[table][~(changed[table][of_nodes] == str(name)).any(axis=1)]
        if key in SCOPES:
            changed["limits"] = _without_scope(changed["limits"], key, str(name))
        if key == "workload":
            changed["policies"] = _without_scope(changed["policies"], key, str(name))
            changed["served_models"] = _without_scope(changed["served_models"], "workloads", str(name))
    refuse(violations)
    changed["contracts"] = _with_supplies(changed["contracts"], changed["supplies"])
    return changed


def _with_supplies(contracts: pd.DataFrame, supplies: pd.DataFrame) -> pd.DataFrame:
    """Return the contracts whose supply is there."""
    left = set(zip(supplies["power_zone"], supplies["data_centre"], strict=True))
    pairs = zip(contracts["power_zone"], contracts["data_centre"], strict=True)
    return contracts[np.array([pair in left for pair in pairs], dtype=bool)]


def _names_and_pairs(given: Iterable[object]) -> tuple[list[object], list[tuple[str, str]]]:
    """Return the names, those in lists too, and the pairs of names."""
    flat = [each for item in given for each in (item if isinstance(item, (list, set, frozenset, pd.Index)) else [item])]
    pairs = [each for each in flat if isinstance(each, tuple) and len(each) == 2]
    return [each for each in flat if each not in pairs], list(dict.fromkeys(pairs))


def _remove_pairs(
    changed: dict[str, pd.DataFrame], pairs: Iterable[tuple[str, str]], *, directed: bool
) -> list[Violation]:
    """Remove all links and supplies between the nodes of each pair from the tables; return the pairs without any."""
    violations = []
    for pair in pairs:
        gone = {table: rows_between(changed[table], pair, directed=directed) for table in EDGES}
        if not any(rows.any() for rows in gone.values()):
            problem = f"no link or supply between {show(pair[0])} and {show(pair[1])}"
            violations.append(Violation("without", "", "", problem, "a pair with one; several names stand in a list"))
        for table, rows in gone.items():
            changed[table] = changed[table][~rows]
    return violations


def _without_scope(table: pd.DataFrame, column: str, name: str) -> pd.DataFrame:
    """Return rows with a name taken out of a scope; without those that were about nothing else."""
    left = [names and tuple(each for each in names if each != name) for names in table[column]]
    kept = np.array([names != () for names in left], dtype=bool)
    return table.assign(**{column: pd.Series(left, index=table.index, dtype=object)})[kept]


def _not_one(name: object, found: list[str], known: tuple[str, ...]) -> Violation:
    if found:
        return Violation("without", "", "", f"{show(name)} is in {' and in '.join(found)}", "a name in one table")
    names = "the name of a hub, data centre, power zone, exchange or workload; of a link or supply the pair of its ends"
    allowed = nearest_or_all(name, known, names) if isinstance(name, str) else names
    return Violation("without", "", "", f"{show(name)} is unknown", allowed)
