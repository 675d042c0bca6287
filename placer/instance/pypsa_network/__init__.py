"""Networks of PyPSA, read as instances."""
