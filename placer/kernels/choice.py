"""Which problems use compiled kernels: large ones, where numba (the extra ``fast``) is installed.

The compiled functions (``placer.kernels.compiled``) stand beside code in NumPy that says the same, which callers use
where there are none. Importing numba and what it has stored takes half a second, and the first call of a function on a
machine some seconds, since it is compiled and stored then; neither happens before a large problem asks.
"""

from __future__ import annotations

import importlib
import logging
from functools import cache
from types import ModuleType

_log = logging.getLogger(__name__)

#: Columns below which one solve saves less time than numba takes to be imported.
LEAST_COLUMNS = 2_000_000


def kernels_for(columns: int) -> ModuleType | None:
    """Return ``placer.kernels.compiled`` for a problem of some columns; None if it is small or numba is missing."""
    return _compiled() if columns >= LEAST_COLUMNS else None


@cache
def _compiled() -> ModuleType | None:
    try:
        kernels = importlib.import_module("placer.kernels.compiled")
    except ImportError as error:  # numba is missing, or refuses the version of NumPy
        _log.info("loops over columns: NumPy, since the extra 'fast' is not there (%s)", error)
        return None
    _log.info("loops over columns: compiled by numba")
    return kernels
