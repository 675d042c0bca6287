"""Progress on standard error where that is no terminal: lines or nothing."""

from __future__ import annotations

from placer.cli.progress import case_bar, set_bar


def test_cases_are_a_line_each(capsys):
    """Tests that each case is named with how many there are."""
    with case_bar() as step:
        step("fleet small", 0, 2)
        step("done", 2, 2)
    assert capsys.readouterr().err == "placer: fleet small (0 of 2)\nplacer: done (2 of 2)\n"


def test_sets_say_nothing(capsys):
    """Tests that sets, of which there may be a million, write no line each."""
    with set_bar(2) as step:
        step(True)
        step(False)
    assert capsys.readouterr().err == ""
