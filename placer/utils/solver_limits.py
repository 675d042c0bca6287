"""Numeric limits of LP solvers, which hold for input as for programs: what lies beyond them is solved wrongly.

They stand below both the instance, which refuses such input, and the solvers, which refuse such programs.
"""

from __future__ import annotations

#: Magnitudes that HiGHS takes for 0 or for infinity, as it ships (``small_matrix_value``, ``large_matrix_value``).
SMALLEST, LARGEST = 1e-9, 1e15
#: The widest range of magnitudes that is still solved, of one column of a table as of a scaled program.
WIDEST_RANGE = 1e9
#: The range of one column of a table past which ``placer.check`` warns.
WIDE_RANGE = 1e6
