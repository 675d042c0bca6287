"""Numeric limits of LP solvers, for input and programs alike: values beyond them are solved wrongly.

Both the instance, which refuses such input, and the solvers, which refuse such programs, import them.
"""

from __future__ import annotations

#: Magnitudes that HiGHS treats as 0 or as infinity by default (``small_matrix_value``, ``large_matrix_value``).
SMALLEST, LARGEST = 1e-9, 1e15
#: Widest range of magnitudes that is solved, in one column of a table or in a scaled program.
WIDEST_RANGE = 1e9
#: The range of one column of a table past which ``placer.check`` warns.
WIDE_RANGE = 1e6
