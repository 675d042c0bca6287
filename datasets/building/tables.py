"""Reading the facts, and the tables and source lines that the other modules make."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

FACTS = Path(__file__).resolve().parents[1] / "facts"

Row = dict[str, str]
Cell = str | float


@dataclass
class Dataset:
    """Tables by name, and one line of source for every figure in them.

    Attributes
    ----------
    tables : dict
        Name of the file without its ending -> rows.
    sources : list
        Rows of ``sources.csv``.
    """

    tables: dict[str, list[dict[str, Cell]]] = field(default_factory=dict)
    sources: list[Row] = field(default_factory=list)

    def cite(self, table: str, row: str, column: str, source: str, kind: str, note: str = "") -> None:
        """Say where the figures of ``column`` in ``row`` come from."""
        line = {"table": table, "row": row, "column": column, "source": source, "kind": kind, "note": note}
        self.sources.append(line)

    def files(self, name: str, general_sources: str) -> dict[str, str]:
        """Return the text of every file by its name: the tables, ``sources.csv``, and the TOML files of this folder."""
        files = {f"{table}.csv": as_csv(rows) for table, rows in self.tables.items()}
        files["sources.csv"] = as_csv([*read(general_sources), *self.sources])
        for file, place in (("dataset.toml", f"{name}.toml"), ("sensitivity.toml", f"{name}_sensitivity.toml")):
            if (Path(__file__).parent / place).is_file():
                files[file] = (Path(__file__).parent / place).read_text(encoding="utf-8")
        return files


def read(name: str) -> list[Row]:
    """Read one table of facts."""
    with (FACTS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_by(name: str, *key: str) -> dict[str, Row]:
    """Read one table of facts, its rows named by the columns ``key`` joined with ``|``."""
    return {"|".join(row[column] for column in key): row for row in read(name)}


def value(item: str) -> float:
    """Return one assumed value."""
    return float(read_by("assumed_values", "item")[item]["value"])


def world_value(item: str) -> float:
    """Return one value chosen for the world."""
    return float(read_by("assumed_world_values", "item")[item]["value"])


def differing(files: Mapping[str, str], folder: Path) -> list[str]:
    """Return the names of files that differ from those in ``folder``, or stand in one of the two only."""
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    changed = [name for name, text in files.items() if name in there and (folder / name).read_bytes() != text.encode()]
    return sorted({*changed, *(there ^ files.keys())})


def report(files: Mapping[str, str], folder: Path) -> int:
    """Say which files of a dataset differ, and return the exit status."""
    names = differing(files, folder)
    print("\n".join(f"differs: {name}" for name in names) or f"datasets/{folder.name} is as built")
    return int(bool(names))


def write(files: Mapping[str, str], folder: Path) -> int:
    """Write every file of a dataset, and return the exit status."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())
    return 0


def decimals(number: float, places: int) -> str:
    """Write a number with at most so many decimals and no trailing zeros."""
    text = f"{number:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def significant(number: float, digits: int = 4) -> str:
    """Write a number with so many significant digits, never in exponent form."""
    return decimals(float(f"{number:.{digits - 1}e}"), 10)


def as_csv(rows: Sequence[Mapping[str, Cell]]) -> str:
    """Write rows as CSV text with one header row."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
