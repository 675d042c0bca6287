"""What-ifs on the command line: ``--add``, ``--change`` and ``--without``, applied in this order to what is loaded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Annotated

import pandas as pd
import typer

from placer.errors import InstanceError, Violation, collected, refuse
from placer.instance.attributes.columns import Kind
from placer.instance.attributes.schema import NODE_TABLES, TABLES, WORKLOADS
from placer.instance.attributes.settings import SETTING_NAMES, allowed_setting
from placer.instance.attributes.synonyms import nearest_or_all
from placer.instance.attributes.validation import show
from placer.instance.changes.chosen_rows import EDGES, Where
from placer.instance.changes.what_if import appended
from placer.instance.problem import Instance

Change = Annotated[
    list[str] | None,
    typer.Option(
        "--change",
        metavar="TABLE[ROWS].COLUMN=VALUE",
        help="What if a column were VALUE, or *FACTOR times what it is, such as 'power_zones.usd_per_mwh=*1.2', "
        "'data_centres[Port|Metro].pue=1.1', 'demand[workload=chat,hour=8-17].mtok=*2'; or a setting, such as "
        "carbon_usd_per_kg=0.05. Several times, in their order.",
    ),
]
Add = Annotated[
    list[str] | None,
    typer.Option(
        "--add",
        metavar="TABLE:COLUMN=VALUE,...",
        help="What if there were a row more, such as 'links:from=Coast,to=Plateau,rtt_ms=8'; several times.",
    ),
]
Without = Annotated[
    list[str] | None,
    typer.Option(
        "--without",
        metavar="NAME",
        help="What if a hub, site, zone, exchange or workload were gone, or 'A - B', what lies between two; several "
        "times.",
    ),
]

_CHANGE = re.compile(r"(?:(\w+)(?:\[(.+)\])?\.)?(\w+)=(\*?)(.+)", re.DOTALL)
_ROW = re.compile(r"(\w+):(\w+=.*)", re.DOTALL)
#: Between two parts COLUMN=...; names may hold commas.
_NEXT = re.compile(r",(?=\w+=)")
_COLUMN = re.compile(r"\w+=")
_TRUTH = {"true": True, "false": False}
_PAIR = " - "


def changed_instance(instance: Instance, add: Sequence[str], change: Sequence[str], without: Sequence[str]) -> Instance:
    """Return an instance with rows added, values changed, and things removed.

    Raises
    ------
    InstanceError
        Listing all that is wrong with all options.
    """
    violations: list[Violation] = []
    steps = [partial(_with_rows, texts=add)] if add else []
    steps += [partial(_with_change, text=text) for text in change]
    steps += [partial(_without, texts=without)] if without else []
    for step in steps:
        after = collected(violations, partial(step, instance))
        instance = instance if after is None else after
    refuse(violations)
    return instance


def _with_rows(instance: Instance, texts: Sequence[str]) -> Instance:
    violations: list[Violation] = []
    tables: dict[str, pd.DataFrame] = {}
    for text in texts:
        found = _ROW.fullmatch(text)
        name = found[1] if found else ""
        if found is None or name not in TABLES:
            problem = f"no table {show(name)}" if name else f"{show(text)} is not TABLE:COLUMN=VALUE,..."
            allowed = nearest_or_all(name, TABLES, "such as links:from=Coast,to=Plateau,rtt_ms=8")
            violations.append(Violation("--add", "", "", problem, allowed))
            continue
        parts = [part.partition("=") for part in _NEXT.split(found[2])]
        row = {column: _cell(name, column, value) for column, _, value in parts}
        label = "|".join(str(row.get(key, "")) for key in TABLES[name].key)
        frame = tables.get(name, instance.tables[name])
        longer = collected(violations, partial(appended, frame, [row], TABLES[name], label))
        tables[name] = frame if longer is None else longer
    refuse(violations)
    return instance.replace(**tables)


def _cell(table: str, column: str, text: str) -> object:
    """Return a value as its column holds it: a number where it is one, unless names are meant."""
    kinds = {each.name: each.kind for each in TABLES[table].columns} if table in TABLES else {}
    if kinds.get(column) not in (Kind.TEXT, Kind.NAMES):
        with suppress(ValueError):
            return float(text)
    return text


def _with_change(instance: Instance, text: str) -> Instance:
    found = _CHANGE.fullmatch(text)
    if found is None:
        allowed = "such as power_zones.usd_per_mwh=*1.2 or data_centres[Port|Metro].pue=1.1"
        raise InstanceError([Violation("--change", "", "", f"{show(text)} is not TABLE[ROWS].COLUMN=VALUE", allowed)])
    table, scope, column, times, value = found.groups()
    if table is None:
        return _with_setting(instance, column, times, value)
    key = f"{table}.{column}"
    where = None if scope is None else _where(table, scope)
    if not times:
        return instance.with_value(key, _cell(table, column, value), where)
    violations: list[Violation] = []
    factor = 1.0
    try:
        factor = float(value)
    except ValueError:
        violations.append(Violation(table, "", column, f"{show(value)} is no factor", "a number"))
    scaled = collected(violations, partial(instance.scaled, key, factor, where))
    if violations or scaled is None:
        raise InstanceError(violations)
    return scaled


def _where(table: str, scope: str) -> Where:
    """Return the rows of a scope: names, pairs of names, or names by column, the first of them without its column."""
    first, *others = _NEXT.split(scope)
    is_named = _COLUMN.match(first) is not None
    if not is_named and not others:
        names = first.split("|")
        return [_pair(name) for name in names] if table in EDGES else names
    keys = TABLES[table].key if table in TABLES else ()
    if not is_named and len(keys) != 1:
        allowed = f"{keys[0]}={first}" if keys else "TABLE[COLUMN=NAME]"
        raise InstanceError([Violation(table, "", "", f"{show(first)} is of no column", allowed)])
    parts = [part.partition("=") for part in ([first] if is_named else [f"{keys[0]}={first}"]) + others]
    return {column: names if column == "hour" else names.split("|") for column, _, names in parts}


def _pair(name: str) -> str | tuple[str, str]:
    """Return the two ends of what lies between two nodes; any other name as it is."""
    first, between, second = name.partition(_PAIR)
    return (first, second) if between else name


def _with_setting(instance: Instance, name: str, times: str, text: str) -> Instance:
    if name not in SETTING_NAMES:
        raise InstanceError([Violation("settings", "", name, "unknown", allowed_setting(name))])
    value: object = _TRUTH.get(text, text)
    with suppress(ValueError):
        value = float(text)
    given = getattr(instance.settings, name)
    if times and (isinstance(given, (str, bool, tuple)) or isinstance(value, (str, bool))):
        raise InstanceError([Violation("settings", "", name, f"{show(text)} is no factor of {show(given)}", "a value")])
    return instance.replace(**{name: given * value if times else value})


def _without(instance: Instance, texts: Sequence[str]) -> Instance:
    tables = (*NODE_TABLES.values(), WORKLOADS)
    known = {name for table in tables for name in instance.tables[table.name][table.key[0]]}
    return instance.without(*(text if text in known else _pair(text) for text in texts))
