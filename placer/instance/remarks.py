"""Remarks on input that is allowed but probably not intended, one sentence each.

``likely_mistakes`` are those of them that change the answer and are seldom meant: ``placer.solve`` warns of them.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable

import numpy as np

from placer.errors import InputWarning
from placer.instance.arguments import need_instance
from placer.instance.attributes.columns import Kind
from placer.instance.attributes.schema import LINKS, TABLES
from placer.instance.attributes.settings import BETWEEN_REGIONS
from placer.instance.attributes.synonyms import nearest_name
from placer.instance.checks.policy_checks import concerned
from placer.instance.mode_remarks import mode_remarks
from placer.instance.pools import accelerators_of, usd_per_hour
from placer.instance.problem import Instance
from placer.instance.shortfalls import shortfalls
from placer.instance.suspect_values import suspect_values, unlimited_unawares
from placer.instance.tables.given import ignored_columns, unstated
from placer.instance.typical import SHORTEST_LIMIT, untypical
from placer.utils.numbers import quantity
from placer.utils.records import records_of
from placer.utils.solver_limits import WIDE_RANGE

#: Number of names that a sentence spells out.
_NAMED = 5
#: Number of remarks in a warning.
_WARNED = 10
#: A class gets a remark if the end of the horizon cuts short at least this share of its demand.
_CUT_SHORT = 0.5
#: What names that differ by it alone have in common: case, blanks and hyphens aside, they are equal.
_NO_LETTER = re.compile(r"[\W_]+")


def check(instance: Instance) -> list[str]:
    """Return a remark on each part of the input that is valid but probably a mistake.

    Remarks cover: ignored columns, files and sheets, with the nearest known name; data centres that are all unlimited
    or free; no regions, and so no exports; data centres without power; jurisdictions that exist nowhere; the
    deprecated table ``surcharges``, policies that hold nowhere and modes that nothing needs; hubs or workloads without
    demand; work that may wait past the end of the horizon; less capacity than demand; columns whose values range over
    more than 1e6, or are untypical (``placer.instance.typical``) or suspect beside others
    (``placer.instance.suspect_values``); latency limits below the time of servers; parallel
    links; regions without a data centre, or spelt in two ways.

    Raises
    ------
    ArgumentError
        If it is given anything but an instance.

    Examples
    --------
    >>> import placer
    >>> tiny = placer.load("tiny")
    >>> placer.check(tiny)
    []
    >>> placer.check(tiny.replace(hubs=tiny.hubs.assign(population=[1, 2, 3])))
    ['column population of hubs is ignored']
    """
    need_instance(instance)
    likely, of_sites = likely_mistakes(instance), set(map(unstated, instance.data_centres["data_centre"]))
    return [
        *(note for note in instance.notes if note not in of_sites),
        *likely,
        *unread_models(instance),
        *ignored_columns(instance.tables),
        *_free_sites(instance),
        *no_exports(instance),
        *_regions(instance),
        *_parallel_links(instance),
        *(remark for remark, is_likely in _jurisdictions(instance).items() if not is_likely),
        *_policies(instance),
        *mode_remarks(instance),
        *_unused(instance),
        *_cut_short(instance),
        *_too_much(instance),
        *_wide_columns(instance),
    ]


def likely_mistakes(instance: Instance) -> list[str]:
    """Return the remarks of ``check`` on what changes the answer and is seldom meant."""
    return [
        *_no_demand(instance),
        *untypical(instance),
        *suspect_values(instance),
        *unlimited_unawares(instance),
        *_below_server_time(instance),
        *_region_spelt_twice(instance),
        *_unsupplied(instance),
        *(remark for remark, is_likely in _jurisdictions(instance).items() if is_likely),
        *_link_twice(instance),
        *_far_too_much(instance),
    ]


def _no_demand(instance: Instance) -> list[str]:
    """Remark on an instance that asks for nothing, now or from before."""
    asked = float(instance.demand["mtok"].sum()) + float(instance.backlog["mtok"].sum())
    return [] if asked > 0 else ["no demand at all: demand.mtok adds up to 0"]


def unread_models(instance: Instance) -> list[str]:
    """Say which call reads the models of an instance: others let each data centre serve any workload."""
    remark = "served_models are for placer.place_models: other answers serve each workload without loading its model"
    return [remark] if len(instance.served_models) else []


def warn_of(remarks: Iterable[str]) -> None:
    """Warn the caller of a public function, in one warning, of input that is probably not intended."""
    lines = list(remarks)
    if lines:
        more = [f"and {len(lines) - _WARNED} more"] if len(lines) > _WARNED else []
        said = "".join(f"\n  {line}" for line in [*lines[:_WARNED], *more])
        warnings.warn(f"input that is probably not intended (placer.check says more):{said}", InputWarning, 3)


def _some(names: Iterable[object]) -> str:
    """Return the first few names and the number of the others."""
    texts = [str(name) for name in names]
    more = len(texts) - _NAMED
    return ", ".join(texts[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _free_sites(instance: Instance) -> list[str]:
    centres, remarks = instance.data_centres, []
    if instance.workloads["accelerator_hours_per_mtok"].any():
        if np.isinf(accelerators_of(instance)).all():
            remarks.append("no data centre limits its accelerators (column accelerators of data_centres)")
        rented = usd_per_hour(instance).any()
        paid = rented or centres["operations_usd_per_hour"].any()
        if instance.settings.accelerators == "by_use" and not paid:
            remarks.append(
                "accelerators cost nothing at all data centres (column accelerator_usd_per_hour of data_centres)"
            )
    if len(instance.power_zones) and not instance.hourly("power_zones", "usd_per_mwh").any():
        remarks.append("power costs nothing in all power zones (column usd_per_mwh of power_zones)")
    return remarks


def no_exports(instance: Instance) -> list[str]:
    """Return why no demand of an instance can count as an export."""
    if instance.settings.exports != BETWEEN_REGIONS:
        return []
    hubs, centres = (set(instance.tables[name]["region"].dropna()) for name in ("hubs", "data_centres"))
    if not hubs or not centres:
        which = " and ".join(name for name, found in (("hubs", hubs), ("data centres", centres)) if not found)
        return [f"no export is counted: {which} have no region"]
    return ["no export is counted: hubs and data centres are all in one region"] if len(hubs | centres) == 1 else []


def _unsupplied(instance: Instance) -> list[str]:
    supplied = set(instance.supplies["data_centre"])
    names = [name for name in instance.data_centres["data_centre"] if name not in supplied]
    if not names or not instance.workloads["kwh_per_mtok"].any():
        return []
    have = "has" if len(names) == 1 else "have"
    plural = "" if len(names) == 1 else "s"
    return [f"data centre{plural} {_some(names)} {have} no supply, so only workloads that need no energy can run there"]


def _below_server_time(instance: Instance) -> list[str]:
    columns = ["workload", "latency_slo_ms", "server_ms"]
    return [
        f"workload {name} can run nowhere: its latency_slo_ms of {limit:g} is below its server_ms of {server:g}"
        for name, limit, server in instance.workloads[columns].itertuples(index=False, name=None)
        if SHORTEST_LIMIT <= limit < server
    ]


def _regions_of(instance: Instance) -> tuple[list[str], list[str]]:
    """Return the regions of hubs and of data centres, each in their order."""
    hubs, centres = (instance.tables[name]["region"].dropna().unique().tolist() for name in ("hubs", "data_centres"))
    return hubs, centres


def _region_spelt_twice(instance: Instance) -> list[str]:
    alike = [" and ".join(names) for names in _spelt_alike(instance) if len(names) > 1]
    return [f"regions {names} count as different ones: one region spelt in two ways?" for names in alike]


def _spelt_alike(instance: Instance) -> list[list[str]]:
    """Return the regions, those together that differ by case, blanks and hyphens alone."""
    hubs, centres = _regions_of(instance)
    spelt: dict[str, list[str]] = {}
    for name in dict.fromkeys([*centres, *hubs]):
        spelt.setdefault(_NO_LETTER.sub("", name.casefold()) or name, []).append(name)
    return list(spelt.values())


def _regions(instance: Instance) -> list[str]:
    """Name the regions with hubs and no data centre that no likely mistake names, if any region has one."""
    hubs, centres = _regions_of(instance)
    remarks, known = [], {name for alike in _spelt_alike(instance) if not alike[1:] for name in alike}
    for name in hubs if centres and instance.settings.exports == BETWEEN_REGIONS else ():
        if name in known and name not in centres:
            near = nearest_name(name, tuple(centres))
            perhaps = f": perhaps {near}" if near else ""
            remarks.append(f"region {name} has hubs and no data centre, so all that it asks for is exported{perhaps}")
    return remarks


def _beside_another(instance: Instance, columns: tuple[str, ...]) -> list[str]:
    """Return the links beside an earlier one between the same nodes, with equal values in some columns."""
    links, seen, found = instance.links, set(), []
    for first, last, *values in links[["from", "to", *columns]].itertuples(index=False, name=None):
        ends = (first, last) if instance.settings.directed else tuple(sorted((first, last)))
        if (ends, *values) in seen:
            found.append(f"{first} - {last}")
        seen.add((ends, *values))
    return list(dict.fromkeys(found))


def _link_twice(instance: Instance) -> list[str]:
    names = _beside_another(instance, LINKS.names[2:])
    return [f"two links of the same values between {_some(names)}: given twice?"] if names else []


def _parallel_links(instance: Instance) -> list[str]:
    twice = _beside_another(instance, LINKS.names[2:])
    names = [name for name in _beside_another(instance, ()) if name not in twice]
    return [f"several links of different values between {_some(names)}"] if names else []


def _jurisdictions(instance: Instance) -> dict[str, bool]:
    """Return the remarks on jurisdictions without a data centre, and whether each is a likely mistake.

    It is if the workload can run nowhere, or if another name is near. Else the list of a workload may just be long.
    """
    known = set(instance.data_centres["jurisdiction"].dropna())
    remarks = {}
    for workload, names in instance.workloads[["workload", "jurisdictions"]].itertuples(index=False):
        missing = [name for name in names or () if name not in known]
        nowhere = " and so nowhere" if missing and len(missing) == len(names) else ""
        for name in missing:
            near = nearest_name(name, tuple(known))
            perhaps = f": perhaps {near}" if near else ""
            remark = f"workload {workload} may run in {name}, where no data centre is{nowhere}{perhaps}"
            remarks[remark] = bool(nowhere or near)
    return remarks


def _too_much(instance: Instance) -> list[str]:
    """Name shortfalls that the unit of the demand does not explain."""
    return [each.sentence for each in shortfalls(instance) if not each.is_far]


def _far_too_much(instance: Instance) -> list[str]:
    """Name the first shortfall that a demand in tokens explains."""
    return [f"{each.sentence}: is demand.mtok in tokens?" for each in shortfalls(instance) if each.is_far][:1]


def _policies(instance: Instance) -> list[str]:
    remarks, policies = [], instance.tables["policies"]
    hubs, centres = instance.hubs["region"], instance.data_centres["region"]
    if len(instance.tables["surcharges"]):
        remarks.append(
            "table surcharges is deprecated and leaves with the next release: "
            "write policies of kind premium_usd_per_mtok without paid_to"
        )
    idle = [str(row["policy"]) for row in records_of(policies) if not concerned(row, hubs, centres).any()]
    return remarks + [f"policy {name} holds for no hub and data centre" for name in idle]


def _unused(instance: Instance) -> list[str]:
    remarks = []
    for table, column in (("hubs", "hub"), ("workloads", "workload")):
        used = set(instance.demand[column])
        remarks += [f"{column} {name} has no demand" for name in instance.tables[table][column] if name not in used]
    return remarks


def _cut_short(instance: Instance) -> list[str]:
    """Name the classes most of whose demand may wait past the end of the horizon, by which all of it must be served."""
    if instance.settings.cyclic:
        return []
    last = np.searchsorted(instance.blocks, instance.blocks, side="right") - 1
    period = instance.demand_period
    mtok = instance.demand["mtok"] * instance.weights[period]
    remarks, demand = [], instance.demand.assign(mtok=mtok, left=last[period] - period)
    for workload, deadline in instance.workloads[["workload", "deadline_hours"]].itertuples(index=False):
        rows = demand[demand["workload"] == workload]
        steps = np.floor(deadline / instance.settings.hour_length)
        late = rows["mtok"][rows["left"] < steps].sum()
        if deadline > 0 and late > _CUT_SHORT * rows["mtok"].sum():
            share = late / rows["mtok"].sum()
            remarks.append(
                f"workload {workload} may wait {deadline:g} hours, past the end of the horizon for {share:.0%} of its "
                "demand, which is served by the last hour; cyclic = true lets it run in the first hours, and "
                "placer.roll carries it from day to day"
            )
    return remarks


def _wide_columns(instance: Instance) -> list[str]:
    remarks = []
    for name, table in TABLES.items():
        frame = instance.tables[name]
        for column in (column for column in table.columns if column.kind is Kind.NUMBER and column.scaled):
            size = np.abs(frame[column.name].to_numpy(float))
            size = size[np.isfinite(size) & (size > 0)]
            if size.size and size.max() > WIDE_RANGE * size.min():
                ends = f"{quantity(size.min())} to {quantity(size.max())}"
                remarks.append(f"{name}.{column.name} ranges from {ends}: units mixed up?")
    return remarks
