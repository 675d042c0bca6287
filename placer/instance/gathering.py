"""Input of every kind, gathered as tables and settings, with the known defects of its source."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from placer.errors import Violation
from placer.instance.attributes.settings import Settings, settings_from, stated_currency
from placer.instance.checks.consistency import examine
from placer.instance.tables.given import TableLike, as_tables, key_notes, refused
from placer.instance.tables.graph import read_graph
from placer.instance.tables.hourly import fold, unknown_with

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True, eq=False)
class Gathered:
    """Tables and settings that are not validated yet.

    Attributes
    ----------
    tables : mapping of str to DataFrame
        The tables of an instance, hourly values and profiles folded in.
    violations : tuple of Violation
        Defects of the source.
    unknown : frozenset of (str, str)
        Tables and columns (``""`` for the whole table) that could not be read.
    notes : tuple of str
        Remarks on ignored and inferred input.
    """

    tables: Mapping[str, pd.DataFrame]
    settings: Settings
    violations: tuple[Violation, ...] = ()
    unknown: frozenset[tuple[str, str]] = frozenset()
    notes: tuple[str, ...] = ()

    def check_source(self) -> None:
        """Raise the violations of the source, if any, together with those of the tables and settings.

        Raises
        ------
        InstanceError
        """
        if self.violations:
            follow = examine(self.tables, self.settings, self.unknown).violations
            raise refused([*self.violations, *follow], self.tables, self.notes)


def gather(
    tables: Mapping[str, TableLike],
    settings: Mapping[str, Any],
    *,
    found: Iterable[Violation] = (),
    unknown: Collection[tuple[str, str]] = (),
    notes: Iterable[str] = (),
) -> Gathered:
    """Gather the tables of a folder, a workbook or a program, hourly ones among them.

    Parameters
    ----------
    tables : mapping of str to DataFrame or sequence of mappings
    settings : mapping
        Fields of ``Settings``.
    found : iterable of Violation
        Defects of the source.
    unknown : collection of (str, str)
        Tables and columns (``""`` for the whole table) that could not be read.
    notes : iterable of str
        Remarks on ignored parts of the source.
    """
    frames, slipped, missing = as_tables(tables)
    given, strange = settings_from(settings, directed=False)
    folded = fold(frames, stated_currency(given))
    known = {*unknown, *missing, *(place for name, _ in missing for place in unknown_with(name))}
    follow = [each for each in folded.violations if (each.table, "") not in known]
    violations = (*found, *slipped, *follow, *strange)
    return Gathered(folded.tables, given, violations, frozenset(known | folded.unknown), (*notes, *key_notes(frames)))


def gather_graph(
    graph: nx.Graph,
    work: Mapping[str, TableLike],
    settings: Mapping[str, Any],
    *,
    found: Iterable[Violation] = (),
    unknown: Collection[tuple[str, str]] = (),
) -> Gathered:
    """Gather a graph and the tables ``workloads`` and ``demand``; other parameters as in ``gather``."""
    network, violations, lost = read_graph(graph)
    tables, slipped, missing = as_tables(work)
    given, strange = settings_from(settings, directed=graph.is_directed())
    known = frozenset({*unknown, *lost, *missing})
    return Gathered(network | tables, given, (*found, *violations, *slipped, *strange), known, tuple(key_notes(tables)))
