"""Comparison of the placements of several instances: own what-ifs, as ``placer report`` compares scenarios."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from placer.datasets.folder import Dataset
from placer.errors import ArgumentError, PlacerError
from placer.instance.arguments import need_one_currency
from placer.io.results import Result
from placer.placement.result import Placement
from placer.report.content.origin import origin_of
from placer.report.content.page import Subject
from placer.report.write import write_page
from placer.texts import visible
from placer.tolerances import DISPLAY
from placer.utils import notebook
from placer.utils.readable import readable

if TYPE_CHECKING:
    from placer.ceiling.result import ExportCeiling

#: Figures that say whether a placement saves, or only serves less.
_FIRST = ("cost_and_penalty_usd", "cost_and_penalty_usd_per_mtok", "unserved_share")


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Result):
    """Placements side by side; differences are from the first.

    Attributes
    ----------
    placements : mapping of str to Placement
    ceilings : mapping of str to ExportCeiling
        Of some or all of them.
    """

    placements: Mapping[str, Placement]
    ceilings: Mapping[str, ExportCeiling] = field(default_factory=dict)

    @property
    def currency(self) -> str:
        """The currency of all amounts."""
        return next(iter(self.placements.values())).currency

    @property
    def figures(self) -> pd.DataFrame:
        """The headline figures, one column for each placement; index ``figure``, units in its names.

        First ``cost_and_penalty_usd``, the same per Mtok of demand, and ``unserved_share``, by which placements compare
        that serve unequal amounts; then those of ``Placement.summary`` that are numbers, and those of ceilings, if any.
        """
        columns = {name: self._figures_of(name) for name in self.placements}
        return pd.DataFrame(columns).rename_axis("figure")

    @property
    def changes(self) -> pd.DataFrame:
        """The figures of all placements but the first, less those of the first."""
        figures = self.figures
        return figures.iloc[:, 1:].sub(figures.iloc[:, 0], axis=0)

    @property
    def data_centres(self) -> pd.DataFrame:
        """Mtok served by every data centre, one column for each placement; NaN for sites outside the instance."""
        return self._by("data_centres", "mtok")

    @property
    def hubs(self) -> pd.DataFrame:
        """Cost in USD per Mtok served of every hub, likewise."""
        return self._by("hubs", "cost_usd_per_mtok")

    @property
    def table(self) -> pd.DataFrame:
        """The main table: ``figures``."""
        return self.figures

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """``figures``, ``differences`` from the first, ``data_centres`` and ``hubs``."""
        tables = {"figures": self.figures, "differences": self.changes}
        return tables | {"data_centres": self.data_centres, "hubs": self.hubs}

    def summary(self) -> dict[str, Any]:
        """Return the cost per Mtok of every placement, USD, as plain values."""
        return {name: placement.cost_usd_per_mtok for name, placement in self.placements.items()}

    def report(
        self, path: str | os.PathLike[str], *, dataset: Dataset | None = None, date: dt.date | None = None
    ) -> Path:
        """Write one self-contained HTML file that opens with the changes, and return its path.

        The file holds a map of differences, charts of costs and prices, and every placement in full.

        Parameters
        ----------
        path : str or path
            The file; its folder must exist. An existing file is replaced.
        dataset : Dataset, optional
            The source of the instances, for its description and sources.
        date : date, optional
            Date in the foot; today's if not given.

        Raises
        ------
        PlacerError
            If there are more placements than a page holds, or the file cannot be written.
        """
        subjects = [
            Subject(name, placement, self.ceilings.get(name), dataset) for name, placement in self.placements.items()
        ]
        return write_page(path, subjects, origin_of("compare_placements(...).report", date))

    def _figures_of(self, name: str) -> dict[str, float]:
        placement = self.placements[name]
        numbers: dict[str, float] = {figure: getattr(placement, figure) for figure in _FIRST}
        numbers |= {
            figure: float(value)
            for figure, value in placement.summary().items()
            if isinstance(value, (int, float)) and not isinstance(value, bool)
        }
        ceiling = self.ceilings.get(name)
        if ceiling is not None:
            for share in ("share", "work_share", "latency_share", "gross_share"):
                numbers[f"ceiling_{share}"] = getattr(ceiling, share)
        return numbers

    def _by(self, table: str, column: str) -> pd.DataFrame:
        return pd.DataFrame({name: getattr(placement, table)[column] for name, placement in self.placements.items()})

    def __repr__(self) -> str:
        """Return the figures that differ as text."""
        names = [visible(str(name)) for name in self.placements]
        changed = readable(self._changed().set_axis(names, axis=1), self.currency)
        return f"Side by side: {', '.join(names)}\n{changed.to_string()}"

    def _repr_html_(self) -> str:
        """Return the figures that differ as HTML, for notebooks."""
        return notebook.sentence(f"Side by side: {', '.join(self.placements)}") + notebook.rows(
            self._changed(), self.currency
        )

    def _changed(self) -> pd.DataFrame:
        """Return the figures whose differences between placements exceed rounding."""
        return differing(self.figures.drop(index=["gap", "cost_usd_per_token"]))


def differing(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows whose values differ by more than rounding, or are not known in every column."""
    spread = table.max(axis=1) - table.min(axis=1)
    unknown = table.isna().any(axis=1) & table.notna().any(axis=1)
    return table[(spread > DISPLAY * table.abs().max(axis=1)) | unknown]


def compare_placements(
    placements: Mapping[str, Placement], ceilings: Mapping[str, ExportCeiling] | None = None
) -> Comparison:
    """Compare placements: figures, differences from the first, and a report that opens with the changes.

    Parameters
    ----------
    placements : mapping of str to Placement
        Placements by name; the others are compared with the first.
    ceilings : mapping of str to ExportCeiling, optional
        Of some or all of them, by the same names.

    Raises
    ------
    ArgumentError
        If ``placements`` is not a mapping of names to placements.
    PlacerError
        If fewer than two placements are given, their currencies differ, or a ceiling belongs to another instance.

    Examples
    --------
    >>> import placer
    >>> tiny = placer.load("tiny")
    >>> dear = tiny.replace(data_centres=tiny.data_centres.assign(accelerator_usd_per_hour=9.0))
    >>> found = placer.compare_placements({"as is": placer.solve(tiny), "dearer": placer.solve(dear)})
    >>> list(found.changes.columns)
    ['dearer']
    """
    if not isinstance(placements, Mapping) or not all(isinstance(item, Placement) for item in placements.values()):
        raise ArgumentError('placements to compare are given by name: {"as is": placement, "what if": other}')
    if len(placements) < 2:
        raise PlacerError(f"{len(placements)} placements to compare; a comparison needs two or more")
    need_one_currency({str(name): placement.currency for name, placement in placements.items()})
    given = dict(ceilings or {})
    for name, ceiling in given.items():
        if name not in placements:
            raise PlacerError(f"ceiling {name!r} is of none of the placements: {', '.join(placements)}")
        if ceiling.instance is not placements[name].instance:
            raise PlacerError(f"ceiling {name!r} is of another instance than the placement of that name")
    return Comparison(dict(placements), given)
