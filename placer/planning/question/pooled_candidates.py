"""Halls that share the servers of their site: what n modules carry grows faster than n.

A site has K_0 servers of s accelerators, and a module of m accelerators adds m / s more. With L(K) what K servers carry
(``placer.instance.queue_margin``), n modules add

    F(n) = s (L(K_0 + n m / s) - L(K_0))        accelerators that may be busy, of n m

F is convex: an economy of scale. So each number of modules is a candidate of its own: one module of n m units, of which
the share F(n) / (n m) can be used, and a build limit lets one of them be built. The plan is then one of whole modules
(``placer.planning.search.whole_units``), with its gap. Its relaxation mixes numbers of modules, and so counts each site
at the utilisation of its largest pool: a bound below every plan.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from placer.errors import Violation, refuse
from placer.instance.arguments import need_instance
from placer.instance.changes.queue_margins import PoolRule, usable_accelerators
from placer.instance.problem import Instance
from placer.instance.queue_margin import MarginRule
from placer.instance.tables.given import TableLike
from placer.planning.question.build_limits import BuildLimits, build_limits_of
from placer.planning.question.candidates import Candidates, UsableShare, candidates_at, candidates_of
from placer.planning.question.targets import target_problems
from placer.tolerances import INPUT
from placer.utils.arrays import FloatArray

_ADDS = "accelerators"


def pooled_candidates(
    instance: Instance,
    candidates: Candidates | TableLike,
    build_limits: BuildLimits | Mapping[str, float] | TableLike | None = None,
    *,
    server_accelerators: float,
    safety_factor: float | None = None,
    quantile: float | None = None,
    wait_probability: float | None = None,
    peakedness: float | Mapping[str, float] = 1.0,
) -> tuple[Instance, Candidates, BuildLimits]:
    """Return instance, candidates and build limits of a plan whose sites keep room for requests that arrive in bursts.

    They are the arguments of ``placer.plan``. A candidate of accelerators becomes one for each number of its modules,
    ``hall x 3``, of which one is built. The sites that it enlarges have in the instance the accelerators that
    may be busy in place of all; other sites have the queue margin of ``Instance.with_queue_margin``.

    Parameters
    ----------
    instance : Instance
        Without a queue margin.
    candidates : DataFrame, sequence of mappings, or Candidates
        Those of accelerators with ``module_units``, whole servers, and ``max_units``; one a data centre.
    build_limits : mapping of str to float, table, or BuildLimits, optional
    server_accelerators, safety_factor, quantile, wait_probability, peakedness
        As ``Instance.with_queue_margin`` has them, of servers that all work of a data centre shares.

    Raises
    ------
    InstanceError
        Listing every violation.

    Examples
    --------
    Two modules of ten servers carry more than twice what one does.

    >>> import placer
    >>> hall = {"candidate": "hall", "adds": "accelerators", "target": "Port", "usd_per_unit_year": 9000}
    >>> hall |= {"module_units": 10, "max_units": 30}
    >>> tiny = placer.load("tiny").with_value("data_centres.accelerators", 0, where="Port")
    >>> planned, halls, limits = pooled_candidates(tiny, [hall], server_accelerators=1, wait_probability=0.05)
    >>> halls.names
    ('hall x 1', 'hall x 2', 'hall x 3')
    >>> [f"{share * units:.1f}" for share, units in zip(halls.usable_share, halls.max_units)]
    ['5.3', '13.0', '21.2']
    """
    need_instance(instance)
    limits, violations = build_limits_of(build_limits)
    chosen, found = (candidates, []) if isinstance(candidates, Candidates) else candidates_of(candidates, limits)
    rule = PoolRule(server_accelerators, peakedness, MarginRule(safety_factor, quantile, wait_probability))
    workloads = tuple(instance.workloads["workload"])
    violations += found + rule.violations(((), ()), (workloads, workloads))
    violations += target_problems(instance, chosen.names, chosen.adds, chosen.target)
    if isinstance(server_accelerators, Mapping):
        problem, allowed = "by name", "one number"
        violations.append(Violation("pooled_candidates", "", "server_accelerators", problem, allowed))
    if not violations:
        violations += _problems(instance, chosen, server_accelerators)
    refuse(violations)
    known = dict(zip(instance.data_centres["data_centre"], instance.hourly("data_centres", _ADDS)[:, 0], strict=True))
    sizes = [_sizes(chosen, place, server_accelerators, rule, known) for place in range(len(chosen))]
    sites = {target for adds, target in zip(chosen.adds, chosen.target, strict=True) if adds == _ADDS}
    planned = _with_usable(instance, sites, server_accelerators, rule)
    return planned, *_expanded(chosen, limits, sizes)


def _problems(instance: Instance, candidates: Candidates, size: float) -> list[Violation]:
    """Return why candidates of accelerators are no modules of a pool that they alone enlarge."""
    rows = [place for place, adds in enumerate(candidates.adds) if adds == _ADDS]
    twice = Counter(candidates.target[place] for place in rows)
    accelerators = dict(zip(instance.data_centres["data_centre"], instance.hourly("data_centres", _ADDS), strict=True))
    found = []
    for place in rows:
        name, target, module = candidates.names[place], candidates.target[place], candidates.module_units[place]
        servers = module / size
        if np.isnan(module):
            found.append(Violation("candidates", name, "module_units", "missing: pools grow by modules", "> 0"))
        elif round(servers) < 1 or abs(servers - round(servers)) > INPUT * servers:
            problem = f"{module:g} accelerators are {servers:g} servers of {size:g}"
            found.append(Violation("candidates", name, "module_units", problem, "whole servers"))
        elif candidates.max_units[place] < module * (1 - INPUT):
            found.append(Violation("candidates", name, "max_units", "less than a module", f">= {module:g}"))
        if twice[target] > 1:
            problem = f"{twice[target]} candidates enlarge the pool of {target}"
            found.append(Violation("candidates", name, "target", problem, "one, since their gains do not add up"))
    for target in twice:
        if np.ptp(accelerators[target]) > 0:
            problem = "changes from hour to hour, and candidates enlarge it"
            found.append(Violation("data_centres", target, _ADDS, problem, "the same number in all hours"))
    return found


def _sizes(
    candidates: Candidates, place: int, size: float, rule: PoolRule, accelerators: Mapping[str, float]
) -> tuple[FloatArray, FloatArray]:
    """Return the units of each number of modules of a candidate, and the share of them that can be used.

    A candidate of anything else has no numbers of modules: two empty arrays.
    """
    if candidates.adds[place] != _ADDS:
        return np.zeros(0), np.zeros(0)
    module = candidates.module_units[place]
    units = module * np.arange(1, np.floor(candidates.max_units[place] / module * (1 + INPUT)) + 1)
    there = accelerators[candidates.target[place]]
    with_none, with_some = (usable_accelerators(each, size, rule) for each in (np.array([there]), there + units))
    return units, (with_some - with_none) / units


def _with_usable(instance: Instance, sites: set[str], size: float, rule: PoolRule) -> Instance:
    """Return the instance with the usable accelerators of some sites, and the queue margin of the others."""
    table = instance.data_centres
    enlarged = table["data_centre"].isin(sites).to_numpy()
    usable = [
        float(usable_accelerators(each[:1], size, rule)[0]) if is_enlarged else cell
        for cell, each, is_enlarged in zip(table[_ADDS], instance.hourly("data_centres", _ADDS), enlarged, strict=True)
    ]
    planned = instance.replace(data_centres=table.assign(**{_ADDS: pd.Series(usable, table.index, dtype=object)}))
    others = table["data_centre"][~enlarged].tolist()
    if not others:
        return planned
    margin = rule.margin
    return planned.with_queue_margin(
        size,
        safety_factor=margin.safety_factor,
        quantile=margin.quantile,
        wait_probability=margin.wait_probability,
        peakedness=rule.peakedness,
        where=others,
    )


def _expanded(
    candidates: Candidates, limits: BuildLimits, sizes: list[tuple[FloatArray, FloatArray]]
) -> tuple[Candidates, BuildLimits]:
    """Return the candidates with one for each number of modules, and the build limits with one for each of them."""
    names, place, units, share = list[str](), list[int](), list[float](), list[float]()
    for row, (amounts, shares) in enumerate(sizes):
        one = not len(amounts)
        names += (
            [candidates.names[row]] if one else [f"{candidates.names[row]} x {n}" for n in range(1, len(amounts) + 1)]
        )
        place += [row] * max(len(amounts), 1)
        units += [np.nan] if one else amounts.tolist()
        share += [1.0] if one else shares.tolist()
    rows, amount = np.array(place), np.array(units)
    pooled = [row for row, (amounts, _) in enumerate(sizes) if len(amounts)]
    parts = np.where(rows[:, None] == np.array(pooled, dtype=int), 1.0 / np.nan_to_num(amount, nan=1.0)[:, None], 0.0)
    own = tuple(f"one number of modules of {candidates.names[row]}" for row in pooled)
    together = BuildLimits(
        (*limits.names, *own), (*limits.sense, *("<=" for _ in own)), np.append(limits.amount, np.ones(len(own)))
    )
    is_pooled = np.isfinite(amount)
    repeated = candidates_at(candidates, rows)
    return replace(
        repeated,
        names=tuple(names),
        max_units=np.where(is_pooled, amount, repeated.max_units),
        module_units=np.where(is_pooled, amount, repeated.module_units),
        usable_share=tuple(_times(each, part) for each, part in zip(repeated.usable_share, share, strict=True)),
        takes=np.hstack([repeated.takes, parts]),
        limit_names=together.names,
    ), together


def _times(usable: UsableShare, part: float) -> UsableShare:
    """Return a share that can be used, times a part of it."""
    return tuple(each * part for each in usable) if isinstance(usable, tuple) else usable * part
