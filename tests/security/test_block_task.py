"""The task that secures blocks: errors name the block."""

from __future__ import annotations

import pytest

import placer
from tests.security.test_blocks import year_of


def test_the_block_of_an_error_is_named(a1, monkeypatch):
    """Tests that a block without a proven answer is an error that names it."""
    monkeypatch.setattr("placer.security.answer.secure_bound", lambda *_: 500.0)
    with pytest.raises(placer.NoSolutionError, match="block 0: the bound with its inner minimum leaves a gap"):
        placer.solve(year_of(a1), security="data_centres")
