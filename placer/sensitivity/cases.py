"""The cases of a study: the instance as given, and one for each value of each assumption."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from placer.errors import InstanceError, Violation, refuse
from placer.sensitivity.conclusions import case_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placer.instance.problem import Instance
    from placer.sensitivity.assumptions import Assumption

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
    _check_names(assumptions)
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


def _check_names(assumptions: Sequence[Assumption]) -> None:
    names = [AS_GIVEN, *(each.name for each in assumptions)]
    repeated = sorted({name for name in names if names.count(name) > 1})
    refuse(Violation("sensitivity", name, "", "given twice", "another name") for name in repeated)
