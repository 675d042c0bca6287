"""Datasets with random defects: they load as valid instances or are refused, and nothing else happens."""

from __future__ import annotations

import random
import shutil

import numpy as np
import pytest

import placer
from placer.errors import InstanceError
from placer.instance.problem import Instance
from tests.effort import tries


@pytest.fixture
def tiny_copy(tmp_path):
    """A copy of the tiny dataset to spoil."""
    return shutil.copytree(placer.datasets.describe("tiny").folder, tmp_path / "copy")


NASTY = [
    "",
    " ",
    "-1",
    "0",
    "1e-300",
    "1e308",
    "1e999",
    "inf",
    "-inf",
    "nan",
    "1,5",
    "0x1",
    "True",
    "None",
    "x" * 200,
    "Coast",
]


NASTY += [
    '"',
    "'",
    "|",
    "a|b",
    "\x00",
    "\x1b[31m",
    "\ufeff",
    "\u202e",
    "é",
    "0.5",
    "1000000",
    "999999999999999999999",
    "[1, 2]",
    "=1+1",
]


def mutate(data, chance):
    """Return the bytes of a file with a few random defects."""
    for _ in range(chance.choice([1, 1, 2, 4])):
        lines = data.split(b"\n")
        place = chance.randrange(len(lines))
        kind = chance.choice(["cell", "cell", "cell", "drop", "double", "flip", "insert", "cut", "swap"])
        if kind == "cell":
            cells = lines[place].split(b",")
            cells[chance.randrange(len(cells))] = chance.choice(NASTY).encode()
            lines[place] = b",".join(cells)
        elif kind == "drop":
            del lines[place]
        elif kind == "double":
            lines.insert(place, lines[place])
        elif kind == "swap":
            other = chance.randrange(len(lines))
            lines[place], lines[other] = lines[other], lines[place]
        data = b"\n".join(lines)
        if kind == "flip" and data:
            spot = chance.randrange(len(data))
            data = data[:spot] + bytes([data[spot] ^ (1 << chance.randrange(8))]) + data[spot + 1 :]
        elif kind == "insert":
            spot = chance.randrange(len(data) + 1)
            data = data[:spot] + chance.randbytes(chance.choice([1, 2, 8])) + data[spot:]
        elif kind == "cut":
            data = data[: chance.randrange(len(data) + 1)]
    return data


def outcome(folder, scenarios):
    """Return the instance of a folder, or the violations for which it is refused; nothing else may happen."""
    try:
        return placer.load(folder, scenarios)
    except InstanceError as error:
        return error.violations


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, tries(100, 400), 100))
def test_mutated_datasets_load_or_are_refused(tiny_copy, start):
    """Tests 100 random mutations at a time: the outcome is an instance that is valid, or an InstanceError."""
    files = sorted(file for file in tiny_copy.rglob("*") if file.is_file() and file.name != "sources.csv")
    good = {file: file.read_bytes() for file in files}
    refused = 0
    for seed in range(start, start + 100):
        chance = random.Random(seed)  # noqa: S311 - not a secret
        file = chance.choice(files)
        file.write_bytes(mutate(good[file], chance))
        found = outcome(tiny_copy, chance.choice([[], ["patient"], ["dispatch", "patient"]]))
        if isinstance(found, Instance):
            assert found == found.replace(), seed
            assert np.isfinite(found.demand["mtok"]).all(), seed
        else:
            refused += 1
            assert found, seed
            assert all(str(violation).isprintable() for violation in found), (seed, found)
        file.write_bytes(good[file])
    assert 40 <= refused < 100
