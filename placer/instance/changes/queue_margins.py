"""Room for requests that arrive in bursts: what pools of servers may carry, in place of all that they could work.

A server takes ``size`` accelerators; L(K) is what K servers carry (``placer.instance.queue_margin``).

    K_jt = whole servers of the accelerators of site j in hour t, shared by all classes
    max_utilisation_j  becomes  max_utilisation_j min_t (size L(K_jt) / accelerators_jt)

K is given: L(K) is convex in K, an economy of scale, so that no linear program can choose K. The loads of classes that
share servers add up, and so do their variances ``D_k L_k``. The peakedness of their sum is the mean of D weighted with
load; ``sum L_k + b sqrt(sum D_k L_k) <= K`` is not convex in the mix. With the largest D every mix keeps its promise.
Servers of a class of its own are in ``placer.instance.changes.own_servers``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.errors import InstanceError, Violation, collected
from placer.instance.attributes.columns import Column
from placer.instance.attributes.schema import DATA_CENTRES
from placer.instance.attributes.synonyms import nearest_name
from placer.instance.attributes.validation import number_problem, show
from placer.instance.changes.chosen_rows import chosen_rows
from placer.instance.queue_margin import PEAKEDNESS, SERVERS, MarginRule

if TYPE_CHECKING:
    from placer.instance.changes.chosen_rows import Tables, Where
    from placer.utils.arrays import FloatArray

CALL = "with_queue_margin"
_SIZE = Column("server_accelerators", low=0, low_open=True, scaled=False)
#: Part of a server that is rounding.
_ROUNDING = 1e-9

#: A number for all workloads, or one for each.
ByWorkload = float | Mapping[str, float]


@dataclass(frozen=True, eq=False)
class PoolRule:
    """What a margin is asked for.

    Attributes
    ----------
    size : float or mapping of str to float
        Accelerators of a server.
    peakedness : float or mapping of str to float
    margin : MarginRule
    """

    size: ByWorkload
    peakedness: ByWorkload
    margin: MarginRule

    def violations(self, workloads: tuple[str, ...], named: tuple[str, ...]) -> list[Violation]:
        """Return every defect, where the ``named`` of the workloads need figures."""
        found = self.margin.violations(CALL)
        for column, given in ((_SIZE, self.size), (PEAKEDNESS, self.peakedness)):
            if not isinstance(given, Mapping):
                figures = {"": given}
            else:
                figures = dict(given)
                found += [unknown(column.name, name, workloads) for name in given if name not in workloads]
                missing = ", ".join(name for name in named if name not in given)
                if missing:
                    found.append(Violation(CALL, "", column.name, f"none for {missing}", "one for each"))
            for name, figure in figures.items():
                if problem := number_problem(figure, column):
                    found.append(Violation(CALL, str(name), column.name, problem, column.allowed))
        return found

    def load(self, servers: FloatArray, workload: str | None = None) -> FloatArray:
        """Return what servers carry, in servers; of no workload the pool is shared by all."""
        if not isinstance(self.peakedness, Mapping):
            peakedness = self.peakedness
        else:
            peakedness = max(self.peakedness.values()) if workload is None else self.peakedness[workload]
        known, place = np.unique(servers, return_inverse=True)
        load = np.array([self.margin.load(each, peakedness) if each > 0 else 0.0 for each in known.tolist()])
        return load[place].reshape(servers.shape)


def usable_accelerators(accelerators: FloatArray, size: float, rule: PoolRule) -> FloatArray:
    """Return the accelerators that may be busy where all of a pool are shared; inf where it is unlimited."""
    servers = whole_servers(accelerators, size)
    limited = np.isfinite(servers)
    return np.where(limited, size * rule.load(np.where(limited, servers, 0.0)), np.inf)


def whole_servers(accelerators: FloatArray, size: float) -> FloatArray:
    """Return the number of whole servers of some accelerators.

    Examples
    --------
    >>> whole_servers(np.array([0.3, 16.0, np.inf]), 0.1).tolist()
    [3.0, 160.0, inf]
    """
    servers = accelerators / size
    return np.asarray(np.floor(servers * (1 + _ROUNDING)))


def shared_margins(
    tables: Tables, accelerators: FloatArray, rule: PoolRule, where: Where | None, *, directed: bool
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Return the data centres with the utilisation that pools shared by all work may have, and remarks.

    Parameters
    ----------
    tables : mapping of str to DataFrame
    accelerators : (data centres, hours) array
    rule : PoolRule
    where : str, iterable or mapping, optional
        The data centres; all if not given.
    directed : bool
        As of ``chosen_rows``.

    Raises
    ------
    InstanceError
        Listing every violation.
    """
    centres, column = tables["data_centres"], DATA_CENTRES.column("max_utilisation")
    workloads = tuple(tables["workloads"]["workload"])
    violations = rule.violations(workloads, workloads)
    chosen = collected(violations, partial(chosen_rows, tables, DATA_CENTRES, column, where, directed=directed))
    if isinstance(rule.size, Mapping):
        allowed = "one number, or servers by workload and data centre"
        violations.append(Violation(CALL, "", _SIZE.name, "by workload, of servers that all share", allowed))
    if violations or chosen is None or isinstance(rule.size, Mapping):
        raise InstanceError(violations)
    names = centres["data_centre"].to_numpy(object)
    has_some = (accelerators > 0) & np.isfinite(accelerators)
    taking = chosen[0] & has_some.any(axis=1)
    servers = whole_servers(accelerators, rule.size)
    small = taking & (has_some & (servers < 1)).any(axis=1)
    large = taking & (has_some & (servers > SERVERS.high)).any(axis=1)
    if small.any() or large.any():
        problem = f"accelerators for fewer than 1 server of {rule.size:g}"
        violations = [Violation(CALL, str(name), _SIZE.name, problem, "at least 1 server") for name in names[small]]
        problem = f"accelerators for more than {SERVERS.high:,.0f} servers of {rule.size:g}"
        violations += [Violation(CALL, str(name), _SIZE.name, problem, "larger servers") for name in names[large]]
        raise InstanceError(violations)
    used = np.where(has_some, accelerators, 1.0)
    part = np.where(has_some, usable_accelerators(used, rule.size, rule) / used, 1.0).min(axis=1)
    before = centres["max_utilisation"].to_numpy(float)
    after = np.where(taking, before * part, before)
    return {"data_centres": centres.assign(max_utilisation=after)}, [
        *remark("the queue margin multiplies the max_utilisation of", names[taking & (before < 1)]),
        *remark("no queue margin without a number of accelerators:", names[chosen[0] & ~taking]),
    ]


def unknown(column: str, name: object, known: tuple[str, ...]) -> Violation:
    """Return the violation of a name that is not known."""
    near = nearest_name(str(name), known)
    return Violation(CALL, "", column, f"{show(name)} is unknown", f"perhaps {near}" if near else ", ".join(known))


def remark(words: str, names: np.ndarray) -> list[str]:
    """Return a remark on some names, if there are any."""
    return [f"{words} {', '.join(map(str, names))}"] if len(names) else []
