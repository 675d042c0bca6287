"""Make an instance: its program to the last byte, its optimum and what proves it, and no file that is not proven."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import placer

from .files import ENDINGS, SHIPPED, checker, is_complete, statement, write_program, write_proof, write_statement
from .instances import ENTRIES
from .mps import OBJECTIVE
from .proofs import prove as proof_of

#: The folder of what is made, beside the place where the command runs.
LIBRARY = Path("library")


class LibraryError(placer.PlacerError):
    """An instance that is made is not the one that is stated, or its optimum is not proven."""


def make(name: str, folder: Path = LIBRARY, *, prove: bool = True, anew: bool = False) -> Path:
    """Make an instance in a folder, and return the path of its program.

    Parameters
    ----------
    prove : bool
        Whether its optimum is sought and proven too.
    anew : bool
        Whether what the library states of it is made anew; else what is made must be what is stated.

    Raises
    ------
    LibraryError
        If program or optimum are not as stated: other versions of NumPy, or another machine, may round otherwise.
    NoSolutionError
        If no optimum is found.
    """
    entry, known = ENTRIES[name], None if anew else statement(name)
    made = entry.make()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".made-") as place:
        drafts = Path(place)
        stated: dict[str, Any] = {
            "name": name,
            "kind": entry.kind,
            "about": entry.about,
            "made_by": f"python -m benchmarks.library make {name}",
            "seed": entry.seed,
            "objective": OBJECTIVE,
            "nodes": made.nodes,
            "hours": made.hours,
            **write_program(made.given, name, drafts),
        }
        if known is not None and stated["sha256"] != known["sha256"]:
            raise LibraryError(f"{name} is made here with another hash than is stated: {stated['sha256']}")
        if prove:
            proof = proof_of(made.given, made.solve() if made.solve is not None else None)
            stated |= write_proof(made.given, proof, name, drafts)
            write_statement(known or stated, drafts)
            with redirect_stdout(StringIO()) as said:
                wrong = checker().check(str(drafts / name))
            if wrong:
                raise LibraryError(f"the optimum of {name} is not proven: {said.getvalue().strip()}")
        for file in sorted(drafts.iterdir()):
            shutil.move(file, folder / file.name)
    return folder / f"{name}{ENDINGS[0]}"


def program_file(name: str, folder: Path) -> Path:
    """Return the program of an instance: as it ships, or from a folder, where it is made if it is not there."""
    if is_complete(name, SHIPPED):
        return SHIPPED / f"{name}{ENDINGS[0]}"
    file = folder / f"{name}{ENDINGS[0]}"
    return file if file.is_file() else make(name, folder, prove=False)
