"""Clean tables and their known defects, as the checks of one table beside the others take them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from placer.errors import Violation


@dataclass(frozen=True, eq=False)
class CleanTables:
    """Every table of the schema with exact types, and where they have defects.

    Attributes
    ----------
    frames : mapping of str to DataFrame
    defects : frozenset of (str, str)
        Tables and columns (``""`` for the whole table) with known defects; what would follow from them is left out.
    """

    frames: Mapping[str, pd.DataFrame]
    defects: frozenset[tuple[str, str]]

    def sound(self, table: str, *columns: str) -> bool:
        """Whether a table and some of its columns have no defects from which other defects would follow."""
        return self.defects.isdisjoint((table, column) for column in ("", *columns))

    def with_defects(self, found: Iterable[Violation]) -> CleanTables:
        """Return the tables with more defects; one of a whole table has neither column nor row."""
        more = {(each.table, each.column) for each in found if each.column or not each.row}
        return CleanTables(self.frames, self.defects | more)
