"""Reading and writing CSV and TOML."""

# ruff: noqa: E501 - files and messages read best whole

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from placer.datasets.csv_files import read_csv, read_toml, typed, write_exact_csv
from placer.instance.attributes.schema import DATA_CENTRES, HUBS, LINKS, WORKLOADS
from placer.utils.reading import LARGEST_FILE_BYTES
from tests.datasets.refused import violations_of
from tests.effort import tries


@pytest.mark.parametrize(
    "content",
    [
        "hub,region\nA,east\nB,\n",
        "hub,region\r\nA,east\r\nB,\r\n",
        "\ufeffhub,region\nA,east\nB,",
        "hub,region\n\nA,east\n\nB,\n\n",
        '"hub","region"\n"A","east"\n"B",""\n',
    ],
    ids=["plain", "CRLF", "mark", "blank lines", "quoted"],
)
def test_read_csv(write, content):
    """Tests that line ends, a mark at the start, blank lines and quotes make no difference."""
    assert read_csv(write(content)).to_dict("list") == {"hub": ["A", "B"], "region": ["east", ""]}


def test_cells_stay_text(write):
    """Tests that nothing is converted while reading: zeros in front, blanks, quotes, line breaks in cells."""
    frame = read_csv(write('hub,region\n007," a, ""b"""\nNA,"x\ny"\n'))
    assert frame.to_dict("list") == {"hub": ["007", "NA"], "region": [' a, "b"', "x\ny"]}


def test_header_alone_is_an_empty_table(write):
    """Tests that a file of one line has columns but no rows."""
    frame = read_csv(write("hub,region\n"))
    assert list(frame.columns) == ["hub", "region"]
    assert frame.empty


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", ["hubs.csv: file empty (allowed: a header row)"]),
        ("\n", ["hubs.csv: file empty (allowed: a header row)"]),
        ("\ufeff", ["hubs.csv: file empty (allowed: a header row)"]),
        ("hub,hub\nA,B\n", ["hubs.csv.hub: column given twice (allowed: once)"]),
        (
            "hub,,\nA,1,2\n",
            ["hubs.csv[column 2]: has no name (allowed: a name)", "hubs.csv[column 3]: has no name (allowed: a name)"],
        ),
        (
            "hub,region\nA\nB,b,c\n",
            [
                "hubs.csv[line 2]: 1 cells (allowed: 2 cells, as in the header)",
                "hubs.csv[line 3]: 3 cells (allowed: 2 cells, as in the header)",
            ],
        ),
        ('hub,region\nA,"east\n', ["hubs.csv[line 2]: unexpected end of data (allowed: CSV with commas)"]),
        ('hub,region\nA,"east"x\n', ["hubs.csv[line 2]: ',' expected after '\"' (allowed: CSV with commas)"]),
        (
            "hub\n" + "x" * 200_000 + "\n",
            ["hubs.csv[line 2]: field larger than field limit (131072) (allowed: CSV with commas)"],
        ),
        ("hub\nZürich\n".encode("latin-1"), ["hubs.csv: byte 5 is not UTF-8 (allowed: text in UTF-8)"]),
        ("hub\nA\n".encode("utf-16"), ["hubs.csv: byte 0 is not UTF-8 (allowed: text in UTF-8)"]),
    ],
    ids=[
        "empty",
        "blank",
        "mark only",
        "twice",
        "no name",
        "ragged",
        "open quote",
        "after quote",
        "long",
        "Latin-1",
        "UTF-16",
    ],
)
def test_broken_csv(write, content, expected):
    """Tests that a broken file is named with the line or column that is wrong."""
    assert violations_of(read_csv, write(content)) == expected


def test_semicolons_and_decimal_commas(write):
    """Tests the form of spreadsheets where the comma is the decimal sign: in numbers alone, names keep their commas."""
    content = '"from";"to";rtt_ms;capacity_gbps;note\nA, B;C;1,5;;2,5\nC;D;12;1,25e2;\n'
    frame = read_csv(write(content, "links.csv"), "links")
    assert frame.to_dict("list") == {
        "from": ["A, B", "C"],
        "to": ["C", "D"],
        "rtt_ms": ["1.5", "12"],
        "capacity_gbps": ["", "1.25e2"],
        "note": ["2,5", ""],
    }


def test_semicolons_and_decimal_points(write):
    """Tests that points stay as they are where no number has a comma."""
    frame = read_csv(write("hub;access_ms\nA;1.5\n"), "hubs")
    assert frame.to_dict("list") == {"hub": ["A"], "access_ms": ["1.5"]}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            "hub;access_ms\nA;1.500\nB;2,5\n",
            "hubs.csv: numbers with a decimal comma and with a point, such as '1.500' (allowed: one decimal sign, and no separator of thousands)",
        ),
        ("hub\taccess_ms\nA\t1\n", "hubs.csv[line 1]: cells stand between tabs (allowed: commas between the cells)"),
        ("hub;access_ms\nA;1;2\n", "hubs.csv[line 2]: 3 cells (allowed: 2 cells, as in the header)"),
    ],
    ids=["both signs", "tabs", "ragged"],
)
def test_other_forms_are_refused_with_the_reason(write, content, expected):
    """Tests that a file whose numbers or cells could be read in two ways is refused, with what it holds."""
    assert violations_of(lambda file: read_csv(file, "hubs"), write(content)) == [expected]


def test_a_file_too_large_is_not_read(write):
    """Tests that a file too large to be a dataset is refused by its size alone."""
    file = write("hub\n")
    with file.open("r+b") as stream:
        stream.truncate(LARGEST_FILE_BYTES + 1)
    (found,) = violations_of(read_csv, file)
    assert found.startswith(
        "hubs.csv: too large: 1,000,000,001 bytes (allowed: at most 1,000,000,000 bytes; set PLACER_"
    )


@pytest.mark.parametrize("read", [read_csv, read_toml])
def test_what_cannot_be_opened(tmp_path, read):
    """Tests that a file that cannot be read is a violation, not an error of the operating system."""
    assert violations_of(read, tmp_path / "hubs.csv") == [
        "hubs.csv: cannot be read: No such file or directory (allowed: a file that can be read)"
    ]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("", None),
        ("  ", None),
        ("12", 12),
        (" 12 ", 12),
        ("-3", -3),
        ("+3", 3),
        ("1.5", 1.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("1E-3", 0.001),
        ("inf", math.inf),
        ("+inf", math.inf),
        ("-inf", -math.inf),
        ("12345678901234567890", 12345678901234567890.0),
        ("nan", "nan"),
        ("NaN", "NaN"),
        ("Inf", "Inf"),
        ("infinity", "infinity"),
        ("1,5", "1,5"),
        ("1 000", "1 000"),
        ("1_000", "1_000"),
        ("0x10", "0x10"),
        ("1e400", "1e400"),
        ("12%", "12%"),
        ("\uff11\uff12", "\uff11\uff12"),
        ("٣", "٣"),
        ("True", "True"),
        ("None", "None"),
        ("-", "-"),
        ("1\x00", "1\x00"),
    ],
)
def test_numbers_are_read_strictly(cell, value):
    """Tests that only plain decimal numbers and inf are numbers; all else stays text for validation to name."""
    frame = typed(pd.DataFrame({"speed": [cell]}, dtype=object), DATA_CENTRES)
    read = frame.loc[0, "speed"]
    assert read == value
    assert type(read) is type(value)


def test_empty_cells_are_missing():
    """Tests that an empty cell is None, which stands for the default, and an empty name stays empty."""
    frame = typed(pd.DataFrame({"from": [""], "rtt_ms": [""], "capacity_gbps": [""]}, dtype=object), LINKS)
    assert frame.loc[0].tolist() == ["", None, None]
    frame = typed(pd.DataFrame({"hub": ["A"], "region": [""], "lat": [""], "access_ms": [""]}, dtype=object), HUBS)
    assert frame.loc[0].tolist() == ["A", None, None, None]


def test_names_are_never_numbers():
    """Tests that names and jurisdictions that look like numbers stay text."""
    frame = typed(pd.DataFrame({"workload": ["007"], "jurisdictions": ["1|2"]}, dtype=object), WORKLOADS)
    assert frame.loc[0].tolist() == ["007", "1|2"]


def test_unknown_columns_are_numbers_if_all_cells_are():
    """Tests that further columns become numbers only as a whole."""
    frame = typed(pd.DataFrame({"a": ["1", ""], "b": ["1", "x"]}, dtype=object), HUBS)
    assert frame["a"].tolist() == [1, None]
    assert frame["b"].tolist() == ["1", "x"]


def test_written_numbers_are_short_and_exact(tmp_path):
    """Tests how each kind of value is written."""
    values = [
        1.0,
        0.1,
        1e-9,
        123456789.0,
        1e15,
        math.inf,
        None,
        math.nan,
        ("CN", "EU"),
        (1, 2),
        True,
        "a,b",
        np.int64(3),
    ]
    write_exact_csv(tmp_path / "x.csv", pd.DataFrame({"x": pd.Series(values, dtype=object), "y": "z"}))
    assert (tmp_path / "x.csv").read_text().splitlines()[1:] == [
        "1,z", "0.1,z", "1e-09,z", "123456789,z", "1000000000000000.0,z", "inf,z", ",z", ",z", "CN|EU,z", '"(1, 2)",z',
        "True,z", '"a,b",z', "3,z",
    ]  # fmt: skip


@settings(max_examples=tries(21, 60), deadline=None)
@given(st.lists(st.floats(allow_nan=False) | st.integers(-(10**15) + 1, 10**15 - 1), min_size=1))
def test_numbers_survive(tmp_path_factory, numbers):
    """Tests that every float and whole number comes back from a file bit for bit."""
    file = tmp_path_factory.mktemp("csv") / "x.csv"
    write_exact_csv(file, pd.DataFrame({"rtt_ms": pd.Series(numbers, dtype=object), "y": "z"}))
    assert typed(read_csv(file), LINKS)["rtt_ms"].tolist() == numbers


@pytest.mark.slow
@settings(max_examples=tries(21, 60), deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1))
@example(["\r", "0\r", "\r\n", "\n\r"])
def test_texts_survive(tmp_path_factory, texts):
    """Tests that any text comes back from a file, quotes and line breaks included, the latter as LF."""
    file = tmp_path_factory.mktemp("csv") / "x.csv"
    write_exact_csv(file, pd.DataFrame({"hub": texts, "y": "z"}))
    assert read_csv(file)["hub"].tolist() == [text.replace("\r\n", "\n").replace("\r", "\n") for text in texts]


def test_text_that_is_no_unicode_is_still_written(tmp_path):
    """Tests that half a character in a further column does not keep an instance from being saved."""
    write_exact_csv(tmp_path / "x.csv", pd.DataFrame({"x": ["\ud800"]}, dtype=object))
    assert (tmp_path / "x.csv").read_text() == "x\n\\ud800\n"
