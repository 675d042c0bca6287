"""Tests ``placer accounts``."""

import json

import pandas as pd
import pytest

import placer
from tests.home_and_abroad import home_and_abroad


@pytest.fixture(scope="module")
def scarce(make_instance, tmp_path_factory):
    """Return the folder of a dataset with 12 MW at 20 USD in the west, and power at 50 USD in the east."""
    centres = [
        {"data_centre": "X", "region": "east"},
        {"data_centre": "Y", "region": "west", "power_limit_mw": 12.0},
    ]
    return placer.save(make_instance(data_centres=centres), tmp_path_factory.mktemp("data") / "scarce")


@pytest.mark.slow
def test_accounts_on_the_screen(run_placer, scarce):
    code, out, _ = run_placer("accounts", scarce, "--gains")
    assert code == 0
    rows = [line.split() for line in out.splitlines() if line.startswith("west ")]
    assert rows[0][:6] == ["west", "300", "600", "300", "0", "360"]
    assert rows[-1][-2:] == ["180", "90"]
    assert "No region, and no coalition, could do better on its own" in out
    assert "Trade saves 180.00 USD" in out


@pytest.mark.slow
def test_accounts_as_json(run_placer, scarce):
    code, out, _ = run_placer("accounts", scarce, "--json")
    told = json.loads(out)
    assert code == 0
    assert [row["net_cost_usd"] for row in told["regions"]] == pytest.approx([500, -60, 0, 0])
    assert told["trade_usd"]["west"] == pytest.approx({"east": 300, "west": 300})
    assert "gains" not in told
    told = json.loads(run_placer("accounts", scarce, "--json", "--gains")[1])
    assert told["alone_usd"] == pytest.approx({"east": 500, "west": 120, "east + west": 440})
    assert told["shapley_in_core"] is True


@pytest.mark.slow
def test_accounts_by_workload(run_placer, scarce):
    """Tests 12 Mtok made in the west, all of them of the only workload, at 50 USD."""
    code, out, _ = run_placer("accounts", scarce, "--workloads")
    assert code == 0
    rows = [line.split() for line in out[out.index("Made in west") :].splitlines() if line.startswith("w ")]
    assert rows == [["w", "12", "100.00%", "600", "50"]]
    assert "Made in" not in run_placer("accounts", scarce)[1]
    told = json.loads(run_placer("accounts", scarce, "--json")[1])["workloads"]
    assert [(row["made_in"], row["workload"], row["made_mtok"]) for row in told] == [
        ("east", "w", 4),
        ("west", "w", 12),
    ]


def test_workers_reach_the_gains(run_placer, scarce):
    """Tests that a number of processes that is none is refused, and one process is taken."""
    code, out, _ = run_placer("accounts", scarce, "--gains", "--workers", "1", "--json")
    assert code == 0
    assert json.loads(out)["alone_usd"]["east"] == pytest.approx(500)
    assert run_placer("accounts", scarce, "--workers", "0")[0] == 2


def test_an_unknown_column_is_bad_input(run_placer, scarce):
    code, _, err = run_placer("accounts", scarce, "--by", "district")
    assert code == 2
    assert "no column 'district'" in err


def test_places_without_a_region_are_said(run_placer, scarce):
    code, _, err = run_placer("accounts", scarce, "--by", "jurisdiction")
    assert code == 0
    assert "note: 2 of 2 hubs have no jurisdiction and count as other" in err


@pytest.fixture(scope="module")
def three_sites(tmp_path_factory):
    """Return the folder of three sites: voice (40) runs at A or B, chat (80) at B or W, and B keeps headroom for W."""
    sites = {"A": ("north", 45.0, 6.0), "B": ("south", 85.0, 5.0), "W": ("west", 90.0, 4.0)}
    columns = ("region", "accelerators", "accelerator_usd_per_hour")
    instance = placer.Instance.from_tables(
        {
            "hubs": [{"hub": "coast", "region": "north"}],
            "data_centres": [
                {"data_centre": name, "jurisdiction": name} | dict(zip(columns, values, strict=True))
                for name, values in sites.items()
            ],
            "links": [{"from": "coast", "to": name, "rtt_ms": 5.0} for name in sites],
            "workloads": [
                {"workload": name, "jurisdictions": where, "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0}
                for name, where in (("voice", ("A", "B")), ("chat", ("B", "W")))
            ],
            "demand": [
                {"workload": name, "hub": "coast", "mtok": mtok} for name, mtok in (("voice", 40.0), ("chat", 80.0))
            ],
        }
    )
    return placer.save(instance, tmp_path_factory.mktemp("data") / "three")


@pytest.mark.slow
def test_accounts_of_a_secure_placement(run_placer, three_sites, tmp_path):
    """Tests 640 = 555 + 85: users in the north pay 85 for headroom, and the south earns it."""
    code, out, _ = run_placer("accounts", three_sites, "--secure", "data_centres", "--json", "--out", tmp_path / "out")
    told = json.loads(out)
    assert code == 0
    assert told["secure"] == "data_centres"
    assert [row["net_cost_usd"] for row in told["regions"]] == pytest.approx([640, -85, 0, 0, 0])
    assert told["regions"][1]["security_rent_usd"] == pytest.approx(85)
    written = pd.read_csv(tmp_path / "out" / "regions.csv", index_col=0)
    assert written.loc["north", "security_usd"] == pytest.approx(85)
    stems = sorted(file.stem for file in (tmp_path / "out").iterdir())
    assert stems == ["chain", "regions", "summary", "tokens", "trade", "workloads"]
    code, out, _ = run_placer("accounts", three_sites, "--secure", "data_centres")
    rows = [line.split() for line in out.splitlines() if line.startswith("south ")]
    assert rows[1] == ["south", "0", "85", "0"]
    assert "its own headroom for the same contingencies" in out


@pytest.mark.slow
def test_stranded_work_is_said(run_placer, scarce):
    """Tests that a note says what strands where one of two sites is lost, and at which penalty it counts."""
    code, _, err = run_placer("accounts", scarce, "--secure", "data_centres")
    assert code == 0
    assert "note: work strands in 1 of 2 contingencies, most without X (4 Mtok)" in err


def test_gains_of_a_secure_placement_are_bad_input(run_placer, three_sites):
    code, _, err = run_placer("accounts", three_sites, "--gains", "--secure", "data_centres")
    assert code == 2
    assert "--gains is about placements without security" in err


@pytest.mark.slow
def test_accounts_of_demand_with_steps(run_placer, tmp_path):
    """Tests that 120 Mtok bought of 150 offered are told on the screen and in JSON."""
    steps = [{"mtok": 120, "value_usd_per_mtok": 5}, {"mtok": 30, "value_usd_per_mtok": 1}]
    placer.save(home_and_abroad(steps), tmp_path / "steps")
    assert "demand: 120 of 150 Mtok offered are bought at least cost" in run_placer("accounts", tmp_path / "steps")[1]
    assert json.loads(run_placer("accounts", tmp_path / "steps", "--json")[1])["not_bought_mtok"] == 30
