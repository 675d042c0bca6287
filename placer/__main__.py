"""The command ``placer``, also as ``python -m placer``."""

from __future__ import annotations

import _thread
import importlib
import os
import signal
import sys
import threading
from types import FrameType
from typing import Any, NoReturn

#: Exit status after Ctrl-C: that of a program ended by SIGINT (128 + 2), as shells have it.
INTERRUPTED = 130
#: Exit status after SIGTERM, likewise (128 + 15).
TERMINATED = 143
#: Exit status where the memory does not even hold the program: as where there is no solution.
NO_SOLUTION = 1
_SAID = "placer: interrupted\n"
#: Time after which a signal that was dropped comes again.
_AGAIN_SECONDS = 0.05
#: What the loader of Linux says of a library for which there is no memory.
_NO_ROOM = "failed to map segment"
#: What the program takes of each limit of the process when it is loaded, with one thread of OpenBLAS: 549 and 276 MB.
_LOADED_BYTES = {"RLIMIT_AS": 600_000_000, "RLIMIT_DATA": 300_000_000}
_TOO_LITTLE = (
    "placer: the memory ran out while placer was loaded, which takes 0.6 GB of addresses, 0.3 GB of them for data\n"
)


def main() -> None:
    """Run the command line; an interrupt at any time, also while it is still being imported, is one line."""
    _replace_closed()
    try:
        _need_room()
        command_line = _command_line()
        sys.unraisablehook = _interrupt_again
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, _terminate)
        command_line.run_command_line()
    except KeyboardInterrupt:
        sys.stderr.write(_SAID)
        # Where the interrupt met code that `exec` ran from text, as the making of a dataclass does, the interpreter
        # would kill itself with SIGINT in place of the status. Any later text that runs to its end takes that back.
        exec("", {})  # noqa: S102
        sys.exit(INTERRUPTED)
    except (MemoryError, ImportError) as error:
        if isinstance(error, ImportError) and _NO_ROOM not in str(error):
            raise
        sys.stderr.write(_TOO_LITTLE)
        sys.exit(NO_SOLUTION)


def _replace_closed() -> None:
    """Open the null device in the place of closed standard streams.

    The next file that is opened would get the number of a closed stream, and all that is printed there.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            opened = os.dup(os.open(os.devnull, os.O_RDWR))  # the lowest free number was that of the stream
            os.dup2(opened, number)  # inherited by child processes
            os.close(opened)
            stream = os.fdopen(number, "w" if number else "r", encoding="utf-8", closefd=False)
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)


def _need_room() -> None:
    """Refuse a limit of the process that does not hold the program, before any large library is loaded.

    OpenBLAS takes memory for every core as it is loaded, and where it gets none, it tries again for ever. A command
    computes on one thread anyway, so where there is a limit it takes no more.

    Raises
    ------
    MemoryError
    """
    try:
        resource = importlib.import_module("resource")
    except ModuleNotFoundError:
        return  # Windows has no such limits
    for name, needed in _LOADED_BYTES.items():
        limit = resource.getrlimit(getattr(resource, name))[0]
        if limit != resource.RLIM_INFINITY:
            os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
            if limit < needed:
                raise MemoryError


def _command_line() -> Any:
    """Import the command line, and the command that is called.

    Libraries in C turn an interrupt of their import into an ImportError. Until all are there, an interrupt therefore
    ends the process where it stands: it has nothing to lose yet.
    """
    handler = signal.getsignal(signal.SIGINT)
    is_usual = handler is signal.default_int_handler
    if is_usual:
        signal.signal(signal.SIGINT, _end)
    try:
        command_line = importlib.import_module("placer.cli.main")
        command_line.load_command(sys.argv[1:])
        return command_line
    finally:
        if is_usual:
            signal.signal(signal.SIGINT, handler)


def _interrupt_again(lost: sys.UnraisableHookArgs) -> None:
    """Interrupt once more where a signal met a finaliser or a callback: the interpreter drops what they raise."""
    if issubclass(lost.exc_type, KeyboardInterrupt):
        threading.Timer(_AGAIN_SECONDS, _thread.interrupt_main).start()
    elif isinstance(lost.exc_value, SystemExit) and lost.exc_value.code == TERMINATED:
        signal.signal(signal.SIGTERM, _terminate)  # ignored since the first
        threading.Timer(_AGAIN_SECONDS, _thread.interrupt_main, [signal.SIGTERM]).start()
    else:
        sys.__unraisablehook__(lost)


def _terminate(number: int, _frame: FrameType | None) -> NoReturn:
    """End as an interrupt does: end child processes and remove temporary files."""
    signal.signal(number, signal.SIG_IGN)  # once is enough
    sys.exit(TERMINATED)


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, _SAID.encode())
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    main()
