"""The basis of a report: the settings of the instance, and the sources that its dataset names."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from placer.datasets.csv_files import read_csv
from placer.datasets.folder import Dataset
from placer.errors import Violation, refuse
from placer.instance.problem import Instance
from placer.report.html.markup import plain, shortened
from placer.utils.numbers import quantity
from placer.utils.reading import is_file

#: Number of sources that the page lists; the others are counted, and listed in the dataset's own file.
MOST_SOURCES = 300
#: Texts longer than this are shortened.
LONGEST_TEXT = 600
_COLUMNS = ("table", "row", "column", "source", "kind", "note")


@dataclass(frozen=True, eq=False)
class Assumptions:
    """The basis of a report.

    Attributes
    ----------
    description, licence : str
        Of the dataset; empty without one.
    named : tuple of str
        The sources its ``dataset.toml`` names.
    scenarios : tuple of (str, str)
        The scenarios applied and their descriptions.
    settings : tuple of (str, str)
        Settings of the whole instance.
    sources : DataFrame
        ``kind``, ``covers``, ``source``, ``note``: figures of one source, kind and note together.
    kinds : Series
        Number of figures by kind of source, over all sources.
    """

    description: str
    licence: str
    named: tuple[str, ...]
    scenarios: tuple[tuple[str, str], ...]
    settings: tuple[tuple[str, str], ...]
    sources: pd.DataFrame
    kinds: pd.Series


def assumptions_of(instance: Instance, dataset: Dataset | None, scenarios: tuple[str, ...] = ()) -> Assumptions:
    """Return the settings and sources that a report rests on.

    Raises
    ------
    InstanceError
        If the dataset has a ``sources.csv`` that cannot be read or lacks a column.
    """
    listed = _listed(dataset)
    about = {} if dataset is None else dataset.scenarios
    return Assumptions(
        description="" if dataset is None else plain(dataset.description),
        licence="" if dataset is None else plain(dataset.licence),
        named=() if dataset is None else tuple(_text(source) for source in dataset.sources),
        scenarios=tuple((shortened(name), _text(about[name].get("description", ""))) for name in scenarios),
        settings=_settings(instance),
        sources=_grouped(listed),
        kinds=listed["kind"].map(_text).value_counts(),
    )


def _listed(dataset: Dataset | None) -> pd.DataFrame:
    empty = pd.DataFrame({name: pd.Series(dtype=object) for name in _COLUMNS})
    if dataset is None or not is_file(dataset.folder / "sources.csv"):
        return empty
    table = read_csv(dataset.folder / "sources.csv")
    allowed = ", ".join(_COLUMNS)
    refuse(Violation("sources.csv", "", name, "column missing", allowed) for name in _COLUMNS if name not in table)
    return table[list(_COLUMNS)]


def _grouped(listed: pd.DataFrame) -> pd.DataFrame:
    row = listed["row"].where(listed["row"] != "*", "")
    place = listed["table"] + "." + listed["column"] + row.map(lambda name: f" ({name})" if name else "")
    grouped = listed.assign(covers=place).groupby(["kind", "source", "note"], sort=False)["covers"]
    table = grouped.agg(lambda places: _text("; ".join(dict.fromkeys(places)))).reset_index()
    for name in ("kind", "source", "note"):
        table[name] = table[name].map(_text)
    return table.sort_values("kind", kind="stable", ignore_index=True)


def _text(text: object) -> str:
    return shortened(str(text), longest=LONGEST_TEXT)


def _settings(instance: Instance) -> tuple[tuple[str, str], ...]:
    settings = instance.settings
    exports = settings.exports
    pairs = (
        "any hub and data centre of different regions"
        if isinstance(exports, str)
        else "; ".join(f"{_text(one)} to {_text(other)}" for one, other in exports)
    )
    # requests take the one route of least round trip where no more are stated
    routes = [] if settings.routes == 1 else [("Routes", f"up to {settings.routes} from a hub to a data centre")]
    charged = {"by_use": "charged by the hours used", "sunk": "paid for already: an hour costs operations only"}
    return (
        ("Accelerators", charged[settings.accelerators]),
        ("Horizon", "the last hours' work may run in the first" if settings.cyclic else "all is served by the end"),
        ("A step of the horizon", "1 hour" if settings.hour_length == 1 else f"{quantity(settings.hour_length)} hours"),
        ("Price of carbon", f"{quantity(settings.carbon_usd_per_kg)} {settings.currency} per kg"),
        ("Limit on carbon", _cap(settings.carbon_limit_kg, "kg")),
        ("Limit on water", _cap(settings.water_limit_litres, "litres")),
        ("Counted as export", pairs),
        *routes,
    )


def _cap(limit: float, unit: str) -> str:
    return "none" if math.isinf(limit) else f"{quantity(limit)} {unit}"
