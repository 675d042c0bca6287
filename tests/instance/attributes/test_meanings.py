"""A phrase for every column and every setting."""

from __future__ import annotations

from placer.instance.attributes.meanings import MEANINGS, SETTING_MEANINGS
from placer.instance.attributes.schema import INPUT_TABLES
from placer.instance.attributes.settings import SETTING_NAMES


def test_every_column_and_setting_has_a_meaning_and_nothing_else_has():
    """Tests that templates and messages have a phrase for each, and none is left of a column that is gone."""
    assert {column.name for table in INPUT_TABLES.values() for column in table.columns} == set(MEANINGS)
    assert set(SETTING_NAMES) == set(SETTING_MEANINGS)


def test_meanings_fit_behind_write():
    """Tests that every phrase can follow 'write' in a message: no capital, no full stop."""
    for phrase in (*MEANINGS.values(), *SETTING_MEANINGS.values()):
        assert phrase[0].islower() or phrase.split()[0].isupper() or phrase.startswith(("kWh", "GB", "USD"))
        assert not phrase.endswith(".")
