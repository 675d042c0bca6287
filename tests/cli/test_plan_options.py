"""Build limits that options name, in place of those of a dataset."""

from __future__ import annotations

import pandas as pd
import pytest

from placer.cli.plan_options import build_limits_of_options
from placer.errors import InstanceError

GIVEN = pd.DataFrame([{"limit": "chips", "sense": "<=", "amount": 5.0}])


def test_options_replace_and_add():
    """An option replaces the limit of its name; others are added, at most or at least."""
    found = build_limits_of_options(GIVEN, ["chips=7", "land_ha>=2"])
    assert found.to_dict("records") == [
        {"limit": "chips", "sense": "<=", "amount": 7.0},
        {"limit": "land_ha", "sense": ">=", "amount": 2.0},
    ]


@pytest.mark.parametrize("text", ["chips", "chips=many", "=3"])
def test_what_is_no_limit(text):
    """A text without a name and a number is an error."""
    with pytest.raises(InstanceError, match="NAME=AMOUNT"):
        build_limits_of_options(GIVEN, [text])
