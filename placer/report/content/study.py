"""The content of a report on a sensitivity study: ranges, swings and conclusions, with labels for the page."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from placer.errors import InstanceError, Violation
from placer.placement.result import Placement
from placer.report.html.markup import labels, shortened
from placer.result_columns import is_share
from placer.sensitivity.conclusions import case_name
from placer.tolerances import PROOF
from placer.utils.arrays import NOISE

if TYPE_CHECKING:
    from placer.sensitivity.result import Sensitivity

#: Figures that identify the instance of a study and a placement.
_SAME_FIGURES = ("cost_usd_per_mtok", "unserved_share")
#: Longest text on an assumption.
_LONGEST = 400


@dataclass(frozen=True, eq=False)
class StudyContent:
    """The content of a study; every text is printable and shortened.

    Attributes
    ----------
    ranges : DataFrame
        As ``Sensitivity.ranges``.
    swings : mapping of str to DataFrame
        ``Sensitivity.tornado`` by figure, with only the assumptions that move it; figures without a value as given are
        omitted.
    unmoved : mapping of str to tuple of str
        The assumptions that do not move it, by figure.
    assumptions : DataFrame
        As ``Sensitivity.assumptions``.
    conclusions : tuple of (str, bool, str)
        The sentence, whether it holds in all cases, and the cases in which it does not.
    failed : tuple of str
        Cases without an answer, and why.
    """

    cases: int
    ranges: pd.DataFrame
    swings: dict[str, pd.DataFrame]
    unmoved: dict[str, tuple[str, ...]]
    assumptions: pd.DataFrame
    conclusions: tuple[tuple[str, bool, str], ...]
    failed: tuple[str, ...]


def study_content(study: Sensitivity) -> StudyContent:
    """Extract the content of a report from a study."""
    names = dict(zip(study.bases, labels(list(study.bases)), strict=True))
    known = [figure for figure in study.figures if math.isfinite(study.table[figure].iloc[0])]
    swings = {figure: _labelled(study.tornado(figure), names) for figure in known}
    ranges = study.ranges.assign(**{name: study.ranges[name].map(shortened) for name in ("low_at", "high_at")})
    about = study.assumptions.map(_text)
    failed = study.failed.reset_index()[["assumption", "value", "status", "detail"]]
    return StudyContent(
        cases=len(study.table),
        ranges=ranges,
        swings={figure: table[table["swing"] > 0] for figure, table in swings.items()},
        unmoved={figure: tuple(table.index[~(table["swing"] > 0)]) for figure, table in swings.items()},
        assumptions=about.set_axis(about.index.map(names)),
        conclusions=tuple(
            (_text(said), bool(holds), _text(fails_at))
            for said, holds, fails_at in study.conclusions[["conclusion", "holds", "fails_at"]].itertuples(index=False)
        ),
        failed=tuple(
            _text(f"{case_name(assumption, value)}: {status}, {detail}")
            for assumption, value, status, detail in failed.itertuples(index=False)
        ),
    )


def check_study(study: Sensitivity, placement: Placement) -> None:
    """Refuse a study of another instance, whose case as given has another cost or unserved share than the placement.

    Raises
    ------
    InstanceError
        With both figures.
    """
    for figure in _SAME_FIGURES:
        if figure not in study.figures:
            continue
        given, found = float(study.table[figure].iloc[0]), float(getattr(placement, figure))
        nothing = NOISE if is_share(figure) else 0.0
        if not (
            math.isclose(given, found, rel_tol=PROOF, abs_tol=nothing) or (math.isnan(given) and math.isnan(found))
        ):
            problem = f"the study has {given:.6g} as given, the placement {found:.6g}"
            raise InstanceError([Violation("sensitivity", "", figure, problem, "a study of the same instance")])


def _labelled(table: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Return a table of swings with texts for the page."""
    shown = {name: table[name].map(shortened) for name in ("low_value", "high_value")}
    return table.assign(**shown).set_axis(table.index.map(names))


def _text(text: object) -> str:
    return shortened(str(text), longest=_LONGEST)
