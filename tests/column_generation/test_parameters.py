"""Tests of the parameters: one documented place, values that can be hashed, replaced and sent."""

from __future__ import annotations

import inspect
import pickle
import re
from dataclasses import FrozenInstanceError, fields, is_dataclass, replace

import pytest

from placer.column_generation import parameters
from placer.column_generation.parameters import DEFAULTS, ColumnGenerationParameters, ShortlistParameters


def _gathered(group):
    """Return the class of a group of parameters, and those of the groups within it."""
    within = [getattr(group, field.name) for field in fields(group)]
    return [type(group), *(found for value in within if is_dataclass(value) for found in _gathered(value))]


GROUPS = _gathered(DEFAULTS)


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.__name__)
def test_every_field_is_documented(group):
    """Tests that the attributes of the docstring are the fields, each once and in some order."""
    lines = re.findall(r"^(\w[\w, ]*) : (?:float|int|[A-Za-z]+Parameters)$", inspect.getdoc(group), re.MULTILINE)
    documented = [name for line in lines for name in line.split(", ")]
    assert sorted(documented) == sorted(field.name for field in fields(group))


def test_all_classes_are_gathered():
    """Tests that every class of parameters is reached from the one that a solver takes."""
    classes = {value for name, value in vars(parameters).items() if name.endswith("Parameters")}
    assert classes <= {*GROUPS}


def test_values():
    """Tests that equal parameters are equal, hash alike and survive pickling, and that none can be written to."""
    changed = replace(DEFAULTS, shortlist=ShortlistParameters(most_per_demand=4))
    assert changed != DEFAULTS
    assert hash(ColumnGenerationParameters()) == hash(DEFAULTS)
    assert pickle.loads(pickle.dumps(changed)) == changed  # noqa: S301 - our own bytes
    with pytest.raises(FrozenInstanceError):
        changed.shortlist.room = 3


def test_size_of_a_shortlist():
    """Tests ``max(min(3 demands, 150,000), 50 prices)`` on either side of each comparison."""
    shortlist = ShortlistParameters()
    assert shortlist.size(demands=100, positive_prices=0) == 300
    assert shortlist.size(demands=100, positive_prices=10) == 500
    assert shortlist.size(demands=60_000, positive_prices=10) == 150_000
