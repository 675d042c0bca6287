"""What the tests of files and folders that are written whole share."""

from __future__ import annotations

import errno
import os
import stat
import sys

import pytest

posix = pytest.mark.skipif(sys.platform == "win32", reason="links, modes and pipes of POSIX")


def names(folder):
    return sorted(file.name for file in folder.iterdir())


def full(*_):
    """Raise what the system says of a full disk."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def mode(file):
    return stat.S_IMODE(file.stat().st_mode)
