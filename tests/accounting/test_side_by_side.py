"""Tests tasks that are solved here or side by side in processes."""

import numpy as np
import pytest

import placer
from placer.accounting.side_by_side import GainsJob, GainsTask, answers_of
from placer.errors import NoSolutionError
from placer.running import running
from placer.termination import Reason
from placer.utils.threads import blas_threads


def _cost_and_regions(job, regions):
    """Return the cost of the placement and the regions, as a task that has nothing to solve."""
    return np.array([job.placement.cost_usd, *regions], dtype=float)


def _blas_threads(_job, _regions):
    """Return the numbers of threads of BLAS."""
    return np.array(sorted(blas_threads()), dtype=float)


def _without_answer(job, regions):
    raise NoSolutionError(Reason.FAILED, f"regions {regions} of {job.groups.by}")


@pytest.fixture(scope="module")
def job(scarce_cheap):
    """Return the job of two regions."""
    placement = placer.solve(scarce_cheap)
    return GainsJob(placement, placer.accounts(placement).groups)


def test_answers_stand_in_the_order_of_the_tasks(job):
    tasks = [GainsTask(_cost_and_regions, regions) for regions in ([0], [1], [0, 1])]
    assert [answer.tolist() for answer in answers_of(job, tasks, 1)] == [[440.0, 0.0], [440.0, 1.0], [440.0, 0.0, 1.0]]


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_of_a_task_is_raised(job, workers):
    """Tests one task, which needs no process of its own, given straight and to an executor."""
    with pytest.raises(NoSolutionError, match=r"regions \[1\] of region"):
        answers_of(job, [GainsTask(_without_answer, [1])], workers)


def test_the_time_limit_holds_in_processes(job):
    with running(time_limit_seconds=1e-9), pytest.raises(NoSolutionError, match="no time was left"):
        answers_of(job, [GainsTask(_cost_and_regions, [0])], 2)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_task_takes_one_blas_thread(job, workers, two_blas_threads):
    """Tests that a task adds up alike here and in a process."""
    assert two_blas_threads == {2}
    assert answers_of(job, [GainsTask(_blas_threads, [0])], workers)[0].tolist() == [1.0]
