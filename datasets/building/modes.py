"""Modes of workloads: how much more accelerator time a faster answer takes, by published measurements.

A point is a measurement of a model on accelerators: a time, and the tokens an accelerator gives for it. Of two points
of the same accelerators

    accelerator-hours of the mode = accelerator-hours of the class x rate of the point against / rate of the point

so that the class keeps its own accelerator-hours at the point that they stand for. Classes that wait for a whole answer
pay so for their output alone, since theirs are measured for output alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from building.tables import Cell, Dataset, Row, decimals, read, significant
from building.workloads import call_accelerator_seconds, parameter

MODES = "scenarios/modes"
SERVER_MS = "scenarios/modes_server_ms"
CHAT = "interactive_chat"
COMPLETION = "code_completion"
FIGURES = ("server_ms", "accelerator_hours_per_mtok", "kwh_per_mtok")
#: Part of the time without network that the first token of a class takes; of the others all of it.
FIRST_TOKEN = {"voice_assistant": "language_model_time"}


@dataclass(frozen=True)
class Point:
    """A measurement.

    Attributes
    ----------
    first_token_ms, token_ms : float
        Time to the first token, and between tokens.
    rate : float
        Tokens a second and accelerator.
    joules : float or None
        Energy of a token, where it is measured.
    row : dict
        The line of the facts that it stands on.
    """

    first_token_ms: float
    token_ms: float
    rate: float
    joules: float | None
    row: Row


def points() -> dict[str, Point]:
    """Return all points by name."""
    found = {row["point"]: _measured(row) for row in read("serving_points")}
    for row in read("serving_modes"):
        name = f"{row['model']} {row['tensor_parallel']}x {row['hardware']} batch {row['batch_size']}"
        found[name] = _static_batch(row)
    return found


def _measured(row: Row) -> Point:
    first, token = (float(row[column] or "nan") for column in ("first_token_ms", "token_ms"))
    joules = float(row["joules_per_token"]) if row["joules_per_token"] else None
    return Point(first, token, float(row["tokens_per_s_per_accelerator"]), joules, row)


def _static_batch(row: Row) -> Point:
    """Return the point of a batch that starts and ends together, with answers as long as those of chat."""
    first, token = float(row["prompt_ms"]), float(row["token_ms"])
    answer = parameter(CHAT, "output_tokens_per_call")
    seconds = (first + answer * token) / 1000
    rate = float(row["batch_size"]) * answer / seconds / float(row["tensor_parallel"])
    return Point(first, token, rate, None, row)


def mode(own: Mapping[str, Cell], workload: str, point: Point, against: Point) -> dict[str, Cell]:
    """Return the mode of a class at a point, given its own row of workloads."""
    hours, kwh = (float(own[column]) for column in ("accelerator_hours_per_mtok", "kwh_per_mtok"))
    times = against.rate / point.rate
    energy = point.joules / against.joules if point.joules and against.joules else times
    if workload == COMPLETION:
        server = parameter(workload, "prefill_time") + parameter(workload, "tokens_awaited") * point.token_ms
        prefill, decode = call_accelerator_seconds(workload)
        share = decode / (prefill + decode)
    else:
        rest = 0.0
        if workload in FIRST_TOKEN:
            rest = parameter(workload, "non_network_time") - parameter(workload, FIRST_TOKEN[workload])
        server, share = rest + point.first_token_ms, 1.0
    return {
        "server_ms": decimals(server, 0),
        "accelerator_hours_per_mtok": significant(hours * (1 + share * (times - 1))),
        "kwh_per_mtok": significant(kwh * (1 + share * (energy - 1))),
    }


def modes_of(own: Mapping[str, Cell], published: str) -> Iterator[tuple[dict[str, Cell], Row]]:
    """Yield the modes of a workload with the lines that choose them, given its row and the class whose needs it has."""
    known = points()
    for choice in read("assumed_modes"):
        if choice["workload"] == published:
            found: dict[str, Cell] = {column: own[column] for column in FIGURES}
            if choice["point"]:
                found = mode(own, published, known[choice["point"]], known[choice["against"]])
            yield {"workload": own["workload"], "mode": f"{found['server_ms']}_ms"} | found, choice


def add_modes(dataset: Dataset, needs_of: Mapping[str, str]) -> None:
    """Add the scenario with modes, given the published class whose needs each workload has."""
    rows: list[dict[str, Cell]] = []
    first: dict[str, str] = {}
    for own in dataset.tables["workloads"]:
        name, found = str(own["workload"]), list(modes_of(own, needs_of[str(own["workload"])]))
        rows += [row for row, _ in found]
        like = first.setdefault(needs_of[name], name)
        if like == name:
            _cite(dataset, found)
        elif found:
            dataset.cite(MODES, name, "*", f"as {like}", "derived")
    dataset.tables[MODES] = rows
    several = dict.fromkeys(row["workload"] for row in rows)
    dataset.tables[SERVER_MS] = [{"workload": name, "server_ms": "0"} for name in several]
    dataset.cite(SERVER_MS, "*", "*", "each mode has its own", "derived")


def _cite(dataset: Dataset, modes: Iterable[tuple[dict[str, Cell], Row]]) -> None:
    """Say from which points the modes of a workload follow."""
    known = points()
    for row, choice in modes:
        source = known[choice["point"]].row["source"] if choice["point"] else "as workloads"
        dataset.cite(MODES, f"{row['workload']}|{row['mode']}", "*", source, "derived", _note(known, choice))


def _note(known: Mapping[str, Point], choice: Row) -> str:
    """Return how a mode follows from its points."""
    if not choice["point"]:
        return "the class as it is without modes"
    energy = "energy in proportion" if known[choice["point"]].joules is None else "energy by that of the accelerators"
    return f"{choice['point']} against {choice['against']}; {energy}; {choice['note']}"
