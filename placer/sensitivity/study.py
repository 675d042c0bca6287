"""Sensitivity of the headline figures: each assumption behind them is varied alone.

    cases    the instance as given, and for each value of each assumption the instance with that value
    rows     ``placer.solve_many`` solves each case and its ceilings; a store, if given, keeps the row
    ranges   the lowest and highest value of every figure over all cases
    swings   the lowest and highest value of one figure by assumption: a tornado plot

Each case changes one assumption only; errors in two assumptions at once are not covered.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from placer.batch.identity import digest
from placer.batch.report import check_figure
from placer.batch.runner import solve_many
from placer.batch.store import Store
from placer.ceiling.limits import LIMITS
from placer.errors import InstanceError, StoreError, Violation, refuse
from placer.instance.arguments import need_instance, need_one_currency
from placer.instance.problem import Instance
from placer.sensitivity.assumptions import Assumption
from placer.sensitivity.conclusions import LARGEST_LIMIT, Conclusion, case_name, check_conclusions, verdicts
from placer.sensitivity.figures import FIGURES, check_figures, default_figures
from placer.sensitivity.result import Sensitivity
from placer.tolerances import SOLVER
from placer.utils.processes import InThisProcess
from placer.utils.reading import with_home
from placer.version import VERSION

#: The texts that a study keeps of every assumption, besides its name.
ASSUMPTION_TEXTS = ("base", "unit", "description", "source", "kind")
#: The assumption name of the unchanged case.
AS_GIVEN = "as given"


@dataclass(frozen=True, eq=False)
class Case:
    """An instance with one assumption at one value; the case as given has ``AS_GIVEN`` and no value."""

    assumption: str
    value: str
    unit: str
    instance: Instance

    @property
    def name(self) -> str:
        """The assumption and its value."""
        return case_name(self.assumption, self.value)


def cases_of(instance: Instance, assumptions: Sequence[Assumption]) -> list[Case]:
    """Return the instance as given, then the case of every value of every assumption.

    Raises
    ------
    InstanceError
        If two assumptions share a name, or values make an invalid instance; all such values are listed in one error.
    """
    names = [AS_GIVEN, *(each.name for each in assumptions)]
    repeated = sorted({name for name in names if names.count(name) > 1})
    refuse(Violation("sensitivity", name, "", "given twice", "another name") for name in repeated)
    cases, violations = [Case(AS_GIVEN, "", "", instance)], []
    for each in assumptions:
        for value, change in each.changes.items():
            try:
                cases.append(Case(each.name, value, each.unit, change(instance)))
            except InstanceError as error:
                violations += [
                    replace(found, table=f"{each.name} {value}: {found.table}") for found in error.violations
                ]
    refuse(violations)
    return cases


def about(assumptions: Sequence[Assumption]) -> pd.DataFrame:
    """Return the texts of every assumption: index ``assumption``, columns ``ASSUMPTION_TEXTS``."""
    texts = [[getattr(each, name) for name in ASSUMPTION_TEXTS] for each in assumptions]
    names = pd.Index([each.name for each in assumptions], name="assumption")
    return pd.DataFrame(texts, names, list(ASSUMPTION_TEXTS))


#: Columns that say how a case ended.
_ENDED = ("status", "detail", "seconds")


def sensitivity(
    instance: Instance,
    assumptions: Iterable[Assumption],
    *,
    figures: Sequence[str] | None = None,
    conclusions: Iterable[Conclusion] = (),
    store: str | os.PathLike[str] | None = None,
    resume: bool = False,
    workers: int = 1,
    executor: Executor | None = None,
    time_limit_seconds: float = math.inf,
    progress: Callable[[str], None] | None = None,
) -> Sensitivity:
    """Compute the headline figures while one assumption at a time takes each of its values.

    Parameters
    ----------
    instance : Instance
    assumptions : iterable of Assumption
        Those of a dataset: ``placer.read_assumptions("china")[0]``.
    figures : sequence of str, optional
        Names of ``placer.sensitivity.FIGURES``; the fewer, the faster. All if not given, without the ceilings where
        more than 12 regions may export.
    conclusions : iterable of Conclusion
        Sentences to test in every case.
    store : path, optional
        File that keeps the row of every case as it completes.
    resume : bool
        Resume the store if it exists: cases that it holds are not solved again.
    workers : int
        Number of processes; 1 means this process.
    executor : concurrent.futures.Executor, optional
        Runs the tasks in place of processes of this machine, such as ``client.get_executor(pure=False)`` of a Dask
        client; ``workers`` is the number of its workers.
    time_limit_seconds : float
        Time limit for each answer of a case; a case that takes longer has no figures. All cases together have no limit
        but that of ``placer.running`` around the call.
    progress : callable, optional
        Called with a sentence after every case, and on rows of the store that are damaged and solved again.

    Raises
    ------
    InstanceError
        If a figure is unknown, two assumptions or values share a name, or a value makes an invalid instance; raised
        before anything is solved.
    StoreError
        If the store exists and ``resume`` is False, or it holds other cases.

    Examples
    --------
    Tiny needs 310 accelerator-hours for 240 Mtok, so that 0.75 USD an hour (0.5 to 1.25) is 0.9688 USD per Mtok.

    >>> import placer
    >>> tiny = placer.load("tiny")
    >>> assumptions, conclusions = placer.read_assumptions("tiny")
    >>> found = placer.sensitivity(tiny, assumptions, conclusions=conclusions)
    >>> found.tornado("cost_usd_per_mtok")["swing"].round(4).to_dict()
    {'who pays for accelerators': 1.2917, 'accelerator price': 0.9688, 'round trips': 0.1437}
    """
    need_instance(instance)
    given, to_test = list(assumptions), list(conclusions)
    chosen = default_figures(instance) if figures is None else check_figures(figures, tuple(FIGURES), "sensitivity")
    check_conclusions(to_test, chosen)
    cases = cases_of(instance, given)
    need_one_currency({case.name: case.instance.settings.currency for case in cases})
    analyses = tuple(dict.fromkeys(FIGURES[name] for name in chosen))
    tell = progress or (lambda _: None)
    with _store(store, cases, analyses, time_limit_seconds, resume=resume) as kept:
        if kept is not None and kept.dropped:
            tell(f"{kept.about_damaged()}; solved again")
        solved = solve_many(
            [case.instance for case in cases],
            analyses,
            base=instance,
            workers=workers,
            executor=executor or (InThisProcess() if workers == 1 else None),
            store=kept,
            time_limit_seconds=time_limit_seconds,
        )
        rows = _in_order(solved, cases, tell)
    table = _table(cases, rows, chosen)
    return Sensitivity(table, chosen, about(given), verdicts(table, to_test), instance.settings.currency)


def _store(
    file: str | os.PathLike[str] | None,
    cases: Sequence[Case],
    analyses: Sequence[str],
    time_limit_seconds: float,
    *,
    resume: bool,
) -> AbstractContextManager[Store | None]:
    """Open the store of the cases, which must hold the same instances, analyses and time limit."""
    if file is None:
        return nullcontext()
    settings: dict[str, Any] = {"placer": VERSION, "analyses": list(analyses)}
    settings["time_limit_seconds"] = time_limit_seconds
    settings |= {case.name: digest(case.instance) for case in cases}
    place = with_home(file)
    return Store.resume(place, settings) if resume and place.exists() else Store.create(place, settings)


def _in_order(
    solved: Iterable[dict[str, Any]], cases: Sequence[Case], tell: Callable[[str], None]
) -> list[dict[str, Any]]:
    """Return the rows of all cases in their order, whichever completes first, and report each.

    Raises
    ------
    StoreError
        If a row of a store is of no case, or holds a figure that is no number.
    """
    rows: dict[int, dict[str, Any]] = {}
    for row in solved:
        number = int(row["number"])
        if number >= len(cases):
            raise StoreError(f"row {number} is of no case; begin a new store")
        for name in {*FIGURES, *(f"{limit}_takes_share" for limit in LIMITS)} & set(row):
            check_figure(number, name, row[name])
        rows[number] = row
        tell(f"{len(rows)} of {len(cases)} cases: {cases[number].name}")
    return [rows[number] for number in range(len(cases))]


def _table(cases: Sequence[Case], rows: Sequence[dict[str, Any]], figures: Sequence[str]) -> pd.DataFrame:
    """Return the table of ``Sensitivity`` from the rows of a batch."""
    index = pd.MultiIndex.from_tuples([(case.assumption, case.value) for case in cases], names=["assumption", "value"])
    records = []
    for case, row in zip(cases, rows, strict=True):
        found = row | _largest_limit(row)
        ended = {"unit": case.unit} | {name: row.get(name) for name in _ENDED}
        records.append(ended | {name: _number(found.get(name)) for name in figures})
        if "limits" in {FIGURES[name] for name in figures}:
            records[-1][LARGEST_LIMIT] = found.get(LARGEST_LIMIT, "")
    return pd.DataFrame(records, index)


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)


def _largest_limit(row: dict[str, Any]) -> dict[str, Any]:
    """Return the limit that takes most of the ceiling and its share; ``none`` where no limit takes any."""
    takes = {name: row[f"{name}_takes_share"] for name in LIMITS if row.get(f"{name}_takes_share") is not None}
    if not takes:
        return {}
    largest = max(takes, key=takes.__getitem__)
    return {LARGEST_LIMIT: largest if takes[largest] > SOLVER else "none", "largest_limit_share": takes[largest]}
