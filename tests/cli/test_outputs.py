"""The option ``--out``: checked before the work, written as a whole after it."""

from __future__ import annotations

import errno
import json
import sys

import pytest


@pytest.mark.slow
def test_solve_writes_every_table(run, tmp_path):
    """Tests that --out holds every table and the summary."""
    run("solve", "tiny", "--out", str(tmp_path / "out"))
    names = {file.name for file in (tmp_path / "out").iterdir()}
    assert {"summary.json", "flows.csv", "prices.csv", "data_centres.csv", "scarcities.csv"} <= names
    assert json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["dataset"] == "tiny"


@pytest.mark.slow
def test_tables_of_a_placement_and_a_ceiling_in_one_excel_file(run, tmp_path):
    """Tests that --out with the name of an Excel file writes that and nothing else."""
    openpyxl = pytest.importorskip("openpyxl")
    for command in ("solve", "ceiling"):
        code, _, _ = run(command, "tiny", "--out", str(tmp_path / f"{command}.xlsx"))
        assert code == 0
    assert sorted(file.name for file in tmp_path.iterdir()) == ["ceiling.xlsx", "solve.xlsx"]
    assert "flows" in openpyxl.load_workbook(tmp_path / "solve.xlsx").sheetnames
    assert "curve_rtt" in openpyxl.load_workbook(tmp_path / "ceiling.xlsx").sheetnames


def test_out_on_a_file_is_bad_input(run, tmp_path):
    """Tests that a folder that cannot be made is a message, not a traceback."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    code, _, err = run("solve", "tiny", "--out", str(tmp_path / "file"))
    assert code == 2
    assert "placer:" in err


@pytest.mark.parametrize("command", ["solve", "ceiling"])
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("out.csv", ".csv is not written here; name a folder, or a file ending in .xlsx"),
        ("out.pdf", ".pdf is not written here"),
        ("file", "it is there already and no folder"),
        ("missing/x.xlsx", "there is no folder"),
    ],
)
def test_targets_are_checked_before_the_work(run, tmp_path, monkeypatch, command, name, said):
    """Tests that what could not be written after the work is refused before it, in the words of the user."""
    monkeypatch.setattr("placer.datasets.folder.load", lambda *_: pytest.fail("loaded before the target was checked"))
    (tmp_path / "file").touch()
    code, out, err = run(command, "tiny", "--out", tmp_path / name)
    assert (code, out) == (2, "")
    assert said in err
    assert ".placer-" not in err


@pytest.mark.parametrize("command", ["solve", "ceiling"])
def test_missing_libraries_are_said_before_the_work(run, tmp_path, monkeypatch, command):
    """Tests that a file of Excel without openpyxl is refused before anything is solved."""
    monkeypatch.setattr(
        "placer.datasets.folder.load", lambda *_: pytest.fail("loaded before the library was looked for")
    )
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    code, _, err = run(command, "tiny", "--out", tmp_path / "x.xlsx")
    assert code == 2
    assert err == "placer: Excel files need openpyxl: pip install 'token-placer[excel]'\n"


@pytest.mark.slow
@pytest.mark.parametrize("command", ["solve", "ceiling"])
def test_answer_is_printed_where_the_disk_is_full(run, tmp_path, monkeypatch, command):
    """Tests that a failure to write loses no answer, names the target, and leaves no file half written."""

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("placer.cli.outputs.save_summary", full)
    code, out, err = run(command, "tiny", "--json", "--out", tmp_path / "out")
    assert code == 2
    assert json.loads(out)["dataset"] == "tiny"
    assert f"placer: {tmp_path / 'out'} cannot be written: No space left on device" in err
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_files_that_are_there_are_replaced_and_others_stay(run, tmp_path):
    """Tests the one rule of all commands for what exists."""
    for name in ("summary.json", "notes.txt"):
        (tmp_path / name).write_text("old", encoding="utf-8")
    assert run("solve", "tiny", "--out", tmp_path)[0] == 0
    assert json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))["dataset"] == "tiny"
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "old"
    assert not [file.name for file in tmp_path.iterdir() if file.name.startswith(".")]


@pytest.mark.slow
def test_plots_are_left_out_without_matplotlib(run, tmp_path, monkeypatch):
    """Tests that a folder without plots is written, and what would draw them is said."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    code, _, err = run("ceiling", "tiny", "--out", tmp_path / "out")
    assert code == 0
    assert "no plots: plots need matplotlib: pip install 'token-placer[plot]'" in err
    assert (tmp_path / "out" / "summary.json").is_file()
    assert not list((tmp_path / "out").glob("*.png"))
