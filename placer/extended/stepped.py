"""The placement of a model of demand with steps of value: that of what is bought, with the same prices.

The program of the instance has a column ``u`` for every step, of its value and up to its amount; the last one of a
demand has no limit. Own rows do not enter these columns: what is served is the demand less what they leave. So the
answer is one to the program of what is bought too, in which such a demand leaves nothing unserved, and all tables of
the placement hold for that. The certificate is of the program with the steps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from placer.errors import Violation, refuse
from placer.extended.extension import Extended, OwnRows, extend
from placer.extended.period_units import of_one_period, over_horizon
from placer.extended.placement import ModelPlacement
from placer.model.answer import answer_of
from placer.model.formulation import Formulation, formulate
from placer.model.program import LinearProgram
from placer.placement.elastic import ElasticPlacement, Offered
from placer.proof.certificate import Certificate
from placer.solvers.memory import whole_program
from placer.utils.arrays import IntArray


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class ElasticModelPlacement(ElasticPlacement, ModelPlacement):
    """The placement of a ``placer.Model`` of demand with steps of value. ``program`` is that of what is bought."""


def need_no_step_columns(offered: Offered, program: LinearProgram, rows: OwnRows) -> None:
    """Refuse own rows that enter the columns of steps.

    Raises
    ------
    InstanceError
        Naming every such row.
    """
    if (steps := offered.structure.steps) is None:
        return
    first = program.col_blocks["u"].start
    columns = first + np.flatnonzero(offered.has_steps[steps.demand])
    entered = np.diff(rows.matrix[:, columns].indptr) > 0
    problem = "a coefficient on what is not bought of demand with steps of value"
    allowed = "coefficients on what is served of it, columns x"
    refuse(Violation("own rows", rows.names[row], "", problem, allowed) for row in np.flatnonzero(entered).tolist())


def elastic_model_placement(
    offered: Offered, formulation: Formulation, extended: Extended, certificate: Certificate
) -> ElasticModelPlacement:
    """Return the placement of a solved extended program with steps.

    Parameters
    ----------
    formulation : Formulation
        With the steps.
    """
    whole = over_horizon(formulation, extended.program, extended.solution)
    unserved = offered.settled(answer_of(formulation.structure, *whole).point.unserved)
    bought = offered.bought(unserved)
    fixed = formulate(bought)
    served = _of_bought(offered, of_one_period(fixed, whole_program(fixed.structure)), extended)
    answer = answer_of(fixed.structure, *over_horizon(fixed, served.program, served.solution))
    return ElasticModelPlacement(
        bought, fixed, answer, certificate, extended=served, offered=offered, unserved=unserved
    )


def _of_bought(offered: Offered, program: LinearProgram, extended: Extended) -> Extended:
    """Return a solved extended program with one column ``u`` a demand, given the program of what is bought."""
    place, has_steps = _places(offered, extended.program), offered.has_steps
    values = extended.solution.point[place]
    values[program.col_blocks["u"]] = np.where(has_steps, 0.0, values[program.col_blocks["u"]])
    rows = extended.extension.rows.widened(len(extended.program.cost))
    extension = replace(extended.extension, rows=replace(rows, matrix=rows.matrix[:, place]))
    solution = replace(extended.solution, values=values)
    return Extended(extension, extend(program, extension), solution)


def _places(offered: Offered, program: LinearProgram) -> IntArray:
    """Return the columns of an extended program with steps, with the first step alone of each demand."""
    steps, part = offered.structure.steps, program.col_blocks["u"]
    start = np.zeros(0, dtype=int) if steps is None else steps.start
    return np.concatenate([np.arange(part.start), part.start + start, np.arange(part.stop, len(program.cost))])
