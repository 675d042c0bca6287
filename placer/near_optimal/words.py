"""What every answer within a budget has, and what none has, in sentences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from placer.tolerances import SOLVER
from placer.utils.numbers import figure, gap_percent, percent

#: Most groups that a sentence names.
_NAMED = 5


@dataclass(frozen=True)
class Tie:
    """Groups that stand for each other: each has next to nothing in some answer, and nearly all in another.

    Attributes
    ----------
    groups : tuple of str
    least, most : float
        No answer within the budget has less or more of all groups together, tied or not.
    unit : str
    """

    groups: tuple[str, ...]
    least: float
    most: float
    unit: str

    @property
    def in_words(self) -> str:
        """The tie as a sentence."""
        names = _listed(list(self.groups))
        between = f"between {figure(self.least)} and {figure(self.most)} {self.unit}"
        return f"{names} stand for each other: each can have next to nothing or nearly all. All have {between}."


def in_every_answer(ranges: pd.DataFrame) -> pd.DataFrame:
    """Return the groups that every answer has some of, the largest least first within each kind."""
    return ranges[ranges["least"] > SOLVER * _size(ranges)]


def in_no_answer(ranges: pd.DataFrame) -> pd.DataFrame:
    """Return the groups that no answer has any of."""
    return ranges[ranges["most"] <= SOLVER * _size(ranges)]


def sentence(ranges: pd.DataFrame, within: float, kind: str) -> str:
    """Return what is in every answer and what is in none, given what an answer is."""
    whose = (
        f"{kind} that costs at most {gap_percent(within)} more than the least" if within else f"{kind} of least cost"
    )
    always = in_every_answer(ranges)
    always = always.sort_values("least", ascending=False, kind="stable")
    some = [f"at least {_amount(row)} {_in(*label)}" for label, row in zip(always.index, _rows(always), strict=True)]
    none = [_of(*label) for label in in_no_answer(ranges).index]
    has = f"Every {whose} has {_listed(some)}." if some else f"No group is in every {whose}."
    if none:
        return f"{has} None has {_listed(none, 'or')}."
    others = "" if len(some) == len(ranges) else f" Each {'other ' if some else ''}group is in some of them."
    return has + others


def above_in_words(cost: float, bound: float) -> str:
    """Return how far a cost lies above the bound on the least."""
    share = (cost - bound) / abs(bound) if bound else 0.0
    return f"{gap_percent(max(share, 0.0))} above the bound on the least cost"


def shown_amount(value: float) -> str:
    """Return an amount as it stands on an axis; amounts that are rounding beside typical ones as 0."""
    return figure(value, 3)


def _size(ranges: pd.DataFrame) -> float:
    finite = ranges["most"].to_numpy(float)
    return float(np.abs(finite[np.isfinite(finite)]).max(initial=0.0))


def _rows(ranges: pd.DataFrame) -> list[tuple[float, str, float]]:
    return list(zip(ranges["least"], ranges["unit"], ranges["least_share"], strict=True))


def _amount(row: tuple[float, str, float]) -> str:
    least, unit, share = row
    part = "" if np.isnan(share) else f" ({percent(share)})"
    return f"{figure(least)} {unit}{part}"


def _in(kind: str, group: str) -> str:
    return {"exports": f"of exported {group}", "candidate": f"of {group}"}.get(kind, f"in {group}")


def _of(kind: str, group: str) -> str:
    return {"exports": f"exports of {group}", "candidate": f"units of {group}"}.get(kind, f"anything in {group}")


def _listed(texts: list[str], last: str = "and") -> str:
    """Return texts as a list in a sentence."""
    more = len(texts) - _NAMED
    named = [*texts[:_NAMED], f"{more} more"] if more > 1 else texts
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} {last} {named[-1]}"
