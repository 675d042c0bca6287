"""Rows of tables in values that JSON has."""

from __future__ import annotations

import json
import math

import pandas as pd
import pytest

from placer.errors import PlacerError
from placer.instance.tables.plain_rows import plain, plain_records


def test_rows():
    """Tests that what is not given or unlimited is left out, and that hours are lists."""
    frame = pd.DataFrame(
        {"data_centre": ["X"], "region": [None], "accelerators": [(1.0, math.inf)], "power_limit_mw": [math.inf]}
    )
    [(names, row)] = plain_records(frame, ("data_centre",), "data_centres")
    assert names == ("X",)
    assert json.loads(json.dumps(row)) == {"accelerators": [1.0, None]}


def test_a_value_without_a_form():
    """Tests that a value that JSON lacks is named."""
    with pytest.raises(PlacerError, match=r"^hubs\[A\]\.note: nan has no form in a graph file$"):
        plain(math.nan, "hubs[A].note")
