"""Plans that are killed and go on."""

from __future__ import annotations

import base64
import json
import sqlite3
import zlib
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.batch.store import Store
from placer.batch.store_file import prepare_to_write, row_digest
from placer.column_generation.dual.path_problem import path_problem_of
from placer.column_generation.early_point import EarlyPoint
from placer.decomposition.cuts import PriceVector
from placer.decomposition.oracle import Evaluated
from placer.errors import ArgumentError, StoreError
from placer.planning.costs.evaluation import Here, StateJob, solve_state
from placer.planning.search.journal import Journal, journal_store

#: All but the mean cost: an averse plan is sought state by state, and not as one program.
SEARCHED = placer.CVaR(0.5, 0.3)


@pytest.fixture
def ask(newsvendor):
    """Return a function that plans for the four states of the newsvendor, its arguments changed."""
    instance, states = newsvendor
    hall = {"candidate": "hall", "adds": "accelerators", "target": "X", "usd_per_unit_year": 30.0 * 365}
    dear = hall | {"candidate": "dear hall", "usd_per_unit_year": 31.0 * 365, "max_units": 50.0}

    def plan(**changes):
        given = {"states": states, "risk": SEARCHED, "gap": 1e-8} | changes
        return placer.plan(instance, [hall, dear], **given)

    return plan


class KilledError(Exception):
    """What no code of the package expects."""


def _kill_after(rounds):
    """Return a progress callback that ends the run after some rounds of the search."""
    seen = []

    def progress(text):
        seen.extend([text] * text.startswith("round"))
        if len(seen) == rounds:
            raise KilledError

    return progress


@pytest.mark.slow
@pytest.mark.parametrize("rounds", [1, 2])
def test_a_killed_run_goes_on(ask, tmp_path, rounds):
    """Tests that all solves of both runs are in the store, none twice, and that the plan is the one of a single run."""
    whole, file = ask(), tmp_path / "plan.db"
    with pytest.raises(KilledError):
        ask(store=file, progress=_kill_after(rounds))
    with Store.read(file) as store:
        before = len(store)
    assert before >= 4
    found = ask(store=file)
    assert found.certificate.proven
    assert found.cost_usd_per_year == pytest.approx(whole.cost_usd_per_year, rel=1e-7)
    with Store.read(file) as store:
        rows = store.frame()
    assert len(rows) == before + found.solves.sum()
    assert not rows.duplicated(["state", "units"]).any()
    again = ask(store=file)
    assert again.solves.sum() == 0
    assert again.certificate.proven


@pytest.mark.slow
def test_costs_and_limits_may_change(ask, tmp_path):
    """Tests that a store serves the same states at another gap and with a build limit."""
    ask(store=tmp_path / "plan.db", gap=1e-2)
    budget = {"budget_usd_year": 90 * 30.0 * 365}
    finer = ask(store=tmp_path / "plan.db", build_limits=budget)
    assert finer.certificate.proven
    assert finer.cost_usd_per_year == pytest.approx(ask(build_limits=budget).cost_usd_per_year, rel=1e-7)


@pytest.mark.slow
def test_plans_in_modules_go_on(newsvendor, tmp_path):
    """Tests that plans of whole modules are kept as well: 120 units, of 2 modules of 60."""
    hall = {"candidate": "hall", "adds": "accelerators", "target": "X", "usd_per_unit_year": 30.0 * 365}
    modules = [hall | {"module_units": 60.0, "max_units": 600.0}]
    given = {"gap": 1e-6, "store": tmp_path / "plan.db"}
    first = placer.plan(newsvendor[0], modules, newsvendor[1], **given)
    again = placer.plan(newsvendor[0], modules, newsvendor[1], **given)
    assert first.units.tolist() == again.units.tolist() == [120]
    assert first.cost_usd_per_year == again.cost_usd_per_year
    assert again.solves.sum() == 0


@pytest.mark.slow
def test_other_states_are_refused(ask, newsvendor, tmp_path):
    """Tests that a store of other states is an error that says so, and that it stays as it is."""
    ask(store=tmp_path / "plan.db", gap=1e-2)
    before = (tmp_path / "plan.db").read_bytes()
    other = placer.States({"one": (newsvendor[0], 1.0)})
    with pytest.raises(StoreError, match="states was"):
        ask(store=tmp_path / "plan.db", states=other)
    assert (tmp_path / "plan.db").read_bytes() == before
    with pytest.raises(ArgumentError, match="a file"):
        ask(store=7)


@pytest.mark.slow
def test_damaged_rows_are_solved_again(ask, tmp_path):
    """Tests that a row whose cost was changed is dropped, and the plan is as proven as before."""
    file = tmp_path / "plan.db"
    first = ask(store=file)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE results SET row = replace(row, 'cost_usd', 'cost_was') WHERE number = 0")
        connection.commit()
    said = []
    again = ask(store=file, progress=said.append)
    assert any("row 0 is damaged: solved again" in text for text in said)
    assert again.cost_usd_per_year == pytest.approx(first.cost_usd_per_year, rel=1e-7)


@pytest.fixture
def forge():
    """Return a function that changes the rows of a store, each with the digest that a row so written would have."""

    def change(file, changed):
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            ((settings,),) = connection.execute("SELECT digest FROM settings")
            for number, text in connection.execute("SELECT number, row FROM results").fetchall():
                other = json.dumps(changed(json.loads(text)))
                values = (other, row_digest(settings, number, other), number)
                connection.execute("UPDATE results SET row = ?, digest = ? WHERE number = ?", values)

    return change


@pytest.mark.slow
@pytest.mark.parametrize("off_usd", [-100.0, 100.0])
def test_forged_costs_are_not_believed(ask, forge, tmp_path, off_usd):
    """Tests that costs that are too low or too high are solved again, and the plan costs what it did."""
    file = tmp_path / "plan.db"
    first = ask(store=file)
    forge(file, lambda row: row | {"cost_usd": row["cost_usd"] + off_usd})
    again = ask(store=file)
    assert again.solves.sum() == 4
    assert again.certificate.proven
    assert again.cost_usd_per_year == pytest.approx(first.cost_usd_per_year, rel=1e-9)
    assert ask(store=file).solves.sum() == 0  # the rows of the second run are right


@pytest.mark.slow
def test_rows_without_flows_are_solved_again(ask, forge, tmp_path):
    """Tests a store whose rows hold no flows: its prices count, its costs do not."""
    file = tmp_path / "plan.db"
    first = ask(store=file)
    forge(file, lambda row: {name: value for name, value in row.items() if name != "flows"})
    again = ask(store=file)
    assert again.solves.sum() == 4
    assert again.cost_usd_per_year == pytest.approx(first.cost_usd_per_year, rel=1e-9)


@pytest.mark.slow
def test_full_disk_ends_the_plan_and_keeps_the_rows_before(ask, tmp_path, monkeypatch):
    """Tests that the row that finds no room is named, and that the store goes on once there is room again."""
    file, expected = tmp_path / "plan.db", ask()
    with monkeypatch.context() as full:

        def prepare(connection):
            prepare_to_write(connection)
            connection.executescript("PRAGMA page_size = 512; VACUUM")
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages}")

        full.setattr("placer.batch.store.prepare_to_write", prepare)
        with pytest.raises(StoreError, match=r"row \d+ was not kept in .*plan.db: database or disk is full"):
            ask(store=file)
    with Store.read(file) as store:
        kept = len(store)
        assert not store.damaged
    again = ask(store=file)
    assert again.cost_usd_per_year == pytest.approx(expected.cost_usd_per_year, rel=1e-7)
    assert 0 < kept <= expected.solves.sum()
    assert again.certificate.proven


@pytest.mark.slow
def test_rows_come_back_to_the_last_bit(make_program_of_plan, tmp_path):
    """Tests a row by itself, and that the units of most solved states are those to go on from, then the cheapest."""
    problem = make_program_of_plan(0)
    job, units, more = Here(StateJob(problem.states)), np.zeros(len(problem.cost)), np.full(len(problem.cost), 0.1)
    solved = solve_state(job, 2, units, (), np.inf)
    with Store.create(tmp_path / "a.db", {"of": "a test"}) as store:
        journal = Journal(store, problem)
        assert journal.first() == ((), None)
        for state in range(2):
            journal.add(more, solve_state(job, state, more, (), np.inf))
        journal.add(units, solved)
        journal = Journal(store, problem)
        vectors, begin = journal.first()
        assert (begin == more).all()
        assert len(vectors) == 1
        found = journal.find(2, -units)
        assert found.cost == solved.cost
        assert all((getattr(found.prices, name) == part).all() for name, part in vars(solved.prices).items())
        assert journal.find(1, units) is None
        totals = {}
        for share in (0.2, 0.3):
            there = [solve_state(job, state, units + share, (), np.inf) for state in range(3)]
            totals[share] = problem.total(units + share, np.array([each.cost for each in there]))
            for each in there:
                journal.add(units + share, each)
        assert (Journal(store, problem).first()[1] == min(totals, key=totals.get)).all()


@pytest.mark.slow
def test_a_plan_that_a_forged_row_makes_cheap_is_no_begin(make_program_of_plan, tmp_path):
    """Tests a state at 1 USD: the run goes on from the other plan, and keeps the prices of the row."""
    problem = make_program_of_plan(0)
    job, units = Here(StateJob(problem.states)), np.zeros(len(problem.cost))
    with Store.create(tmp_path / "a.db", {"of": "a test"}) as store:
        journal = Journal(store, problem)
        for share in (0.2, 0.3):
            for state in range(3):
                each = solve_state(job, state, units + share, (), np.inf)
                journal.add(units + share, replace(each, cost=1.0) if (share, state) == (0.3, 1) else each)
        journal = Journal(store, problem)
        vectors, begin = journal.first()
        assert (begin == 0.2).all()
        assert len(vectors) == 3
        assert journal.find(1, units + 0.3) is None
        assert journal.find(0, units + 0.3) is not None


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_a_state_that_was_priced_comes_back(make_program_of_plan, tmp_path, seed):
    """Tests its prices and its last point, and that it counts as no solve."""
    problem, random = make_program_of_plan(seed), np.random.default_rng(0)
    shape = path_problem_of(problem.states[1].structure).start.shape
    prices, units = PriceVector.zero(problem.states[0].structure), np.zeros(len(problem.cost))
    points = [EarlyPoint((random.random(shape), random.random(shape))) for _ in range(2)]
    with Store.create(tmp_path / "a.db", {"of": "a test"}) as store:
        journal = Journal(store, problem)
        assert journal.priced_at() is None
        for point in points:
            journal.add_priced(units, Evaluated(1, 2.0, prices), point)
        journal = Journal(store, problem)
        vectors, begin = journal.first()
        assert (len(vectors), begin) == (2, None)
        assert journal.find(1, units) is None
        assert set(journal.points) == {1}
        assert (journal.priced_at() == units).all()
        for found, given in zip(journal.points[1].prices, points[1].prices, strict=True):
            assert found.shape == shape
            assert (found == given).all()


def test_no_file_keeps_nothing(make_program_of_plan):
    """Tests that without a file there is no store."""
    with journal_store(None, None) as kept:
        assert kept is None


@pytest.mark.slow
def test_rows_that_do_not_fit_the_plan_are_refused(make_program_of_plan, tmp_path):
    """Tests rows of a fourth state, and of units of another number of candidates, each an error that names the row."""
    problem = make_program_of_plan(0)
    zero = PriceVector.zero(problem.states[0].structure)
    units = np.zeros(len(problem.cost))
    for each, of_units, said in (
        (Evaluated(3, 1.0, zero), units, "row 0 is of a state that the plan does not have"),
        (Evaluated(0, 1.0, zero), units[1:], "row 0 does not fit the plan"),
    ):
        with Store.create(tmp_path / f"{each.member}.db", {"of": "a test"}) as store:
            four = replace(problem, states=(*problem.states, problem.states[0]))
            Journal(store, four).add(of_units, each)
            with pytest.raises(StoreError, match=said):
                Journal(store, problem)


def _packed(*numbers):
    return base64.b64encode(zlib.compress(np.array(numbers, dtype="<f8").tobytes())).decode()


def _filled(row, column, number):
    """Return as many numbers as a cell holds, all of them one number."""
    size = len(zlib.decompress(base64.b64decode(row[column]))) // 8
    return _packed(*[number] * size)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        *(("state", value, "is of a state") for value in (None, "0", 0.5, True, -1)),
        *(("cost_usd", value, "the cost of row 0 is not a finite number") for value in (None, "12", np.inf, 10**400)),
        ("status", "odd", "row 0 is not a row of a plan"),
        ("units", None, "the units of row 0 are no numbers"),
        ("units", 7, "the units of row 0 are no numbers"),
        ("units", "?", "the units of row 0 are no numbers"),
        ("units", base64.b64encode(b"no zlib").decode(), "the units of row 0 are no numbers"),
        ("units", np.nan, "the units of row 0 are not finite"),
        ("units", _packed(*[0.0] * 10_000), "the units of row 0 are no numbers, or too many"),
        ("prices", _packed(1.0), "row 0 does not fit the plan"),
        ("prices", -np.inf, "the prices of row 0 are not finite"),
        *(("shape", value, "row 0 does not fit the plan") for value in (None, "1,1", "-1", 4)),
        ("point", _packed(1.0), "row 0 does not fit the plan"),
        ("point", np.nan, "the point of row 0 are not finite"),
    ],
)
def test_rows_of_wrong_content_are_refused(make_program_of_plan, tmp_path, column, value, said):
    """Tests rows whose digest is right, as of another program: each is one error that names the row."""
    problem = make_program_of_plan(0)
    structure = problem.states[1].structure
    prices, units = PriceVector.zero(structure), np.zeros(len(problem.cost))
    point = np.zeros(path_problem_of(structure).start.shape)
    with Store.create(tmp_path / "a.db", {"of": "a test"}) as store:
        Journal(store, problem).add_priced(units, Evaluated(1, 2.0, prices), EarlyPoint((point, point)))
        (row,) = store.rows()
    is_packed = column in ("units", "prices", "point") and isinstance(value, float)
    with Store.create(tmp_path / "b.db", {"of": "a test"}) as store:
        store.add(0, row | {column: _filled(row, column, value) if is_packed else value})
        with pytest.raises(StoreError, match=said):
            Journal(store, problem)


@pytest.mark.slow
def test_numbers_that_break_off_are_refused(make_program_of_plan, tmp_path):
    """Tests a cell without the end of its packing, which holds the sum to check it by."""
    problem = make_program_of_plan(0)
    prices, units = PriceVector.zero(problem.states[0].structure), np.zeros(len(problem.cost))
    with Store.create(tmp_path / "a.db", {"of": "a test"}) as store:
        Journal(store, problem).add(units, Evaluated(0, 2.0, prices))
        (row,) = store.rows()
        store.add(1, row | {"number": 1, "prices": row["prices"][:-8]})
        with pytest.raises(StoreError, match="the prices of row 1 are no numbers, or too many"):
            Journal(store, problem)


@pytest.mark.slow
def test_a_number_that_leaves_no_other_is_refused(make_program_of_plan, tmp_path):
    """Tests the last number of the database, and a row that names another number: it is damaged."""
    problem = make_program_of_plan(0)
    prices, units = PriceVector.zero(problem.states[0].structure), np.zeros(len(problem.cost))
    with Store.create(tmp_path / "a.db", {"of": "a test"}) as store:
        Journal(store, problem).add(units, Evaluated(0, 2.0, prices))
        (row,) = store.rows()
        del row["number"]
        store.add(2**63 - 1, row)
        with pytest.raises(StoreError, match="is not a row of a plan"):
            Journal(store, problem)
