"""Older names of the options of security."""

from __future__ import annotations

import pytest

from placer.cli.secure_options import renamed
from placer.errors import PlacerError

NOT_GIVEN = {"secure": None, "protected": None, "most_stranded": None}


@pytest.mark.parametrize(
    ("old", "value", "new"),
    [
        ("security", "links", "secure"),
        ("audit", "links", "secure"),
        ("protect", ["chat=1"], "protected"),
        ("most_unserved", 0.0, "most_stranded"),
    ],
)
def test_old_names(old, value, new, capsys):
    """Tests that an old name gives the new option with a note, and not beside it."""
    assert renamed(NOT_GIVEN | {"security": None, old: value}) == NOT_GIVEN | {new: value}
    told = capsys.readouterr().err.split()
    assert [told[1], told[-1]] == [f"--{old.replace('_', '-')}", f"--{new.replace('_', '-')}"]
    with pytest.raises(PlacerError, match="leave out --"):
        renamed(NOT_GIVEN | {old: value, new: value})


def test_old_outages(capsys):
    """Tests that outages without a share count by their hours only, as they did."""
    old = NOT_GIVEN | {"outages": "links", "protect": None, "most_unserved": None}
    assert renamed(old) == NOT_GIVEN | {"secure": "links", "most_stranded": 1.0}
    assert "write --secure and --most-stranded 1" in capsys.readouterr().err
    assert renamed(old | {"most_unserved": 0.1}) == NOT_GIVEN | {"secure": "links", "most_stranded": 0.1}
    assert renamed(old | {"protect": ["w=1"]}) == NOT_GIVEN | {"secure": "links", "protected": ["w=1"]}


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [("audit", "tiny", "--security", "links"), ("report", "tiny", "--no-ceiling", "--audit", "links")],
)
def test_old_names_of_commands(run, arguments, tmp_path):
    """Tests that commands still take their old options, which their help no longer shows."""
    further = ("--out", tmp_path / "page.html") if arguments[0] == "report" else ()
    code, _, err = run(*arguments, *further, "--json")
    assert (code, f"note: {arguments[-2]} is deprecated; write --secure" in err) == (0, True)
    assert arguments[-2] not in run(arguments[0], "--help")[1].split()
