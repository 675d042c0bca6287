"""Changes of a live page applied to an instance, and the Python that applies the same: one list of steps for both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from placer.instance.problem import Instance
from placer.live.changes import AskedChanges, Changes
from placer.live.source import Source
from placer.version import VERSION


@dataclass(frozen=True)
class _Call:
    """A call of a method of an instance that returns another instance."""

    method: str
    arguments: tuple[Any, ...]

    def applied(self, instance: Instance) -> Instance:
        changed: Instance = getattr(instance, self.method)(*self.arguments)
        return changed

    @property
    def python(self) -> tuple[str, ...]:
        return (f"instance = instance.{self.method}({', '.join(map(repr, self.arguments))})",)


@dataclass(frozen=True)
class _WithoutPolicies:
    """Policies that no longer hold."""

    names: tuple[str, ...]

    def applied(self, instance: Instance) -> Instance:
        policies = instance.tables["policies"]
        return instance.replace(policies=policies[~policies["policy"].isin(self.names)])

    @property
    def python(self) -> tuple[str, ...]:
        return (
            'policies = instance.tables["policies"]',
            f'instance = instance.replace(policies=policies[~policies["policy"].isin({list(self.names)!r})])',
        )


def changed_instance(asked: AskedChanges) -> Instance:
    """Return the instance that changes make.

    Raises
    ------
    InstanceError
        If a change makes no valid instance, as the method of the instance says it.
    """
    instance = asked.before
    for step in _steps(asked):
        instance = step.applied(instance)
    return instance


def _steps(asked: AskedChanges) -> Iterator[_Call | _WithoutPolicies]:
    there, changes = asked.assumptions, asked.changes
    for key, value in changes.factors:
        factor = there.factors[key]
        columns = factor.columns[0] if len(factor.columns) == 1 else list(factor.columns)
        yield _Call("scaled", (columns, value) if factor.where is None else (columns, value, factor.where))
    for workload, admitted in changes.law:
        yield _Call("with_value", ("workloads.jurisdictions", list(admitted), workload))
    switches = [there.switches[key] for key in changes.off]
    if policies := tuple(switch.name for switch in switches if switch.table == "policies"):
        yield _WithoutPolicies(policies)
    if gone := (*(switch.name for switch in switches if switch.table != "policies"), *changes.links):
        yield _Call("without", gone)


def titled(source: Source, changes: Changes) -> str:
    """Return the title of an answer: the dataset, its scenarios, and that there are changes.

    Examples
    --------
    >>> from placer.live.source import dataset_source
    >>> titled(dataset_source("tiny"), Changes(("dispatch",), (("demand.mtok", 2.0),)))
    'tiny + dispatch + changes'
    """
    has_changes = changes != Changes(changes.scenarios)
    return " + ".join([source.name, *changes.scenarios, *(["changes"] if has_changes else [])])


def script(asked: AskedChanges, source: Source, *, with_ceiling: bool) -> str:
    """Return the Python that makes the instance of some changes, solves it, and writes its report."""
    title = titled(source, asked.changes)
    lines = [*source.python(asked.changes.scenarios), *(line for step in _steps(asked) for line in step.python)]
    lines += ["placement = placer.solve(instance)", "print(placement)"]
    given = [f"title={title!r}"]
    if with_ceiling:
        lines += ["ceiling = placer.export_ceiling(instance, placement=placement)", "print(ceiling)"]
        given.append("ceiling=ceiling")
    if source.described is not None:
        given.append(f"dataset=placer.datasets.describe({source.dataset!r})")
    lines.append(f'placer.write_report(placement, "report.html", {", ".join(given)})')
    body = "\n".join(f"    {line}" for line in lines)
    return (
        f'"""Written by a live page of placer {VERSION}: an instance with changes, solved and reported."""\n\n'
        f"import placer\n\n\ndef main():\n{body}\n\n\n"
        'if __name__ == "__main__":  # placer may start processes\n    main()\n'
    )
