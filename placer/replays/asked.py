"""What a replay is asked for, and every reason why it cannot be replayed."""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from placer.errors import ArgumentError, Violation, refuse
from placer.instance.arguments import need
from placer.instance.attributes.columns import Column, Kind
from placer.instance.attributes.validation import number_problem, show
from placer.instance.checks.contract_checks import contracts_refused
from placer.instance.checks.policy_checks import quota_problems
from placer.instance.checks.pool_checks import pools_refused
from placer.instance.hours.horizon import index_of
from placer.instance.problem import Instance
from placer.replays.day import ORDERS, Order
from placer.replays.rules import RULES, Rule

if TYPE_CHECKING:
    from placer.histories.around import DemandHistory

#: Names of rules, or rules of one's own.
Rules = str | Rule | Iterable[str | Rule] | Mapping[str, Rule]

#: The forecast that is the day itself.
PERFECT = "perfect"
_SUBSTEPS = Column("substeps", Kind.WHOLE, low=1, high=600, scaled=False)
_SEED = Column("seeds", Kind.WHOLE, low=0, scaled=False)
_DISPERSION = Column("dispersion", low=1, high=1e6, scaled=False)


@dataclass(frozen=True)
class Asked:
    """The options of a replay.

    Attributes
    ----------
    rules : dict of str to Rule
    forecast : Instance, ``perfect`` or None
    order : str
    late_usd_per_mtok : mapping of str to float
    """

    rules: dict[str, Rule]
    days: list[int] | None
    forecast: Instance | str | None
    substeps: int
    order: Order
    dispersion: float
    seeds: list[int]
    late_usd_per_mtok: Mapping[str, float]

    def check(self, instance: Instance, history: DemandHistory) -> None:
        """Refuse options and instances that cannot be replayed.

        Raises
        ------
        InstanceError
            Listing every violation.
        """
        found = self._wrong_options(history) + _wrong_instance(instance, history.instance)
        found += _with_steps(instance, "instance") or _with_steps(history.instance, "history")
        if isinstance(self.forecast, Instance):
            found += _with_steps(self.forecast, "forecast")
            found += _wrong_names(self.forecast, history.instance, "forecast")
        elif self.forecast not in (None, PERFECT):
            found.append(
                Violation("replay", "", "forecast", f"{self.forecast!r} is none", f"an instance, or {PERFECT}")
            )
        refuse(found)

    def _wrong_options(self, history: DemandHistory) -> list[Violation]:
        values: list[tuple[Column, object]] = [(_SUBSTEPS, self.substeps), *((_SEED, seed) for seed in self.seeds)]
        values += [] if self.dispersion == 0 else [(_DISPERSION, self.dispersion)]
        problems = [(column, number_problem(value, column) or _seed_problem(value, column)) for column, value in values]
        found = [Violation("replay", "", column.name, text, column.allowed) for column, text in problems if text]
        found += _repeated("seeds", self.seeds)
        if self.order not in ORDERS:
            found.append(Violation("replay", "", "order", f"{self.order!r} is none", ", ".join(ORDERS)))
        if not self.seeds:
            found.append(Violation("replay", "", "seeds", "no seeds", "one or more"))
        days = list(range(history.days)) if self.days is None else self.days
        found += [
            Violation("replay", "", "days", f"no day {day!r}", f"a whole number from 0 to {history.days - 1}")
            for day in days
            if not (_is_integer(day) and 0 <= day < history.days)
        ]
        found += _repeated("days", days)
        if not days:
            found.append(Violation("replay", "", "days", "no days", "one or more"))
        known = history.instance.workloads["workload"].tolist()
        for name, usd in self.late_usd_per_mtok.items():
            if name not in known:
                found.append(Violation("replay", name, "late_usd_per_mtok", "no such workload", ", ".join(known)))
            elif not (isinstance(usd, (int, float)) and 0 <= usd < np.inf):
                found.append(Violation("replay", name, "late_usd_per_mtok", f"{usd!r}", "number, >= 0, finite"))
        if self.dispersion and np.isnan(history.mtok_per_request).any():
            problem = "a workload whose class has no requests or no tokens"
            found.append(Violation("replay", "", "dispersion", problem, "both in the history, or a dispersion of 0"))
        return found


def rules_of(given: Rules) -> dict[str, Rule]:
    """Return rules by their names.

    Raises
    ------
    InstanceError
        Listing every name that is no rule, every rule that cannot be called, and every name that stands twice.
    """
    named = list(given.items()) if isinstance(given, Mapping) else [_named(each) for each in _several(given)]
    allowed = "a function" if isinstance(given, Mapping) else f"{', '.join(RULES)}, or a function"
    found = [_no_rule(rule, allowed) for _, rule in named if not callable(rule)]
    found += [_no_rule(name, "a text as its name") for name, _ in named if not isinstance(name, str)]
    found += _repeated("rules", [name for name, _ in named])
    if not named:
        found.append(Violation("replay", "", "rules", "no rules", "one or more"))
    refuse(found)
    return dict(named)


def integers_of(given: Iterable[int], name: str) -> list[int]:
    """Return days or seeds as a list, unchecked.

    Raises
    ------
    ArgumentError
        If there is one alone.
    """
    need(given, Iterable, f"several whole numbers as {name}", f"write {name}=[0]")
    return list(given)


def _several(given: Any) -> list[Any]:
    """Return rules as a list; what is no rule stays."""
    is_one = isinstance(given, str) or callable(given) or not isinstance(given, Iterable)
    return [given] if is_one else list(given)


def _named(rule: str | Rule) -> tuple[str, Any]:
    """Return the name of a rule, and the rule of a name; a name that is none stays."""
    return (rule, RULES.get(rule, rule)) if isinstance(rule, str) else (getattr(rule, "__name__", show(rule)), rule)


def _no_rule(rule: object, allowed: str) -> Violation:
    return Violation("replay", "", "rules", f"no rule {show(rule)}", allowed)


def _seed_problem(value: object, column: Column) -> str:
    """Return why a number cannot seed random counts, as 1.0 cannot; nothing for another column."""
    return f"{show(value)} is no integer" if column is _SEED and not _is_integer(value) else ""


def _is_integer(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _repeated(name: str, values: list[Any]) -> list[Violation]:
    """Return a violation for every value that stands more than once."""
    counts = Counter(value for value in values if isinstance(value, str) or _is_integer(value))
    return [
        Violation("replay", "", name, f"{value} stands {count} times", "once")
        for value, count in counts.items()
        if count > 1
    ]


def check_sent(rules: Mapping[str, Rule]) -> None:
    """Refuse rules that cannot be sent to other processes.

    Raises
    ------
    ArgumentError
    """
    for name, rule in rules.items():
        try:
            pickle.dumps(rule)
        except (AttributeError, TypeError, pickle.PicklingError) as error:
            where = "a function of a module can, and one worker needs no other process"
            raise ArgumentError(f"rule {name} cannot be sent to other processes: {error}; {where}") from error


def _wrong_instance(instance: Instance, own: Instance) -> list[Violation]:
    found = _wrong_names(instance, own, "instance")
    if len(np.unique(instance.blocks)) > 1 or (instance.weights != 1).any():
        found.append(
            Violation("instance", "", "periods", "blocks, or hours with weights", "one block of hours that count once")
        )
    if len(instance.backlog):
        found.append(Violation("instance", "", "backlog", "a backlog", "none: days begin without work that waits"))
    if (
        len(instance.limits)
        or np.isfinite([instance.settings.carbon_limit_kg, instance.settings.water_limit_litres]).any()
    ):
        found.append(Violation("instance", "", "limits", "limits over the day", "none: a rule cannot keep them"))
    found += pools_refused(instance.accelerator_pools, "a replay")
    found += contracts_refused(instance.contracts, "a replay takes no contracts of power")
    found += quota_problems(instance.tables["policies"], "a quota over the day", "none: a rule cannot keep it")
    if np.isfinite(instance.hourly("power_zones", "limit_mw")).any():
        found.append(
            Violation("instance", "", "power_zones.limit_mw", "limits of zones", "none: a rule cannot keep them")
        )
    return found


def _with_steps(instance: Instance, place: str) -> list[Violation]:
    """Return the violation of an instance whose demand has steps of value, which no history states."""
    problem = "steps of value: the demand of a day is that of its history, at one value a workload"
    allowed = "none; rules refuse by unserved_usd_per_mtok or value_usd_per_mtok"
    return [Violation(place, "", "demand_steps", problem, allowed)] if len(instance.demand_steps) else []


def _wrong_names(instance: Instance, own: Instance, place: str) -> list[Violation]:
    """Return what differs between an instance and that of the history: hours, and names with demand."""
    need(instance, Instance, "an instance", "placer.load(name) returns one")
    found = []
    if (
        not index_of(instance.hours).equals(index_of(own.hours))
        or instance.settings.hour_length != own.settings.hour_length
    ):
        found.append(Violation(place, "", "hours", "not those of the history", "the same hours"))
    if instance.settings.currency != own.settings.currency:
        found.append(Violation(place, "", "currency", instance.settings.currency, own.settings.currency))
    for table, column in (("workloads", "workload"), ("hubs", "hub")):
        missing = sorted(set(own.demand[column]) - set(getattr(instance, table)[column]))
        found += [
            Violation(place, str(name), table, "a name of the history that is missing", "the same names")
            for name in missing
        ]
    return found
