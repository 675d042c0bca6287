"""Solve an instance: formulate it, answer its structure, prove the answer, and choose among optimal placements."""

from __future__ import annotations

import logging
import math
import time
from concurrent.futures import Executor
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from placer.by_blocks.solve_blocks import is_by_blocks, solve_blocks
from placer.column_generation.solver import ColumnGeneration
from placer.column_generation.start import Start
from placer.errors import NoSolutionError
from placer.extended.file_names import named
from placer.instance.arguments import need_instance, need_workers
from placer.instance.problem import Instance
from placer.instance.remarks import likely_mistakes, unread_models, warn_of
from placer.io.results import BoughtDemand
from placer.ladder.named import solver_of
from placer.ladder.proven import BY_SIZE, AnySolver, UnprovenError, default_solver, solve_structure
from placer.ladder.whole_program import limit_of
from placer.least_cost.tie_break import Rule, break_ties, check_rule
from placer.least_cost.unmet_limits import impossible
from placer.model.formulation import Formulation, formulate_offered, formulate_stored, formulate_to_solve
from placer.model.program import LinearProgram
from placer.placement.elastic import ElasticPlacement, Offered
from placer.placement.result import Placement
from placer.proof.answer_certificate import certify_answer
from placer.running import Progress, phase, running, seconds_left, tell
from placer.security.secure import binding_security, secured
from placer.solvers.memory import whole_program
from placer.termination import Reason

if TYPE_CHECKING:
    from placer.security.definition import Kind, Security

_log = logging.getLogger(__name__)


def solve(
    instance: Instance,
    solver: AnySolver | str | None = None,
    tie_break: Rule = "round_trip",
    *,
    workers: int | None = None,
    executor: Executor | None = None,
    security: Security | Kind | None = None,
    time_limit_seconds: float = math.inf,
    progress: Progress | None = None,
) -> Placement:
    """Find the placement of least cost, and prove that it is optimal.

    Parameters
    ----------
    instance : Instance
    solver : Solver, ColumnGeneration or str, optional
        Or the name of one, as of ``--solver``: ``columns``, ``simplex``, ``ipm``, ``pdlp``, ``pulp:NAME``, or ``auto``,
        the default: ``placer.HiGHS()`` below 50,000 assignment columns, else ``placer.ColumnGeneration()``.
    tie_break : str or None
        ``round_trip``: the optimum of least round trip; see ``placer.least_cost.tie_break``. None: the solver's own.
    workers : int, optional
        Processes for an instance of several blocks, which are solved side by side; threads of column generation for one
        block. The answer does not depend on their number. By default a process for each core where that pays. A script
        needs ``if __name__ == "__main__":`` around what calls this, as for every use of processes in Python; without,
        the default is one.
    executor : concurrent.futures.Executor, optional
        Runs the tasks in place of processes of this machine, such as ``client.get_executor(pure=False)`` of a Dask
        client; ``workers`` is the number of its workers. Any executor solves several blocks side by side, and one block
        in this process.
    security : Security or str, optional
        What the placement must survive, or a kind of it by its name, such as ``data_centres``. The answer is a
        ``placer.SecurePlacement`` then, of unserved demand no dearer than in its ``without``, least stranded work, and
        then least cost; no tie is broken, not in ``without`` either.
    time_limit_seconds, progress
        As in ``placer.running``, building included; a limit of the solver counts from the same moment.

    Warns
    -----
    InputWarning
        Once, of all input that is allowed, changes the answer and is probably not intended, such as a latency limit
        in seconds. ``placer.check`` lists it, among other remarks.

    Raises
    ------
    InstanceError, SolverError
        If the tie-break is unknown; if the security does not fit the instance, or its rule is ``all``; if the solver is
        none, or the time limit or the number of workers not a positive one.
    NoSolutionError
        If no answer was proven within the time and memory; it has the best bound and the best placement. If no
        placement can meet the limits of the instance; it names them and the least change that would.
    BatchError
        If the executor broke, its cluster is gone, or the process of some blocks died on every try.

    Examples
    --------
    >>> import placer
    >>> placer.solve(placer.load("tiny")).certificate.proven
    True
    """
    need_instance(instance)
    solver = solver_of(solver)
    check_rule(tie_break, "solve")
    need_workers(workers, executor)
    bound = None if security is None else binding_security(security)
    tie_break = tie_break if bound is None else None
    warn_of([*likely_mistakes(instance), *unread_models(instance)])
    with running(progress, min(time_limit_seconds, limit_of(solver))):
        with phase(_log, f"formulating {instance!r}"):
            formulation = formulate_to_solve(instance)
        placement = place(instance, formulation, solver, tie_break=tie_break, workers=workers, executor=executor)
        return placement if bound is None else secured(placement, bound, solver, workers, executor)


def place_instance(instance: Instance, solver: AnySolver | None = None, tie_break: Rule = "round_trip") -> Placement:
    """Return the placement of an instance as ``solve`` does, for callers within the package: it gives no warning."""
    with running(time_limit_seconds=limit_of(solver)):
        with phase(_log, f"formulating {instance!r}"):
            formulation = formulate_to_solve(instance)
        return place(instance, formulation, solver, tie_break=tie_break)


def place(
    instance: Instance,
    formulation: Formulation,
    solver: AnySolver | None,
    start: Start | None = None,
    tie_break: Rule = None,
    workers: int | None = None,
    executor: Executor | None = None,
) -> Placement:
    """Return the placement of an instance that is formulated, from a start if one is known; raises as ``solve``.

    Several blocks are solved block by block, without the start. If they are small and no answer is proven, all of them
    are one program.
    """
    if formulation.structure.steps is not None:
        return _place_offered(Offered(instance, formulation.structure), solver, tie_break)
    if is_by_blocks(formulation.structure, solver, workers, executor):
        try:
            with running(time_limit_seconds=limit_of(solver)):
                return Placement(
                    instance, formulation, *solve_blocks(formulation, solver, workers, tie_break, executor)
                )
        except NoSolutionError as stopped:
            is_small = formulation.structure.assignment_count < BY_SIZE.large_from
            if stopped.reason not in (Reason.FAILED, Reason.ITERATION_LIMIT) or not is_small:
                raise impossible(formulation, _of_placements(stopped, instance, formulation)) from None
            tell(_log, f"block by block: {stopped.detail}; all blocks as one program")
    threads = workers if executor is None else None
    started, solver = time.perf_counter(), _with_threads(solver or default_solver(formulation.structure), threads)
    try:
        with running(time_limit_seconds=limit_of(solver)):
            answer, certificate = solve_structure(formulation.structure, solver, start)
    except NoSolutionError as stopped:
        raise impossible(formulation, _of_placements(stopped, instance, formulation)) from None
    if tie_break is None:
        return Placement(instance, formulation, answer, certificate)
    left = min(limit_of(solver) - (time.perf_counter() - started), seconds_left())
    with running():
        return Placement(instance, formulation, *break_ties(formulation, answer, certificate, left))


def _of_placements(stopped: NoSolutionError, instance: Instance, formulation: Formulation) -> NoSolutionError:
    """Return an error on the structure of an instance as one on its placements, which the bound then bounds."""
    if not isinstance(stopped, UnprovenError):
        return stopped
    best = None if stopped.found is None else Placement(instance, formulation, *stopped.found)
    return NoSolutionError(stopped.reason, stopped.detail, stopped.bound, best)


def _place_offered(offered: Offered, solver: AnySolver | None, tie_break: Rule) -> ElasticPlacement:
    """Return the placement of demand with steps of value: what is bought first, then ties among its routes."""
    structure, has_steps = offered.structure, offered.has_steps
    answer, certificate = solve_structure(structure, solver or default_solver(structure))
    unserved = offered.settled(answer.point.unserved)
    bought = offered.bought(unserved)
    fixed = formulate_stored(bought)
    answer = replace(answer, flows=replace(answer.point, unserved=np.where(has_steps, 0.0, unserved)))
    found = ElasticPlacement(bought, fixed, answer, certificate, offered=offered, unserved=unserved)
    if tie_break is None:
        return found
    known = certify_answer(fixed.structure, answer, gap=certificate.tolerances.gap)
    chosen, _, tie = break_ties(fixed, answer, known, seconds_left())
    flows = replace(chosen.point, unserved=np.where(has_steps, unserved, chosen.point.unserved))
    proof = certify_answer(structure, replace(chosen, flows=flows), gap=certificate.tolerances.gap)
    return replace(found, answer=chosen, certificate=proof, tie_break=tie) if proof.proven else found


def as_bought(instance: Instance, solver: AnySolver | None = None) -> tuple[Instance, BoughtDemand | None]:
    """Return an instance that asks for what the steps of its demand buy, and how much; itself if there are none."""
    if instance.demand_steps.empty:
        return instance, None
    placement = place(instance, formulate_offered(instance), solver)
    return placement.instance, placement.bought_demand


def _with_threads(solver: AnySolver, workers: int | None) -> AnySolver:
    """Return column generation with a thread for each worker, unless it has its own; any other solver as it is."""
    return solver.with_workers(workers) if isinstance(solver, ColumnGeneration) else solver


def to_program(instance: Instance) -> LinearProgram:
    """Return the linear program of an instance, as plain arrays; ``placer.model.formulation`` defines it.

    Its rows and columns are named by their labels; ``placer.extended.file_names`` says how.
    """
    need_instance(instance)
    return named(instance, whole_program(formulate_stored(instance).structure))
