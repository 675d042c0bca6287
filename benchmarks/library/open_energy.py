"""What the Open Energy Benchmark asks of an instance: a file ``metadata.yaml`` in the form of its schema.

https://github.com/open-energy-transition/solver-benchmark has the form in ``benchmarks/metadata_schema.yaml`` and
``benchmarks/_template_metadata.yaml``: a benchmark with a list of sizes. Here each instance has a file of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from placer.utils.atomic import whole
from placer.version import VERSION

from .files import statement
from .instances import ENTRIES

#: How the description of an instance begins.
_ABOUT = "Least-cost placement of token workloads over data centres and hubs"
#: Of each kind of question: its application there, and what is whole.
_APPLICATIONS = {
    "placement": ("Operational", "None"),
    "storage": ("Operational", "None"),
    "security": ("Operational", "None"),
    "plan": ("Infrastructure & Capacity expansion", "None"),
    "presence": ("Operational", "Modularity"),
}
#: Instances of data that are published, and why they are realistic.
_REALISTIC = {"china", "world", "globe"}
_WHY = "Published places, prices, round trips and demand, each figure with its source in the dataset."


def size_of(columns: int) -> str:
    """Return the size of a program as the benchmark has it: S below 1e4 variables, M below 1e6, else L.

    Examples
    --------
    >>> size_of(9_999), size_of(10_000), size_of(1_000_000)
    ('S', 'M', 'L')
    """
    return "S" if columns < 1e4 else "M" if columns < 1e6 else "L"


def metadata(name: str) -> dict[str, Any]:
    """Return the metadata of an instance whose optimum is stated; its place is empty until the file has one.

    Raises
    ------
    ValueError
        If nothing is stated of the instance.
    """
    stated, entry = statement(name), ENTRIES[name]
    if stated is None:
        raise ValueError(f"nothing is stated of {name}")
    application, features = _APPLICATIONS[entry.kind]
    realistic = bool(_REALISTIC & set(name.split("-")))
    integers = stated["whole_columns"]
    return {
        "benchmarks": {
            f"placer-{name}": {
                "Short description": f"{_ABOUT}: {entry.about}.",
                "Modelling framework": "placer",
                "Model name": f"placer {entry.kind}",
                "Version": VERSION,
                "Contributor(s)/Source": f"token-placer; {stated['made_by']}",
                "License": "MIT",
                "Problem class": "MILP" if integers else "LP",
                "Application": application,
                "Sectoral focus": "Power-only",
                "Sectors": "Electric, Commercial",
                "Time horizon": f"Single period ({stated['hours']} hours)",
                "MILP features": features,
                "Notes": f"Optimum {stated['optimum']!r}, proven by duals to {stated['gap']:g}; "
                f"SHA-256 of the MPS {stated['sha256']}.",
                "Sizes": [
                    {
                        "Name": f"{stated['nodes']}-{stated['hours']}h",
                        "Size": size_of(stated["columns"]),
                        "URL": f"{name}.mps.gz",
                        "Temporal resolution": f"{stated['hours']} hours",
                        "Spatial resolution": f"{stated['nodes']} nodes",
                        "Realistic": realistic,
                        **({"Realistic motivation": _WHY} if realistic else {}),
                        "Num. constraints": stated["rows"],
                        "Num. variables": stated["columns"],
                        "Num. continuous variables": stated["columns"] - integers,
                        "Num. integer variables": integers,
                        "Num. nonzeros": stated["nonzeros"],
                    }
                ],
            }
        }
    }


def write_metadata(name: str, folder: Path) -> Path:
    """Write the metadata of an instance as YAML, and return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.metadata.yaml"
    with whole(file) as draft:
        draft.write_text("".join(_yaml(metadata(name), 0)), encoding="utf-8", newline="\n")
    return file


def _yaml(value: dict[str, Any], depth: int) -> Iterator[str]:
    """Yield the lines of a mapping whose leaves are written as JSON, which YAML reads."""
    for key, each in value.items():
        if isinstance(each, dict):
            yield f"{'  ' * depth}{key}:\n"
            yield from _yaml(each, depth + 1)
        elif isinstance(each, list):
            yield f"{'  ' * depth}{key}:\n"
            for item in each:
                first, *rest = _yaml(item, depth + 1)
                yield f"{'  ' * depth}- {first.lstrip()}"
                yield from rest
        else:
            yield f"{'  ' * depth}{key}: {json.dumps(each)}\n"
