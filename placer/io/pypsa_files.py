"""Networks of PyPSA in netCDF files, as PyPSA writes and reads them."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from placer.errors import InstanceError, Violation
from placer.instance.problem import Instance
from placer.io.pypsa import to_pypsa
from placer.utils.atomic import whole
from placer.utils.optional import extra
from placer.utils.reading import read_bytes

#: Ending of a network of PyPSA.
ENDING = ".nc"


def save_network(instance: Instance, file: Path, relax: Iterable[str] = ()) -> Path:
    """Write an instance as a network of PyPSA, replace any file there, and return its path; ``relax`` as ``to_pypsa``.

    Raises
    ------
    InstanceError
        Listing what PyPSA cannot express.
    PlacerError
        If PyPSA is not installed, or the file cannot be written.
    """
    with _unheard():
        network = to_pypsa(instance, relax=relax)
        with whole(file) as draft:
            network.export_to_netcdf(draft)
    return file


def load_network(file: Path) -> Instance:
    """Read a network of PyPSA as ``Instance.from_pypsa`` does.

    Raises
    ------
    InstanceError
        Listing everything that an instance cannot carry; also if the file is no network, or larger than 1 GB
        (``PLACER_MAX_FILE_BYTES`` sets another limit).
    PlacerError
        If PyPSA is not installed.
    """
    pypsa = extra("pypsa", "networks of PyPSA", "pypsa")
    read_bytes(file)  # its errors are ours
    try:
        with _unheard():
            network = pypsa.Network(str(file))
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        problem = f"cannot be read as a network: {error}"
        raise InstanceError([Violation(file.name, "", "", problem, "a file that PyPSA wrote")]) from error
    return Instance.from_pypsa(network)


@contextmanager
def _unheard() -> Iterator[None]:
    """Keep PyPSA from setting up the logs of the process, and its notes for programmers from users."""
    root, handler = logging.getLogger(), logging.NullHandler()
    root.addHandler(handler)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        root.removeHandler(handler)
