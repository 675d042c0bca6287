"""Text from elsewhere on a terminal."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from placer.texts import visible


@given(st.text())
def test_nothing_acts_on_a_terminal(text):
    """Tests that whatever a stranger writes comes out printable, and printable text comes out as it was."""
    shown = visible(text)
    assert shown.isprintable()
    assert not any(unicodedata.category(sign) in ("Cc", "Cf", "Cs") for sign in shown)
    assert visible(shown) == shown


def test_signs_to_keep_are_kept():
    """Tests that lines stay lines where that is asked for."""
    assert visible("a\nb\tc", keep="\n") == "a\nb\\tc"
