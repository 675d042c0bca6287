"""The files of an instance: program, point, duals and what they state, written, read and checked."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from placer.utils.atomic import whole

from .mps import compressed, write_mps
from .proofs import Branch, Proof, Tree

if TYPE_CHECKING:
    from .mps import Named

#: The folder of the library that ships: beside the benchmarks, in a checkout and in an installed package.
SHIPPED = next(
    folder
    for folder in (Path(__file__).parents[2] / name / "library" for name in ("datasets", "_datasets"))
    if folder.is_dir() or folder.parent.name == "_datasets"
)
#: The endings of the files of an instance.
ENDINGS = (".mps.gz", ".point.gz", ".duals.gz", ".json")


def checker() -> ModuleType:
    """Return the module ``check_optimum``, which stands alone beside the instances."""
    spec = importlib.util.spec_from_file_location("check_optimum", SHIPPED / "check_optimum.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(SHIPPED / "check_optimum.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write_program(given: Named, name: str, folder: Path) -> dict[str, Any]:
    """Write a program, and return its size and hash."""
    program = given.program
    return {
        "rows": len(given.rows),
        "columns": len(given.columns),
        "nonzeros": int(program.matrix.nnz),
        "whole_columns": int(given.integer.sum()),
        "sha256": write_mps(given, name, folder / f"{name}.mps.gz"),
    }


def write_proof(given: Named, proof: Proof, name: str, folder: Path) -> dict[str, Any]:
    """Write point and duals, and return what they prove."""
    with compressed(folder / f"{name}.point.gz") as text:
        for column, value in zip(given.columns, proof.point.tolist(), strict=True):
            if value:
                text.write(f"{column} {value!r}\n".encode("ascii"))
    with compressed(folder / f"{name}.duals.gz") as text:
        for line in _lines(proof.tree, given):
            text.write(line.encode("ascii"))
    return {"optimum": proof.cost, "gap": proof.gap, "leaves": _leaves(proof.tree)}


def _lines(tree: Tree, given: Named) -> Iterator[str]:
    """Yield the lines of a tree, each branch before its halves."""
    if isinstance(tree, Branch):
        yield f"branch {given.columns[tree.column]} {tree.most}\n"
        yield from _lines(tree.below, given)
        yield from _lines(tree.above, given)
        return
    yield "leaf\n"
    for row, dual in zip(given.rows, tree.duals.tolist(), strict=True):
        if dual:
            yield f"{row} {dual!r}\n"
    yield "end\n"


def _leaves(tree: Tree) -> int:
    return _leaves(tree.below) + _leaves(tree.above) if isinstance(tree, Branch) else 1


def write_statement(stated: dict[str, Any], folder: Path) -> None:
    """Write what is stated of an instance."""
    with whole(folder / f"{stated['name']}.json") as draft:
        draft.write_text(json.dumps(stated, indent=1) + "\n", encoding="utf-8", newline="\n")


def statement(name: str, folder: Path = SHIPPED) -> dict[str, Any] | None:
    """Return what is stated of an instance, or None."""
    file = folder / f"{name}.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None


def is_complete(name: str, folder: Path) -> bool:
    """Whether a folder has all files of an instance."""
    return all((folder / f"{name}{ending}").is_file() for ending in ENDINGS)
