"""Tests of ``placer sensitivity``."""

from __future__ import annotations

import json
import re
import sys

import pytest


@pytest.mark.slow
def test_cases_ranges_and_conclusions_are_printed(run_placer):
    code, out, err = run_placer("sensitivity", "tiny")
    assert code == 0
    for text in (
        "accelerator price, USD an hour",
        "1 *",
        "ceiling_latency_share",
        "Holds in all cases.",
    ):
        assert text in out
    assert re.search(r"latency 31\.[23]%", out), "five sixteenths: a tie in rounding"
    assert "Does not hold at: accelerator price 1.25; round trips 2." in out
    assert "5 of 5 cases: who pays for accelerators paid for" in err


@pytest.mark.slow
def test_tables_and_plots_are_written_and_the_store_resumed(run_placer, tmp_path):
    ask = ("sensitivity", "tiny", "--store", tmp_path / "runs.db", "--resume", "--out", tmp_path / "out", "--json")
    code, out, _ = run_placer(*ask)
    assert code == 0
    assert {file.name for file in (tmp_path / "out").iterdir()} >= {
        "cases.csv",
        "ranges.csv",
        "tornado_ceiling_share.png",
    }
    found = json.loads(out)
    assert [row["value"] for row in found["cases"]] == ["", "0.5", "1.25", "2", "paid for"]
    assert found["cases"][0]["cost_usd_per_mtok"] == pytest.approx(330.77 / 240)
    assert json.loads(run_placer(*ask)[1]) == found
    assert run_placer(*ask[:4])[0] == 2  # it is there and was not to be resumed


@pytest.mark.slow
def test_some_figures_of_own_assumptions(run_placer, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('[assumptions.links]\nvalues = [2]\nscaled = ["links.rtt_ms"]\n', encoding="utf-8")
    ask = ("sensitivity", "tiny", "-s", "patient", "--assumptions", file, "--figures", "unserved_share, ceiling_share")
    code, out, _ = run_placer(*ask, "--out", tmp_path / "all.xlsx")
    assert code == 0
    assert "3 cases" not in out
    assert "2 cases of 1 assumptions" in out
    assert "takes most" not in out
    assert (tmp_path / "all.xlsx").exists()


@pytest.mark.slow
def test_case_that_takes_too_long_is_named(run_placer, tmp_path):
    ask = ("sensitivity", "tiny", "--figures", "cost_usd_per_mtok", "--time-limit", "1e-9", "--out", tmp_path / "out")
    code, out, err = run_placer(*ask)
    assert code == 1
    assert "accelerator price 0.5: time limit" in out
    assert "no plot of cost_usd_per_mtok" in err


@pytest.mark.slow
def test_plots_are_left_out_without_matplotlib(run_placer, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    code, _, err = run_placer("sensitivity", "tiny", "--figures", "cost_usd_per_mtok", "--out", tmp_path / "out")
    assert code == 0
    assert "no plots: plots need matplotlib: pip install 'token-placer[plot]'" in err


def test_unknown_figure_is_bad_input(run_placer):
    code, _, err = run_placer("sensitivity", "tiny", "--figures", "profit")
    assert code == 2
    assert "'profit' is unknown" in err
