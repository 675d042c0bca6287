"""A Dask cluster of this machine: a scheduler and workers in separate processes, which the campaigns kill."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator

WORKERS = 2


@dataclass(frozen=True)
class LocalCluster:
    """A running cluster: the address of its scheduler, and the process of that."""

    address: str
    scheduler: subprocess.Popen[bytes]


@contextmanager
def local_cluster() -> Iterator[LocalCluster]:
    """Start a scheduler and workers in separate processes, each worker with a nanny that restarts it."""
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        known = ("--scheduler-file", str(folder / "scheduler.json"), "--no-dashboard")
        worker = ("distributed.cli.dask_worker", *known, "--nthreads", "1", "--local-directory", str(folder))
        scheduler = _started("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", *known)
        process = opened.enter_context(scheduler)
        for _ in range(WORKERS):
            opened.enter_context(_started(*worker))
        file, text = folder / "scheduler.json", ""
        while not text.rstrip().endswith("}"):  # the file exists before it is written
            time.sleep(0.05)
            text = file.read_text(encoding="utf-8") if file.exists() else ""
        yield LocalCluster(json.loads(text)["address"], process)


@contextmanager
def _started(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    settings = os.environ | {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    command = (sys.executable, "-m", *arguments)
    with subprocess.Popen(  # noqa: S603
        command, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield process
        finally:
            for member in (*psutil.Process(process.pid).children(recursive=True), process):
                member.kill()
