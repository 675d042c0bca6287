"""Solvers of linear programs: HiGHS, the solvers of PuLP, and column generation."""
