"""What the page of a batch shows: distributions, extreme sets, what moves the figures, and what the sets rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from placer.batch.drivers import drivers
from placer.batch.report import HEADLINES, endings, extremes, failed, quantiles, share_below, solved_figures
from placer.currency import USD
from placer.datasets.folder import Dataset
from placer.report.content.assumptions import Assumptions, assumptions_of
from placer.synthetic import SetsAround

#: A headline that is no answer but a feature of the demand.
_DEMAND = "demand_mtok"


@dataclass(frozen=True, eq=False)
class BatchContent:
    """Everything the page of a batch shows.

    Attributes
    ----------
    figures : DataFrame
        Headline figures of the solved sets, by number.
    quantiles, extremes : DataFrame
        Of all figures, and of the headlines.
    endings : Series
        Number of sets by status.
    failed : DataFrame
        Rows of the unsolved sets.
    shares : DataFrame
        ``figure``, ``threshold``, ``share`` of the solved sets below it.
    drivers : DataFrame
        Rank correlations of headlines with features of the demand; empty where the sets are unknown or too few.
    identity : mapping
        What the sets depend on beside the instance, as far as it is known.
    assumptions : Assumptions or None
        Settings and sources of the instance around which the sets lie; None where it is unknown.
    currency : str
        Of all amounts.
    """

    title: str
    figures: pd.DataFrame
    quantiles: pd.DataFrame
    extremes: pd.DataFrame
    endings: pd.Series
    failed: pd.DataFrame
    shares: pd.DataFrame
    drivers: pd.DataFrame
    identity: Mapping[str, Any]
    assumptions: Assumptions | None
    currency: str = USD

    @property
    def headlines(self) -> list[str]:
        """The headline figures that any solved set has."""
        return list(self.figures.columns)


@dataclass(frozen=True, eq=False)
class BatchSubject:
    """What the page of a batch is about.

    Attributes
    ----------
    sets : SetsAround, optional
        The sets that were solved.
    dataset : Dataset, optional
        The source of the instance around which they lie.
    scenarios : tuple of str
        Those of the dataset that were applied.
    below : sequence of (str, float)
        Figures and thresholds.
    identity : mapping, optional
        Of sets that are not given.
    """

    title: str
    rows: pd.DataFrame
    sets: SetsAround | None = None
    dataset: Dataset | None = None
    scenarios: tuple[str, ...] = ()
    below: Sequence[tuple[str, float]] = ()
    identity: Mapping[str, Any] | None = None

    @property
    def currency(self) -> str:
        """The currency of the sets."""
        if self.sets is not None:
            return self.sets.instance.settings.currency
        return str((self.identity or {}).get("currency", USD))


def batch_content(subject: BatchSubject) -> BatchContent:
    """Return what the page shows.

    Raises
    ------
    BatchError
        If no set has a figure with a threshold.
    InstanceError
        If the sources of the dataset cannot be read.
    """
    rows, sets = subject.rows, subject.sets
    named = [name for name in HEADLINES if name in rows and rows[name].notna().any()]
    shares = [(name, value, share_below(rows, name, value)) for name, value in subject.below]
    return BatchContent(
        title=subject.title,
        figures=solved_figures(rows, named),
        quantiles=quantiles(rows),
        extremes=extremes(rows, named),
        endings=endings(rows),
        failed=failed(rows),
        shares=pd.DataFrame(shares, columns=["figure", "threshold", "share"]),
        drivers=pd.DataFrame() if sets is None else drivers(rows, sets, [name for name in named if name != _DEMAND]),
        identity=subject.identity or {} if sets is None else sets.identity,
        assumptions=None if sets is None else assumptions_of(sets.instance, subject.dataset, subject.scenarios),
        currency=subject.currency,
    )
