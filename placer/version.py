"""The version of the package, from which the distribution takes its own."""

from __future__ import annotations

VERSION = "0.3.0"
