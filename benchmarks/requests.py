"""Read and sum up traces of requests of any size: seconds of wall clock and of processor, and the most memory.

    csv, parquet                 columns time, input_tokens, output_tokens and workload, with timestamps
    mooncake, opentelemetry      JSON lines, read as a stream; a cache of 20,000 blocks

Each trace is made from a seed and read in a process of its own; the memory is the largest of that process.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import placer

from .machine import machine

#: Rows, seconds and GB that each format may take at most.
TARGETS = {
    "csv": (10_000_000, 30.0, 2.0),
    "parquet": (10_000_000, 30.0, 2.0),
    "mooncake": (1_000_000, 60.0, 2.0),
    "opentelemetry": (1_000_000, 60.0, 2.0),
}
_ENDINGS = {"csv": "csv", "parquet": "parquet", "mooncake": "jsonl", "opentelemetry": "jsonl"}
_START = pd.Timestamp("2026-05-01")
_CHUNK = 1_000_000
EXAMPLE = """example:
  python -m benchmarks.requests
  python -m benchmarks.requests --part 0.01 --json"""


@dataclass(frozen=True)
class Measured:
    """The reading of one trace: its format, requests, seconds of wall clock and processor, and the most memory."""

    format: str
    requests: int
    seconds: float
    processor_seconds: float
    largest_gb: float


def main() -> int:
    """Measure, print, and return the exit status: 1 if a target is missed at full size."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLE, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", type=float, default=1.0, help="size of the traces as a part of the full ones")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--read", nargs=2, metavar=("FORMAT", "FILE"), help="read one trace, and print its figures")
    given = parser.parse_args()
    if given.read:
        print(json.dumps(asdict(read(given.read[0], Path(given.read[1])))))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        found = [measure(kind, round(rows * given.part), Path(folder)) for kind, (rows, _, _) in TARGETS.items()]
    if given.json:
        print(json.dumps({"machine": machine(), "lines": list(map(asdict, found))}, indent=2))
    else:
        print("| format | requests | seconds | of processor | GB | target |\n|---|---|---|---|---|---|")
        print("\n".join(map(_row, found)))
    return int(given.part >= 1 and not all(map(_is_met, found)))


def measure(kind: str, rows: int, folder: Path) -> Measured:
    """Make a trace, read it in a process of its own, and return the figures of that process."""
    file = make(kind, rows, folder)
    command = [sys.executable, "-m", "benchmarks.requests", "--read", kind, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own module
    file.unlink()
    return Measured(**json.loads(done.stdout))


def read(kind: str, file: Path) -> Measured:
    """Read a trace, sum it up, and return what that took in this process."""
    began, worked = time.perf_counter(), time.process_time()
    cache = 20_000 if kind == "mooncake" else None
    requests = placer.read_requests(file, kind, cache_blocks=cache)
    requests.summary()
    took = time.perf_counter() - began, time.process_time() - worked
    return Measured(kind, len(requests), *took, _largest_gb())


def _largest_gb() -> float:
    """Return the most memory of this program; 0 where the system does not tell.

    ``resource.getrusage`` counts the parent's memory before the program was loaded.
    """
    file = Path("/proc/self/status")
    text = file.read_text(encoding="utf-8") if file.exists() else "VmHWM: 0 kB"
    return int(text.partition("VmHWM:")[2].split()[0]) * 1024 / 1e9


def make(kind: str, rows: int, folder: Path) -> Path:
    """Write a trace of a seed, chunk by chunk where its format allows it, and return its file."""
    file = folder / f"{kind}.{_ENDINGS[kind]}"
    draw = np.random.default_rng(1)
    if kind == "parquet":
        pd.concat([_table(draw, first, rows) for first in range(0, rows, _CHUNK)]).to_parquet(file, index=False)
        return file
    with file.open("w", encoding="utf-8") as stream:
        for first in range(0, rows, _CHUNK):
            table = _table(draw, first, rows)
            if kind == "csv":
                table.to_csv(stream, index=False, header=first == 0)
            else:
                stream.writelines(_mooncake(table) if kind == "mooncake" else _spans(table))
    return file


def _table(draw: np.random.Generator, first: int, rows: int) -> pd.DataFrame:
    """Return a chunk of a trace: Poisson arrivals at 50 a second, lengths of a wide spread, three workloads."""
    count = min(_CHUNK, rows - first)
    seconds = first / 50 + np.sort(draw.uniform(0, count / 50, count))
    return pd.DataFrame(
        {
            "time": _START + pd.to_timedelta(np.rint(seconds * 1e6), unit="us"),
            "input_tokens": np.rint(draw.lognormal(7, 1, count)).astype(int) + 1,
            "output_tokens": np.rint(draw.lognormal(5, 1, count)).astype(int) + 1,
            "workload": np.array(["chat", "code", "agent"], dtype=object)[draw.integers(0, 3, count)],
        }
    )


def _mooncake(table: pd.DataFrame) -> list[str]:
    """Return lines of Mooncake's format: most prompts begin as one of a thousand others did."""
    ms = ((table["time"] - _START).dt.total_seconds() * 1000).astype(int)
    lines = []
    for row, (at, length, output) in enumerate(zip(ms, table["input_tokens"], table["output_tokens"], strict=True)):
        blocks = [row % 1000, *(1000 + row * 100 + place for place in range(min(int(length) // 512, 99)))]
        item = {"timestamp": at, "input_length": int(length), "output_length": int(output), "hash_ids": blocks}
        lines.append(json.dumps(item) + "\n")
    return lines


def _spans(table: pd.DataFrame) -> list[str]:
    """Return lines of OTLP, a span each."""
    starts = table["time"].astype("datetime64[ns]").astype("int64")
    lines = []
    for start, length, output in zip(starts, table["input_tokens"], table["output_tokens"], strict=True):
        given = {"gen_ai.usage.input_tokens": length, "gen_ai.usage.output_tokens": output}
        attributes = [{"key": key, "value": {"intValue": str(value)}} for key, value in given.items()]
        span = {"startTimeUnixNano": str(start), "attributes": attributes}
        lines.append(json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}) + "\n")
    return lines


def _is_met(found: Measured) -> bool:
    _, seconds, largest = TARGETS[found.format]
    return found.seconds <= seconds and found.largest_gb <= largest


def _row(found: Measured) -> str:
    _, seconds, largest = TARGETS[found.format]
    took = f"{found.seconds:.1f} | {found.processor_seconds:.1f} | {found.largest_gb:.2f}"
    return f"| {found.format} | {found.requests:,} | {took} | {seconds:g} s, {largest:g} GB |"


if __name__ == "__main__":
    sys.exit(main())
