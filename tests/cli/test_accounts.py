"""Tests ``placer accounts``."""

import json

import pytest

import placer


@pytest.fixture(scope="module")
def scarce(make_instance, tmp_path_factory):
    """Return the folder of a dataset with 12 MW at 20 USD in the west, and power at 50 USD in the east."""
    centres = [
        {"data_centre": "X", "region": "east"},
        {"data_centre": "Y", "region": "west", "power_limit_mw": 12.0},
    ]
    return placer.save(make_instance(data_centres=centres), tmp_path_factory.mktemp("data") / "scarce")


def test_accounts_on_the_screen(run_placer, scarce):
    code, out, _ = run_placer("accounts", scarce, "--gains")
    assert code == 0
    rows = [line.split() for line in out.splitlines() if line.startswith("west ")]
    assert rows[0][:6] == ["west", "300", "600", "300", "0", "360"]
    assert rows[-1][-2:] == ["180", "90"]
    assert "No region and no group of regions does better alone" in out
    assert "Trade saves 180.00 USD" in out


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
