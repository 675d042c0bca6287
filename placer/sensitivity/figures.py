"""The figures of a sensitivity study: the analysis that gives each, and its label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from placer.errors import InstanceError, Violation
from placer.instance.attributes.validation import show
from placer.instance.cut import has_cut
from placer.instance.problem import Instance
from placer.result_columns import is_share
from placer.tolerances import SOLVER

#: Figure -> the analysis of ``placer.solve_many`` that gives it. Shares are of tokens unless named otherwise.
FIGURES = {
    "cost_usd_per_mtok": "cost",
    "energy_share_of_cost": "cost",
    "energy_share_of_operating_cost": "cost",
    "unserved_share": "cost",
    "not_worth_serving_share": "unserved",
    "ceiling_latency_share": "ceiling",
    "ceiling_share": "ceiling",
    "work_ceiling_share": "work_ceiling",
    "economic_share_low": "economic",
    "economic_share_high": "economic",
    "work_economic_share_low": "work_economic",
    "work_economic_share_high": "work_economic",
    "largest_limit_share": "limits",
}


#: Analyses that need exporting regions.
_OF_A_CUT = frozenset({"ceiling", "work_ceiling", "limits"})


def default_figures(instance: Instance) -> tuple[str, ...]:
    """Return the figures of a study by default: all, but no ceilings where regions are too many to compare all cuts."""
    left_out = frozenset() if has_cut(instance) else _OF_A_CUT
    return tuple(name for name, analysis in FIGURES.items() if analysis not in left_out)


def rounding_of(figure: str, size: Any) -> Any:
    """Return the difference up to which values of a figure are equal, given their size, a number or a Series.

    Examples
    --------
    >>> rounding_of("ceiling_share", 0.0), rounding_of("cost_usd_per_mtok", 2.0)
    (1e-09, 2e-09)
    """
    return SOLVER if is_share(figure) else SOLVER * abs(size)


def check_figures(figures: Sequence[str], known: tuple[str, ...], place: str) -> tuple[str, ...]:
    """Return the distinct figures, or refuse all unknown ones in one error."""
    unknown = [name for name in figures if name not in known]
    if unknown or not figures:
        problems = [f"{show(name)} is unknown" for name in unknown] or ["none is named"]
        raise InstanceError(Violation(place, "", "figures", problem, ", ".join(known)) for problem in problems)
    return tuple(dict.fromkeys(figures))
