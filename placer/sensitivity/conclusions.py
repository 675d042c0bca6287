"""Conclusions: sentences about the figures of a sensitivity, and the cases in which they hold."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from placer.errors import Violation, refuse
from placer.instance.attributes.validation import show
from placer.sensitivity.figures import rounding_of
from placer.termination import Reason

#: The limit that takes most of the ceiling (Shapley), a text; its share is ``largest_limit_share``.
LARGEST_LIMIT = "largest_limit"


@dataclass(frozen=True)
class Conclusion:
    """A sentence about a figure, and the condition under which it is true.

    Attributes
    ----------
    text : str
    figure : str
        Of ``placer.sensitivity.FIGURES``, or ``largest_limit``.
    at_least, at_most : float or str, optional
        Bounds of the figure: a number, or the name of another figure.
    equals : str, optional
        Expected value of ``largest_limit``.
    """

    text: str
    figure: str
    at_least: float | str | None = None
    at_most: float | str | None = None
    equals: str | None = None


def verdicts(table: pd.DataFrame, conclusions: Sequence[Conclusion]) -> pd.DataFrame:
    """Return the verdict on every conclusion and the cases in which it fails.

    Parameters
    ----------
    table : DataFrame
        Of ``placer.Sensitivity``. Cases without an answer do not count; a figure of NaN violates every bound.

    Returns
    -------
    DataFrame
        One row a conclusion: ``conclusion``, ``holds`` (in all cases that count), ``low``, ``high`` of its figure (NaN
        for a text), and ``fails_at``, the cases in which it does not hold.
    """
    solved = table[table["status"] == str(Reason.OPTIMAL)]
    records = []
    for each in conclusions:
        values = solved[each.figure]
        numbers = pd.Series(math.nan, solved.index) if each.figure == LARGEST_LIMIT else values
        holds = pd.Series(True, solved.index) if each.equals is None else values == each.equals  # noqa: FBT003
        if each.at_least is not None:
            least = _bound(solved, each.at_least)
            holds &= numbers >= least - rounding_of(each.figure, least)
        if each.at_most is not None:
            most = _bound(solved, each.at_most)
            holds &= numbers <= most + rounding_of(each.figure, most)
        fails = "; ".join(case_name(*case) for case in solved.index[~holds])
        records.append((each.text, bool(len(holds) and holds.all()), float(numbers.min()), float(numbers.max()), fails))
    return pd.DataFrame(records, columns=["conclusion", "holds", "low", "high", "fails_at"])


def _bound(table: pd.DataFrame, bound: float | str) -> Any:
    return table[bound] if isinstance(bound, str) else bound


def case_name(assumption: str, value: str) -> str:
    """Return the name of a case: its assumption and value."""
    return f"{assumption} {value}".rstrip()


def check_conclusions(conclusions: Sequence[Conclusion], figures: Sequence[str]) -> None:
    """Refuse conclusions about figures outside the study, and numbers where a text is expected."""
    known = (*figures, *([LARGEST_LIMIT] if "largest_limit_share" in figures else []))
    violations = []
    for each in conclusions:
        named = [each.figure, *(bound for bound in (each.at_least, each.at_most) if isinstance(bound, str))]
        violations += [
            Violation("conclusions", each.text, "", f"{show(name)} was not asked for", ", ".join(known))
            for name in named
            if name not in known
        ]
        text = each.figure == LARGEST_LIMIT
        if text != (each.equals is not None) or (text and (each.at_least is not None or each.at_most is not None)):
            allowed = f"equals for {LARGEST_LIMIT}; at_least or at_most for others"
            violations.append(Violation("conclusions", each.text, each.figure, "bounds of another kind", allowed))
    refuse(violations)
