"""Changes of an assumption in plain form: factors or values of columns, in the rows that ``where`` names.

Several columns change together: their lists are of one length, and the first case has the first of each list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from placer.errors import ArgumentError
from placer.instance.attributes.schema import TABLES
from placer.instance.attributes.validation import show
from placer.instance.changes.chosen_rows import Where, listed
from placer.instance.problem import Instance

#: Function from an instance to an instance with another value of a figure.
Change = Callable[["Instance"], "Instance"]
#: ``table.column`` -> its factors or values, one for each case.
Cases = Mapping[str, Sequence[object]]
_EXAMPLE: Mapping[str, object] = {"power_zones.usd_per_mwh": [0.8, 1.2]}


def plain_changes(name: str, scale: Cases | None, values: Cases | None, where: Where | None) -> dict[str, Change]:
    """Return the changes that factors or values of columns stand for, by the value that tables show.

    Parameters
    ----------
    name : str
        Of the assumption, for messages.
    scale, values : mapping of str to sequence, optional
        One of them is given.
    where : str, iterable or mapping, optional
        As for ``Instance.scaled``.

    Raises
    ------
    ArgumentError
        If not just one of the two is given, or lists are empty or of different length.

    Examples
    --------
    >>> import placer
    >>> changes = plain_changes("price", {"power_zones.usd_per_mwh": [0.8, 1.2]}, None, "Plateau wind")
    >>> changes["1.2"](placer.load("tiny")).hourly("power_zones", "usd_per_mwh")[1]
    array([48., 24.])
    """
    given = [
        (change, cases)
        for change, cases in ((Instance.scaled, scale), (Instance.with_value, values))
        if cases is not None
    ]
    if len(given) != 1:
        raise ArgumentError(f"the assumption {name!r} needs one of changes, scale and set: {_written_as(name)}")
    change, cases = given[0]
    if not isinstance(cases, Mapping) or not cases:
        raise ArgumentError(f"{show(cases)} names no column: {_written_as(name)}")
    lists = {str(column): _listed(values) for column, values in cases.items()}
    counts = {column: len(values) for column, values in lists.items()}
    if len(set(counts.values())) > 1 or not all(counts.values()):
        lengths = ", ".join(f"{count} of {column}" for column, count in counts.items())
        raise ArgumentError(f"the assumption {name!r} needs as many values of every column, not {lengths}")
    rows = [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]
    changes: dict[str, Change] = {_label(row): partial(_changed, change, row, where) for row in rows}
    if len(changes) < len(rows):
        raise ArgumentError(f"the assumption {name!r} has a value twice; write each once")
    return changes


def need_changes(name: str, changes: object) -> None:
    """Refuse changes that are no functions, such as factors of a column, and say how these are written.

    Raises
    ------
    ArgumentError
    """
    if not isinstance(changes, Mapping):
        raise ArgumentError(f"{show(changes)} is no mapping of values to functions: {_written_as(name)}")
    strange = [value for value in changes.values() if not callable(value)]
    if strange:
        columns = changes if all(str(column).partition(".")[0] in TABLES for column in changes) else _EXAMPLE
        raise ArgumentError(f"{show(strange[0])} is no function of an instance: {_written_as(name, columns)}")


def _written_as(name: str, columns: Mapping[str, object] = _EXAMPLE) -> str:
    """Return the plain form of an assumption, to write in place of what was given."""
    return f"write placer.Assumption({name!r}, scale={dict(columns)!r}) for factors, or set=... for values"


def _listed(values: object) -> list[object]:
    """Return the values of a column as a list; one value alone is one case."""
    return list(values) if isinstance(values, (list, range)) else listed(values)


def _changed(
    change: Callable[..., Instance], row: Mapping[str, object], where: Where | None, instance: Instance
) -> Instance:
    for column, value in row.items():
        instance = change(instance, column, value, where)
    return instance


def _label(row: Mapping[str, object]) -> str:
    """Return what tables show of a case: each value once."""
    texts = [f"{value:g}" if isinstance(value, (int, float)) else str(value) for value in row.values()]
    return ", ".join(dict.fromkeys(texts))
