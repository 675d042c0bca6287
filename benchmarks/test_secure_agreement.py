"""Tests of the comparison of secure placements and ceilings with programs written from their text."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

import placer

from . import secure_agreement
from .secure_agreement import main
from .secure_draws import Draw
from .secure_program import InfeasibleError, secure_ceiling, secure_placement


@pytest.mark.slow
def test_some_instances(capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that three instances agree by all ways, and that the JSON says so."""
    assert main(["--count", "3", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["instances"] == 3
    assert found["explicit"] + found["cuts"] + found["ceilings"] + found["infeasible"] == 9
    assert found["apart"] <= 1.0


def a1() -> Draw:
    """Return A1 of ``docs/security.md``: voice (40) at A or B, chat (80) at B or W, one hub in the first region."""
    sites, one = 3, np.ones(2)
    return Draw(
        hours=one,
        mwh=0 * one,
        gb=0 * one,
        unserved=600 * one,
        window=np.zeros(2, int),
        protected=one,
        hub_region=np.array([0]),
        site_region=np.array([0, 1, 1]),
        speed=np.ones(sites),
        accelerators=np.array([45.0, 85.0, 90.0]),
        usd_per_hour=np.array([6.0, 5.0, 4.0]),
        power=np.full(sites, np.inf),
        price=np.zeros((1, 1)),
        zone_limit=np.array([np.inf]),
        supplies=np.zeros((0, 2), int),
        supply_limit=np.zeros(0),
        linked=np.ones((1, sites), bool),
        lawful=np.array([[True, True, False], [False, True, True]]),
        link_limit=np.full((1, sites), np.inf),
        usd_per_gb=np.zeros((1, sites)),
        demand=np.array([[[40.0]], [[80.0]]]),
        limits=(),
        kind="data_centres",
        usd=1.0,
        mtok=1.0,
    )


def test_the_programs_by_hand() -> None:
    """Tests A1: 520 without security and 555 with, nothing strands, and 85 of 120 leave the north."""
    assert secure_placement(a1(), 0.0) == pytest.approx((520.0, 0.0, 555.0))
    assert secure_ceiling(a1(), 0) == pytest.approx((0.0, 0.0, 0.0, 85.0), abs=1e-6)


def test_an_impossible_limit() -> None:
    """Tests that a limit of at least more than all demand is infeasible."""
    with pytest.raises(InfeasibleError):
        secure_placement(replace(a1(), limits=((0, -1, ">=", 50.0),)), np.inf)


@pytest.mark.slow
def test_differences_and_refusals_are_seen(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that a wrong figure and a missing answer end in exit status 1."""
    monkeypatch.setattr(secure_agreement, "secure_placement", lambda *_: (0.0, 1e9, 0.0))
    assert main(["--count", "1"]) == 1
    assert "differs 2" in capsys.readouterr().out

    def refuse(*_: object, **__: object) -> placer.Placement:
        raise placer.NoSolutionError(placer.Reason.FAILED, "no")

    monkeypatch.setattr("placer.solve", refuse)
    assert main(["--count", "1"]) == 1
    printed = capsys.readouterr()
    assert "refused 2" in printed.out
    assert "explicit 0 of seed 0: refused" in printed.err
