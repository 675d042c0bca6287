"""Completion of names of datasets and scenarios."""

from __future__ import annotations

import subprocess
import sys

import pytest


def _completed(words, **environment):
    given = {"_PLACER_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
    done = subprocess.run(
        [sys.executable, "-c", "from placer.cli.main import app; app(prog_name='placer')"],
        capture_output=True,
        check=False,
        env=environment | given,
        text=True,
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("placer solve chi", ["china"]),
        ("placer solve tiny -s ", ["dispatch", "patient"]),
        ("placer report tiny --scenario pat", ["patient"]),
        ("placer solve nowhere -s ", []),
    ],
)
def test_names_are_completed(words, found):
    """Tests datasets, and scenarios of the dataset that stands before them."""
    assert _completed(words)[: len(found)] == found
    assert bool(_completed(words)) == bool(found)
