"""The mathematics, free of solvers: from an instance to the structure, to a linear program, to an answer."""
