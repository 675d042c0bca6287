"""The makers of the library: names, hashes, and refusals."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from placer.solvers.program_files import read_program

from .library import files, making
from .library.__main__ import main
from .library.instances import ENTRIES
from .library.mps import named, write_mps
from .library.proofs import Branch, cleaned, prove, tightened

#: Instances that ship, with their files.
SHIPPED = [name for name in ENTRIES if files.is_complete(name, files.SHIPPED)]


def test_what_ships_is_small_and_of_every_kind() -> None:
    """Tests that less than 3 MB ship, of each family and kind, and nothing that has no name."""
    assert sum(file.stat().st_size for file in files.SHIPPED.iterdir()) < 3e6
    assert {ENTRIES[name].kind for name in SHIPPED} == {"placement", "plan", "security", "storage", "presence"}
    names = {file.name.split(".")[0] for file in files.SHIPPED.iterdir() if file.is_file()}
    assert names <= {*ENTRIES, "check_optimum", "results"}


@pytest.mark.slow
def test_what_ships_is_proven(capsys: pytest.CaptureFixture[str]) -> None:
    """Tests every optimum that ships by the short script, through the command."""
    assert main(["check"]) == 0
    assert capsys.readouterr().out.count("proven True") == len(SHIPPED)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["tiny", "capped-smoke", "plan-tiny-4", "secure-fleet-smoke", "presence-hours"])
def test_what_ships_is_made_again(tmp_path: Path, name: str) -> None:
    """Tests that the command makes the same text from the seed, and that what is stated holds for it."""
    file = making.make(name, tmp_path)
    text, shipped = (gzip.decompress(each.read_bytes()) for each in (file, files.SHIPPED / file.name))
    assert text == shipped
    assert files.is_complete(name, tmp_path)


def test_list_names_everything(capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that the list has a line for each instance, and its optimum where it is stated."""
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(ENTRIES)
    assert "57" in lines[0].split()


@pytest.mark.parametrize("what", ["table", "results"])
def test_the_page_has_what_the_command_prints(capsys: pytest.CaptureFixture[str], what: str) -> None:
    """Tests that the page has every optimum, and the profiles of the results that ship."""
    page = (Path(__file__).parents[1] / "docs" / "library.md").read_text(encoding="utf-8")
    assert main([what]) == 0
    assert capsys.readouterr().out in page


def test_unknown_names_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that a name that the library does not have is refused."""
    with pytest.raises(SystemExit):
        main(["make", "nothing"])
    assert "'nothing' is unknown" in capsys.readouterr().err


def test_another_hash_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that no file is kept whose program is not the one that is stated."""
    monkeypatch.setattr(making, "statement", lambda _: {"sha256": "0"})
    with pytest.raises(making.LibraryError, match="another hash"):
        making.make("tiny", tmp_path)
    assert not list(tmp_path.iterdir())


def test_what_is_not_proven_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that no file is kept whose optimum is not proven."""
    monkeypatch.setattr(making, "proof_of", lambda given, _: replace(prove(given), cost=1.0))
    with pytest.raises(making.LibraryError, match="not proven"):
        making.make("tiny", tmp_path, anew=True)
    assert not list(tmp_path.iterdir())


def test_the_file_is_the_program(tmp_path: Path) -> None:
    """Tests that HiGHS reads from the file what was written, labels and figures to the last bit."""
    given = ENTRIES["secure-tiny"].make().given
    write_mps(given, "secure-tiny", tmp_path / "program.mps.gz")
    read = read_program(tmp_path / "program.mps.gz")
    assert (read.row_names, read.col_names) == (list(given.rows), list(given.columns))
    assert "without_Metro_demand_voice_Coast_0" in given.rows
    for name in ("cost", "row_lower", "row_upper", "col_lower", "col_upper"):
        np.testing.assert_array_equal(getattr(read, name), getattr(given.program, name))
    assert (read.matrix != given.program.matrix).nnz == 0


def test_rows_with_two_sides_become_two() -> None:
    """Tests that a row between two sides is written as two rows."""
    program = ENTRIES["tiny"].make().given.program
    lower, place = program.row_lower.copy(), program.row_blocks["capacity"].start
    lower[place] = -1.0
    given = named(replace(program, row_lower=lower))
    assert given.rows[-1] == f"{given.rows[place]}_upper"
    assert (given.program.row_lower[place], given.program.row_upper[place]) == (-1.0, np.inf)
    assert given.program.row_upper[-1] == program.row_upper[place]


def test_leaves_are_those_of_a_tree() -> None:
    """Tests that the tree of an instance with whole numbers branches on these alone."""
    given = ENTRIES["presence-hours"].make().given
    tree, columns = prove(given).tree, set()
    nodes = [tree]
    while nodes:
        node = nodes.pop()
        if isinstance(node, Branch):
            columns.add(node.column)
            nodes += [node.below, node.above]
    assert columns
    assert given.integer[list(columns)].all()


def test_tightened_duals_are_as_high_as_columns_let_them() -> None:
    """Tests that prices of demand that are moved come back, and that a point is cleaned within its bounds."""
    given = ENTRIES["tiny"].make().given
    proof, program = prove(given), given.program
    duals = proof.tree.duals.copy()
    duals[program.row_blocks["demand"]] -= 0.1
    back = tightened(program, duals, [("f", "queue"), ("x", "demand")])
    assert (program.cost - program.matrix.T @ back)[program.col_blocks["x"]].min() == pytest.approx(0.0, abs=1e-12)
    assert (cleaned(program, proof.point - 1e-17) >= program.col_lower).all()
