"""The definition of security: what may be lost, what must stay served, and how long a loss lasts.

Placements, ceilings, audits and plans take the same value. A field that a question cannot heed is refused there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, cast, get_args

import pandas as pd

from placer.errors import ArgumentError, InstanceError, Violation, refuse
from placer.instance.attributes.columns import Column
from placer.instance.attributes.schema import WORKLOADS
from placer.instance.attributes.synonyms import meant, perhaps
from placer.instance.attributes.validation import is_missing, number_problem, show
from placer.instance.tables.given import TableLike

#: Contingencies by kind: each data centre, power zone, region or link is lost alone.
Kind = Literal["data_centres", "power_zones", "regions", "links"]
#: The work that recourse may place again in a contingency: the displaced work, or all work.
Recourse = Literal["displaced", "all"]

KINDS: tuple[Kind, ...] = get_args(Kind)
_RECOURSES: tuple[str, ...] = get_args(Recourse)
_SHARE = WORKLOADS.column("tools_colocated")  # a number from 0 to 1
_HOURS = Column("hours_a_year", low=0, scaled=False)
_TABLE = "contingencies"


@dataclass(frozen=True)
class Loss:
    """One row of a table of contingencies: a loss of a contingency; empty text for an empty column.

    Attributes
    ----------
    contingency : str
        Name of the contingency. Rows of one name are lost together.
    power_zone : str
        All supplies out of the zone; with a data centre, those from the zone to the data centre.
    region : str
        All data centres of the region.
    from_node, to_node : str
        All links between the two nodes, in either direction.
    """

    contingency: str
    data_centre: str = ""
    power_zone: str = ""
    region: str = ""
    from_node: str = ""
    to_node: str = ""


#: The columns of a table of contingencies, and the fields of ``Loss`` that hold them.
_COLUMNS = {field.name.removesuffix("_node"): field.name for field in fields(Loss)}


@dataclass(frozen=True)
class Security:
    """What may be lost, what must then stay served, and how long a loss lasts.

    ``placer.solve``, ``placer.plan``, ``placer.plan_years``, ``placer.export_ceiling``, ``placer.ceiling_curve`` and
    ``placer.audit`` take it as ``security``, or a kind of contingencies by its name.

    Parameters
    ----------
    contingencies : str, or DataFrame or sequence of mappings
        ``data_centres``, ``power_zones``, ``regions`` or ``links``: each of them is lost alone. Or a user's own table
        with the columns of ``placer.security.definition.Loss`` (``from`` and ``to`` for the ends of links): one row for
        each loss, and the losses of one ``contingency`` occur together.
    recourse : str, optional
        ``displaced``: only work served at a lost element moves, and all other work stays. ``all``: all work may be
        placed anew. If not given, ``all`` in a plan, whose builds serve every loss by a placement of its own, and
        ``displaced`` elsewhere.
    protected : mapping, optional
        The share of a workload, from 0 to 1, that must survive. The default is 1, and 0 for work that waits: it may be
        dropped, and its accelerators become free. Stored as pairs.
    most_stranded : float, optional
        The largest share of all protected work, from 0 to 1, that may strand in a contingency. If not given, none may
        strand in a plan or an audit that passes. Placements and ceilings strand the least they can, and refuse it.
    hours_a_year : float
        Hours a year that each contingency lasts, which weight its cost in a plan. Placements, ceilings and audits
        count no cost of contingencies.

    Raises
    ------
    InstanceError
        Listing every violation. Names are checked when the security is applied to an instance.

    Examples
    --------
    >>> import placer
    >>> placer.Security("data_centres", protected={"chat": 0.5}).protected
    (('chat', 0.5),)
    >>> storm = [{"contingency": "storm", "data_centre": name} for name in ("Metro", "Port")]
    >>> len(placer.Security(storm).contingencies)
    2
    """

    contingencies: Kind | TableLike | tuple[Loss, ...] = "data_centres"
    recourse: Recourse | None = None
    protected: Mapping[str, float] | tuple[tuple[str, float], ...] = ()
    most_stranded: float | None = None
    hours_a_year: float = 0.0

    def __post_init__(self) -> None:
        """Check all fields, and store tables as tuples."""
        found: list[Violation] = []
        losses = _contingencies(self.contingencies, found)
        if self.recourse is not None and not (isinstance(self.recourse, str) and self.recourse in _RECOURSES):
            found.append(_of("recourse", f"{show(self.recourse)} is unknown", " or ".join(_RECOURSES)))
        if self.most_stranded is not None and (problem := number_problem(self.most_stranded, _SHARE)):
            found.append(_of("most_stranded", problem, _SHARE.allowed))
        if problem := number_problem(self.hours_a_year, _HOURS):
            found.append(_of("hours_a_year", problem, _HOURS.allowed))
        protected = _protected(self.protected, found)
        refuse(found)
        object.__setattr__(self, "contingencies", losses)
        object.__setattr__(self, "protected", protected)

    @property
    def losses(self) -> tuple[Loss, ...]:
        """The rows of the user's table; none for a kind of contingencies."""
        return tuple(loss for loss in self.contingencies if isinstance(loss, Loss))

    @property
    def protected_shares(self) -> dict[str, float]:
        """The given shares, by workload."""
        return dict(self.protected)


def security_of(given: object, recourse: Recourse = "displaced") -> Security:
    """Return a security, or that of a kind of contingencies, with the rule of a question where it has none.

    Raises
    ------
    ArgumentError
        If it is neither a security nor text.
    InstanceError
        If no kind has that name.

    Examples
    --------
    >>> security_of("links").recourse
    'displaced'
    """
    chosen = Security(cast("Kind", given)) if isinstance(given, str) else given
    if not isinstance(chosen, Security):
        raise ArgumentError(f'expected a security, not {show(given)}; write placer.Security("{KINDS[0]}")')
    return chosen if chosen.recourse else replace(chosen, recourse=recourse)


def need_least_stranded(security: Security) -> None:
    """Refuse a share that may strand, for placements and ceilings, which strand the least they can."""
    if security.most_stranded is not None:
        problem = f"{security.most_stranded:g}, and no more strands than has to"
        raise InstanceError([_of("most_stranded", problem, "not given; placer.plan and placer.audit take it")])


def _of(column: str, problem: str, allowed: str, row: str = "") -> Violation:
    return Violation("security", row, column, problem, allowed)


def _protected(given: Any, found: list[Violation]) -> tuple[tuple[str, float], ...]:
    """Return pairs of workload and share; violations are noted."""
    if not isinstance(given, (Mapping, tuple)) or (isinstance(given, tuple) and not all(map(_is_pair, given))):
        found.append(_of("protected", f"{show(given)} is no mapping", "shares by workload"))
        return ()
    pairs = tuple(given.items() if isinstance(given, Mapping) else given)
    twice = {name for name, count in Counter(str(name) for name, _ in pairs).items() if count > 1}
    found += [_of("protected", "given twice", "once", name) for name in sorted(twice)]
    for name, share in pairs:
        if problem := number_problem(share, _SHARE):
            found.append(_of("protected", problem, "a share from 0 to 1", str(name)))
    return tuple((str(name), float(share)) for name, share in pairs) if not found else ()


def _is_pair(item: object) -> bool:
    return isinstance(item, tuple) and len(item) == len(("workload", "share"))


def _contingencies(given: Any, found: list[Violation]) -> Any:
    """Return a kind, or the rows of a table as losses; violations are noted."""
    if isinstance(given, str):
        if given not in KINDS:
            near = meant(given, KINDS)
            allowed = perhaps(given, near) if near else f"{', '.join(KINDS)}, or a table"
            found.append(_of("contingencies", f"{show(given)} is unknown", allowed))
        return given
    if isinstance(given, tuple) and given and all(isinstance(loss, Loss) for loss in given):
        return given
    return _losses(_rows(given, found), found)


def _rows(given: Any, found: list[Violation]) -> list[Mapping[Any, Any]]:
    """Return the rows of a table; violations are noted."""
    if isinstance(given, pd.DataFrame):
        twice = given.columns[given.columns.duplicated()].unique()
        found += [Violation(_TABLE, "", str(column), "column given twice", "once") for column in twice]
        return [dict(zip(given.columns, row, strict=True)) for row in given.itertuples(index=False, name=None)]
    if isinstance(given, Sequence) and all(isinstance(row, Mapping) for row in given):
        return list(given)
    found.append(_of("contingencies", f"{show(given)} is no table", f"{', '.join(KINDS)}, or a table"))
    return []


def _losses(rows: Iterable[Mapping[Any, Any]], found: list[Violation]) -> tuple[Loss, ...]:
    """Return the rows as losses; unknown columns, values other than text, empty rows and equal rows are noted."""
    read, before, seen = [], len(found), []
    for place, row in enumerate(rows, 1):
        label = f"row {place}"
        for column in row.keys() - _COLUMNS.keys():
            near = meant(str(column), tuple(_COLUMNS))
            allowed = perhaps(str(column), near) if near else ", ".join(_COLUMNS)
            found.append(Violation(_TABLE, label, str(column), "unknown column", allowed))
        cells = {column: row[column] for column in _COLUMNS if column in row and not is_missing(row[column])}
        for column, value in cells.items():
            if not isinstance(value, str) or not value.strip():
                found.append(Violation(_TABLE, label, column, f"{show(value)} is no name", "text that is not empty"))
        found += _incomplete(cells, label)
        if cells and cells in seen:
            found.append(Violation(_TABLE, label, "", "given twice", "once"))
        seen.append(cells)
        read.append(Loss(**{_COLUMNS[column]: str(value) for column, value in {"contingency": "", **cells}.items()}))
    if not read and len(found) == before:
        found.append(Violation(_TABLE, "", "", "no rows", "one or more"))
    return tuple(read)


def _incomplete(cells: Mapping[str, Any], label: str) -> list[Violation]:
    """Return the missing and the conflicting cells of a row."""
    lost = "a data_centre, a power_zone, both, a region, or from and to"
    problems = []
    if "contingency" not in cells:
        problems.append(Violation(_TABLE, label, "contingency", "missing", "the name of the contingency"))
    if frozenset(cells) - {"contingency"} not in _WAYS:
        given = ", ".join(sorted(set(cells) - {"contingency"})) or "nothing"
        problems.append(Violation(_TABLE, label, "", f"no single kind of loss ({given})", lost))
    return problems


#: The columns that together define the loss.
_WAYS = {
    frozenset(way)
    for way in (("data_centre",), ("power_zone",), ("data_centre", "power_zone"), ("region",), ("from", "to"))
}
