"""Solvers of linear programs: HiGHS, whatever PuLP speaks to, and column generation."""
