"""Tests of studies: figures by hand, and cases that are kept."""

from __future__ import annotations

import math
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial

import pandas as pd
import pytest

import placer
from placer.batch.job import solve_one
from placer.errors import InstanceError, StoreError
from placer.sensitivity.assumptions import Assumption, scaled_to, with_limit
from placer.sensitivity.conclusions import Conclusion
from placer.sensitivity.figures import FIGURES
from placer.sensitivity.study import about, cases_of

PRICE = "data_centres.accelerator_usd_per_hour"


def price(*values):
    """Return the assumption of a price of accelerators; tiny has 1 USD an hour."""
    return Assumption(
        "price", {f"{value:g}": partial(scaled_to, column=PRICE, value=value) for value in values}, base="1"
    )


def test_cost_moves_with_the_price_of_accelerators(found):
    """Tests by hand: 310 / 240 USD a Mtok more for 1 USD an hour more; energy 19.77 USD and transit 1 stay."""
    cost = found.table["cost_usd_per_mtok"]
    assert [cost["as given", ""], cost["price", "0.5"], cost["price", "1.25"]] == pytest.approx(
        [330.77 / 240, (330.77 - 155) / 240, (330.77 + 77.5) / 240]
    )
    energy = found.table["energy_share_of_cost"]
    assert energy["price", "0.5"] == pytest.approx(19.77 / (330.77 - 155))
    operating = found.table["energy_share_of_operating_cost"]
    assert operating["price", "1.25"] == pytest.approx(19.77 / 20.77)


@pytest.mark.slow
def test_cost_moves_with_the_columns_of_modes(make_instance):
    """Tests by hand: 10 Mtok, a slow mode of 1 and a fast one of 3 accelerator-hours a Mtok, an hour costs 2 USD."""
    modes = [
        {"workload": "chat", "mode": mode, "server_ms": ms, "accelerator_hours_per_mtok": hours, "kwh_per_mtok": 0.0}
        for mode, ms, hours in (("slow", 80.0, 1.0), ("fast", 20.0, 3.0))
    ]
    instance = make_instance(
        data_centres=[{"data_centre": "X", "accelerator_usd_per_hour": 2.0}],
        supplies=[],
        links=[{"from": "A", "to": "X", "rtt_ms": 10.0}],
        workloads=[{"workload": "chat", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 0, "latency_slo_ms": 100}],
        demand=[{"workload": "chat", "hub": "A", "mtok": 10.0}],
        modes=modes,
    )
    asked = [
        Assumption("hours", scale={"modes.accelerator_hours_per_mtok": [2, 4]}),
        Assumption("hours of one", scale={"modes.accelerator_hours_per_mtok": [4]}, where={"mode": "slow"}),
        Assumption("times", scale={"modes.server_ms": [1.5]}),
        Assumption("time", {"160": partial(scaled_to, column="modes.server_ms", value=160.0)}, base="80"),
    ]
    cost = placer.sensitivity(instance, asked, figures=["cost_usd_per_mtok"]).table["cost_usd_per_mtok"]
    assert cost["as given", ""] == pytest.approx(2)
    assert cost["hours"].tolist() == pytest.approx([4, 8])
    assert cost["hours of one", "4"] == pytest.approx(6)
    assert [cost["times", "1.5"], cost["time", "160"]] == pytest.approx([6, 6])


@pytest.mark.slow
def test_cost_moves_with_the_amount_of_a_limit(make_instance):
    """Tests by hand: of 16 Mtok Y may serve the amount at 20 USD, and the others cost 50; 17 at X are impossible."""
    rows = [
        {"limit": "most at Y", "kind": "tokens", "sense": "<=", "amount": 8.0, "data_centre": "Y"},
        {"limit": "least at X", "kind": "tokens", "sense": ">=", "amount": 1.0, "data_centre": "X"},
    ]
    instance = make_instance(limits=rows)
    most = {f"{amount}": partial(with_limit, limit="most at Y", amount=amount) for amount in (4, 12, 16)}
    both = {
        f"{factor}": partial(placer.Instance.scaled, columns="limits.amount", factor=factor) for factor in (0.5, 17)
    }
    asked = [Assumption("most", most, base="8"), Assumption("both", both)]
    found = placer.sensitivity(instance, asked, figures=["cost_usd_per_mtok"])
    cost = found.table["cost_usd_per_mtok"] * 16
    assert cost["as given", ""] == pytest.approx(8 * 20 + 8 * 50)
    assert cost["most"].tolist() == pytest.approx([4 * 20 + 12 * 50, 12 * 20 + 4 * 50, 15 * 20 + 50])
    assert cost["both", "0.5"] == pytest.approx(4 * 20 + 12 * 50)
    assert math.isnan(cost["both", "17"])
    assert "limit 'least at X'" in found.table.loc[("both", "17"), "detail"]


def test_ceilings_are_those_of_the_library(tiny, found):
    ceiling, row = placer.export_ceiling(tiny), found.table.iloc[0]
    assert row["ceiling_share"] == pytest.approx(ceiling.share)
    assert row["work_ceiling_share"] == pytest.approx(ceiling.work_share)
    assert row["ceiling_latency_share"] == pytest.approx(ceiling.latency_share)
    assert (row["economic_share_low"], row["economic_share_high"]) == pytest.approx(tuple(ceiling.economic_range))
    limits = ceiling.limits["share"].drop("not exportable")
    assert (row["largest_limit"], row["largest_limit_share"]) == (limits.idxmax(), pytest.approx(limits.max()))


@pytest.mark.slow
def test_store_is_resumed_without_a_solve(tiny, tmp_path, monkeypatch):
    """Tests that a second run gives the same table, and solves only what the file lacks, also by ~ in its name."""
    monkeypatch.setenv("HOME", str(tmp_path))
    file, ask = tmp_path / "runs.db", {"figures": ["cost_usd_per_mtok"], "store": "~/runs.db"}
    other = Assumption("price", {"2": partial(scaled_to, column=PRICE, value=3)})
    first = placer.sensitivity(tiny, [price(2)], **ask)
    with pytest.raises(StoreError, match="exists already"):
        placer.sensitivity(tiny, [price(2)], **ask)
    with pytest.raises(StoreError, match="results of other settings, begin a new store: price 2"):
        placer.sensitivity(tiny, [other], **ask, resume=True)
    monkeypatch.setattr("placer.batch.runner.solve_one", None)
    second = placer.sensitivity(tiny, [price(2)], **ask, resume=True)
    pd.testing.assert_frame_equal(second.table, first.table)
    assert file.exists()


@pytest.mark.slow
def test_run_that_was_stopped_goes_on(tiny, tmp_path):
    """Tests that rows known when a run is interrupted are not solved again."""
    file, heard = tmp_path / "runs.db", []

    def stop(text):
        heard.append(text)
        if len(heard) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        placer.sensitivity(tiny, [price(2, 3)], figures=["unserved_share"], store=file, progress=stop)
    with placer.Store.read(file) as kept:
        seconds = [row["seconds"] for row in kept.rows()]
    found = placer.sensitivity(tiny, [price(2, 3)], figures=["unserved_share"], store=file, resume=True)
    assert len(seconds) == 2
    assert found.table["seconds"].tolist()[:2] == seconds
    assert heard == ["1 of 3 cases: as given", "2 of 3 cases: price 2"]


@pytest.mark.parametrize("executor", [None, ThreadPoolExecutor(1)])
def test_exit_in_a_case_is_no_row(tiny, tmp_path, monkeypatch, executor):
    """Tests that SIGTERM in a case, as the command line hears it, ends the study, which is then resumed."""
    file, ask = tmp_path / "runs.db", {"figures": ["unserved_share"], "store": tmp_path / "runs.db"}

    def ended(job, number):
        if number == 1:
            raise SystemExit(143)
        return solve_one(job, number)

    monkeypatch.setattr("placer.batch.runner.solve_one", ended)
    with pytest.raises(SystemExit):
        placer.sensitivity(tiny, [price(2)], **ask, executor=executor)
    monkeypatch.undo()
    with placer.Store.read(file) as kept:
        assert 1 not in kept.done()
    found = placer.sensitivity(tiny, [price(2)], **ask, resume=True)
    assert set(found.table["status"]) == {"optimal"}


@pytest.mark.slow
def test_damaged_rows_are_named_and_solved_again(tiny, tmp_path):
    """Tests that a row that was changed is dropped with a word, and its case solved as before."""
    file, said = tmp_path / "runs.db", []
    ask = {"figures": ["cost_usd_per_mtok"], "store": file}
    first = placer.sensitivity(tiny, [price(2, 3)], **ask)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE results SET row = replace(row, 'cost_usd', 'cost_was') WHERE number = 1")
        connection.commit()
    again = placer.sensitivity(tiny, [price(2, 3)], **ask, resume=True, progress=said.append)
    assert said[0] == f"{file}: row 1 is damaged; solved again"
    pd.testing.assert_frame_equal(again.table.drop(columns="seconds"), first.table.drop(columns="seconds"))
    with placer.Store.read(file) as kept:
        assert kept.done() == {0, 1, 2}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "figure", "said"), [(1, "12", "row 1: cost_usd_per_mtok: '12' is text"), (9, 1.0, "row 9 is of no case")]
)
def test_rows_of_wrong_content_are_refused(tiny, tmp_path, number, figure, said):
    """Tests rows that another program wrote with a right digest: a text for a figure, and a case that is not there."""
    file, ask = tmp_path / "runs.db", {"figures": ["cost_usd_per_mtok"]}
    placer.sensitivity(tiny, [price(2)], **ask, store=file)
    with placer.Store.read(file) as kept, placer.Store.create(tmp_path / "wrong.db", kept.settings) as wrong:
        first, second = kept.rows()
        wrong.add(0, first)
        wrong.add(number, second | {"number": number, "cost_usd_per_mtok": figure})
    with pytest.raises(StoreError, match=said):
        placer.sensitivity(tiny, [price(2)], **ask, store=tmp_path / "wrong.db", resume=True)


def test_case_without_an_answer_is_told(tiny):
    """Tests that cases for which there is no time are rows without figures."""
    found = placer.sensitivity(tiny, [price(2)], figures=["cost_usd_per_mtok"], time_limit_seconds=1e-9)
    assert set(found.failed["status"]) == {"time limit"}
    assert found.table["cost_usd_per_mtok"].isna().all()
    assert math.isnan(found.ranges.loc["cost_usd_per_mtok", "low"])
    assert found.tornado("cost_usd_per_mtok").empty


def test_only_the_analyses_of_the_figures_are_run(tiny):
    found = placer.sensitivity(tiny, [], figures=["ceiling_share"])
    assert found.figures == ("ceiling_share",)
    assert found.table.columns.tolist() == ["unit", "status", "detail", "seconds", "ceiling_share"]
    assert set(FIGURES) >= set(found.figures)
    assert found.tables["swings"].empty


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        ({"figures": ["profit"]}, "'profit' is unknown"),
        ({"figures": []}, "none is named"),
        ({"assumptions": [price(2), price(3)]}, "price.*given twice"),
        ({"assumptions": [price(-1)]}, "price -1: data_centres"),
        ({"conclusions": [Conclusion("Much.", "profit", at_least=1)]}, "'profit' was not asked for"),
        ({"conclusions": [Conclusion("Much.", "ceiling_share", at_least="loss")]}, "'loss' was not asked for"),
        ({"conclusions": [Conclusion("Much.", "ceiling_share", equals="links")]}, "bounds of another kind"),
        ({"conclusions": [Conclusion("Much.", "largest_limit", at_least=1)]}, "bounds of another kind"),
    ],
)
def test_what_cannot_be_asked_is_refused(tiny, ask, message):
    with pytest.raises(InstanceError, match=message):
        placer.sensitivity(tiny, **({"assumptions": []} | ask))


LINKS = {"2": partial(placer.Instance.scaled, columns="links.rtt_ms", factor=2)}


def test_case_as_given_comes_first(tiny):
    """Tests the cases by hand: tiny itself, and its longest link of 30 ms at 60 ms."""
    first, second = cases_of(tiny, [Assumption("links", LINKS, "times")])
    assert (first.name, first.instance) == ("as given", tiny)
    assert (second.name, second.unit) == ("links 2", "times")
    assert second.instance.links["rtt_ms"].max() == 60


def test_values_that_make_no_instance_are_all_listed(tiny):
    """Tests that two values are told with their assumption, before anything is solved."""
    below = {str(value): partial(placer.Instance.with_value, column="links.rtt_ms", value=value) for value in (-1, -2)}
    with pytest.raises(InstanceError) as error:
        cases_of(tiny, [Assumption("links", below)])
    assert {found.table.partition(":")[0] for found in error.value.violations} == {"links -1", "links -2"}


def test_names_are_given_once(tiny):
    for names in (["links", "links"], ["as given"]):
        with pytest.raises(InstanceError, match="given twice"):
            cases_of(tiny, [Assumption(name, LINKS) for name in names])


def test_texts_of_assumptions():
    table = about([Assumption("links", LINKS, "times", "1", source="a guess")])
    assert table.loc["links"].tolist() == ["1", "times", "", "a guess", ""]
