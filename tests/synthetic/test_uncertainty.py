"""How far demand may lie from the given: checked, stored and read again."""

from __future__ import annotations

import json
import math
from dataclasses import fields

import pytest

from placer import InstanceError, Uncertainty
from placer.synthetic import CERTAIN


def test_uncertainty_lists_every_violation():
    wrong = dict.fromkeys((item.name for item in fields(Uncertainty)), -1)
    with pytest.raises(InstanceError) as caught:
        Uncertainty(**wrong)
    assert [each.column for each in caught.value.violations] == list(wrong)
    for value in (math.nan, "1", None, True):
        with pytest.raises(InstanceError, match=r"uncertainty\.growth"):
            Uncertainty(growth=value)
    for item in fields(Uncertainty):
        if item.name != "mix_concentration":
            with pytest.raises(InstanceError, match=item.name):
                Uncertainty(**{item.name: math.inf})


def test_uncertainty_is_stored_and_read_again():
    for uncertainty in (Uncertainty(growth=2), CERTAIN):
        stored = json.loads(json.dumps(uncertainty.as_dict()))
        assert Uncertainty(**stored) == uncertainty
