"""The command ``placer batch report``."""

from __future__ import annotations

import json
import os
import sys
from functools import partial

import pandas as pd
import pytest

from placer.batch.store import Store

pytestmark = pytest.mark.usefixtures("in_threads")


@pytest.fixture
def run(run_placer):
    """Return a function that runs ``placer batch`` and returns its exit code, standard output and standard error."""
    return partial(run_placer, "batch")


@pytest.mark.slow
def test_report_is_that_of_the_run(run, written):
    code, out, _ = run("report", written, "--json", "--below", "ceiling_share=0.6", "--below", "cost_usd=0")
    ran = run("tiny", "--n", 3, "--seed", 7, "--analyses", "cost,hub_prices,ceiling", "--json")[1]
    found = json.loads(out)
    assert code == 0
    assert found["quantiles"] == json.loads(ran)["quantiles"]
    assert found["shares"].keys() == {"ceiling_share < 0.6", "cost_usd < 0"}
    assert found["shares"]["cost_usd < 0"] == 0.0


def test_report_says_how_often_a_figure_is_below(run, written):
    code, out, _ = run("report", written, "--below", "cost_usd=1e9")
    assert code == 0
    assert "a.db: 3 demand sets" in out
    assert "cost_usd < 1e+09 in 100.0% of the sets" in out


def test_report_of_a_store_to_which_no_row_came(run, tmp_path):
    with Store.create(tmp_path / "a.db", {}):
        pass
    code, out, _ = run("report", tmp_path / "a.db")
    assert code == 0
    assert "0 demand sets" in out
    assert json.loads(run("report", tmp_path / "a.db", "--json")[1])["quantiles"] == []


@pytest.mark.slow
def test_report_writes_rows_and_a_plot(run, written, tmp_path):
    code, _, _ = run("report", written, "--out", tmp_path / "a.csv", "--plot", tmp_path / "a.png")
    assert code == 0
    assert pd.read_csv(tmp_path / "a.csv")["number"].tolist() == [0, 1, 2]
    assert (tmp_path / "a.png").stat().st_size > 1000


def test_targets_and_libraries_are_checked_before_the_work(run, written, tmp_path, monkeypatch):
    monkeypatch.setattr("placer.cli.batch.Store.read", lambda _: pytest.fail("read before the target was checked"))
    pipe = tmp_path / "a.html"
    os.mkfifo(pipe)
    for arguments in (
        ("--out", tmp_path / "a.pdf"),
        ("--plot", tmp_path / "a.xyz"),
        ("--out", tmp_path / "no" / "a.csv"),
        ("--out", pipe),
        ("--plot", pipe),
    ):
        code, out, err = run("report", written, *arguments)
        assert (code, out) == (2, "")
        assert "cannot be written" in err
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    code, _, err = run("report", written, "--out", tmp_path / "a.parquet")
    assert code == 2
    assert err == "placer: Parquet files need pyarrow: pip install 'token-placer[parquet]'\n"


@pytest.mark.slow
def test_plot_is_of_the_first_headline_there_is(run, tmp_path, sets_of, write):
    write(tmp_path / "a.db", sets_of(2), ("ceiling",))
    code, _, err = run("report", tmp_path / "a.db", "--plot", tmp_path / "a.png")
    assert (code, err) == (0, "")
    assert (tmp_path / "a.png").exists()


@pytest.mark.slow
def test_two_stores_are_compared(run, written, tmp_path, sets_of, write):
    other = write(tmp_path / "b.db", sets_of(3), ("cost",))
    code, out, _ = run("report", written, other, "--json")
    rows = {row["figure"]: row for row in json.loads(out)}
    assert code == 0
    assert rows["cost_usd"]["difference_p50"] == pytest.approx(0.0, abs=1e-9)
    assert rows["cost_usd"]["sets"] == 3
    assert "ceiling_share" not in rows
    assert "Second less first" in run("report", written, other)[1]


@pytest.mark.slow
def test_report_writes_a_page(run, written, tmp_path):
    code, _, _ = run("report", written, "--report", tmp_path / "a.html", "--below", "ceiling_share=0.6")
    text = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert code == 0
    assert "placer batch report" in text
    assert "The dataset is not known here" in text
    assert run("report", written, "--report", tmp_path / "b.html", "--dataset", "tiny")[0] == 0
    assert "Three hubs" in (tmp_path / "b.html").read_text(encoding="utf-8")


def test_a_page_is_of_one_store_and_its_dataset(run, written, tmp_path):
    for further, said in (
        ((written,), "--report is on one store"),
        (("--dataset", "tiny", "--scenario", "dispatch"), "another instance than tiny + dispatch"),
    ):
        code, out, err = run("report", written, *further, "--report", tmp_path / "a.html")
        assert (code, out) == (2, "")
        assert said in err
    assert not (tmp_path / "a.html").exists()


@pytest.mark.slow
def test_run_writes_a_page_with_its_command(run, tmp_path):
    arguments = ("tiny", "--n", 8, "--seed", 7, "--set", "growth=2", "--scenario", "dispatch")
    code, _, _ = run(*arguments, "--report", tmp_path / "a.html")
    text = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert code == 0
    assert "placer batch tiny --scenario dispatch --seed 7 --n 8 --set growth=2 --analyses cost" in text
    assert "What moves the figures" in text
