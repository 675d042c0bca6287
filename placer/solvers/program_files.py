"""Read a linear program from a file in the format MPS or LP; ``placer.write_program`` writes one."""

from __future__ import annotations

import os
from functools import partial

import highspy
import numpy as np
from scipy.sparse import csc_array, csr_array

from placer.errors import SolverError
from placer.model.program import LinearProgram, blocks, defects
from placer.solvers.highs import Silent
from placer.utils.reading import with_home


def read_program(file: str | os.PathLike[str]) -> LinearProgram:
    """Return the linear program of an LP or MPS file, with its names. A maximum becomes the minimum of the negative.

    A constant of the objective is left out.

    Raises
    ------
    SolverError
        If the file cannot be read, or holds integers, quadratic terms or defects.
    """
    engine, path = Silent(), with_home(file)
    status = engine.readModel(str(path)) if path.is_file() else highspy.HighsStatus.kError
    if status == highspy.HighsStatus.kError:
        raise SolverError(f"{path} is not a file of a linear program in the format LP or MPS")
    lp = engine.getLp()
    if engine.getModel().hessian_.dim_ or any(kind != highspy.HighsVarType.kContinuous for kind in lp.integrality_):
        raise SolverError(f"{path} is no linear program: it has integers or quadratic terms")
    sign = -1.0 if lp.sense_ == highspy.ObjSense.kMaximize else 1.0
    entries = lp.a_matrix_
    kind = csc_array if entries.format_ == highspy.MatrixFormat.kColwise else csr_array
    matrix = kind((entries.value_, entries.index_, entries.start_), shape=(lp.num_row_, lp.num_col_))
    program = LinearProgram(
        cost=sign * np.array(lp.col_cost_),
        matrix=csc_array(matrix),
        row_lower=np.array(lp.row_lower_),
        row_upper=np.array(lp.row_upper_),
        col_lower=np.array(lp.col_lower_),
        col_upper=np.array(lp.col_upper_),
        implied_upper=np.full(lp.num_col_, np.inf),
        row_blocks=blocks({"row": lp.num_row_}),
        col_blocks=blocks({"column": lp.num_col_}),
        naming=partial(_same, (list(lp.row_names_), list(lp.col_names_))),
    )
    if found := defects(program):
        raise SolverError(f"{path}: {'; '.join(found)}")
    return program


def _same(names: tuple[list[str], list[str]]) -> tuple[list[str], list[str]]:
    return names
