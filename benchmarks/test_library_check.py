"""``datasets/library/check_optimum.py``: fails on corruptions that matter, passes other duals, and is short."""

from __future__ import annotations

import ast
import gzip
import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import highspy
import numpy as np
import pytest

import placer
from placer.model.program import LPSolution
from placer.proof.certificate import certify

from .library import files, proofs
from .library.instances import ENTRIES
from .library.mps import write_mps
from .peers import PEERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .library.instances import Made

#: Share of the optimum by which a corruption changes what is true, at least.
MATTERS = 1e-6
LINEAR, WHOLE = ("tiny", "secure-tiny", "fleet-smoke"), "presence-hours"


class Kept:
    """An instance in a folder, and the same with changes."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        self.made: Made = ENTRIES[name].make()
        self.proof = proofs.prove(self.made.given)
        stated = files.write_program(self.made.given, name, folder)
        self.stated = {"name": name} | stated | files.write_proof(self.made.given, self.proof, name, folder)
        files.write_statement(self.stated, folder)

    @property
    def path(self) -> str:
        """The name with its folder."""
        return str(self.folder / self.name)

    def lines(self, ending: str) -> list[str]:
        """Return the lines of a file."""
        return gzip.decompress(Path(f"{self.path}.{ending}.gz").read_bytes()).decode().splitlines(keepends=True)

    def with_lines(self, ending: str, lines: list[str], folder: Path, **stated: object) -> str:
        """Return the path of a copy with other lines in one file, and other statements."""
        for file in self.folder.glob(f"{self.name}.*"):
            shutil.copy(file, folder)
        text = "".join(lines).encode()
        (folder / f"{self.name}.{ending}.gz").write_bytes(gzip.compress(text))
        files.write_statement(self.stated | stated, folder)
        return str(folder / self.name)


@pytest.fixture(scope="module")
def check() -> Callable[[str], bool]:
    """Return the check of an instance: whether anything is not as stated."""
    return files.checker().check


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Kept]:
    """Return instances that are made once."""
    return {name: Kept(name, tmp_path_factory.mktemp(name)) for name in (*LINEAR, WHOLE)}


def refused(check: Callable[[str], bool], path: str) -> bool:
    """Return whether an instance fails, with or without a message of its own."""
    try:
        return check(path)
    except (KeyError, ValueError, StopIteration, TypeError):
        return True


def test_is_short_and_needs_numpy_alone() -> None:
    """Tests that the script has at most 100 lines, and imports the standard library and numpy."""
    text = (files.SHIPPED / "check_optimum.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 100
    names = {
        alias.name.partition(".")[0]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in (node.names if isinstance(node, ast.Import) else [ast.alias(node.module or "")])
    }
    assert names == {"gzip", "hashlib", "io", "json", "math", "sys", "fractions", "pathlib", "numpy"}


@pytest.mark.parametrize("name", [*LINEAR, WHOLE])
def test_proves_what_is_made(kept: dict[str, Kept], check: Callable[[str], bool], name: str) -> None:
    """Tests that instances pass as they are made."""
    assert not check(kept[name].path)


def changed_programs(kept: Kept, random: np.random.Generator) -> Iterator[tuple[str, list[str]]]:
    """Yield copies of a program with one figure, sense or row changed, of which many have another optimum."""
    lines = kept.lines("mps")
    first = lines.index("COLUMNS\n")
    figures = [place for place, line in enumerate(lines) if place > first and line.split()[-1][-1].isdigit()]
    for place in random.permutation(figures).tolist():
        *words, figure = lines[place].split()
        factor = random.choice([0.5, 0.8, 1.25, 2.0, -1.0])
        yield (
            f"{words} {figure} times {factor}",
            [
                *lines[:place],
                f" {' '.join(words)} {factor * float(figure)!r}\n",
                *lines[place + 1 :],
            ],
        )


def optimum_of(path: str) -> float:
    """Return the optimum by HiGHS of a file; NaN without one."""
    engine = highspy.Highs()
    engine.setOptionValue("output_flag", False)  # noqa: FBT003 - takes no keywords
    engine.readModel(f"{path}.mps.gz")
    engine.setOptionValue("mip_rel_gap", 0.0)
    engine.run()
    optimal = engine.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return float(engine.getObjectiveValue()) if optimal else float("nan")


@pytest.mark.slow
def test_fails_on_changed_programs(kept: dict[str, Kept], check: Callable[[str], bool], tmp_path: Path) -> None:
    """Tests 40 changes of programs that change the optimum, under a hash that fits; the first of each under the old."""
    random, tried = np.random.default_rng(1), []
    for name in (*LINEAR, WHOLE):
        one, found = kept[name], 0
        for what, lines in changed_programs(one, random):
            digest = hashlib.sha256("".join(lines).encode()).hexdigest()
            path = one.with_lines("mps", lines, tmp_path, sha256=digest)
            truth = optimum_of(path)
            if abs(truth - one.proof.cost) <= MATTERS * abs(one.proof.cost):
                continue
            tried.append(what)
            assert refused(check, path), (name, what, truth)
            assert found or refused(check, one.with_lines("mps", lines, tmp_path))
            if (found := found + 1) == 10:
                break
    assert len(tried) == 40


def changed_duals(kept: Kept, random: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield duals with one figure scaled, turned or left out, whose bound by the certificate is lower than before."""
    program, tree = kept.made.given.program, kept.proof.tree
    assert isinstance(tree, proofs.Leaf)
    while True:
        duals = tree.duals.copy()
        duals[random.choice(np.flatnonzero(duals))] *= random.choice([0.0, -1.0, 0.7, 0.99, 1.01, 1.5])
        as_if = LPSolution(placer.Termination(placer.Reason.OPTIMAL, ""), kept.proof.point, duals)
        if certify(program, as_if).bound < kept.proof.cost - MATTERS * abs(kept.proof.cost):
            yield duals


def with_duals(kept: Kept, duals: np.ndarray, folder: Path) -> str:
    """Return the path of a copy with other duals."""
    rows = zip(kept.made.given.rows, duals.tolist(), strict=True)
    return kept.with_lines("duals", ["leaf\n", *(f"{row} {dual!r}\n" for row, dual in rows if dual), "end\n"], folder)


@pytest.mark.slow
@pytest.mark.parametrize("name", LINEAR)
def test_fails_on_changed_duals(kept: dict[str, Kept], check: Callable[[str], bool], tmp_path: Path, name: str) -> None:
    """Tests 10 changes of duals in each of three programs."""
    changes = changed_duals(kept[name], np.random.default_rng(2))
    for _ in range(10):
        assert refused(check, with_duals(kept[name], next(changes), tmp_path))


@pytest.mark.slow
def test_fails_on_another_optimum(kept: dict[str, Kept], check: Callable[[str], bool], tmp_path: Path) -> None:
    """Tests 10 statements that are off by 1e-8 and more, to both sides."""
    one = kept["tiny"]
    for exponent in (-8, -6, -4, -2, 0):
        for sign in (-1, 1):
            optimum = one.proof.cost * (1 + sign * 10.0**exponent)
            assert refused(check, one.with_lines("duals", one.lines("duals"), tmp_path, optimum=optimum))


@pytest.mark.slow
def test_fails_on_changed_points(kept: dict[str, Kept], check: Callable[[str], bool], tmp_path: Path) -> None:
    """Tests 8 points: of three programs with a value more, less and left out, and replicas that are not whole."""
    for name in LINEAR:
        one, lines = kept[name], kept[name].lines("point")
        column, value = max((line.split() for line in lines), key=lambda words: float(words[1]))
        others = [line for line in lines if not line.startswith(f"{column} ")]
        for factor in (1.001, 0.999):
            assert refused(check, one.with_lines("point", [f"{column} {factor * float(value)!r}\n", *others], tmp_path))
    one, lines = kept[WHOLE], kept[WHOLE].lines("point")
    replicas = next(line for line in lines if line.startswith("replicas"))
    half = f"{replicas.split()[0]} {float(replicas.split()[1]) - 0.5}\n"
    for changed in (half, ""):
        assert refused(
            check, one.with_lines("point", [changed if line == replicas else line for line in lines], tmp_path)
        )


@pytest.mark.slow
def test_fails_on_changed_leaves(kept: dict[str, Kept], check: Callable[[str], bool], tmp_path: Path) -> None:
    """Tests 12 changes of a tree: leaves and branches left out, moved, and on a column that is not whole."""
    one, lines = kept[WHOLE], kept[WHOLE].lines("duals")
    branches = [place for place, line in enumerate(lines) if line.startswith("branch")]
    leaves = [place for place, line in enumerate(lines) if line == "leaf\n"]
    ends = [place for place, line in enumerate(lines) if line == "end\n"]
    changes = [lines[:begin] + lines[end + 1 :] for begin, end in list(zip(leaves, ends, strict=True))[:4]]
    changes += [lines[:place] + lines[place + 1 :] for place in branches[:4]]
    changes.append(["branch x_interactive_chat_hub_0_site_0_0 1\n", *lines[1:]])
    changes.append([f"{lines[0].rpartition(' ')[0]} 7\n", *lines[1:]])
    changes.append([*lines[: leaves[0]], *lines[leaves[1] : ends[1] + 1], *lines[ends[0] + 1 :]])
    changes.append(["leaf\n", *lines[leaves[-1] + 1 :]])
    assert len(changes) == 12
    for changed in changes:
        assert refused(check, one.with_lines("duals", changed, tmp_path))


def other_duals(program: placer.LinearProgram) -> Iterator[np.ndarray]:
    """Yield duals of other solvers, and of HiGHS by other ways, as these give them."""
    for side in ("scipy", "ortools-glop", "pulp:HiGHS"):
        if not PEERS[side].missing():
            solution = PEERS[side].of_program(program)().solution
            assert solution is not None
            yield solution.duals
    for seed in range(4):
        for method in ("simplex", "ipm"):
            options = {
                "random_seed": seed,
                "presolve": "off" if seed % 2 else "on",
                "simplex_strategy": 1 + 3 * (seed // 2),
            }
            yield placer.HiGHS(method, options=options).solve(program).duals


@pytest.mark.slow
def test_passes_other_duals(kept: dict[str, Kept], check: Callable[[str], bool], tmp_path: Path) -> None:
    """Tests 100 optimal duals: of other solvers, and mixtures of them, in programs of which some have many."""
    random, passed = np.random.default_rng(3), 0
    for name, count in zip(LINEAR, (50, 12, 38), strict=True):
        program = kept[name].made.given.program
        known = [proofs.pressing(program, duals) for duals in other_duals(program)]
        mixed = [random.dirichlet(np.ones(len(known))) @ np.array(known) for _ in range(count - len(known))]
        for duals in [*known, *mixed]:
            assert not check(with_duals(kept[name], duals, tmp_path))
            passed += 1
    assert passed == 100


def test_implied_bounds_are_of_the_file_alone(tmp_path: Path, check: Callable[[str], bool]) -> None:
    """Tests that a column without any bound has none: its reduced cost must not be below 0."""
    given = ENTRIES["tiny"].make().given
    program, free = given.program, given.program.col_blocks["y"].start
    matrix = program.matrix.tolil()
    matrix[:, free] = 0.0
    cost = program.cost.copy()
    for value, fails in ((0.0, False), (-1e-12, True)):
        cost[free] = value
        changed = replace(given, program=replace(program, cost=cost.copy(), matrix=matrix.tocsc()))
        proof = proofs.prove(replace(changed, program=replace(changed.program, cost=np.where(cost < 0, 0.0, cost))))
        stated = files.write_program(changed, "free", tmp_path) | files.write_proof(changed, proof, "free", tmp_path)
        files.write_statement({"name": "free"} | stated, tmp_path)
        assert check(str(tmp_path / "free")) is fails


@pytest.mark.slow
def test_the_same_bytes_twice(tmp_path: Path) -> None:
    """Tests that a program and its proof are written to the same bytes each time, and that the hash is of the text."""
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        Kept("tiny", tmp_path / folder)
    for ending in files.ENDINGS:
        one, two = ((tmp_path / folder / f"tiny{ending}").read_bytes() for folder in ("one", "two"))
        assert one == two
    text = gzip.decompress((tmp_path / "one" / "tiny.mps.gz").read_bytes())
    stated = json.loads((tmp_path / "one" / "tiny.json").read_text(encoding="utf-8"))
    assert stated["sha256"] == hashlib.sha256(text).hexdigest()
    assert stated["sha256"] == write_mps(ENTRIES["tiny"].make().given, "tiny", tmp_path / "again.mps.gz")
