"""Figures that tune an algorithm: each says which benchmark chose it, and in which range it changes little."""

from __future__ import annotations

import importlib
import inspect
import re
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

import placer

PACKAGE = Path(placer.__file__).parent
BENCHMARKS = PACKAGE.parent / "benchmarks"


def _classes():
    """Return the classes of parameters of the package by name."""
    found = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        if re.search(r"^class \w+Parameters\b", file.read_text(encoding="utf-8"), re.MULTILINE):
            module = importlib.import_module(".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts))
            found |= {name: of for name, of in vars(module).items() if name.endswith("Parameters") and is_dataclass(of)}
    return found


def _figures(of):
    """Return the numeric fields that a class defines itself."""
    own = inspect.get_annotations(of)
    return [each.name for each in fields(of) if each.name in own and each.type in ("int", "float")]


CLASSES = _classes()


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_figures_name_their_benchmark_and_their_range(name):
    """Tests that the text of a class names a benchmark, and of every figure a range or that it is measured."""
    figures, text = _figures(CLASSES[name]), inspect.getsource(CLASSES[name])
    if not figures:
        return
    named = re.findall(r"``benchmarks\.(\w+)``", text)
    assert named, "name the benchmark"
    assert all((BENCHMARKS / f"{each}.py").exists() for each in named)
    told = r"(\s+\S+\s+to\s+\S+|((,|\s+and)\s+``\w+``)*\s+measured)"
    assert {figure for figure in figures if not re.search(f"``{figure}``{told}", text)} == set()
