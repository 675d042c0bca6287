"""Own rows and own columns of a model on the page, and what prices hold of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from placer.analysis.baselines import compare
from placer.errors import ArgumentError
from placer.extended.placement import ModelPlacement
from placer.extended.prices import PART, with_own_part
from placer.security.placement import SECURITY_PART, SecurePlacement, with_security_part

if TYPE_CHECKING:
    from collections.abc import Mapping

    from placer.placement.result import Placement
    from placer.utils.arrays import IntArray

#: The part of a price that is the rent of own rows, as the page names it.
OWN_PART = PART.removesuffix("_usd_per_mtok")
#: The part that contingencies charge.
SECURITY_PRICE = SECURITY_PART.removesuffix("_usd_per_mtok")
#: Analyses that a secure placement's report takes.
_KNOW_CONTINGENCIES = frozenset({"secure_ceiling"})


@dataclass(frozen=True, eq=False)
class OwnContent:
    """Own rows and own columns of a model.

    Attributes
    ----------
    rows, columns : DataFrame
        As ``ModelPlacement.own_rows`` and ``own_columns``.
    integers_fixed : bool
        Whether prices, rents and reduced costs hold with the integers fixed.
    own_usd : float
        Cost of the own columns.
    """

    rows: pd.DataFrame
    columns: pd.DataFrame
    integers_fixed: bool
    own_usd: float


def own_content(placement: Placement) -> OwnContent | None:
    """Return the own rows and own columns of the placement of a model; None for every other placement."""
    if not isinstance(placement, ModelPlacement) or isinstance(placement, SecurePlacement):
        return None
    return OwnContent(placement.own_rows, placement.own_columns, placement.integers_fixed, placement.own_usd)


def refuse_analyses(placement: Placement, analyses: Mapping[str, object]) -> None:
    """Refuse analyses of an instance beside a placement whose program has more rows than that of its instance.

    Parameters
    ----------
    placement : Placement
    analyses : mapping of str to object
        By name; None where there is none.

    Raises
    ------
    ArgumentError
        Naming them.
    """
    given = [name for name, value in analyses.items() if value is not None]
    unaware = [name for name in given if name not in _KNOW_CONTINGENCIES]
    if isinstance(placement, SecurePlacement):
        if not unaware:
            return
        hint = "; leave them out of a secure placement's report"
        if "ceiling" in unaware:
            hint += (
                ", and pass secure_ceiling=placer.export_ceiling(instance, security=placement.security) for the "
                "ceilings with and without security"
            )
        raise ArgumentError(f"made without contingencies: {', '.join(unaware)}{hint}")
    if given and isinstance(placement, ModelPlacement):
        raise ArgumentError(f"made without the model's own rows: {', '.join(given)}; leave them out of its report")


def with_own_prices(summary: pd.DataFrame, placement: Placement, axis: IntArray) -> pd.DataFrame:
    """Return a summary of prices, with the part of own rows or of security where there is one, along the same axis."""
    if isinstance(placement, SecurePlacement):
        return with_security_part(summary, placement.prices, axis)
    return with_own_part(summary, placement.prices, axis) if isinstance(placement, ModelPlacement) else summary


def own_parts(placement: Placement) -> list[str]:
    """Return the part of prices that is the rent of own rows or of contingencies, where there is one."""
    if isinstance(placement, SecurePlacement):
        return [SECURITY_PRICE]
    return [OWN_PART] if isinstance(placement, ModelPlacement) else []


def rules_beside(placement: Placement) -> pd.DataFrame:
    """Return the naive rules beside the optimum; none where they ignore own rows or contingencies."""
    return pd.DataFrame() if isinstance(placement, ModelPlacement) else compare(placement)
