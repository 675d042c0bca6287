"""Tests of mutation: the changes, and their detection."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import mutation
from .mutants import mutants
from .mutation import MODULES, ROOT, main, survivors

TINY = """def clipped(value, limit):
    return min(value, limit) if value <= limit else limit
"""
TESTS = """from tiny import clipped

def test_clipped():
    assert clipped(3, 2) == 2
    assert clipped(1, 2) == 1
"""


def _changes(source: str) -> list[str]:
    return [mutant.change for mutant in mutants("tiny", source)]


@pytest.mark.parametrize(
    ("line", "changes"),
    [
        ("a <= b", ["LtE to Lt"]),
        ("a - 2", ["Sub to Add", "2 to 3"]),
        ("not a", ["without Not"]),
        ("a or b", ["Or to And"]),
        ("np.maximum(a, b)", ["maximum to minimum"]),
        ("abs(a)", ["without abs"]),
        ("[a, b]", ["without a", "without b"]),
        ("(a, b)", []),
        ("f(flag=True)", ["True to False"]),
        ("a if b else c", ["always the first", "always the second"]),
        ("'text'", []),
    ],
)
def test_changes(line: str, changes: list[str]) -> None:
    """Tests which changes are made to an expression."""
    assert _changes(line) == changes


def test_types_and_presentation_stay() -> None:
    """Tests that annotations, imports for them and tables for notebooks are not changed."""
    source = "if TYPE_CHECKING:\n    A = 1\ndef f(a: B[1]) -> C[2]: ...\ndef _repr_html_(self):\n    return 1\n"
    assert _changes(source) == []


def test_each_mutant_has_one_change() -> None:
    """Tests that a mutant differs from the module in its own change only."""
    first, second, *_ = (mutant.source for mutant in mutants("tiny", "x = a + b\ny = c - d\n"))
    assert (first, second) == ("x = a - b\ny = c - d", "x = a + b\ny = c + d")


@pytest.mark.slow
def test_survivors(tmp_path: Path) -> None:
    """Tests that a mutant that a test notices is killed, and that a neutral mutant survives."""
    (tmp_path / "tiny.py").write_text(TINY, encoding="utf-8")
    (tmp_path / "test_tiny.py").write_text(TESTS, encoding="utf-8")
    found = list(survivors("tiny.py", ("test_tiny.py",), tmp_path, ("tiny.py", "test_tiny.py")))
    # At equality both branches give the limit, and the least of the two is right on either side.
    assert [mutant.change for mutant, survived in found if survived] == ["always the first", "LtE to Lt"]
    assert [mutant.change for mutant, survived in found if not survived] == ["always the second", "min to max"]


@pytest.mark.slow
def test_tests_that_fail_as_it_is_are_an_error(tmp_path: Path) -> None:
    """Tests that mutants get no verdict if the tests fail without a mutant."""
    (tmp_path / "tiny.py").write_text(TINY, encoding="utf-8")
    (tmp_path / "test_tiny.py").write_text("def test_nothing():\n    assert False\n", encoding="utf-8")
    with pytest.raises(RuntimeError, match="do not pass as it is"):
        next(survivors("tiny.py", ("test_tiny.py",), tmp_path, ("tiny.py", "test_tiny.py")))


def test_main_tells_what_is_not_argued(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Tests the exit status and the output, with and without an argument."""
    mutant = next(mutants("proof/bound", "x = a + b"))
    monkeypatch.setattr(mutation, "survivors", lambda *_, **__: iter([(mutant, True), (mutant, False)]))
    assert main(["--modules", "proof/bound"]) == 1
    assert "NOT ARGUED" in capsys.readouterr().out
    monkeypatch.setattr(mutation, "ARGUED", {mutant.key: "it cannot matter"})
    assert main(["--modules", "proof/bound"]) == 0
    printed = capsys.readouterr().out
    assert "it cannot matter" in printed
    assert "proof/bound: 2 mutants, 1 killed, 1 survive" in printed


@pytest.mark.slow
def test_every_argument_is_of_a_mutant() -> None:
    """Tests that no argument refers to a line that no longer exists."""
    keys = {
        mutant.key
        for module in MODULES
        for mutant in mutants(module, (ROOT / f"placer/{module}.py").read_text(encoding="utf-8"))
    }
    assert set(mutation.ARGUED) <= keys
