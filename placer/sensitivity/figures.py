"""The figures of a sensitivity study: the analysis that gives each, and its label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from placer.errors import InstanceError, Violation
from placer.instance.validation import show

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Values that differ by less are equal: of shares, which are parts of 1, and of other figures as a part of their size.
ROUNDING = 1e-9
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
_LABELS = {
    "cost_usd_per_mtok": "cost, USD per Mtok",
    "energy_share_of_cost": "energy, share of full cost",
    "energy_share_of_operating_cost": "energy, share of operating cost",
    "unserved_share": "unserved tokens",
    "not_worth_serving_share": "tokens not worth serving",
    "ceiling_latency_share": "latency ceiling: tokens that distance and law alone let leave",
    "ceiling_share": "ceiling: tokens that can leave",
    "work_ceiling_share": "work that can leave",
    "economic_share_low": "tokens exported at least cost, lower end",
    "economic_share_high": "tokens exported at least cost, upper end",
    "work_economic_share_low": "work exported at least cost, lower end",
    "work_economic_share_high": "work exported at least cost, upper end",
    "largest_limit_share": "what the largest limit takes of the ceiling",
}


def label_of(figure: str) -> str:
    """Return the name of a figure on a page.

    Examples
    --------
    >>> label_of("work_ceiling_share")
    'work that can leave'
    """
    return _LABELS[figure]


def is_share(figure: str) -> bool:
    """Return whether a figure is a share, written in per cent."""
    return "share" in figure


def rounding_of(figure: str, size: Any) -> Any:
    """Return the difference up to which values of a figure are equal, given their size, a number or a Series.

    Examples
    --------
    >>> rounding_of("ceiling_share", 0.0), rounding_of("cost_usd_per_mtok", 2.0)
    (1e-09, 2e-09)
    """
    return ROUNDING if is_share(figure) else ROUNDING * abs(size)


def check_figures(figures: Sequence[str], known: tuple[str, ...], place: str) -> tuple[str, ...]:
    """Return the distinct figures, or refuse all unknown ones in one error."""
    unknown = [name for name in figures if name not in known]
    if unknown or not figures:
        problems = [f"{show(name)} is unknown" for name in unknown] or ["none is named"]
        raise InstanceError(Violation(place, "", "figures", problem, ", ".join(known)) for problem in problems)
    return tuple(dict.fromkeys(figures))
