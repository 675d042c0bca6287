"""One side of ``benchmarks.revisions``: a process that runs one case with the package of one tree.

It is run as a file, in the tree that its first argument names, which may be an older revision: it uses only what every
revision has. It writes a line of JSON when the instance is built and run once, and then, for every line that it reads,
one with the processor seconds of a run and the figures of the answer. It ends with its input.
"""

from __future__ import annotations

import gc
import importlib
import inspect
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def columns(package: Any, instance: Any) -> Callable[[], dict[str, float]]:
    """Return the run of a solve by column generation, ties unbroken; it answers with the cost."""
    # Older revisions break no ties and have no such argument.
    plain = {"tie_break": None} if "tie_break" in inspect.signature(package.solve).parameters else {}

    def run() -> dict[str, float]:
        return {"cost_usd": float(package.solve(instance, solver=package.ColumnGeneration(), **plain).cost_usd)}

    return run


def ceiling(package: Any, instance: Any) -> Callable[[], dict[str, float]]:
    """Return the run of an export ceiling; it answers with the shares that the call itself solves for."""

    def run() -> dict[str, float]:
        found = package.export_ceiling(instance)
        return {"share": float(found.share), "unserved_share": float(found.unserved_share)}

    return run


def curve(package: Any, instance: Any) -> Callable[[], dict[str, float]]:
    """Return the run of a ceiling and its exact curve; it answers with the corners, and the sum of their shares."""

    def run() -> dict[str, float]:
        table = package.export_ceiling(instance).curve.table
        return {"corners": float(len(table)), "sum_of_shares": float(table["share"].sum())}

    return run


#: Tasks by name: what makes the run of an instance.
TASKS: dict[str, Callable[[Any, Any], Callable[[], dict[str, float]]]] = {
    "columns": columns,
    "ceiling": ceiling,
    "curve": curve,
}


def pools(instance: Any) -> Any:
    """Return an instance with two pools at every data centre, each of half its accelerators, one a tenth cheaper."""
    centres, rows = instance.data_centres, []
    for centre in centres.to_dict("records"):
        usd = _mean(centre["accelerator_usd_per_hour"])
        for kind, price in (("cheap", 0.9 * usd), ("plain", usd)):
            row = {"data_centre": centre["data_centre"], "accelerator_type": kind, "accelerator_usd_per_hour": price}
            rows.append(row | {"accelerators": _mean(centre["accelerators"]) / 2})
    bare = centres.assign(accelerators=float("inf"), accelerator_type=None)
    return instance.replace(data_centres=bare, accelerator_pools=type(centres)(rows))


def hourly(instance: Any) -> Any:
    """Return an instance with a limit on every data centre in every hour, of four fifths of its accelerators."""
    centres, same = instance.data_centres, {"kind": "accelerator_hours", "sense": "<=", "hours": "each"}
    rows = [
        same | {"limit": f"own {name}", "data_centre": name, "amount": 0.8 * _mean(count)}
        for name, count in zip(centres["data_centre"], centres["accelerators"], strict=True)
    ]
    return instance.replace(limits=type(centres)(rows))


def _mean(of_hours: Any) -> float:
    """Return the mean over the hours of a figure that may be given hour by hour."""
    each = of_hours if isinstance(of_hours, tuple) else (of_hours,)
    return float(sum(each) / len(each))


#: Caps that each count in one hour, by name: what adds them to an instance.
CAPS: dict[str, Callable[[Any], Any]] = {"": lambda instance: instance, "pools": pools, "hourly": hourly}


def timed(run: Callable[[], dict[str, float]]) -> dict[str, Any]:
    """Return the processor seconds of a run and its answers; what earlier runs left is collected before."""
    gc.collect()
    started = time.process_time()
    answers = run()
    return {"seconds": time.process_time() - started, "answers": answers}


def _of_tree(name: str, tree: str) -> Any:
    """Return a module of a tree; end the process if it comes from elsewhere."""
    module = importlib.import_module(name)
    if not Path(str(module.__file__)).resolve().is_relative_to(Path(tree).resolve()):
        raise SystemExit(f"{module.__file__} is not of the tree {tree}")
    return module


def main(tree: str, task: str, family: str, size: str, caps: str) -> None:
    """Build the instance with the tree's own families, run once, then once for each line of the input."""
    # A run by its file puts the folder of the file first: modules of the other tree.
    sys.path[0] = tree
    package, families = (_of_tree(name, tree) for name in ("placer", "benchmarks.families"))
    instance = families.build(family, size) if size else package.load(family)
    run = TASKS[task](package, CAPS[caps](instance))
    print(json.dumps(timed(run)), flush=True)
    for _ in sys.stdin:
        print(json.dumps(timed(run)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
