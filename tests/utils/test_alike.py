"""Equality of values that hold arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from placer.utils.alike import changed, changes_from, differing, digest_of, is_alike


@dataclass(frozen=True, eq=False)
class Part:
    """An array and a sparse one."""

    array: np.ndarray
    sparse: csr_array | None = None


@dataclass(frozen=True, eq=False)
class Whole:
    """A part, a name and an array."""

    part: Part | None
    name: str
    array: np.ndarray


def _whole(name="x", last=3.0, entry=5.0):
    part = Part(np.array([1, 2]), csr_array(np.array([[0.0, entry]])))
    return Whole(part, name, np.array([1.0, last]))


def test_fields_that_differ_are_named():
    """Tests each field alone, a part of a part, and some of the fields."""
    assert list(differing(_whole(), _whole())) == []
    assert list(differing(_whole(), _whole(name="y", last=4.0))) == ["name", "array"]
    assert list(differing(_whole(), _whole(entry=6.0))) == ["part"]
    assert list(differing(_whole(), _whole(name="y", last=4.0), ["array"])) == ["array"]
    assert list(differing(_whole(), Whole(None, "x", np.array([1.0, 3.0])))) == ["part"]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (np.zeros(2), np.zeros(2), True),
        (np.zeros(2), np.zeros((1, 2)), False),
        (np.zeros(2), np.zeros(2, dtype=int), False),
        (np.zeros(2), 0.0, False),
        (np.array([np.nan]), np.array([np.nan]), False),
        (csr_array(np.eye(2)), csr_array(np.eye(2)), True),
        (csr_array(np.eye(2)), csr_array(np.eye(2) * 2), False),
        (csr_array(np.eye(2)), csr_array(np.ones((2, 2))), False),
        (csr_array(np.eye(2)), np.eye(2), False),
        (None, None, True),
        ("a", "a", True),
        ("a", "b", False),
        (1.0, None, False),
        (Part(np.zeros(1)), Part(np.zeros(1)), True),
        (Part(np.zeros(1)), Part(np.ones(1)), False),
        (Part, Part, True),
    ],
)
def test_values_of_each_kind(one, other, alike):
    """Tests arrays of other types and shapes, stored entries, plain values, and dataclasses."""
    assert is_alike(one, other) is alike
    assert is_alike(other, one) is alike


def test_digests_are_equal_for_what_is_alike():
    """Tests each field, one that is left out, and a kind of value without a digest."""
    whole = digest_of(_whole())
    assert digest_of(_whole()) == whole
    assert digest_of(_whole(last=4.0)) != whole
    assert digest_of(_whole(entry=6.0)) != whole
    assert digest_of(_whole(name="y")) != whole
    assert digest_of(_whole(name="y"), without=["name"]) == digest_of(_whole(), without=["name"])
    assert digest_of(np.zeros(2)) != digest_of(np.zeros(2, dtype=int))
    assert digest_of(Part(np.zeros(1))) != digest_of(Part(np.zeros(1), csr_array((1, 1))))
    with pytest.raises(TypeError, match="no digest of set"):
        digest_of({1})


def test_changes_make_a_value_of_another_one_and_share_all_else():
    """Tests a name, a field of a part that both have, and a part that one of two values has not."""
    base = _whole()
    other = replace(base, name="y", part=replace(base.part, array=np.array([7])))
    changes = changes_from(base, other)
    assert changes == {"name": "y", "part": {"array": other.part.array}}
    made = changed(base, changes)
    assert is_alike(made, other)
    assert made.array is base.array
    assert made.part.sparse is base.part.sparse
    bare = replace(base, part=None)
    for one, two in ((bare, base), (base, bare)):
        assert is_alike(changed(one, changes_from(one, two)), two)
    assert changes_from(base, _whole()) == {}
