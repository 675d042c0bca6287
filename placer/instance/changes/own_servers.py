"""Servers of a class of its own: what each class may work at a site, as rows of the limits.

    work of class k at site j in hour t  <=  size_k L(K_kjt) max_utilisation_j h_t                a limit on each
    work of class k where it has no servers  <=  0
    all other work at j in hour t  <=  (accelerators_jt - sum_k size_k K_kjt) max_utilisation_j h_t

The last is without a margin: nothing says how many servers that work has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from placer.errors import ArgumentError, Violation, refuse
from placer.instance.attributes.schema import LIMITS
from placer.instance.attributes.validation import number_problem, show
from placer.instance.changes.chosen_rows import Tables, Where
from placer.instance.changes.queue_margins import CALL, PoolRule, remark, unknown
from placer.instance.hours.horizon import Hours, index_of
from placer.instance.hours.hour_scopes import EACH
from placer.instance.hours.timestamps import short_text
from placer.instance.queue_margin import SERVERS
from placer.tolerances import INPUT
from placer.utils.arrays import BoolArray, FloatArray, IntArray, positions_in

#: Servers by workload or model and data centre, and by hour where they change.
Servers = Mapping[tuple[str, str], int] | pd.Series | pd.DataFrame

_KEY = ["workload", "data_centre"]
#: The columns of replicas of models, as those of servers of workloads.
_OF_MODELS = {"model": "workload", "replicas": "servers"}


def own_margins(
    tables: Tables,
    accelerators: FloatArray,
    hours: Hours,
    length: FloatArray,
    rule: PoolRule,
    servers: Servers,
    where: Where | None,
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Return the limits of an instance with those of servers of workloads of their own, and remarks.

    Parameters
    ----------
    tables : mapping of str to DataFrame
    accelerators : (data centres, hours) array
        Without those of pools.
    hours : range or DatetimeIndex
    length : (hours,) array
        Length of each hour times its weight.
    servers : mapping, Series or DataFrame
        As ``Instance.with_queue_margin`` has them.
    where : str, iterable or mapping, optional
        Refused: servers name their data centres.

    Raises
    ------
    ArgumentError
        If ``servers`` is nothing of that kind.
    InstanceError
        Listing every violation.
    """
    workloads, table, models = tables["workloads"], tables["data_centres"], tables["served_models"]
    asked, sites = tuple(workloads["workload"][workloads["backlog_of"].isna()]), tuple(table["data_centre"])
    groups = {name: (name,) for name in asked} | dict(zip(models["model"], models["workloads"], strict=True))
    count, violations = _counted(_as_frame(servers), tuple(groups), sites, hours)
    served = [each for name in count for each in groups.get(name, (name,))]
    sizes = dict(zip(models["model"], models["replica_accelerators"].tolist(), strict=True))
    rule = rule if rule.size is not None else replace(rule, size=sizes)
    violations += rule.violations((tuple(groups), tuple(count)), (asked, tuple(dict.fromkeys(served))))
    violations += [
        Violation(CALL, name, SERVERS.name, "given for a model and for its workload", "one of the two")
        for name, times in Counter(served).items()
        if times > 1
    ]
    if where is not None:
        violations.append(Violation(CALL, "", "where", "is given beside servers", "one of the two"))
    refuse(violations)
    size, accelerators = {name: rule.size_of(name) for name in count}, of_all_pools(tables, accelerators)
    left = accelerators - sum(size[name] * each for name, each in count.items())
    refuse(_too_many(left, accelerators, sites))
    utilised = table["max_utilisation"].to_numpy(float)
    most = utilised[:, None] * length
    labels = [short_text(hour) for hour in index_of(hours)]
    made: list[dict[str, Any]] = []
    for name, each in count.items():
        has_some: BoolArray = np.any(each > 0, axis=1)
        amounts = size[name] * rule.load(each, groups[name]) * most
        made += _rows(name, groups[name], sites, amounts, has_some, labels)
        if not has_some.all():
            elsewhere = tuple(site for site, has in zip(sites, has_some, strict=True) if not has)
            made.append(_row(f"no servers of {name}", groups[name], elsewhere, 0.0, EACH))
    if others := tuple(name for name in asked if name not in served):
        shared: BoolArray = np.any([each > 0 for each in count.values()], axis=(0, 2)) & np.isfinite(left).all(axis=1)
        made += _rows("other work", others, sites, np.maximum(left, 0.0) * most, shared, labels)
    limits = pd.concat([tables["limits"], pd.DataFrame(made, columns=list(LIMITS.names))], ignore_index=True)
    words = "the queue margin multiplies the max_utilisation of"
    return {"limits": limits}, remark(words, table["data_centre"].to_numpy(object)[utilised < 1])


def of_all_pools(tables: Tables, accelerators: FloatArray) -> FloatArray:
    """Return the accelerators of data centres, those of all pools where they have any (data centres, hours)."""
    pools, count = tables["accelerator_pools"], accelerators.copy()
    site = positions_in(tables["data_centres"]["data_centre"], pools["data_centre"])
    count[site] = 0.0
    np.add.at(count, site, pools["accelerators"].to_numpy(float)[:, None])
    return count


def _as_frame(servers: object) -> pd.DataFrame:
    """Return servers as a table of workload, data_centre, servers, and hour where it is given."""
    if isinstance(servers, pd.DataFrame):
        frame = servers if servers.index.names == [None] else servers.reset_index()
        frame = frame.rename(columns=_OF_MODELS)
        if {*_KEY, "servers"} <= {*frame}:
            return frame
    if isinstance(servers, Mapping):
        keys, numbers = list(servers), list(servers.values())
    elif isinstance(servers, pd.Series):
        keys, numbers = servers.index.to_list(), servers.to_list()
    else:
        keys, numbers = [None], []
    if not all(isinstance(key, tuple) and len(key) == 2 for key in keys):
        hint = "write {('chat', 'Port'): 30}, or a table of workload, data_centre and servers"
        raise ArgumentError(f"expected servers by workload and data centre, not {show(servers)}; {hint}")
    return pd.DataFrame(keys, columns=_KEY).assign(servers=pd.Series(numbers, dtype=object))


def _counted(
    frame: pd.DataFrame, workloads: tuple[str, ...], sites: tuple[str, ...], hours: Hours
) -> tuple[dict[str, FloatArray], list[Violation]]:
    """Return the servers of each workload (data centres, hours), and every defect of their table."""
    found = []
    for column, known in zip(_KEY, (workloads, sites), strict=True):
        found += [unknown(column, name, known) for name in dict.fromkeys(frame[column]) if name not in known]
    for row, number in enumerate(frame["servers"]):
        if problem := number_problem(number, SERVERS):
            where = " at ".join(str(frame[column].iloc[row]) for column in _KEY)
            found.append(Violation(CALL, where, SERVERS.name, problem, SERVERS.allowed))
    key = [*_KEY, "hour"] if "hour" in frame else _KEY
    for twice in frame.loc[frame.duplicated(key), key].itertuples(index=False):
        found.append(Violation(CALL, ", ".join(map(str, twice)), SERVERS.name, "given twice", "once"))
    if frame.empty:
        found.append(Violation(CALL, "", SERVERS.name, "no rows", "servers by workload and data centre"))
    count = {name: np.zeros((len(sites), len(hours))) for name in dict.fromkeys(frame["workload"])}
    place = _positions(frame["hour"], hours) if "hour" in frame else None
    if place is not None:
        for row in np.flatnonzero(place < 0).tolist():
            found.append(
                Violation(CALL, "", "hour", f"{short_text(frame['hour'].iloc[row])} is no hour", "of the demand")
            )
    if found:
        return count, found
    for row, (name, site, number) in enumerate(frame[[*_KEY, "servers"]].itertuples(index=False)):
        count[name][sites.index(site), slice(None) if place is None else place[row]] = number
    return count, found


def _positions(hour: pd.Series, hours: Hours) -> IntArray:
    """Return the positions of hours, given as those of the demand or as tables of results show them; -1 if unknown."""
    index = index_of(hours)
    found = index.get_indexer(pd.Index(hour))
    shown = pd.Index([short_text(each) for each in index]).get_indexer(pd.Index([str(each) for each in hour]))
    return np.where(found < 0, shown, found)


def _too_many(left: FloatArray, accelerators: FloatArray, sites: tuple[str, ...]) -> list[Violation]:
    """Return a violation for every site whose accelerators its servers exceed."""
    found = []
    for site in np.flatnonzero((left < -INPUT * np.abs(accelerators)).any(axis=1)).tolist():
        hour = int(left[site].argmin())
        has = accelerators[site, hour]
        problem = f"they take {has - left[site, hour]:g} accelerators, and {has:g} are there"
        found.append(Violation(CALL, sites[site], SERVERS.name, problem, "servers that fit in"))
    return found


def _rows(
    name: str,
    workloads: tuple[str, ...],
    sites: tuple[str, ...],
    amounts: FloatArray,
    chosen: BoolArray,
    labels: list[str],
) -> Iterator[dict[str, Any]]:
    """Yield the limits of some workloads at the chosen sites: one on each hour where the hours are alike."""
    for site in np.flatnonzero(chosen).tolist():
        title, own = f"queue margin of {name} at {sites[site]}", amounts[site]
        if (own == own[0]).all():
            yield _row(title, workloads, (sites[site],), float(own[0]), EACH)
            continue
        for label, amount in zip(labels, own.tolist(), strict=True):
            yield _row(f"{title}, {label}", workloads, (sites[site],), amount, label)


def _row(title: str, workloads: tuple[str, ...], sites: tuple[str, ...], amount: float, hours: str) -> dict[str, Any]:
    return {
        "limit": title,
        "kind": "accelerator_hours",
        "sense": "<=",
        "amount": amount,
        "workload": workloads,
        "data_centre": sites,
        "hours": hours,
    }
