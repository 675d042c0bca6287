"""Known defects of tables."""

from placer.errors import Violation
from placer.instance.checks.clean_tables import CleanTables


def test_defects_of_a_column_and_of_a_whole_table():
    """Tests that a row's defect without a column spoils nothing else, and a table's own defect all of its columns."""
    tables = CleanTables({}, frozenset({("hubs", "region")}))
    assert (tables.sound("hubs", "hub"), tables.sound("hubs", "hub", "region"), tables.sound("links")) == (1, 0, 1)
    more = tables.with_defects([Violation("links", "", "", "table missing", ""), Violation("demand", "a", "", "x", "")])
    assert (more.sound("links", "to"), more.sound("demand", "hub"), more.sound("hubs", "region")) == (0, 1, 0)
