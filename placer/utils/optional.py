"""Optional libraries: imported on request, with one clear error where they are missing."""

from __future__ import annotations

import importlib
from typing import Any

from placer.errors import PlacerError

#: Distribution name of the package; it is imported as ``placer``.
DISTRIBUTION = "token-placer"


def how_to_install(name: str) -> str:
    """Return the command that installs an extra of this package.

    Examples
    --------
    >>> how_to_install("excel")
    "pip install 'token-placer[excel]'"
    """
    return f"pip install '{DISTRIBUTION}[{name}]'"


def extra(library: str, what: str, name: str) -> Any:
    """Return a library that comes with an extra of this package.

    Parameters
    ----------
    library : str
        Import name.
    what : str
        The feature that needs it, in the plural.
    name : str
        The extra that installs it.

    Raises
    ------
    PlacerError
        If it is not installed.
    """
    try:
        return importlib.import_module(library)
    except ModuleNotFoundError as error:
        if error.name != library.partition(".")[0]:
            raise  # installed, but one of its own dependencies is missing
        raise PlacerError(f"{what} need {error.name}: {how_to_install(name)}") from None
