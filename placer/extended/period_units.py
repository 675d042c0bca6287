"""The units of a model: its columns and rows hold the amounts of one period, whatever its weight.

The program of an instance holds the amounts of all periods that one stands for. With ``w`` the weight of the period,

    a column     Mtok or MWh of the period = column of the instance / w,    USD of a unit = cost of the instance * w
    a row        sides of the period = sides of the instance / w,           dual = dual of the instance * w

Own columns, own rows, caps and own limits belong to no period and stay as they are, with ``w`` = 1.
"""

from __future__ import annotations

from dataclasses import replace

from placer.extended.positions import column_weights, row_weights
from placer.model.formulation import Formulation
from placer.model.program import LinearProgram, LPSolution
from placer.model.scaling import Scales, scaled_by, unscale


def of_one_period(formulation: Formulation, program: LinearProgram) -> LinearProgram:
    """Return the program of an instance with the amounts of one period in its columns and rows."""
    return scaled_by(program, _scales(formulation, program))


def over_horizon(
    formulation: Formulation, program: LinearProgram, solution: LPSolution
) -> tuple[LinearProgram, LPSolution]:
    """Return an extended program and its solution with the amounts of the instance.

    Parameters
    ----------
    program : LinearProgram
        Extended, with the amounts of one period.
    solution : LPSolution
        Of that program.
    """
    scales = _scales(formulation, program)
    back = replace(scales, row=1 / scales.row, column=1 / scales.column)
    return scaled_by(program, back), unscale(solution, scales)


def _scales(formulation: Formulation, program: LinearProgram) -> Scales:
    """Return the factors from a program, extended or not, with the amounts of the instance to that of one period."""
    return Scales(
        row=1 / row_weights(formulation, program), column=column_weights(formulation, program), cost=1.0, size=1.0
    )
