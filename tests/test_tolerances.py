"""The four tolerances."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from placer import tolerances
from placer.proof.certificate import BASIC, INTERIOR
from placer.tolerances import DISPLAY, INPUT, PROOF, SOLVER
from placer.utils.arrays import NOISE

PACKAGE = Path(tolerances.__file__).parent
#: Constants of modules that have such a value and are none of the four: what they are.
PARAMETERS = {
    "analysis.flexibility.programs._GAP": "the gap that a solver is asked for",
    "analysis.fronts.mixing._EDGE": "how near to its neighbours a point of a front is sought",
    "analysis.fronts.trace._BEFORE_THE_END": "where a front takes the duals of its end from",
    "instance.tables.cleaning.FILE_ROUNDING": "the rounding of those who write files",
    "model.scaling.IN_USE": "which values a program is scaled by",
    "solvers.branch_and_bound._WHOLE": "an option of HiGHS",
    "solvers.highs._FEASIBILITY": "an option of HiGHS",
    "utils.arrays.NOISE": "the rounding of arithmetic",
    "utils.numbers.SMALLEST_SHOWN": "which figures are shown as 0",
}
#: Rooms of algorithms, whose constants say at which figures they act.
ALGORITHMS = (
    "by_blocks.",
    "ceiling.walk.",
    "column_generation.",
    "decomposition.",
)


def test_table_and_order():
    """Tests the table of the module, and that what a solver or a chart rounds away cannot hide a gap."""
    rows = re.findall(r"^\| ``(\w+)`` \| (\S+) \|", tolerances.__doc__, re.MULTILINE)
    assert {name: float(value) for name, value in rows} == {
        name: value for name, value in vars(tolerances).items() if isinstance(value, float)
    }
    assert NOISE < min(INPUT, SOLVER, DISPLAY) <= max(INPUT, SOLVER, DISPLAY) < PROOF
    assert BASIC.gap < PROOF == INTERIOR.gap == INTERIOR.serving_gap == BASIC.serving_gap


def _constants():
    """Yield the constants of all modules with the value of a tolerance, by their full names."""
    for file in sorted(PACKAGE.rglob("*.py")):
        module = ".".join(file.relative_to(PACKAGE).with_suffix("").parts)
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            value = getattr(node, "value", None)
            if isinstance(value, ast.Constant) and value.value in {INPUT, SOLVER, PROOF, DISPLAY, NOISE}:
                yield f"{module}.{ast.unparse(node).split()[0]}"


@pytest.mark.slow
def test_no_other_module_names_one():
    """Tests that no module gives one of the tolerances a name of its own."""
    named = {name for name in _constants() if not name.startswith(("tolerances.", *ALGORITHMS))}
    assert named == PARAMETERS.keys(), "import it from placer.tolerances"
