"""Settings: made from keywords, checked, typed."""

from __future__ import annotations

import math

import numpy as np
import pytest

import placer
from placer.instance.attributes.settings import Settings, allowed_setting, check_settings, settings_from


def test_settings_are_typed():
    """Tests that settings of other number types and exports as lists come out in one form."""
    exports = [["east", "west"]]
    changes = {"carbon_limit_kg": np.int64(5), "hour_length": np.float32(0.5)}
    instance = placer.load("tiny").replace(exports=exports, **changes)
    assert instance.settings == Settings(exports=(("east", "west"),), carbon_limit_kg=5.0, hour_length=0.5)
    assert type(instance.settings.carbon_limit_kg) is float
    hash(instance)


def test_keywords_that_are_no_settings_are_named():
    """Tests that the known ones are taken, ``directed`` is as the source has it, and a slip finds what was meant."""
    found, unknown = settings_from({"hour_length": 3, "cyclc": True, "moon": 1}, directed=True)
    assert found == Settings(hour_length=3, directed=True)
    assert [(each.column, each.problem) for each in unknown] == [("cyclc", "unknown"), ("moon", "unknown")]
    assert unknown[0].allowed == "perhaps cyclic"
    assert allowed_setting("moon").startswith("carbon_usd_per_kg, ")


@pytest.mark.parametrize(
    "changes",
    [
        {"hour_length": 0},
        {"carbon_limit_kg": -1},
        {"cyclic": "no"},
        {"accelerators": "owned"},
        {"exports": [["east"]]},
        {"exports": "everywhere"},
        {"hour_length": 0, "directed": 1, "water_limit_litres": math.nan},
    ],
)
def test_defects_are_named(changes):
    """Tests that every setting that cannot be is named, all in one list."""
    assert {each.column for each in check_settings(Settings(**changes))} == set(changes)


def test_defaults_are_sound():
    """Tests that settings that are not given have no defect."""
    assert check_settings(Settings()) == []
