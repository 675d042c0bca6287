"""The random planning problems of the room of plans: families that the method must solve."""

from tests.planning.conftest import *  # noqa: F403
