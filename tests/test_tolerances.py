"""The four tolerances."""

from __future__ import annotations

import re

from placer import tolerances
from placer.proof.certificate import BASIC, INTERIOR
from placer.tolerances import DISPLAY, INPUT, PROOF, SOLVER
from placer.utils.arrays import NOISE


def test_table_and_order():
    """Tests the table of the module, and that what a solver or a chart rounds away cannot hide a gap."""
    rows = re.findall(r"^\| ``(\w+)`` \| (\S+) \|", tolerances.__doc__, re.MULTILINE)
    assert {name: float(value) for name, value in rows} == {
        name: value for name, value in vars(tolerances).items() if isinstance(value, float)
    }
    assert NOISE < min(INPUT, SOLVER, DISPLAY) <= max(INPUT, SOLVER, DISPLAY) < PROOF
    assert BASIC.gap < PROOF == INTERIOR.gap == INTERIOR.serving_gap == BASIC.serving_gap
