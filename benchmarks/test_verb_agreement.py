"""Tests of the campaign that compares verbs with explicit programs."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

import placer

from .explicit_limits import ExplicitLimits
from .explicit_program import ExplicitProgram
from .verb_agreement import VERBS, main
from .verb_draws import FAR_ABOVE, UNITS, Draw, draw


@pytest.mark.slow
@pytest.mark.parametrize("verb", VERBS)
def test_some_draws_of_each_verb(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that two draws agree, and that the line says so."""
    assert main(["--verb", verb, "--count", "2"]) == 0
    assert f"{verb}: 2 draws" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("verb", VERBS)
def test_another_cost_is_seen(verb: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that optima which cost a tenth more than they do end in exit status 1."""
    proper = ExplicitProgram.solve

    def dearer(program: ExplicitProgram):
        found = proper(program)
        return None if found is None else replace(found, cost=1.1 * found.cost)

    monkeypatch.setattr(ExplicitProgram, "solve", dearer)
    assert main(["--verb", verb, "--count", "2", "--seed", "1"]) == 1
    assert "1 wrong" in (out := capsys.readouterr().out) or "2 wrong" in out


def test_a_program_by_hand() -> None:
    """Tests 3 Mtok at 2 USD on 2 accelerators, so that 1 Mtok waits for the second hour, in numbers of any unit."""
    tables = {
        "hubs": [{"hub": "h", "region": "e", "access_ms": 0.0}],
        "exchanges": [],
        "links": [{"from": "h", "to": "d", "rtt_ms": 1.0, "capacity_gbps": math.inf, "usd_per_gb": 0.0}],
        "power_zones": [],
        "supplies": [],
        "data_centres": [
            {"data_centre": "d", "region": "e", "accelerators": 2.0, "accelerator_usd_per_hour": 2.0}
            | {"operations_usd_per_hour": 0.0, "max_utilisation": 1.0, "speed": 1.0, "energy_factor": 1.0, "pue": 1.0}
            | {
                "power_limit_mw": math.inf,
                "water_litres_per_kwh": 0.0,
                "water_usd_per_litre": 0.0,
                "jurisdiction": "EU",
            }
        ],
        "workloads": [
            {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "gb_per_mtok": 0.0}
            | {"latency_slo_ms": math.inf, "server_ms": 0.0, "user_round_trips": 1.0, "deadline_hours": 1.0}
            | {"jurisdictions": None, "value_usd_per_mtok": 50.0}
        ],
        "demand": [{"workload": "w", "hub": "h", "hour": hour, "mtok": (3.0, 0.0)[hour]} for hour in range(2)],
    }
    settings = {"cyclic": False, "carbon_usd_per_kg": 0.0, "carbon_limit_kg": math.inf, "hour_length": 1.0}
    given = Draw(tables, settings | {"water_limit_litres": math.inf, "accelerators": "by_use"}, 1e-8, 1e9)
    found = ExplicitProgram(given).solve()
    assert found is not None
    assert found.cost == pytest.approx(6.0)
    assert 1.0 - 1e-9 <= found.values["f", "w", "d", 0, 1, "h"] <= 2.0 + 1e-9
    assert placer.solve(given.instance()).cost_usd == pytest.approx(6.0 * given.unit)
    limited = ExplicitProgram(given)
    ExplicitLimits(limited).add({"kind": "accelerator_hours", "sense": "<=", "amount": 2.5})
    few = limited.solve()
    assert few is not None
    assert few.cost == pytest.approx(5.0 + 0.5 * 50.0)


def test_draws_hold_what_is_rare() -> None:
    """Tests that a hundred draws have sites without power, idle hubs, free work, far penalties and all units."""
    draws = [draw(0, number) for number in range(100)]
    assert {(each.mtok, each.usd) for each in draws} == set(UNITS)
    assert any({row["data_centre"] for row in each.tables["supplies"]} < _sites(each) for each in draws)
    assert any(_idle(each) for each in draws)
    assert any(row["value_usd_per_mtok"] > FAR_ABOVE for each in draws for row in each.tables["workloads"])
    assert any(
        not any(row["accelerator_usd_per_hour"] for row in each.tables["data_centres"])
        and not any(any(row["usd_per_mwh"]) for row in each.tables["power_zones"])
        for each in draws
    )


def _sites(given: Draw) -> set[str]:
    return {row["data_centre"] for row in given.tables["data_centres"]}


def _idle(given: Draw) -> set[str]:
    busy = {row["hub"] for row in given.tables["demand"] if row["mtok"] > 0}
    return {row["hub"] for row in given.tables["hubs"]} - busy
