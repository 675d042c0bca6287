"""Tests of the commands of the campaigns."""

import sys
from pathlib import Path

import pytest

from benchmarks.commands import CALLS, COMMANDS, STORES, limited, line_of, start
from placer.cli.main import app


def test_all_commands_are_there():
    """Tests that each is a command of placer, and that stores belong to commands."""
    known = {each.name for each in (*app.registered_commands, *app.registered_groups)}
    assert {arguments[0] for arguments in COMMANDS.values()} <= known
    assert set(STORES) <= COMMANDS.keys()
    assert line_of("plan", Path("kept.db"))[-3:] == ["--store", "kept.db", "--resume"]


@pytest.mark.parametrize("name", CALLS)
def test_calls_are_programs(name):
    """Tests that what no command does is Python."""
    compile(line_of(name)[-1], name, "exec")


@pytest.mark.skipif(sys.platform == "win32", reason="limits a process")
def test_limits_and_folders(tmp_path):
    """Tests that a command runs under its limit, in its folder and with its temporary files there."""
    told = "os.getcwd(), tempfile.gettempdir(), resource.getrlimit(resource.RLIMIT_FSIZE)"
    program = f"import os, resource, tempfile; print({told})"
    (tmp_path / "temporary").mkdir()
    with start(limited([sys.executable, "-S", "-c", program], "RLIMIT_FSIZE", 4096), tmp_path) as process:
        out, err = process.communicate()
    assert out.split(maxsplit=2) == [str(tmp_path), str(tmp_path / "temporary"), "(4096, 4096)\n"]
    assert (process.returncode, err) == (0, "")
