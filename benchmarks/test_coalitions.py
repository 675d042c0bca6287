"""Tests of the campaign that solves every group of regions."""

from __future__ import annotations

import json

import pytest

from . import coalitions
from .coalitions import main


@pytest.mark.slow
def test_some_instances(capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that no group does better alone on two instances, and that the JSON says so."""
    assert main(["--count", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["instances"], found["better"], found["unanswered"]) == (2, 0, 0)
    assert found["groups"] >= 6
    assert found["apart"] <= coalitions.AGREEMENT


def test_a_group_that_does_better_is_seen(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that groups which cost a tenth less than they do end in exit status 1."""
    proper = coalitions.costs_of
    monkeypatch.setattr(coalitions, "costs_of", lambda accounts: 0.9 * proper(accounts))
    assert main(["--count", "1"]) == 1
    assert "better" in capsys.readouterr().out
