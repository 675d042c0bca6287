"""Checks of argument types, each with a one-sentence error where the argument enters."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from numbers import Real

from placer.errors import ArgumentError, PlacerError, SolverError, refuse
from placer.instance.attributes.validation import show
from placer.instance.checks.battery_checks import batteries_refused
from placer.instance.problem import Instance
from placer.utils.processes import MOST_WORKERS


def need(value: object, kind: type | tuple[type, ...], what: str, hint: str) -> None:
    """Refuse an argument of another type.

    Parameters
    ----------
    value : object
        The argument.
    kind : type or tuple of types
    what : str
        The expected thing, with its article.
    hint : str
        How to obtain one.

    Raises
    ------
    ArgumentError
        In one sentence.

    Examples
    --------
    >>> need([0.5], dict, "a mapping of quantiles", "write {'p50': 1.0}")
    Traceback (most recent call last):
        ...
    placer.errors.ArgumentError: expected a mapping of quantiles, not [0.5]; write {'p50': 1.0}
    """
    if not isinstance(value, kind):
        raise ArgumentError(f"expected {what}, not {show(value)}; {hint}")


def need_instance(value: object) -> None:
    """Refuse anything but an instance, such as the name of a dataset."""
    name = repr(value) if isinstance(value, str) and len(value) < 40 else "folder"
    need(value, Instance, "an instance", f"placer.load({name}) returns one")


def need_placement(value: object) -> None:
    """Refuse anything but a placement, such as its instance."""
    if not all(hasattr(value, name) for name in ("instance", "formulation", "certificate")):
        given = "an instance" if isinstance(value, Instance) else show(value)
        raise ArgumentError(f"expected a placement, not {given}; placer.solve(instance) returns one")


def need_instance_placement(value: object, function: str) -> None:
    """Refuse anything but the placement of an instance, such as that of a ``placer.Model``.

    A function that goes back to the program of the instance would leave own rows and own columns out.
    """
    need_placement(value)
    if getattr(value, "extended", None) is not None:
        hint = f"{function} knows no own rows; placer.solve(instance) returns one without"
        raise ArgumentError(f"expected the placement of an instance, not that of a model: {hint}")


def need_plain_placement(value: object, function: str) -> None:
    """Refuse anything but the placement of an instance without batteries.

    Raises
    ------
    ArgumentError
        As ``need_instance_placement``.
    InstanceError
        If there are batteries.
    """
    need_instance_placement(value, function)
    refuse(batteries_refused(value.instance.batteries, function))  # type: ignore[attr-defined]  # needed above


def need_sets(value: object) -> None:
    """Refuse anything but a sequence of instances, such as a single instance."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        given = "an instance" if isinstance(value, Instance) else show(value)
        hint = "placer.synthetic.demand_sets(instance) returns one"
        raise ArgumentError(f"expected a sequence of instances, not {given}; {hint}")


def need_workers(workers: int | None, executor: Executor | None) -> None:
    """Refuse a number of workers that is no whole number from 1 to ``MOST_WORKERS``, and what is no executor."""
    is_whole = isinstance(workers, int) and not isinstance(workers, bool)
    if workers is not None and not (is_whole and 1 <= workers <= MOST_WORKERS):
        raise SolverError(f"workers {show(workers)} is not a whole number from 1 to {MOST_WORKERS:,}")
    need(executor, (Executor, type(None)), "an executor", "client.get_executor(pure=False) of a Dask client is one")


def need_mapping(value: object, what: str, example: str) -> None:
    """Refuse anything but a mapping."""
    need(value, Mapping, what, f"write {example}")


def need_number(value: object, name: str) -> None:
    """Refuse anything but a number, such as a number as text."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise ArgumentError(f"expected a number as {name}, not {show(value)}")


def need_at_least_0(value: float, name: str) -> None:
    """Refuse anything but a finite number of at least 0, such as NaN."""
    need_number(value, name)
    if not 0 <= value < math.inf:
        raise ArgumentError(f"expected a finite number of at least 0 as {name}, not {show(value)}")


def need_numbers(value: object, name: str, example: str) -> list[float]:
    """Return several numbers as floats; refuse anything but an iterable of numbers, such as a single number."""
    listed = list(value) if isinstance(value, Iterable) and not isinstance(value, str | Mapping) else None
    if listed is None or any(isinstance(each, bool) or not isinstance(each, Real) for each in listed):
        raise ArgumentError(f"expected several numbers as {name}, not {show(value)}; write {example}")
    return [float(each) for each in listed]


def need_names(value: object, name: str, example: str) -> None:
    """Refuse anything but a text or an iterable of names."""
    if not isinstance(value, Iterable):
        raise ArgumentError(f"expected a name or several names as {name}, not {show(value)}; write {example}")


def need_regions(value: object) -> None:
    """Refuse anything but names of exporting regions; None stands for the regions that the instance names."""
    if value is not None:
        need_names(value, "exporting regions", 'exporting="Europe" or exporting=["Asia", "Europe"]')


def need_progress(value: object) -> None:
    """Refuse anything but a callable; None stands for no progress reports."""
    if value is not None and not callable(value):
        raise ArgumentError(f"expected a function that takes a line of text as progress, not {show(value)}")


def need_one_currency(currencies: Mapping[str, str]) -> None:
    """Refuse to set amounts of several currencies side by side; the currencies are given by what is in them.

    Raises
    ------
    PlacerError
        If there is more than one; it names all.
    """
    if len(set(currencies.values())) > 1:
        told = ", ".join(f"{name} is in {currency}" for name, currency in currencies.items())
        raise PlacerError(f"amounts in several currencies cannot be set side by side: {told}")
