"""The violations for which a file is refused."""

from __future__ import annotations

import pytest

from placer.errors import InstanceError


def violations_of(read, file):
    with pytest.raises(InstanceError) as caught:
        read(file)
    return [str(violation) for violation in caught.value.violations]
