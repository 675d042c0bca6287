"""Tests what the options of ``placer plan`` mean."""

import pandas as pd
import pytest

from placer.cli.plan_options import build_limits_with, ends_of
from placer.errors import InstanceError

GIVEN = pd.DataFrame({"limit": ["land_ha", "chips"], "sense": ["<=", "<="], "amount": [10.0, 5.0]})


def test_build_limits_replace_those_of_the_dataset():
    found = build_limits_with(GIVEN, ["land_ha=3", "green>=2e6"])
    assert found["limit"].tolist() == ["land_ha", "chips", "green"]
    assert found["sense"].tolist() == ["<=", "<=", ">="]
    assert found["amount"].tolist() == [3.0, 5.0, 2e6]
    with pytest.raises(InstanceError, match="'land_ha' is not NAME=AMOUNT"):
        build_limits_with(GIVEN, ["land_ha"])


def test_ends_of_curves():
    assert ends_of(["chips=1:4"], ["land_ha", "chips"]) == [("chips", 1.0, 4.0)]
    with pytest.raises(InstanceError, match="'chips=1' is not NAME=LEAST:MOST"):
        ends_of(["chips=1"], ["chips"])
    with pytest.raises(InstanceError, match="no build limit 'money'"):
        ends_of(["money=1:2"], ["chips"])
