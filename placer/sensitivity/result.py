"""The result of a sensitivity study: the figures of every case, their ranges, and their swings by assumption."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from placer.currency import USD
from placer.io.results import Result
from placer.sensitivity.conclusions import case_name
from placer.sensitivity.figures import check_figures, rounding_of
from placer.termination import Reason
from placer.utils import notebook
from placer.utils.numbers import in_full

#: The table of the currency, and its column.
CURRENCY = "currency"


@dataclass(frozen=True, eq=False, repr=False)
class Sensitivity(Result):
    """The headline figures of every case of a sensitivity study.

    Attributes
    ----------
    table : DataFrame
        One row a case, first the instance as given. Index ``assumption``, ``value``; ``unit``, ``status`` (``optimal``,
        or why there is no answer), ``detail``, ``seconds``, then the figures, NaN where there is no answer;
        ``largest_limit`` is a text. The cost per Mtok is also NaN if no demand is served.
    figures : tuple of str
        The requested figures of ``FIGURES``.
    assumptions : DataFrame
        One row an assumption, by its name: ``base`` (the value in the instance as given), ``unit``, ``description``,
        ``source``, ``kind``, all texts.
    conclusions : DataFrame
        One row for each conclusion: ``conclusion``, ``holds``, ``low``, ``high``, ``fails_at``; see
        ``placer.sensitivity.conclusions``.
    currency : str
        Of all amounts.
    """

    table: pd.DataFrame
    figures: tuple[str, ...]
    assumptions: pd.DataFrame
    conclusions: pd.DataFrame
    currency: str = USD

    @property
    def bases(self) -> dict[str, str]:
        """The value of each assumption in the instance as given."""
        return dict(self.assumptions["base"])

    @property
    def failed(self) -> pd.DataFrame:
        """The rows of cases without an answer."""
        return self.table[self.table["status"] != str(Reason.OPTIMAL)]

    @property
    def ranges(self) -> pd.DataFrame:
        """Index ``figure``: ``low``, ``low_at``, ``base``, ``high``, ``high_at`` over all cases, with the cases."""
        records = []
        for figure in self.figures:
            values = self.table[figure].dropna()
            if values.empty:
                records.append((math.nan, "", math.nan, math.nan, ""))
                continue
            base = float(self.table[figure].iloc[0])
            values = _without_rounding(values, base, figure)
            low, high = (case_name(*values.index[int(place)]) for place in (values.argmin(), values.argmax()))
            records.append((float(values.min()), low, base, float(values.max()), high))
        index = pd.Index(self.figures, name="figure")
        return pd.DataFrame(records, index, ["low", "low_at", "base", "high", "high_at"])

    def tornado(self, figure: str) -> pd.DataFrame:
        """Return the lowest and highest value of a figure by assumption, the widest swing first.

        Returns
        -------
        DataFrame
            Index ``assumption``; ``low``, ``low_value``, ``base``, ``high``, ``high_value``, ``swing`` (high less low).
            The case as given counts for every assumption.

        Raises
        ------
        InstanceError
            If the study lacks the figure.
        """
        check_figures([figure], self.figures, "tornado")
        base, records = float(self.table[figure].iloc[0]), {}
        for name, as_given in self.bases.items():
            values = {as_given: base} | _without_rounding(
                self.table[figure].xs(name, level="assumption"), base, figure
            ).to_dict()
            known = {value: number for value, number in values.items() if not math.isnan(number)}
            if known:
                low, high = min(known, key=known.__getitem__), max(known, key=known.__getitem__)
                records[name] = (known[low], low, base, known[high], high, known[high] - known[low])
        columns = ["low", "low_value", "base", "high", "high_value", "swing"]
        table = pd.DataFrame.from_dict(records, orient="index", columns=columns).rename_axis("assumption")
        return table.sort_values("swing", ascending=False, kind="stable")

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables that ``placer.read_sensitivity`` reads: cases, ranges, swings, assumptions and conclusions.

        A currency other than USD is in a table of its own.
        """
        label = {} if self.currency == USD else {CURRENCY: pd.DataFrame({CURRENCY: [self.currency]})}
        swings = {figure: self.tornado(figure) for figure in self.figures}
        return {
            "cases": self.table,
            "ranges": self.ranges,
            "swings": pd.concat(swings, names=["figure"]) if self.bases else pd.DataFrame(),
            "assumptions": self.assumptions,
            "conclusions": self.conclusions,
        } | label

    def summary(self) -> dict[str, Any]:
        """Return the counts of cases, and the lowest, given and highest value of every figure, as plain values."""
        ranges = {f"{name}_{end}": row[end] for name, row in self.ranges.iterrows() for end in ("low", "base", "high")}
        return {"cases": len(self.table), "failed": len(self.failed), "assumptions": len(self.bases)} | ranges

    def __repr__(self) -> str:
        """Return the number of cases and the range of the first figure."""
        name, cases = self.figures[0], len(self.table)
        low, high, base = map(float, self.ranges.loc[name, ["low", "high", "base"]].to_numpy(float))
        return (
            f"Sensitivity: {cases} cases of {len(self.bases)} assumptions; "
            f"{name} {in_full(low)} to {in_full(high)}, {in_full(base)} as given"
        )

    def _repr_html_(self) -> str:
        """Return the ranges and the cases as HTML, for notebooks."""
        return (
            notebook.sentence(repr(self))
            + notebook.rows(self.ranges, self.currency)
            + notebook.rows(self.table, self.currency)
        )


def _without_rounding(values: pd.Series, base: float, figure: str) -> pd.Series:
    """Return the values, those equal to the base up to rounding set to it; unchanged if there is no base."""
    if math.isnan(base):
        return values
    return values.where((values - base).abs() > rounding_of(figure, base), base)
