"""Room for requests that arrive in bursts: what pools of servers may carry, in place of all that they could work.

A server takes ``size`` accelerators; L(K) is what K servers carry (``placer.instance.queue_margin``).

    K_jt = whole servers of the accelerators of site j in hour t, shared by all classes
    max_utilisation_j  becomes  max_utilisation_j min_t (size L(K_jt) / accelerators_jt)        or of pool j

K is given: L(K) is convex in K, an economy of scale, so that no linear program can choose K. The loads of classes that
share servers add up, and so do their variances ``D_k L_k``. The peakedness of their sum is the mean of D weighted with
load; ``sum L_k + b sqrt(sum D_k L_k) <= K`` is not convex in the mix. With the largest D every mix keeps its promise.
Servers of a class of its own are in ``placer.instance.changes.own_servers``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from placer.errors import Violation, collected, refuse
from placer.instance.attributes.columns import Column
from placer.instance.attributes.schema import ACCELERATOR_POOLS as POOLS
from placer.instance.attributes.schema import DATA_CENTRES
from placer.instance.attributes.synonyms import nearest_or_all
from placer.instance.attributes.validation import number_problem, show
from placer.instance.changes.chosen_rows import Tables, Where, chosen_rows
from placer.instance.queue_margin import PEAKEDNESS, SERVERS, MarginRule
from placer.tolerances import INPUT
from placer.utils.arrays import BoolArray, FloatArray, positions_in

CALL = "with_queue_margin"
#: Accelerators of a server.
SIZE = Column("server_accelerators", low=0, low_open=True, scaled=False)

#: A number for all, or one for each name.
ByName = float | Mapping[str, float]
#: The names that are known, and those that need a figure.
Named = tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, eq=False)
class PoolRule:
    """What a margin is asked for.

    Attributes
    ----------
    size : float, mapping of str to float, or None
        Accelerators of a server; None for those of replicas.
    peakedness : float or mapping of str to float
    """

    size: ByName | None
    peakedness: ByName
    margin: MarginRule

    def violations(self, sized: Named, loaded: Named) -> list[Violation]:
        """Return every defect, given the names by which sizes and peakedness may be, and those that need them."""
        found = self.margin.violations(CALL)
        for column, given, (known, needed) in ((SIZE, self.size, sized), (PEAKEDNESS, self.peakedness, loaded)):
            if not isinstance(given, Mapping):
                figures: dict[str, float | None] = {"": given}
            else:
                figures = dict(given)
                found += [unknown(column.name, name, known) for name in given if name not in known]
                missing = ", ".join(name for name in needed if name not in given)
                if missing:
                    found.append(Violation(CALL, "", column.name, f"none for {missing}", "one for each"))
            for name, figure in figures.items():
                if problem := number_problem(figure, column):
                    found.append(Violation(CALL, str(name), column.name, problem, column.allowed))
        return found

    def size_of(self, name: str) -> float:
        """Return the accelerators of a server of some name."""
        size = self.size[name] if isinstance(self.size, Mapping) else self.size
        return math.nan if size is None else size

    def load(self, servers: FloatArray, workloads: tuple[str, ...] | None = None) -> FloatArray:
        """Return what servers carry, in servers; those of no workloads are shared by all."""
        if not isinstance(self.peakedness, Mapping):
            peakedness = self.peakedness
        else:
            peakedness = max(self.peakedness[name] for name in workloads or self.peakedness)
        known, place = np.unique(servers, return_inverse=True)
        load = np.array([self.margin.load(each, peakedness) if each > 0 else 0.0 for each in known.tolist()])
        return load[place].reshape(servers.shape)


def usable_accelerators(accelerators: FloatArray, size: float, rule: PoolRule) -> FloatArray:
    """Return the accelerators that may be busy where all of a pool are shared; inf where it is unlimited."""
    servers = whole_servers(accelerators, size)
    limited = np.isfinite(servers)
    return np.where(limited, size * rule.load(np.where(limited, servers, 0.0)), np.inf)


def whole_servers(accelerators: FloatArray, size: float | FloatArray) -> FloatArray:
    """Return the number of whole servers of some accelerators.

    Examples
    --------
    >>> whole_servers(np.array([0.3, 16.0, np.inf]), 0.1).tolist()
    [3.0, 160.0, inf]
    """
    servers = accelerators / size
    return np.asarray(np.floor(servers * (1 + INPUT)))


def shared_margins(
    tables: Tables, accelerators: FloatArray, rule: PoolRule, where: Where | None, *, directed: bool
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Return data centres and pools with the utilisation that servers shared by all work may have, and remarks.

    Parameters
    ----------
    tables : mapping of str to DataFrame
    accelerators : (data centres, hours) array
        Without those of pools.
    rule : PoolRule
        With sizes by type of accelerators, if they differ.
    where : str, iterable or mapping, optional
        The data centres; all if not given.
    directed : bool
        As of ``chosen_rows``.

    Raises
    ------
    InstanceError
        Listing every violation.
    """
    centres, pools = tables["data_centres"], tables[POOLS.name]
    column, violations = DATA_CENTRES.column("max_utilisation"), list[Violation]()
    named = collected(violations, partial(chosen_rows, tables, DATA_CENTRES, column, where, directed=directed))
    chosen = np.ones(len(centres), dtype=bool) if named is None else named[0]
    site = positions_in(centres["data_centre"], pools["data_centre"])
    has_pools = np.isin(np.arange(len(centres)), site)
    counts = accelerators, np.repeat(pools["accelerators"].to_numpy(float)[:, None], accelerators.shape[1], axis=1)
    asked = chosen & ~has_pools & _has_some(accelerators).any(axis=1), chosen[site] & _has_some(counts[1]).any(axis=1)
    violations += _rule_problems(tables, rule, asked)
    refuse(violations)
    changed, found = dict[str, pd.DataFrame](), list[Violation]()
    for kind, count, rows in zip((DATA_CENTRES, POOLS), counts, asked, strict=True):
        frame = tables[kind.name]
        part = collected(found, partial(_parts, frame, kind.key, count, rows, rule))
        if part is not None:
            changed[kind.name] = frame.assign(max_utilisation=frame["max_utilisation"] * part)
    refuse(found)
    below, takes = centres["max_utilisation"].to_numpy(float) < 1, asked[0].copy()
    takes[site[asked[1]]] = True
    names = centres["data_centre"].to_numpy(object)
    return changed, [
        *remark("the queue margin multiplies the max_utilisation of", names[takes & below]),
        *remark("no queue margin without a number of accelerators:", names[chosen & ~takes]),
    ]


def _has_some(count: FloatArray) -> BoolArray:
    """Return where there is a number of accelerators (rows, hours)."""
    return np.asarray((count > 0) & np.isfinite(count))


def _rule_problems(tables: Tables, rule: PoolRule, asked: tuple[BoolArray, BoolArray]) -> list[Violation]:
    """Return the defects of a rule for servers that all work shares, at the data centres and pools that are asked."""
    workloads = tuple(tables["workloads"]["workload"])
    types = [tables[table.name]["accelerator_type"].to_numpy(object) for table in (DATA_CENTRES, POOLS)]
    known = tuple(dict.fromkeys(each for column in types for each in column if each is not None))
    needed = [each for column, rows in zip(types, asked, strict=True) for each in column[rows]]
    found = rule.violations((known, tuple(dict.fromkeys(each for each in needed if each))), (workloads, workloads))
    if isinstance(rule.size, Mapping) and None in needed:
        problem = "by type, and some of the accelerators have none"
        found.append(Violation(CALL, "", SIZE.name, problem, "one number, or accelerator_type of all data centres"))
    return found


def _parts(table: pd.DataFrame, key: tuple[str, ...], count: FloatArray, rows: BoolArray, rule: PoolRule) -> FloatArray:
    """Return the part of the accelerators of each row that may be busy in every hour; 1 for rows that are not meant."""
    sizes = [rule.size_of(name) if meant else 1.0 for name, meant in zip(table["accelerator_type"], rows, strict=True)]
    size, has_some = np.array(sizes).reshape(-1, 1), _has_some(count) & rows[:, None]
    servers = np.where(has_some, whole_servers(count, size), 1.0)
    labels = [" ".join(map(str, row)) for row in table[list(key)].itertuples(index=False)]
    violations = [
        Violation(CALL, labels[row], SIZE.name, f"accelerators for {words} of {sizes[row]:g}", allowed)
        for is_so, words, allowed in (
            (servers < 1, "fewer than 1 server", "at least 1 server"),
            (servers > SERVERS.high, f"more than {SERVERS.high:,.0f} servers", "larger servers"),
        )
        for row in np.flatnonzero(is_so.any(axis=1)).tolist()
    ]
    refuse(violations)
    used = np.where(has_some, count, 1.0)
    return np.where(has_some, size * rule.load(servers) / used, 1.0).min(axis=1, initial=1.0)


def unknown(column: str, name: object, known: tuple[str, ...]) -> Violation:
    """Return the violation of a name that is not known."""
    return Violation(CALL, "", column, f"{show(name)} is unknown", nearest_or_all(name, known) or "one number")


def remark(words: str, names: np.ndarray) -> list[str]:
    """Return a remark on some names, if there are any."""
    return [f"{words} {', '.join(map(str, names))}"] if len(names) else []
