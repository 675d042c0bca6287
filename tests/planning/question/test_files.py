"""Tests of candidates and build limits in files, and of those that ship."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import placer
from placer.planning.question.problem import aligned, planning_problem

FACTS = Path(__file__).resolve().parents[3] / "datasets" / "facts"


def test_a_file_of_ones_own(tmp_path):
    """Tests that cells become numbers where they are, empty cells missing, and further columns what they hold."""
    file = tmp_path / "mine.csv"
    file.write_text(
        "candidate,adds,target,usd_per_unit_year,max_units,land_ha,note\nhall,accelerators,Port,5,,1.5,by the sea\n",
        encoding="utf-8",
    )
    table = placer.read_candidates("tiny", file=file)
    assert table.iloc[0].tolist() == ["hall", "accelerators", "Port", 5, None, 1.5, "by the sea"]
    limits = tmp_path / "limits.csv"
    limits.write_text("limit,sense,amount\nland_ha,,3\n", encoding="utf-8")
    read = placer.read_build_limits("tiny", file=limits)
    instance = placer.load("tiny").replace(accelerators="sunk")
    workloads = instance.workloads.assign(unserved_usd_per_mtok=100.0)
    problem = planning_problem(instance.replace(workloads=workloads), table, build_limits=read)
    assert problem.candidates.takes.tolist() == [[1.5]]
    assert problem.build_limits.sense == ("<=",)


def test_datasets_without_tables_of_plans():
    """Tests that a dataset without candidates says so, and without build limits has none."""
    with pytest.raises(placer.InstanceError, match="'tiny' has no candidates"):
        placer.read_candidates("tiny")
    assert placer.BuildLimits.of(placer.read_build_limits("tiny")).names == ()
    assert placer.read_annual_limits("tiny").empty


def test_annual_limits_of_ones_own(tmp_path):
    """Tests that amounts of a file become numbers, for ``placer.plan`` to check."""
    file = tmp_path / "annual.csv"
    file.write_text("limit,amount_per_year\ncarbon_limit_kg,5e8\n", encoding="utf-8")
    assert placer.read_annual_limits("tiny", file=file).iloc[0].tolist() == ["carbon_limit_kg", 5e8]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["china", "world"])
def test_shipped_candidates_fit_their_dataset(name):
    """Tests that every site may be expanded, with accelerators that are paid for."""
    instance = placer.load(name, ["dispatch"])
    problem = planning_problem(instance, placer.read_candidates(name), build_limits={"capital_usd": 1e9, "it_kw": 1e6})
    assert problem.candidates.target == tuple(instance.data_centres["data_centre"])


def test_costs_of_china_by_hand():
    """Tests the cost of an accelerator of Horinger a year against the published figures.

    A server of eight at 2.7 million CNY, 7.1875 CNY a USD, over 3 years at 7.5 %; 10.2 kW of a hall at 6.12 USD a watt
    over 15 years. The capital recovery factors are 0.38454 and 0.11329.
    """
    with (FACTS / "costs.csv").open(encoding="utf-8", newline="") as stream:
        costs = {row["item"]: row["value"] for row in csv.DictReader(stream)}
    assert costs["8x H100 NVLink server (grey market)"] == "2700000"
    assert costs["data-centre construction cost, Shanghai"] == "6.12"
    table = placer.read_candidates("china").set_index("candidate")
    built = placer.Candidates.of(table.loc[["Horinger accelerators"]].reset_index())
    server, hall = 2_700_000 / 8 / 7.1875, 10_200 / 8 * 6.12
    assert built.cost_usd_per_unit_year[0] == pytest.approx(server * 0.38454 + hall * 0.11329, rel=1e-4)


def _with_wind(tmp_path, hours):
    file = tmp_path / "candidates.csv"
    file.write_text(
        "candidate,adds,target,usd_per_unit_year,max_units\n"
        "wind,limit_mw,Coast grid|Port,5,1\nhall,accelerators,Port,5,1\n",
        encoding="utf-8",
    )
    (tmp_path / "candidate_hours.csv").write_text("candidate,hour,usable_share\n" + hours, encoding="utf-8")
    return file


def test_hours_beside_the_candidates(tmp_path):
    """Tests that hours in any order are put into that of the instance, and that other candidates have none."""
    file = _with_wind(tmp_path, "wind,1,0.75\nwind,0,0.25\n")
    candidates = placer.Candidates.of(placer.read_candidates("tiny", file=file))
    shares = aligned(candidates, placer.load("tiny"))[0].usable_share
    assert shares == ((0.25, 0.75), 1.0)
    file.rename(tmp_path / "mine.csv")
    (tmp_path / "candidate_hours.csv").rename(tmp_path / "mine_hours.csv")
    assert len(placer.read_candidates("tiny", file=tmp_path / "mine.csv").loc[0, "usable_share"]) == 2


@pytest.mark.parametrize(
    ("hours", "said"), [("wind,0,2\n", "usable_share"), ("sun,0,1\n", "unknown"), ("wind,0,1\nwind,0,1\n", "twice")]
)
def test_hours_with_defects(tmp_path, hours, said):
    """Tests that a share out of range, an unknown candidate and an hour given twice are violations."""
    with pytest.raises(placer.InstanceError, match=said):
        placer.read_candidates("tiny", file=_with_wind(tmp_path, hours))


def test_a_share_is_given_once(tmp_path):
    """Tests that a share in both files is a violation."""
    file = _with_wind(tmp_path, "wind,0,1\nwind,1,0\n")
    head, *rows = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([f"{head},usable_share", *(f"{row},1" for row in rows)]), encoding="utf-8")
    with pytest.raises(placer.InstanceError, match="only one of the two"):
        placer.read_candidates("tiny", file=file)
