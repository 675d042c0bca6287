"""The placement: its text, files and linear program."""

from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pandas as pd
import pytest

from placer.analysis.baselines import compare
from placer.cli.answers import print_placement
from placer.model.formulation import formulate
from placer.placement.placement_tables import TABLE_NAMES
from placer.placement.result import Placement
from placer.solve import solve


def test_html_escapes_names(make_instance):
    """Tests that a name full of markup does no harm in a notebook."""
    name = "<script>alert(1)</script>"
    instance = make_instance(
        data_centres=[{"data_centre": name}],
        links=[{"from": hub, "to": name, "rtt_ms": 1.0} for hub in "AB"],
        supplies=[{"power_zone": "zx", "data_centre": name}],
    )
    page = solve(instance)._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_tables_are_made_once(placement):
    """Tests that a table asked for twice is the same object."""
    for name in TABLE_NAMES:
        assert getattr(placement, name) is getattr(placement, name)


@pytest.mark.slow
def test_save_tables(placement, tmp_path):
    """Tests that every table is written under its name and reads back with the same numbers."""
    files = placement.save_tables(tmp_path / "new" / "folder")
    assert [file.stem for file in files] == list(TABLE_NAMES)
    for name, file in zip(TABLE_NAMES, files, strict=True):
        table = getattr(placement, name)
        back = pd.read_csv(file)
        assert list(back) == [*table.index.names, *table.columns]
        numbers = list(table.select_dtypes("number"))
        np.testing.assert_allclose(back[numbers].astype(float), table[numbers], rtol=1e-12, equal_nan=True)
        assert b"\r" not in file.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_long_tables_are_written_in_pieces(make_random_instance, monkeypatch, tmp_path, form):
    """Tests that files of pieces of two rows are those of whole tables, and that flows and prices are not kept."""
    solved = solve(make_random_instance(3))
    write = {"csv": Placement.save_tables, "parquet": Placement.save_parquet}[form]
    whole = write(solved, tmp_path / "whole")
    monkeypatch.setattr("placer.placement.result.ROWS", 2)
    written = dataclasses.replace(solved)
    for file, like in zip(write(written, tmp_path / "pieces"), whole, strict=True):
        if form == "csv":
            assert file.read_bytes() == like.read_bytes()
        else:
            pd.testing.assert_frame_equal(pd.read_parquet(file), getattr(solved, file.stem))
    assert vars(written).keys().isdisjoint({"flows", "prices"})


def test_what_is_shown_needs_no_long_table(make_random_instance, capsys):
    """Tests that text, a notebook and the screen make no table by hour, which a year has too many rows for."""
    placement = solve(make_random_instance(3, cyclic=True))
    assert "Cost per Mtok" in repr(placement)
    assert "table" in placement._repr_html_()
    print_placement(placement, compare(placement), {})
    assert "Workloads" in capsys.readouterr().out
    assert vars(placement).keys().isdisjoint({"flows", "prices", "waiting", "queues", "hours", "supplies", "links"})


def test_placement_is_frozen(placement):
    """Tests that a placement's parts cannot be replaced."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        placement.answer = None


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_tables_need_no_linear_program(make_random_instance, seed):
    """Tests that every figure and table is made without the program, or anything per assignment there could be."""
    solved = solve(make_random_instance(seed, cyclic=bool(seed)))
    placement = dataclasses.replace(solved, formulation=formulate(solved.instance))
    for name in TABLE_NAMES:
        pd.testing.assert_frame_equal(getattr(placement, name), getattr(solved, name))
    pd.testing.assert_series_equal(placement.settlement, solved.settlement)
    assert placement.summary() == solved.summary()
    assert repr(placement) == repr(solved)
    assert "assignments" not in vars(placement.formulation.structure)
    assert vars(placement).keys().isdisjoint({"program", "solution"})


def test_program_and_solution_are_those_solved(placement):
    """Tests that the whole program and its solution can still be had, made once."""
    assert placement.program is placement.program
    assert placement.solution is placement.solution
    assert placement.solution.termination == placement.termination
    objective = placement.program.cost @ placement.solution.point
    assert objective == pytest.approx(placement.cost_usd + placement.penalty_usd)
    assert objective == pytest.approx(placement.certificate.objective)
    payments = placement.program.row_upper[placement.program.row_blocks["demand"]] @ placement.rents.price
    assert payments == pytest.approx(placement.settlement["payments"])


def test_placement_can_be_pickled(placement):
    """Tests that a placement comes back from pickling with its figures and tables."""
    copy = pickle.loads(pickle.dumps(placement))  # noqa: S301 - made on the line itself
    assert copy.summary() == placement.summary()
    pd.testing.assert_frame_equal(copy.prices, placement.prices)
