"""Tables of answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from placer.near_optimal.tables import amounts_table, answers_table, named_groups, spanned


def test_tables_by_hand():
    """Tests two answers with 1 and 3 of one group that has 0 to 4, and 2 of another that has no range."""
    groups = pd.MultiIndex.from_tuples([("region", "a"), ("region", "b")], names=["kind", "group"])
    shown, least, most = [np.array([1.0, 2.0]), np.array([3.0, 2.0])], np.array([0.0, 2.0]), np.array([4.0, 2.0])
    table = amounts_table(shown, least, most, groups)
    assert table.loc["hop 1"].to_numpy().tolist() == [[3, 0.75], [2, 0.5]]
    assert spanned(shown, least, most) == pytest.approx([0.5, 1])
    assert answers_table({"cost_usd": [1.0, 2.0, 3.0]}).index.tolist() == ["least cost", "hop 1", "hop 2"]


def test_groups_are_named_with_their_kind():
    groups = pd.MultiIndex.from_tuples([("data_centre", "a"), ("own group", "b")], names=["kind", "group"])
    table = named_groups(pd.DataFrame({"least": [1.0, 2.0]}, index=groups))
    assert table.index.tolist() == ["data centre a", "own group b"]
