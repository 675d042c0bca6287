"""The parties of the accounts: the region of every hub and data centre, and of the owners of the accelerators.

Regions are the values of a column of ``hubs`` and of ``data_centres``. By ``power_zone`` a data centre belongs to the
zone of its supplies, or to ``A + B`` where it has several. Hubs and data centres without a value form ``other``. The
links belong to ``network``; the caps of settings and the limits of one's own belong to ``authority``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from placer.errors import ArgumentError, InstanceError, Violation, refuse
from placer.instance.attributes.validation import show
from placer.instance.problem import Instance
from placer.utils.arrays import IntArray

#: The parties other than regions.
OTHER, NETWORK, AUTHORITY = "other", "network", "authority"
#: The optional column of data centres that names the region of their owner.
OWNER = "owner"


@dataclass(frozen=True, eq=False)
class Groups:
    """The regions of an instance.

    Attributes
    ----------
    names : tuple of str
        The regions, in the order of hubs and data centres; ``other`` last, if needed.
    hub, site, owner : (hubs,), (data centres,), (data centres,) int arrays
        The region of each by position: of hubs, of data centres, and of the owners of their accelerators.
    by : str
        The column.
    remarks : tuple of str
        One sentence for each group of rows that was counted as ``other``.
    """

    names: tuple[str, ...]
    hub: IntArray
    site: IntArray
    owner: IntArray
    by: str
    remarks: tuple[str, ...]


def groups_of(instance: Instance, by: str = "region", owners: str | None = None) -> Groups:
    """Return the regions of an instance by a column of its hubs and data centres.

    Parameters
    ----------
    by : str
        ``region``, ``jurisdiction``, ``power_zone`` or any column of ``hubs`` or ``data_centres``.
    owners : str, optional
        Column of ``data_centres`` that names the region of the owner of the accelerators; ``owner`` if there is one.
        Without an owner, accelerators belong to the region of the data centre.

    Raises
    ------
    ArgumentError
        If a column is not given by its name.
    InstanceError
        If there is no such column, a region has the name of another party, or an owner is no region.
    """
    for name, value in (("by", by), ("owners", owners)):
        if not (isinstance(value, str) or (name == "owners" and value is None)):
            raise ArgumentError(f"expected the name of a column as {name}, not {show(value)}")
    hub, site = _labels(instance, "hubs", by), _labels(instance, "data_centres", by)
    _check(instance, by, owners, [*hub.to_list(), *site.to_list()])
    names = list(dict.fromkeys(str(name) for name in [*hub, *site] if name is not None))
    missing = {"hubs": int(hub.isna().sum()), "data_centres": int(site.isna().sum())}
    if any(missing.values()):
        names.append(OTHER)
    here = _positions(names, site)
    return Groups(
        names=tuple(names),
        hub=_positions(names, hub),
        site=here,
        owner=_owners(instance, owners, names, here),
        by=by,
        remarks=tuple(
            f"{count} of {len(instance.tables[table])} {table.replace('_', ' ')} have no {by} and count as {OTHER}"
            for table, count in missing.items()
            if count
        ),
    )


def _labels(instance: Instance, table: str, by: str) -> pd.Series:
    """Return the label of every row as text, None where it has none."""
    frame = instance.tables[table]
    if by == "power_zone" and by not in frame:
        if table == "hubs":
            return pd.Series([None] * len(frame), dtype=object)
        zones = instance.supplies.groupby("data_centre", sort=False)["power_zone"].agg(
            lambda names: " + ".join(dict.fromkeys(names))
        )
        return _as_text(frame["data_centre"].map(zones))
    return _as_text(frame[by]) if by in frame else pd.Series([None] * len(frame), dtype=object)


def _as_text(values: pd.Series) -> pd.Series:
    return pd.Series([None if pd.isna(value) or value == "" else str(value) for value in values], dtype=object)


def _check(instance: Instance, by: str, owners: str | None, labels: list[str | None]) -> None:
    found = []
    hubs, centres = list(instance.hubs.columns), list(instance.data_centres.columns)
    if by != "power_zone" and by not in (*hubs, *centres):
        allowed = f"power_zone, or one of {', '.join(dict.fromkeys([*hubs, *centres]))}"
        found.append(Violation("accounts", "", "by", f"hubs and data_centres have no column {by!r}", allowed))
    taken = [name for name in dict.fromkeys(labels) if name in (OTHER, NETWORK, AUTHORITY)]
    for name in taken:
        problem = f"a region has the name {name!r}, which stands for another party of the accounts"
        found.append(Violation("accounts", "", "by", problem, f"any name but {OTHER}, {NETWORK}, {AUTHORITY}"))
    if owners is not None and owners not in centres:
        allowed = f"one of {', '.join(centres)}"
        found.append(Violation("accounts", "", "owners", f"data_centres have no column {owners!r}", allowed))
    refuse(found)


def _positions(names: list[str], labels: pd.Series) -> IntArray:
    return pd.Index(names, dtype=object).get_indexer(pd.Index(labels.fillna(OTHER), dtype=object))


def _owners(instance: Instance, column: str | None, names: list[str], here: IntArray) -> IntArray:
    """Return the region of the owner of the accelerators at every data centre."""
    centres = instance.data_centres
    column = OWNER if column is None else column
    if column not in centres:
        return here
    given = _as_text(centres[column])
    unknown = given.notna() & ~given.isin(names)
    if unknown.any():
        allowed = f"one of {', '.join(names)}"
        raise InstanceError(
            Violation("data_centres", str(centres["data_centre"][row]), column, f"{given[row]!r} is no region", allowed)
            for row in np.flatnonzero(unknown)
        )
    return np.where(given.isna(), here, _positions(names, given.fillna(names[0] if names else OTHER)))
