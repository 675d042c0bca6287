"""What all results offer: figures, tables, and files that hold both."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from placer.io import table_files


@dataclass(frozen=True)
class BoughtDemand:
    """What the optimum buys of demand with steps of value, which an analysis takes as the demand.

    Attributes
    ----------
    offered_mtok : float
        Demand of all steps.
    not_bought_mtok : float
        The part whose value is below its price.
    in_words : str
        How much is bought, as part of a sentence.
    """

    offered_mtok: float
    not_bought_mtok: float
    in_words: str

    @property
    def figures(self) -> dict[str, float]:
        """The amounts by name, as summaries hold them."""
        return {"offered_mtok": self.offered_mtok, "not_bought_mtok": self.not_bought_mtok}


class Result(ABC):
    """A result with headline figures and tables. The main table is its ``table`` in every class of results."""

    @abstractmethod
    def summary(self) -> dict[str, Any]:
        """Return the headline figures as plain values."""

    @property
    def bought_demand(self) -> BoughtDemand | None:
        """What is bought of demand with steps of value, where that is the demand of the result; None without steps."""
        return None

    @property
    @abstractmethod
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """The tables by name, as ``save_tables`` writes them."""

    def save_tables(self, folder: str | os.PathLike[str]) -> list[Path]:
        """Write ``tables`` as CSV into a folder, which is created if absent, and return the files.

        Names that a spreadsheet would read as a formula get a leading apostrophe; see ``placer.io.table_files``.
        """
        return table_files.write_csv_tables(self._pieces(), folder)

    def save_parquet(self, folder: str | os.PathLike[str]) -> list[Path]:
        """Write ``tables`` as Parquet into a folder, likewise; needs ``token-placer[parquet]``."""
        return table_files.write_parquet_tables(self._pieces(), folder)

    def save_excel(self, file: str | os.PathLike[str]) -> Path:
        """Write the summary and ``tables`` as sheets of one Excel file; needs ``token-placer[excel]``.

        Raises
        ------
        PlacerError
            If openpyxl is not installed, or a table is longer than a sheet.
        """
        return table_files.write_excel({"summary": table_files.figure_sheet(self.summary()), **self.tables}, file)

    def _bought_figures(self) -> dict[str, float]:
        """The figures of ``bought_demand``, for the summary."""
        return {} if self.bought_demand is None else self.bought_demand.figures

    def _bought_lines(self) -> list[tuple[str, str]]:
        """A headline on ``bought_demand``."""
        return [] if self.bought_demand is None else [("Demand", self.bought_demand.in_words)]

    def _with_bought(self, text: str) -> str:
        """Return a text in one line that ends in ``bought_demand``."""
        return "; ".join([text, *(f"demand: {said}" for _, said in self._bought_lines())])

    def _pieces(self) -> Mapping[str, table_files.Pieces]:
        """The tables as CSV and Parquet files are written: whole, or in pieces that fit into memory."""
        return self.tables
