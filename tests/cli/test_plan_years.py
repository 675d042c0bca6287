"""Tests of ``placer plan-years``, on an instance whose plan is known by hand: see ``tests.cli.test_plan``.

Demand grows by half in 2030, when 195 and 90 units of work are asked for: 95 units in the West close the shortage of
the first period and do all of the second. The day costs 95 x 30 + 12 x (95 x 3 + 100 x 5) + 12 x 90 x 3 = 15,510 USD.
"""

from __future__ import annotations

import json

import pandas as pd
import pytest

import placer

CANDIDATES = """candidate,adds,target,usd_per_unit_year,lead_years
West hall,accelerators,West,10950,1
"""
GROWTH = ("--year", "2026=0.5", "--year", "2030=1.5", "--until", "2034", "--discount-rate", "0")


@pytest.fixture
def dataset(tmp_path):
    """Return the folder of the instance and its candidates."""
    tables = {
        "hubs": [{"hub": "coast"}],
        "data_centres": [
            {"data_centre": "East", "accelerators": 100, "operations_usd_per_hour": 5},
            {"data_centre": "West", "accelerators": 0, "operations_usd_per_hour": 3},
        ],
        "links": [{"from": "coast", "to": "East", "rtt_ms": 5}, {"from": "coast", "to": "West", "rtt_ms": 30}],
        "workloads": [
            {"workload": "w", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 0, "unserved_usd_per_mtok": 1000}
        ],
        "demand": [
            {"workload": "w", "hub": "coast", "hour": hour, "mtok": 12 * units} for hour, units in enumerate((130, 60))
        ],
    }
    instance = placer.Instance.from_tables(tables, accelerators="sunk", hour_length=12.0)
    place = placer.save(instance, tmp_path / "two")
    (place / "candidates.csv").write_text(CANDIDATES, encoding="utf-8")
    return place


@pytest.mark.slow
def test_years_by_hand(run, dataset, tmp_path):
    """Half of demand costs 12 x (65 + 30) x 5 = 5,700 a day, and 2030 costs 15,510: 10,605 on average."""
    code, out, _ = run("plan-years", dataset, *GROWTH, "--json", "--out", tmp_path / "out")
    found = json.loads(out)
    assert code == 0
    assert found["cost_usd_per_year"] / 365 == pytest.approx(10_605)
    assert found["present_value_usd"] == pytest.approx(8 * 365 * 10_605)
    standing = pd.read_csv(tmp_path / "out" / "standing.csv", index_col=0)
    assert standing.loc["West hall"].tolist() == pytest.approx([0, 95])


def test_years_on_the_screen(run, dataset):
    """Headline figures, what stands, decisions and build limits.

    The budget pays for 88 units in 2030. A unit more saves 12 x (1,000 - 3) + 12 x (5 - 3) - 30 = 11,958 a day,
    in half of the years: 199.3 for a dollar of its 30.
    """
    code, out, _ = run("plan-years", dataset, *GROWTH, "--build-limit", "budget_usd_year=963600")
    assert code == 0
    for text in (
        "equivalent annual cost",
        "Units that stand",
        "199.3",
        "West hall, 2026",
        " 2027 ",
        "budget_usd_year, 2030",
    ):
        assert text in out


@pytest.mark.slow
def test_years_with_losses(run, dataset):
    """Every year has a state for each loss; what cannot be built in time for 2026 is named."""
    lost = ("plan-years", dataset, *GROWTH, "--secure", "data_centres")
    code, out, _ = run(*lost, "--outage-hours", 87.6, "--most-stranded", 1, "--json")
    found = json.loads(out)
    assert (code, found["secure"]) == (0, "data_centres")
    names = [f"{year}, {name}" for year in (2026, 2030) for name in ("nothing lost", "East", "West")]
    assert [row["state"] for row in found["states"]] == names
    code, _, err = run(*lost)
    assert (code, "unserved protected Mtok of state 2026, East" in err) == (1, True)


@pytest.mark.slow
def test_a_store_is_gone_on_with_where_asked_for(run, dataset, tmp_path):
    """A store that is there is an error without --resume, and with other years of service."""
    asked = ("plan-years", dataset, *GROWTH, "--store", tmp_path / "plan.db", "--json")
    code, out, _ = run(*asked)
    assert code == 0
    assert "give --resume to go on with it" in run(*asked)[2]
    code, again, _ = run(*asked, "--resume")
    assert (code, json.loads(again)) == (0, json.loads(out))
    (dataset / "candidates.csv").write_text(CANDIDATES.replace(",1\n", ",0\n"), encoding="utf-8")
    assert run(*asked, "--resume")[0] == 2


@pytest.mark.slow
def test_retired_and_bad_options(run, dataset):
    """East retires in 2030: 195 units in the West. Unknown names and texts that are no numbers exit with 2."""
    code, out, _ = run("plan-years", dataset, *GROWTH, "--retire", "East=2030", "--json")
    assert code == 0
    assert json.loads(out)["standing"][0]["2030"] == pytest.approx(195)
    assert run("plan-years", dataset, *GROWTH, "--retire", "Atlantis=2030")[0] == 2
    assert run("plan-years", dataset, "--year", "2026=x", *GROWTH[2:])[0] == 2
    assert run("plan-years", dataset, "--year", "soon=1", *GROWTH[2:])[0] == 2
    assert run("plan-years", dataset, "--year", "2026=1", *GROWTH)[0] == 2
    code, _, err = run(
        "plan-years", dataset, "--year", "soon=1", *GROWTH[2:], "--build-limit", "land", "--retire", "x=y"
    )
    assert code == 2
    assert err.count("is no number") == 2
    assert "is not NAME=AMOUNT" in err


@pytest.mark.slow
def test_annual_limits_in_every_year(run, dataset):
    """Tests that the screen has a row for each year."""
    code, out, _ = run("plan-years", dataset, *GROWTH, "--annual-limit", "water_limit_litres=5")
    assert code == 0
    for text in ("Annual limits", "water_limit_litres, 2026", "water_limit_litres, 2030", "litre"):
        assert text in out
