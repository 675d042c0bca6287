"""Tests of the tables: their commands exist, outputs become Markdown, and pages get them between their marks."""

from __future__ import annotations

import importlib.util
import json
import shlex
from pathlib import Path

import pytest

from placer.cli.main import app

from . import tables
from .machine import machine
from .report import as_records, rows_of
from .runs import FAST, NUMPY, Finished, write
from .suite import Case, Measurement, cases
from .table_forms import formatted, last_lines, printed
from .table_list import TABLES
from .table_sides import about_solvers, beside, over_seeds, profiles
from .tables import PAGES, machine_text, main, replaced, seed_of, write_pages

RUNS = {run.name: run for table in TABLES.values() for run in table.runs}
PAGE = "# Page\n\n<!-- table a -->\nold\n<!-- end of table -->\n\n<!-- table b -->\n\n<!-- end of table -->\n"


def _finished(
    output: str, name: str = "a", extra: str = FAST, command: str = "benchmarks.a --json --days 2"
) -> Finished:
    return Finished(name, command, extra, 0, "2026-11-30T12:00:00+00:00", 1.0, 2.0, 3.0, 0, output)


def _bench(*sides: tuple[str, float, float], seed: int = 0, name: str = "a") -> Finished:
    found = [
        Measurement(Case("fleet", "small", seed, "end-to-end", solver), 0, "done", 1000, seconds, 50.0, cost, 1e-12)
        for solver, seconds, cost in sides
    ]
    return _finished(json.dumps({"rows": as_records(rows_of(found))}), name)


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("which", ["command", "quick"])
def test_commands_exist(name: str, which: str) -> None:
    """Tests that every command is a module of the benchmarks or a command of placer."""
    module, *words = shlex.split(getattr(RUNS[name], which).format(folder="folder", seed=3))
    assert importlib.util.find_spec(module) is not None
    if module == "placer":
        assert words[0] in {each.name for each in app.registered_commands}


@pytest.mark.parametrize("name", [name for name, run in RUNS.items() if run.command.startswith("placer bench")])
def test_families_sizes_and_solvers_exist(name: str) -> None:
    """Tests that the measurements of every run of ``placer bench`` exist."""
    words = shlex.split(RUNS[name].command.format(folder="folder", seed=3))
    given = {
        option: [words[place + 1] for place, word in enumerate(words) if word == f"--{option}"]
        for option in ("family", "size", "phase", "solver", "seed")
    }
    families, sizes, seeds = (given[option] for option in ("family", "size", "seed"))
    found = cases(families, sizes, given["phase"] or ["end-to-end"], given["solver"], list(map(int, seeds)))
    assert len(found) == len(families) * len(sizes) * len(seeds)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_marks_are_of_tables(page: Path) -> None:
    """Tests that the marks of both pages name tables, and come in pairs."""
    text = page.read_text(encoding="utf-8")
    names = [part.partition(" -->")[0] for part in text.split("<!-- table ")[1:]]
    assert set(names) <= {*TABLES, tables.MACHINE}
    assert text.count("<!-- end of table -->") == len(names) > 0
    assert "new" in replaced(text, names[0], "new")


def test_pages_get_their_tables(tmp_path: Path) -> None:
    """Tests that a text replaces what stands between its marks alone, backslashes as they are."""
    page = tmp_path / "page.md"
    page.write_text(PAGE, encoding="utf-8")
    write_pages({"a": "| new \\1 |", "b": "second", "c": "nowhere"}, [page])
    text = page.read_text(encoding="utf-8")
    assert text == PAGE.replace("old", "| new \\1 |").replace("table b -->\n\n", "table b -->\nsecond\n")


def test_rows_of_json_are_formatted() -> None:
    """Tests formats, missing values, rows left out, arguments of the command, and a column for the extra."""
    columns = {"what": "{what}", "seconds": "{seconds:.2f}", "arguments": "`{arguments}`"}
    output = '{"what": "a", "seconds": 1.5}\n{"what": "b", "seconds": null}\n{"what": "build", "seconds": 2}'
    form = formatted(columns, lambda row: row["what"] != "build")
    assert form([_finished(output)]).splitlines()[2:] == ["| a | 1.50 | `--days 2` |", "| b |  | `--days 2` |"]
    both = form([_finished(output), _finished(output, extra=NUMPY)]).splitlines()
    assert both[0].endswith("| extra |")
    assert [line.split(" | ")[-1] for line in both[2:]] == ["fast |", "fast |", "numpy |", "numpy |"]


def test_printed_tables_are_joined() -> None:
    """Tests that the last table of each output is taken, under one heading."""
    output = "| x |\n| --- |\n| 0 |\n\nsaid\n| case | s |\n| --- | --- |\n| a | 1 |\n"
    assert printed([_finished(output)]) == "| case | s |\n| --- | --- |\n| a | 1 |"
    assert printed([_finished(output), _finished(output, extra=NUMPY)]).splitlines() == [
        "| case | s | extra |",
        "| --- | --- | --- |",
        "| a | 1 | fast |",
        "| a | 1 | numpy |",
    ]
    assert printed([_finished("nothing")]) == ""


def test_last_lines() -> None:
    """Tests the command and what it said last."""
    assert last_lines([_finished("a\n2 plans, 0 wrong\n")]).splitlines()[2].endswith("| 2 plans, 0 wrong |")


def test_placer_beside_highs() -> None:
    """Tests the line of a problem: both of placer's sides, HiGHS, and the ratio; a wrong answer in words."""
    found = _bench(("columns", 1.0, 5.0), ("columns-numpy", 2.0, 6.0), ("simplex", 30.0, 5.0))
    assert beside([found]).splitlines()[2] == "| fleet small | 0 | 1,000 | 1 | WRONG | 30 | 30x | 50 | 50 | 1e-12 |"


def test_solvers_over_seeds() -> None:
    """Tests the range over seeds, and the worst agreement."""
    found = [
        _bench(("columns", 1.0, 5.0), ("simplex", 4.0, 5.0), seed=0),
        _bench(("columns", 2.0, 5.0), ("simplex", 2.0, 5.0), seed=7),
    ]
    lines = over_seeds(found).splitlines()
    assert lines[2] == "| columns | 1 to 2 | 1x | 50 | 1e-12 | yes |"
    assert lines[3] == "| simplex | 2 to 4 | 1x to 4x | 50 | 1e-12 | yes |"
    assert "| columns | 50% | 100% | 100% | 100% | 100% |" not in profiles(found)
    assert "| columns | 100% | 100% | 100% | 100% | 100% |" in profiles(found)


def test_the_first_run_of_a_case_counts() -> None:
    """Tests that a case which two runs measured has one row, that of the first."""
    found = [_bench(("columns", 1.0, 5.0), ("simplex", 4.0, 5.0)), _bench(("columns", 3.0, 5.0), ("hipo", 6.0, 5.0))]
    assert [line.split(" | ")[1] for line in over_seeds(found).splitlines()[2:]] == ["1", "4", "6"]


def test_solvers_are_described() -> None:
    """Tests that every solver stands with its tolerance or what it is."""
    assert "| `highs-pdlp-1e-4` | HiGHS' PDLP at 1e-4, from arrays |" in about_solvers([])


def test_other_versions_are_told() -> None:
    """Tests that versions of a run that differ from those here are named once."""
    output = json.dumps({"machine": machine() | {"highspy": "0.1"}, "rows": []})
    text = machine_text([_finished(output), _finished(output, extra=NUMPY), _finished("[]", "b")], 3)
    assert text.endswith("; a with highspy 0.1.")
    assert "Measured 2026-11-30, seeds 0, 7 and 3 (drawn): " in text


def test_seed_is_kept(tmp_path: Path) -> None:
    """Tests that the drawn seed is that of the folder, and a given one replaces it."""
    drawn = seed_of(tmp_path, None)
    assert seed_of(tmp_path, None) == drawn
    assert seed_of(tmp_path, 5) == seed_of(tmp_path, None) == 5


def test_what_is_kept_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Tests a table from kept runs, the machine, and the status where a run failed."""
    kept = _finished("| instance |\n| --- |\n| fleet |\n", "modes")
    write(tmp_path / "runs.csv", [kept])
    assert main(["--out", str(tmp_path), "--show", "--seed", "3", "modes"]) == 0
    out = capsys.readouterr().out
    assert "| fleet |" in out
    assert "seeds 0, 7 and 3 (drawn)" in out
    write(tmp_path / "runs.csv", [Finished(**(vars(kept) | {"status": 1}))])
    assert main(["--out", str(tmp_path), "--show", "modes"]) == 1
    assert "modes (fast): status 1" in capsys.readouterr().err


@pytest.mark.parametrize("options", [[], ["--partial"]])
def test_part_of_a_table_is_written_if_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    """Tests a table of three runs of which one is measured."""
    page = tmp_path / "page.md"
    page.write_text("<!-- table passes -->\nold\n<!-- end of table -->\n", encoding="utf-8")
    monkeypatch.setattr(tables, "write_pages", lambda texts: write_pages(texts, [page]))
    monkeypatch.setattr(tables, "draw", lambda *_: None)
    write(tmp_path / "runs.csv", [_finished("[]", "passes week")])
    main(["--out", str(tmp_path), "--show", "--write", *options, "passes"])
    assert ("old" in page.read_text(encoding="utf-8")) is not bool(options)


def test_an_interruption_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Tests the status of an interrupted command."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(tables, "measure", interrupted)
    assert main(["--out", str(tmp_path), "modes"]) == 130
    assert "the same command goes on" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing"], "'nothing' is unknown"),
        (["--run", "no"], "'no' is unknown"),
        (["--quick", "--write"], "full size"),
    ],
)
def test_bad_input(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that unknown tables and runs are refused, and small tables are not written."""
    with pytest.raises(SystemExit):
        main(arguments)
    assert said in capsys.readouterr().err


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that tables are listed with their commands."""
    assert main(["--list", "modes"]) == 0
    assert capsys.readouterr().out == "modes\n  modes: python -m benchmarks.modes\n"
