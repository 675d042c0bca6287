"""What the tests of explanations share: sites of the small instance, and whether a change cures."""

from __future__ import annotations

from placer.analysis.shortage.explanation import cure
from placer.solve import solve

#: Demand may stay unserved by this share after a cure: the rounding of solvers.
ROUNDING = 1e-7


def centres(**columns):
    """Return the data centres X and Y of the small instance with columns given as pairs."""
    plain = [{"data_centre": "X", "region": "east"}, {"data_centre": "Y", "region": "west"}]
    return [row | {name: pair[place] for name, pair in columns.items()} for place, row in enumerate(plain)]


def served(instance, explanation):
    """Return whether all is served once the changes are made."""
    cured = solve(cure(instance, explanation))
    return cured.unserved_mtok <= ROUNDING * cured.demand_mtok


def only(explanation):
    """Return the one row of an explanation with one change."""
    assert len(explanation.changes) == 1
    assert len(explanation.table) == 1
    return explanation.table.iloc[0]
