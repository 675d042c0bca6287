"""Solvers: small frozen objects that answer a ``LinearProgram``."""
