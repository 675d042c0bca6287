"""How long a change of a live page takes: processor and wall seconds until each part of its answer is there to send.

The clock runs from the body of the request to the JSON of each message: the changed instance, the placement from the
prices of earlier ones, its sections as HTML; then the ceiling and its sections; then the naive rules. Each change is
made from the start, with a figure that no other round had, so that no answer is kept. The least of some rounds counts.

    python -m benchmarks.explore
    python -m benchmarks.explore --dataset globe --rounds 5 --json
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from threading import Event
from typing import Any

from placer.live.answers import Answers
from placer.live.assumptions import Controls, assumptions_of
from placer.live.parts import Message
from placer.live.source import dataset_source
from placer.live.stream import stream

from .clock import processor_seconds

DATASETS = ("tiny", "china", "globe")
#: What a message is the first to show: the placement with prices and map, the ceiling, the rules.
PARTS = ("placement", "ceiling", "rules")


def changes_of(there: Controls, round_: int) -> dict[str, dict[str, Any]]:
    """Return a change of each kind, none of which an earlier round had."""
    factor = 1.1 + 0.01 * round_
    demand = next(key for key in there.factors if key.startswith("demand.mtok["))
    latency = next(key for key in there.factors if key.startswith("workloads.latency_slo_ms["))
    site = next(iter(there.switches))
    power = "power_zones.usd_per_mwh"
    return {
        "price of power": {"factors": {power: factor}},
        "demand of a workload": {"factors": {demand: factor}},
        "latency limit of a workload": {"factors": {latency: factor}},
        "a site switched off": {"factors": {power: factor + 0.005}, "off": [site]},
    }


def seconds_of(answers: Answers, changes: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """Return processor and wall seconds to each part of the answer to some changes."""
    found: dict[str, tuple[float, float]] = {}
    began = processor_seconds(), time.perf_counter()

    def put(message: Message) -> None:
        if message["kind"] == "refused":
            raise SystemExit(message["text"])
        json.dumps(message)
        sections = message.get("sections", {})
        part = "placement" if "order" in message else "rules" if "s0-rules" in sections else "ceiling"
        if sections:
            found.setdefault(part, (processor_seconds() - began[0], time.perf_counter() - began[1]))

    stream(answers, json.dumps(changes).encode(), Event(), put)
    return found


def measured(dataset: str, rounds: int) -> Iterator[dict[str, Any]]:
    """Yield a row for each kind of change: the least seconds of some rounds to each part."""
    answers = Answers(dataset_source(dataset))
    seconds_of(answers, {})  # the first answer has no prices to start from
    there = assumptions_of(answers.source.load(()))
    kinds = [changes_of(there, round_) for round_ in range(rounds)]
    for kind in kinds[0]:
        runs = [seconds_of(answers, changes[kind]) for changes in kinds]
        parts = [part for part in PARTS if part in runs[0]]
        least = {part: tuple(min(run[part][at] for run in runs) for at in (0, 1)) for part in parts}
        yield {
            "dataset": dataset,
            "change": kind,
            **{part: dict(zip(("cpu", "wall"), least[part], strict=True)) for part in parts},
        }


def main(arguments: list[str] | None = None) -> None:
    """Print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", action="append", help=f"default {', '.join(DATASETS[1:])}")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    rows = [row for dataset in asked.dataset or DATASETS[1:] for row in measured(dataset, asked.rounds)]
    if asked.json:
        print(json.dumps(rows))
        return
    print("| dataset | change | " + " | ".join(f"{part}: processor s | wall s" for part in PARTS) + " |")
    print("|---" * (2 + 2 * len(PARTS)) + "|")
    for row in rows:
        cells = [f"{row[part][clock]:.2f}" if part in row else "" for part in PARTS for clock in ("cpu", "wall")]
        print(f"| {row['dataset']} | {row['change']} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
