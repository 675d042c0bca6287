"""Libraries that only some uses need."""

from __future__ import annotations

import sys

import pytest

from placer.errors import PlacerError
from placer.utils.optional import extra


def test_a_library_that_is_there_is_returned():
    assert extra("json.decoder", "texts", "text") is sys.modules["json.decoder"]


@pytest.mark.parametrize("library", ["no_such_library", "no_such_library.part"])
def test_a_library_that_is_missing_names_its_extra(library):
    """Tests that the message says what needs it and how to install it."""
    with pytest.raises(PlacerError) as caught:
        extra(library, "plots", "plot")
    assert str(caught.value) == "plots need no_such_library: pip install 'token-placer[plot]'"


def test_a_library_that_lacks_another_is_not_said_to_be_missing(tmp_path, monkeypatch):
    """Tests that the error of a broken installation is left as it is."""
    (tmp_path / "halved_library.py").write_text("import its_other_half")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="its_other_half"):
        extra("halved_library", "plots", "plot")
