"""What the commands have in common: the time limit."""

from __future__ import annotations

import math

import pytest

import placer
from placer.cli.options import command_time, within_limit
from placer.errors import NoSolutionError
from placer.running import check_time, seconds_left
from placer.termination import Reason


def test_a_command_ends_tables_and_files_soon_after_its_limit():
    """Tests the time that a whole command has: a tenth of its limit and half a second more."""
    seen = []
    within_limit(lambda *, time_limit: seen.append((time_limit, seconds_left())))(time_limit=100.0)
    ((limit, left),) = seen
    assert limit == 100.0
    assert 100.0 < left <= 110.5


def test_limit_holds_inside():
    """Tests that whatever is computed meanwhile sees the limit."""
    with command_time(100.0, print):
        assert seconds_left() <= 100.0


def test_what_was_found_is_in_the_error():
    """Tests that a time-out names the things found, in one line, with the reason and no bound of a later program."""

    def work():
        with command_time(100.0, print) as note:
            note("a placement")
            note("a ceiling")
            raise NoSolutionError(Reason.TIME_LIMIT, "the curve", 7.0)

    with pytest.raises(NoSolutionError) as caught:
        work()
    assert (caught.value.reason, caught.value.bound_usd) == (Reason.TIME_LIMIT, -math.inf)
    assert caught.value.detail == "the curve; found so far: a placement; a ceiling"


def test_where_nothing_was_found_the_error_is_as_it_was():
    """Tests that nothing is added."""
    with pytest.raises(NoSolutionError) as caught, command_time(1e-9, print):
        check_time("the work")
    assert caught.value.detail == "the work"


@pytest.mark.slow
@pytest.mark.parametrize("command", ["solve", "ceiling", "explain"])
def test_unserved_demand_fails_only_where_that_is_asked_for(run, short_folder, command):
    """Tests that the status is 0 with demand unserved, and 3 with --require-served; where all is served, 0 in both."""
    assert run(command, short_folder)[0] == 0
    assert run(command, short_folder, "--require-served")[0] == 3
    assert run(command, "tiny", "--require-served")[0] == 0


COMMANDS_WITH_A_LIMIT = (
    ("solve",),
    ("solve", "--secure", "links"),
    ("ceiling",),
    ("ceiling", "--secure", "links"),
    ("accounts", "--gains"),
    ("audit", "--security", "links"),
    ("explain",),
    ("report",),
)


@pytest.mark.parametrize("command", COMMANDS_WITH_A_LIMIT, ids=" ".join)
def test_time_limit_is_one_line(run, command, tmp_path, monkeypatch):
    """Tests that a limit that is over at once ends every command with status 1 and one line, and writes nothing."""
    monkeypatch.chdir(tmp_path)
    code, out, err = run(*command, "tiny", "--time-limit", "1e-9")
    said = [line for line in err.splitlines() if "time limit" in line]
    assert (code, out, len(said)) == (1, "", 1)
    assert "Traceback" not in err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", COMMANDS_WITH_A_LIMIT, ids=" ".join)
def test_time_limit_that_makes_no_sense_is_refused(run, command):
    """Tests that it is a positive number."""
    code, out, err = run(*command, "tiny", "--time-limit", "-1")
    assert (code, out) == (2, "")
    assert "time limit -1.0 is not a positive number of seconds" in err


@pytest.mark.parametrize(("command", "found"), [("ceiling", "43.75%"), ("report", "330.77 USD")])
def test_time_out_says_what_was_found(run, command, found, tmp_path, monkeypatch):
    """Tests that a ceiling that is there when time runs out is named."""

    def late(_):
        raise NoSolutionError(Reason.TIME_LIMIT, "the split")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(placer.ExportCeiling, "limits", property(late))
    code, _, err = run(command, "tiny")
    (said,) = [line for line in err.splitlines() if "time limit" in line]
    assert code == 1
    assert "the split; found so far: " in said
    assert found in said
