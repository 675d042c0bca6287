"""States as users give them: shares of the year, times a year, demand tables, and changes of one instance."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import pandas as pd

from placer.errors import ArgumentError, InstanceError, Violation, collected, refuse
from placer.instance.arguments import need, need_numbers
from placer.instance.attributes.columns import Column
from placer.instance.attributes.schema import TABLES
from placer.instance.attributes.settings import SETTING_NAMES
from placer.instance.attributes.validation import is_missing, number_problem, show
from placer.instance.checks.contract_checks import totals_refused
from placer.instance.checks.policy_checks import QUOTA
from placer.instance.hours.days import days_of
from placer.instance.hours.hour_scopes import EACH
from placer.instance.problem import Instance
from placer.instance.tables.cleaning import FILE_ROUNDING
from placer.running import in_time
from placer.solvers.memory import largest_count
from placer.synthetic import SetsAround

#: Memory of a state in bytes, its instance and its program, and of each row of its demand; measured and rounded up.
_BYTES_PER_STATE, _BYTES_PER_ROW = 40_000, 40
_SHARE = Column("share", low=0, high=1, scaled=False)
_TIMES = Column("weight", low=0, scaled=False)


def horizon_hours(instance: Instance) -> float:
    """Return the hours of the horizon, weights of periods included."""
    return float(instance.weights.sum()) * instance.settings.hour_length


def with_shares(given: Mapping[str, Any]) -> dict[str, tuple[Instance, Any]]:
    """Return the instance and the share of every state; instances without a share have equal shares.

    Raises
    ------
    InstanceError
        Listing states without a name, and those of the same name once it is text.
    ArgumentError
        If a value is neither an instance nor an instance with a number, or only some have a number.
    """
    hint = "write (instance, 0.3), or the instance alone in every state"
    nameless = [repr(name) for name in given if is_missing(name) or not str(name).strip()]
    found = [Violation("states", name, "", "no name", "text that is not empty") for name in nameless]
    twice = [name for name, count in Counter(map(str, given)).items() if count > 1]
    found += [Violation("states", name, "", "given twice", "once") for name in twice]
    refuse(found)
    alone = [isinstance(value, Instance) for value in given.values()]
    if any(alone) and not all(alone):
        raise ArgumentError(f"expected a share of the year with every state, or with none; {hint}")
    pairs = {str(name): (value, 1 / len(given)) if all(alone) else value for name, value in given.items()}
    for value in pairs.values():
        is_pair = isinstance(value, Sequence) and len(value) == 2 and isinstance(value[0], Instance)
        if not is_pair or isinstance(value[1], bool) or not isinstance(value[1], Real):
            raise ArgumentError(f"expected an instance with its share of the year, not {show(value)}; {hint}")
    return {name: (instance, share) for name, (instance, share) in pairs.items()}


def check_drawn(sets: SetsAround) -> None:
    """Refuse more demand sets than fit into the free memory as states.

    Raises
    ------
    InstanceError
        With the largest number.
    """
    each = _BYTES_PER_STATE + _BYTES_PER_ROW * len(sets.instance.demand)
    if len(sets) > (most := largest_count(each)):
        problem = f"{len(sets):,} demand sets need about {len(sets) * each / 1e9:,.1f} GB"
        raise InstanceError([Violation("states", "", "count", problem, f"at most {most:,} in the memory that is free")])


def share_problems(given: Mapping[str, tuple[Instance, Any]]) -> list[Violation]:
    """Return the defects of the shares of the year."""
    if not given:
        return [Violation("states", "", "", "no states", "one state or more")]
    problems = {name: number_problem(share, _SHARE) for name, (_, share) in given.items()}
    found = [Violation("states", name, "share", text, _SHARE.allowed) for name, text in problems.items() if text]
    total = math.fsum(share for _, share in given.values())
    if not found and abs(total - 1) > FILE_ROUNDING:
        hint = "1; States.days takes times a year"
        found.append(Violation("states", "", "share", f"shares of the year sum to {total:.9g}", hint))
    return found


def times_a_year(weights: Mapping[str, float] | Sequence[float], names: Sequence[str]) -> dict[str, float]:
    """Return the number of horizons a year of each state, by its name.

    Raises
    ------
    InstanceError
        If there is not one number of at least 0 for every state.
    """
    if isinstance(weights, Mapping):
        listed: dict[str, Any] = {str(name): value for name, value in weights.items()}
        found = [Violation("states", name, "weight", "missing", _TIMES.allowed) for name in names if name not in listed]
        found += [Violation("states", name, "weight", "no such state", "") for name in listed if name not in names]
    else:
        numbers = need_numbers(weights, "weights", "[200, 165]")
        found = []
        if len(numbers) != len(names):
            problem = f"{len(numbers)} weights for {len(names)} states"
            found.append(Violation("states", "", "weight", problem, "one weight a state"))
        listed = dict(zip(names, numbers, strict=False))
    problems = {name: number_problem(value, _TIMES) for name, value in listed.items()}
    found += [Violation("states", name, "weight", text, _TIMES.allowed) for name, text in problems.items() if text]
    refuse(found)
    return {name: float(listed[name]) for name in names}


def instance_of(given: Instance | pd.DataFrame, base: Instance | None) -> Instance:
    """Return the instance of a demand set: itself, or a base instance with the demand of a table.

    Raises
    ------
    ArgumentError
        If it is neither, or a table without a base instance.
    """
    if isinstance(given, Instance):
        return given
    need(given, pd.DataFrame, "instances or demand tables", "placer.DemandSets(instance, count=40) holds instances")
    need(base, Instance, "the instance that demand tables are put into", "write States.of(tables, instance)")
    return base.replace(demand=given)  # type: ignore[union-attr]  # needed above


def combined(base: Instance, one: Instance, two: Instance, name: str) -> Instance:
    """Return the instance with the changes of two instances against their base.

    Raises
    ------
    InstanceError
        If both change the same table or setting.
    """
    changes: dict[str, Any] = {}
    found = []
    for part in (*TABLES, *SETTING_NAMES):
        first, second = ({part: _part(each, part)} if not _same(each, base, part) else {} for each in (one, two))
        if first and second:
            found.append(Violation("states", name, part, "changed by both states", "changed by one of them"))
        changes |= first | second
    refuse(found)
    return base.replace(**changes) if changes else base


def _part(instance: Instance, part: str) -> Any:
    return instance.tables[part] if part in TABLES else getattr(instance.settings, part)


def _same(one: Instance, base: Instance, part: str) -> bool:
    """Whether a table or setting of an instance equals that of its base."""
    mine, its = _part(one, part), _part(base, part)
    return bool(mine.equals(its)) if part in TABLES else mine == its


def cut_into_blocks(instance: Instance) -> dict[str, tuple[Instance, float]]:
    """Return each block of an instance, or each day if it has one block, with its share of the year, by name.

    Raises
    ------
    InstanceError
        Listing what ties blocks together; or if the hours are whole numbers in one block.
    """
    violations = _tied_together(instance)
    days = collected(violations, lambda: days_of(instance.hours, instance.periods))
    if violations or days is None:
        raise InstanceError(violations)
    hours, total, ends = instance.hours, horizon_hours(instance), days.starts.tolist()
    given = {}
    for name, first, end in in_time(zip(days.labels, ends[:-1], ends[1:], strict=True), "cutting blocks apart"):
        part = instance.between(hours[first], hours[end - 1])
        given[name] = part, horizon_hours(part) / total
    return given


def _tied_together(instance: Instance) -> list[Violation]:
    """Return what ties the blocks of an instance together, so that they are no states of their own."""
    settings, limits = instance.settings, instance.limits
    allowed = "none: each state would have all of it"
    caps = {name: getattr(settings, name) for name in ("carbon_limit_kg", "water_limit_litres")}
    found = [
        Violation("settings", "", name, "a limit over all blocks", allowed)
        for name, limit in caps.items()
        if math.isfinite(limit)
    ]
    names = [*limits["limit"][limits["hours"] != EACH]]
    found += [
        Violation("limits", str(name), "", "it may count in several blocks", "limits on each hour") for name in names
    ]
    found += totals_refused(instance.contracts, "a state for each block")
    policies = instance.tables["policies"]
    quotas = policies["policy"][policies["kind"] == QUOTA]
    found += [Violation("policies", str(name), "", "a quota over all blocks", allowed) for name in quotas]
    if not instance.blocks[-1] and (instance.workloads["deadline_hours"] > 0).any():
        problem = "work may wait from one day to the next"
        found.append(Violation("periods", "", "block", problem, "a block for each day, within which work waits"))
    return found
