"""The executor of a Dask cluster, for commands that solve on one."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from placer.cli.options import Status
from placer.cli.screen import say
from placer.errors import BatchError
from placer.utils.optional import extra

#: Time that a scheduler may take to answer.
PATIENCE = "10s"
#: How an encrypted address begins, and the variables that name its certificates.
_ENCRYPTED, _VARIABLES = "tls://", "DASK_DISTRIBUTED__COMM__TLS__"

Scheduler = Annotated[
    str | None,
    typer.Option(help="Address of a Dask scheduler to solve on. Whoever holds it can run code here: trust it."),
]


@contextmanager
def cluster(address: str | None) -> Iterator[Executor | None]:
    """Give the executor of the cluster at an address; None without an address.

    Raises
    ------
    BatchError
        If no scheduler answers there, or Dask is not set up for an address of its kind.
    """
    if address is None:
        yield None
        return
    distributed = extra("distributed", "clusters", "cluster")
    try:
        _check_encryption(address, distributed.Security())
        client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:  # ValueError: not an address
        raise BatchError(f"no scheduler answers at {address}: {error}") from error
    with _unlogged(distributed.comm.CommClosedError, CancelledError), client:
        yield client.get_executor(pure=False)


@contextmanager
def needs_workers(way_on: str = "") -> Iterator[None]:
    """Say that an executor broke or its cluster is gone, which is no bad input, and how the command goes on."""
    try:
        yield
    except BatchError as error:
        say("; ".join(filter(None, (f"placer: {error}", way_on))), errors=True)
        raise typer.Exit(Status.NO_SOLUTION) from error


def _check_encryption(address: str, security: Any) -> None:
    """Refuse an address before Dask does, whose client then waits and logs a traceback as it is removed.

    Certificates come from the configuration of Dask: files of YAML, or variables of the environment.
    """
    is_encrypted = address.startswith(_ENCRYPTED)
    if is_encrypted and security.get_connection_args("client").get("ssl_context") is None:
        names = ", ".join(f"{_VARIABLES}{name}" for name in ("CA_FILE", "CLIENT__CERT", "CLIENT__KEY"))
        raise BatchError(f"{address} needs certificates: set {names}, each to a file")
    if security.require_encryption and not is_encrypted:
        raise BatchError(f"Dask is set up to require encryption, and {address} has none: give an address of tls://")


@contextmanager
def _unlogged(*errors: type[Exception]) -> Iterator[None]:
    """Keep errors of the cluster's callbacks out of the log.

    Where a result is on its way when the connection to the scheduler is lost, Dask logs a traceback. The command says
    in a line that the scheduler is gone, or tries the task again once connected.
    """

    def is_other(record: logging.LogRecord) -> bool:
        return not (record.exc_info and isinstance(record.exc_info[1], errors))

    logger = logging.getLogger("tornado.application")
    logger.addFilter(is_other)
    try:
        yield
    finally:
        logger.removeFilter(is_other)
