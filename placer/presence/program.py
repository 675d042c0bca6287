"""The program of an instance with replicas as columns: whole numbers, or any number in its relaxation.

The columns and rows of ``placer.model.expansion``, then a column for the replicas of every model at every data centre
that it can serve from, and by hour one for their cold starts; ``placer.presence.question`` has the rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csc_array

from placer.model.edits import with_columns, with_rows
from placer.model.expansion import expand
from placer.model.program import LinearProgram
from placer.model.structure import Structure
from placer.presence.question import Question, served_anywhere
from placer.tolerances import INPUT
from placer.utils.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class ReplicaProgram:
    """A program with replicas.

    Attributes
    ----------
    integer : (columns,) bool array
        The columns of replicas.
    number : (m, j, p) int array
        The column of the replicas among those of the block ``replicas``, -1 where a model has none.
    """

    program: LinearProgram
    integer: BoolArray
    number: IntArray

    def replicas(self, values: FloatArray) -> FloatArray:
        """Return the replicas (m, j, p) of a point."""
        found = values[self.program.col_blocks["replicas"]]
        return np.where(self.number >= 0, found[np.maximum(self.number, 0)] if len(found) else 0.0, 0.0)


def most_replicas(question: Question) -> FloatArray:
    """Return the replicas of each model at each data centre that any placement could use (m, j, p), fractions too.

    No more than fit, and no more than all demand of the model keeps busy in its fullest hour: those of other hours may
    wait for it.
    """
    structure, shape = question.structure, question.usd.shape
    asked = np.zeros((structure.classes, structure.periods))
    np.add.at(asked, (structure.demand_class, structure.demand_period), structure.demand_amount)
    waits = structure.window > 0
    most = np.where(waits[:, None], asked.sum(axis=1, keepdims=True), asked)[structure.served_class]
    use, first = (
        structure.over_modes(structure.use),
        np.flatnonzero(structure.served_class == np.arange(structure.classes)),
    )
    load = np.zeros((shape[0], structure.sites, structure.periods))
    np.add.at(load, question.model[first], use[first][:, :, None] * most[first][:, None])
    needed = load / (question.size[:, None, None] * question.hours)
    most = np.minimum(question.fitting, np.ceil(needed.max(axis=2, keepdims=True) - INPUT))
    return np.where(served_anywhere(question)[:, :, None], most, 0.0)


def program_size(question: Question) -> int:
    """Return the columns that are assignments, and replicas of models where they can serve."""
    return question.structure.assignment_count + int((most_replicas(question) > 0).sum())


def replica_program(question: Question) -> ReplicaProgram:
    """Return the program of a question; its relaxation is the same without whole numbers."""
    program = expand(question.structure)
    most = most_replicas(question)
    number = np.where(most > 0, np.cumsum(most > 0).reshape(most.shape) - 1, -1)
    model, site, period = np.nonzero(most > 0)
    rows, count = len(program.row_lower), len(model)
    program = with_columns(
        program, "replicas", csc_array((rows, count)), question.usd[model, site, period], most[model, site, period]
    )
    program = _with_serving(program, question, number)
    program = _with_sites(program, question, number)
    integer = np.zeros(len(program.cost), dtype=bool)
    integer[program.col_blocks["replicas"]] = True
    if question.by_hour:
        program = _with_starts(program, question, number, most)
        integer = np.append(integer, np.zeros(len(program.cost) - len(integer), dtype=bool))
    return ReplicaProgram(program, integer, number)


def _with_serving(program: LinearProgram, question: Question, number: IntArray) -> LinearProgram:
    """Return the program with a row for each model, data centre and hour: work within the replicas."""
    structure = question.structure
    klass, site, period, column = _served(structure, program)
    model, use = question.model[klass], structure.use[klass, site]
    shape = (len(question.size), structure.sites, structure.periods)
    cell = np.ravel_multi_index((model, site, period), shape)[use > 0]
    cells, row = np.unique(cell, return_inverse=True)
    of_model, at_site, in_hour = np.unravel_index(cells, shape)
    replica = number[of_model, at_site, question.period[in_hour]]
    has = np.flatnonzero(replica >= 0)
    first = program.col_blocks["replicas"].start
    entries = (
        np.concatenate([use[use > 0], -(question.size[of_model] * question.hours[at_site, in_hour])[has]]),
        (np.concatenate([row, has]), np.concatenate([column[use > 0], first + replica[has]])),
    )
    matrix = csc_array(coo_array(entries, shape=(len(cells), len(program.cost))))
    return with_rows(program, "serving", matrix, np.full(len(cells), -np.inf), np.zeros(len(cells)))


def _served(structure: Structure, program: LinearProgram) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Return class, data centre, hour and column of all columns that are work: those of x at once, and those of f."""
    assignments, flows = structure.assignments, structure.queue_flows
    klass, site = structure.arc_class[assignments.arc], structure.arc_site[assignments.arc]
    period = structure.demand_period[assignments.demand]
    at_once = np.flatnonzero(structure.window[klass] == 0)
    waiting = program.col_blocks["f"].start + np.arange(len(flows.klass))
    return (
        np.concatenate([klass[at_once], flows.klass]),
        np.concatenate([site[at_once], flows.site]),
        np.concatenate([period[at_once], flows.service]),
        np.concatenate([at_once, waiting]),
    )


def _with_sites(program: LinearProgram, question: Question, number: IntArray) -> LinearProgram:
    """Return the program with a row for each data centre and period: replicas within its accelerators."""
    model, site, period = np.nonzero(number >= 0)
    limited = np.isfinite(question.accelerators[site, period])
    model, site, period = model[limited], site[limited], period[limited]
    cell, row = np.unique(site * len(question.before) + period, return_inverse=True)
    column = program.col_blocks["replicas"].start + number[model, site, period]
    matrix = csc_array(coo_array((question.size[model], (row, column)), shape=(len(cell), len(program.cost))))
    upper = question.accelerators.ravel()[cell]
    return with_rows(program, "site", matrix, np.full(len(cell), -np.inf), upper)


def _with_starts(program: LinearProgram, question: Question, number: IntArray, most: FloatArray) -> LinearProgram:
    """Return the program with cold starts: replicas beyond those of the hour before."""
    starts = (number >= 0) & (question.start_usd > 0) & (question.before >= 0)
    model, site, period = np.nonzero(starts)
    first, count = len(program.cost), len(model)
    program = with_columns(
        program,
        "starts",
        csc_array((len(program.row_lower), count)),
        question.start_usd[model, site, period],
        most[model, site, period],
    )
    of_replicas = program.col_blocks["replicas"].start
    now, then = number[model, site, period], number[model, site, question.before[period]]
    had = np.flatnonzero(then >= 0)
    row = np.arange(count)
    entries = (
        np.concatenate([np.ones(count), -np.ones(len(had)), -np.ones(count)]),
        (
            np.concatenate([row, had, row]),
            np.concatenate([of_replicas + now, of_replicas + then[had], first + row]),
        ),
    )
    matrix = csc_array(coo_array(entries, shape=(count, len(program.cost))))
    return with_rows(program, "starts", matrix, np.full(count, -np.inf), np.zeros(count))
