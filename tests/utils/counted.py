"""A value that counts how often a process unpickled it."""

from __future__ import annotations


class Counted:
    """A value that counts in its process how often it was unpickled."""

    count = 0

    def __init__(self, number):
        self.number = number

    def __reduce__(self):
        """Pickle as a call that counts."""
        return _count, (self.number,)


def _count(number):
    Counted.count += 1
    return Counted(number)
