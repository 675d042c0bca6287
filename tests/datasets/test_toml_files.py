"""TOML files of a dataset: read strictly, and written so that they come back."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from placer.datasets.csv_files import read_toml, write_toml
from tests.datasets.refused import violations_of
from tests.effort import tries


@pytest.mark.parametrize("content", ['a = "é"\r\n[b]\r\nc = 1\r\n', '\ufeffa = "é"\n[b]\nc = 1'], ids=["CRLF", "mark"])
def test_read_toml(write, content):
    """Tests that line ends and a mark at the start make no difference."""
    assert read_toml(write(content, "dataset.toml")) == {"a": "é", "b": {"c": 1}}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a = ", "dataset.toml: Invalid value (at end of document) (allowed: TOML)"),
        ("a = 1\na = 2", "dataset.toml: Cannot overwrite a value"),
        ("a = 'é'".encode("latin-1"), "dataset.toml: byte 5 is not UTF-8 (allowed: text in UTF-8)"),
        ("a = 1".encode("utf-16"), "dataset.toml: byte 0 is not UTF-8 (allowed: text in UTF-8)"),
        ("a = " + "9" * 5000, "Exceeds the limit"),
        ("a = " + "[" * 100_000, "allowed: TOML"),
        ("a = \x00", "dataset.toml: Invalid value"),
    ],
    ids=["no value", "twice", "Latin-1", "UTF-16", "long number", "deep", "NUL"],
)
def test_broken_toml(write, content, expected):
    """Tests that what is no TOML, or more than Python reads, is one violation."""
    (violation,) = violations_of(read_toml, write(content, "dataset.toml"))
    assert expected in violation


@settings(max_examples=tries(21, 60), deadline=None)
@given(
    st.dictionaries(st.sampled_from(["name", "description"]), st.text(st.characters(exclude_categories=["Cs"]))),
    st.booleans() | st.floats(allow_nan=False) | st.tuples(st.tuples(st.text("ab\"'\\é"), st.text("ab"))),
)
@example({"name": "\x00\x1f\x7f\r\n\\\"'"}, (("\x7f", "a"),))
def test_toml_survives(tmp_path_factory, texts, value):
    """Tests that what is written as TOML is read as it was, any text and control character included."""
    file = tmp_path_factory.mktemp("toml") / "dataset.toml"
    write_toml(file, texts, {"x": value})
    expected = [list(pair) for pair in value] if isinstance(value, tuple) else value
    assert read_toml(file) == texts | {"settings": {"x": expected}}
