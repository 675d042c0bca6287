"""Tolerances and weights of the search for the cures of a shortage."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ShortageParameters:
    """Tolerances and weights of ``placer.explain``; all are pure numbers."""

    short_share: float = 1e-8
    """A shortage of at most this share of all demand counts as none."""
    slack_share: float = 1e-10
    """Slack of ``sum u <= left``, as a share of all demand, so that rounding does not make the row infeasible."""
    negligible_share: float = 1e-12
    """Duals and gains of at most this share of all demand are rounding: such a limit or arc is not tried."""
    unproven_share: float = 1e-9
    """What columns left out of a program may still gain, as a share of the larger of all demand and its optimum."""
    whole_columns: int = 20_000
    """Programs of at most this many columns are solved whole."""
    raise_margin: float = 1e-8
    """Amounts are raised by this share, so that rounding leaves no shortage."""
    penalty_margin: float = 1e-6
    """Penalties are set above a price by this share, so that rounding leaves no shortage."""
    new_limit_weight: float = 10.0
    """A limit of 0 is measured against its largest useful amount over this weight, not against itself."""


#: The parameters of ``placer.explain``.
DEFAULTS = ShortageParameters()
