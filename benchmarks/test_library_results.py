"""Solvers on the library: their answers beside the optimum, the table of results, and metadata for other benchmarks."""

from __future__ import annotations

import importlib
import math
import sys
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from .library import results, sides
from .library.files import SHIPPED
from .library.open_energy import metadata, size_of, write_metadata
from .peers.peer import PeerError
from .suite import DONE, Case, Measurement

if TYPE_CHECKING:
    from pathlib import Path

#: A solver as a command: HiGHS, which writes its own kind of solution.
SOLVER = "import sys, highspy; h = highspy.Highs(); h.readModel(sys.argv[1]); h.run(); h.writeSolution(sys.argv[2], 0)"
COMMAND = f'"{sys.executable}" -c "{SOLVER}" {{mps}} {{solution}}'
#: Fields that the Open Energy Benchmark wants (``benchmarks/metadata_schema.yaml`` there), and their types.
BENCHMARK = (
    *("Short description", "Modelling framework", "Model name", "Contributor(s)/Source", "License", "Problem class"),
    *("Application", "Sectoral focus", "Sectors", "Time horizon", "MILP features"),
)
SIZE = {
    **dict.fromkeys(("Name", "Size", "URL", "Temporal resolution", "Spatial resolution"), str),
    "Realistic": bool,
    **dict.fromkeys(("Num. constraints", "Num. variables", "Num. continuous variables"), int),
    **dict.fromkeys(("Num. integer variables", "Num. nonzeros"), int),
}


def row(name: str = "tiny", side: str = "highs-simplex", status: str = DONE, objective: float | None = 330.77) -> dict:
    """Return the row of a measurement that is made up."""
    case = Case("library", "", 0, "solve", side)
    return results.row_of(name, side, Measurement(case, 0, status, seconds=1.0, objective=objective))


@pytest.mark.parametrize("name", ["tiny", "presence-hours"])
@pytest.mark.parametrize("side", ["highs-simplex", "pulp:HiGHS", "linopy:Highs", "ortools:glop", COMMAND])
def test_sides_find_the_optimum(name: str, side: str) -> None:
    """Tests that each side reads the file and finds the optimum that is proven, with whole numbers if it takes them."""
    library = side.partition(":")[0]
    if library in ("linopy", "ortools") and importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    if (name, side) == ("presence-hours", "ortools:glop"):
        pytest.skip("GLOP takes no whole numbers")
    objective = sides.call_of(SHIPPED / f"{name}.mps.gz", side)().objective
    assert row(name, side, objective=objective)["status"] == DONE


@pytest.mark.parametrize(
    ("side", "said"),
    [
        ("pulp:NOTHING", "not installed: PuLP finds no NOTHING"),
        ("false {mps}", "the command ended with 1"),
        ("true {mps}", "the command ended with 0: nothing said"),
    ],
)
def test_what_fails_says_why(side: str, said: str) -> None:
    """Tests that a solver that is absent, fails or writes nothing has no answer, and says why."""
    with pytest.raises(PeerError, match=said):
        sides.call_of(SHIPPED / "tiny.mps.gz", side)()


def test_solutions_of_commands_are_checked() -> None:
    """Tests that a solution file that leaves demand out is refused, whatever it says of its cost."""
    command = 'sh -c "echo Optimal 330.77 > {solution}"'
    with pytest.raises(PeerError, match="violates a row"):
        sides.call_of(SHIPPED / "tiny.mps.gz", command)()
    assert sides.label_of("cbc {mps} solve") == ("cbc", "cbc {mps} solve")
    assert sides.label_of("highs-ipm")[1].startswith("highspy ")


def test_rows_are_held_against_the_optimum() -> None:
    """Tests that an answer off by more than 1e-6 is wrong, and one without an answer has no error."""
    assert row()["status"] == DONE
    assert row(objective=330.78)["status"] == "wrong"
    assert row(objective=330.78)["error"] == pytest.approx(0.01 / 330.77)
    late = row(status="out of time (1 s)")
    assert (late["status"], math.isnan(late["seconds"]), math.isnan(late["error"])) == ("out of time (1 s)", True, True)


def test_others_can_add_rows(tmp_path: Path) -> None:
    """Tests that rows are added to a table, that it is read as it was written, and that another table is refused."""
    file = tmp_path / "results.csv"
    first = results.add_results(pd.DataFrame([row(), row(status="no answer: x")], columns=list(results.COLUMNS)), file)
    both = results.add_results(pd.DataFrame([row("secure-tiny")], columns=list(results.COLUMNS)), file)
    assert (len(first), len(both)) == (2, 3)
    pd.testing.assert_frame_equal(results.read_results(file), both, check_dtype=False)
    file.write_text("instance,seconds\n", encoding="utf-8")
    with pytest.raises(ValueError, match="has the columns instance, seconds, not instance, columns"):
        results.read_results(file)


def test_profiles_count_right_answers_alone() -> None:
    """Tests that a wrong answer is never the fastest, and that a solver that is not installed is left out."""
    rows = pd.DataFrame(
        [
            *(row(name, "a", objective=cost) for name, cost in (("tiny", 330.77), ("secure-tiny", 1.0))),
            *(row(name, "b", objective=None, status="no answer: not installed: b") for name in ("tiny", "secure-tiny")),
        ],
        columns=list(results.COLUMNS),
    )
    seconds = results.seconds_of(rows)
    assert list(seconds) == ["a"]
    assert seconds["a"].isna().tolist() == [name != "tiny" for name in seconds.index]
    assert "| tiny | 57 | a | 1 | 0e+00 |" in results.text_of(rows)


def test_names_stand_for_instances() -> None:
    """Tests the names of several instances, and the refusal of names that have no proven optimum."""
    assert "tiny" in results.names_of(["shipped"])
    assert set(results.names_of(["shipped"])) <= set(results.names_of(["all"]))
    assert results.names_of(["tiny", "tiny"]) == ["tiny"]
    for name in ("nothing", "plan-china-40"):
        with pytest.raises(ValueError, match=name):
            results.names_of([name])


@pytest.mark.parametrize("name", results.names_of(["all"]))
def test_metadata_have_the_fields_that_are_wanted(name: str) -> None:
    """Tests the metadata of each instance against the fields of the Open Energy Benchmark, and their types."""
    ((title, found),) = metadata(name)["benchmarks"].items()
    assert title == f"placer-{name}"
    assert all(isinstance(found[field], str) and found[field] for field in BENCHMARK)
    assert set(found) == {*BENCHMARK, "Version", "Notes", "Sizes"}
    (size,) = found["Sizes"]
    assert {field: type(size[field]) for field in SIZE} == SIZE
    assert set(size) <= {*SIZE, "Realistic motivation"}
    assert size["Size"] == size_of(size["Num. variables"])
    assert (size["Num. integer variables"] > 0) == (found["Problem class"] == "MILP")
    assert ("Realistic motivation" in size) == size["Realistic"]


def test_metadata_are_yaml(tmp_path: Path) -> None:
    """Tests that a reader of YAML finds what was written."""
    yaml = pytest.importorskip("yaml")
    assert yaml.safe_load(write_metadata("tiny", tmp_path).read_text(encoding="utf-8")) == metadata("tiny")
    with pytest.raises(ValueError, match="nothing is stated of plan-china-40"):
        metadata("plan-china-40")
