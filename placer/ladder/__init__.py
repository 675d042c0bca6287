"""The ladder of solvers: one is chosen by size, and an answer that is not proven goes on to the next."""
