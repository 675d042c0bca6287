"""Policies between regions: their kinds, whom they concern, and the defects of a table of policies.

    kind                   what it does to a Mtok between its regions            amount           paid_to
    tariff_usd_per_mtok    is charged                                            USD per Mtok     importer or exporter
    tariff_share           is charged a share of its customs value               share            importer or exporter
    premium_usd_per_mtok   is charged; a cost where nobody is paid               USD per Mtok     the same, or empty
    quota_mtok             counts towards a total over the horizon               Mtok             empty
    ban                    is not sent                                           empty            empty

Tokens are sold from the region of the data centre (``from_region``, the exporter) to the region of the hub
(``to_region``, the importer). Several regions in a cell form a bloc. An empty cell stands for every region outside the
other cell; if both are empty, the policy holds between any two regions. It never holds within a region, and never for
hubs and data centres without a region. ``workload`` limits it to some workloads.

Charges on the same tokens add up. A backlog was sent before the horizon: no policy holds for it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from placer.errors import Violation
from placer.instance.attributes.schema import POLICIES
from placer.instance.attributes.synonyms import nearest_or_all, with_nearest
from placer.instance.attributes.validation import clean_numbers, show
from placer.instance.checks.clean_tables import CleanTables
from placer.utils.arrays import BoolArray, IntArray
from placer.utils.records import records_of

TARIFF, TARIFF_SHARE, PREMIUM = "tariff_usd_per_mtok", "tariff_share", "premium_usd_per_mtok"
QUOTA, BAN = "quota_mtok", "ban"
KINDS = (TARIFF, TARIFF_SHARE, PREMIUM, QUOTA, BAN)
IMPORTER, EXPORTER = "importer", "exporter"
#: Columns that decide whether bans leave a country a data centre, beside those of the policies.
_SUPPLIED_BY = {
    "hubs": ("hub", "region", "backlog_at"),
    "data_centres": ("data_centre", "region", "jurisdiction"),
    "workloads": ("workload", "jurisdictions"),
    "demand": ("workload", "hub"),
}
#: Charges that somebody is paid.
_PAID = (TARIFF, TARIFF_SHARE)
#: Charges by their unit. They are costs of the program; quotas are limits of it, as ``limits`` are.
_CHARGES = ((TARIFF, PREMIUM), (TARIFF_SHARE,))
_CHARGE = replace(POLICIES.column("amount"), scaled=True)


def policy_problems(tables: CleanTables) -> list[Violation]:
    """Return the defects of the clean table ``policies`` beside those of its cells."""
    frames, sound = tables.frames, tables.sound
    if frames["policies"].empty:
        return []
    regions = _regions(frames) if sound("hubs", "region") and sound("data_centres", "region") else None
    workloads = set(frames["workloads"]["workload"]) if sound("workloads", "workload") else None
    limits = set(frames["limits"]["limit"]) if sound("limits", "limit") else set()
    unread = {column for table, column in tables.defects if table == "policies"}
    found = []
    for row in records_of(frames["policies"]):
        problems = [] if "" in unread else [*_names(row, regions, workloads), *_row_problems(row, limits)]
        found += [Violation("policies", str(row["policy"]), *each) for each in problems if each[0] not in unread]
    if not unread & {"", "policy"}:
        found += _magnitudes(frames["policies"])
    if unread - {"amount"} or not all(sound(table, *columns) for table, columns in _SUPPLIED_BY.items()):
        return found
    return [*found, *_without_supply(frames, {each.row for each in found})]


def quota_problems(policies: pd.DataFrame, why: str, allowed: str) -> list[Violation]:
    """Return a violation for every quota, which is one total over the horizon."""
    names = policies["policy"][policies["kind"] == QUOTA]
    return [Violation("policies", str(name), "kind", why, allowed) for name in names]


def transfer_problems(policies: pd.DataFrame, what: str) -> list[Violation]:
    """Return a violation for every charge that a region is paid, where ``what`` cannot tell charges from costs."""
    names = policies["policy"][policies["paid_to"].notna()]
    problem = f"{what} would count a charge that a region is paid as a cost"
    allowed = "no such policy; a premium that nobody is paid is a cost"
    return [Violation("policies", str(name), "paid_to", problem, allowed) for name in names]


def concerned(row: Mapping[str, Any], hub_region: pd.Series, region: pd.Series) -> BoolArray:
    """Return the pairs of hubs and data centres that a policy holds for (hubs, data centres)."""
    here, there = hub_region.to_numpy(object), region.to_numpy(object)
    to, outside = _inside(here, row["to_region"]), _inside(there, row["from_region"])
    if row["to_region"] is None and row["from_region"] is not None:
        to = to & ~_inside(here, row["from_region"])
    if row["from_region"] is None and row["to_region"] is not None:
        outside = outside & ~_inside(there, row["to_region"])
    return np.outer(to, outside) & (here[:, None] != there[None])


def names_workload(row: Mapping[str, Any], workloads: pd.Series) -> BoolArray:
    """Return which workloads a policy holds for (workloads,)."""
    return _inside(workloads.to_numpy(object), row["workload"])


def _inside(names: np.ndarray, chosen: tuple[str, ...] | None) -> BoolArray:
    """Return which names are there and, if any are chosen, chosen."""
    return pd.notna(names) if chosen is None else np.array([name in chosen for name in names], dtype=bool)


def _regions(frames: Mapping[str, pd.DataFrame]) -> set[str]:
    return {name for table in ("hubs", "data_centres") for name in frames[table]["region"].dropna()}


def _names(
    row: Mapping[str, Any], regions: set[str] | None, workloads: set[str] | None
) -> Iterator[tuple[str, str, str]]:
    """Yield column, problem and allowed values of every name that is unknown."""
    for column, names, what in (
        ("from_region", regions, "a region of hubs or data_centres"),
        ("to_region", regions, "a region of hubs or data_centres"),
        ("workload", workloads, "a name of workloads"),
    ):
        for name in row[column] or () if names is not None else ():
            if name not in (names or ()):
                yield column, f"{show(name)} is unknown", with_nearest(what, name, sorted(names or ()))


def _row_problems(row: Mapping[str, Any], limits: set[str]) -> Iterator[tuple[str, str, str]]:
    """Yield column, problem and allowed values of every defect of a policy by itself."""
    kind, paid_to = row["kind"], row["paid_to"]
    if kind not in KINDS:
        yield "kind", f"{show(kind)} is unknown", nearest_or_all(kind, KINDS)
        return
    given = row["amount"] == row["amount"]
    if kind == BAN and given:
        yield "amount", f"{row['amount']:g} of a ban, which has no amount", "empty"
    if kind != BAN and not given:
        yield "amount", f"a policy of kind {kind} without an amount", "a number >= 0"
    if paid_to is not None and paid_to not in (IMPORTER, EXPORTER):
        yield "paid_to", f"{show(paid_to)} is unknown", f"{IMPORTER} or {EXPORTER}"
    elif paid_to is not None and kind in (QUOTA, BAN):
        yield "paid_to", f"nobody is paid by a policy of kind {kind}", "empty"
    elif paid_to is None and kind in _PAID:
        yield "paid_to", "a tariff that nobody is paid", f"{IMPORTER} or {EXPORTER}; kind {PREMIUM} may pay nobody"
    if row["from_region"] is not None and row["from_region"] == row["to_region"] and len(row["to_region"]) == 1:
        yield "to_region", "from a region to itself, where no policy holds", "another region, or empty"
    if kind == QUOTA and row["policy"] in limits:
        yield "policy", "a limit has the same name", "a name of its own"


def _magnitudes(policies: pd.DataFrame) -> list[Violation]:
    """Return the defects of charges too small for a solver, or too far from others in the same unit."""
    found = []
    for kinds in _CHARGES:
        rows = policies[policies["kind"].isin(kinds)]
        names = rows["policy"].tolist()
        found += clean_numbers(rows["amount"], _CHARGE, "policies", names.__getitem__)[1]
    return found


def _without_supply(frames: Mapping[str, pd.DataFrame], faulty: Collection[str]) -> Iterator[Violation]:
    """Yield a violation for every region that bans leave without a data centre for workloads that it asks for.

    The least change is the fewest bans to lift.
    """
    short: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for klass, hub, lifted in closed_demand(frames, faulty):
        region, workload = str(frames["hubs"]["region"].iloc[hub]), str(frames["workloads"]["workload"].iloc[klass])
        short.setdefault((region, lifted), []).append(workload)
    for (region, lifted), names in short.items():
        problem = f"no data centre is left for {', '.join(dict.fromkeys(names))} in {region}"
        yield Violation("policies", lifted[0], "", problem, f"the least change: lift {' and '.join(lifted)}")


def closed_demand(
    frames: Mapping[str, pd.DataFrame], faulty: Collection[str] = ()
) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Yield each workload and hub, by position, that bans leave without a data centre, and the fewest bans to lift.

    A data centre counts if the jurisdictions of the workload allow it. ``faulty`` names policies with defects, which
    close nothing.
    """
    hubs, centres, workloads = frames["hubs"], frames["data_centres"], frames["workloads"]
    bans = [row for row in records_of(frames["policies"]) if row["kind"] == BAN and row["policy"] not in faulty]
    held = [names_workload(row, workloads["workload"]) for row in bans]
    closed = [concerned(row, hubs["region"], centres["region"]) for row in bans]
    for klass, hub in _asked(frames) if bans else ():
        allowed = workloads["jurisdictions"].iloc[klass]
        site = (
            np.ones(len(centres), dtype=bool)
            if allowed is None
            else _inside(centres["jurisdiction"].to_numpy(object), allowed)
        )
        by_site = np.array([pairs[hub] & of[klass] for pairs, of in zip(closed, held, strict=True)])[:, site]
        if site.any() and by_site.any(axis=0).all():
            least = np.flatnonzero(by_site[:, by_site.sum(axis=0).argmin()])
            yield klass, hub, tuple(str(bans[ban]["policy"]) for ban in least)


def _asked(frames: Mapping[str, pd.DataFrame]) -> list[tuple[int, int]]:
    """Return the workloads and hubs, by position, of all demand that is sent within the horizon."""
    demand, hubs = frames["demand"][frames["demand"]["mtok"] > 0], frames["hubs"]
    klass, hub = _places(frames["workloads"]["workload"], demand["workload"]), _places(hubs["hub"], demand["hub"])
    sent = hubs["backlog_at"].isna().to_numpy(bool)[hub]
    return list(dict.fromkeys(zip(klass[sent].tolist(), hub[sent].tolist(), strict=True)))


def _places(names: pd.Series, of: pd.Series) -> IntArray:
    """Return where each of some known names first stands; one that is given twice is told elsewhere."""
    first = names.drop_duplicates()
    return first.index.to_numpy()[pd.Index(first).get_indexer(of)]
