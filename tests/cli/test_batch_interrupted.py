"""``placer batch`` as a process of its own that is interrupted or killed, and gone on with."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import pandas as pd
import pytest

from placer.batch.identity import settings_of
from placer.batch.runner import solve_many
from placer.batch.store import Store, export
from tests.cli.batches import kept
from tests.effort import PATIENCE_SECONDS, tries

pytestmark = pytest.mark.usefixtures("in_threads")
COMMAND = (sys.executable, "-m", "placer", "batch")


def start(path, count):
    """Start a batch as a process of its own."""
    arguments = ("tiny", "--n", str(count), "--seed", "7", "--store", str(path), "--resume")
    return subprocess.Popen(  # noqa: S603
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def wait_for_rows(process, path, count):
    while kept(path) < count and process.poll() is None:
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="sends signals")
def test_ctrl_c_exits_with_130_and_the_store_is_gone_on_with(tmp_path, sets_of):
    path = tmp_path / "a.db"
    with start(path, 400) as process:
        wait_for_rows(process, path, 3)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert not out
    rows, sets = kept(path), sets_of(400)
    assert 3 <= rows < 400
    with Store.resume(path, settings_of(sets, ["cost"])) as store, ThreadPoolExecutor(1) as threads:
        found = [row["number"] for row in islice(solve_many(sets, store=store, executor=threads), rows + 2)]
    assert len(set(found)) == rows + 2


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="sends signals")
def test_kills_at_random_moments_change_nothing_but_seconds(tmp_path, sets_of, write):
    """Tests that a batch killed again and again, and gone on with each time, is that of one that was let be."""
    dice, path, count = random.Random(7), tmp_path / "a.db", tries(40, 60)  # noqa: S311
    for _ in range(tries(2, 4)):
        with start(path, count) as process:
            wait_for_rows(process, path, kept(path) + dice.randrange(12))
            time.sleep(dice.uniform(0.0, 0.1))
            process.kill()
    assert 0 < kept(path) < count
    with start(path, count) as process:
        process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == 0
    undisturbed = write(tmp_path / "b.db", sets_of(count))
    for file in (path, undisturbed):
        with Store.read(file) as store:
            export(store, file.with_suffix(".csv"))
    killed, calm = (pd.read_csv(file.with_suffix(".csv"), dtype=str) for file in (path, undisturbed))
    pd.testing.assert_frame_equal(killed.drop(columns="seconds"), calm.drop(columns="seconds"))
