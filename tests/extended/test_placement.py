"""The placement of a model: what its tables and texts say, and who refuses it."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

import placer
from placer.errors import ArgumentError
from placer.extended.extension import Extension, OwnColumns, OwnRows, extend
from placer.extended.placement import own_column_table, own_row_table, scarce_own_rows
from placer.model.program import LPSolution
from placer.termination import Reason, Termination


@pytest.fixture(scope="module")
def placement(at_y):
    return at_y.solve()


def test_headlines(placement):
    """Tests that the text names own rows and columns beside what a placement says."""
    lines = repr(placement).splitlines()
    assert lines[0].startswith("Placement       optimal, gap")
    assert lines[0].endswith("proven")
    assert lines[1:3] == ["Own rows        1, 1 of them with a rent", "Own columns     1, 20.00 USD"]
    assert "580.00 USD (" in lines[3]
    assert "at most 6 at Y" in placement._repr_html_()


def test_summary_and_cost_parts(placement):
    """Tests that the cost of own columns is a part of the cost, and a figure of the summary."""
    assert placement.cost_parts_usd["own"] == pytest.approx(20)
    assert placement.summary()["own_usd"] == pytest.approx(20)
    assert placement.cost_usd == pytest.approx(580)
    assert placement.hubs["cost_usd"].sum() == pytest.approx(560)


def test_scarcities(placement, make_instance):
    """Tests that own rows that bind stand among scarce limits, the dearest first, and alone where nothing else is."""
    assert placement.scarcities["rent_usd"].to_dict() == pytest.approx({("own row", "at most 6 at Y"): 180})
    sites = [{"data_centre": "X"}, {"data_centre": "Y", "accelerators": 4.0}]
    model = placer.Model(make_instance(data_centres=sites))
    assert model.solve().scarcities.index.tolist() == [("accelerators", "Y")]
    at_x = ((model.columns["block"] == "x") & (model.columns["data_centre"] == "X")).astype(float)
    model.add_rows(at_x, name="at most 6 at X", upper=6.0)
    scarce = model.solve().scarcities
    assert set(scarce.index) == {("accelerators", "Y"), ("own row", "at most 6 at X")}
    assert scarce["rent_usd"].is_monotonic_decreasing


def test_tables_are_saved(placement, tmp_path):
    """Tests that own rows and own columns are files beside the others."""
    files = {file.name for file in placement.save_tables(tmp_path)}
    assert {"own_rows.csv", "own_columns.csv", "prices.csv"} <= files
    assert pd.read_csv(tmp_path / "own_columns.csv").loc[0, "column"] == "room"


def test_program_and_solution_are_those_of_the_model(placement, at_y, tmp_path):
    """Tests that what is written out is the extended program, and the solution fits it."""
    assert placement.program.col_names[-1] == "own_room"
    assert placement.program.cost @ placement.solution.point == pytest.approx(580)
    placer.write_program(placement.program, tmp_path / "model.lp")
    assert "own_room" in (tmp_path / "model.lp").read_text()
    assert pickle.loads(pickle.dumps(placement)).cost_usd == placement.cost_usd  # noqa: S301 - our own


@pytest.mark.parametrize(
    "ask",
    [
        placer.compare,
        placer.explain,
        placer.export_cost,
        placer.economic_range,
        placer.export_ranges,
        placer.break_even_gaps,
        placer.plots.plot_price_stack,
        lambda placement: placer.price_ranges(placement, [0]),
        lambda placement: placer.export_ceiling(placement.instance, placement=placement),
    ],
)
def test_analyses_of_the_instance_refuse_it(placement, ask):
    """Tests that what goes back to the program of the instance says that it knows no own rows."""
    with pytest.raises(ArgumentError, match=r"not that of a model: .* knows no own rows"):
        ask(placement)


@pytest.mark.slow
def test_its_report_has_own_rows(placement, tmp_path):
    """Tests that a page names own rows and columns, alone and beside the instance without them."""
    text = placer.write_report(placement, tmp_path / "page.html", title="mine").read_text(encoding="utf-8")
    assert "Own rows and columns" in text
    assert "at most 6 at Y" in text
    beside = placer.compare_placements({"as is": placer.solve(placement.instance), "own": placement})
    assert beside.changes.loc["cost_usd", "own"] == pytest.approx(580 - 320)
    assert "at most 6 at Y" in beside.report(tmp_path / "pages.html").read_text(encoding="utf-8")
    with pytest.raises(ArgumentError, match="made without the model's own rows: ceiling;"):
        placer.write_report(placement, tmp_path / "more.html", ceiling=placer.export_ceiling(placement.instance))
    assert not (tmp_path / "more.html").exists()


@pytest.fixture
def solved(make_program):
    """At least 3 of x at 1 each; own rows x - z <= 2, 3 <= x <= 7, x <= 9 twice: its duals are rounding and wrong."""
    program = make_program([1.0], [[1.0]], [3.0], [np.inf])
    columns = OwnColumns(("z",), np.array([2.0]), np.array([0.0]), np.array([4.0]), np.array([False]))
    matrix = csr_array(np.array([[1.0, -1.0], [1.0, 0.0], [1.0, 0.0], [1.0, 0.0]]))
    rows = OwnRows(("a", "b", "c", "d"), matrix, np.array([-np.inf, 3, -np.inf, -np.inf]), np.array([2.0, 7, 9, 9]))
    extension = Extension(columns, rows)
    solution = LPSolution(Termination(Reason.OPTIMAL), np.array([3.0, 1.0]), np.array([0.0, -2.0, 3.0, -1e-14, 1e-3]))
    return extend(program, extension), solution, extension


def test_rows(solved):
    """Tests sides, rents and their part of the settlement; rounding and duals on missing sides are no rent."""
    program, solution, extension = solved
    table = own_row_table(program, solution, extension.rows, integers_fixed=True)
    assert table["activity"].tolist() == [2, 3, 3, 3]
    assert table["side"].tolist() == ["upper", "lower", "", ""]
    assert table["rent_usd_per_unit"].tolist() == [2, 3, 0, 0]
    assert table["rent_usd"].tolist() == [4, -9, 0, 0]
    assert table["integers_fixed"].all()


def test_columns(solved):
    """Tests values, costs and the reduced cost 2 - 2 = 0, which rounding does not spoil."""
    table = own_column_table(*solved)
    assert table.loc["z", ["value", "usd_per_unit", "cost_usd", "upper"]].tolist() == [1, 2, 2, 4]
    assert table["reduced_cost_usd_per_unit"].tolist() == [0]
    assert not table["integers_fixed"].any()


def test_scarce_rows():
    """Tests that rows which bind stand among the limits, with their rents and all hours."""
    table = pd.DataFrame({"side": ["upper", ""], "rent_usd": [4.0, 0.0]}, index=["a", "b"])
    scarce = scarce_own_rows(table, 24)
    assert scarce.index.tolist() == [("own row", "a")]
    assert scarce.loc[("own row", "a")].tolist() == [24, 4]
